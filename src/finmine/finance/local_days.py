"""Local days: where the days of a zone begin, in microseconds UTC, and which instants its clocks show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from finmine.finance.calendar import Whole
from finmine.words import DAY, MICROSECOND, MINUTE, moment

MIDNIGHT = 1440
"""Minutes of a day; later minutes are those of the next day."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1 January 1970."""
    return (day - _FIRST).days


def date_of(number: int) -> date:
    """The date of a day by its number."""
    return _FIRST + timedelta(days=number)


@dataclass(frozen=True, slots=True, eq=False)
class LocalDays:
    """A run of days of a zone: the number of the first, and the instant at which each begins and the last one ends."""

    zone: str
    first: int
    begin: Whole

    def of(self, at: Whole) -> Whole:
        """The day of each instant, by number; the instants must be in the run."""
        return np.asarray(np.searchsorted(self.begin, at, side="right") - 1 + self.first, dtype=np.int64)

    def instants(self, days: Whole, minute: int) -> Whole:
        """When the clocks show a minute of days (from the next midnight on, of the days after them).

        A time that the clocks skip is taken as much later as they skip; of a time that they show twice the first is meant.
        """
        place = days - self.first
        shown = self.begin[place] + minute * MINUTE
        last = len(self.begin) - 1
        after = np.minimum(place + 2, last) if minute > MIDNIGHT else np.minimum(place + 1, last)
        for uneven in np.flatnonzero(self.begin[after] - self.begin[place] != (after - place) * DAY):
            shown[uneven] = _instant(date_of(int(days[uneven])), minute, ZoneInfo(self.zone))
        return shown


@lru_cache(maxsize=8)
def local_days(zone: str, first: int, last: int) -> LocalDays:
    """The days of a zone between two of them, by their numbers."""
    here = ZoneInfo(zone)
    begin = np.array([_instant(date_of(day), 0, here) for day in range(first, last + 2)], dtype=np.int64)
    begin.flags.writeable = False
    return LocalDays(zone, first, begin)


def day_at(at: int, zone: str) -> int:
    """The number of the local day of an instant."""
    return day_number(moment(at, zone).date())


def begin_of(day: date, zone: str) -> int:
    """The instant at which a day begins on the clocks of a zone."""
    return _instant(day, 0, ZoneInfo(zone))


def _instant(day: date, minute: int, zone: ZoneInfo) -> int:
    shown = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
    return (shown - _EPOCH) // timedelta(microseconds=MICROSECOND)
