"""The differences between the values of two groups by rank, without writing them all out."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from finmine.stats.sample import Floats

_Number = TypeVar("_Number", bound=np.generic)
_PAIRS = 20_000  # differences that are written out; of many values a few for each
_MOST = 2000  # values of a group that is thinned


def median_difference(x: Floats, y: Floats) -> float:
    """The median of all differences x − y of two ascending arrays, exact."""
    total = len(x) * len(y)
    if total % 2:
        return kth_difference(x, y, total // 2 + 1)
    if len(x) > len(y):
        return -median_difference(y, x)
    below, above = _two_differences(x, y, total // 2)
    return (below + (kth_difference(x, y, total // 2 + 1) if above is None else above)) / 2


def kth_difference(x: Floats, y: Floats, k: int) -> float:
    """The k-th smallest (from 1) of all differences x − y of two ascending arrays."""
    if len(x) > len(y):
        return -kth_difference(y, x, len(x) * len(y) + 1 - k)
    return _two_differences(x, y, k)[0]


def _two_differences(x: Floats, y: Floats, k: int) -> tuple[float, float | None]:
    """The k-th smallest of all differences, and the one after it where that comes with it.

    Bisection, until the differences left are few enough to be written out, or all the same.
    """
    grain = 4 * float(np.finfo(float).eps) * max(abs(float(x[0])), abs(float(x[-1])), abs(float(y[0])), abs(float(y[-1])))
    low, high = float(x[0] - y[-1]) - grain, float(x[-1] - y[0])
    since, until = np.full(len(x), len(y)), np.zeros(len(x), dtype=np.int64)  # y up to which differences lie above low, above high
    few = max(_PAIRS, 8 * len(x))
    while high - low > grain and int((since - until).sum()) > few:
        middle = low + (high - low) / 2
        places = np.searchsorted(y, x - middle, "left")
        if int((len(y) - places).sum()) >= k:  # differences up to the middle
            high, until = middle, places
        else:
            low, since = middle, places
    if high - low <= grain:
        return _nearest_difference(x, y, high + grain), None
    many = since - until
    first = np.repeat(until - np.concatenate(([0], np.cumsum(many)[:-1])), many)
    left = np.repeat(x, many) - y[first + np.arange(int(many.sum()))]
    rank = k - int((len(y) - since).sum()) - 1
    if rank + 1 == len(left):
        return float(left.max()), None
    found = np.partition(left, (rank, rank + 1))
    return float(found[rank]), float(found[rank + 1])


def _nearest_difference(x: Floats, y: Floats, most: float) -> float:
    """The largest difference up to a value close to which one lies."""
    places = np.searchsorted(y, x - most, "left")
    inside = places < len(y)
    return float((x[inside] - y[places[inside]]).max())


def thinned(values: npt.NDArray[_Number], most: int = _MOST) -> npt.NDArray[_Number]:
    """At most so many of the values, evenly spaced by rank."""
    if len(values) <= most:
        return values
    places = ((np.arange(most) + 0.5) * len(values) / most).astype(np.int64)
    return values[places]
