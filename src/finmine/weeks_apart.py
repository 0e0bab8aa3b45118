"""Each week against the week before: are the steps of its cases others, or their times, and is that only the end of a month?

A week that differs from the one before is looked at again against the days of the month before that have the same working days about their
period end. Where it does not differ from those, what differs is the period end, and no drift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from finmine.compared_cases import numbers, values
from finmine.engine import Rows
from finmine.over_time import OverTime
from finmine.stats.discoveries import adjusted
from finmine.stats.path_effects import LEAST, SEED
from finmine.stats.windows import counts_apart, steps_apart, times_apart
from finmine.view import Definition

if TYPE_CHECKING:
    from finmine.stats.sample import Flags, Floats, Ints

_WHAT = ("steps", "times", "hands")
LEVEL = 0.05
LEAST_APART = 0.05
"""The total variation of steps below which a week is no drift, however sure it is."""
_DRAWS = (199, 3999)
_PER_WEEK = 40  # draws for each week of the family, so that the smallest p can still be adjusted


@dataclass(frozen=True, slots=True)
class Week:
    """A week: its number, cases and median time, how far its steps are from the week before, q of steps and of times, and what that means.

    ``hands_apart`` and ``q_hands`` are of who does the work, where that is looked at.
    Against the week before nothing is told where either has fewer than five cases.
    """

    week: int
    cases: int
    median: int
    apart: float | None = None
    q_steps: float | None = None
    q_times: float | None = None
    hands_apart: float | None = None
    q_hands: float | None = None
    differs_in: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Windows:
    """What windows are made of: the path and time of each case, the steps of each path, who does how much of each case, and the draws."""

    paths: Ints
    times: Floats
    steps: Floats
    hands: Floats | None
    rng: np.random.Generator
    draws: int

    def apart(self, first: Flags, second: Flags) -> tuple[tuple[float, float | None], tuple[float, ...]]:
        """The total variation of the steps of two windows and of their hands (where those are looked at), and p of steps, times and hands."""
        before, after = (np.bincount(self.paths[these], minlength=len(self.steps)) for these in (first, second))
        apart, p = steps_apart(before, after, self.steps, rng=self.rng, draws=self.draws)
        of_times = times_apart(self.times[first], self.times[second], rng=self.rng, draws=self.draws)
        if self.hands is None:
            return (apart, None), (p, of_times)
        these = first | second
        flags, counts = first[these].astype(float), self.hands[these]
        if not (flags @ counts).any() or not ((1 - flags) @ counts).any():
            return (apart, 0.0), (p, of_times, 1.0)  # nobody is recorded in one of the two
        of_hands, p_hands = counts_apart(flags, counts, rng=self.rng, draws=self.draws)
        return (apart, of_hands), (p, of_times, p_hands)


def weeks_apart(found: OverTime, steps: Rows) -> tuple[Week, ...]:
    """Every week with cases against the one before that has cases; p-values are adjusted over the weeks, of steps and of times apart."""
    weeks, times = found.weeks, found.times
    names, cases = np.unique(weeks, return_counts=True)
    plain = {int(week): Week(int(week), int(many), round(float(np.median(times[weeks == week])))) for week, many in zip(names, cases, strict=True)}
    pairs = [(before, week) for before, week in pairwise(plain) if min(plain[before].cases, plain[week].cases) >= LEAST]
    paths, codes = np.unique(numbers(found.family.rows, "path")[found.kept], return_inverse=True)
    draws = min(max(_DRAWS[0], _PER_WEEK * len(pairs)), _DRAWS[1])
    windows = _Windows(codes.ravel(), times, _steps_of(paths, steps), _hands_of(found), np.random.default_rng(SEED), draws)
    tested = {week: windows.apart(weeks == before, weeks == week) for before, week in pairs}
    q = np.stack([adjusted([p[which] for _, p in tested.values()]) for which in range(2 if windows.hands is None else 3)], axis=1)
    for (week, (apart, _)), (of_steps, of_times, *of_hands) in zip(tested.items(), q.tolist(), strict=True):
        one, differs = plain[week], _differs(apart, (of_steps, of_times, *of_hands))
        said = _verdict(found, windows, week, differs)
        plain[week] = Week(week, one.cases, one.median, apart[0], of_steps, of_times, apart[1], of_hands[0] if of_hands else None, said)
    return tuple(plain.values())


def _differs(apart: tuple[float, float | None], p: Sequence[float]) -> tuple[bool, ...]:
    """Whether steps, times and hands differ: beyond chance, and shares by enough."""
    far = (apart[0] >= LEAST_APART, True, apart[1] is not None and apart[1] >= LEAST_APART)
    return tuple(one <= LEVEL and enough for one, enough in zip(p, far, strict=False))


def _hands_of(found: OverTime) -> Floats | None:
    """How many units of each kept case (rows) each hand does (columns); nothing where hands are not looked at."""
    hands, case = found.family.hands, found.family.of_hands
    if hands is None or case is None:
        return None
    counts = np.zeros((len(found.kept), len(found.family.labels["hand"])))
    counts[case, values(hands, "label")[0]] = numbers(hands, "units")
    return counts[found.kept]


def _steps_of(paths: Ints, steps: Rows) -> Floats:
    """How often each path (rows) takes each step (columns), from the start and to the end too."""
    kinds, of_kind = np.unique(np.stack((numbers(steps, "source"), numbers(steps, "target"))), axis=1, return_inverse=True)
    place = np.searchsorted(paths, numbers(steps, "path"))
    place[place == len(paths)] = 0
    these = paths[place] == numbers(steps, "path") if len(paths) else np.zeros(0, dtype=bool)
    taken = np.zeros((len(paths), kinds.shape[1]))
    taken[place[these], of_kind.ravel()[these]] = numbers(steps, "steps")[these]
    return taken


def _verdict(found: OverTime, windows: _Windows, week: int, differs: tuple[bool, ...]) -> str:
    """What a difference from the week before means, after a look at the same working days of the month before."""
    if not any(differs):
        return ""
    here = found.days.week == week
    wanted = set(zip((found.closing[here] - 1).tolist(), found.working_day[here].tolist(), strict=True))
    same = np.array([key in wanted for key in zip(found.closing.tolist(), found.working_day.tolist(), strict=True)])[found.of_day]
    same &= found.weeks != week
    if np.count_nonzero(same) >= LEAST:
        again = _differs(*windows.apart(same, found.weeks == week))
        differs = tuple(one and other for one, other in zip(differs, again, strict=True))
    *others, last = [name for name, one in zip(_WHAT, differs, strict=False) if one] or ["period end"]
    return f"{', '.join(others)} and {last}" if others else last


WEEKS = Definition(
    "Week against the week before",
    f"the total variation between the shares of their steps (from {LEAST_APART}), of who does their units, and Cramér and von Mises' test of their "
    "times, cases permuted, q over all weeks. A week that does not "
    "differ from the same working days of the month before is marked as a period end",
)
"""What a comparison of weeks means."""
