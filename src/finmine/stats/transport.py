"""How far apart two mixes of paths are: the earth mover's distance, over how much has to change in a path to become another.

The **ground distance** of two traces is Levenshtein's: the fewest activities to insert, drop or replace, divided by the length of
the longer one. The **earth mover's distance** is the least mean ground distance over all ways to turn the one mix into the other:
0 where both mixes are the same, 1 where no path has anything in common with one of the other side. It is never below nought, so
that two samples of one process lie apart, too; how far is told by giving the cases to the sides anew at random.

Sources: V. I. Levenshtein 1966; Y. Rubner, C. Tomasi and L. J. Guibas 2000; for processes S. J. J. Leemans, A. F. Syring and W. M. P. van der Aalst 2019.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from finmine.stats.sample import Flags, Floats, Ints

Way: TypeAlias = Literal[
    "all cases", "inside clusters", "whole clusters", "not permuted: some clusters are on both sides", "not permuted: too few clusters"
]

DRAWS = 199
_INSIDE = 0.8  # as in ``permuted``: the least share of the smaller side in clusters with both, for a permutation inside them
_TOGETHER, _MOST_TOGETHER = 4000, 40  # ways between traces, and distances, up to which one programme is faster than several
_LEAST_CLUSTERS = 5  # of either side, for a permutation of whole clusters that can tell anything


@dataclass(frozen=True, slots=True)
class Flow:
    """How much of the whole goes from one trace to another (by their places), and how far that is."""

    source: int
    target: int
    share: float
    distance: float


@dataclass(frozen=True, slots=True)
class Transport:
    """The earth mover's distance, and one cheapest plan."""

    distance: float
    flows: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """How far two sides are apart, what chance alone gives on average, and how often it gives as much; both missing where nothing was permuted."""

    transport: Transport
    by_chance: float | None
    p: float | None
    way: Way


def ground_distances(traces: Sequence[tuple[str, ...]]) -> Floats:
    """The normalised Levenshtein distance of every pair of traces."""
    codes: dict[str, int] = {}
    coded = [[codes.setdefault(label, len(codes)) for label in trace] for trace in traces]
    lengths = np.array([len(trace) for trace in coded])
    padded = np.full((len(coded), int(lengths.max(initial=0))), -1)
    for place, trace in enumerate(coded):
        padded[place, : len(trace)] = trace
    edits = np.array([_edits(trace, padded, lengths) for trace in coded]).reshape(len(coded), len(coded))
    longest: Floats = np.maximum(np.maximum(lengths[:, None], lengths[None, :]), 1)
    return edits / longest


def _edits(trace: Sequence[int], others: Ints, lengths: Ints) -> Ints:
    """Levenshtein's distance of a trace to each of the others: one row of the usual table at a time, for all of them at once."""
    along = np.arange(others.shape[1] + 1)
    row = np.tile(along, (len(others), 1))
    for place, activity in enumerate(trace, 1):
        best = np.minimum(row[:, 1:] + 1, row[:, :-1] + (others != activity))
        best = np.concatenate((np.full((len(others), 1), place), best), axis=1)
        row = np.minimum.accumulate(best - along, axis=1) + along  # insertions run along the row
    return np.asarray(row[np.arange(len(others)), lengths], dtype=np.int64)


def transport(first: Floats, second: Floats, costs: Floats) -> Transport:
    """The cheapest way to turn one distribution into another, by linear programming on the places that either has.

    Both are divided by their sums, which must not be nought.
    """
    ((distance, moved),) = _solved([(first, second)], costs)
    flows = (Flow(int(a), int(b), float(moved[a, b]), float(costs[a, b])) for a, b in zip(*np.nonzero(moved > 1e-9), strict=True))
    return Transport(distance, tuple(flows))


def _solved(pairs: Sequence[tuple[Floats, Floats]], costs: Floats) -> Iterator[tuple[float, Floats]]:
    """The distance and the plan of each pair of distributions, all solved as one programme, whose parts do not touch."""
    from scipy.optimize import linprog
    from scipy.sparse import csc_array

    held = [(first / first.sum(), second / second.sum()) for first, second in pairs]
    shapes = [(np.flatnonzero(first), np.flatnonzero(second)) for first, second in held]
    rows, prices, below = [], [], 0
    for sources, targets in shapes:
        ways = np.arange(len(sources) * len(targets))
        rows.append(
            below + np.stack((ways // len(targets), len(sources) + ways % len(targets)))
        )  # what leaves each source, and what comes to each target
        prices.append(costs[np.ix_(sources, targets)].ravel())
        below += len(sources) + len(targets)
    price, row = np.concatenate(prices), np.concatenate(rows, axis=1)
    sums = csc_array((np.ones(row.size), (row.ravel(), np.tile(np.arange(len(price)), 2))), shape=(below, len(price)))
    masses = np.concatenate([part[places] for both, ends in zip(held, shapes, strict=True) for part, places in zip(both, ends, strict=True)])
    found = linprog(price, A_eq=sums, b_eq=masses, method="highs").x
    for (sources, targets), part in zip(shapes, np.split(found, np.cumsum([len(one) for one in prices])[:-1]), strict=True):
        moved = np.zeros_like(costs)
        moved[np.ix_(sources, targets)] = part.reshape(len(sources), len(targets))
        yield max(float(np.sum(moved * costs)), 0.0), moved


def _distances(pairs: Sequence[tuple[Floats, Floats]], costs: Floats) -> Floats:
    """The distance of each pair of distributions, several solved together where they are small."""
    together = min(max(1, _TOGETHER // max(costs.size, 1)), _MOST_TOGETHER)
    batches = (pairs[place : place + together] for place in range(0, len(pairs), together))
    return np.array([distance for batch in batches for distance, _ in _solved(batch, costs)])


def apart(traces: Ints, first: Flags, costs: Floats, clusters: Ints | None, *, seed: int, draws: int = DRAWS) -> Apart:
    """How far the flagged cases and the others are apart, each case being of the trace with that place in the distances.

    Without clusters (numbered from 0) the cases are permuted; else inside clusters where most of the smaller side lies in clusters
    with both sides, and whole clusters where none holds both.
    """
    count = len(costs)
    ours, theirs = (np.bincount(traces[group], minlength=count) for group in (first, ~first))
    found = transport(ours.astype(float), theirs.astype(float), costs)
    drawn, way = _drawn(traces, first, clusters, count, np.random.default_rng(seed), draws)
    chance = _distances([(one.astype(float), (ours + theirs - one).astype(float)) for one in drawn], costs)
    if not len(chance):
        return Apart(found, None, None, way)
    p = (1 + int(np.count_nonzero(chance >= found.distance - 1e-9))) / (1 + len(chance))
    return Apart(found, float(chance.mean()), p, way)


def _drawn(traces: Ints, first: Flags, clusters: Ints | None, count: int, rng: np.random.Generator, draws: int) -> tuple[Ints, Way]:
    """How many cases of each trace the first side has when the sides are given anew, and how they are."""
    several = None if clusters is None or len(np.unique(clusters)) == len(clusters) else clusters
    if several is None:
        return rng.multivariate_hypergeometric(np.bincount(traces, minlength=count), int(first.sum()), draws), "all cases"
    held = np.zeros((int(several.max()) + 1, count), dtype=np.int64)
    np.add.at(held, (several, traces), 1)
    sizes, ours = held.sum(axis=1), np.bincount(several[first], minlength=len(held))
    both = (ours > 0) & (ours < sizes)
    smaller = ours if 2 * ours.sum() <= sizes.sum() else sizes - ours
    if smaller[both].sum() >= _INSIDE * smaller.sum():
        inside = np.tile(held[ours == sizes].sum(axis=0), (draws, 1))
        for place in np.flatnonzero(both):
            inside += rng.multivariate_hypergeometric(held[place], int(ours[place]), draws)
        return inside, "inside clusters"
    of_first = ours[sizes > 0] > 0
    nothing = np.empty((0, count), dtype=np.int64)
    if both.any():
        return nothing, "not permuted: some clusters are on both sides"
    if min(of_first.sum(), (~of_first).sum()) < _LEAST_CLUSTERS:
        return nothing, "not permuted: too few clusters"
    return np.array([held[sizes > 0][rng.permutation(of_first)].sum(axis=0) for _ in range(draws)]), "whole clusters"
