"""What each change of a process is: the features that are not what they were, before and after, and how far the paths moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from finmine.over_time import OverTime
from finmine.path_distance import PathDistance, Pooled
from finmine.stats.change_points import LEVEL, Change
from finmine.stats.estimate import Estimate
from finmine.stats.path_effects import SEED
from finmine.stats.replicates import Draws
from finmine.stats.sample import Sample
from finmine.stats.shift_interval import shift_interval
from finmine.stats.two_groups import compare
from finmine.view import Definition

if TYPE_CHECKING:
    from finmine.stats.sample import Flags, Ints

TIME = 0
"""The place of time among the features; the others are exposures."""
_SAME = 0.9  # of the cases that have either of two features those that have both, from which on only the one that changed more is told


@dataclass(frozen=True, slots=True)
class Changed:
    """A feature that changed: its place, what it was and is (a share of cases, or the median time), the difference with its interval, and p."""

    feature: int
    before: float
    after: float
    size: Estimate
    p: float


@dataclass(frozen=True, slots=True)
class Told:
    """A change with the cases before and after it up to its neighbours, the features that changed, largest first, and how far the paths moved.

    ``beside`` counts the features that changed, too, and are not told.
    """

    change: Change
    cases: tuple[int, int]
    changed: tuple[Changed, ...]
    beside: int
    distance: PathDistance | None

    @property
    def time(self) -> Changed | None:
        """The change in time, where there is one."""
        return next((one for one in self.changed if one.feature == TIME), None)

    @property
    def shares(self) -> tuple[Changed, ...]:
        """The shares of cases that changed."""
        return tuple(one for one in self.changed if one.feature != TIME)


def told(found: OverTime, change: Change, pooled: Pooled, most: int) -> Told:
    """A change with what changed in it: what has a peak beyond chance, and differs before and after this day.

    Of features that nearly the same cases have only the one that changed most is told, and at most so many.
    """
    these = (found.of_day >= change.since) & (found.of_day < change.until)
    after = (found.of_day >= change.place)[these]
    weeks = np.unique(found.weeks[these], return_inverse=True)[1]
    peaks = np.flatnonzero(change.of_features <= LEVEL).tolist()
    looked_at = (_measured(found, place, these, after, weeks, float(change.of_features[place])) for place in peaks)
    measured = [one for one in looked_at if one.size.beyond_zero or one.feature == change.strongest]
    ranked = sorted(measured, key=lambda one: (one.feature != TIME, -abs(one.size.value), one.feature))
    kept = list(_apart(found, ranked, these))
    rows = np.flatnonzero(found.kept)[these]
    whole, sides, clusters = np.zeros(len(found.kept), dtype=bool), np.zeros(len(found.kept), dtype=bool), np.zeros(len(found.kept), dtype=np.int64)
    whole[rows], sides[rows], clusters[rows] = True, ~after, 2 * weeks + after  # the week in which it changes is two
    cases = int(np.count_nonzero(~after)), int(np.count_nonzero(after))
    return Told(change, cases, tuple(kept[:most]), len(kept) - len(kept[:most]), pooled.distance(whole, sides, clusters))


def _measured(found: OverTime, place: int, these: Flags, after: Flags, weeks: Ints, p: float) -> Changed:
    """A feature before and after, its interval from whole weeks."""
    values = found.times[these] if place == TIME else found.feature(place)[these].astype(float)
    sample = Sample.of(values, weeks)
    flags = after[sample.order]
    if place == TIME:
        before, since = (float(np.median(values[side])) for side in (~after, after))
        return Changed(place, before, since, shift_interval(sample, flags, Draws.of(sample, seed=SEED)), p)
    return Changed(place, float(values[~after].mean()), float(values[after].mean()), compare(sample, flags).interval(), p)


def _apart(found: OverTime, ranked: Sequence[Changed], these: Flags) -> Iterator[Changed]:
    seen: list[Any] = []
    for one in ranked:
        if one.feature != TIME:
            flags = found.feature(one.feature)[these]
            if any(np.count_nonzero(flags & other) >= _SAME * np.count_nonzero(flags | other) for other in seen):
                continue
            seen.append(flags)
        yield one


DEFINITIONS = (
    Definition(
        "Change point",
        "the day on which two means fit best what changed most. Its p is that of the highest peak of the cumulated deviations of any feature, with whole weeks given anew to "
        "their places; its interval draws the weeks of either side anew. Both parts are looked at again",
        "Page 1954; Westfall and Young 1993; Hušková and Kirch 2008",
    ),
    Definition(
        "Before and after",
        "the cases between the change point before and the next one; intervals are from whole weeks, that of time is of the Hodges–Lehmann shift",
    ),
    Definition("p of a feature", "how often chance gives any feature on any day as high a peak: it holds for all that was looked at together"),
    Definition(
        "Period end",
        "from WD−3 to WD+10 about the end of a month: deviations are from the mean of all days with the same place, so that what comes every month is none",
    ),
    Definition(
        "Paths moved",
        "the earth mover's distance between the paths before and after, from 0 to 1; its p gives whole weeks anew to the sides, and is told from five weeks on either on",
        "Leemans and others 2019",
    ),
)
"""What the words about changes mean."""
