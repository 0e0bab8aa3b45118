"""The log card: command line beats card beats guess, and a wrong card is refused with its place."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import finmine
from finmine.card import BadCard, Card, CaseTable, Ledger, draft, load
from finmine.card_ledger import OfMonth
from finmine.errors import UnknownWord

LOG = "id,what,when,who\ni1,A,2024-01-01,ann\ni1,B,2024-01-02,bob\n"
CARD = 'finmine_card = 1\n[log]\nzone = "Europe/Berlin"\n[roles]\ncase = "id"\nactivity = "what"\ntimestamp = "when"\nresource = "who"\n[outcomes]\ndone = "B"\n'


def test_the_card_beside_the_log_is_read(tmp_path: Path) -> None:
    """Roles, zone and outcomes come from the card; the last activity gives the status."""
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "log.card.toml").write_text(CARD)
    log = finmine.read(tmp_path / "log.csv")
    assert log.provenance.zone == "Europe/Berlin"
    assert [(record["status"], record["outcome"]) for record in finmine.cases(log).records()] == [("finished", "done")]


def test_the_command_line_beats_the_card(tmp_path: Path) -> None:
    """A role that the caller names is not taken from the card, and its origin is remembered."""
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "log.card.toml").write_text(CARD)
    log = finmine.read(tmp_path / "log.csv", resource="what", zone="UTC")
    assert log.card.origins["resource"] == "command line"
    assert log.card.origins["case"] == "card"
    assert log.provenance.zone == "UTC"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("finmine_card = 2\n", "version"),
        ("finmine_card = 1\n[rolls]\n", "'roles'"),
        ('finmine_card = 1\n[roles]\nactivty = "x"\n', "'activity'"),
        ('finmine_card = 1\n[log]\nzone = "Berlin"\n', "IANA"),
        ('finmine_card = 1\n[log]\nunit = "row"\n', "'instance'"),
        ('finmine_card = 1\n[amount]\ntake = "sum"\n', "level"),
        ("finmine_card = 1\n[roles\n", "TOML"),
        ('finmine_card = 1\n[ledger]\namount = { EUR = "abc" }\n', "1234.56"),
        ('finmine_card = 1\n[ledger]\namount = { EUR = "NaN" }\n', "1234.56"),
        ("finmine_card = 1\n[ledger]\namount = 3\n", r"\[ledger\]: amount"),
        ("finmine_card = 1\n[ledger.months.January]\ncases = 1\n", r"\[ledger\] months: the name of a month is 'January'; .*\"2024-01\""),
        ('finmine_card = 1\n[ledger.months]\n"2024-01" = 3\n', r"months 2024-01 is 3; .*a table"),
        ('finmine_card = 1\n[ledger.months."2024-01"]\nrows = 1\n', "no key in .* months 2024-01 'rows'"),
        ("finmine_card = 1\n[ledger]\nrows = -1\n", r"\[ledger\] rows is -1; .*whole number"),
        ("finmine_card = 1\n[ledger]\nrows = true\n", r"\[ledger\] rows is True"),
        ('finmine_card = 1\n[ledger]\ncases = "9"\n', r"\[ledger\] cases is '9'"),
        ("finmine_card = true\n", "version"),
        ("finmine_card = 1.0\n", "version"),
        ("finmine_card = 1\n[roles]\ncase = []\n", r"\[roles\] case is \[\]"),
        ("finmine_card = 1\n[dates]\nA = []\n", r"\[dates\] A is \[\]"),
        ("finmine_card = 1\n[person_of]\nA = ['x']\n", r"\[person_of\] A is \['x'\]; .*a text"),
        ("finmine_card = 1\n[outcomes]\npaid = []\n", r"\[outcomes\] paid is \[\]"),
        ('finmine_card = 1\n[outcomes]\npaid = ["A", "B"]\nrejected = "B"\n', r"\[outcomes\] rejected is 'B'; .*outcome 'paid'"),
        ('finmine_card = 1\n[roles]\ncase = "x"\nactivity = "x"\n', r"\[roles\] activity is 'x'; .*than that of the case"),
        ('finmine_card = 1\n[amount]\nlevel = "case"\ncurrency = 3\n', r"\[amount\] currency is 3"),
        ('finmine_card = 1\n[amount]\nlevel = "case"\nreporting = ["EUR"]\n', r"\[amount\] reporting"),
        ('finmine_card = 1\n[persons]\naliases = { A = "b ", B = "c" }\n', r"aliases A is 'b '; .*the main name of the person"),
        ('finmine_card = 1\n[persons]\naliases = { "SM" = "x", " sm" = "y" }\n', r"aliases  sm is 'y'; .*said once"),
        ("finmine_card = 1\nrates = 3\n", r"\[\[rates\]\] is 3; .*list of tables"),
        ("finmine_card = 1\nrates = [3]\n", "list of tables"),
        ("finmine_card = 1\n[rates]\nrate = 1\n", "list of tables"),
        *(
            (f'finmine_card = 1\n[[rates]]\ncurrency = "USD"\nfrom = 2024-01-01\nrate = {rate}\n', r"\[\[rates\]\] rate")
            for rate in ('"NaN"', "inf", "0", "-1", "true", '"10000"', '"0.0000001"', '"1e-99"', '"1e99"')
        ),
        ('finmine_card = 1\n[[rates]]\ncurrency = "USD"\nfrom = 2024-01-01T00:00:00\nrate = "1"\n', r"\[\[rates\]\] from"),
        *(
            (f'finmine_card = 1\n[log]\nzone = "{zone}"\n', "IANA")
            for zone in ("localtime", "posixrules", "Factory", "right/UTC", "posix/UTC", "../UTC", "")
        ),
    ],
)
def test_a_wrong_card_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """The refusal names the card, the key and what it must be."""
    (tmp_path / "log.card.toml").write_text(text)
    with pytest.raises((BadCard, UnknownWord), match=says) as caught:
        load(tmp_path / "log.card.toml")
    assert "log.card.toml" in str(caught.value)


def test_what_the_engine_can_hold_is_read(tmp_path: Path) -> None:
    """The largest rate, one column in two other roles and control totals of nought are no fault."""
    text = CARD + 'paid = ["C"]\n[[rates]]\ncurrency = "USD"\nfrom = 2024-01-01\nrate = "9999.999999"\n[ledger]\nrows = 0\n'
    (tmp_path / "log.card.toml").write_text(text.replace('resource = "who"', 'resource = "who"\nrole = "who"'))
    card = load(tmp_path / "log.card.toml")
    assert str(card.rates[0].rate) == "9999.999999"
    assert card.ledger is not None
    assert card.ledger.rows == 0


def test_a_folder_is_no_card(tmp_path: Path) -> None:
    """A folder given as the card is refused in words."""
    (tmp_path / "log.csv").write_text(LOG)
    for card in (tmp_path, "", "."):
        with pytest.raises(BadCard, match="a file, not a folder"):
            finmine.read(tmp_path / "log.csv", card=card)


def test_a_card_that_is_no_toml_is_refused_with_its_place(tmp_path: Path) -> None:
    """What the reader of TOML found is said as it is, with line and column."""
    (tmp_path / "x.card.toml").write_text("finmine_card = 1\n[log\n")
    with pytest.raises(BadCard, match=r"the card x\.card\.toml cannot be read: .*line 2, column 5\); it must be TOML text"):
        load(tmp_path / "x.card.toml")


def test_an_unknown_column_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """A role that names a column that is not there gets the nearest column."""
    (tmp_path / "log.csv").write_text(LOG)
    with pytest.raises(UnknownWord, match="Did you mean 'what'"):
        finmine.read(tmp_path / "log.csv", case="id", activity="whatt", timestamp="when")


def test_a_second_candidate_is_said(tmp_path: Path) -> None:
    """Where two columns could be the case, the activity or the time, one is taken and the other is named."""
    (tmp_path / "log.csv").write_text("case_id,activity,timestamp,event_time\ni1,A,2024-01-01,2024-01-02\n")
    notes = finmine.read(tmp_path / "log.csv").provenance.assumptions
    assert "timestamp: 'timestamp' was taken; 'event_time' could be meant as well (say it with --timestamp)" in notes


def test_a_missing_role_lists_the_columns(tmp_path: Path) -> None:
    """When no name suggests itself, the columns are listed with the words to say which."""
    (tmp_path / "log.csv").write_text(LOG)
    with pytest.raises(finmine.Refusal, match=r"no column is named for the case.*'id' \('i1'\).*--case COLUMN"):
        finmine.read(tmp_path / "log.csv", timestamp="when", activity="what")


def test_a_draft_reads_back(tmp_path: Path) -> None:
    """A drafted card says the same facts when it is read, names with quotes and line breaks included."""
    (tmp_path / "log.csv").write_text('"the ""id""\nhere",what,when\ni1,A,2024-01-01\n')
    log = finmine.read(tmp_path / "log.csv", case='the "id"\nhere', activity="what", timestamp="when", zone="Europe/Berlin")
    (tmp_path / "log.card.toml").write_text(draft(log.card))
    again = finmine.read(tmp_path / "log.csv")
    assert again.card.roles == log.card.roles
    assert again.provenance.zone == "Europe/Berlin"


def test_a_draft_keeps_what_was_declared(tmp_path: Path) -> None:
    """The ledger with its months, and the case table, are the same after drafting and reading."""
    months = {"2024-01": OfMonth(2, {"EUR": Decimal("11.00"), "U$": Decimal("-0.50")}), "2024-02": OfMonth()}
    card = Card(ledger=Ledger(3, None, {"EUR": Decimal("1E+3")}, months), cases=CaseTable("master.csv", "the 'id'"))
    (tmp_path / "log.card.toml").write_text(draft(card), encoding="utf-8")
    again = load(tmp_path / "log.card.toml")
    assert (again.ledger, again.cases) == (card.ledger, card.cases)


def test_an_end_activity_that_does_not_occur_is_said(tmp_path: Path) -> None:
    """An outcome that names an activity the log does not have is noted with the nearest: a filtered export may lack it, a typing error too."""
    (tmp_path / "log.csv").write_text(LOG.replace(",B,", ",Pay invoice,"))
    (tmp_path / "log.card.toml").write_text(CARD.replace('"B"', '"Pay invoce"'))
    notes = finmine.read(tmp_path / "log.csv").provenance.assumptions
    assert any("'Pay invoce'" in note and "Did you mean 'Pay invoice'" in note for note in notes)


def test_a_case_table_is_joined(tmp_path: Path) -> None:
    """Columns of the case table are attributes of its cases; cases that only one side knows are counted; a repeated case is refused."""
    (tmp_path / "log.csv").write_text(LOG + "i2,A,2024-01-03,ann\n")
    (tmp_path / "cases.csv").write_text("case;region\ni1;north\ni3;south\n")
    log = finmine.read(tmp_path / "log.csv", case="id", activity="what", timestamp="when", case_table=(tmp_path / "cases.csv", "case"))
    groups = {record["group"]: record["cases"] for record in finmine.variants(log, by="region").records()}
    assert groups == {"north": 1, "(not recorded)": 1}
    assert sum("case table" in note for note in log.provenance.assumptions) == 3
    (tmp_path / "cases.csv").write_text("case;region\ni1;north\ni1;south\n")
    with pytest.raises(finmine.Refusal, match="2 rows for case 'i1'"):
        finmine.read(tmp_path / "log.csv", case="id", activity="what", timestamp="when", case_table=(tmp_path / "cases.csv", "case"))


def test_people_are_protected_by_default(tmp_path: Path) -> None:
    """Resources are shown under pseudonyms numbered by first appearance, by name or by role as asked."""
    (tmp_path / "log.csv").write_text("id,what,when,who,org:role\ni1,A,2024-01-01,zoe,clerk\ni1,B,2024-01-02,ann,boss\n")
    options = {"case": "id", "activity": "what", "timestamp": "when", "resource": "who"}

    def shown(people: str | None) -> list[str]:
        log = finmine.read(tmp_path / "log.csv", people=people, **options)  # type: ignore[arg-type]
        return [record["resource"] for record in finmine.case(log, "i1").records()]

    assert shown(None) == ["person 01", "person 02"]
    assert shown("names") == ["zoe", "ann"]
    assert shown("roles") == ["clerk", "boss"]
