"""Sums of weights over stretches of a sequence, of those items only whose value is below a bound: all stretches at once.

The sequence is split by the highest bit of its values, each part by the next one, and so on, every part keeping its order (a
wavelet matrix; Claude, Navarro, Ordóñez, 2015). A stretch stays a stretch in either part, so each of them takes one step for each bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from finmine.finance.calendar import Whole


def sums_below(values: Whole, weights: Whole, begins: Whole, ends: Whole, below: Whole) -> Whole:
    """The sums over ``[begin, end)`` of the weights of items whose value is less than a bound: a row for each row of weights.

    Args:
        values: of the items, whole numbers from 0.
        weights: of the items, a row for each kind of weight.
        begins: where each stretch begins.
        ends: where it ends.
        below: the bound of each stretch.
    """
    sums = np.zeros((len(weights), len(begins)), dtype=np.int64)
    highest = int(max(values.max(initial=0), below.max(initial=0)))
    for bit in range(highest.bit_length() - 1, -1, -1):
        high = values >> bit & 1 == 1
        lows = np.concatenate(([0], np.cumsum(~high)))
        order = np.concatenate((np.flatnonzero(~high), np.flatnonzero(high)))
        values, weights = values[order], weights[:, order]
        low_begins, low_ends = lows[begins], lows[ends]
        upper = below >> bit & 1 == 1
        for kind in range(len(weights)):
            running = np.concatenate(([0], np.cumsum(weights[kind, : lows[-1]])))  # may wrap around; differences of it are right all the same
            sums[kind] += np.where(upper, running[low_ends] - running[low_begins], 0)
        begins = np.where(upper, begins - low_begins + lows[-1], low_begins)
        ends = np.where(upper, ends - low_ends + lows[-1], low_ends)
    return sums
