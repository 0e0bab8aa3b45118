"""Two windows of time against each other: how different are the steps and the times of their cases, and could chance do it?

Steps of one case are not independent of one another, so a χ² test of their counts is wrong: with loops it calls every third pair of
windows of one process different at 5 %. **Cases** are permuted between the windows instead.
"""

from __future__ import annotations

import numpy as np

from finmine.stats.sample import Flags, Floats, Ints

_CELLS = 4_000_000  # flags that are permuted at once
MOST_PERMUTED = 4000
"""Cases of two windows up to which their times are permuted; of more the limiting distribution is near enough."""


def total_variation(first: Floats, second: Floats) -> float:
    """Half of what the shares of two counts differ by in all: 0 where they are the same, 1 where they have nothing in common."""
    return float(np.abs(first / first.sum() - second / second.sum()).sum()) / 2


def steps_apart(first: Ints, second: Ints, steps: Floats, *, rng: np.random.Generator, draws: int) -> tuple[float, float]:
    """The total variation between the steps of two windows, and p when cases are permuted between them.

    ``first`` and ``second`` count the cases of each path, ``steps`` the steps of each kind (columns) of a path (rows).
    """
    there = np.flatnonzero(first + second)
    ours, whole, steps = first[there], (first + second)[there], steps[there]
    found = total_variation(ours @ steps, (whole - ours) @ steps)
    drawn = rng.multivariate_hypergeometric(whole, int(ours.sum()), draws)
    sums, every = drawn @ steps, whole @ steps
    shares, others = sums / sums.sum(axis=1, keepdims=True), (every - sums) / (every - sums).sum(axis=1, keepdims=True)
    chance = np.abs(shares - others).sum(axis=1) / 2
    return found, (1 + int(np.count_nonzero(chance >= found - 1e-12))) / (1 + draws)


def counts_apart(first: Flags, counts: Floats, *, rng: np.random.Generator, draws: int) -> tuple[float, float]:
    """The total variation between what the flagged cases and the others add up to, and p when cases are permuted between the two.

    ``counts`` has for each case (rows) how often it has each thing (columns).
    """
    every = counts.sum(axis=0)
    found = total_variation(first @ counts, every - first @ counts)
    passed, block = 0, max(1, _CELLS // len(first))
    for begin in range(0, draws, block):
        drawn = rng.permuted(np.tile(first, (min(block, draws - begin), 1)), axis=1) @ counts
        sums, others = drawn.sum(axis=1, keepdims=True), (every - drawn).sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore"):
            chance = np.abs(drawn / sums - (every - drawn) / others).sum(axis=1) / 2
        passed += int(np.count_nonzero(~(chance < found - 1e-12)))
    return found, (1 + passed) / (1 + draws)


def times_apart(first: Floats, second: Floats, *, rng: np.random.Generator, draws: int) -> float:
    """The p-value of Cramér and von Mises that times of two windows have one distribution, by permuting cases (T. W. Anderson 1962)."""
    if len(first) + len(second) > MOST_PERMUTED:
        from scipy.stats import cramervonmises_2samp

        return float(cramervonmises_2samp(first, second, method="asymptotic").pvalue)
    pooled = np.concatenate((first, second))
    order = np.argsort(pooled, kind="stable")
    last = np.append(np.diff(pooled[order]) > 0, True)
    weights = np.diff(np.flatnonzero(last), prepend=-1)
    flags = np.zeros(len(pooled))
    flags[order.argsort()[: len(first)]] = 1
    found = _apart(flags[None, :], last, weights, len(first))[0]
    chance = _apart(rng.permuted(np.tile(flags, (draws, 1)), axis=1), last, weights, len(first))
    return (1 + int(np.count_nonzero(chance >= found * (1 - 1e-6)))) / (1 + draws)


def _apart(flags: Floats, last: Flags, weights: Ints, ours: int) -> Floats:
    """The sum of the squared distances of the two empirical distributions, at every value of either."""
    below = np.cumsum(flags, axis=1)[:, last]
    distances: Floats = below / ours - (np.cumsum(weights) - below) / (flags.shape[1] - ours)
    return np.asarray(distances**2 @ weights, dtype=np.float64)
