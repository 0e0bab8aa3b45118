"""Labour: what an hour of work costs, by who does it and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

LabourLevel: TypeAlias = Literal["resource", "role", "default"]
LEVELS: tuple[LabourLevel, ...] = ("resource", "role", "default")
"""In this order the first level that has a rate for the day decides."""


@dataclass(frozen=True, slots=True)
class LabourRate:
    """A rate per hour for a resource, a role or all others, from one day to another (both included), for ever where they are missing."""

    level: LabourLevel
    name: str | None
    rate: Decimal
    currency: str
    since: date | None = None
    until: date | None = None

    def overlaps(self, other: LabourRate) -> bool:
        """Whether both apply to the same work on the same day."""
        if (self.level, self.name) != (other.level, other.name):
            return False
        return (self.since or date.min) <= (other.until or date.max) and (other.since or date.min) <= (self.until or date.max)

    def words(self) -> str:
        """The rate as it is told: ``38.50 EUR an hour for role AP clerk``."""
        who = "all others" if self.level == "default" else f"{self.level} {self.name}"
        days = "".join(f" {word} {day}" for word, day in (("from", self.since), ("until", self.until)) if day)
        return f"{self.rate:f} {self.currency} an hour for {who}{days}"
