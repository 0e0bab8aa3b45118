"""Local days and clocks: where the days of a zone begin, in microseconds UTC, and which day an instant is in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from finmine.finance.calendar import Whole
from finmine.words import MICROSECOND, moment

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1 January 1970."""
    return (day - _FIRST).days


def local_instant(day: date, minute: int, zone: ZoneInfo) -> int:
    """The instant at which the clocks of a zone show a time of a day, given in minutes (1,440 is the next midnight).

    A time that the clocks skip is taken as much later as they skip; of a time that they show twice the first is meant.
    """
    shown = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
    return (shown - _EPOCH) // timedelta(microseconds=MICROSECOND)


def midnights(zone: str, since: int, until: int) -> tuple[int, Whole]:
    """The beginnings of all local days from that of one instant to that after another; the first comes with its number."""
    first, last = (moment(at, zone).date() for at in (since, until))
    here = ZoneInfo(zone)
    days = (first + timedelta(days=place) for place in range((last - first).days + 2))
    return day_number(first), np.array([local_instant(day, 0, here) for day in days], dtype=np.int64)


def days_of(at: Whole, zone: str) -> Whole:
    """The local day of each instant, as days since 1 January 1970."""
    if not len(at):
        return at
    first, begin = midnights(zone, int(at.min()), int(at.max()))
    return np.asarray(np.searchsorted(begin, at, side="right") - 1 + first, dtype=np.int64)
