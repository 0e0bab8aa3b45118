"""The working calendar: two clocks that run forward together, holidays, runs of machines and offsets from UTC."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers import SAMPLES

from finmine.card import load
from finmine.sample.calendar import DAY, HOUR, day_number, easter, holidays, office_season, utc_offsets, wall_second, working_calendar

CALENDAR = working_calendar(date(2023, 12, 1), date(2026, 12, 31))
CLOCKS = st.lists(st.floats(0, len(CALENDAR.days) - 1), min_size=1, max_size=50).map(np.array)


@given(CLOCKS)
def test_people_work_on_working_days_in_office_hours(clocks: np.ndarray) -> None:
    """Whatever the working clock says, the wall clock shows a working day between a quarter to seven and half past seven."""
    days, seconds = np.divmod(CALENDAR.wall(clocks), DAY)
    assert np.isin(days, CALENDAR.days).all()
    assert (seconds >= 6.75 * HOUR).all()
    assert (seconds <= 19.5 * HOUR).all()


@given(CLOCKS)
def test_both_clocks_run_forward(clocks: np.ndarray) -> None:
    """What is later on the working clock is not earlier on the wall clock, and the other way round."""
    walls = CALENDAR.wall(np.sort(clocks))
    assert (np.diff(walls) >= 0).all()
    assert (np.diff(CALENDAR.clock(walls)) >= 0).all()


@given(CLOCKS)
def test_the_clocks_agree(clocks: np.ndarray) -> None:
    """From the working clock to the wall clock and back is less than a minute's work away."""
    assert np.abs(CALENDAR.clock(CALENDAR.wall(clocks)) - clocks).max() < 0.01


def test_the_working_clock_stands_still_at_night() -> None:
    """On a Friday evening and on the Sunday after it, the working clock shows the beginning of Monday."""
    moments = [datetime(2024, 3, 1, 22), datetime(2024, 3, 3, 9), datetime(2024, 3, 4, 6)]
    clocks = CALENDAR.clock(np.array([wall_second(moment) for moment in moments]))
    assert clocks.tolist() == [np.searchsorted(CALENDAR.days, day_number(date(2024, 3, 4)))] * 3


@pytest.mark.parametrize(
    "sunday", [date(2000, 4, 23), date(2008, 3, 23), date(2011, 4, 24), date(2023, 4, 9), date(2024, 3, 31), date(2025, 4, 20), date(2038, 4, 25)]
)
def test_easter(sunday: date) -> None:
    """Easter falls on its published dates, the earliest and the latest of this century among them."""
    assert easter(sunday.year) == sunday


def test_holidays_of_germany() -> None:
    """The public holidays of all of Germany in 2024 are the nine that the states' lists agree on."""
    days = [(1, 1), (3, 29), (4, 1), (5, 1), (5, 9), (5, 20), (10, 3), (12, 25), (12, 26)]
    assert sorted(holidays(2024)) == [date(2024, month, day) for month, day in days]


def test_the_cards_declare_the_calendar_of_the_generator() -> None:
    """The office hours on the card of a sample log are open on the generator's working days, in the hours in which it lets people work."""
    office = load(SAMPLES / "invoices.card.toml").calendars["office"]
    calendar = office.laid_out(int(CALENDAR.days[0]) * DAY * 10**6, int(CALENDAR.days[-1]) * DAY * 10**6, "UTC")
    assert (calendar.starts == (CALENDAR.days * DAY + 6.75 * HOUR) * 10**6).all()
    assert (calendar.ends == (CALENDAR.days * DAY + 19.5 * HOUR) * 10**6).all()


def test_runs_keep_their_days() -> None:
    """A run on Tuesdays and Thursdays happens only then, at its hour, and not on holidays unless told so."""
    runs = CALENDAR.runs(10.5, (1, 3))
    assert set((runs // DAY + 3) % 7) == {1, 3}
    assert set(runs % DAY) == {10.5 * HOUR}
    assert np.isin(runs // DAY, CALENDAR.days).all()
    labour_day = day_number(date(2024, 5, 1))
    assert labour_day not in CALENDAR.runs(5, range(7)) // DAY
    assert labour_day in CALENDAR.runs(5, range(7), holidays_too=True) // DAY


def test_more_begins_at_the_ends_of_months() -> None:
    """Cases begin within the span asked for, in the order of their quantiles, and more on a month's last days than on others."""
    clocks = CALENDAR.beginnings((np.arange(20_000) + 0.5) / 20_000, date(2024, 1, 2), date(2024, 12, 31), office_season)
    days = CALENDAR.wall(clocks) // DAY
    assert (np.diff(clocks) > 0).all()
    assert (days.min(), days.max()) == (day_number(date(2024, 1, 2)), day_number(date(2024, 12, 31)))
    counts = dict(zip(*np.unique(days, return_counts=True), strict=True))
    assert counts[day_number(date(2024, 5, 31))] > 1.6 * counts[day_number(date(2024, 5, 15))]


@given(st.lists(st.datetimes(datetime(2023, 1, 1), datetime(2026, 1, 1)), min_size=1, max_size=30))
def test_offsets_are_those_of_the_zone(moments: list[datetime]) -> None:
    """The offset of a local time is the one that the time zone database gives for its first occurrence."""
    offsets = utc_offsets("Europe/Berlin", np.array([wall_second(moment) for moment in moments]))
    berlin = ZoneInfo("Europe/Berlin")
    hours = [moment.replace(minute=0, second=0, microsecond=0, tzinfo=berlin, fold=0) for moment in moments]
    assert offsets.tolist() == [int((hour.utcoffset() or hour - hour).total_seconds()) for hour in hours]
