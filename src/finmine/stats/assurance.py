"""How many to look at, and what may be wrong in all after what was found in a sample.

Sources: American Institute of Certified Public Accountants, Audit Guide: Audit Sampling; K. W. Stringer, Practical aspects of statistical
sampling in auditing, Proceedings of the Business and Economic Statistics Section, American Statistical Association, 1963; H. F. Dodge and
H. G. Romig, Sampling Inspection Tables: Single and Double Sampling, 1944 (two stages).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from math import ceil


def money_sample_size(confidence: float, tolerable: float, expected: float) -> int:
    """The least number of monetary units to look at, for misstatements tolerable and expected as shares of the book value (Poisson).

    >>> money_sample_size(0.95, 0.05, 0.0), money_sample_size(0.95, 0.05, 0.01), money_sample_size(0.9, 0.05, 0.0)
    (60, 93, 47)
    """
    from scipy.stats import gamma

    return _least(lambda n: bool(gamma.ppf(confidence, 1 + n * expected) <= n * tolerable))


def case_sample_size(confidence: float, tolerable: float, expected: float, most: int) -> tuple[int, int] | None:
    """The least number of cases to look at, and how many of them may deviate, for rates tolerable and expected (binomial).

    None where it takes more than ``most`` with more than one deviation allowed.

    >>> case_sample_size(0.95, 0.05, 0.0, 1000), case_sample_size(0.95, 0.05, 0.01, 1000), case_sample_size(0.95, 0.05, 0.0499, 1000)
    ((59, 0), (93, 1), None)
    """
    for deviations in count():
        size = _least(lambda n, allowed=deviations: n > allowed and upper_rate(confidence, allowed, n) <= tolerable)  # type: ignore[misc]
        if ceil(size * expected) <= deviations:
            return size, deviations
        if size > most:
            break
    return None


def two_stage_size(confidence: float, tolerable: float, extend: int) -> int:
    """The least number of cases in each of two equal stages, where the first may be extended after up to ``extend`` deviations (binomial).

    The whole is accepted where the first stage has none, or where it has up to ``extend`` and both stages together have no more.

    >>> two_stage_size(0.9, 0.05, 1)
    49
    """
    return _least(lambda n: accepted_by_two_stages(n, extend, extend, tolerable) <= 1 - confidence)


def accepted_by_two_stages(size: int, extend: int, total: int, rate: float) -> float:
    """The chance that the first of two equal stages has no deviation, or up to ``extend`` and both together no more than ``total``."""
    from scipy.stats import binom

    first = range(1, min(extend, total) + 1)
    return float(binom.pmf(0, size, rate) + sum(binom.pmf(found, size, rate) * binom.cdf(total - found, size, rate) for found in first))


def upper_rate_of_two_stages(confidence: float, size: int, extend: int, first: int, second: int | None) -> float:
    """The rate of deviations that is not exceeded with the confidence after so many in the first stage and, where it was looked at, the second.

    Outcomes rank by the stage that decides and then by their deviations, so that the limit of an accepted outcome is at most the tolerable rate.
    """
    from scipy.optimize import brentq

    if second is None:
        return upper_rate(confidence, first, size)
    total = first + second
    if accepted_by_two_stages(size, extend, total, 1.0) > 1 - confidence:
        return 1.0
    return float(brentq(lambda rate: accepted_by_two_stages(size, extend, total, rate) - (1 - confidence), 0.0, 1.0))


def upper_rate(confidence: float, deviations: int, size: int) -> float:
    """The rate of deviations that is not exceeded with the confidence, after so many in a sample of independent cases (Clopper-Pearson)."""
    from scipy.stats import beta

    return 1.0 if deviations >= size else float(beta.ppf(confidence, deviations + 1, size - deviations))


def basic_precision(confidence: float, interval: float) -> float:
    """What may be wrong although nothing was found: the interval times the factor for no error."""
    return interval * _factor(confidence, 0)


def upper_misstatement(confidence: float, interval: float, taints: Sequence[float]) -> float:
    """What is overstated at most in what was drawn by intervals, with the confidence; ``taints`` are the shares found overstated (Poisson).

    >>> round(upper_misstatement(0.95, 26_882, [0.5, 0.2, 0.05]))
    114331
    """
    ordered = sorted(taints, reverse=True)
    steps = [_factor(confidence, place) - _factor(confidence, place - 1) for place in range(1, len(ordered) + 1)]
    return interval * (_factor(confidence, 0) + sum(step * taint for step, taint in zip(steps, ordered, strict=True)))


def stringer_bound(confidence: float, book: float, size: int, taints: Sequence[float]) -> float:
    """The same from binomial limits, after a sample of ``size`` monetary units from a book value."""
    ordered = sorted(taints, reverse=True)
    limits = [upper_rate(confidence, place, size) for place in range(len(ordered) + 1)]
    return book * (limits[0] + sum((limits[place + 1] - limits[place]) * taint for place, taint in enumerate(ordered)))


def _factor(confidence: float, errors: int) -> float:
    from scipy.stats import gamma

    return float(gamma.ppf(confidence, 1 + errors))


def _least(enough: Callable[[int], bool]) -> int:
    """The least number from 1 that is enough, where more than enough is enough too."""
    high = 1
    while not enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
