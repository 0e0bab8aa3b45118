"""Working time in the engine: which calendar applies, and that both ways of reckoning agree, on random logs with random calendars."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import logs

from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.errors import UnknownWord
from finmine.filters.activities import ActivityIs
from finmine.finance.calendar import Whole
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.log import EventLog
from finmine.relations.calendars import calendars, case_calendars, unit_calendars
from finmine.relations.working_time import open_at, working_time
from finmine.testing import Event, log
from finmine.words import HOUR

NINE_TO_FIVE = WorkingHours("office", (*(((Shift(540, 1020),),) * 5), (), ()))
ALWAYS = WorkingHours("always", ((Shift(0, 1440),),) * 7)
NIGHT = WorkingHours("night", ((Shift(1320, 1800),),) * 7)
THREE = {hours.name: hours for hours in (NINE_TO_FIVE, ALWAYS, NIGHT)}

WRITTEN = """
a {company=1000}: x@0h/ann {role=clerk}, y@33h/bob {role=clerk}, z@60h/cid {role=System}
b {company=2000}: x@1h/ann {role=clerk}, y@1h/bob {role=boss}, z@90h
"""


def applied(written: EventLog) -> dict[tuple[int, int], tuple[str | None, str | None]]:
    """The name of the calendar of each unit, and the level at which it is named, by case and position."""
    found = calendars(written)
    rows = written.fetch(unit_calendars(written, found).select("case", "position", "calendar", "level").order_by("case", "position")).tuples()
    names: dict[Any, str] = {code: calendar.name for code, calendar in enumerate(found.calendars)}
    return {(case, position): (names.get(code), level) for case, position, code, level in rows}  # type: ignore[misc]


def test_the_nearest_calendar_applies() -> None:
    """The resource's calendar comes before the role's, that before the company's, the default is last, and where none is named none applies."""
    levels = {"company": {"1000": "always"}, "role": {"clerk": "office", "System": "always"}, "resource": {"bob": "night"}}
    card = Card(calendars=THREE, calendar_of=CalendarOf(None, levels))
    assert list(applied(log(WRITTEN, card=card)).values()) == [
        ("office", "role"),
        ("night", "resource"),
        ("always", "role"),
        ("office", "role"),
        ("night", "resource"),
        (None, None),
    ]
    card = Card(calendars=THREE, calendar_of=CalendarOf("office", {"company": {"1000": "always"}}))
    written = log(WRITTEN, card=card)
    assert [name for name, _ in applied(written).values()] == ["always"] * 3 + ["office"] * 3
    found = calendars(written)
    assert written.fetch(case_calendars(written, found).order_by("case")).tuples() == ((0, 1, "company"), (1, 0, "default"))


@pytest.mark.parametrize("people", ["names", "pseudonyms", "roles"])
def test_how_people_are_shown_does_not_change_their_calendar(people: Any) -> None:
    """A calendar is named for the resource as the source has it, also where people are shown under pseudonyms or as their roles."""
    card = Card(calendars=THREE, calendar_of=CalendarOf("office", {"resource": {"bob": "night"}}))
    found = applied(log(WRITTEN, card=card, people=people))
    assert [name for name, _ in found.values()] == ["office", "night", "office", "office", "night", "office"]


def test_without_a_calendar_nothing_is_known() -> None:
    """Where no calendar applies, working time is missing, never that of 24 hours on seven days."""
    written = log(WRITTEN)
    found = calendars(written)
    these = unit_calendars(written, found)
    these = open_at(working_time(these, found, "time", "next_time"), found, "time", "inside")
    assert set(written.fetch(these.select("worked", "inside")).tuples()) == {(None, None)}


def test_an_unknown_level_is_refused() -> None:
    """An attribute that the log does not have cannot say which calendar applies; the nearest is named."""
    card = Card(calendars=THREE, calendar_of=CalendarOf(None, {"compny": {"1000": "office"}}))
    with pytest.raises(UnknownWord, match=r"\[calendar_of\] of the card: 'compny'. Did you mean 'company'"):
        log(WRITTEN, card=card)


@st.composite
def weeks(draw: st.DrawFn, name: str) -> WorkingHours:
    """Random working hours with closed days."""
    spells = st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1439)), max_size=2)
    week = draw(st.lists(spells, min_size=7, max_size=7).filter(lambda days: all(days[:2])))
    closed = draw(st.frozensets(st.dates(date(2024, 1, 1), date(2024, 1, 9)), max_size=2))
    return WorkingHours(name, tuple(tuple(Shift(begins, begins + length) for begins, length in spells) for spells in week), closed=closed)


@settings(max_examples=15)
@given(logs(starts=True), weeks("one"), weeks("two"), st.sampled_from(["UTC", "Europe/Berlin"]), st.booleans())
def test_the_engine_and_the_arrays_agree(rows: list[Event], one: WorkingHours, two: WorkingHours, zone: str, filtered: bool) -> None:
    """Working time by joins in the engine is that of the calendar's own arrays; a span that ends before it begins has none; filters change no unit's own time."""
    card = Card(zone=zone, calendars={"one": one, "two": two}, calendar_of=CalendarOf("two", {"vendor": {"ACME": "one", "acme": "one"}}))
    written = log(rows, card=card)
    if filtered:
        written = written.keep_events(ActivityIs((written.activity_names()[0],)))
    found = calendars(written)
    these = unit_calendars(written, found).select("case", "position", "start", "time", "calendar")
    these = open_at(working_time(these, found, "start", "time"), found, "time", "inside")
    for record in written.fetch(these).records():
        calendar = found.calendars[record["calendar"]]
        at: Whole = np.array([record["time"]])
        assert record["inside"] == calendar.open_at(at)[0]
        if record["start"] is None or record["start"] > record["time"]:
            assert record["worked"] is None
        else:
            assert record["worked"] == calendar.worked(np.array([record["start"]]), at)[0]


def test_stamps_far_from_all_others_have_no_working_time() -> None:
    """A placeholder in the year 9999 is beyond the horizon: its working time is missing, and the calendar is laid out for the years of the log."""
    card = Card(calendars={"office": NINE_TO_FIVE}, calendar_of=CalendarOf("office"))
    written = log(f"a: x@9h, y@11h, z@{7975 * 365}d\nb: x@10h, y@34h", card=card)
    found = calendars(written)
    these = unit_calendars(written, found)
    these = working_time(these.select("case", "position", "time", "next_time", "calendar"), found, "time", "next_time")
    assert written.fetch(these.order_by("case", "position")).column("worked") == (2 * HOUR, None, None, 8 * HOUR, None)
    assert found.calendars[0].horizon[1] < 3 * 10**15
