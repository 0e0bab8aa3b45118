"""Self-loops and repetitions at every level: counts, sizes and shares by a walk over the cases, after bupaR's definitions."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers import texts
from tests.brute_force import ordered
from tests.strategies import logs

from finmine.analyses.repetitions import ChainLevel, Repetitions, repetitions
from finmine.errors import OutOfRange
from finmine.relations.groups import NOT_RECORDED
from finmine.testing import Event, log
from finmine.view import Caveat, Headline

LEVELS: tuple[ChainLevel, ...] = ("log", "case", "activity", "resource", "resource-activity")
COUNTS = ("chain_number", "chain_number_repeat", "chain_number_redo", "chain_size", "chain_size_repeat", "chain_size_redo")


def who(event: Event) -> str:
    """Whose work it is; what is not recorded is of hands of its own."""
    return event["resource"] or NOT_RECORDED


def walked(rows: list[Event]) -> list[tuple[str, str, str, str, int, bool]]:
    """By a walk over each case: measure, case, activity, first resource, size and whether others took part."""
    found = []
    for case, events in ordered(rows).items():
        runs = [(activity, list(run)) for activity, run in groupby(events, key=lambda event: event["activity"])]
        for activity, run in runs:
            if len(run) > 1:
                found.append(("self-loop", case, activity, who(run[0]), len(run) - 1, len(set(map(who, run))) > 1))
        for activity in {activity for activity, _ in runs}:
            own = [run for name, run in runs if name == activity]
            if len(own) > 1:
                hands = {who(event) for run in own for event in run}
                found.append(("repetition", case, activity, who(own[0][0]), len(own) - 1, len(hands) > 1))
    return found


def key(level: ChainLevel, case: str, activity: str, resource: str) -> tuple[str, ...]:
    """What a row is counted under."""
    parts = {"log": (), "case": (case,), "activity": (activity,), "resource": (resource,), "resource-activity": (resource, activity)}
    return parts[level]


def rows_of(answer: Repetitions) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """The counts and the share of each row, by its measure and keys."""
    names = {"log": (), "resource-activity": ("resource", "activity")}.get(answer.level, (answer.level,))
    return {
        (row["measure"], *(row[name] for name in names)): (*(row[count] for count in COUNTS), pytest.approx(row["chain_share"]))
        for row in answer.rows.records()
    }


@settings(max_examples=7)
@given(logs(length=8), st.sampled_from(LEVELS))
def test_every_level_is_that_of_brute_force(rows: list[Event], level: ChainLevel) -> None:
    """Number, size and share of all, of repeats and of redos; at the resource only the first of the chain counts."""
    expected: dict[tuple[str, ...], list[int]] = {}
    units = Counter(key(level, event["case"], event["activity"], who(event)) for event in rows)
    for measure, case, activity, resource, size, others in walked(rows):
        own = key(level, case, activity, resource)
        before = expected.setdefault((measure, *own), [0] * 6)
        added = [1, not others, others, size, 0 if others else size, size if others else 0]
        expected[measure, *own] = [one + other for one, other in zip(before, added, strict=True)]
    found = rows_of(repetitions(log(rows), level=level))
    assert found == {place: (*counts, counts[0] / units[place[1:]]) for place, counts in expected.items()}


@settings(max_examples=3)
@given(logs(length=8))
def test_groups_add_up(rows: list[Event]) -> None:
    """Numbers and sizes of the groups sum to those of the log."""
    read = log(rows)
    whole, split = repetitions(read, level="log"), repetitions(read, level="log", by="vendor")
    for name in COUNTS:
        assert sum(row[name] for row in split.rows.records()) == sum(row[name] for row in whole.rows.records())


def test_the_first_resource_counts() -> None:
    """A self-loop that ana began and bob ended is ana's, a redo; of his one unit bob has none."""
    answer = repetitions(log("c: a@0h/ana, a@1h/bob, b@2h/bob"), level="resource")
    (row,) = answer.rows.records()
    assert (row["resource"], row["measure"], row["chain_number_redo"], row["chain_size"], row["chain_share"]) == ("ana", "self-loop", 1, 1, 1.0)


def test_cases_behind_a_row_at_every_level() -> None:
    """The cases with such chains, of the case itself, the activity, the resource or both."""
    read = log("c1: a@0h/ana, a@1h/bob\nc2: a@0h/bob, a@1h/bob\nc3: a@0h/bob")
    expected: dict[ChainLevel, list[set[str]]] = {
        "log": [{"c1", "c2"}],
        "case": [{"c1"}, {"c2"}],
        "activity": [{"c1", "c2"}],
        "resource": [{"c1"}, {"c2"}],
        "resource-activity": [{"c1"}, {"c2"}],
    }
    for level, behind in expected.items():
        answer = repetitions(read, level=level)
        assert [set(answer.cases(row).rows.column("case")) for row in range(len(answer.rows))] == behind


def test_what_is_listed_and_what_is_said() -> None:
    """The headlines are of all, also where only the largest are listed, and a caveat tells how many there are."""
    answer = repetitions(log("c1: a@0h/x, a@1h/y, a@2h/y\nc2: b@0h/x, a@1h/x, b@2h/x"), most=1)
    assert len(answer.rows) == 1
    assert texts(answer, Headline) == [
        "1 self-loop in 1 case, 100.0 % of them by more than one resource; 2 in size.",
        "1 repetition in 1 case, 0.0 % of them by more than one resource; 1 in size.",
    ]
    assert texts(answer, Caveat) == ["The first 1 of 2 rows, the largest; --most says how many are listed."]
    with pytest.raises(OutOfRange, match="1 or more"):
        repetitions(log("c: a@0h"), most=0)
