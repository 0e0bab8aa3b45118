"""The working-day axis of a month-end close: a published close calendar, a count day by day, and its ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers import SAMPLES

import finmine
from finmine.finance.calendar import BeyondHorizon
from finmine.finance.closing_days import closing_days
from finmine.finance.local_days import day_number
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.relations.calendars import calendars, unit_calendars
from finmine.relations.closing_days import closing_axis, on_closing_axis
from finmine.words import DAY

OFFICE = WorkingHours("office", (*(((Shift(540, 1020),),) * 5), (), ()), holidays=("DE",))
CALENDAR = OFFICE.laid_out(day_number(date(2023, 6, 15)) * DAY, day_number(date(2025, 6, 15)) * DAY, "Europe/Berlin")

HOLIDAYS = (
    "2023-10-03 2023-12-25 2023-12-26 2024-01-01 2024-03-29 2024-04-01 2024-05-01 2024-05-09 2024-05-20 2024-10-03 2024-12-25 2024-12-26 "
    "2025-01-01 2025-04-18 2025-04-21 2025-05-01 2025-05-29"
).split()
"""Of all of Germany, as published."""


def works(day: date) -> bool:
    """Whether a day is a working day."""
    return day.weekday() < 5 and day.isoformat() not in HOLIDAYS


def noon(day: date) -> int:
    """Noon of a day in Berlin, or an hour before or after."""
    return (datetime(day.year, day.month, day.day, 11, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def axis(day: date, after: int = 10) -> tuple[int, int, int]:
    """The working day of a date, and the year and month that is closed."""
    working_day, months = closing_days(CALENDAR, after).of(np.array([noon(day)]))
    return int(working_day[0]), 1970 + int(months[0]) // 12, int(months[0]) % 12 + 1


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 3, 25), (-4, 2024, 3)),
        (date(2024, 3, 26), (-3, 2024, 3)),
        (date(2024, 3, 28), (-1, 2024, 3)),
        (date(2024, 3, 29), (1, 2024, 3)),  # Good Friday, the last working day is past: with the next working day
        (date(2024, 3, 31), (1, 2024, 3)),
        (date(2024, 4, 1), (1, 2024, 3)),  # Easter Monday
        (date(2024, 4, 2), (1, 2024, 3)),
        (date(2024, 4, 3), (2, 2024, 3)),
        (date(2024, 4, 15), (10, 2024, 3)),
        (date(2024, 4, 16), (-11, 2024, 4)),
        (date(2024, 12, 31), (-1, 2024, 12)),
        (date(2025, 1, 1), (1, 2024, 12)),
        (date(2025, 1, 2), (1, 2024, 12)),
    ],
)
def test_working_days_around_the_end_of_a_month(day: date, expected: tuple[int, int, int]) -> None:
    """The closes of March 2024 (with Easter in it) and of December; there is no day 0, and a day off counts with the next working day."""
    assert axis(day) == expected


@given(st.dates(date(2023, 7, 1), date(2025, 5, 31)), st.integers(1, 15))
def test_the_axis_is_a_count_day_by_day(day: date, after: int) -> None:
    """Counted forward from the end of the month before, and where that is more than ``after`` backward from the end of its own."""
    while not works(day):
        day += timedelta(days=1)
    asked = day
    first = asked.replace(day=1)
    since = sum(works(first + timedelta(days=step)) for step in range((asked - first).days + 1))
    if since <= after:
        before = first - timedelta(days=1)
        expected = (since, before.year, before.month)
    else:
        following = (first + timedelta(days=31)).replace(day=1)
        expected = (-sum(works(asked + timedelta(days=step)) for step in range((following - asked).days)), asked.year, asked.month)
    assert axis(asked, after) == expected


def test_a_period_may_end_on_any_day() -> None:
    """Counted from a given last day, such as that of a quarter or of a 4-4-5 period, near or far."""
    days = closing_days(CALENDAR)
    at = np.array([noon(date(2024, 4, 2)), noon(date(2024, 3, 28)), noon(date(2024, 4, 30))])
    end = np.full(3, day_number(date(2024, 3, 31)))
    assert days.from_end(at, end).tolist() == [1, -1, 21]


@pytest.mark.parametrize(
    ("shifts", "at", "expected"),
    [
        ((Shift(1320, 1800),), "2024-03-30 02:00", -1),  # Saturday, in the shift that began on Friday, the last of the month
        ((Shift(1320, 1800),), "2024-03-30 07:00", 1),  # after it
        ((Shift(1320, 1800),), "2024-04-02 02:00", 1),  # Tuesday, in the shift of Monday the 1st
        ((Shift(1320, 1800),), "2024-04-02 23:00", 2),
        ((Shift(0, 1440),), "2024-04-02 02:00", 2),  # open without a break
        ((Shift(480, 720),), "2024-04-02 10:00", 2),  # half days are days
    ],
)
def test_a_night_belongs_to_the_day_on_which_its_shift_began(shifts: tuple[Shift, ...], at: str, expected: int) -> None:
    """A shift from 22 to 6 o'clock makes no working day of the Saturday on which it ends; 24 hours on five days and half days are five days."""
    week = WorkingHours("week", (*((shifts,) * 5), (), ()))
    days = closing_days(week.laid_out(day_number(date(2024, 1, 15)) * DAY, day_number(date(2024, 6, 15)) * DAY, "UTC"))
    asked = (datetime.fromisoformat(f"{at}+00:00") - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert days.of(np.array([asked]))[0].tolist() == [expected]


def test_outside_the_whole_months_of_the_horizon_nothing_is_said() -> None:
    """Of a month that the calendar knows only in part no working day is told."""
    days = closing_days(CALENDAR)
    for day in (date(2023, 6, 20), date(2025, 6, 10)):
        with pytest.raises(BeyondHorizon):
            days.of(np.array([noon(day)]))
    with pytest.raises(BeyondHorizon):
        closing_days(OFFICE.laid_out(noon(date(2024, 3, 5)), noon(date(2024, 3, 20)), "UTC"))


def test_the_engine_says_the_same() -> None:
    """On the sample reconciliations the axis by a join in the engine is that of the arrays, for each calendar; most of the work falls on the ten days after a month's end."""
    log = finmine.read(SAMPLES / "reconciliations.parquet")
    found = calendars(log)
    these = on_closing_axis(unit_calendars(log, found), closing_axis(log, found), "time")
    rows = log.fetch(these.select("calendar", "time", "working_day", "closing")).tuples()
    for code, calendar in enumerate(found.calendars):
        mine = [row[1:] for row in rows if row[0] == code]
        working_day, months = closing_days(calendar).of(np.array([at for at, _, _ in mine]))
        assert [day for _, day, _ in mine] == working_day.tolist()
        assert [closing for *_, closing in mine] == [f"{1970 + month // 12}-{month % 12 + 1:02}" for month in months.tolist()]
    early = [day for _, _, day, _ in rows if 0 < int(str(day)) <= 10]
    assert len(early) > len(rows) / 2
