"""Working time: the table of definition B5, the laws of the calendar's clock, and a minute-by-minute count as oracle."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.finance.calendar import BackwardInTime, BeyondHorizon, Calendar, Whole
from finmine.finance.working_hours import NeverOpen, Shift, WorkingHours
from finmine.words import DAY, HOUR, MINUTE, working_duration

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo")
FIVE_DAYS = (0, 1, 2, 3, 4)
EVERY_DAY = tuple(range(7))


def hours(shifts: list[tuple[float, float]], weekdays: tuple[int, ...] = FIVE_DAYS, **facts: object) -> WorkingHours:
    """Working hours with the same shifts, in hours of the day, on some days of the week."""
    spelled = tuple(Shift(int(begins * 60), int(ends * 60)) for begins, ends in shifts)
    return WorkingHours("test", tuple(spelled if weekday in weekdays else () for weekday in range(7)), **facts)  # type: ignore[arg-type]


def instant(written: str, zone: str = "UTC") -> int:
    """Microseconds since 1970 of a local time written as ISO text."""
    shown = datetime.fromisoformat(written)
    moment = shown if shown.tzinfo else shown.replace(tzinfo=ZoneInfo(zone))
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def laid_out(declared: WorkingHours, zone: str = "UTC", first: str = "2024-01-01", last: str = "2024-12-31") -> Calendar:
    """The calendar of a year."""
    return declared.laid_out(instant(first, zone), instant(last, zone), zone)


def worked(calendar: Calendar, since: str, until: str) -> int:
    """The working time between two local times."""
    return int(calendar.worked(one(since, calendar.zone), one(until, calendar.zone))[0])


def one(written: str, zone: str) -> Whole:
    """An array with one instant."""
    return np.array([instant(written, zone)], dtype=np.int64)


NINE_TO_FIVE = hours([(9, 17)])
ALWAYS = hours([(0, 24)], EVERY_DAY)
EVENING = hours([(17, 25)])
NIGHT = hours([(22, 30)], EVERY_DAY)


@pytest.mark.parametrize(
    ("declared", "zone", "since", "until", "expected"),
    [
        (NINE_TO_FIVE, "UTC", "2024-01-04T16:50", "2024-01-05T09:10", 20 * MINUTE),
        (ALWAYS, "UTC", "2024-01-04T16:50", "2024-01-05T09:10", 16 * HOUR + 20 * MINUTE),
        (EVENING, "UTC", "2024-01-03T00:30", "2024-01-03T02:00", 30 * MINUTE),
        (EVENING, "UTC", "2024-01-03T23:00", "2024-01-04T00:30", 90 * MINUTE),
        (EVENING, "UTC", "2024-01-03T02:00", "2024-01-03T04:48", 0),
        (NIGHT, "Europe/Berlin", "2024-03-30T22:00", "2024-03-31T06:00", 7 * HOUR),
        (NIGHT, "Europe/Berlin", "2024-10-26T22:00", "2024-10-27T06:00", 9 * HOUR),
        (ALWAYS, "Europe/Berlin", "2024-03-31T00:00", "2024-04-01T00:00", 23 * HOUR),
        (ALWAYS, "Europe/Berlin", "2024-10-27T00:50:00+00:00", "2024-10-27T01:10:00+00:00", 20 * MINUTE),
        (NINE_TO_FIVE, "UTC", "2024-01-04T18:00", "2024-01-05T08:00", 0),
        (NINE_TO_FIVE, "UTC", "2024-01-04T18:00", "2024-01-05T18:00", 8 * HOUR),
        (NINE_TO_FIVE, "UTC", "2024-01-04T12:00", "2024-01-04T12:00", 0),
        (NINE_TO_FIVE, "UTC", "2024-01-05T12:00", "2024-01-08T12:00", 8 * HOUR),
        (hours([(9, 12), (13, 17)]), "UTC", "2024-01-04T11:30", "2024-01-04T13:30", HOUR),
    ],
)
def test_working_time_between_two_stamps(declared: WorkingHours, zone: str, since: str, until: str, expected: int) -> None:
    """The vectors of B5: over night, over the weekend, in shifts that end on the next day, with days of 23 and 25 hours, and where nothing is worked."""
    assert worked(laid_out(declared, zone), since, until) == expected


def test_working_time_is_told_in_the_days_of_the_calendar() -> None:
    """32 working hours are four days of eight hours, not one and a third of twenty-four (pm4py#559)."""
    calendar = laid_out(NINE_TO_FIVE)
    found = worked(calendar, "2024-01-08T09:00", "2024-01-11T17:00")
    assert found == 32 * HOUR
    assert calendar.day == 8 * HOUR
    assert working_duration(found, calendar.day) == "4.0 working days"


def test_a_shift_belongs_to_the_day_on_which_it_begins() -> None:
    """A holiday takes away the night shift that begins on it, and not the one that reaches into it."""
    calendar = laid_out(hours([(22, 30)], EVERY_DAY, holidays=("DE",)), "Europe/Berlin")
    assert worked(calendar, "2024-05-01T00:00", "2024-05-01T12:00") == 6 * HOUR
    assert worked(calendar, "2024-05-01T12:00", "2024-05-02T12:00") == 0


def test_days_of_their_own_come_before_holidays_and_the_week() -> None:
    """A half day, a closed day and a day without shifts replace what the week says; a day of its own is worked even on a holiday."""
    own = {date(2024, 12, 24): (Shift(540, 720),), date(2024, 12, 25): (Shift(600, 660),), date(2024, 12, 31): ()}
    calendar = laid_out(hours([(9, 17)], holidays=("DE-BY",), closed=frozenset({date(2024, 12, 27)}), days=own))
    lengths = [worked(calendar, f"2024-12-{day}T00:00", f"2024-12-{day}T23:59") for day in range(23, 32)]
    assert lengths == [8 * HOUR, 3 * HOUR, HOUR, 0, 0, 0, 0, 8 * HOUR, 0]


def test_holidays_are_those_of_the_subdivision() -> None:
    """Corpus Christi is a holiday in Bavaria and a working day in Berlin; the euro's payment system closes on Good Friday."""
    by, be, bank = (laid_out(hours([(9, 17)], holidays=(code,))) for code in ("DE-BY", "DE-BE", "XECB"))
    assert worked(by, "2024-05-30T00:00", "2024-05-31T00:00") == 0
    assert worked(be, "2024-05-30T00:00", "2024-05-31T00:00") == 8 * HOUR
    assert worked(bank, "2024-03-29T00:00", "2024-03-30T00:00") == 0


def test_the_nominal_day_is_the_middle_one_unless_declared() -> None:
    """A short Friday does not make the working day shorter; a declared day is taken as it is."""
    week = (*((Shift(480, 1020),) for _ in range(4)), (Shift(480, 720),), (), ())
    assert laid_out(WorkingHours("x", week)).day == 9 * HOUR
    assert laid_out(WorkingHours("x", week, day=8 * HOUR)).day == 8 * HOUR


def test_clocks_that_skip_or_repeat_a_shift() -> None:
    """A shift that begins in the hour that the clocks skip begins as much later; one that lies in that hour does not exist; of a repeated time the first is meant."""
    spring = laid_out(hours([(2.5, 4)], EVERY_DAY), "Europe/Berlin")
    assert worked(spring, "2024-03-31T00:00", "2024-04-01T00:00") == 30 * MINUTE
    gone = laid_out(hours([(2.25, 3)], EVERY_DAY), "Europe/Berlin")
    assert worked(gone, "2024-03-31T00:00", "2024-04-01T00:00") == 0
    autumn = laid_out(hours([(1, 2.5)], EVERY_DAY), "Europe/Berlin")
    assert worked(autumn, "2024-10-27T00:00", "2024-10-28T00:00") == 90 * MINUTE


def test_backward_spans_and_unknown_times_are_refused() -> None:
    """Working time never runs backward, and nothing is said of times outside the horizon."""
    calendar = laid_out(NINE_TO_FIVE)
    with pytest.raises(BackwardInTime, match="1 of the spans"):
        worked(calendar, "2024-01-05T12:00", "2024-01-05T11:59")
    with pytest.raises(BeyondHorizon, match="'test'"):
        worked(calendar, "2024-12-01T00:00", "2025-01-02T00:00")
    with pytest.raises(NeverOpen, match="'test'"):
        laid_out(NINE_TO_FIVE, first="2024-01-06", last="2024-01-07")


def test_a_calendar_cannot_be_changed() -> None:
    """Its arrays are read-only."""
    with pytest.raises(ValueError, match="read-only"):
        laid_out(NINE_TO_FIVE).starts[0] = 0


_SPELLS = st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1439)), max_size=3)
_WEEKS = st.lists(_SPELLS, min_size=7, max_size=7).filter(any)
_FIRST = instant("2024-03-25")


@st.composite
def calendars(draw: st.DrawFn) -> tuple[WorkingHours, str]:
    """Working hours with shifts of all lengths, some over midnight and some overlapping, some days off; and a zone."""
    week = tuple(tuple(Shift(begins, begins + length) for begins, length in spells) for spells in draw(_WEEKS))
    closed = draw(st.frozensets(st.dates(date(2024, 3, 25), date(2024, 4, 5)), max_size=3))
    return WorkingHours("random", week, closed=closed), draw(st.sampled_from(ZONES))


def minutes_open(declared: WorkingHours, zone: str, since: int, until: int) -> int:
    """How many minutes between two whole minutes are worked: each is compared with every shift that may hold it, on the clocks of the zone."""
    clocks, found = ZoneInfo(zone), 0
    for at in range(since, until, MINUTE):
        here = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(clocks)
        for day in (here.date() - timedelta(days=1), here.date()):
            spans = [
                (datetime(day.year, day.month, day.day) + timedelta(minutes=minute))
                for shift in (() if day in declared.closed else declared.week[day.weekday()])
                for minute in (shift.begins, shift.ends)
            ]
            inside = [
                begins.replace(tzinfo=clocks).timestamp() <= at / 1e6 < ends.replace(tzinfo=clocks).timestamp()
                for begins, ends in zip(spans[::2], spans[1::2], strict=True)
            ]
            if any(inside):
                found += 1
                break
    return found


@given(calendars(), st.integers(0, 10 * 1440), st.integers(0, 2 * 1440))
def test_working_time_is_what_a_count_of_minutes_finds(drawn: tuple[WorkingHours, str], begins: int, length: int) -> None:
    """On random calendars around the change of the clocks, working time is the number of minutes in which some shift runs."""
    declared, zone = drawn
    since, until = _FIRST + begins * MINUTE, _FIRST + (begins + length) * MINUTE
    calendar = declared.laid_out(_FIRST - DAY, _FIRST + 14 * DAY, zone)
    found = calendar.worked(np.array([since]), np.array([until]))
    assert found[0] == minutes_open(declared, zone, since, until) * MINUTE


@given(calendars(), st.lists(st.integers(0, 13 * DAY), min_size=3, max_size=12))
def test_working_time_adds_up(drawn: tuple[WorkingHours, str], offsets: list[int]) -> None:
    """However a span is cut, its parts have its working time; it is never more than the time that passes, nor less than nothing."""
    declared, zone = drawn
    calendar = declared.laid_out(_FIRST, _FIRST + 14 * DAY, zone)
    cuts = np.array(sorted(offsets), dtype=np.int64) + _FIRST
    parts = calendar.worked(cuts[:-1], cuts[1:])
    assert parts.sum() == calendar.worked(cuts[:1], cuts[-1:])[0]
    assert ((parts >= 0) & (parts <= cuts[1:] - cuts[:-1])).all()
    assert (calendar.starts[1:] > calendar.ends[:-1]).all()
    assert (calendar.open_at(calendar.starts)).all()
    assert not calendar.open_at(calendar.ends).any()


@given(
    st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1439)), min_size=1, max_size=3),
    st.integers(0, 5 * DAY),
    st.integers(0, 5 * DAY),
    st.integers(1, 60),
)
def test_a_span_of_the_same_hours_on_another_day_has_the_same_working_time(
    spells: list[tuple[int, int]], begins: int, length: int, days: int
) -> None:
    """Where all days are alike and no clock changes, only the time of day matters."""
    week = (tuple(Shift(start, start + minutes) for start, minutes in spells),) * 7
    calendar = WorkingHours("alike", week).laid_out(_FIRST, _FIRST + 100 * DAY, "UTC")
    since = np.array([_FIRST + DAY + begins])
    assert calendar.worked(since, since + length) == calendar.worked(since + days * DAY, since + days * DAY + length)


def test_the_horizon_changes_nothing_inside_it() -> None:
    """Laid out for a week or for ten years, a calendar says the same about that week."""
    short = NIGHT.laid_out(instant("2024-05-06"), instant("2024-05-12"), "Europe/Berlin")
    long = NIGHT.laid_out(instant("2019-01-01"), instant("2029-01-01"), "Europe/Berlin")
    hours_of = np.arange(short.horizon[0], short.horizon[1] + 1, HOUR)
    assert (short.worked(hours_of[:-1], hours_of[1:]) == long.worked(hours_of[:-1], hours_of[1:])).all()
