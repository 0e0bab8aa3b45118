"""How many of the units that go on will be late: the chance of each to last beyond a limit, having lasted so long.

The interval adds the chance of each unit to the error of the curve, and takes the errors of all units as going one way, which is
the widest they can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from finmine.stats.estimate import Estimate
from finmine.stats.rates import Z
from finmine.stats.sample import Flags, Floats
from finmine.stats.survival import Survival


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of the units that go on: how many are past the limit already, how many will be late, and the money of those.

    ``unknown`` are units older than any end that was seen, which are in no sum; ``without_money`` are in no sum of money.
    """

    limit: float
    running: int
    already: int
    unknown: int
    late: Estimate
    money: Estimate
    without_money: int


def forecast(curve: Survival, ages: Floats, money: Floats, limit: float) -> Forecast:
    """The forecast for units of these ages and money (not a number where it is missing)."""
    chances, errors = curve.beyond(ages, limit)
    known, owed = np.isfinite(chances), np.nan_to_num(money)
    chances, errors = np.nan_to_num(chances), np.nan_to_num(errors)
    already = ages >= limit
    late = _summed(chances, errors, known.astype(float), already)
    return Forecast(
        limit, len(ages), int(already.sum()), int((~known).sum()), late, _summed(chances, errors, owed, already), int(np.isnan(money).sum())
    )


def _summed(chances: Floats, errors: Floats, weights: Floats, already: Flags) -> Estimate:
    """The expected sum of the weights of those that will be late, between that of those that are and that of all."""
    expected = float(weights @ chances)
    reach = Z * sqrt(float(np.sum(weights**2 * chances * (1 - chances))) + float(weights @ errors) ** 2)
    low, high = max(expected - reach, float(weights @ already)), min(expected + reach, float(weights.sum()))
    return Estimate(expected, low, high, len(weights), "conditional survival, errors going one way")
