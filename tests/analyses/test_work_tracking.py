"""Work tracking: counted by hand, by the example of Kaplan and Anderson, and equal to the questions whose relations it takes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.answers import SAMPLES, texts

import finmine
from finmine.analyses.costs import Costs, costs
from finmine.card import Card
from finmine.card_costs import CostFacts
from finmine.card_money import MoneyOfTime
from finmine.finance.capacity import Capacity
from finmine.finance.labour import LabourRate
from finmine.finance.time_equation import TimeEquation
from finmine.log import EventLog
from finmine.relations.costs import Level
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Table
from finmine.words import DAY, HOUR, MINUTE
from finmine.work_tracking import NotTracked

RATES = MoneyOfTime(labour=(LabourRate("default", None, Decimal(60), "EUR"),))
SERVICE = Capacity("role", "service", Decimal("145.833333"), cost=Decimal(5600), currency="USD")
CASES = """
    i1 {due_date=2024-01-10, amount=10.00, currency=EUR}: enter@0h-1h/ann {role=clerk}, approve@2h-3h/bob {role=boss}, Pay@8d/ann {role=clerk}
    i2 {due_date=2024-01-10, amount=20.00, currency=EUR}: enter@1h-2h/ann {role=clerk}, approve@3h-4h/bob {role=boss}, enter@4h-5h/ann {role=clerk},
        Pay@20d/ann {role=clerk}
    i3 {due_date=2024-01-10, amount=30.00, currency=EUR}: enter@5h-8h/ann {role=clerk}, Pay@5d/ann {role=clerk}
    i4 {due_date=2024-01-10, amount=40.00, currency=EUR}: enter@10h-11h/ann {role=clerk}
    i5 {due_date=2024-09-10, amount=50.00, currency=EUR}: enter@12h-13h/ann {role=clerk}
"""


def by_hand(level: Level = "activity", **asked: Any) -> dict[Any, dict[str, Any]]:
    """What is told of each row of five invoices: three are paid, one of them late, one is overdue, one not yet due; two still run."""
    card = Card(zone="UTC", money=RATES, outcomes={"paid": ("Pay",)}, extracted=datetime(2024, 1, 31, tzinfo=UTC))
    answer = costs(log(CASES, card=card), level=level, track=True, **asked)
    return {record.get("label"): dict(record) for record in answer.records()}


def test_five_invoices_by_hand() -> None:
    """Entered five times in paid cases and twice in others: of the three paid cases two are entered once; of four due ones two are paid on time."""
    rows = by_hand()
    told = {
        name: tuple(row[one] for one in ("first_pass_yield", "closed_passes", "on_time_share", "due_cases", "unit_time"))
        for name, row in rows.items()
    }
    assert told == {
        "enter": (2 / 3, 3, 2 / 4, 4, 8 * HOUR // 6),
        "approve": (1, 2, 1 / 2, 2, HOUR),
        "Pay": (1, 3, 2 / 3, 3, None),
    }
    assert all(row["unit_time_trend"] is None for row in rows.values())


def test_roles_months_and_all_work_by_hand() -> None:
    """A role is told by the activities of cases on which it worked; a month by what was completed in it; all of it at once has eight passes."""
    roles = by_hand("role")
    assert {name: (row["first_pass_yield"], row["closed_passes"], row["due_cases"]) for name, row in roles.items()} == {
        "clerk": (5 / 6, 6, 4),
        "boss": (1, 2, 2),
    }
    (whole,) = by_hand("log").values()
    assert (whole["closed_passes"], whole["first_pass_yield"], whole["on_time_share"]) == (8, 7 / 8, 1 / 2)
    (month,) = by_hand("month").values()
    assert (month["closed_passes"], month["unit_time_trend"]) == (8, None)
    assert not by_hand(period="2024-02")


@pytest.mark.parametrize("name", ["invoices.csv", "approvals.xes.gz"])
def test_yields_are_those_of_first_pass_yield(name: str) -> None:
    """Each activity has the yield that the question of its name gives."""
    read = finmine.read(SAMPLES / name)
    yields = {record["activity"]: (record["closed_cases"], record["first_pass_yield"]) for record in finmine.first_pass_yield(read).records()}
    assert {record["label"]: (record["closed_passes"], record["first_pass_yield"]) for record in costs(read, track=True).records()} == yields


def test_payments_on_time_are_those_of_payment_terms() -> None:
    """Of all work, the cases that are due and those paid on time are those that payment terms count."""
    read = finmine.read(SAMPLES / "invoices.csv")
    lines = {record["measure"]: 0 for record in finmine.payment_terms(read).records()}
    for record in finmine.payment_terms(read).records():
        lines[record["measure"]] += record["cases"]
    (whole,) = costs(read, level="log", track=True).records()
    due = lines["on time"] + lines["paid late"] + lines["overdue and open"]
    assert (whole["due_cases"], whole["on_time_share"]) == (due, lines["on time"] / due)


def checked(minutes: int, months: int, unit: int = 6) -> list[Event]:
    """Six checks a month, each longer by so many minutes than those of the month before."""
    begins = [ORIGIN + (31 * month + place) * DAY for month in range(months) for place in range(unit)]
    return [
        {
            "case": f"{place}",
            "activity": "check",
            "start": begin,
            "timestamp": begin + (20 + minutes * (place // unit)) * MINUTE,
            "resource": "ann",
            "role": "service",
        }
        for place, begin in enumerate(begins)
    ]


def test_a_planted_trend_is_told_of_recorded_times() -> None:
    """Work that takes two minutes more each month does; of five months, of four units each, and of declared times none is told, and why."""
    card = Card(zone="UTC", money=RATES)

    def tracked(rows: list[Event], card: Card = card) -> tuple[Any, str]:
        answer = costs(log(rows, card=card), track=True)
        return answer.records()[0]["unit_time_trend"], " ".join(texts(answer, Caveat))

    assert tracked(checked(2, 8))[0] == 2 * MINUTE
    for rows in (checked(2, 5), checked(2, 8, unit=4)):
        none, said = tracked(rows)
        assert none is None
        assert "it takes 6 months with at least 5 units of recorded time each" in said
    bare = [{name: value for name, value in row.items() if name != "start"} for row in checked(2, 8)]
    none, said = tracked(bare, Card(zone="UTC", money=RATES, costs=CostFacts({"check": MINUTE})))
    assert none is None
    assert "no start of the work is recorded" in said
    assert "nothing is paid for" in tracked(checked(2, 8), Card(zone="UTC"))[1]


def capacity(answer: Costs) -> dict[str, Any]:
    """What is told of the capacity of the only month."""
    assert answer.capacity is not None
    (month,) = answer.capacity.records
    return dict(month)


def test_the_efficiency_of_the_example_of_kaplan_and_anderson() -> None:
    """A hundredth of it: 490 orders, 14 inquiries and 25 checks of 8, 44 and 50 minutes earn 5,786 of 7,000 practical minutes; 1,214 are unused."""
    volumes, times = {"order": 490, "inquiry": 14, "credit check": 25}, {"order": 8 * MINUTE, "inquiry": 44 * MINUTE, "credit check": 50 * MINUTE}
    rows = [
        {"case": f"{activity} {place}", "activity": activity, "timestamp": ORIGIN + place % 30 * DAY + HOUR, "role": "service"}
        for activity, volume in volumes.items()
        for place in range(volume)
    ]
    rows.append({"case": "end", "activity": "order", "timestamp": ORIGIN + 31 * DAY - MINUTE, "role": "other"})
    answer = costs(log(rows, card=Card(zone="UTC", costs=CostFacts(times, (), (SERVICE,)))))
    month = capacity(answer)
    assert month["earned_capacity"] == month["used_capacity"] == 5786 * MINUTE
    assert round(month["unused_capacity"] / MINUTE) == 1214
    assert month["efficiency_index"] == pytest.approx(5786 / 7000, abs=1e-7)
    assert month["unstandard_units"] == 0


def test_efficiency_is_earned_by_the_standard_whatever_work_took() -> None:
    """Six checks of 20 minutes with a standard of 15 earn 90 minutes of 7,000 and use 120; work without a standard earns nothing and is counted."""
    rows = [*checked(0, 1), {"case": "x", "activity": "file", "start": ORIGIN, "timestamp": ORIGIN + HOUR, "role": "service", "resource": "bob"}]
    rows.append({"case": "y", "activity": "close", "timestamp": ORIGIN + 31 * DAY - MINUTE})
    month = capacity(costs(log(rows, card=Card(zone="UTC", costs=CostFacts({"check": 15 * MINUTE}, (), (SERVICE,))))))
    assert (month["earned_capacity"], month["used_capacity"], month["unstandard_units"]) == (90 * MINUTE, 180 * MINUTE, 1)
    assert month["efficiency_index"] == month["earned_capacity"] / month["practical_capacity"]
    other = CostFacts({"close": MINUTE}, (), (SERVICE,))
    assert capacity(costs(log(rows, card=Card(zone="UTC", costs=other))))["efficiency_index"] is None  # nothing that the pool does has a standard
    equation = CostFacts({}, (), (SERVICE,), (TimeEquation("check", (), (15 * MINUTE,)),))
    assert capacity(costs(log(rows, card=Card(zone="UTC", costs=equation))))["earned_capacity"] == 90 * MINUTE


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (CostFacts({"check": MINUTE}), "The efficiency index is not told: no capacity is declared"),
        (CostFacts({}, (), (SERVICE,)), "The efficiency index is not told: no unit time is declared, so that there is no standard"),
        (CostFacts({"check": MINUTE}, (), (SERVICE,)), None),
    ],
)
def test_efficiency_asks_for_standard_and_capacity(facts: CostFacts, said: str | None) -> None:
    """Without either it is not told, and why is said where work is tracked."""
    answer = costs(log(checked(0, 1), card=Card(zone="UTC", costs=facts)), track=True)
    told = [text for text in texts(answer, Caveat) if text.startswith("The efficiency index")]
    assert [text[: len(said)] for text in told] == [said] if said else not told
    shown = [block.title for block in answer.view().blocks if isinstance(block, Table)]
    assert ("Hours earned by the standard" in shown) == (said is None)


def test_nobody_pays_and_nobody_repeats_a_case() -> None:
    """Without a payment no share on time is told; single cases and paths are not tracked."""
    read: EventLog = log("a {due_date=2024-01-01}: x@1h-2h/ann\n b {due_date=2024-01-01}: x@1h-2h/ann", card=Card(zone="UTC", money=RATES))
    answer = costs(read, track=True)
    assert answer.records()[0]["on_time_share"] is None
    assert any(text.startswith("The share on time is not known: nobody can say when a case is paid") for text in texts(answer, Caveat))
    levels: tuple[Level, ...] = ("case", "variant")
    for level in levels:
        with pytest.raises(NotTracked, match="say --level activity"):
            costs(read, level=level, track=True)
