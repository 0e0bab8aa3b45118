"""Rates of independent units: Wilson's interval, and the difference of two rates with Newcombe's.

Sources: E. B. Wilson 1927; R. G. Newcombe 1998, method 10.
"""

from __future__ import annotations

from math import sqrt

from finmine.stats.estimate import Estimate

Z = 1.959963984540054  # the 97.5 % point of the normal distribution


def limits(having: int, of: int) -> tuple[float, float]:
    """Wilson's interval of a rate; ``of`` must not be 0."""
    share, square = having / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def rate_difference(having_first: int, of_first: int, having_second: int, of_second: int) -> Estimate:
    """The first rate less the second, with Newcombe's interval."""
    first, second = having_first / of_first, having_second / of_second
    (low_first, high_first), (low_second, high_second) = limits(having_first, of_first), limits(having_second, of_second)
    difference = first - second
    below = sqrt((first - low_first) ** 2 + (high_second - second) ** 2)
    above = sqrt((high_first - first) ** 2 + (second - low_second) ** 2)
    return Estimate(difference, difference - below, difference + above, of_first + of_second, "difference of rates, Newcombe's interval")
