"""The trend of a value over equally spaced places: by how much it changes from one place to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEAST_PLACES = 6
"""How many places there must be for a trend (a proposal)."""


@dataclass(frozen=True, slots=True)
class Trend:
    """The median slope between all pairs of places, and the limits within which the slope lies with 95 % confidence if places are independent."""

    slope: float
    low: float
    high: float


def trend(places: Sequence[int], values: Sequence[float]) -> Trend | None:
    """The slope of H. Theil 1950 with the interval of P. K. Sen 1968; none where there are too few places."""
    from scipy.stats import theilslopes

    if len(places) < LEAST_PLACES:
        return None
    found = theilslopes(values, places, alpha=0.95)
    return Trend(float(found.slope), float(found.low_slope), float(found.high_slope))
