"""The critical path of closes, against the longest of all paths, walked one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.kernels.critical_path import Arrays, Pairs, Task, critical_path, tasks

Unit = tuple[int, int, int]
"""Activity, start, completion."""

units = st.tuples(st.integers(0, 3), st.integers(0, 12), st.integers(0, 6)).map(lambda one: (one[0], one[1], one[1] + one[2]))
closes = st.lists(st.lists(st.lists(units, min_size=1, max_size=6), min_size=1, max_size=3), min_size=1, max_size=3)
pairs = st.lists(st.sampled_from([(0, 1), (1, 2), (0, 3)]), unique=True)


def ordered(case: Sequence[Unit]) -> list[Unit]:
    """The units of a case in its order."""
    return sorted(case, key=lambda unit: (unit[2], unit[1]))


def lent(cases: list[list[list[Unit]]]) -> Arrays:
    """Closes as columns, in the order in which the kernel wants them."""
    rows = [
        (number, number * 10 + nth, position, *unit)
        for number, close in enumerate(cases)
        for nth, case in enumerate(close)
        for position, unit in enumerate(ordered(case), 1)
    ]
    columns = zip(*rows, strict=True)
    return {
        name: np.array(values, dtype=np.int64)
        for name, values in zip(("close", "case", "position", "activity", "start", "time"), columns, strict=True)
    }


def walks(case: Sequence[Task], to: int) -> list[list[int]]:
    """All ways through the tasks of a case that end with one of them."""
    before = case[to].before
    return [[*walk, to] for each in before for walk in walks(case, each)] if before else [[to]]


def longest(cases: Sequence[Sequence[Task]], times: Sequence[Sequence[int]]) -> int:
    """When the last of all ways through all cases ends, if tasks take these times."""
    return max(
        case[walk[0]].since + sum(spent[place] for place in walk)
        for case, spent in zip(cases, times, strict=True)
        for to in range(len(case))
        for walk in walks(case, to)
    )


@settings(max_examples=60)
@given(closes, pairs, st.integers(0, 4))
def test_slack_and_savings_are_those_of_all_paths(cases: list[list[list[Unit]]], concurrent: Pairs, saving: int) -> None:
    """The longest of all paths ends the close; a task may be late by its slack and no more; what is saved is what the longest path then is shorter."""
    found = critical_path(lent(cases), concurrent, saving)
    beside = {*concurrent, *((other, one) for one, other in concurrent)}
    place = 0
    for close in cases:
        sorted_cases = [ordered(case) for case in close]
        made = [tasks([unit[0] for unit in case], [unit[1] for unit in case], [unit[2] for unit in case], beside) for case in sorted_cases]
        times = [[task.time for task in case] for case in made]
        end = max(unit[2] for case in close for unit in case)
        assert longest(made, times) == end
        for nth, case in enumerate(made):
            for number, task in enumerate(case):
                slack = found["slack"][place]
                for late, more in ((slack, 0), (slack + 1, 1)):
                    delayed = [list(spent) for spent in times]
                    delayed[nth][number] += late
                    assert longest(made, delayed) == end + more
                shorter = [[max(0, each.time - saving) if each.activity == task.activity else each.time for each in other] for other in made]
                assert found["saved"][place] == end - longest(made, shorter)
                assert (found["since"][place], found["until"][place]) == (task.since, task.until)
                place += 1


def test_side_by_side_tasks_have_slack_to_each_other() -> None:
    """A 0–10, B 10–40 beside C 15–50, D 60–70: B could be 10 later, all others not at all; two saved in A save two, in B nothing."""
    close = [[[(0, 0, 10), (1, 10, 40), (2, 15, 50), (3, 60, 70)]]]
    found = critical_path(lent(close), [(1, 2)], 2)
    assert found["slack"].tolist() == [0, 10, 0, 0]
    assert found["saved"].tolist() == [2, 0, 2, 2]
    assert critical_path(lent(close), [(1, 2)], 20)["saved"].tolist() == [10, 0, 10, 20]


def test_nothing_has_no_path() -> None:
    """Where there is no unit there is no task."""
    empty = {name: np.zeros(0, dtype=np.int64) for name in ("close", "case", "position", "activity", "start", "time")}
    assert all(len(values) == 0 for values in critical_path(empty, [], 1).values())
