"""The interval of the shift between two groups, by resampling whole clusters.

Sources: for the bootstrap of an estimating function F. Hu and J. D. Kalbfleisch 2000; for the projection J. Hájek 1968.
"""

from __future__ import annotations

import numpy as np

from finmine.stats.differences import kth_difference, median_difference, thinned
from finmine.stats.estimate import Estimate
from finmine.stats.replicates import Draws, crossings, interval_of
from finmine.stats.sample import Flags, Floats, Ints, Sample

_STEPS = 20  # on either side of the shift, in which a limit is searched
_FEW = 3  # steps beside the shift, in which a limit is searched anew
_ROUNDS = 12  # of searching: a limit that lies nearer than 10⁻⁸ of the way to the farthest difference is told as lying there
_FARTHEST = 0.475  # from a half: the outermost fortieth of the differences, as of one wrong date, sets no grid
_LARGE = 20_000  # values from which on an interval looks at their deviations once


def shift_interval(sample: Sample, first: Flags, draws: Draws) -> Estimate:
    """The shift with an interval from resampling whole clusters.

    Every replicate draws as many clusters as there are, with repetition, and solves its own estimating equation "half of
    all differences lie above the shift", linearised in the clusters (Hájek's projection). Solutions are searched in equal steps
    on either side of the shift, and a limit in the first few steps anew in smaller ones: one wrong date among few values says how
    far the differences reach, not how far the limits.
    """
    x, y = sample.values[first], sample.values[~first]
    middle, n = median_difference(x, y), len(sample.values)
    method = "Hodges–Lehmann shift, bootstrap of whole clusters"
    of_x, of_y = draws.clusters[first], draws.clusters[~first]
    held = min(len(np.unique(group)) for group in (of_x, of_y))
    if held < 2:
        return Estimate(middle, None, None, n, method)
    reach = _reach(x, y, middle, of_x, of_y, draws.count)
    begin, end = middle - reach, middle + reach
    for _ in range(_ROUNDS):
        shifts = np.concatenate((np.linspace(begin, middle, _STEPS, endpoint=False), np.linspace(middle, end, _STEPS + 1)))
        found = _solved(draws, x, y, first, middle, shifts)
        nearer = _nearer(shifts, found)
        if nearer == (begin, end):
            break
        begin, end = nearer
    return Estimate(middle, *interval_of(middle, found, held), n, method)


def _solved(draws: Draws, x: Floats, y: Floats, first: Flags, middle: float, shifts: Floats) -> Floats:
    """The shift of each replicate that has both groups, between the first and the last of these."""
    few_x, few_y = thinned(x), thinned(y)
    levels = np.array([_placements(few_x - moved, few_y).mean() for moved in shifts])
    deviations = _deviations(draws, x, y, first, shifts if len(x) + len(y) <= _LARGE else np.array([middle]))
    chances = levels[:, None] + deviations  # of many values the deviations are the same all over this short way
    return crossings(shifts, chances[:, np.isfinite(chances).all(axis=0)], 0.5)


def _nearer(shifts: Floats, found: Floats) -> tuple[float, float]:
    """The first and the last of the shifts to search next: those behind the limits that lie in the first few steps beside the middle, else as before."""
    low, high = np.quantile(found, (0.025, 0.975))
    begin, end = int(np.searchsorted(shifts, low, "right")) - 1, int(np.searchsorted(shifts, high, "left"))
    return (
        float(shifts[begin if _STEPS - _FEW <= begin < _STEPS else 0]),
        float(shifts[end if _STEPS < end <= _STEPS + _FEW else -1]),
    )


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
    x, y = thinned(x), thinned(y)
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
