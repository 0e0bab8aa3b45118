"""Each week against the week before: are the steps of its cases others, or their times, and is that only the end of a month?

A week that differs from the one before is looked at again against the days of the month before that have the same working days about their
period end. Where it does not differ from those, what differs is the period end, and no drift.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from finmine.compared_cases import numbers
from finmine.engine import Rows
from finmine.over_time import OverTime
from finmine.stats.discoveries import adjusted
from finmine.stats.path_effects import LEAST, SEED
from finmine.stats.windows import steps_apart, times_apart

if TYPE_CHECKING:
    from finmine.stats.sample import Flags, Floats, Ints

Verdict: TypeAlias = Literal["", "steps", "times", "steps and times", "period end"]

LEVEL = 0.05
LEAST_APART = 0.05
"""The total variation of steps below which a week is no drift, however sure it is."""
_DRAWS = (199, 3999)
_PER_WEEK = 40  # draws for each week of the family, so that the smallest p can still be adjusted


@dataclass(frozen=True, slots=True)
class Week:
    """A week: its number, cases and median time, how far its steps are from the week before, q of steps and of times, and what that means.

    Against the week before nothing is told where either has fewer than five cases.
    """

    week: int
    cases: int
    median: int
    apart: float | None = None
    q_steps: float | None = None
    q_times: float | None = None
    differs_in: Verdict = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Windows:
    """What windows are made of: the path and time of each case, the steps of each path, and the generator of draws."""

    paths: Ints
    times: Floats
    steps: Floats
    rng: np.random.Generator
    draws: int

    def apart(self, first: Flags, second: Flags) -> tuple[float, float, float]:
        """The total variation of the steps of two windows, its p, and that of their times."""
        before, after = (np.bincount(self.paths[these], minlength=len(self.steps)) for these in (first, second))
        apart, p = steps_apart(before, after, self.steps, rng=self.rng, draws=self.draws)
        return apart, p, times_apart(self.times[first], self.times[second], rng=self.rng, draws=self.draws)


def weeks_apart(found: OverTime, steps: Rows) -> tuple[Week, ...]:
    """Every week with cases against the one before that has cases; p-values are adjusted over the weeks, of steps and of times apart."""
    weeks, times = found.weeks, found.times
    names, cases = np.unique(weeks, return_counts=True)
    plain = {int(week): Week(int(week), int(many), round(float(np.median(times[weeks == week])))) for week, many in zip(names, cases, strict=True)}
    pairs = [(before, week) for before, week in pairwise(plain) if min(plain[before].cases, plain[week].cases) >= LEAST]
    paths, codes = np.unique(numbers(found.family.rows, "path")[found.kept], return_inverse=True)
    draws = min(max(_DRAWS[0], _PER_WEEK * len(pairs)), _DRAWS[1])
    windows = _Windows(codes.ravel(), times, _steps_of(paths, steps), np.random.default_rng(SEED), draws)
    tested = {week: windows.apart(weeks == before, weeks == week) for before, week in pairs}
    q = [adjusted([one[which] for one in tested.values()]).tolist() for which in (1, 2)]
    for (week, (apart, _, _)), of_steps, of_times in zip(tested.items(), *q, strict=True):
        differs = (of_steps <= LEVEL and apart >= LEAST_APART, of_times <= LEVEL)
        one = plain[week]
        plain[week] = Week(week, one.cases, one.median, apart, of_steps, of_times, _verdict(found, windows, week, differs))
    return tuple(plain.values())


def _steps_of(paths: Ints, steps: Rows) -> Floats:
    """How often each path (rows) takes each step (columns), from the start and to the end too."""
    kinds, of_kind = np.unique(np.stack((numbers(steps, "source"), numbers(steps, "target"))), axis=1, return_inverse=True)
    place = np.searchsorted(paths, numbers(steps, "path"))
    place[place == len(paths)] = 0
    these = paths[place] == numbers(steps, "path") if len(paths) else np.zeros(0, dtype=bool)
    taken = np.zeros((len(paths), kinds.shape[1]))
    taken[place[these], of_kind.ravel()[these]] = numbers(steps, "steps")[these]
    return taken


def _verdict(found: OverTime, windows: _Windows, week: int, differs: tuple[bool, bool]) -> Verdict:
    """What a difference from the week before means, after a look at the same working days of the month before."""
    if not any(differs):
        return ""
    here = found.days.week == week
    wanted = set(zip((found.closing[here] - 1).tolist(), found.working_day[here].tolist(), strict=True))
    same = np.array([key in wanted for key in zip(found.closing.tolist(), found.working_day.tolist(), strict=True)])[found.of_day]
    same &= found.weeks != week
    if np.count_nonzero(same) >= LEAST:
        apart, p_steps, p_times = windows.apart(same, found.weeks == week)
        differs = (differs[0] and p_steps <= LEVEL and apart >= LEAST_APART, differs[1] and p_times <= LEVEL)
    said: Mapping[tuple[bool, bool], Verdict] = {(True, True): "steps and times", (True, False): "steps", (False, True): "times"}
    return said.get(differs, "period end")
