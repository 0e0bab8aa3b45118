"""By how much a quantile is shifted for a group among cases that agree in what could confound it: quantile regression with a level for each stratum.

The model is y = level of the stratum + shift · (in the group) + rest, where a share τ of the rests lies below nought; its criterion,
the sum of τ-weighted absolute rests, is least (R. Koenker and G. Bassett 1978). For a given shift the best level of a stratum is
the τ-quantile of its values less the shift, so that one number is left to find, at which the dual of the linear
programme (R. Koenker and V. d'Orey 1987) changes its sign. The interval draws whole clusters again and again, each draw solving its own
estimating equation, linearised in the clusters (F. Hu and J. D. Kalbfleisch 2000), as for the Hodges–Lehmann shift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finmine.stats.estimate import Estimate
from finmine.stats.replicates import Draws, crossings, interval_of
from finmine.stats.sample import Flags, Floats, Ints, Sample

LEAST = 5  # cases of either side beyond the quantile below which there is no number
_GRID = 41
_TRIED = 34  # shifts at once
_NEARLY = 0.999  # of what the equation is at its ends: beyond it one value far from all others would set how finely the grid looks
_NEAR = 0.75  # the power of a stratum's cases that lie near its quantile


def quantile_shift(sample: Sample, first: Flags, strata: Ints, tau: float, draws: Draws) -> Estimate | None:
    """The shift of the τ-quantile of the flagged values, of strata that hold both sides; nothing where too few lie beyond the quantile.

    There is no interval where one side stands in one cluster, or the draws ask for more than all of the group on one side of the quantile.

    ``n`` of the estimate counts the values of both sides in these strata.
    """
    places = _compared(first, strata)
    flags = first[places]
    if min(np.count_nonzero(flags), np.count_nonzero(~flags)) * min(tau, 1 - tau) < LEAST:
        return None
    here, method = draws.clusters[places], f"quantile regression at {tau}, bootstrap of whole clusters"
    codes = np.unique(strata[places], return_inverse=True)[1]
    equation = _Equation.of(sample.values[places], flags, codes, tau)
    shift = equation.solved()
    held = min(len(np.unique(here[side])) for side in (flags, ~flags))
    if held < 2:
        return Estimate(shift, None, None, len(places), method)
    scores = np.bincount(here, _scores(sample.values[places] - shift * flags, flags, codes, tau), draws.count)
    drawn = draws.drawn @ scores - scores.sum()
    levels, ends = -np.quantile(drawn, (0.005, 0.025, 0.975, 0.995)), equation.sums(np.array(equation.farthest()))
    if levels[1] >= ends[0] or levels[2] <= ends[1]:
        return Estimate(shift, None, None, len(places), method)
    asked = np.clip(levels[[0, 3]], _NEARLY * ends[1], _NEARLY * ends[0])
    shifts = np.linspace(equation.falling(float(asked[0]), 1e-9), equation.falling(float(asked[1]), 1e-9), _GRID)
    found = crossings(shifts, equation.sums(shifts)[:, None] + drawn, 0.0)
    return Estimate(shift, *interval_of(shift, found, held), len(places), method)


def _compared(first: Flags, strata: Ints) -> Ints:
    """The places of the strata that hold both sides."""
    sizes = np.bincount(strata)
    ours = np.bincount(strata[first], minlength=len(sizes))
    return np.flatnonzero(((ours > 0) & (ours < sizes))[strata])


@dataclass(frozen=True, slots=True, eq=False)
class _Equation:
    """The estimating equation: a sum over the group that falls with the shift and is nought at the solution.

    ``mine`` and ``others`` are the values of either side, stratum by stratum and there in ascending order; they begin where they begin,
    and are as many as they are.
    """

    mine: Floats
    others: Floats
    begin_mine: Ints
    begin_others: Ints
    many_mine: Ints
    many_others: Ints
    tau: float

    @classmethod
    def of(cls, values: Floats, first: Flags, codes: Ints, tau: float) -> _Equation:
        """The equation of values in ascending order."""
        mine, others = (side[np.argsort(codes[side], kind="stable")] for side in (np.flatnonzero(first), np.flatnonzero(~first)))
        many_mine, many_others = np.bincount(codes[mine]), np.bincount(codes[others])
        begins = np.cumsum(many_mine) - many_mine, np.cumsum(many_others) - many_others
        return cls(values[mine], values[others], *begins, many_mine, many_others, tau)

    def sums(self, shifts: Floats) -> Floats:
        """How many more of the group lie above the quantiles of their strata than shall, at each shift.

        Of the values of a stratum, the group's less the shift, the quantile has so many whole ones below it and a part of the next. How many
        of those below are the group's is found by halving, in all strata at once.
        """
        at = self.tau * (self.many_mine + self.many_others)
        below = at.astype(np.int64)
        low, high = (
            np.repeat(one[None], len(shifts), axis=0) for one in (np.maximum(0, below - self.many_others), np.minimum(below, self.many_mine))
        )
        while (open_ := low < high).any():
            middle = (low + high) // 2
            more = open_ & (self._mine(middle, shifts) < self._others(below - middle - 1))
            low, high = np.where(more, middle + 1, low), np.where(open_ & ~more, middle, high)
        next_mine = (low < self.many_mine) & ((below - low >= self.many_others) | (self._mine(low, shifts) <= self._others(below - low)))
        part = np.where(next_mine, at - below, 0.0)
        found: Floats = np.sum(self.tau * self.many_mine - low - part, axis=1)
        return found

    def _mine(self, place: Ints, shifts: Floats) -> Floats:
        found: Floats = self.mine[np.minimum(self.begin_mine + place, len(self.mine) - 1)] - shifts[:, None]
        return found

    def _others(self, place: Ints) -> Floats:
        found: Floats = self.others[np.clip(self.begin_others + place, 0, len(self.others) - 1)]
        return found

    def solved(self) -> float:
        """The shift at which the sum is nought: the middle of where it is neither above nor below."""
        slack = 1e-9 * (len(self.mine) + len(self.others))
        return (self.falling(slack) + self.falling(-slack)) / 2

    def farthest(self) -> tuple[float, float]:
        """The shifts beyond which the sum does not change any more."""
        return float(self.mine.min() - self.others.max()) - 1, float(self.mine.max() - self.others.min()) + 1

    def falling(self, level: float, near: float = 1e-12) -> float:
        """The shift up to which the sum is above a level, as near as a part of the whole range, or as numbers of its size can be told apart."""
        low, high = self.farthest()
        least = max(near * (high - low), 4 * float(np.spacing(max(abs(low), abs(high)))))
        while high - low > least:
            tried = np.linspace(low, high, _TRIED)
            above = int(np.count_nonzero(self.sums(tried[1:-1]) > level))
            low, high = float(tried[above]), float(tried[above + 1])
        return (low + high) / 2


def _scores(moved: Floats, first: Flags, codes: Ints, tau: float) -> Floats:
    """What each value (the group's less the shift) adds to the equation, with the levels of the strata estimated beside it.

    A value counts as far as it is more of the group than the values near the quantile of its stratum are.
    """
    order = np.lexsort((moved, codes))
    sizes = np.bincount(codes)
    begins, held, mine = np.cumsum(sizes) - sizes, codes[order], first[order].astype(float)
    above = np.clip(np.arange(len(order)) - begins[held] + 1 - tau * sizes[held], 0.0, 1.0)
    running = np.concatenate(([0.0], np.cumsum(mine)))
    reach = np.ceil(sizes**_NEAR / 2).astype(np.int64)
    middles = begins + (tau * sizes).astype(np.int64)
    ends = np.maximum(middles - reach, begins), np.minimum(middles + reach + 1, begins + sizes)
    near = (running[ends[1]] - running[ends[0]]) / (ends[1] - ends[0])
    found = np.empty(len(order))
    found[order] = (mine - near[held]) * (above - (1 - tau))
    return found
