"""Replicates of an estimating equation: clusters drawn again and again, where each draw's equation is solved, and the interval of that.

Source: F. Hu and J. D. Kalbfleisch 2000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from finmine.stats.sample import Floats, Ints, Sample

REPLICATES = 1000
_MOST_CLUSTERS = 500  # of a bootstrap: more are joined at random into so many, which leaves the error of their sum what it is


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """How often each cluster (columns) is drawn in each replicate (rows), made once for all intervals within a sample.

    ``clusters`` has the code of each value, and ``count`` is their number: where there are more than a bootstrap takes they are
    joined at random.
    """

    clusters: Ints
    count: int
    drawn: Floats

    @classmethod
    def of(cls, sample: Sample, *, seed: int, replicates: int = REPLICATES) -> Self:
        """As many clusters as there are, with repetition, again and again."""
        rng = np.random.default_rng(seed)
        clusters, count = sample.clusters, sample.count
        if count > _MOST_CLUSTERS:
            clusters, count = (rng.permutation(count) % _MOST_CLUSTERS)[clusters], _MOST_CLUSTERS
        return cls(clusters, count, rng.multinomial(count, np.full(count, 1 / count), replicates).astype(float))


def crossings(grid: Floats, lines: Floats, level: float) -> Floats:
    """Where each line (a column, falling along the grid) passes the level, between two points of the grid or at its end."""
    passed = lines <= level
    below = np.argmax(passed, axis=0)
    below[~passed.any(axis=0)] = len(grid) - 1
    after = np.maximum(below, 1)
    columns = np.arange(lines.shape[1])
    high, low = lines[after - 1, columns], lines[after, columns]
    part = np.divide(high - level, high - low, out=np.zeros(len(columns)), where=high != low)
    found: Floats = grid[after - 1] + np.clip(part, 0.0, 1.0) * (grid[after] - grid[after - 1])
    return found


def interval_of(middle: float, found: Floats, held: int) -> tuple[float, float]:
    """The 2.5 % and 97.5 % points of the replicates, moved away from the middle for few clusters.

    They move by the factor by which the quantile of Student's t for the ``held`` clusters exceeds the normal one: resampling few
    clusters gives too short an interval.
    """
    from scipy.stats import norm, t

    widened = float(t.ppf(0.975, held - 1) / norm.ppf(0.975))
    low, high = (middle + widened * (float(limit) - middle) for limit in np.quantile(found, (0.025, 0.975)))
    return min(low, middle), max(high, middle)
