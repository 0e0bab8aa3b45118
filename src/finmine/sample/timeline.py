"""Running the clock over a draft: when each step of each case starts and completes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from finmine.sample.desks import Desk, Served
from finmine.sample.draft import Draft
from finmine.sample.lots import Flags, Floats, Ints
from finmine.sample.steps import Moment


@dataclass(frozen=True, slots=True)
class Timeline:
    """Wall clock of all steps of a draft, in seconds; what is not present has no meaning. Completions of a case all differ."""

    started: Ints
    completed: Ints
    served: Mapping[int, tuple[Ints, Served]] = field(default_factory=dict)
    """Of each row that waits at a desk: the cases, and what happened there."""

    def kept(self, draft: Draft, until: int) -> Flags:
        """The steps that are present and completed before a time."""
        return draft.present & (self.completed < until)

    def before(self, kept: Flags) -> Ints:
        """The completion before each step kept, among the steps kept; -1 for the first of a case."""
        before = np.full_like(self.completed, -1)
        previous = np.full(kept.shape[1], -1, dtype=np.int64)
        for row, here in enumerate(kept):
            before[row, here] = previous[here]
            previous[here] = self.completed[row, here]
        return before


def timeline(draft: Draft) -> Timeline:
    """Run the clock: people work in working time, machines at their own times; nothing overtakes within a case."""
    started, completed = np.zeros(draft.present.shape, dtype=np.int64), np.zeros(draft.present.shape, dtype=np.int64)
    clock = draft.begin.copy()
    previous = draft.calendar.wall(clock) - 1
    last: dict[str, Ints] = {}
    served: dict[int, tuple[Ints, Served]] = {}
    for row, step in enumerate(draft.steps):
        here = np.flatnonzero(draft.present[row])
        if not len(here):
            continue
        if step.desk is not None:
            found = _at_desk(draft, row, step.desk, here, clock[here], previous[here])
            begun, done, clock[here], served[row] = found.begun, found.done, draft.calendar.clock(found.done), (here, found)
        elif step.pace is None:
            begun, done, clock[here] = _by_people(draft, row, here, clock[here], previous[here])
        else:
            begun = done = np.maximum(step.pace(Moment(previous[here], last, draft.cases, here)), previous[here] + 1)
            clock[here] = draft.calendar.clock(done)
        started[row, here], completed[row, here], previous[here] = begun, done, done
        last.setdefault(step.activity, np.zeros_like(previous))[here] = done
    return Timeline(started, completed, served)


def _by_people(draft: Draft, row: int, here: Ints, clock: Floats, previous: Ints) -> tuple[Ints, Ints, Floats]:
    """When people start and complete a step, and their working clock after it."""
    begin = clock + draft.wait[row, here]
    begun = np.maximum(draft.calendar.wall(begin), previous + 1)
    if draft.steps[row].work is None:
        return begun, begun, begin
    end = begin + draft.work[row, here]
    return begun, np.maximum(draft.calendar.wall(end), begun + 1), end


def _at_desk(draft: Draft, row: int, desk: Desk, here: Ints, clock: Floats, previous: Ints) -> Served:
    """What happens to a step at its desk, where it can be begun after its wait."""
    wait = draft.wait[row, here]
    ready = np.where(wait > 0, np.maximum(draft.calendar.wall(clock + wait), previous), previous)
    rank = np.zeros(len(here), dtype=np.int64) if desk.prefers is None else -draft.cases[desk.prefers][here].astype(np.int64)
    return desk.serve(draft.calendar.days, previous, ready, draft.work[row, here], draft.user[row, here], rank)
