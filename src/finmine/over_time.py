"""The compared cases of a log over time: what they have, day by day of their arrival or end, and where each day lies about a period end.

How a case went on is known only once it has ended, and of those that arrived last only the quick ones have; of those that ended first in a
log that begins with new cases, too. So by arrival cases count up to the last whole week from which nineteen of twenty cases had the time to
end, and by end from the first whole week by which they had it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finmine.compared_cases import FEW, numbers
from finmine.finance.closing_days import closing_days
from finmine.finance.local_days import date_of, day_at, local_days
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.path_family import PathFamily
from finmine.stats.change_points import Days

if TYPE_CHECKING:
    from finmine.log import EventLog
    from finmine.stats.sample import Flags, Floats, Ints

BEFORE, AFTER = 3, 10
"""Working days before and after the end of a month that belong to a period end: WD−3 to WD+10."""
_STRAY = 731  # days outside of where 98 of 100 cases arrive, from which on a date is taken for a slip
_WEEKDAYS = WorkingHours("Monday to Friday", (*((Shift(540, 1020),),) * 5, (), ()), place="finmine")


@dataclass(frozen=True, slots=True, eq=False)
class OverTime:
    """The cases that are looked at (``kept``: which of the rows), the place of each one's day, and what the days add up to.

    ``working_day`` and ``closing`` (months since 1970) tell of each day where it lies about a period end. ``stray`` cases lie far from all
    others, ``outside`` ones beyond the day ``limit``, where only the quick are known. The first feature is time, by rank; the others are the exposures
    with the numbers ``exposures``: those that thirty cases have, and thirty have not.
    """

    family: PathFamily
    kept: Flags
    of_day: Ints
    days: Days
    exposures: Ints
    working_day: Ints
    closing: Ints
    calendar: str | None
    limit: int
    stray: int
    outside: int

    @property
    def weeks(self) -> Ints:
        """The week of each kept case."""
        return self.days.week[self.of_day]

    def feature(self, place: int) -> Flags:
        """Which of the kept cases have an exposure (by its place among features)."""
        return _having(self.family, int(self.exposures[place - 1]))[self.kept]

    @property
    def times(self) -> Floats:
        """The times of the kept cases, in microseconds."""
        return self.family.family.values[self.kept]


def over_time(family: PathFamily, ended: Ints | None, takes: int) -> OverTime:
    """The cases of a family of comparisons in the order in which they arrived, or ended where that is given; nineteen of twenty take no longer than ``takes``."""
    log, started = family.compared.log, numbers(family.rows, "started")
    at = started if ended is None else ended
    low, high = (day_at(int(instant), log.zone) for instant in _most(at))
    span = local_days(log.zone, low - _STRAY, high + _STRAY)
    near = (at >= span.begin[0]) & (at < span.begin[-1])
    day = np.full(len(at), -1)
    day[near] = span.of(at[near])
    if ended is None:
        limit = 7 * ((day_at(max(log.facts.extracted - takes, 0), log.zone) - 3) // 7) + 3
        kept = near & (day <= limit)
    else:
        limit = monday(-((-3 - day_at(int(_most(started)[0]) + takes, log.zone)) // 7))
        kept = near & (day >= limit)
    found, of_day = np.unique(day[kept], return_inverse=True)
    working_day, closing, calendar = _about_closes(log, found)
    place = np.where((working_day >= -BEFORE) & (working_day <= AFTER), working_day, 0)
    cases = np.bincount(of_day, minlength=len(found)).astype(float)
    enough = [number for number, flags in enumerate(family.family.exposures) if FEW <= np.count_nonzero(flags()[kept]) <= len(of_day) - FEW]
    exposures = np.array(enough, dtype=np.int64)
    days = Days(found, (found + 3) // 7, place, cases, _sums(family, exposures, kept, of_day, len(found)))
    stray, outside = int(np.count_nonzero(~near)), int(np.count_nonzero(near & ~kept))
    return OverTime(family, kept, of_day, days, exposures, working_day, closing, calendar, limit, stray, outside)


def _having(family: PathFamily, number: int) -> Flags:
    """Which cases have what an exposure is about, whichever side it is told from."""
    flags: Flags = family.family.exposures[number]()
    return ~flags if family.exposures[number].without else flags


def _most(at: Ints) -> Ints:
    """The instants between which 98 of 100 lie."""
    seen = np.sort(at)
    return seen[[len(seen) // 100, len(seen) - 1 - len(seen) // 100]] if len(seen) else np.zeros(2, dtype=np.int64)


def _sums(family: PathFamily, exposures: Ints, kept: Flags, of_day: Ints, days: int) -> Floats:
    """For each day the sum of the ranks of its cases' times, from 0 to 1, and how many have each exposure."""
    count = int(np.count_nonzero(kept))
    ordered = np.sort(family.family.values[kept])
    times = family.family.values[kept]
    ranks = (np.searchsorted(ordered, times, "left") + np.searchsorted(ordered, times, "right")) / (2 * max(count, 1))
    columns = [ranks, *(_having(family, number)[kept].astype(float) for number in exposures.tolist())]
    return np.stack([np.bincount(of_day, column, days) for column in columns], axis=1) if days else np.zeros((0, len(columns)))


def _about_closes(log: EventLog, days: Ints) -> tuple[Ints, Ints, str | None]:
    """The working day of each day, and the month to whose end that is related; by the card's default calendar, else by Monday to Friday."""
    named = log.card.calendar_of.default
    hours = log.card.calendars[named] if named else _WEEKDAYS
    if not len(days):
        return days, days, named
    zone = hours.zone or log.zone
    noons = local_days(zone, int(days[0]), int(days[-1])).instants(days, 720)
    margin = 62 * 86_400_000_000
    axis = closing_days(hours.laid_out(int(noons[0]) - margin, int(noons[-1]) + margin, zone), AFTER)
    working_day, closing = axis.of(noons)
    return working_day, closing, named


def monday(week: int) -> int:
    """The number of the first day of a week."""
    return 7 * week - 3


def day_in_words(number: int) -> str:
    """The date of a day by its number."""
    return f"{date_of(number):%Y-%m-%d}"
