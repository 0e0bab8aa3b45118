"""How sure a ranking by total time is: the ranks of edges and activities when whole clusters of cases are drawn anew.

In each draw as many clusters as there are (single cases, where nothing else is asked) are drawn with replacement, their times are
added up anew, and the edges and activities are ranked: one more than there are with more time, so that equals share a rank. The
interval of a rank leaves out a fortieth of its draws at either end (rounded down).

Sums are of whole numbers and therefore the same on every machine; where they could pass 64 bits, times are first divided by
the power of two with which they cannot.

Source: B. Efron, Bootstrap methods: another look at the jackknife, Annals of Statistics 7, 1979 (the percentile interval).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Whole: TypeAlias = npt.NDArray[np.int64]
Arrays: TypeAlias = Mapping[str, Whole]

EDGE, ACTIVITY = 0, 1
_OUTER = 0.025  # the share of the draws that lies beyond either end of an interval


@dataclass(frozen=True, slots=True)
class Draws:
    """How often clusters are drawn anew, and the seed of the draws."""

    number: int = 500
    seed: int = 1

    def said(self) -> str:
        """The function with its parameters, as evidence names it."""
        return f"kernels.rank_intervals.rank_intervals(how=Draws(number={self.number}, seed={self.seed}))"


def rank_intervals(lent: Arrays, how: Draws) -> Arrays:
    """For each edge and each activity (``kind``) the interval of its rank: low, high.

    Args:
        lent: one row for each cluster and edge, in the order of ``target``, ``source`` and ``cluster``, with its ``time``.
        how: the number of draws and their seed.
    """
    if not len(lent["time"]):
        return {name: np.zeros(0, dtype=np.int64) for name in ("kind", "source", "target", "low", "high")}
    clusters, place = np.unique(lent["cluster"], return_inverse=True)
    edges = _first(lent["source"], lent["target"])
    time = _bounded(lent["time"], len(clusters) * len(edges))
    source, target = lent["source"][edges], lent["target"][edges]
    activities = _first(target)
    ranks = np.empty((how.number, len(edges) + len(activities)), dtype=np.int64)
    chance = np.random.default_rng(how.seed)
    for draw in range(how.number):
        weight = np.bincount(chance.integers(len(clusters), size=len(clusters)), minlength=len(clusters))
        of_edges = np.add.reduceat(weight[place] * time, edges)
        ranks[draw, : len(edges)] = _ranked(of_edges)
        ranks[draw, len(edges) :] = _ranked(np.add.reduceat(of_edges, activities))
    ranks.sort(axis=0)
    outer = int(_OUTER * (how.number - 1))  # the draws beyond either end
    return {
        "kind": np.repeat(np.array((EDGE, ACTIVITY), dtype=np.int64), (len(edges), len(activities))),
        "source": np.concatenate((source, np.full(len(activities), -1, dtype=np.int64))),
        "target": np.concatenate((target, target[activities])),
        "low": ranks[outer],
        "high": ranks[-1 - outer],
    }


def _bounded(time: Whole, summands: int) -> Whole:
    """Times so small that the sum of so many stays within 64 bits."""
    largest = int(np.abs(time).max()) * summands
    return time >> max(0, largest.bit_length() - 62)


def _first(*columns: Whole) -> npt.NDArray[np.intp]:
    """Where each run of equal rows begins."""
    changed = np.zeros(len(columns[0]), dtype=bool)
    changed[0] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changed)


def _ranked(totals: Whole) -> Whole:
    """The rank of each total: one more than there are greater ones."""
    ranks: Whole = len(totals) - np.searchsorted(np.sort(totals), totals, side="right") + 1
    return ranks
