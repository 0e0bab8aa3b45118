"""Deadlines: steps that are due days or working days after another step, a date, or the end of a month."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.auditing import oracle

from finmine.auditing.deadlines import InTime
from finmine.auditing.findings import listed_breaches
from finmine.auditing.grounds import grounds
from finmine.auditing.policy import Policy, Rule
from finmine.auditing.reasons import REASONS
from finmine.auditing.verdicts import verdicts
from finmine.card import Card
from finmine.card_calendars import CalendarOf, read_calendars
from finmine.log import EventLog
from finmine.relations.tables import case_table
from finmine.testing import ORIGIN, Event, log
from finmine.words import HOUR

MONDAY = date(2024, 1, 1)
DATES = {None: None, "2024-01-05": 4, " 10.01.2024 ": 9, "2024-01-13T00:00:00": 12, "soon": None}
MONTHS = {None: None, "2023-12": -1, "202312": -1, "2024-01-31": 30, "Q1": None}
TESTS = {
    "two days": InTime(("approve",), "enter", "step", 2, False),
    "two working days": InTime(("approve", "pay"), "enter", "step", 2, True),
    "the same working day": InTime(("approve",), "enter", "step", 0, True),
    "on its day": InTime(("pay",), "due", "day", 0, False),
    "on its working day": InTime(("pay",), "due", "day", 0, True),
    "after its day": InTime(("pay", "approve"), "due", "day", 3, True),
    "days after the month": InTime(("pay",), "period", "month", 3, False),
    "working days after the month": InTime(("approve",), "period", "month", 4, True),
    "no such attribute": InTime(("pay",), "duedate", "day", 0, False),
}
POLICY = Policy(
    "Deadlines",
    "1",
    "test.toml",
    "",
    {step: (step,) for step in ("enter", "approve", "pay", "close")},
    tuple(Rule(name, "", "high", test) for name, test in TESTS.items()),
)
CARD = Card(
    outcomes={"closed": ("close",)},
    calendars=read_calendars({"calendars": {"office": {"hours": {"Mon-Fri": "02:00-05:00"}}}}, "card"),
    calendar_of=CalendarOf("office"),
)
DATED = replace(CARD, attributes={"due": "due", "period": "period"})


def random_cases(seed: int, number: int) -> dict[str, dict[str, Any]]:
    """Cases by name: their steps by hour since the Monday, many at midnight, and their due date and period as text."""
    dice = random.Random(seed)
    hours = [*range(0, 24 * 16, 24), *(dice.randrange(24 * 16) for _ in range(16))]
    return {
        f"case {place}": {
            "events": [(dice.choice(["enter", "approve", "pay", "close"]), dice.choice(hours)) for _ in range(dice.randint(1, 6))],
            "due": dice.choice(list(DATES)),
            "period": dice.choice(list(MONTHS)),
        }
        for place in range(number)
    }


def read(these: dict[str, dict[str, Any]], card: Card = DATED) -> EventLog:
    """The cases as a log."""
    rows: list[Event] = [
        {"case": name, "activity": step, "timestamp": ORIGIN + hour * HOUR, "due": case["due"] or "", "period": case["period"] or ""}
        for name, case in these.items()
        for step, hour in case["events"]
    ]
    return log(rows, card=card, unit="event", shuffled=5)


def judged(these: EventLog, policy: Policy = POLICY) -> dict[tuple[str, str], tuple[str, str]]:
    """The verdict and the reason of each rule and case."""
    ground = grounds(these, policy)
    found = verdicts(ground).join(ground.cases.select("case", "label"), "case")
    rows = these.fetch(found.select("rule", "label", "reason")).tuples()
    return {
        (policy.rules[int(str(rule))].name, str(label)): (REASONS[int(str(code))].verdict, REASONS[int(str(code))].name) for rule, label, code in rows
    }


@pytest.mark.parametrize("declared", [True, False])
def test_every_case_gets_the_verdict_of_plain_python(declared: bool) -> None:
    """Of 600 random cases every deadline is judged as counting days one by one says, and each rule judges each case once."""
    these = random_cases(11, 600)
    held = read(these, DATED if declared else replace(DATED, outcomes={}))
    statuses = {str(case): str(status) for case, status in held.fetch(case_table(held).select("label", "status")).tuples()}
    found, extracted = judged(held), max(hour for case in these.values() for _, hour in case["events"])
    assert Counter(rule for rule, _ in found) == dict.fromkeys(TESTS, len(these))
    for name, case in these.items():
        events = [{"step": step, "timestamp": hour} for step, hour in case["events"]]
        for rule, test in TESTS.items():
            day = {"due": DATES[case["due"]], "period": MONTHS[case["period"]]}.get(test.after)
            assert found[rule, name][0] == oracle.in_time(test, events, statuses[name], day, extracted), (rule, case, statuses[name])
    assert len({verdict for verdict, _ in found.values()}) == (5 if declared else 4)


def test_without_a_calendar_no_working_day_is_known() -> None:
    """Days are counted all the same; working days are not taken for days."""
    these = random_cases(3, 40)
    few = replace(POLICY, rules=tuple(Rule(name, "", "high", TESTS[name]) for name in ("two days", "two working days", "no such attribute")))
    bare = read(these, replace(DATED, calendars={}, calendar_of=CalendarOf()))
    found = judged(bare, few)
    assert (
        "The card has no calendar, so that what is asked of working days and hours is not testable: two working days."
        in grounds(bare, few).bound.notes
    )
    assert {reason for (rule, _), (_, reason) in found.items() if "working" in rule} <= {"deadline not known", "steps not done"}
    (note,) = grounds(read(these), few).bound.notes
    assert note.endswith("the card names columns under [attributes]: 'duedate' (no such attribute: Did you mean 'due'?).")
    assert ("two days", "pass") in {(rule, verdict) for (rule, _), (verdict, _) in found.items()}


def test_days_are_those_of_the_calendar() -> None:
    """In New York it is still Friday when the log's clocks show Saturday, and a holiday is no working day."""
    office = read_calendars(
        {"calendars": {"office": {"hours": {"Mon-Fri": "09:00-17:00"}, "zone": "America/New_York", "closed": [date(2024, 1, 8)]}}}, "card"
    )
    held = log(
        "i: enter@3d 12h, approve@5d 3h\nj: enter@3d 12h, approve@5d 6h\nk: enter@4d 12h, approve@8d 20h",
        card=replace(CARD, calendars=office),
        unit="event",
    )
    policy = replace(POLICY, rules=(Rule("next", "", "high", InTime(("approve",), "enter", "step", 1, True)),))
    assert [verdict for (_, case), (verdict, _) in sorted(judged(held, policy).items())] == ["pass", "violation", "pass"]


def test_a_breach_names_the_last_day() -> None:
    """The last day of the deadline is told with the units that show it; of a rule without a deadline there is none."""
    held = log("i: enter@0h, approve@9d\nj: enter@0h, close@1h", card=CARD, unit="event")
    ground = grounds(held, replace(POLICY, rules=POLICY.rules[1:2]))
    worth = ground.cases.select("case", "label", "amount", "currency", "money")
    (row,) = held.fetch(listed_breaches(ground, verdicts(ground), worth, 5)).records()
    assert (row["due"], row["one_activity_label"], row["other_activity_label"]) == ((date(2024, 1, 3) - date(1970, 1, 1)).days, "approve", "enter")


def test_a_deadline_is_said_in_words() -> None:
    """What a rule without a title of its own asks for."""
    assert [TESTS[name].words() for name in ("two working days", "on its day", "the same working day", "days after the month")] == [
        "approve or pay at most 2 working days after the enter",
        "pay by the end of the day of due",
        "approve by the end of the working day of the enter",
        "pay at most 3 days after the end of period",
    ]
