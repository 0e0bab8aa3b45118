"""The critical path of each close: which tasks could not have been later without the close being later, and what an hour saved is worth.

A close is a set of cases, and its tasks are their units. A task comes after each unit of its case that was completed no later
than it began (and before it was completed), unless the two activities run side by side. Its **time** runs from the latest
of these to its own completion, so it holds waiting and work; where there is none it runs from its own start, which is given.
So the earliest finishes, propagated along the longest way, are the completions that were recorded.

- **slack**: by how much the task could be completed later, if all after it took as long as they did, without a later end of the close;
  a task without slack is on the critical path.
- **saved**: by how much the close would end earlier if each of its tasks of the same activity took a given time less (but not less
  than none): found by propagating anew, since another path may become the longest.

Of a unit whose start is not known (missing, or later than its completion) the completion stands for it.

Source: J. E. Kelley and M. R. Walker, Critical-path planning and scheduling, 1959; what comes after what, see ``kernels.enabled``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from finmine.kernels.stamps import usable_starts

Whole: TypeAlias = npt.NDArray[np.int64]
Arrays: TypeAlias = Mapping[str, Whole]
Pairs: TypeAlias = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Task:
    """A task: its activity, the tasks of its case that come before it (their places), when it began at the latest of these, its time and its completion."""

    activity: int
    before: tuple[int, ...]
    since: int
    time: int
    until: int


def critical_path(lent: Arrays, concurrent: Pairs, saving: int) -> Arrays:
    """Each unit with since (when its time begins), until, slack and saved.

    Args:
        lent: units in the order of close, case and position, whole closes at a time: ``close``, ``case``, ``position``, ``activity``, ``start`` (may
            be missing) and ``time``.
        concurrent: the pairs of concurrent activities, by code.
        saving: the time in microseconds that each task of an activity would take less.
    """
    beside = {*concurrent, *((other, one) for one, other in concurrent)}
    start = usable_starts(lent["start"], lent["time"])
    found: dict[str, list[int]] = {name: [] for name in ("since", "until", "slack", "saved")}
    for begins, ends in _runs(lent["close"]):
        close = slice(begins, ends)
        activities, starts, times = (column[close].tolist() for column in (lent["activity"], start, lent["time"]))
        cases = [tasks(activities[first:last], starts[first:last], times[first:last], beside) for first, last in _runs(lent["case"][close])]
        end = max(task.until for case in cases for task in case)
        slacks = [slack for case in cases for slack in _slacks(case, end)]
        every = [task for case in cases for task in case]
        critical = {task.activity for task, slack in zip(every, slacks, strict=True) if slack == 0}
        saved = {activity: end - max(_end(case, activity, saving) for case in cases) for activity in sorted(critical)}
        found["since"] += [task.since for task in every]
        found["until"] += [task.until for task in every]
        found["slack"] += slacks
        found["saved"] += [saved.get(task.activity, 0) for task in every]
    kept = {name: lent[name] for name in ("close", "case", "position", "activity")}
    return {**kept, **{name: np.array(values, dtype=np.int64) for name, values in found.items()}}


def tasks(activities: Sequence[int], starts: Sequence[int], times: Sequence[int], beside: set[tuple[int, int]]) -> list[Task]:
    """The tasks of one case in its order, each with those that come before it."""
    made: list[Task] = []
    for place, (activity, start, time) in enumerate(zip(activities, starts, times, strict=True)):
        before = tuple(each for each in range(place) if times[each] < time and times[each] <= start and (activities[each], activity) not in beside)
        since = max((times[each] for each in before), default=start)
        made.append(Task(activity, before, since, time - since, time))
    return made


def _slacks(case: Sequence[Task], end: int) -> list[int]:
    """By how much each task could be completed later: to the end of the close, or to where one after it would be late."""
    latest = [end] * len(case)
    for place in range(len(case) - 1, -1, -1):
        for each in case[place].before:
            latest[each] = min(latest[each], latest[place] - case[place].time)
    return [last - task.until for last, task in zip(latest, case, strict=True)]


def _end(case: Sequence[Task], activity: int, saving: int) -> int:
    """When the case would end if its tasks of an activity took so much less."""
    finishes: list[int] = []
    for task in case:
        time = max(0, task.time - saving) if task.activity == activity else task.time
        finishes.append(max((finishes[each] for each in task.before), default=task.since) + time)
    return max(finishes)


def _runs(column: Whole) -> list[tuple[int, int]]:
    """Where each run of equal values begins and ends."""
    firsts = np.flatnonzero(np.append(True, column[1:] != column[:-1])).tolist() if len(column) else []
    return list(pairwise([*firsts, len(column)]))
