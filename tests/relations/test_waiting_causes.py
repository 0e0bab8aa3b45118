"""Causes of waiting and the time ledger: vectors, the definition as oracle on whole logs, and the identities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.strategies import logs
from tests.waiting_by_definition import CAUSES, Unit, causes

import finmine
from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.card_costs import CostFacts
from finmine.finance.capacity import Capacity
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.log import EventLog
from finmine.relations.calendars import calendars, unit_calendars
from finmine.relations.enabled import enabled_units
from finmine.relations.ledger import ENTRIES, ledger
from finmine.relations.teams import teams
from finmine.relations.traces import traces
from finmine.relations.units import units
from finmine.relations.waiting_causes import WaitingParts, waiting_parts, waits
from finmine.testing import ORIGIN, Event, log
from finmine.words import DAY, HOUR, MINUTE, moment

WEEK = (*(((Shift(540, 1020),),) * 5), (), ())
OFFICE = WorkingHours("office", WEEK)
NIGHT = WorkingHours("night", (((Shift(1320, 1800),),) * 7))
CARD = Card(calendars={"office": OFFICE, "night": NIGHT}, calendar_of=CalendarOf("office"))
# two of three people have a calendar, one of them works at night
SOME = Card(calendars={"office": OFFICE, "night": NIGHT}, calendar_of=CalendarOf(None, {"resource": {"a": "office", "b": "night"}}))


def parts(written: EventLog) -> WaitingParts:
    """What is true during the waits of a log."""
    return waiting_parts(written, calendars(written))


def hours(written: EventLog, activity: str, **how: Any) -> list[dict[str, float]]:
    """The causes in hours of the waits of an activity, those that are not nought, in the order of the cases."""
    code = written.activity_names().index(activity)
    found = waits(written, parts(written), **how)
    rows = written.fetch(found.filter(found.activity == code).order_by("case")).records()
    return [{cause: row[cause] / HOUR for cause in ("waiting", *CAUSES) if row[cause]} for row in rows]


def test_work_ahead_jumping_the_queue_and_the_night() -> None:
    """Enabled on Monday at nine, begun on Tuesday at nine: two hours of older work, one of newer, the night, and five that nothing explains."""
    written = log(
        """
        j1: a@7h-8h 30m/cid, b@9h-11h/ann
        j2: a@8h-10h/cid, b@11h-12h/ann
        j3: a@8h-9h/cid, pay@33h-34h/ann
        """,
        card=CARD,
    )
    assert hours(written, "pay") == [{"waiting": 24, "contention": 2, "prioritisation": 1, "unavailability": 16, "extraneous": 5}]


def test_a_batch_waits_for_its_last_and_then_in_line() -> None:
    """Three invoices enabled at nine, ten and one, paid one after the other from four o'clock on: the last to come lets the others wait."""
    written = log(
        """
        i1: a@8h-9h/cid, pay@16h-16h 5m/ann
        i2: a@8h-10h/cid, pay@16h 5m-16h 10m/ann
        i3: a@8h-13h/cid, pay@16h 10m-16h 15m/ann
        """,
        card=CARD,
    )
    ten = 10 * MINUTE / HOUR
    assert hours(written, "pay") == [
        {"waiting": 7, "batching": 4, "extraneous": 3},
        {"waiting": 6 + ten / 2, "batching": 3, "contention": ten / 2, "extraneous": 3},
        {"waiting": 3 + ten, "contention": ten, "extraneous": 3},
    ]


def test_without_a_calendar_only_other_work_is_known() -> None:
    """A resource without calendar: all of a wait is unknown, or what its other work leaves of it."""
    alone = "i1: a@8h-9h/cid, pay@33h-34h/zoe"
    nobody = Card(calendars={"office": OFFICE}, calendar_of=CalendarOf(None, {"resource": {"cid": "office"}}))
    assert hours(log(alone, card=nobody), "pay") == [{"waiting": 24, "unknown": 24}]
    busy = f"{alone}\ni2: a@7h-8h/cid, b@20h-22h/zoe"
    assert hours(log(busy, card=nobody), "pay") == [{"waiting": 24, "contention": 2, "unknown": 22}]
    assert hours(log("i1: a@8h-9h/cid, pay@33h-34h", card=CARD), "pay") == [{"waiting": 24, "unknown": 24}]


def test_a_team_is_busy_when_all_its_people_are() -> None:
    """The people of a resource's capacity say how many work at once, in whole people and from day to day; roles and hours say nothing of it."""
    written = "j1: a@7h-8h/cid, b@9h-12h/desk\nj2: a@7h-8h/cid, b@10h-11h/desk\nj3: a@7h-9h/cid, pay@13h-14h/desk"
    assert hours(log(written, card=CARD), "pay") == [{"waiting": 4, "contention": 3, "extraneous": 1}]
    for people, card in (("2", 1), ("2.9", 1), ("3", 0)):
        desk = Capacity("resource", "desk", people=Decimal(people))
        (found,) = hours(log(written, card=replace(CARD, costs=CostFacts(capacity=(desk,)))), "pay")
        assert found == {"waiting": 4, **({"contention": card} if card else {}), "extraneous": 4 - card}
    others = (Capacity("role", "desk", people=Decimal(3)), Capacity("resource", "desk", hours=Decimal(320)))
    assert hours(log(written, card=replace(CARD, costs=CostFacts(capacity=others))), "pay") == hours(log(written, card=CARD), "pay")
    first = Capacity("resource", "desk", people=Decimal(2), until=date(2024, 1, 8))
    then = Capacity("resource", "desk", people=Decimal(1), since=date(2024, 1, 9))
    read = log(written, card=replace(CARD, costs=CostFacts(capacity=(first, then))))
    (sizes,) = teams(read).values()
    assert [people for _, people in sizes] == [2, 1]
    assert sizes[1][0] == ORIGIN + 8 * DAY


def test_a_task_left_open_overnight_is_told_by_the_order_of_precedence() -> None:
    """Other work from four o'clock until half past nine: raw it is all contention; in opening hours one hour and a half; a batch can wait at night."""
    written = log("i1: a@15h-16h/cid, pay@33h 30m-34h/ann\ni2: a@14h-15h/cid, b@16h-33h 30m/ann", card=CARD)
    assert hours(written, "pay", raw=True) == [{"waiting": 17.5, "contention": 17.5}]
    assert hours(written, "pay") == [{"waiting": 17.5, "contention": 1.5, "unavailability": 16}]
    batch = log("i1: a@8h-9h/cid, pay@34h-35h/ann\ni2: a@8h-33h/cid, pay@35h-36h/ann", card=CARD)
    assert hours(batch, "pay", first="work-first")[0] == {"waiting": 25, "batching": 24, "extraneous": 1}
    for first in ("batch-last", "hours-first"):
        assert hours(batch, "pay", first=first)[0] == {"waiting": 25, "batching": 8, "unavailability": 16, "extraneous": 1}


def test_a_queue_worked_off_without_a_pause_is_no_batching() -> None:
    """Two pieces come while the checker is busy and are done one after the other: they meet the definition of a batch, but nobody left them."""
    written = log("i1: a@8h-9h/cid, b@9h-12h/ann\ni2: a@8h-10h/cid, pay@12h-13h/ann\ni3: a@8h-11h/cid, pay@13h-14h/ann", card=CARD)
    assert hours(written, "pay") == [{"waiting": 2, "contention": 2}, {"waiting": 2, "contention": 2}]
    assert hours(written, "pay", first="work-first") == [{"waiting": 2, "batching": 1, "contention": 1}, {"waiting": 2, "contention": 2}]


def test_what_came_later_and_went_first_jumped_the_queue_of_a_batch() -> None:
    """The first of a batch waits while newer work is done: to the batch this is work that was there before it was complete, to the unit a jump."""
    written = log("i1: a@8h-9h/cid, pay@14h-15h/ann\ni2: a@8h-11h/cid, pay@15h-16h/ann\ni3: a@8h-10h/cid, b@12h-14h/ann", card=CARD)
    assert hours(written, "pay")[0] == {"waiting": 5, "prioritisation": 2, "batching": 2, "extraneous": 1}
    assert hours(written, "pay", first="work-first")[0] == {"waiting": 5, "batching": 2, "contention": 2, "extraneous": 1}


def read(rows: list[Event]) -> EventLog:
    """A random log whose resources are known by their names; some have a calendar."""
    return log(rows, card=SOME)


def oracle(written: EventLog, found: WaitingParts) -> dict[tuple[int, int], Unit]:
    """The units of a log in whole hours; when each was enabled is taken from its own relation."""
    names = [calendar.name for calendar in found.calendars.calendars]
    of = {(one["case"], one["position"]): one for one in written.fetch(unit_calendars(written, found.calendars)).records()}
    units = {}
    for row in written.fetch(enabled_units(written, found.enabled).order_by("case", "position")).records():
        if row["began"] is not None:
            code = of[row["case"], row["position"]]["calendar"]
            since, began, until = (row[name] // HOUR for name in ("enabled", "began", "time"))
            hours_of = None if code is None else names[code]
            units[row["case"], row["position"]] = Unit(row["case"], row["activity"], row["resource"], since, began, until, hours_of, row["first"])
    return units


def opening(units: Mapping[tuple[int, int], Unit]) -> dict[str, frozenset[int]]:
    """The hours of the calendars around some units."""
    every = range(min(unit.enabled for unit in units.values()), max(unit.end for unit in units.values()) + 1)
    clock = {hour: moment(hour * HOUR, "UTC") for hour in every}
    return {
        "office": frozenset(hour for hour, at in clock.items() if at.weekday() < 5 and 9 <= at.hour < 17),
        "night": frozenset(hour for hour, at in clock.items() if at.hour >= 22 or at.hour < 6),
    }


@settings(max_examples=4, phases=[Phase.generate])
@given(logs(cases=20, length=4, starts=True), st.sampled_from([("batch", False), ("batch", True), ("work", False), ("work", True), ("hours", False)]))
def test_the_causes_are_those_of_the_definition(rows: list[Event], order: tuple[str, bool]) -> None:
    """From rows to causes, in every order of precedence, on logs with ties, overlaps, missing starts and missing people (oracle: sets of hours)."""
    written = read(rows)
    found = parts(written)
    units = oracle(written, found)
    first, raw = order
    how: dict[str, Any] = {"first": {"batch": "batch-last", "work": "work-first", "hours": "hours-first"}[first], "raw": raw}
    pieces = written.fetch(waits(written, found, **how)).records()
    told: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: dict.fromkeys(("waiting", *CAUSES), 0))
    for piece in pieces:
        assert piece["waiting"] == sum(piece[cause] for cause in CAUSES)
        assert min(piece[cause] for cause in CAUSES) >= 0
        for name in ("waiting", *CAUSES):
            told[piece["case"], piece["position"]][name] += piece[name] // HOUR
    keys = list(units)
    for place, key in enumerate(keys):
        expected = causes(list(units.values()), place, opening(units), first, raw=raw)
        assert {cause: told[key][cause] for cause in CAUSES} == {cause: len(moments) for cause, moments in expected.items()}
    assert set(told) == set(units)


@settings(max_examples=4, phases=[Phase.generate])
@given(logs(cases=20, length=5, starts=True))
def test_the_ledger_adds_up(rows: list[Event]) -> None:
    """Of each unit and month to the completion clock there, of each case to its throughput time; no entry is negative."""
    written = log(rows, card=replace(CARD, zone="America/New_York"))
    spent: dict[tuple[int, int, int], int] = {}
    for row in written.fetch(ledger(written, parts(written))).records():
        assert row["clock"] == sum(row[entry] for entry in ENTRIES if entry != "overlap") - row["overlap"]
        assert min(row[entry] for entry in (*ENTRIES, "clock")) >= 0
        if row["clock"]:
            assert spent.setdefault((row["case"], row["position"], row["month"]), row["clock"]) == row["clock"]
    assert spent == by_the_clock(written)
    of_cases: dict[int, int] = defaultdict(int)
    for (case, _, _), time in spent.items():
        of_cases[case] += time
    cases = written.fetch(traces(written)).records()
    assert {row["case"]: row["throughput"] for row in cases if row["throughput"]} == of_cases


def by_the_clock(written: EventLog) -> dict[tuple[int, int, int], int]:
    """The time of each unit since the last completion of its case, or since the case began, hour by hour in its month."""
    since = {row["case"]: row["started"] for row in written.fetch(traces(written)).records()}
    found: dict[tuple[int, int, int], int] = defaultdict(int)
    for row in written.fetch(units(written).order_by("case", "position")).records():
        for hour in range(since[row["case"]], row["time"], HOUR):
            day = moment(hour, "America/New_York")
            found[row["case"], row["position"], day.year * 100 + day.month] += HOUR
        since[row["case"]] = row["time"]
    return found


def test_a_filter_of_cases_leaves_the_causes_as_they_are() -> None:
    """Work on cases that are left out kept people busy all the same; a filter of events finds what is left anew."""
    written = log("i1: a@8h-9h/cid, b@33h-34h/ann\ni2: a@7h-8h/cid, b@20h-22h/ann, c@40h/cid", card=Card())
    kept = written.keep_cases(finmine.has_no("c"))
    assert len(hours(written, "b")) == 2
    assert hours(kept, "b") == hours(written, "b")[:1] == [{"waiting": 24, "contention": 2, "unknown": 22}]
    edited = written.keep_events(~finmine.activity_is("a"))
    assert hours(edited, "b") == []
