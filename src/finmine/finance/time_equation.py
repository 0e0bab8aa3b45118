"""Time equations: what makes a unit of an activity take longer, as the card declares it.

The time of a unit is one time for each unit and, for each driver, another times its quantity (R. S. Kaplan and S. R. Anderson 2004).
"""

from __future__ import annotations

from dataclasses import dataclass

from finmine.words import spell_duration

EACH = "each unit"
"""The term that every unit has."""


@dataclass(frozen=True, slots=True)
class Driver:
    """An attribute that drives time: by its number, or, with a value, by whether it has that."""

    attribute: str
    value: str | None = None

    def words(self) -> str:
        """The driver as it is told: ``lines``, or ``currency = USD``."""
        return self.attribute if self.value is None else f"{self.attribute} = {self.value}"


@dataclass(frozen=True, slots=True)
class TimeEquation:
    """The drivers of the time of an activity; without any each unit takes the same.

    ``times`` are the declared ones of its terms in microseconds, each unit first; without any they are to be fitted.
    """

    activity: str
    drivers: tuple[Driver, ...] = ()
    times: tuple[int, ...] = ()

    def terms(self) -> tuple[str, ...]:
        """What the time is made of, in words: each unit, then the drivers."""
        return (EACH, *(driver.words() for driver in self.drivers))

    def words(self) -> str:
        """The equation as it is told: ``Post invoice by each unit, lines``, or ``Post invoice: 3min for each unit, 40s for lines``."""
        if not self.times:
            return f"{self.activity} by {', '.join(self.terms())}"
        return f"{self.activity}: {', '.join(f'{spell_duration(time)} for {term}' for time, term in zip(self.times, self.terms(), strict=True))}"
