"""How many of the units that go on will be late, and how much money: the chance of each to last beyond a limit, having lasted so long.

Money has a curve of its own, in which each unit counts by its amount: among units that have lasted so long, that tells the share of their
*money* that lasts beyond the limit, whether or not large units take longer. The chance of a unit by the curve of all would be too low
for the large ones if they do, and so would be the sum.

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
    """Of the units that go on: how many are past the limit already, and how many will be late.

    ``unknown`` are units older than any end that was seen, which are in no sum.
    """

    limit: float
    running: int
    already: int
    unknown: int
    late: Estimate


@dataclass(frozen=True, slots=True)
class LateMoney:
    """Of the money of the units that go on: how much there is, how much is past the limit already, and how much will be late.

    ``missing`` units have no amount. ``unknown`` money is that of units older than any end of one with money, and in no sum of what will be late.
    """

    owed: float
    already: float
    late: Estimate
    unknown: float
    missing: int


def forecast(curve: Survival, ages: Floats, limit: float) -> Forecast:
    """The forecast for units of these ages, by the curve of all."""
    known, late = _late(curve, ages, np.ones(len(ages)), limit)
    return Forecast(limit, len(ages), int(np.count_nonzero(ages >= limit)), int((~known).sum()), late)


def late_money(curve: Survival, ages: Floats, money: Floats, limit: float) -> LateMoney:
    """The forecast for the money of units of these ages (not a number where it is missing), by a curve in which units count by their amounts."""
    owed = np.nan_to_num(money)
    known, late = _late(curve, ages, owed, limit)
    missing = int(np.count_nonzero(np.isnan(money)))
    return LateMoney(float(owed.sum()), float(owed[ages >= limit].sum()), late, float(owed[~known].sum()), missing)


def _late(curve: Survival, ages: Floats, weights: Floats, limit: float) -> tuple[Flags, Estimate]:
    """Of which units something can be told, and the weights of those that will be late, between those that are and all."""
    chances, errors = curve.beyond(ages, limit)
    known: Flags = np.isfinite(chances)
    chances, errors = np.nan_to_num(chances), np.nan_to_num(errors)
    expected = float(weights @ chances)
    reach = Z * sqrt(float(np.sum(weights**2 * chances * (1 - chances))) + float(weights @ errors) ** 2)
    low, high = max(expected - reach, float(weights @ (ages >= limit))), min(expected + reach, float(weights[known].sum()))
    return known, Estimate(expected, low, high, len(weights), "conditional survival, errors going one way")
