"""The differences between the values of two groups by rank, without writing them all out."""

from __future__ import annotations

import numpy as np

from finmine.stats.sample import Floats

_PAIRS = 1_000_000  # differences that are written out


def median_difference(x: Floats, y: Floats) -> float:
    """The median of all differences x − y of two ascending arrays, exact."""
    total = len(x) * len(y)
    if total % 2:
        return kth_difference(x, y, total // 2 + 1)
    return (kth_difference(x, y, total // 2) + kth_difference(x, y, total // 2 + 1)) / 2


def kth_difference(x: Floats, y: Floats, k: int) -> float:
    """The k-th smallest (from 1) of all differences x − y of two ascending arrays.

    Bisection, until the differences left are few enough to be written out, or all the same.
    """
    if len(x) > len(y):
        return -kth_difference(y, x, len(x) * len(y) + 1 - k)
    grain = 4 * float(np.finfo(float).eps) * max(abs(float(x[0])), abs(float(x[-1])), abs(float(y[0])), abs(float(y[-1])))
    low, high = float(x[0] - y[-1]) - grain, float(x[-1] - y[0])
    since, until = np.full(len(x), len(y)), np.zeros(len(x), dtype=np.int64)  # y up to which differences lie above low, above high
    while high - low > grain and int((since - until).sum()) > _PAIRS:
        middle = low + (high - low) / 2
        places = np.searchsorted(y, x - middle, "left")
        if int((len(y) - places).sum()) >= k:  # differences up to the middle
            high, until = middle, places
        else:
            low, since = middle, places
    if high - low <= grain:
        return _nearest_difference(x, y, high + grain)
    many = since - until
    first = np.repeat(until - np.concatenate(([0], np.cumsum(many)[:-1])), many)
    left = np.repeat(x, many) - y[first + np.arange(int(many.sum()))]
    rank = k - int((len(y) - since).sum()) - 1
    return float(np.partition(left, rank)[rank])


def _nearest_difference(x: Floats, y: Floats, most: float) -> float:
    """The largest difference up to a value close to which one lies."""
    places = np.searchsorted(y, x - most, "left")
    inside = places < len(y)
    return float((x[inside] - y[places[inside]]).max())
