"""Capacity: the hours for which a role or a resource is paid, and the practical part of them that is left for work.

Time-driven activity-based costing (Kaplan and Anderson 2004): the **capacity cost rate** is what the capacity costs divided by the
practical hours. What is not used of it is a cost of unused capacity, and never spread onto cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, TypeAlias

from finmine.finance.labour import LabourRate
from finmine.finance.money import EXACT

PoolLevel: TypeAlias = Literal["resource", "role"]
POOLS: tuple[PoolLevel, ...] = ("resource", "role")
PRACTICAL = Decimal("0.8")
"""The practical share of paid hours where the card says none."""
_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Capacity:
    """The paid hours of a role or resource: so many a calendar month, or those of so many people by their calendar.

    ``cost`` is what the hours of a month cost; it goes with ``hours``.
    """

    level: PoolLevel
    name: str
    hours: Decimal | None = None
    people: Decimal | None = None
    practical: Decimal = PRACTICAL
    cost: Decimal | None = None
    currency: str | None = None
    since: date | None = None
    until: date | None = None

    @property
    def cost_rate(self) -> LabourRate | None:
        """What a practical hour costs, rounded to a millionth of the currency; nothing where no cost is declared."""
        if self.cost is None or self.hours is None or self.currency is None:
            return None
        rate = EXACT.divide(self.cost, self.hours * self.practical).quantize(_STEP, rounding=ROUND_HALF_UP, context=EXACT)
        return LabourRate(self.level, self.name, rate, self.currency, self.since, self.until)

    def words(self) -> str:
        """The capacity as it is told: ``640 paid hours a month of role AP clerk, 80 % of them practical``."""
        paid = f"{self.hours:f} paid hours a month" if self.hours is not None else f"the paid hours of {self.people:f} people by calendar"
        cost = f", for {self.cost:f} {self.currency}" if self.cost is not None else ""
        days = "".join(f" {word} {day}" for word, day in (("from", self.since), ("until", self.until)) if day)
        return f"{paid} of {self.level} {self.name}{cost}, {(self.practical * 100).normalize():f} % of them practical{days}"
