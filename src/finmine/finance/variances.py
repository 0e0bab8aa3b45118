"""Variances: how much of a difference of cost is due to price, to time and to volume, adding up to it exactly.

The labour of an activity is rate × time per unit × units, its fixed cost a price × units. From the base to the actual cost, in this
order: price (ρ₁ − ρ₀) t₁ n₁, time ρ₀ (t₁ − t₀) n₁, volume ρ₀ t₀ (n₁ − n₀). Another order gives other parts of the same whole; the Shapley
split is the mean over all six, and has none. An activity that is new or has vanished is all volume.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Literal, TypeAlias

from finmine.finance.money import minor_digits, rounded

Split: TypeAlias = Literal["ordered", "shapley"]
PARTS = ("price", "time", "volume")


@dataclass(frozen=True, slots=True)
class Spending:
    """What the units of one activity cost: how many have labour, their paid time and labour; how many a fixed cost, and its sum."""

    units: int = 0
    time: int = 0
    labour: Decimal = Decimal(0)
    fixed_units: int = 0
    fixed: Decimal = Decimal(0)

    @property
    def cost(self) -> Decimal:
        """Labour and fixed cost together."""
        return self.labour + self.fixed


@dataclass(frozen=True, slots=True)
class Variance:
    """The cost in the base, what changed it, and the actual cost, in whole minor units: they add up exactly."""

    base: Decimal
    price: Decimal
    time: Decimal
    volume: Decimal
    actual: Decimal


def variances(pairs: Sequence[tuple[Spending, Spending]], currency: str | None, split: Split = "ordered") -> tuple[Variance, ...]:
    """The variances of each pair of base and actual; over all pairs base and actual add up to their rounded totals."""
    bases, actuals = (_together([pair[place].cost for pair in pairs], currency) for place in (0, 1))
    found = []
    for (base, actual), before, after in zip(pairs, bases, actuals, strict=True):
        price, time, volume = _whole(_parts(base, actual, split), after - before, currency)
        found.append(Variance(before, price, time, volume, after))
    return tuple(found)


def _parts(base: Spending, actual: Spending, split: Split) -> tuple[Fraction, Fraction, Fraction]:
    """Price, time and volume, exact."""
    labour = _split(_factors(base.units, base.time, base.labour, actual), _factors(actual.units, actual.time, actual.labour, base), split)
    fixed = _split(_fixed(base, actual), _fixed(actual, base), split)
    return labour[0] + fixed[0], labour[1] + fixed[1], labour[2] + fixed[2]


def _factors(units: int, time: int, labour: Decimal, other: Spending) -> tuple[Fraction, Fraction, Fraction]:
    """Rate, time per unit and units; what this side cannot say is that of the other, so that it changes nothing."""
    rate = Fraction(labour) / time if time else (Fraction(other.labour) / other.time if other.time else Fraction(0))
    per_unit = Fraction(time, units) if units else (Fraction(other.time, other.units) if other.units else Fraction(0))
    return rate, per_unit, Fraction(units)


def _fixed(one: Spending, other: Spending) -> tuple[Fraction, Fraction, Fraction]:
    known = one if one.fixed_units else other
    price = Fraction(known.fixed) / known.fixed_units if known.fixed_units else Fraction(0)
    return price, Fraction(1), Fraction(one.fixed_units)


def _split(base: Sequence[Fraction], actual: Sequence[Fraction], split: Split) -> list[Fraction]:
    """The difference of the products of three factors, by factor: changed in turn from the last to the first, or in all orders."""
    orders = [(2, 1, 0)] if split == "ordered" else list(permutations(range(3)))
    parts = [Fraction(0)] * 3
    for order in orders:
        now = list(base)
        for place in order:
            before = now[0] * now[1] * now[2]
            now[place] = actual[place]
            parts[place] += (now[0] * now[1] * now[2] - before) / len(orders)
    return parts


def _together(amounts: Sequence[Decimal], currency: str | None) -> list[Decimal]:
    """Amounts from 0 in whole minor units that add up to their rounded sum: rounded down, and the largest remainders up until they do."""
    digits = minor_digits(currency)
    exact = [amount.scaleb(digits) for amount in amounts]
    whole = [int(amount) for amount in exact]
    missing = int(rounded(sum(amounts, Decimal(0)), currency).scaleb(digits)) - sum(whole)
    for place in sorted(range(len(whole)), key=lambda place: whole[place] - exact[place])[:missing]:
        whole[place] += 1
    return [Decimal(amount).scaleb(-digits) for amount in whole]


def _whole(parts: Sequence[Fraction], total: Decimal, currency: str | None) -> list[Decimal]:
    """Parts in whole minor units that add up to a total; what rounding leaves goes to the largest."""
    step = Fraction(1, 10 ** minor_digits(currency))
    shown = [Decimal(round(part / step)).scaleb(-minor_digits(currency)) for part in parts]
    largest = max(range(len(parts)), key=lambda place: abs(parts[place]))
    shown[largest] += total - sum(shown)
    return shown
