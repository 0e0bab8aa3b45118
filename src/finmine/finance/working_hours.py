"""Working hours as people declare them: shifts by day of the week, holidays, days of their own; laid out as a calendar."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from finmine.errors import Refusal
from finmine.finance.calendar import Calendar, Whole, merged
from finmine.finance.local_days import local_instant
from finmine.finance.public_holidays import public_holidays
from finmine.words import MINUTE, moment

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MIDNIGHT = 1440
"""Minutes of a day; a shift that ends later ends on the next day."""


class NeverOpen(Refusal):
    """A calendar has no working time at all."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the calendar {name!r} has no working time between the first and the last event; check its hours, holidays and closed days."
        )


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift in minutes after the midnight with which its day begins; it belongs to that day, even where it ends on the next."""

    begins: int
    ends: int

    def spelled(self) -> str:
        """The shift as a card spells it: ``22:00-06:00``."""
        until = self.ends if self.ends <= MIDNIGHT else self.ends - MIDNIGHT
        return f"{self.begins // 60:02}:{self.begins % 60:02}-{until // 60:02}:{until % 60:02}"


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Declared working hours.

    ``week`` has the shifts of Monday to Sunday. A day of ``days`` has its own shifts instead; on holidays and on days of
    ``closed`` no shift begins. ``day`` is the nominal working day in microseconds; where it is not declared it is the
    middle one of the days on which there is work.
    """

    name: str
    week: tuple[tuple[Shift, ...], ...]
    zone: str | None = None
    holidays: tuple[str, ...] = ()
    closed: frozenset[date] = frozenset()
    days: Mapping[date, tuple[Shift, ...]] = field(default_factory=dict)
    day: int | None = None
    place: str = "the card"

    def laid_out(self, since: int, until: int, zone: str) -> Calendar:
        """The calendar of the local days from one instant to another; ``zone`` is used where none is declared.

        Raises:
            UnknownHolidays: there are no holidays of that country or subdivision.
            NeverOpen: nothing is open in that time.
        """
        known = self.zone or zone
        first, last = (moment(at, known).date() for at in (since, until))
        clocks = ZoneInfo(known)
        by_day = [(day, self.shifts(day, off)) for off in [self._off(first, last)] for day in _days(first - timedelta(days=1), last)]
        spans = [(local_instant(day, shift.begins, clocks), local_instant(day, shift.ends, clocks)) for day, shifts in by_day for shift in shifts]
        ends = np.array(spans, dtype=np.int64).reshape(-1, 2)
        horizon = (local_instant(first, 0, clocks), local_instant(last, MIDNIGHT, clocks))
        starts, ends = within(*merged(ends[:, 0], ends[:, 1]), horizon)
        if not len(starts):
            raise NeverOpen(self.name)
        lengths = [sum(shift.ends - shift.begins for shift in shifts) for _, shifts in by_day if shifts]
        day = self.day or statistics.median_low(lengths) * MINUTE
        return Calendar(self.name, known, starts, ends, day, horizon)

    def words(self) -> str:
        """The week in words, days with the same shifts together: ``Mon-Fri 09:00-12:00, 13:00-17:00; Sat 09:00-12:00``."""
        return "; ".join(f"{days} {', '.join(spans)}" for days, spans in self.spelled().items())

    def spelled(self) -> dict[str, tuple[str, ...]]:
        """The week as a card spells it: the shifts of each run of days that have the same ones."""
        runs: list[list[int]] = []
        for place, shifts in enumerate(self.week):
            if place and shifts == self.week[place - 1]:
                runs[-1].append(place)
            else:
                runs.append([place])
        named = {run[0]: WEEKDAYS[run[0]] if len(run) == 1 else f"{WEEKDAYS[run[0]]}-{WEEKDAYS[run[-1]]}" for run in runs}
        return {name: tuple(shift.spelled() for shift in self.week[first]) for first, name in named.items() if self.week[first]}

    def shifts(self, day: date, off: frozenset[date]) -> tuple[Shift, ...]:
        """The shifts that begin on a day, of which ``off`` says the holidays; what is declared for the day itself comes first."""
        if day in self.days:
            return self.days[day]
        return () if day in self.closed or day in off else self.week[day.weekday()]

    def _off(self, first: date, last: date) -> frozenset[date]:
        return public_holidays(self.holidays, range(first.year - 1, last.year + 1), self.place)


def within(starts: Whole, ends: Whole, horizon: tuple[int, int]) -> tuple[Whole, Whole]:
    """What of disjoint intervals lies in a horizon."""
    starts, ends = np.maximum(starts, horizon[0]), np.minimum(ends, horizon[1])
    some = ends > starts
    return starts[some], ends[some]


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=place) for place in range((last - first).days + 1))
