"""Tables with one row for each document and a column for each date."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import finmine

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
