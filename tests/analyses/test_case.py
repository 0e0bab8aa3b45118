"""One case, unit by unit, with its source rows."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.brute_force import ordered
from tests.strategies import logs

import finmine
from finmine.analyses.case import CaseFilteredOut, case
from finmine.card import AmountRule, Card
from finmine.errors import UnknownWord
from finmine.testing import Event, log
from finmine.view import Caveat, Facts, Table
from finmine.words import HOUR


@settings(max_examples=10)
@given(logs(starts=True))
def test_the_units_of_a_case_stand_in_order_with_their_rows(rows: list[Event]) -> None:
    """Position, activity, times, resource, gap and row of each unit are those of plain Python; every name of a case is found."""
    read = log(rows)
    for name, events in ordered(rows).items():
        found = case(read, name).records()
        assert [record["position"] for record in found] == list(range(1, len(events) + 1))
        assert [(record["activity"], record["time"], record["resource"]) for record in found] == [
            (event["activity"], event["timestamp"], event["resource"]) for event in events
        ]
        assert [record["start"] for record in found] == [event.get("start") for event in events]
        gaps = [None, *(later["timestamp"] - earlier["timestamp"] for earlier, later in itertools.pairwise(events))]
        assert [record["gap"] for record in found] == gaps
        first = min(record["row"] for record in found) - min(event["row"] for event in events)
        assert [record["row"] for record in found] == [event["row"] + first for event in events]


def test_the_facts_of_a_case() -> None:
    """Status, outcome, amount with its currency, throughput, and how many cases have the same trace."""
    card = Card(outcomes={"paid": ("pay",)}, amount=AmountRule("case", currency="EUR"), roles={"amount": ("amount",)})
    read = log("i1 {amount=10}: a@1h, pay@3h\ni2 {amount=1}: a@1h, pay@2h\ni3 {amount=1}: a@1h", card=card)
    block = next(block for block in case(read, "i1").view().blocks if isinstance(block, Facts))
    facts = {name: value for name, value, _ in block.facts}
    assert (facts["Status"], facts["Outcome"], str(facts["Amount (EUR)"])) == ("finished", "paid", "10.000000")
    assert (facts["Throughput time"], facts["Length"]) == (2 * HOUR, 2)
    assert facts["Cases with the same trace"] == 2
    assert facts["Share of cases with the same trace"] == pytest.approx(2 / 3)


def test_rows_name_the_file_they_stand_in(tmp_path: Path) -> None:
    """A case of several files says for each unit which file and row it comes from."""
    (tmp_path / "a.csv").write_text("case_id,activity,timestamp\ni1,submit,2024-01-01 08:00:00\n")
    (tmp_path / "b.csv").write_text("case_id,activity,timestamp\ni2,submit,2024-01-01 09:00:00\ni1,pay,2024-01-02 08:00:00\n")
    found = case(finmine.read(tmp_path), "i1").records()
    assert [(record["source"], record["row"]) for record in found] == [("a.csv", 2), ("b.csv", 3)]


def test_an_unknown_case_is_answered_with_the_nearest() -> None:
    """A mistyped name is refused, and the name that was meant is proposed."""
    read = log("INV-1001: a@1h\nINV-2002: a@1h\nX: a@1h")
    with pytest.raises(UnknownWord, match=r"there is no case 'INV-1O01'. Did you mean 'INV-1001'\?"):
        case(read, "INV-1O01")


def test_a_case_that_the_filters_removed_is_not_unknown() -> None:
    """The refusal says that the case is in the log and which filters keep it out."""
    read = log("i1: a@1h\ni2: b@1h").keep_cases(finmine.has("b"))
    with pytest.raises(CaseFilteredOut, match="'i1' is in the log, but not among the cases that the filters keep"):
        case(read, "i1")


def test_event_filters_change_positions_and_gaps() -> None:
    """What is left of a case is numbered anew, and a gap runs from what is left before."""
    read = log("i1: a@1h, b@2h, c@6h").keep_events(finmine.activity_is("a", "c"))
    assert [(record["position"], record["activity"], record["gap"]) for record in case(read, "i1").records()] == [(1, "a", None), (2, "c", 5 * HOUR)]


def test_hostile_names_are_shown_as_text() -> None:
    """A case named like a script or a formula harms nobody."""
    read = log('"<script>alert(1)</script>": "=1+1"@1h/"<b>"')
    answer = case(read, "<script>alert(1)</script>")
    assert "<script>alert" not in answer.to_html()
    assert "'=1+1" in answer.to_csv()


def test_a_case_whose_money_is_not_declared_says_so() -> None:
    """Amounts that differ within cases are not shown, and the answer says what to declare."""
    answer = case(log("i1: a@1h {amount=1}, b@2h {amount=2}", card=Card(roles={"amount": ("amount",)})), "i1")
    assert "[amount] level" in next(block.text for block in answer.view().blocks if isinstance(block, Caveat))


def test_the_state_of_aborted_work_is_shown(tmp_path: Path) -> None:
    """Where a unit was aborted or withdrawn the units say how they ended."""
    lines = ["case_id,activity,lifecycle:transition,timestamp", "i1,a,start,2024-01-01 01:00:00", "i1,a,ate_abort,2024-01-01 02:00:00"]
    (tmp_path / "log.csv").write_text("\n".join(lines))
    answer = case(finmine.read(tmp_path / "log.csv"), "i1")
    shown = next(block for block in answer.view().blocks if isinstance(block, Table))
    assert shown.column("state") == ("aborted",)


def test_the_case_behind_its_units() -> None:
    """Behind each row stands the case itself."""
    answer = case(log("i1: a@1h\ni2: a@1h"), "i2")
    assert answer.cases(0).rows.column("case") == ("i2",)
