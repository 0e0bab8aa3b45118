"""A confidence interval for a median from order statistics: no distribution is assumed, and the limits are values that occurred."""

from __future__ import annotations

from math import sqrt

CONFIDENCE = 0.95


def interval_ranks(n: int) -> tuple[int, int] | None:
    """The ranks, counted from 1, of the two values between which the median lies with a confidence of at least 95 %.

    Of n independent values, fewer than r lie below the median with the probability that a fair coin shows heads fewer
    than r times in n throws. The lower rank is the largest r for which this is at most 2.5 %, the upper one is its mirror
    image n + 1 - r. Fewer than six values give no such interval.

    >>> interval_ranks(10), interval_ranks(20), interval_ranks(100), interval_ranks(5)
    ((2, 9), (6, 15), (40, 61), None)

    Source: H. A. David and H. N. Nagaraja, Order Statistics, 3rd edition, section 7.1.
    """
    weights = _descending_weights(n)
    allowed, below = (1 - CONFIDENCE) / 2 * _total(weights, n), 0.0
    rank = n // 2 - len(weights) + 1
    for weight in reversed(weights):
        below += weight
        if below > allowed:
            break
        rank += 1
    return (rank, n + 1 - rank) if rank > 0 else None


def _descending_weights(n: int) -> list[float]:
    """The binomial coefficients of n from the middle down, as multiples of the middle one, as far as they matter."""
    weight, weights = 1.0, []
    for heads in range(n // 2, max(-1, n // 2 - int(6 * sqrt(n)) - 8), -1):
        weights.append(weight)
        weight *= heads / (n - heads + 1)
    return weights


def _total(weights: list[float], n: int) -> float:
    """The sum of all coefficients: both halves, and the middle one once where n is even."""
    return 2 * sum(weights) - (weights[0] if n % 2 == 0 else 0.0)
