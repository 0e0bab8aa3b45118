"""Cases: the list of the cases themselves."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from tests.brute_force import ordered, started
from tests.strategies import logs

import finmine
from finmine.analyses.cases import cases
from finmine.card import AmountRule, Card
from finmine.testing import Event, log
from finmine.view import Caveat


@settings(max_examples=10)
@given(logs(starts=True))
def test_every_case_is_listed_longest_first(rows: list[Event]) -> None:
    """Each case with its length, start, end and throughput time; equal ones by name."""
    wanted = {case: (len(events), started(events), events[-1]["timestamp"]) for case, events in ordered(rows).items()}
    found = cases(log(rows)).records()
    assert {record["case"]: (record["length"], record["started"], record["ended"]) for record in found} == wanted
    assert all(record["throughput"] == record["ended"] - record["started"] for record in found)
    assert [record["case"] for record in found] == [
        record["case"] for record in sorted(found, key=lambda record: (-record["throughput"], record["case"].encode()))
    ]


def test_status_outcome_and_amount_stand_beside_each_case() -> None:
    """As the card declares them."""
    card = Card(outcomes={"paid": ("pay",)}, amount=AmountRule("case", currency="EUR"), roles={"amount": ("amount",)})
    found = {record["case"]: record for record in cases(log("i1 {amount=10.50}: a@1h, pay@2h\ni2: a@1h {amount=}", card=card)).records()}
    assert (found["i1"]["status"], found["i1"]["outcome"], found["i1"]["amount"], found["i1"]["currency"]) == (
        "finished",
        "paid",
        Decimal("10.5"),
        "EUR",
    )
    assert (found["i2"]["status"], found["i2"]["outcome"], found["i2"]["amount"]) == ("running", None, None)


def test_a_cut_list_says_how_many_there_are() -> None:
    """With ``most`` only the longest are listed, and the number of all is said."""
    answer = cases(log("i1: a@1h, b@2h\ni2: a@1h, b@5h\ni3: a@1h"), most=1)
    assert [record["case"] for record in answer.records()] == ["i2"]
    assert [block.text for block in answer.view().blocks if isinstance(block, Caveat)] == ["The 1 longest of 3 cases are listed."]


def test_filters_hold_for_the_list() -> None:
    """Only the cases that are kept are listed."""
    assert cases(log("i1: a@1h\ni2: b@1h").keep_cases(finmine.has("b"))).rows.column("case") == ("i2",)


@settings(max_examples=10)
@given(logs())
def test_listed_group_by_group_every_case_stands_once(rows: list[Event]) -> None:
    """Split by an attribute, the groups hold the cases of the whole list, each once, the longest of a group first."""
    read = log(rows)
    whole, split = cases(read).records(), cases(read, by="vendor").records()
    assert sorted(record["case"] for record in split) == sorted(record["case"] for record in whole)
    assert [record["group"] for record in split] == sorted((record["group"] for record in split), key=str.encode)
    order = [record["case"] for record in whole]
    for group in {record["group"] for record in split}:
        places = [order.index(record["case"]) for record in split if record["group"] == group]
        assert places == sorted(places)


def test_most_holds_for_each_group() -> None:
    """Of each group the longest are listed, and how many there are in all is said."""
    answer = cases(log("i1 {vendor=A}: a@1h, b@2h\ni2 {vendor=A}: a@1h, b@5h\ni3 {vendor=B}: a@1h"), by="vendor", most=1)
    assert [(record["group"], record["case"]) for record in answer.records()] == [("A", "i2"), ("B", "i3")]
    assert "The longest of each group, 2 of 3 cases are listed." in [block.text for block in answer.view().blocks if isinstance(block, Caveat)]
