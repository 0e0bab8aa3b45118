"""Terms of payment: what a discount is worth a year, what lateness costs by contract or law, and what capital costs.

All is simple interest: amount times rate times days, divided by the days of a year (365 or 360, as stated). Amounts and rates
are decimals; nothing is rounded but the result, once, to the minor unit of its currency.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from finmine.finance.money import EXACT, rounded
from finmine.words import DAY

Side: TypeAlias = Literal["payables", "receivables"]
"""Whether the cases are owed by us or to us."""
YEAR_DAYS = (365, 360)


def annualised_rate(discount: Decimal, net_days: int, discount_days: int, year: int = 365) -> Decimal:
    """The nominal yearly rate of a discount: a share of the amount, for paying ``net_days - discount_days`` earlier.

    2/10 net 30 is 37.24 % in a year of 365 days, 36.73 % in one of 360.
    """
    return _period_rate(discount) * year / _earlier(net_days, discount_days)


def effective_rate(discount: Decimal, net_days: int, discount_days: int) -> Decimal:
    """The yearly rate of a discount with its interest compounded over 365 days: 44.59 % for 2/10 net 30."""
    return (1 + _period_rate(discount)) ** (Decimal(365) / _earlier(net_days, discount_days)) - 1


def _period_rate(discount: Decimal) -> Decimal:
    if not 0 <= discount < 1:
        raise ValueError(f"a discount is a share from 0 to below 1, not {discount}")
    return discount / (1 - discount)


def _earlier(net_days: int, discount_days: int) -> int:
    if net_days <= discount_days:
        raise ValueError(f"the net date ({net_days} days) comes after the discount date ({discount_days} days)")
    return net_days - discount_days


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A yearly rate from a day on (always, where there is none) until the next of its currency (of all, where there is none)."""

    rate: Decimal
    since: date | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class LateInterest:
    """What is owed for late payment: interest from the day after the due date on, and a fee once for each late case, by currency.

    The rate is that of each day, so that one that changes within the delay counts from its day on.
    """

    rates: tuple[DatedRate, ...]
    fee: Mapping[str, Decimal] = field(default_factory=dict)
    year: int = 365

    def periods(self, currency: str | None) -> tuple[DatedRate, ...]:
        """The rates of a currency in the order of their days: its own where it has any, else those of all."""
        own = tuple(rate for rate in self.rates if rate.currency == currency and currency is not None)
        return tuple(sorted(own or (rate for rate in self.rates if rate.currency is None), key=lambda rate: rate.since or date.min))

    def interest(self, amount: Decimal, due: date, paid: date, currency: str | None) -> Decimal | None:
        """The interest on an amount that is due one day and paid on another, without the fee; None on days without a rate."""
        owed, covered = Decimal(0), 0
        for rate, days in self._days(due, paid, currency):
            owed = EXACT.add(owed, EXACT.multiply(EXACT.multiply(amount, rate), Decimal(days)))
            covered += days
        if covered < max((paid - due).days, 0):
            return None
        return rounded(EXACT.divide(owed, Decimal(self.year)), currency)

    def _days(self, due: date, paid: date, currency: str | None) -> Iterator[tuple[Decimal, int]]:
        """The rates that apply after the due date up to the day of payment, each with its number of days."""
        periods = self.periods(currency)
        for place, period in enumerate(periods):
            begins = max(due + timedelta(days=1), period.since or date.min)
            following = periods[place + 1].since if place + 1 < len(periods) else None
            ends = min(paid, following - timedelta(days=1)) if following else paid
            if ends >= begins:
                yield period.rate, (ends - begins).days + 1


@dataclass(frozen=True, slots=True)
class Capital:
    """What capital costs a year, as a share, and whether the cases are payables or receivables."""

    rate: Decimal
    year: int = 365
    side: Side = "payables"

    def cost(self, amount: Decimal, days: int, currency: str | None) -> Decimal:
        """What it costs to have an amount tied up for so many days."""
        return rounded(EXACT.divide(EXACT.multiply(EXACT.multiply(amount, self.rate), Decimal(days)), Decimal(self.year)), currency)

    def delayed(self, held: Decimal, currency: str | None) -> Decimal:
        """What delays cost that hold amounts: the sum of amounts times microseconds; below nought for payables, which are paid later."""
        cost = EXACT.divide(EXACT.multiply(held, self.rate), Decimal(self.year * DAY))
        return rounded(-cost if self.side == "payables" else cost, currency)
