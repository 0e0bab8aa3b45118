"""Two groups compared without assuming a distribution: the chance that one is larger, and by how much.

The **chance of being larger** is P(x > y) + ½ P(x = y) for one value of either group; Cliff's δ is twice that less one. The
**shift** is the Hodges–Lehmann estimate: the median of all differences between a value of the first group and one of the
second. Values of one vendor, day or month are not independent, so tests and intervals take the **cluster** of each value and
move whole clusters; where values are independent each is a cluster of its own, and the test is that of Brunner and Munzel.

Sources: H. B. Mann and D. R. Whitney 1947; J. L. Hodges and E. L. Lehmann 1963; N. Cliff 1993; E. Brunner and U. Munzel
2000; for clusters B. Rosner and R. J. Glynn 2009; for the bootstrap of an estimating function F. Hu and J. D. Kalbfleisch 2000.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Literal, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from finmine.stats.differences import kth_difference, median_difference
from finmine.stats.estimate import Estimate
from finmine.stats.replicates import Draws, crossings, interval_of
from finmine.stats.sample import Flags, Floats, Ints, Sample

_Number = TypeVar("_Number", bound=np.generic)
Size: TypeAlias = Literal["negligible", "small", "medium", "large"]

_GRID = np.linspace(-1.0, 1.0, 41)
_FARTHEST = 0.475  # from a half: the outermost fortieth of the differences, as of one wrong date, sets no grid
_MOST = 2000  # values of a group that is thinned
_LARGE = 20_000  # values from which on an interval looks at their deviations once
_SIZES: tuple[tuple[float, Size], ...] = ((0.147, "negligible"), (0.33, "small"), (0.474, "medium"))


def size_of(delta: float) -> Size:
    """The usual word for the size of Cliff's δ (J. Romano and others 2006)."""
    return next((word for limit, word in _SIZES if abs(delta) < limit), "large")


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two groups differ: sizes, Cliff's δ (above zero where the first is larger), and the p-value of "neither is larger".

    ``clusters`` is the number of clusters in that group which occurs in fewer of them; ``error`` and ``freedom`` are those of δ.
    """

    n_first: int
    n_second: int
    delta: float
    p: float
    clusters: int
    error: float
    freedom: float

    def interval(self) -> Estimate:
        """δ with its interval by Student's t; for values that are 0 or 1 it is the difference of the two rates."""
        from scipy.stats import t

        reach = float(t.ppf(0.975, self.freedom)) * self.error
        method = "Cliff's δ, cluster-robust interval"
        return Estimate(self.delta, max(-1.0, self.delta - reach), min(1.0, self.delta + reach), self.n_first + self.n_second, method)


def compare(sample: Sample, first: Flags) -> Comparison:
    """Cliff's δ of the flagged values against the others, tested as by ``compare_at``."""
    return compare_at(sample, np.flatnonzero(first))


def compare_at(sample: Sample, places: Ints) -> Comparison:
    """Cliff's δ of the values at these (ascending) places against the others, with Brunner and Munzel's test for whole clusters.

    Its degrees of freedom are those of the group in fewer clusters. Where each value is a cluster of its own they are Satterthwaite's, and
    p is not below Mann and Whitney's, because a few values can lie close together by chance. Where the groups do not overlap, the
    test knows no error; p is then that of all ways to give the groups to the clusters.
    """
    from scipy.special import ndtr, stdtr

    n = len(places), len(sample.values) - len(places)
    if sample.single:
        chance, spreads = _of_single(sample, places)
        alone, held, together = [spread / max(many - 1, 1) for spread, many in zip(spreads, n, strict=True)], list(n), 0.0
    else:
        chance, parts, held = _of_clusters(sample, places)
        alone, together = [float(part @ part) for part in parts], 2 * float(parts[0] @ parts[1])
    error = float(np.sqrt(sum(alone) + together))
    freedom = float(max(min(held) - 1, 1))
    if error < 1e-12:
        p = 1.0 if chance == 0.5 else min(1.0, 2 / comb(held[0] + held[1], held[0]))
        return Comparison(*n, 2 * chance - 1, p, min(held), 2 * error, freedom)
    if sample.single:
        freedom = sum(alone) ** 2 / sum(one**2 / max(there - 1, 1) for one, there in zip(alone, held, strict=True))
    p = float(2 * stdtr(freedom, -abs(chance - 0.5) / error))
    if sample.single:
        by_ranks = float(np.sqrt(sample.spread / (n[0] * n[1] * (n[0] + n[1]) * (n[0] + n[1] - 1))))
        p = max(p, float(2 * ndtr(-abs(chance - 0.5) / by_ranks)))
    return Comparison(*n, 2 * chance - 1, p, min(held), 2 * error, freedom)


def _of_clusters(sample: Sample, places: Ints) -> tuple[float, list[Floats], list[int]]:
    """The chance, what each cluster adds to its deviation in either group, and how many clusters these lie in."""
    n_first, n_second = len(places), len(sample.values) - len(places)
    among = sample.placed(places)
    of_first = (sample.ranks[places] - 0.5 - among[places]) / n_second
    chance = float(of_first.mean())
    inside = sample.clusters[places]
    ours = np.bincount(inside, minlength=sample.count)
    others = sample.sizes - ours
    below = np.bincount(sample.clusters, among, sample.count) - np.bincount(inside, among[places], sample.count)
    sums = (np.bincount(inside, of_first - chance, sample.count), others * (1 - chance) - below / n_first)
    held = [int(np.count_nonzero(ours)), int(np.count_nonzero(others))]
    parts: list[Floats] = [one / many * np.sqrt(there / max(there - 1, 1)) for one, many, there in zip(sums, (n_first, n_second), held, strict=True)]
    return chance, parts, held


def _of_single(sample: Sample, places: Ints) -> tuple[float, list[float]]:
    """The chance, and the variance of the placements of either group, in a time that grows with the first group only."""
    every = sample.begins[places]
    new = np.flatnonzero(np.concatenate(([True], every[1:] != every[:-1])))  # the sets of equal values that the group is in begin there
    below = np.concatenate((new, [len(places)]))
    begins, own = every[new], np.diff(below)
    ends = sample.ends[places[below[1:] - 1]]
    n_first, n_second = len(places), len(sample.values) - len(places)
    of_first = ((begins + ends) / 2 - below[:-1] - own / 2) / n_second
    chance = float(own @ of_first) / n_first
    among = np.concatenate((below[:-1] + own / 2, below)) / n_first  # how the others are placed: beside the group's values, and between them
    others = np.concatenate((ends - begins - own, np.diff(np.concatenate(([0], np.stack((begins, ends), 1).ravel(), [len(sample.values)])))[::2]))
    return chance, [float(own @ (of_first - chance) ** 2) / n_first, float(others @ (1 - among - chance) ** 2) / n_second]


def rank_test(sample: Sample, first: Flags) -> float:
    """Mann and Whitney's p-value, which takes values as independent whatever their clusters."""
    from scipy.stats import mannwhitneyu

    return float(mannwhitneyu(sample.values[first], sample.values[~first]).pvalue)


def shift(sample: Sample, first: Flags) -> float:
    """The Hodges–Lehmann shift of the flagged values against the others: the exact median of all their differences."""
    return median_difference(sample.values[first], sample.values[~first])


def rough_shift(sample: Sample, places: Ints) -> float:
    """The shift of the values at these (ascending) places against the others, both thinned to at most 400 evenly spaced values.

    Near enough to rank by, and exact for smaller groups.
    """
    before = places - np.arange(len(places))  # how many of the others stand before each
    others = _thinned(np.arange(len(sample.values) - len(places)), 400)
    return median_difference(sample.values[_thinned(places, 400)], sample.values[others + np.searchsorted(before, others, "right")])


def shift_limits(sample: Sample, first: Flags) -> Estimate:
    """The shift between the shifts that the test for whole clusters does not reject: no draws, but for few values less near than the bootstrap."""
    from scipy.stats import t

    x, y = sample.values[first], sample.values[~first]
    middle = median_difference(x, y)
    moved = Sample.of(np.where(first, sample.values - middle, sample.values), None if sample.single else sample.clusters)
    found = compare(moved, first[moved.order])
    away = min(float(t.ppf(0.975, found.freedom)) * found.error / 2, 0.4999)
    total = len(x) * len(y)
    low, high = (kth_difference(x, y, min(max(1, round((0.5 + sign * away) * total)), total)) for sign in (-1, 1))
    return Estimate(middle, low, high, len(sample.values), "Hodges–Lehmann shift, limits of the cluster-robust rank test")


def shift_interval(sample: Sample, first: Flags, draws: Draws) -> Estimate:
    """The shift with an interval from resampling whole clusters.

    Every replicate draws as many clusters as there are, with repetition, and solves its own estimating equation "half of
    all differences lie above the shift", linearised in the clusters (Hájek's projection).
    """
    x, y = sample.values[first], sample.values[~first]
    middle, n = median_difference(x, y), len(sample.values)
    method = "Hodges–Lehmann shift, bootstrap of whole clusters"
    of_x, of_y = draws.clusters[first], draws.clusters[~first]
    held = min(len(np.unique(group)) for group in (of_x, of_y))
    if held < 2:
        return Estimate(middle, None, None, n, method)
    shifts = middle + _reach(x, y, middle, of_x, of_y, draws.count) * _GRID
    few_x, few_y = _thinned(x), _thinned(y)
    levels = np.array([_placements(few_x - moved, few_y).mean() for moved in shifts])
    deviations = _deviations(draws, x, y, first, shifts if n <= _LARGE else np.array([middle]))
    chances = levels[:, None] + deviations  # of many values the deviations are the same all over this short way
    found = crossings(shifts, chances[:, np.isfinite(chances).all(axis=0)], 0.5)
    return Estimate(middle, *interval_of(middle, found, held), n, method)


def _placements(these: Floats, others: Floats) -> Floats:
    """For each value the share of the (ascending) others below it, equal ones counting half."""
    return (np.searchsorted(others, these, "left") + np.searchsorted(others, these, "right")) / (2 * len(others))


def _reach(x: Floats, y: Floats, middle: float, of_x: Ints, of_y: Ints, count: int) -> float:
    """How far from the shift replicates may lie: where the chance is six cluster-robust errors away from a half."""
    above, below = _placements(x - middle, y), 1 - _placements(y + middle, x)
    parts: Floats = np.bincount(of_x, above - above.mean(), count) / len(x)
    parts = parts + np.bincount(of_y, below - below.mean(), count) / len(y)
    away = min(6 * float(np.sqrt(np.sum(parts**2))), _FARTHEST)
    if away == 0:
        return 0.0
    x, y = _thinned(x), _thinned(y)
    total = len(x) * len(y)
    ends = (kth_difference(x, y, max(1, int((0.5 + sign * away) * total))) for sign in (-1, 1))
    return max(abs(end - middle) for end in ends)


def _deviations(draws: Draws, x: Floats, y: Floats, first: Flags, shifts: Floats) -> Floats:
    """How far the chance of each replicate lies from that of all at each of the shifts; missing where no cluster of a group was drawn."""
    of_x, of_y, count = draws.clusters[first], draws.clusters[~first], draws.count
    above, below = np.empty((len(shifts), count)), np.empty((len(shifts), count))
    for place, moved in enumerate(shifts):
        placed = _placements(x - moved, y)
        chance = placed.mean()
        above[place] = np.bincount(of_x, placed - chance, count)
        below[place] = np.bincount(of_y, 1 - _placements(y + moved, x) - chance, count)
    with np.errstate(invalid="ignore"):
        found: Floats = above @ draws.drawn.T / (draws.drawn @ np.bincount(of_x, minlength=count).astype(float))
        found += below @ draws.drawn.T / (draws.drawn @ np.bincount(of_y, minlength=count).astype(float))
    return found


def _thinned(values: npt.NDArray[_Number], most: int = _MOST) -> npt.NDArray[_Number]:
    if len(values) <= most:
        return values
    places = ((np.arange(most) + 0.5) * len(values) / most).astype(np.int64)
    return values[places]
