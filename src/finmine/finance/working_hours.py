"""Working hours as people declare them: shifts by day of the week, holidays, days of their own; laid out as a calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from finmine.errors import Refusal
from finmine.finance.calendar import Calendar, Flags, Whole, clipped, merged
from finmine.finance.local_days import MIDNIGHT, date_of, day_at, day_number, local_days
from finmine.finance.public_holidays import public_holidays
from finmine.words import DAY, MINUTE

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_THURSDAY = 3
"""The weekday of 1 January 1970, Monday being 0."""


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

        Its horizon are the whole days of UTC that cover them.

        Raises:
            UnknownHolidays: there are no holidays of that country or subdivision.
            NeverOpen: nothing is open in that time.
        """
        known = self.zone or zone
        first, last = day_at(since, known), day_at(until, known)
        days = local_days(known, first - 2, last + 4)
        numbers = np.arange(first - 2, last + 3)  # shifts of the days before reach into the first, and those after it into the last whole day of UTC
        begins, ends, minutes = [], [], np.zeros(len(numbers), dtype=np.int64)
        for shift, works in self._shifts(numbers):
            begins.append(days.instants(numbers[works], shift.begins))
            ends.append(days.instants(numbers[works], shift.ends))
            minutes[works] += shift.ends - shift.begins
        horizon = (int(days.begin[2]) // DAY * DAY, -(-int(days.begin[last - first + 3]) // DAY) * DAY)
        starts, stops = clipped(*merged(np.concatenate(begins), np.concatenate(ends)), horizon)
        if not len(starts):
            raise NeverOpen(self.name)
        worked = np.sort(minutes[minutes > 0])
        day = self.day or int(worked[(len(worked) - 1) // 2]) * MINUTE
        return Calendar(self.name, known, starts, stops, day, horizon, hours=self.words())

    def _shifts(self, numbers: Whole) -> Iterator[tuple[Shift, Flags]]:
        """Each declared shift, with the days on which it begins."""
        off = public_holidays(self.holidays, range(date_of(int(numbers[0])).year, date_of(int(numbers[-1])).year + 1), self.place)
        own = np.isin(numbers, [day_number(day) for day in self.days])
        working = ~own & ~np.isin(numbers, [day_number(day) for day in off | self.closed])
        for weekday, shifts in enumerate(self.week):
            yield from ((shift, working & ((numbers + _THURSDAY) % 7 == weekday)) for shift in shifts)
        for day, shifts in self.days.items():
            yield from ((shift, numbers == day_number(day)) for shift in shifts)

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
