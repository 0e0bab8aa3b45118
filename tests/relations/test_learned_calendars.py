"""Learned calendars: from whom they are learned, what is a holiday, and that declared ones come first."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tests.answers import texts

import finmine
from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.kernels.learned_granules import Learning
from finmine.log import EventLog
from finmine.relations.calendars import LEARNED, calendars, unit_calendars
from finmine.testing import Event, log
from finmine.view import Caveat
from finmine.words import DAY, HOUR

NIGHT = WorkingHours("night", ((Shift(1320, 1800),),) * 7)


def instant(day: date, hour: int) -> int:
    """The instant of an hour of a day, UTC."""
    return (datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def worked(person: str, role: str, first: date, weeks: int, hours: range, off: frozenset[date] = frozenset()) -> list[Event]:
    """A stamp of a person in each hour of each working day of some weeks; each day is a case."""
    days = [first + timedelta(days=7 * week + weekday) for week in range(weeks) for weekday in range(5)]
    return [
        {"case": f"{day}", "activity": "check", "timestamp": instant(day, hour) + HOUR // 2, "resource": person, "role": role}
        for day in days
        if day not in off
        for hour in hours
    ]


FIRST = date(2024, 1, 8)
LOG = [
    *worked("ann", "clerk", FIRST, 30, range(8, 16)),
    *worked("bob", "clerk", FIRST, 1, range(9, 11)),
    *worked("cid", "boss", FIRST + timedelta(days=7 * 12), 1, range(10, 12)),
]


def of_people(written: EventLog) -> dict[str, tuple[str, str, str]]:
    """For each person the calendar that applies, its hours and the level."""
    found = calendars(written, Learning())
    rows = written.fetch(unit_calendars(written, found).select("resource", "calendar", "level").distinct()).tuples()
    names = dict(enumerate(sorted({str(event["resource"]) for event in LOG})))
    return {
        names[int(str(resource))]: (found.calendars[int(str(code))].name, found.calendars[int(str(code))].hours, str(level))
        for resource, code, level in rows
    }


def test_who_has_too_little_learns_from_the_role_and_then_from_all() -> None:
    """Ann has hours of her own, Bob those of the clerks, Cid, alone in his role, those of all."""
    found = of_people(log(LOG))
    assert found["ann"] == ("learned from ann", "Mon-Fri 08:00-16:00", LEARNED)
    assert found["bob"] == ("learned from role clerk", "Mon-Fri 08:00-16:00", LEARNED)
    assert found["cid"] == ("learned from all resources", "Mon-Fri 08:00-16:00", LEARNED)
    support = calendars(log(LOG), Learning()).support
    assert [(one.dates, one.stamps, one.inside) for one in support] == [(150, 1200, 1200), (150, 1210, 1210), (150, 1220, 1220)]


def test_hours_without_a_shape_are_no_working_hours() -> None:
    """Who leaves stamps at all hours of all days gets a calendar that is open always, and every answer on it says so."""
    answer = finmine.calendars(log(worked("eve", "clerk", FIRST, 30, range(24))), learn=True)
    assert any("1 of 1 learned calendar is open for more than half of all hours" in text for text in texts(answer, Caveat))
    assert not any("more than half of all hours" in text for text in texts(finmine.calendars(log(LOG), learn=True), Caveat))


def test_a_declared_calendar_comes_first() -> None:
    """For whom a calendar is declared none is learned, at whatever level."""
    card = Card(calendars={"night": NIGHT}, calendar_of=CalendarOf(None, {"role": {"clerk": "night"}}))
    found = of_people(log(LOG, card=card))
    assert found["ann"] == ("night", "Mon-Sun 22:00-06:00", "role")
    assert found["cid"][2] == LEARNED


def test_too_small_a_log_teaches_nothing() -> None:
    """Where even all resources together were seen on too few dates, working time stays unknown."""
    written = log(worked("ann", "clerk", FIRST, 2, range(8, 16)))
    found = calendars(written, Learning())
    assert found.calendars == ()
    assert written.fetch(unit_calendars(written, found).select("level").distinct()).tuples() == ((None,),)


def test_a_quiet_weekday_is_a_holiday_and_a_tenure_is_by_months() -> None:
    """A Wednesday without work among busy ones is closed; the first stamp is of January, the last of August, and outside these months all is closed."""
    quiet = date(2024, 5, 1)
    written = log([event for person in ("ann", "bob", "cid") for event in worked(person, "clerk", FIRST, 30, range(8, 16), frozenset({quiet}))])
    calendar = calendars(written, Learning()).calendars[0]
    opened = {date(1970, 1, 1) + timedelta(days=int(start) // DAY) for start in calendar.starts}
    assert quiet not in opened
    assert quiet + timedelta(days=1) in opened
    assert (min(opened), max(opened)) == (date(2024, 1, 1), date(2024, 8, 30))
    assert calendar.kind == "learned"


def test_the_question_says_that_a_calendar_is_learned() -> None:
    """Learned calendars are shown as such, with what that means; without being asked for, none is learned."""
    answer = finmine.calendars(log(LOG), learn=True)
    assert {record["calendar_level"] for record in answer.records()} == {LEARNED}
    assert "learned from the log" in answer.to_text()
    assert len(answer.kernels()) == 3
    assert {record["calendar"] for record in finmine.calendars(log(LOG)).records()} == {"(none)"}
