"""Used and unused capacity: whose time uses it, on which days it holds, in which months it is told, and at which rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from tests.answers import texts

from finmine.analyses.costs import Costs, costs
from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.card_costs import CostFacts
from finmine.card_money import MoneyOfTime
from finmine.card_people import Persons
from finmine.filters import parse_filter
from finmine.finance.capacity import Capacity
from finmine.finance.labour import LabourRate
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.log import EventLog
from finmine.testing import Event, log
from finmine.view import Caveat, Headline
from finmine.words import HOUR

CLERK = Capacity("role", "clerk", Decimal(310), practical=Decimal(1))
RATE = LabourRate("role", "clerk", Decimal(60), "EUR")
FACTS = CostFacts({"order": HOUR, "check": HOUR}, capacity=(CLERK,))
CARD = Card(zone="UTC", costs=FACTS)
FIRST, DAYS = date(2024, 1, 1), 91  # January to March 2024: 31, 29 and 31 days


def daily(activities: Mapping[str, str] | None = None, days: int = DAYS) -> list[Event]:
    """Each day one unit of each activity by its role, at noon in UTC; the last day ends with the log."""
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    return [
        {"case": f"{day:02}", "activity": activity, "timestamp": _micros(noon + timedelta(days=day)), "role": role}
        for day in range(days)
        for activity, role in (activities or {"order": "clerk"}).items()
    ]


def _micros(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def hours(answer: Costs, name: str = "used_capacity") -> dict[str, Any]:
    """What is told of the capacity in each month, in hours."""
    assert answer.capacity is not None
    return {record["month"]: record[name] / HOUR for record in answer.capacity.records}


@pytest.mark.parametrize("rates", [(), (replace(RATE, name="boss"),), (replace(RATE, since=date(2024, 3, 1)),), (RATE,)])
def test_capacity_is_used_by_time_at_whatever_rate(rates: tuple[LabourRate, ...]) -> None:
    """An hour a day uses 31, 29 and 31 hours, whether no rate, none of these people, one of a part of the time or one of all of it is declared."""
    answer = costs(log(daily(), card=replace(CARD, money=MoneyOfTime(labour=rates))))
    assert hours(answer) == {"2024-01": 31, "2024-02": 29, "2024-03": 31}
    assert hours(answer, "practical_capacity") == {"2024-01": 310, "2024-02": 310, "2024-03": 310}
    assert all(record["used_capacity"] + record["unused_capacity"] == record["practical_capacity"] for record in answer.capacity.records)  # type: ignore[union-attr]


def test_units_without_a_time_are_counted_and_use_no_hours() -> None:
    """Scans, of which nobody can say how long they take, stand beside each month and in a sentence."""
    answer = costs(log(daily({"order": "clerk", "scan": "clerk", "call": "boss"}), card=CARD))
    assert hours(answer) == {"2024-01": 31, "2024-02": 29, "2024-03": 31}
    assert answer.capacity is not None
    assert [record["untimed_units"] for record in answer.capacity.records] == [31, 29, 31]
    said = "91 events of those whose capacity is told use no hours: their time is not known. What is told as unused holds that work, too."
    assert said in texts(answer, Caveat)


def test_machines_use_no_capacity_but_their_own() -> None:
    """A technical user with the role of a clerk takes no hour of the clerks; a capacity of its own it uses."""
    rows = [{**row, "resource": "BATCH" if place % 2 else "ann"} for place, row in enumerate(daily())]
    own = Capacity("resource", "BATCH", Decimal(310), practical=Decimal(1))
    card = replace(CARD, people="names", persons=Persons(technical=("batch",)), costs=replace(FACTS, capacity=(CLERK, own)))
    answer = costs(log(rows, card=card))
    assert answer.capacity is not None
    used: dict[str, int] = {}
    for record in answer.capacity.records:
        used[record["pool"]] = used.get(record["pool"], 0) + record["used_capacity"] // HOUR
    assert used == {"BATCH": 45, "clerk": 46}


def test_capacity_that_begins_or_ends_within_a_month_is_laid_against_the_work_of_its_days() -> None:
    """From 17 January to 10 February: 15 days of 31 and ten of 29, each with its own hours of work, and nothing of other days."""
    one = replace(CLERK, since=date(2024, 1, 17), until=date(2024, 2, 10))
    answer = costs(log(daily(), card=replace(CARD, costs=replace(FACTS, capacity=(one,)))))
    assert hours(answer) == {"2024-01": 15, "2024-02": 10}
    assert hours(answer, "practical_capacity") == {"2024-01": 150, "2024-02": pytest.approx(310 * 10 / 29)}
    several = tuple(replace(CLERK, since=since, until=until) for since, until in ((None, date(2024, 1, 16)), (date(2024, 1, 17), date(9999, 12, 31))))
    assert hours(costs(log(daily(), card=replace(CARD, costs=replace(FACTS, capacity=several))))) == {"2024-01": 31, "2024-02": 29, "2024-03": 31}


@pytest.mark.parametrize("asked", ["period", "filter"])
def test_a_part_of_the_log_has_the_capacity_of_the_whole(asked: str) -> None:
    """In a month in which the part has its first unit late, and its last early, the capacity is that of all days of the month on which the log is at work."""
    every = [{**row, "case": f"{row['activity']} {row['case']}", "kind": row["activity"]} for row in daily({"order": "clerk", "check": "clerk"})]
    days = {str(row["case"]): int(str(row["case"]).split()[1]) for row in every}
    early = range(31, 40)  # on which nothing is done in February
    rows = [row for row in every if (days[str(row["case"])] not in early if row["kind"] == "check" else 45 <= days[str(row["case"])] <= 50)]
    read: EventLog = log(rows, card=CARD)
    whole = hours(costs(read), "practical_capacity")
    if asked == "period":
        assert hours(costs(read, period="2024-02"), "practical_capacity") == {"2024-02": whole["2024-02"]}
    else:
        part = read.keep_cases(parse_filter("kind = 'order'"))
        assert hours(costs(part), "practical_capacity") == whole
        assert "The capacity is that of all work, and what the filters leave out counts as not used." in texts(costs(part), Caveat)


def test_capacity_costs_the_rate_of_each_day() -> None:
    """A rate that changes on 11 January: 10 days of 31 at 60 and 21 at 66, exact; a gap between rates leaves hours alone; another currency no sum."""
    rates = (replace(RATE, until=date(2024, 1, 10)), replace(RATE, rate=Decimal(66), since=date(2024, 1, 11), until=date(9999, 12, 31)))
    answer = costs(log(daily(days=31), card=replace(CARD, money=MoneyOfTime(labour=rates))))
    assert answer.capacity is not None
    (month,) = answer.capacity.records
    assert month["capacity_cost"] == (Decimal(100) * 60 + Decimal(210) * 66).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert month["used_cost"] == 10 * 60 + 21 * 66
    assert month["used_cost"] + month["unused_cost"] == month["capacity_cost"]
    late = (rates[0], replace(rates[1], since=date(2024, 1, 13)))
    (gap,) = costs(log(daily(days=31), card=replace(CARD, money=MoneyOfTime(labour=late)))).capacity.records  # type: ignore[union-attr]
    assert (gap["capacity_cost"], gap["unused_cost"], gap["used_capacity"]) == (None, None, 31 * HOUR)
    others = (*late, LabourRate("default", None, Decimal(10), "EUR"))
    (filled,) = costs(log(daily(days=31), card=replace(CARD, money=MoneyOfTime(labour=others)))).capacity.records  # type: ignore[union-attr]
    assert filled["capacity_cost"] == Decimal(100) * 60 + Decimal(20) * 10 + Decimal(190) * 66


def test_people_without_a_calendar_have_no_hours_and_that_is_told() -> None:
    """Nobody knows for how many hours they are paid: no month is told, and the answer says what to declare."""
    people = replace(CLERK, hours=None, people=Decimal(2))
    answer = costs(log(daily(), card=replace(CARD, costs=replace(FACTS, capacity=(people,)))))
    assert answer.capacity is not None
    assert not answer.capacity.records
    assert any(text.startswith("[[capacity]] states people of clerk, to whom no calendar applies") for text in texts(answer, Caveat))


@pytest.mark.parametrize(("zone", "closed"), [("Europe/Berlin", 1), ("America/New_York", 2)])
def test_people_have_the_hours_of_their_own_days(zone: str, closed: int) -> None:
    """Two people in their zone, Monday to Friday from nine to five, less the holidays of the calendar: each month has its working days times 16 hours."""
    holidays = frozenset((date(2024, 1, 1), date(2024, 1, 15))[:closed])
    office = WorkingHours("office", (*(((Shift(540, 1020),),) * 5), (), ()), zone=zone, closed=holidays)
    people = replace(CLERK, hours=None, people=Decimal(2))
    card = replace(CARD, zone=zone, calendars={"office": office}, calendar_of=CalendarOf("office"), costs=replace(FACTS, capacity=(people,)))
    found = hours(costs(log(daily(), card=card)), "practical_capacity")
    worked = [FIRST + timedelta(days=day) for day in range(DAYS)]
    open_days = [day for day in worked if day.weekday() < 5 and day not in holidays]
    assert found == {f"2024-{month:02}": 16 * sum(day.month == month for day in open_days) for month in (1, 2, 3)}


def test_what_the_log_does_not_have_is_no_headline() -> None:
    """Of a role that did nothing in the log no share is told in a headline, only its hours, and that the log does not have it."""
    other = replace(CLERK, name="Clerk")
    answer = costs(log(daily(), card=replace(CARD, costs=replace(FACTS, capacity=(CLERK, other)))))
    assert [text for text in texts(answer, Headline) if "capacity" in text] == ["clerk: 9.8 % of 930 hours of practical capacity were used."]
    assert "[[capacity]] names role 'Clerk', which the log does not have. Did you mean 'clerk'?" in texts(answer, Caveat)
