"""The difference of two rates of independent units, with the interval of R. G. Newcombe (1998, method 10)."""

from __future__ import annotations

from math import sqrt
from sys import float_info

from finmine.stats.estimate import Estimate
from finmine.stats.wilson import wilson

Z = 1.959963984540054  # the 97.5 % point of the normal distribution


def rate_difference(having_first: int, of_first: int, having_second: int, of_second: int) -> Estimate:
    """The first rate less the second, with Newcombe's interval."""
    first, second = having_first / of_first, having_second / of_second
    (low_first, high_first), (low_second, high_second) = (wilson(*rate) or (0, 1) for rate in ((having_first, of_first), (having_second, of_second)))
    difference = first - second
    below = sqrt((first - low_first) ** 2 + (high_second - second) ** 2)
    above = sqrt((high_first - first) ** 2 + (second - low_second) ** 2)
    return Estimate(difference, difference - below, difference + above, of_first + of_second, "difference of rates, Newcombe's interval")


def fisher(having_first: int, of_first: int, having_second: int, of_second: int) -> float:
    """The p-value of R. A. Fisher's exact test that both rates are one (two-sided, 1935); what is too small for a number is the smallest there is, never nought."""
    from scipy.stats import fisher_exact

    p = float(fisher_exact([[having_first, of_first - having_first], [having_second, of_second - having_second]]).pvalue)
    return max(p, float_info.min)
