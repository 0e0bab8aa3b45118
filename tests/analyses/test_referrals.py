"""Referrals: the matrices of bupaR by a walk over the cases, the part of each, pictures, and what is said."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from hypothesis import given, settings
from tests.answers import texts
from tests.brute_force import ordered
from tests.strategies import logs

from finmine.analyses.referrals import referrals
from finmine.relations.groups import NOT_RECORDED
from finmine.testing import Event, log
from finmine.view import Caveat, Diagram, Headline, Matrix

BACK = "c1: a@0h/ana, b@1h/bob, a@2h/bob, b@3h/cid\nc2: a@0h/ana, a@1h/bob, a@2h/ana\nc3: a@0h/ana, a@1h/ana"


@settings(max_examples=7)
@given(logs(length=8))
def test_pairs_are_those_of_brute_force(rows: list[Event]) -> None:
    """First and last hands of each self-loop and repetition that is not by the same throughout, and the parts add up."""
    loops: Counter[tuple[str, str]] = Counter()
    again: Counter[tuple[str, str]] = Counter()
    for events in ordered(rows).values():
        runs = [list(run) for _, run in groupby(events, key=lambda event: event["activity"])]
        for run in runs:
            hands = [event["resource"] or NOT_RECORDED for event in run]
            loops.update([(hands[0], hands[-1])] if len(set(hands)) > 1 else [])
        for activity in {event["activity"] for event in events}:
            own = [run for run in runs if run[0]["activity"] == activity]
            hands = [event["resource"] or NOT_RECORDED for run in own for event in run]
            again.update([(hands[0], hands[-1])] if len(own) > 1 and len(set(hands)) > 1 else [])
    read = log([*rows, {**rows[0], "case": "one more", "resource": "somebody"}])
    answer = referrals(read)
    pairs = {(row["first_hands"], row["last_hands"]): row for row in answer.records()}
    assert {pair: row["redo_self_loops"] for pair, row in pairs.items() if row["redo_self_loops"]} == dict(loops)
    assert {pair: row["redo_repetitions"] for pair, row in pairs.items() if row["redo_repetitions"]} == dict(again)
    every = loops.total() + again.total()
    assert sum(part["referred"] + part["came_back_round"] for part in answer.parts()) == every
    assert sum(part["redone"] + part["came_back_round"] for part in answer.parts()) == every


@settings(max_examples=3)
@given(logs(length=8))
def test_groups_add_up(rows: list[Event]) -> None:
    """The referrals of the groups sum to those of the log."""
    read = log([*rows, {**rows[0], "case": "one more", "resource": "somebody"}])
    whole, split = referrals(read), referrals(read, by="vendor")
    for name in ("referrals", "redo_self_loops"):
        assert sum(row[name] for row in split.records()) == sum(row[name] for row in whole.records())


def test_the_diagonal_is_what_came_back_round() -> None:
    """Ana did it first and last, bob in between: a referral from ana to ana, in the matrix but not in the graph."""
    answer = referrals(log(BACK))
    assert {(row["first_hands"], row["last_hands"]): row["referrals"] for row in answer.records()} == {
        ("ana", "ana"): 1,
        ("ana", "bob"): 1,
        ("bob", "cid"): 1,
    }
    view = answer.view()
    matrix = next(block for block in view.blocks if isinstance(block, Matrix))
    diagram = next(block for block in view.blocks if isinstance(block, Diagram))
    assert ("ana", "ana", 1) in matrix.table.rows
    assert diagram.text == "All 2 links between 3 boxes are drawn."


def test_roles_and_unrecorded_hands() -> None:
    """Between roles what stays in a role is no referral; a unit without a resource is of hands of its own, and a caveat says so."""
    roles = log("c: a@0h/ana {role=clerk}, a@1h/bob {role=clerk}, b@2h/ana {role=clerk}, b@3h/cid {role=boss}")
    assert [(row["first_hands"], row["last_hands"]) for row in referrals(roles, between="role").records()] == [("clerk", "boss")]
    unknown = referrals(log("c: a@0h/ana, a@1h"))
    assert unknown.records()[0]["last_hands"] == NOT_RECORDED
    assert texts(unknown, Caveat) == [f"Units without a recorded resource count as done by hands of their own: {NOT_RECORDED}."]


def test_cases_behind_a_row() -> None:
    """The cases in which the first did it first and the last did it last."""
    answer = referrals(log(BACK))
    behind = {(row["first_hands"], row["last_hands"]): answer.cases(row).rows.column("case") for row in answer.records()}
    assert behind == {("ana", "ana"): ("c2",), ("ana", "bob"): ("c1",), ("bob", "cid"): ("c1",)}


def test_what_is_said() -> None:
    """How much is redone by others, and by whom most; without repeats nothing of it."""
    assert texts(referrals(log(BACK)), Headline) == [
        "3 of 4 self-loops and repetitions (75.0 %) are not by the same resource, in 2 cases.",
        "Most often bob redoes what ana did first: 1 time in 1 case.",
    ]
    assert texts(referrals(log("c: a@0h/ana, b@1h/ana")), Headline) == []
