"""Labour: what an hour of work costs, by who does it and when; and what an activity costs beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol, TypeAlias

LabourLevel: TypeAlias = Literal["resource", "role", "default"]
LEVELS: tuple[LabourLevel, ...] = ("resource", "role", "default")
"""In this order the first level that has a rate for the day decides."""

MOST_RATE = 10_000
"""What an hour of work must cost less than."""


@dataclass(frozen=True, slots=True)
class LabourRate:
    """A rate per hour for a resource, a role or all others, from one day to another (both included), for ever where they are missing.

    ``standard`` is the rate that was expected, where that is another one.
    """

    level: LabourLevel
    name: str | None
    rate: Decimal
    currency: str
    since: date | None = None
    until: date | None = None
    standard: Decimal | None = None

    def overlaps(self, other: LabourRate) -> bool:
        """Whether both apply to the same work on the same day."""
        return (self.level, self.name) == (other.level, other.name) and days_meet(self, other)

    def words(self) -> str:
        """The rate as it is told: ``38.50 EUR an hour for role AP clerk``."""
        who = "all others" if self.level == "default" else f"{self.level} {self.name}"
        days = "".join(f" {word} {day}" for word, day in (("from", self.since), ("until", self.until)) if day)
        standard = f" (standard {self.standard:f})" if self.standard is not None else ""
        return f"{self.rate:f} {self.currency} an hour{standard} for {who}{days}"


@dataclass(frozen=True, slots=True)
class FixedCost:
    """What an activity costs each time it is done, beside labour, from one day to another as for rates."""

    activity: str
    cost: Decimal
    currency: str
    since: date | None = None
    until: date | None = None

    def words(self) -> str:
        """The cost as it is told: ``0.35 EUR for each Post invoice``."""
        days = "".join(f" {word} {day}" for word, day in (("from", self.since), ("until", self.until)) if day)
        return f"{self.cost:f} {self.currency} for each {self.activity}{days}"


class _Dated(Protocol):
    @property
    def since(self) -> date | None: ...

    @property
    def until(self) -> date | None: ...


def days_meet(one: _Dated, other: _Dated) -> bool:
    """Whether there is a day on which both are valid."""
    return (one.since or date.min) <= (other.until or date.max) and (other.since or date.min) <= (one.until or date.max)
