"""First-pass yield: by a walk over the cases, the path with its rolled yield and joint share, and what is said."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers import texts
from tests.brute_force import ordered
from tests.strategies import logs

from finmine.analyses.first_pass_yield import first_pass_yield
from finmine.card import Card
from finmine.card_rework import ReworkRules
from finmine.errors import UnknownWord
from finmine.testing import Event, log
from finmine.view import Caveat, Headline

CARD = Card(outcomes={"paid": ("pay",)}, rework=ReworkRules(returns=("reject",)))
FOUR = """
c1: enter@0h, check@1h, pay@2h
c2: enter@0h, check@1h, check@2h, pay@3h
c3: enter@0h, check@1h, reject@2h, check@3h, pay@4h
c4: enter@0h, check@1h
"""


def test_once_and_no_return_later() -> None:
    """What is done again fails, what is sent back later fails, what runs is undecided."""
    found = {record["activity"]: record for record in first_pass_yield(log(FOUR, card=CARD)).records()}
    check, enter = found["check"], found["enter"]
    assert (check["closed_cases"], check["first_pass"], check["done_again"], check["sent_back_later"], check["undecided"]) == (3, 1, 2, 0, 1)
    assert (enter["closed_cases"], enter["first_pass"], enter["done_again"], enter["sent_back_later"], enter["undecided"]) == (3, 2, 0, 1, 1)
    assert found["reject"]["first_pass_yield"] == 1.0


def test_the_joint_share_is_no_product() -> None:
    """Multiplied, the yields fall below the share of cases that pass the path at first where the same cases fail everywhere."""
    (row,) = first_pass_yield(log(FOUR, card=CARD), path=("enter", "check", "pay")).yields()
    assert (row["path_cases"], row["joint_first_pass"]) == (3, 1)
    assert row["rolled_yield"] == pytest.approx(2 / 9)
    assert row["joint_yield"] == pytest.approx(1 / 3)


@settings(max_examples=10)
@given(logs(length=8), st.data())
def test_yields_are_those_of_brute_force(rows: list[Event], data: st.DataObject) -> None:
    """Every count of every activity, the rolled yield as a product of fractions, and the joint share."""
    names = sorted({event["activity"] for event in rows})
    some = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)
    ends, returns, path = data.draw(some), data.draw(some), data.draw(some)
    counts = {name: [0, 0, 0, 0, 0] for name in names}
    whole = joint = 0
    for events in ordered(rows).values():
        trace = [event["activity"] for event in events]
        passed = {}
        for name in set(trace):
            last = len(trace) - 1 - trace[::-1].index(name)
            again, later = trace.count(name) > 1, any(after in returns for after in trace[last + 1 :])
            passed[name] = not again and not later
            closed = trace[-1] in ends
            added = [closed, closed and passed[name], closed and again, closed and not again and later, not closed]
            counts[name] = [number + one for number, one in zip(counts[name], added, strict=True)]
        if trace[-1] in ends and set(path) <= set(trace):
            whole += 1
            joint += all(passed[name] for name in path)
    answer = first_pass_yield(log(rows, card=Card(outcomes={"done": ends}, rework=ReworkRules(returns=returns))), path=path)
    measures = ("closed_cases", "first_pass", "done_again", "sent_back_later", "undecided")
    assert {row["activity"]: [row[name] for name in measures] for row in answer.records()} == counts
    parts = [counts[name] for name in path]
    (row,) = answer.yields()
    assert (row["path_cases"], row["joint_first_pass"]) == (whole, joint)
    decided = all(part[0] for part in parts)
    assert row["rolled_yield"] == (float(prod(Fraction(part[1], part[0]) for part in parts)) if decided else None)


def test_groups_have_yields_of_their_own() -> None:
    """Each group has its own cases with the path and its own product."""
    read = log("c1 {vendor=A}: enter@0h, pay@1h\nc2 {vendor=B}: enter@0h, enter@1h, pay@2h", card=CARD)
    answer = first_pass_yield(read, path=("enter", "pay"), by="vendor")
    assert {row["group"]: (row["path_cases"], row["rolled_yield"], row["joint_yield"]) for row in answer.yields()} == {
        "A": (1, 1.0, 1.0),
        "B": (1, 0.0, 0.0),
    }


def test_the_path_is_that_of_most_closed_cases() -> None:
    """Without a path the commonest one of the closed cases is taken; a path with an unknown activity is refused."""
    text = "c1: enter@0h, pay@1h\nc2: enter@0h, pay@1h\nc3: pay@0h\nc4: enter@0h\nc5: enter@0h\nc6: enter@0h"
    assert first_pass_yield(log(text, card=CARD)).path.column("label") == ("enter", "pay")
    with pytest.raises(UnknownWord, match="Did you mean 'enter'"):
        first_pass_yield(log(text, card=CARD), path=("entre",))


def test_cases_behind_a_row() -> None:
    """The closed cases that do not pass the activity at first."""
    answer = first_pass_yield(log(FOUR, card=CARD))
    check = next(record for record in answer.records() if record["activity"] == "check")
    assert set(answer.cases(check).rows.column("case")) == {"c2", "c3"}


def test_what_is_said() -> None:
    """The joint share with the product beside it, the lowest yield; and what is not declared."""
    answer = first_pass_yield(log(FOUR, card=CARD), path=("enter", "check"))
    assert texts(answer, Headline) == [
        "1 of 3 closed cases with the whole path (33.3 %) passes each of its activities at first; multiplied along the path the yields are 22.2 %.",
        "check has the lowest yield, 33.3 % of 3 closed cases: done again in 2, done once but sent back later in 0.",
    ]
    assert texts(answer, Caveat) == []
    said = texts(first_pass_yield(log(FOUR, card=replace(CARD, outcomes={}, rework=ReworkRules()))), Caveat)
    assert said[0].startswith("No end activity is declared")
    assert said[1].startswith("No return activities are declared")
