"""Several groups compared by their ranks, all at once and then each with each.

The test of W. H. Kruskal and W. A. Wallis (1952) asks whether any group has larger values than another; **ε²**, its statistic
divided by n − 1, is the share of the variation of ranks that the groups explain (T. W. Tomczak and E. Tomczak 2014). O. J. Dunn's
test (1964) compares mean ranks pair by pair within the ranks of all, with the same correction for ties. Both take values as
independent; where they stand in clusters, whole clusters are given anew, and pairs are compared by the test for whole clusters.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from finmine.stats.discoveries import adjusted
from finmine.stats.given_anew import given_anew
from finmine.stats.sample import Floats, Ints, Sample
from finmine.stats.two_groups import Comparison, compare

DRAWS = 999
_MOST_VALUES = 5_000_000  # that are drawn at once, and a tenth of those that are drawn in all, but for 199 draws


@dataclass(frozen=True, slots=True)
class ManyGroups:
    """The groups (sizes and mean ranks in the order of their codes), Kruskal and Wallis's statistic, its p-value, and ε²."""

    sizes: tuple[int, ...]
    mean_ranks: tuple[float, ...]
    statistic: float
    p: float
    epsilon_squared: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two groups by their codes: how the first compares with the second alone, and the p-value, by itself and adjusted over all pairs."""

    first: int
    second: int
    compared: Comparison
    p: float
    q: float


def many_groups(sample: Sample, codes: Ints) -> ManyGroups:
    """Compare the groups of a sample; ``codes``, in its order, number the groups from 0 without a gap."""
    from scipy.stats import chi2

    n, sizes = len(codes), np.bincount(codes)
    means: Floats = np.bincount(codes, sample.ranks) / sizes
    statistic = (n - 1) * float(sizes @ (means - (n + 1) / 2) ** 2) / sample.spread if sample.spread else 0.0
    p = float(chi2.sf(statistic, len(sizes) - 1)) if len(sizes) > 1 and sample.spread else 1.0
    return ManyGroups(tuple(sizes.tolist()), tuple(means.tolist()), statistic, p, statistic / (n - 1) if n > 1 else 0.0)


def permuted_clusters(sample: Sample, codes: Ints, *, seed: int) -> tuple[float, int]:
    """How often chance parts the groups as far when whole clusters are given anew, and how many times they were: fewer for many values."""
    n, sizes, rng = len(codes), np.bincount(codes), np.random.default_rng(seed)
    draws = min(DRAWS, max(199, 10 * _MOST_VALUES // n))
    found, as_far, at_once = _explained(sample.ranks[:, None], codes, sizes)[0], 0, max(1, _MOST_VALUES // n)
    for begin in range(0, draws, at_once):
        drawn = given_anew(sample.ranks, sample.clusters, min(at_once, draws - begin), rng)
        as_far += int(np.count_nonzero(_explained(drawn, codes, sizes) >= found * (1 - 1e-9)))
    return (1 + as_far) / (1 + draws), draws


def _explained(drawn: Floats, codes: Ints, sizes: Ints) -> Floats:
    """The share of the variation of each column that lies between the groups."""
    centred = drawn - drawn.mean(axis=0)
    order = np.argsort(codes, kind="stable")
    sums = np.add.reduceat(centred[order], np.cumsum(sizes) - sizes, axis=0)
    whole = (centred**2).sum(axis=0)
    shares: Floats = np.divide((sums**2 / sizes[:, None]).sum(axis=0), whole, out=np.zeros(len(whole)), where=whole > 0)
    return shares


def pairs(sample: Sample, codes: Ints) -> tuple[Pair, ...]:
    """Each pair of groups: by Dunn's test where values are independent, else by the test for whole clusters of the two alone."""
    found = many_groups(sample, codes)
    told = []
    for one, other in combinations(range(len(found.sizes)), 2):
        here = np.flatnonzero((codes == one) | (codes == other))
        clusters = None if sample.single else np.unique(sample.clusters[here], return_inverse=True)[1].astype(np.int64)
        alone = compare(Sample.of(sample.values[here], clusters), codes[here] == one)  # values in ascending order stay so
        told.append((one, other, alone, _dunn(found, sample.spread, one, other) if sample.single else alone.p))
    q = adjusted([p for *_, p in told])
    return tuple(Pair(*pair, float(of_all)) for pair, of_all in zip(told, q, strict=True))


def _dunn(found: ManyGroups, spread: float, one: int, other: int) -> float:
    """Dunn's p-value of two groups; ``spread`` is the sum of the squares of the distances of all ranks from their mean."""
    from scipy.stats import norm

    error = (spread / (sum(found.sizes) - 1) * (1 / found.sizes[one] + 1 / found.sizes[other])) ** 0.5
    away = abs(found.mean_ranks[one] - found.mean_ranks[other])
    return float(2 * norm.sf(away / error)) if error > 0 else 1.0
