"""Where the time of each activity is known from: recorded, declared, by equation or fitted, side by side, and what is said where it is not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from tests.answers import texts

from finmine.analyses.costs import Costs, costs
from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.card_costs import CostFacts
from finmine.card_money import MoneyOfTime
from finmine.card_people import Persons
from finmine.finance.capacity import Capacity
from finmine.finance.labour import LabourRate
from finmine.finance.time_equation import Driver, TimeEquation
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.relations.paid_time import DECLARED, FITTED, RECORDED
from finmine.relations.time_equations import RECORDS
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline, Table
from finmine.words import DAY, HOUR, MINUTE

CASES = 60
RATE = Decimal(60)  # an hour, so that a minute costs one
RATES = (LabourRate("role", "clerk", RATE, "EUR"),)
FACTS = CostFacts(
    unit_times={"scan": 2 * MINUTE, "approve": 5 * MINUTE},
    equations=(
        TimeEquation("post", (Driver("lines"),), (MINUTE, 3 * MINUTE)),
        TimeEquation("enter", (Driver("lines"),)),
    ),
)
CARD = Card(zone="UTC", money=MoneyOfTime(labour=RATES), costs=FACTS, persons=Persons(technical_roles=("system",)))
TIMES: Mapping[str, Callable[[int], int]] = {
    "scan": lambda _: 2,
    "approve": lambda _: 5,
    "post": lambda lines: 1 + 3 * lines,
    "enter": lambda lines: 4 + 2 * lines,
    "check": lambda _: 0,
}
STARTED: Mapping[str, Callable[[int], int]] = {"approve": lambda _: 7, "enter": lambda lines: 4 + 2 * lines, "check": lambda _: 9}
"""Minutes of a unit by its activity: without a start, and with one, which every second case has."""


def written() -> list[Event]:
    """Sixty cases in which a clerk scans, posts, approves, enters and checks, a machine pays and somebody without a rate files; every fifteenth has no lines."""
    rows = list[Event]()
    for case in range(CASES):
        lines = 1 + case % 7
        for place, activity in enumerate((*TIMES, "pay", "file")):
            ends = ORIGIN + case * DAY + (9 + place) * HOUR
            row: Event = {"case": f"c{case:02}", "activity": activity, "timestamp": ends, "lines": str(lines) if case % 15 else ""}
            row |= {"role": {"pay": "System", "file": "archivist"}.get(activity, "clerk"), "resource": f"{activity} {case}"}
            row |= {"start": ends - STARTED[activity](lines) * MINUTE} if activity in STARTED and case % 2 else {}
            rows.append(row)
    return rows


def minutes(case: int, activity: str) -> tuple[str, int | None]:
    """On what the time of a unit rests, and how many minutes it takes."""
    lines = 1 + case % 7
    if activity in STARTED and case % 2:
        return RECORDED, STARTED[activity](lines)
    if activity == "check" or (activity in ("post", "enter") and not case % 15):
        return "no time known", None
    return FITTED if activity == "enter" else DECLARED, TIMES[activity](lines)


@cache
def answered() -> Costs:
    """The costs of the cases."""
    return costs(log(written(), card=CARD), level="case")


def test_each_activity_takes_its_own_source() -> None:
    """Unit times, an equation with times, a fitted one and recorded starts stand side by side, and of each the units are counted; nothing is nought for want of a time."""
    rests = {record["activity"]: record for record in answered().basis.records()}
    for activity in TIMES:
        found = [minutes(case, activity)[0] for case in range(CASES)]
        assert {name: rests[activity][name] for name in (RECORDED, DECLARED, FITTED, "no time known")} == {
            name: found.count(name) for name in (RECORDED, DECLARED, FITTED, "no time known")
        }
    assert (rests["pay"]["machine"], rests["file"]["no rate"]) == (CASES, CASES)
    fitted = answered().work.fitted
    assert fitted is not None
    assert [(one.equation.activity, one.source) for one in fitted.equations] == [("enter", RECORDS)]
    title = "What the costs of each activity rest on"
    (shown,) = (block for block in answered().view().blocks if isinstance(block, Table) and block.title == title)
    assert [column.name for column in shown.columns][2:] == [
        "time_recorded",
        "time_declared",
        "time_fitted",
        "of_machines",
        "time_unknown",
        "rate_unknown",
    ]


def test_cases_cost_what_is_known_of_them_and_say_of_how_much_nothing_is() -> None:
    """Each case costs its known minutes; how many of its units have no known labour stands beside, and in the headline that it is at least so much."""
    for record in answered().records():
        case = int(record["case"][1:])
        known = [minutes(case, activity)[1] for activity in TIMES]
        assert abs(record["cost"] - sum(one for one in known if one is not None)) <= Decimal("0.01")
        assert record["unknown_units"] == known.count(None) + 1  # that of the archivist
    whole = answered().whole.records()[0]
    assert (whole["unknown_cases"], whole["unknown_units"]) == (CASES, sum(record["unknown_units"] for record in answered().records()))
    assert texts(answered(), Headline)[0].startswith("The work on 60 cases costs at least ")
    said = texts(answered(), Caveat)
    assert f"60 of 60 cases have {whole['unknown_units']} instances whose labour is not known: they cost at least what is told." in said
    assert any(
        text.endswith("to who did them: 60 of archivist. Declare a rate for them, or one without role and resource for all others.") for text in said
    )
    names = [
        column.name for block in answered().view().blocks if isinstance(block, Table) and block.title == "Costs by case" for column in block.columns
    ]
    assert "unknown_units" in names


def test_where_all_is_known_nothing_is_said_of_a_least() -> None:
    """With times and rates for all, the headline and the rows say nothing of what is not known."""
    rows = [row for row in written() if row["activity"] in ("scan", "approve")]
    answer = costs(log(rows, card=CARD), level="case")
    assert texts(answer, Headline)[0].startswith("The work on 60 cases costs 480.00 EUR, ")
    assert not any("not known" in text for text in texts(answer, Caveat))


def test_a_start_for_which_no_calendar_counts_leaves_the_declared_time() -> None:
    """A calendar for ann alone: her hour is recorded, bob's cannot be told in working time, so that he has the declared time, and cid, without one, is counted."""
    office = WorkingHours("office", (*(((Shift(540, 1020),),) * 5), (), ()))
    rows: list[Event] = [
        {"case": name, "activity": activity, "start": ORIGIN + 10 * HOUR, "timestamp": ORIGIN + 11 * HOUR, "resource": name}
        for name, activity in (("ann", "scan"), ("bob", "scan"), ("cid", "check"))
    ]
    card = Card(
        zone="UTC",
        calendars={"office": office},
        calendar_of=CalendarOf(None, {"resource": {"ann": "office"}}),
        money=MoneyOfTime(labour=(LabourRate("default", None, RATE, "EUR"),)),
        costs=CostFacts({"scan": 2 * MINUTE}),
    )
    answer = costs(log(rows, card=card), level="case")
    assert {record["case"]: record["cost"] for record in answer.records()} == {"ann": 60, "bob": 2, "cid": None}
    rests = {record["activity"]: record for record in answer.basis.records()}
    assert (rests["scan"][RECORDED], rests["scan"][DECLARED], rests["check"]["no time known"]) == (1, 1, 1)


def test_work_without_any_time_is_told() -> None:
    """What begins and ends in the same instant has a recorded time, and costs nothing: the answer says of how many."""
    card = Card(zone="UTC", money=MoneyOfTime(labour=(LabourRate("default", None, RATE, "EUR"),)))
    said = texts(costs(log("a: x@1h-2h/ann, y@3h-3h/ann", card=card)), Caveat)
    assert "1 instance with a recorded time costs no labour: its start and completion are the same instant." in said


@pytest.mark.parametrize(
    ("people", "facts", "says"),
    [
        ("names", {"level": "role", "name": "Clerk"}, "[[labour]] names role 'Clerk', which the log does not have. Did you mean 'clerk'?"),
        ("names", {"level": "resource", "name": "anne"}, "[[labour]] names resource 'anne', which the log does not have. Did you mean 'ann'?"),
        ("pseudonyms", {"level": "resource", "name": "anne"}, "[[labour]] names 1 resource that the log does not have."),
    ],
)
def test_whom_the_card_prices_and_the_log_does_not_have_is_told(people: Any, facts: Mapping[str, Any], says: str) -> None:
    """A misspelt role or resource gets the nearest name; a person is named only where people are."""
    rows: list[Event] = [{"case": "a", "activity": "scan", "timestamp": ORIGIN, "role": "clerk", "resource": "ann"}]
    rates = (LabourRate(**facts, rate=RATE, currency="EUR"), RATES[0])
    said = texts(costs(log(rows, card=replace(CARD, people=people, money=MoneyOfTime(labour=rates)))), Caveat)
    assert says in said
    assert people == "names" or not any("ann" in text for text in said)


def test_roles_of_a_log_without_roles_are_no_reason_to_refuse() -> None:
    """Rates and capacity of a role, where no column is the role: nobody has that rate, no capacity is told, and the answer says what to do."""
    facts = replace(FACTS, equations=(), capacity=(Capacity("role", "clerk", Decimal(9)),))
    answer = costs(log("a: scan@1h/ann", card=replace(CARD, costs=facts)))
    said = texts(answer, Caveat)
    assert "[[labour]] names 1 role, and the log tells no roles: say which column does (--role COLUMN)." in said
    assert "[[capacity]] names 1 role, and the log tells no roles: say which column does (--role COLUMN)." in said
    assert answer.basis.records()[0]["no rate"] == 1
    assert not any("capacity" in text for text in texts(answer, Headline))


def test_days_between_two_rates_are_told_with_the_role() -> None:
    """Of a rate until the tenth and one from the twentieth the units between them have none, and the answer says which days these are."""
    rates = (replace(RATES[0], until=date(2024, 1, 10)), replace(RATES[0], since=date(2024, 1, 20)))
    rows = [row for row in written() if row["activity"] == "scan"]
    answer = costs(log(rows, card=replace(CARD, money=MoneyOfTime(labour=rates))))
    assert answer.basis.records()[0]["no rate"] == 9
    assert any("9 of clerk (from 2024-01-11 to 2024-01-19; its rates hold on other days)" in text for text in texts(answer, Caveat))
