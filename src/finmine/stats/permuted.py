"""How often chance alone would part two groups as far as they are: the groups are given anew at random, and clusters stay whole.

Where independent values stand in no clusters, the group is permuted over all of them. Where it differs **inside** clusters, it is
permuted inside each, so that what the clusters have in common explains nothing. Where it is the same for all values of a
cluster, **whole clusters** get it anew; where most clusters are of that kind but not all, the share of the group in a cluster
is permuted over the clusters against the cluster's mean rank. Permuting values over clusters would find something in every other log.

The permutation inside clusters is told by its exact mean and variance (as in P. van Elteren 1960), that of clusters by random draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from finmine.stats.sample import Flags, Sample

Way: TypeAlias = Literal["all cases", "inside clusters", "whole clusters", "means of clusters"]

DRAWS = 1999
_INSIDE = 0.8  # the least share of the smaller group that lies in clusters with both groups, for a permutation inside them


@dataclass(frozen=True, slots=True)
class Permuted:
    """A p-value from permutation, and what was permuted."""

    p: float
    way: Way


def permuted(sample: Sample, first: Flags, *, seed: int, draws: int = DRAWS) -> Permuted:
    """The p-value of the difference in mean rank of the flagged values and the others."""
    if sample.single:
        return Permuted(_inside(sample, first, one_block=True), "all cases")
    count = sample.count
    sizes, ours = np.bincount(sample.clusters, minlength=count), np.bincount(sample.clusters[first], minlength=count)
    both = (ours > 0) & (ours < sizes)
    smaller = ours if 2 * ours.sum() <= sizes.sum() else sizes - ours
    if smaller[both].sum() >= _INSIDE * smaller.sum():
        return Permuted(_inside(sample, first), "inside clusters")
    means, shares = np.bincount(sample.clusters, sample.ranks, count) / sizes, ours / sizes
    rng = np.random.default_rng(seed)
    away, centred = means - means.mean(), shares - shares.mean()
    found = abs(float(centred @ away))
    drawn = np.array([abs(float(rng.permutation(centred) @ away)) for _ in range(draws)])
    p = (1 + int(np.sum(drawn >= found * (1 - 1e-12)))) / (1 + draws)
    return Permuted(p, "means of clusters" if both.any() else "whole clusters")


def _inside(sample: Sample, first: Flags, one_block: bool = False) -> float:
    """The p-value of the sum of the group's ranks when the group is permuted inside each cluster, or over all values as one block."""
    from scipy.stats import norm

    blocks = np.zeros(len(sample.values), dtype=np.int64) if one_block else sample.clusters
    ranks = sample.ranks
    sizes, ours = np.bincount(blocks), np.bincount(blocks[first], minlength=int(blocks.max()) + 1)
    means = np.bincount(blocks, ranks) / sizes
    away = ranks - means[blocks]
    squares = np.bincount(blocks, away**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        variances = np.where(sizes > 1, ours * (sizes - ours) / sizes * squares / (sizes - 1), 0.0)
    error = float(np.sqrt(variances.sum()))
    return float(2 * norm.sf(abs(float(away[first].sum())) / error)) if error > 0 else 1.0
