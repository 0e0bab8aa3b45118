"""The working-day axis of a period close: how many working days before or after the end of a month something happens.

The first working day after the end of a month is WD+1, the last one up to it WD−1; there is no WD 0. Work on a day off counts
with the next working day. A working day is a local day in which the calendar is open at all, be it for half of it; what is open past midnight
belongs to the day on which it began.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finmine.finance.calendar import BeyondHorizon, Calendar, Whole
from finmine.finance.local_days import LocalDays, day_at, local_days


@dataclass(frozen=True, slots=True, eq=False)
class ClosingDays:
    """For each local day of a calendar's horizon its working day, and the month to whose end that is related.

    ``months`` are counted from January 1970, which is 0; ``before`` holds how many working days lie before each day.
    """

    calendar: str
    days: LocalDays
    before: Whole
    working_day: Whole
    months: Whole

    def of(self, at: Whole) -> tuple[Whole, Whole]:
        """The working day of each instant, and the month to whose end it is related.

        Raises:
            BeyondHorizon: an instant lies outside the horizon of the calendar.
        """
        place = self._place(self.days.of(at))
        return self.working_day[place], self.months[place]

    def from_end(self, at: Whole, end: Whole) -> Whole:
        """The working day of each instant, counted from the end of a period that is given by its last day (days since 1970).

        Raises:
            BeyondHorizon: an instant or an end lies outside the horizon of the calendar.
        """
        return _counted(self.before[self._place(self.days.of(at))] - self.before[self._place(end + 1)])

    def _place(self, day: Whole) -> Whole:
        place = day - self.days.first
        beyond = int(np.count_nonzero((place < 0) | (place >= len(self.before))))
        if beyond:
            raise BeyondHorizon(self.calendar, beyond)
        return place


def closing_days(calendar: Calendar, after: int = 10) -> ClosingDays:
    """The axis of a calendar, for the whole months of its horizon.

    Up to WD+``after`` a day belongs to the close of the month before its own, later on to that of its own. So where a month has few working
    days, the last ones before its end may all belong to the close before.
    """
    days = _with_their_nights(calendar, _whole_months(calendar))
    works = np.diff(calendar.reading(days.begin)) > 0
    reached = np.concatenate(([0], np.cumsum(works)))
    before = reached[:-1]
    months = _months(np.arange(days.first, days.first + len(works)))
    since = _counted(before - before[np.searchsorted(months, months)])
    left = _counted(before - reached[np.searchsorted(months, months, side="right")])
    early = since <= after
    return ClosingDays(calendar.name, days, before, np.where(early, since, left), months - early)


def _whole_months(calendar: Calendar) -> LocalDays:
    """The days of the months that lie in the horizon of a calendar as a whole."""
    known = np.arange(day_at(calendar.horizon[0], calendar.zone), day_at(calendar.horizon[1], calendar.zone))
    whole = (_months(known) > _months(known[:1] - 1)) & (_months(known) < _months(known[-1:] + 1))
    if not whole.any():
        raise BeyondHorizon(calendar.name, len(known))
    return local_days(calendar.zone, int(known[whole][0]), int(known[whole][-1]))


def _with_their_nights(calendar: Calendar, days: LocalDays) -> LocalDays:
    """The days, each begun only when what was open at its midnight closes; where that is open all day, at midnight."""
    begins, next_ = days.begin[:-1], days.begin[1:]
    place = np.searchsorted(calendar.starts, begins) - 1
    closes = np.where(place < 0, begins, calendar.ends[place])
    at_night = (closes > begins) & (closes < next_)
    return LocalDays(days.zone, days.first, np.append(np.where(at_night, closes, begins), days.begin[-1]))


def _months(days: Whole) -> Whole:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _counted(difference: Whole) -> Whole:
    """Working days between as the axis counts them: none between is WD+1, one before is WD−1."""
    return np.where(difference < 0, difference, difference + 1)
