"""Tables with one row for each document and a column for each date."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import finmine
from finmine.card import draft
from finmine.ingest.two_logs import two_logs
from finmine.ingest.write import write_log
from finmine.report.reproduce import python_lines

DATES = {"Create": "created", "Approve": "approved", "Pay": "paid"}


def path_of(log: finmine.EventLog, case: str) -> list[str]:
    """The activities of a case in order."""
    return [record["activity"] for record in finmine.case(log, case).records()]


def test_date_columns_become_events(tmp_path: Path) -> None:
    """Each date is an event; an empty date is none; dates of one day stand in the order in which the columns were named."""
    (tmp_path / "docs.csv").write_text("doc;created;approved;paid;value\n0007;20240105;20240105;20240120;10,50-\n0008;20240106;;20240110;1,00\n")
    log = finmine.read(tmp_path / "docs.csv", case="doc", dates=DATES, amount="value", decimal=",")
    assert path_of(log, "0007") == ["Create", "Approve", "Pay"]
    assert path_of(log, "0008") == ["Create", "Pay"]
    assert {record["case"]: record["amount"] for record in finmine.cases(log).records()} == {"0007": Decimal("-10.50"), "0008": Decimal("1.00")}


def test_the_order_on_the_card_decides_same_days(tmp_path: Path) -> None:
    """The card's order of date columns is the order of events on one day, whatever their names."""
    (tmp_path / "docs.csv").write_text("doc,a,b\nx,2024-01-05,2024-01-05\n")
    (tmp_path / "docs.card.toml").write_text('finmine_card = 1\n[roles]\ncase = "doc"\n[dates]\n"Zuerst" = "b"\n"Danach" = "a"\n')
    assert path_of(finmine.read(tmp_path / "docs.csv"), "x") == ["Zuerst", "Danach"]


def test_a_bad_date_in_one_column_is_a_fault(tmp_path: Path) -> None:
    """A text that is no date is refused with its column and row; left out, the other dates of the row stay."""
    (tmp_path / "docs.csv").write_text("doc,created,approved,paid\nx,2024-01-05,2024-13-40,2024-01-07\ny,2024-01-05,2024-01-06,2024-01-07\n")
    with pytest.raises(finmine.Refusal, match=r"docs\.csv row 2, column 'approved'"):
        finmine.read(tmp_path / "docs.csv", case="doc", dates=DATES)
    log = finmine.read(tmp_path / "docs.csv", case="doc", dates=DATES, faulty_rows="leave-out")
    assert path_of(log, "x") == ["Create", "Pay"]


def test_one_column_does_not_say_who_did_each_of_several_dates(tmp_path: Path) -> None:
    """A column of users is taken for who did it where a row has one date, or where somebody says so; else nobody is known, which is said with what to say."""
    (tmp_path / "docs.csv").write_text("doc,entered,approved,user\nx,2024-01-05,2024-01-06,ann\n")
    both = {"Enter journal": "entered", "Approve journal": "approved"}

    def read(**given: Any) -> tuple[finmine.EventLog, str]:
        log = finmine.read(tmp_path / "docs.csv", case="doc", **given)
        return log, " ".join(log.provenance.assumptions)

    log, said = read(dates=both)
    assert not log.facts.has_resource
    assert "resource: none; column 'user' cannot say it for each of 2 dates" in said
    breaches = finmine.audit(log, policy="record-to-report").records()
    assert {row["violation"] for row in breaches if row["rule"] == "R2R-02"} == {0}
    log, said = read(dates=both, resource="user")
    assert log.facts.has_resource
    assert "resource: column 'user' is taken for each of 2 dates" in said
    assert read(dates={"Enter journal": "entered"})[0].facts.has_resource


JOURNALS = """doc,entered_on,entered_by,reviewed_on,approved_on,approved_by,posted_on,user
J1,2024-01-02,ann,2024-01-03,2024-01-04,bob,2024-01-05,batch
J2,2024-01-02,bob,2024-01-03,2024-01-04,bob,2024-01-05,batch
J3,2024-01-02,cy,,2024-01-04,,2024-01-05,batch
J4,2024-01-02,cy,2024-01-03,,eve,2024-01-05,batch
"""
STEPS = {"Enter journal": "entered_on", "Review": "reviewed_on", "Approve journal": "approved_on", "Post journal": "posted_on"}
PERSONS = {"Enter journal": "entered_by", "Approve journal": "approved_by"}


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    """A table of journals with a column for each date, and one for who did two of them."""
    (tmp_path / "journals.csv").write_text(JOURNALS)
    return tmp_path / "journals.csv"


def doers(log: finmine.EventLog, case: str) -> dict[str, str | None]:
    """Who did each activity of a case."""
    return {record["activity"]: record.get("resource") for record in finmine.case(log, case).records()}


def alone(log: finmine.EventLog) -> dict[str, Any]:
    """How often the rule that who prepares does not approve was broken, and could not be tested."""
    [row] = [row for row in finmine.audit(log, policy="record-to-report").records() if row["rule"] == "R2R-02"]
    return {verdict: row[verdict] for verdict in ("violation", "not_testable", "pass")}


def test_each_date_has_its_own_person(journals: Path) -> None:
    """The one journal that its preparer approved is found; where a date has no person, nobody is known to have done it, or who did all others."""
    log = finmine.read(journals, case="doc", dates=STEPS, persons=PERSONS, people="names")
    assert doers(log, "J2") == {"Enter journal": "bob", "Review": None, "Approve journal": "bob", "Post journal": None}
    assert doers(log, "J3") == {"Enter journal": "cy", "Approve journal": None, "Post journal": None}
    assert alone(log)["violation"] == 1
    said = " ".join(log.provenance.assumptions)
    assert "Approve journal: from 'approved_on' (ISO 8601), done by 'approved_by'" in said
    assert "resource: no column is named for who did Review, Post journal" in said
    assert [row["number"] for row in finmine.check(log).records() if row["fault"] == "no resource"] == [1]
    others = finmine.read(journals, case="doc", dates=STEPS, persons=PERSONS, resource="user", people="names")
    assert doers(others, "J2") == {"Enter journal": "bob", "Review": "batch", "Approve journal": "bob", "Post journal": "batch"}
    assert "'user' is taken for each of 2 dates without a person of its own" in " ".join(others.provenance.assumptions)


def test_frames_and_workbooks_have_persons_too(journals: Path, tmp_path: Path) -> None:
    """A frame and a workbook with persons beside dates break the same rule as the text file."""
    frame = pd.read_csv(journals)
    frame.to_excel(tmp_path / "journals.xlsx", index=False)
    for source in (frame, tmp_path / "journals.xlsx"):
        assert alone(finmine.read(source, case="doc", dates=STEPS, persons=PERSONS))["violation"] == 1


def test_persons_beside_dates_are_shown_under_pseudonyms(journals: Path) -> None:
    """Whether as who did it or as the column beside the date; who did nothing has no pseudonym, and no name is shown."""
    log = finmine.read(journals, case="doc", dates=STEPS, persons=PERSONS)
    assert doers(log, "J2")["Approve journal"] == doers(log, "J2")["Enter journal"] == "person 02"
    by_approver = finmine.throughput_time(log, by="approved_by").records()
    assert {row["group"]: row["cases"] for row in by_approver} == {"person 02": 2, "(not shown)": 1, "(not recorded)": 1}
    assert {row["case"] for row in finmine.cases(log.keep_cases(finmine.attribute_is("approved_by", "person 02"))).records()} == {"J1", "J2"}
    kept = finmine.parse_filter("resource = 'person 02'", keeps="events")
    assert sum(row["units"] for row in finmine.resources(log.keep_events(kept)).records()) == 3
    joined = two_logs(log, finmine.read(str(journals), case="doc", dates=STEPS, persons=PERSONS)).log
    assert {row["group"]: row["cases"] for row in finmine.throughput_time(joined, by="resource").records()} == {
        "person 01": 2,
        "person 02": 2,
        "person 03": 4,
    }
    frame = log.to_pm4py()
    assert not {"ann", "bob", "cy", "eve"} & set(frame.astype(str).to_numpy().ravel())
    journals.write_text(JOURNALS.replace("approved_by", "resource"))
    named = finmine.read(journals, case="doc", dates=STEPS, persons={"Enter journal": "entered_by", "Approve journal": "resource"})
    assert {row["group"] for row in finmine.throughput_time(named, by="resource").records()} == {"person 01", "person 02", "person 03"}
    journals.write_text(JOURNALS)
    roles = finmine.read(journals, case="doc", dates=STEPS, persons=PERSONS, people="roles", role="user")
    assert set(doers(roles, "J2").values()) == {"batch"}
    assert {row["group"] for row in finmine.throughput_time(roles, by="approved_by").records()} == {"(not shown)", "(not recorded)"}


def test_persons_stay_on_the_card_in_the_lines_and_in_a_written_log(journals: Path, tmp_path: Path) -> None:
    """The drafted card, the Python lines and the written log give the same people."""
    log = finmine.read(journals, case="doc", dates=STEPS, persons=PERSONS)
    (again,) = (eval(line.removeprefix("log = ")) for line in python_lines(log).splitlines() if line.startswith("log = finmine.read"))
    assert again.card == log.card
    (tmp_path / "journals.card.toml").write_text(draft(log.card))
    carded = finmine.read(journals)
    assert (carded.card.person_of, carded.facts) == (PERSONS, log.facts)
    assert list(finmine.read(journals, dates={"Enter journal": "entered_on"}).card.person_of) == ["Enter journal"]
    written = write_log(log, tmp_path / "written.csv")
    assert not any(name in written.read_text() for name in ("ann", "bob", "cy", "eve"))
    assert [doers(finmine.read(written), case) for case in ("J1", "J3")] == [doers(log, case) for case in ("J1", "J3")]


def test_a_draft_proposes_persons_in_comments_alone(journals: Path) -> None:
    """A column called like a date but for "by" is proposed, and taken from nobody; what is declared is not proposed."""
    log = finmine.read(journals, case="doc", dates=STEPS)
    assert not log.facts.has_resource
    assert "who did a date with --person" in str(finmine.audit(log, policy="record-to-report")).replace("\n  ", " ")
    assert "Approve journal: 'approved_by' is not taken for who did it" in " ".join(log.provenance.assumptions)
    assert '# "Approve journal" = "approved_by"' in draft(log.card, log.attributes).splitlines()
    half = finmine.read(journals, case="doc", dates=STEPS, persons={"Enter journal": "entered_by"})
    lines = draft(half.card, half.attributes).splitlines()
    assert '"Enter journal" = "entered_by"' in lines
    assert '# "Approve journal" = "approved_by"' in lines


@pytest.mark.parametrize(
    ("persons", "match"),
    [
        ({"Aprove journal": "approved_by"}, "activity with a date, .* 'Aprove journal'.*'Approve journal'"),
        ({"Approve journal": "aproved_by"}, "column for the person of 'Approve journal': 'aproved_by'.*'approved_by'"),
    ],
)
def test_a_person_of_no_date_or_without_column_is_refused(journals: Path, persons: dict[str, str], match: str) -> None:
    """A wrong activity and a wrong column are refused, each with the nearest that is there."""
    with pytest.raises(finmine.Refusal, match=match):
        finmine.read(journals, case="doc", dates=STEPS, persons=persons)


def test_where_nobody_is_known_the_refusal_names_the_way(journals: Path) -> None:
    """A question on people says how a date gets its person."""
    with pytest.raises(finmine.Refusal, match='for one date with --person "ACTIVITY=COLUMN"'):
        finmine.resources(finmine.read(journals, case="doc", dates=STEPS))
