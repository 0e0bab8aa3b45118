"""Several groups compared by their ranks, all at once and then each with each.

The test of W. H. Kruskal and W. A. Wallis (1952) asks whether any group has larger values than another; **ε²**, its statistic
divided by n − 1, is the share of the variation of ranks that the groups explain (T. W. Tomczak and E. Tomczak 2014). O. J. Dunn's
test (1964) compares mean ranks pair by pair within the ranks of all, with the same correction for ties; its
p-values are adjusted over all pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from finmine.stats.sample import Floats, Ints, Sample


@dataclass(frozen=True, slots=True)
class ManyGroups:
    """The groups (sizes and mean ranks in the order of their codes), Kruskal and Wallis's statistic, its p-value, and ε²."""

    sizes: tuple[int, ...]
    mean_ranks: tuple[float, ...]
    statistic: float
    p: float
    epsilon_squared: float


def many_groups(sample: Sample, codes: Ints) -> ManyGroups:
    """Compare the groups of a sample; ``codes``, in its order, number the groups from 0 without a gap."""
    from scipy.stats import chi2

    n, sizes, means = len(codes), np.bincount(codes), mean_ranks(sample, codes)
    if len(sizes) < 2 or sample.spread == 0:
        return ManyGroups(tuple(sizes.tolist()), tuple(means.tolist()), 0.0, 1.0, 0.0)
    statistic = (n - 1) * float(sizes @ (means - (n + 1) / 2) ** 2) / sample.spread
    return ManyGroups(tuple(sizes.tolist()), tuple(means.tolist()), statistic, float(chi2.sf(statistic, len(sizes) - 1)), statistic / (n - 1))


def mean_ranks(sample: Sample, codes: Ints) -> Floats:
    """The mean rank of each group."""
    means: Floats = np.bincount(codes, sample.ranks) / np.bincount(codes)
    return means


def dunn(found: ManyGroups, spread: float) -> list[tuple[int, int, float]]:
    """Dunn's p-value of each pair of groups, before it is adjusted; ``spread`` is that of the sample."""
    from scipy.stats import norm

    n = sum(found.sizes)
    variance = spread / (n - 1) if n > 1 else 0.0
    pairs = []
    for one, other in combinations(range(len(found.sizes)), 2):
        error = (variance * (1 / found.sizes[one] + 1 / found.sizes[other])) ** 0.5
        away = abs(found.mean_ranks[one] - found.mean_ranks[other])
        pairs.append((one, other, float(2 * norm.sf(away / error)) if error > 0 else 1.0))
    return pairs
