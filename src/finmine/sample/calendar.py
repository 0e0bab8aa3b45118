"""When people work and machines run: working days, the shape of a day, runs at fixed hours, busy and quiet seasons.

Two clocks. The *working clock* counts working days as a number whose fraction is the share of that day's work done; waits and
work are drawn on it. The *wall clock* counts seconds since 1970 as local clocks show them. Both only ever run forward, so
what is in order on one is in order on the other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from finmine.sample.lots import Floats, Ints

HOUR = 3600
DAY = 24 * HOUR

# Share of the day's work done by an hour: a slow start, two humps with lunch between them, a thin evening.
_DONE = np.array([0.0, 0.02, 0.12, 0.30, 0.46, 0.50, 0.53, 0.66, 0.82, 0.94, 0.985, 1.0])
_HOUR = np.array([6.75, 7.5, 8.5, 10.0, 11.5, 12.25, 13.0, 14.25, 15.75, 17.0, 18.0, 19.5])
_SECOND = _HOUR * HOUR
FRAME = tuple(f"{int(hour):02}:{round(hour % 1 * 60):02}" for hour in (_HOUR[0], _HOUR[-1]))
"""Between these times of a working day all work of people is done."""
EARLIEST, LATEST = int(_SECOND[0]), int(_SECOND[-1])
"""The same in seconds of the day."""


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def wall_second(moment: datetime) -> int:
    """Seconds since 1970 of a local date and time."""
    return int((moment - datetime(1970, 1, 1)).total_seconds())


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm printed in Nature, 20 April 1876)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    correction = century - (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + correction - century // 4 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def holidays(year: int) -> frozenset[date]:
    """The public holidays of all of Germany."""
    movable = (easter(year) + timedelta(days=days) for days in (-2, 1, 39, 50))
    fixed = (date(year, month, day) for month, day in ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26)))
    return frozenset((*movable, *fixed))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of a span of time, and the two clocks on it."""

    days: Ints
    """Working days, as days since 1970-01-01, ascending."""

    def wall(self, clock: Floats) -> Ints:
        """Wall clock of a working clock, in whole seconds."""
        day = np.clip(np.floor(clock).astype(np.int64), 0, len(self.days) - 1)
        return np.asarray(self.days[day] * DAY + np.interp(clock - day, _DONE, _SECOND).astype(np.int64))

    def clock(self, wall: Ints) -> Floats:
        """Working clock of a wall clock; outside working time it stands at the beginning of the next working day."""
        day, second = np.divmod(wall, DAY)
        place = np.searchsorted(self.days, day)
        works = self.days[np.minimum(place, len(self.days) - 1)] == day
        return np.asarray(place + np.where(works, np.interp(second, _SECOND, _DONE), 0.0), dtype=np.float64)

    def runs(self, hour: float, weekdays: Collection[int] = range(5), *, holidays_too: bool = False) -> Ints:
        """Wall clock of the runs of a machine at an hour on some days of the week (Monday is 0)."""
        days = np.arange(self.days[0], self.days[-1] + 1) if holidays_too else self.days
        return days[np.isin((days + 3) % 7, tuple(weekdays))] * DAY + int(hour * HOUR)

    def beginnings(self, quantiles: Floats, first: date, last: date, season: Callable[[Ints], Floats]) -> Floats:
        """Working clock at which cases begin, between two days, as much on each as its season says."""
        place = np.arange(np.searchsorted(self.days, day_number(first)), np.searchsorted(self.days, day_number(last), "right"))
        done = np.concatenate(([0.0], np.cumsum(season(self.days[place]))))
        return np.asarray(place[0] + np.interp(quantiles * done[-1], done, np.arange(len(done), dtype=float)))


def working_calendar(first: date, last: date) -> Calendar:
    """The calendar of all working days from one day to another."""
    off = {day_number(day) for year in range(first.year, last.year + 1) for day in holidays(year)}
    days = np.arange(day_number(first), day_number(last) + 1)
    return Calendar(days[((days + 3) % 7 < 5) & ~np.isin(days, list(off))])


def worked(moment: Ints, days: Ints, opens: int, closes: int) -> Ints:
    """Seconds up to a wall clock that lie on some days between two seconds of the day."""
    day, second = np.divmod(moment, DAY)
    place = np.searchsorted(days, day)
    today = days[np.minimum(place, len(days) - 1)] == day
    return np.asarray(place * (closes - opens) + np.where(today, np.clip(second, opens, closes) - opens, 0))


def month_of(days: Ints) -> Ints:
    """Months since January 1970 of days."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def working_day_of_month(days: Ints) -> Ints:
    """For working days in order: the how manieth of its month each is, from 0."""
    month = month_of(days)
    return np.arange(len(days)) - np.searchsorted(month, month)


def office_season(days: Ints) -> Floats:
    """How much begins on each working day, against an ordinary one: more at the ends of months, less in August and at Christmas."""
    month, nth = month_of(days), working_day_of_month(days)
    from_end = np.searchsorted(month, month, "right") - 1 - np.arange(len(days))
    day_of_month = days - days.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    weight = np.ones(len(days))
    weight[from_end < 3] = 1.8
    weight[nth < 2] = 1.3
    weight[month % 12 == 7] *= 0.8
    weight[(month % 12 == 11) & (day_of_month >= 22)] *= 0.4
    return weight


def utc_offsets(zone: str, wall: Ints) -> Ints:
    """Seconds by which the zone is ahead of UTC at local times; of a time that exists twice the first is meant."""
    hours = wall // HOUR
    known, place = np.unique(hours, return_inverse=True)
    here = ZoneInfo(zone)
    ahead = [(datetime(1970, 1, 1) + timedelta(hours=int(hour))).replace(tzinfo=here).utcoffset() for hour in known]
    return np.array([round(each.total_seconds()) for each in ahead if each is not None], dtype=np.int64)[place]
