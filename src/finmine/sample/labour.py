"""What the work on cases costs: the hours that people have it in work, at the rates of the card, and no hour of a person twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from finmine.finance.labour import LabourRate
from finmine.sample.calendar import EARLIEST, HOUR, LATEST, worked
from finmine.sample.draft import Draft
from finmine.sample.lots import Floats, Ints
from finmine.sample.steps import Step
from finmine.sample.timeline import Timeline
from finmine.words import SECOND

_APART = 1 << 32
"""So many seconds lie between the clocks of two users."""


@dataclass(frozen=True, slots=True)
class Labour:
    """What the card says of the cost of work: rates in one currency by role or for all, and unit times where no start is recorded."""

    rates: tuple[LabourRate, ...]
    unit_times: Mapping[str, int]

    def cents(self, draft: Draft, times: Timeline) -> Ints:
        """What the work on each case costs, in minor units. What nobody times costs nothing."""
        timed = np.array([step.work is not None for step in draft.steps])
        declared = np.array([self.unit_times.get(step.activity, 0) / SECOND for step in draft.steps])
        seconds = np.where(draft.present, np.where(timed, 0.0, declared)[:, None], 0.0)
        cells = draft.present & timed[:, None]
        since, until = (worked(moments[cells], draft.calendar.days, EARLIEST, LATEST) for moments in (times.started, times.completed))
        seconds[cells] = _shared(since, until, draft.user[cells])
        hourly = np.array([self._hourly(step) for step in draft.steps])
        return np.asarray(np.rint(100 * (hourly[:, None] * seconds).sum(axis=0) / HOUR).astype(np.int64))

    def _hourly(self, step: Step) -> float:
        """What an hour of whoever takes a step costs; machines cost nothing."""
        if step.user is not None:
            return 0.0
        known = {rate.name: float(rate.rate) for rate in self.rates}
        return known.get(step.role, known.get(None, 0.0))


def _shared(since: Ints, until: Ints, user: Ints) -> Floats:
    """How many seconds of its user each piece of work has for itself: of two at once each has half."""
    begins, ends = since + user * _APART, until + user * _APART
    moments = np.union1d(begins, ends)
    at_once = np.searchsorted(np.sort(begins), moments, "right") - np.searchsorted(np.sort(ends), moments, "right")
    each = np.where(at_once > 0, np.diff(moments, append=moments[-1:]) / np.maximum(at_once, 1), 0.0)
    had = np.concatenate((np.zeros(1), np.cumsum(each)))
    return np.asarray(had[np.searchsorted(moments, ends)] - had[np.searchsorted(moments, begins)])
