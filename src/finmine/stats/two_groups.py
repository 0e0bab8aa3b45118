"""Two groups compared without assuming a distribution: the chance that one is larger, and by how much.

The **chance of being larger** is P(x > y) + ½ P(x = y) for one value of either group; Cliff's δ is twice that less one. The
**shift** is the Hodges–Lehmann estimate: the median of all differences between a value of the first group and one of the
second. Values of one vendor, day or month are not independent, so tests and intervals take the **cluster** of each value and
move whole clusters; where values are independent each is a cluster of its own, and the test is that of Brunner and Munzel.

Sources: H. B. Mann and D. R. Whitney 1947; J. L. Hodges and E. L. Lehmann 1963; N. Cliff 1993; E. Brunner and U. Munzel
2000; for clusters B. Rosner and R. J. Glynn 2009.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Literal, TypeAlias

import numpy as np

from finmine.stats.differences import kth_difference, median_difference, thinned
from finmine.stats.estimate import Estimate
from finmine.stats.sample import Flags, Floats, Ints, Sample

Size: TypeAlias = Literal["negligible", "small", "medium", "large"]

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
    others = thinned(np.arange(len(sample.values) - len(places)), 400)
    return median_difference(sample.values[thinned(places, 400)], sample.values[others + np.searchsorted(before, others, "right")])


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
