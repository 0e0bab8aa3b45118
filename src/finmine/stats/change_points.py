"""Change points: the day from which on cases are not what they were before, in any of many features, by cumulated sums.

For each feature the deviations from its mean are added up over time (**CUSUM**, E. S. Page 1954): where nothing changes the sum
wanders about nought, where the mean changes it has its peak there. How high peaks are by chance is found by giving **whole weeks**
anew to their places, so that what cases of one week share is no change. The highest peak of all features is compared with the
highest of all features each time: the p-value of a feature holds for all features and all days that were looked at together
(P. H. Westfall and S. S. Young 1993). Both parts are looked at again (L. Vostrikova 1981).

What belongs to the end of a month is taken out first: each day's deviation is from the mean of all days with its place about a
period end, so that an effect that comes every month is no change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from finmine.stats.sample import Flags, Floats, Ints

DRAWS = 999
LEVEL = 0.05
LEAST_WEEKS = 8
"""Weeks with cases below which no change is looked for."""
_SIDE = 3  # weeks that lie on either side of a change at least
_REPLICATES = 400


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """The days with cases, ascending: their numbers, weeks and places about a period end (0: none), how many cases each has, and the sums of each feature."""

    day: Ints
    week: Ints
    place: Ints
    cases: Floats
    sums: Floats

    def between(self, since: int, until: int) -> Days:
        """The days from one place to before another."""
        part = slice(since, until)
        return Days(self.day[part], self.week[part], self.place[part], self.cases[part], self.sums[part])

    def deviations(self) -> Floats:
        """For each day and feature how far its sum lies from what the mean of all days with its place about a period end gives."""
        _, codes = np.unique(self.place, return_inverse=True)
        count = int(codes.max(initial=-1)) + 1
        sums = np.zeros((count, self.sums.shape[1]))
        np.add.at(sums, codes, self.sums)
        means = sums / np.bincount(codes, self.cases, count)[:, None]
        away: Floats = self.sums - self.cases[:, None] * means[codes]
        return away


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A change point: the first day of what is new with its interval, and the p of its feature and of each, for all features and days together.

    ``since`` to ``until`` are the places of the days between its neighbours, ``place`` is that of its own; ``strongest`` is the feature
    with the highest peak when it was found.
    """

    since: int
    place: int
    until: int
    day: int
    low: int
    high: int
    strongest: int
    p: float
    of_features: Floats


def change_points(days: Days, *, seed: int, draws: int = DRAWS) -> tuple[Change, ...]:
    """The changes in time, first to last, each dated between its neighbours in the feature in which it was found."""
    found = sorted(_found(days, 0, len(days.day), seed, draws), key=lambda change: change.place)
    bounds = [0, *(change.place for change in found), len(days.day)]
    dated = [_dated(days, change, since, until, seed) for change, since, until in zip(found, bounds[:-2], bounds[2:], strict=True)]
    bounds = [0, *(change.place for change in dated), len(days.day)]
    return tuple(replace(change, since=since, until=until) for change, since, until in zip(dated, bounds[:-2], bounds[2:], strict=True))


def _found(days: Days, since: int, until: int, seed: int, draws: int) -> Iterator[Change]:
    """The changes between two places: the strongest, then those of its parts."""
    change = _strongest(days, since, until, seed, draws)
    if change is not None:
        yield change
        yield from _found(days, since, change.place, seed, draws)
        yield from _found(days, change.place, until, seed, draws)


def _strongest(days: Days, since: int, until: int, seed: int, draws: int) -> Change | None:
    """The strongest change between two places; none where chance could do it, or there are fewer than eight weeks."""
    these = days.between(since, until)
    begins = np.flatnonzero(np.diff(these.week, prepend=-1))
    if len(begins) < LEAST_WEEKS or not these.sums.shape[1] or not _inside(these).any():
        return None
    weeks = np.add.reduceat(these.deviations(), begins, axis=0)
    rng = np.random.default_rng(seed)
    spread = np.sqrt(np.sum(weeks**2, axis=0))
    scale = np.where(spread > 1e-9, spread, np.inf)
    found = _peaks(weeks) / scale
    highest = np.array([np.max(_peaks(weeks[rng.permutation(len(weeks))]) / scale) for _ in range(draws)])
    of_features = (1 + np.count_nonzero(highest[:, None] >= found[None, :] - 1e-12, axis=0)) / (1 + draws)
    strongest = int(np.argmax(found))
    if of_features[strongest] > LEVEL:
        return None
    return _dated(days, Change(since, since, until, 0, 0, 0, strongest, float(of_features[strongest]), of_features), since, until, seed)


def _dated(days: Days, change: Change, since: int, until: int, seed: int) -> Change:
    """A change with its day and the interval of that, as they are found between two places; as it was where these leave no day for it."""
    these = days.between(since, until)
    inside = _inside(these)
    if not inside.any():
        return change
    away = these.deviations()[:, change.strongest]
    place = int(_split(away, these.cases, inside))
    low, high = _interval(these, away, place, np.random.default_rng(seed))
    return replace(change, place=since + place, day=int(these.day[place]), low=_moved(these, place, low), high=_moved(these, place, high))


def _inside(these: Days) -> Flags:
    """The days that leave enough weeks on either side, and enough of these with cases, the first day of all never."""
    day, week = these.day, np.unique(these.week, return_inverse=True)[1]
    flags: Flags = (day - day[:1] >= 7 * _SIDE) & (day[-1:] - day >= 7 * _SIDE - 1) & (week >= _SIDE) & (week[-1:] - week >= _SIDE - 1)
    return flags


def _moved(these: Days, place: int, by: int) -> int:
    """The day that lies so many days from that of a place, of the weeks that have cases: a gap in the log is no time in which it could change."""
    weeks, at = np.unique(these.week), int(these.day[place]) + 3
    along = 7 * int(np.searchsorted(weeks, at // 7)) + at % 7 + by
    nearest = min(max(along // 7, 0), len(weeks) - 1)
    return 7 * int(weeks[nearest]) - 3 + along % 7


def _peaks(weeks: Floats) -> Floats:
    """The highest cumulated sum of each feature, over all weeks that leave enough on either side."""
    peaks: Floats = np.abs(np.cumsum(weeks, axis=0)[_SIDE - 1 : -_SIDE]).max(axis=0)
    return peaks


def _split(away: Floats, cases: Floats, allowed: Flags) -> Ints:
    """Where two means fit the deviations best, along the last axis: the place of the first day of the second, of those that are allowed."""
    before = np.cumsum(cases, axis=-1)[..., :-1]
    total = cases.sum(axis=-1, keepdims=True)
    summed = np.cumsum(away, axis=-1)[..., :-1] - before * away.sum(axis=-1, keepdims=True) / total
    gain = summed**2 / np.maximum(before * (total - before), 1.0)
    return np.asarray(np.argmax(np.where(allowed[..., 1:], gain, -1.0), axis=-1) + 1, dtype=np.int64)


def _interval(days: Days, away: Floats, place: int, rng: np.random.Generator) -> tuple[int, int]:
    """How many days earlier and later the change may lie: the weeks of either side are drawn anew, and the split is found again.

    The bootstrap of M. Hušková and C. Kirch 2008, here of whole weeks; the week in which it changes is in none of them. The limits are the
    farther ones of the errors and of the errors turned round, because the splits of small changes lie askew.
    """
    cut = days.week[place] if days.week[place] == days.week[place - 1] else -1
    sides = [_weeks(days, away, slice(None, place), cut), _weeks(days, away, slice(place, None), cut)]
    drawn = [side[:, rng.integers(0, side.shape[1], (_REPLICATES, side.shape[1]))] for side in sides]
    cases, sums = np.concatenate(drawn, axis=2).reshape(2, _REPLICATES, -1)
    along = np.arange(cases.shape[1])
    inside = (along >= 7 * _SIDE) & (along <= len(along) - 7 * _SIDE)
    errors = _split(sums, cases, (cases > 0) & inside) - 7 * sides[0].shape[1]
    low, high = (int(limit) for limit in np.quantile(errors, (0.025, 0.975), method="nearest"))
    return min(low, -high, 0), max(high, -low, 0)


def _weeks(days: Days, away: Floats, part: slice, cut: int) -> Floats:
    """The cases and deviations of a side, by week and day of the week, without one week."""
    week, day = days.week[part], days.day[part]
    names, codes = np.unique(week, return_inverse=True)
    found = np.zeros((2, len(names), 7))
    found[0, codes, (day + 3) % 7], found[1, codes, (day + 3) % 7] = days.cases[part], away[part]
    return found[:, names != cut]
