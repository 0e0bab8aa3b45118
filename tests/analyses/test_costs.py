"""Costs: against brute force in plain Python, Kaplan and Anderson's example, and that everything adds up."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, get_args

import pytest
from tests.answers import SAMPLES, texts

import finmine
from finmine.analyses.costs import Costs, NoMonths, costs
from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.card_costs import CostFacts
from finmine.card_money import MoneyOfTime
from finmine.card_people import Persons
from finmine.errors import OutOfRange
from finmine.finance.capacity import Capacity
from finmine.finance.labour import FixedCost, LabourRate
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.log import EventLog, MissingFact
from finmine.relations.costs import Level, SeveralCurrencies
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline, Waterfall
from finmine.words import DAY, HOUR, MINUTE

OFFICE = WorkingHours("office", (*(((Shift(540, 1020),),) * 5), (), ()))
RATES = (
    LabourRate("resource", "ann", Decimal("61.37"), "EUR", date(2024, 1, 2)),
    LabourRate("role", "clerk", Decimal("36.123456"), "EUR", standard=Decimal(30)),
    LabourRate("default", None, Decimal("7.2"), "EUR", None, date(2024, 1, 3)),
)
MONTHS = ("2020-01..2024-10", "2024-11..2030-12")
RATES_OF_ALL = MoneyOfTime(labour=(LabourRate("default", None, Decimal(60), "EUR"),))
FACTS = CostFacts(
    {"post": 7 * MINUTE, "check": 20 * MINUTE},
    (FixedCost("pay", Decimal("0.35"), "EUR"), FixedCost("post", Decimal("1.001"), "EUR", date(2024, 1, 3))),
)
CARD = Card(zone="UTC", money=MoneyOfTime(labour=RATES), costs=FACTS)


def drawn(seed: int) -> list[Event]:
    """Units on whole hours of eight days, many of one resource at once, some without a start, a resource or a role."""
    rng = random.Random(seed)
    rows = []
    for place in range(40):
        begins = rng.randrange(8 * 24)
        row: Event = {"case": f"c{rng.randrange(12)}", "activity": rng.choice(("check", "post", "pay")), "timestamp": begins + rng.randrange(6)}
        row |= {"start": begins} if rng.random() < 0.7 else {}
        row |= {"resource": f"{rng.choice(('ann', 'bob', 'cid', 'dee'))}"} if rng.random() < 0.9 else {}
        row |= {"role": rng.choice(("clerk", "boss"))} if rng.random() < 0.8 else {}
        rows.append({**row, "place": place})
    return rows


def instants(rows: list[Event]) -> list[Event]:
    """The same units in microseconds."""
    return [{**row, **{name: ORIGIN + row[name] * HOUR for name in ("start", "timestamp") if name in row}} for row in rows]


def open_in(hour: int, office: bool) -> bool:
    """Whether an hour is paid: any, or those of the office."""
    return not office or (hour // 24 % 7 < 5 and 9 <= hour % 24 < 17)


def by_brute_force(rows: list[Event], office: bool) -> list[dict[str, Any]]:
    """Each unit with its day, paid time, labour and fixed cost, hour by hour, in exact fractions; labour is rounded to a millionth."""
    told = []
    for row in rows:
        day = date(2024, 1, 1) + timedelta(days=row["timestamp"] // 24)
        spent: Fraction | None = None
        if "start" in row:
            spent = Fraction(0)
            for hour in range(row["start"], row["timestamp"]):
                beside = [
                    one for one in rows if one.get("resource") == row.get("resource") and "start" in one and one["start"] <= hour < one["timestamp"]
                ]
                spent += open_in(hour, office) * Fraction(HOUR, len(beside) if "resource" in row else 1)
        elif row["activity"] in FACTS.unit_times:
            spent = Fraction(FACTS.unit_times[row["activity"]])
        rate = next((rate for rate in RATES if applies(rate, row, day)), None)
        labour = None
        if rate is not None and spent is not None:
            labour = Decimal(int(spent * Fraction(rate.rate) / HOUR * 10**6 + Fraction(1, 2))).scaleb(-6)
        fixed = next((one.cost for one in FACTS.fixed if one.activity == row["activity"] and (one.since or day) <= day), None)
        told.append({**row, "day": day, "rate": rate, "spent": spent, "labour": labour, "fixed": fixed})
    return told


def applies(rate: LabourRate, row: Event, day: date) -> bool:
    """Whether a rate is that of a unit."""
    who = rate.level == "default" or row.get(rate.level) == rate.name
    return who and (rate.since or day) <= day <= (rate.until or day)


def key_of(row: Mapping[str, Any], level: str) -> object:
    """What a unit is told under."""
    return {"log": None, "month": f"{row['day']:%Y-%m}"}.get(level, row.get(level))


@pytest.mark.parametrize(("seed", "office", "levels"), [(1, False, ("log", "case", "role")), (2, True, ("activity", "resource", "month"))])
def test_costs_are_those_of_brute_force(seed: int, office: bool, levels: tuple[Level, ...]) -> None:
    """At every level units, paid time, labour and fixed costs are what plain Python counts hour by hour, and add up to all."""
    rows = drawn(seed)
    card = replace(CARD, calendars={"office": OFFICE}, calendar_of=CalendarOf("office")) if office else CARD
    read, units = log(instants(rows), card=card), by_brute_force(rows, office)
    for level in levels:
        expected: dict[object, list[dict[str, Any]]] = defaultdict(list)
        for unit in units:
            expected[key_of(unit, level)].append(unit)
        found = {record["label"] if level != "log" else None: record for record in costs(read, level=level).rows.records()}
        assert set(found) == set(expected)
        for key, these in expected.items():
            paid = [unit for unit in these if unit["labour"] is not None]
            assert found[key]["units"] == len(these)
            assert (found[key]["spent"] or 0) == sum(unit["spent"] for unit in paid)
            assert (found[key]["labour_cost"] or 0) == sum(unit["labour"] for unit in paid)
            assert (found[key]["fixed_cost"] or 0) == sum(unit["fixed"] or 0 for unit in these)
            assert (found[key]["cost"] or 0) == (found[key]["labour_cost"] or 0) + (found[key]["fixed_cost"] or 0)


@pytest.mark.parametrize(("name", "ending"), [("invoices", ".csv"), ("approvals", ".xes.gz"), ("reconciliations", ".parquet"), ("disputes", ".xlsx")])
def test_the_sample_logs_cost_what_their_maker_says(name: str, ending: str) -> None:
    """What the work on each ended case of a planted detour costs is to the cent what the truths tell, shared hours too; cases with faults left out."""
    said = json.loads((SAMPLES / f"{name}.truths.json").read_text(encoding="utf-8"))["truths"]
    left_out = {case for truth in said if truth["kind"] == "fault" or truth["name"] == "running" for case in truth["case_ids"]}
    truths = [truth for truth in said if "labour_cents" in truth]
    told = {case: cents for truth in truths for case, cents in zip(truth["case_ids"], truth["labour_cents"], strict=True) if case not in left_out}
    found = {one["case"]: one["labour_cost"] for one in costs(finmine.read(SAMPLES / f"{name}{ending}"), level="case", most=2000).records()}
    assert len(told) > 0.8 * len({case for truth in truths for case in truth["case_ids"]})
    assert {case: abs(100 * found[case] - cents) <= 1 for case, cents in told.items()} == dict.fromkeys(told, True)


def test_every_unit_has_one_basis() -> None:
    """Each unit is recorded, declared, without a time or without a rate, as plain Python counts."""
    rows = drawn(3)
    expected: dict[str, Counter[str]] = defaultdict(Counter)
    for unit in by_brute_force(rows, office=False):
        timed = "time_recorded" if "start" in unit else "time_declared" if unit["spent"] is not None else "time_unknown"
        expected[unit["activity"]]["rate_unknown" if unit["rate"] is None else timed] += 1
    answer = costs(log(instants(rows), card=CARD))
    shown = next(block for block in answer.view().blocks if getattr(block, "title", "").startswith("What the costs"))
    names = [column.name for column in shown.columns]  # type: ignore[union-attr]
    for cells in shown.rows:  # type: ignore[union-attr]
        told = dict(zip(names, cells, strict=True))
        assert {name: number for name, number in told.items() if name in expected[str(told["activity"])]} == expected[str(told["activity"])]
        assert told["units"] == sum(expected[str(told["activity"])].values())
    counted = sum(expected.values(), Counter())
    assert any(text.startswith(f"{counted['time_unknown']} instances to which a rate applies") for text in texts(answer, Caveat))


@pytest.mark.parametrize("persons", [Persons(technical=("BATCH",)), Persons(technical_roles=("system",))])
def test_a_rate_for_all_others_is_for_people(persons: Persons) -> None:
    """Machines have the rate of their own name or role, and none of all others: what they do has no rate, and leaves no case without a known cost."""
    facts = {"role": "System", "resource": "batch "}
    rows: list[Event] = [
        {"case": "a", "activity": "post", "timestamp": ORIGIN + HOUR, "resource": "ann", "role": "clerk"},
        {"case": "a", "activity": "pay", "timestamp": ORIGIN + 2 * HOUR, **facts},
        {"case": "a", "activity": "post", "timestamp": ORIGIN + 3 * HOUR, **facts},
    ]
    others, own = LabourRate("default", None, Decimal(60), "EUR"), LabourRate("role", "System", Decimal(6), "EUR")
    for rates, cost, unrated in (((others,), Decimal("7.00"), 2), ((others, own), Decimal("7.70"), 0)):
        card = Card(zone="UTC", persons=persons, money=MoneyOfTime(labour=rates), costs=CostFacts({"post": 7 * MINUTE}))
        answer = costs(log(rows, card=card), level="case")
        assert answer.records()[0]["cost"] == cost
        assert sum(record["machine"] for record in answer.basis.records()) == unrated
    (whole,) = finmine.money_of_time(log(rows, card=replace(card, money=MoneyOfTime(labour=(others,))))).records()
    assert whole["money"] == Decimal("7.00")


def test_levels_groups_and_periods_add_up() -> None:
    """Every level, every split and the months one by one add up to the whole, exactly; variants are those of the cases."""
    read = finmine.read(SAMPLES / "disputes.xlsx")
    whole = costs(read).whole.records()[0]
    for asked in ({"level": "role"}, {"level": "variant", "most": 10_000}, {"level": "case", "most": 10_000, "by": "reason"}):
        rows = costs(read, **asked).rows.records()
        for name in ("units", "cost", "spent"):
            assert sum(row[name] or 0 for row in rows) == whole[name], (asked, name)
    halves = [costs(read, level="log", period=said).rows.records()[0] for said in MONTHS]
    assert sum(half["cost"] for half in halves) == whole["cost"]


def months(answer: Costs) -> tuple[Mapping[str, Any], ...]:
    """The capacity of each pool in each month."""
    assert answer.capacity is not None
    return answer.capacity.records


def customer_service(volumes: Mapping[str, int], more: Mapping[str, Any] | None = None) -> EventLog:
    """A month of customer service, whose unit times and capacity the card declares."""
    rows = [
        {"case": f"{activity} {place}", "activity": activity, "timestamp": ORIGIN + place % 30 * DAY + HOUR, "role": "service"}
        for activity, volume in volumes.items()
        for place in range(volume)
    ]
    rows.append({"case": "end", "activity": "close the month", "timestamp": ORIGIN + 31 * DAY - MINUTE})
    times = {"order": 8 * MINUTE, "inquiry": 44 * MINUTE, "credit check": 50 * MINUTE}
    facts = {"hours": Decimal("145.833333"), "cost": Decimal(5600), "currency": "USD", **(more or {})}
    return log(rows, card=Card(zone="UTC", costs=CostFacts(times, (), (Capacity("role", "service", **facts),))))


def test_the_example_of_kaplan_and_anderson() -> None:
    """A hundredth of it: 49,000 orders, 1,400 inquiries and 2,500 checks of 8, 44 and 50 minutes at 0.80 a minute use 462,880 of 560,000; 97,120 are unused.

    Kaplan and Anderson, "Time-Driven Activity-Based Costing", Harvard Business Review, November 2004.
    """
    answer = costs(customer_service({"order": 490, "inquiry": 14, "credit check": 25}))
    each = {record["activity"]: (record["cost_per_unit"], record["cost"]) for record in answer.records()}
    assert each["order"] == (Decimal("6.40"), Decimal("3136.00"))
    assert each["inquiry"] == (Decimal("35.20"), Decimal("492.80"))
    assert each["credit check"] == (Decimal("40.00"), Decimal("1000.00"))
    (month,) = months(answer)
    assert month["cost_rate"] == Decimal("48.00")
    assert (month["used_cost"], month["unused_cost"], month["over_cost"]) == (Decimal("4628.80"), Decimal("971.20"), 0)
    assert (month["used_capacity"], month["over_capacity"]) == (5786 * MINUTE, 0)
    assert abs(month["practical_capacity"] - 7000 * MINUTE) < HOUR // 1000
    assert month["used_capacity"] + month["unused_capacity"] == month["practical_capacity"]
    assert "service: 82.7 % of 117 hours of practical capacity were used; what was not used cost 971.20 USD." in texts(answer, Headline)


def test_more_than_there_is_is_over_capacity() -> None:
    """A thousand orders take 133 hours of 117: nothing is unused, and what is beyond is said as such, in hours and money."""
    (month,) = months(costs(customer_service({"order": 1000})))
    assert (month["unused_capacity"], month["unused_cost"]) == (0, 0)
    assert month["used_capacity"] - month["over_capacity"] == month["practical_capacity"]
    assert month["used_cost"] - month["over_cost"] == month["capacity_cost"] == 5600


def test_people_have_the_hours_of_their_calendar() -> None:
    """Two people from Monday to Friday, nine to five, have 23 days of 16 hours in January 2024, 80 % of them practical; at 10 an hour that is 2,944."""
    read = customer_service({"order": 300}, {"hours": None, "cost": None, "people": Decimal(2)})
    card = replace(read.card, calendars={"office": OFFICE}, calendar_of=CalendarOf("office"))
    rates = MoneyOfTime(labour=(LabourRate("role", "service", Decimal(10), "USD"),))
    answer = costs(replace(read, card=replace(card, money=rates)))
    (month,) = months(answer)
    assert month["paid_capacity"] == 23 * 16 * HOUR
    assert month["practical_capacity"] == 23 * 16 * HOUR * 8 // 10
    assert (month["capacity_cost"], month["used_cost"], month["unused_cost"]) == (Decimal(2944), Decimal(400), Decimal(2544))


def test_a_month_that_the_log_covers_in_part_has_its_part_of_the_capacity() -> None:
    """From 1 January to 10 February, of 290 hours a month: all of January, and ten days of 29 in February; a lone unit far away is left out and counted."""
    rows = [{"case": f"c{place}", "activity": "order", "timestamp": ORIGIN + place * DAY // 10 + HOUR, "role": "service"} for place in range(410)] + [
        {"case": "old", "activity": "order", "timestamp": ORIGIN - 9000 * DAY, "role": "service"}
    ]
    facts = CostFacts({"order": MINUTE}, (), (Capacity("role", "service", Decimal(290), None, Decimal(1)),))
    money = MoneyOfTime(labour=(LabourRate("role", "service", Decimal(1), "EUR", date(2024, 1, 1)),))
    answer = costs(log(rows, card=Card(zone="UTC", money=money, costs=facts)))
    told = {month["month"]: month for month in months(answer)}
    assert {name: month["practical_capacity"] for name, month in told.items()} == {"2024-01": 290 * HOUR, "2024-02": 100 * HOUR}
    assert sum(month["used_capacity"] for month in told.values()) == 410 * MINUTE
    assert "1 event in months far from all others are in no number of capacity." in texts(answer, Caveat)


def test_capacity_of_people_is_told_as_people_may_be_shown() -> None:
    """A resource with a declared capacity stands under its pseudonym, and nowhere under its name."""
    card = Card(
        people="pseudonyms",
        money=MoneyOfTime(labour=RATES[2:]),
        costs=CostFacts({}, (), tuple(Capacity("resource", name, Decimal(9)) for name in ("ann", "zoe"))),
    )
    answer = costs(log("a: x@1h-2h/ann, y@3h-4h/bob", card=card))
    assert {month["pool"] for month in months(answer)} == {"person 01", "(a resource that the log does not have)"}
    assert not {"ann", "zoe"} & set(answer.to_text().replace(":", " ").split())


def worked(month: int, units: int, minutes: int) -> list[Event]:
    """So many units of so many minutes each, in a month of 2024."""
    begin = (datetime(2024, month, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return [
        {
            "case": f"{month}-{place}",
            "activity": "check",
            "start": begin + place * HOUR,
            "timestamp": begin + place * HOUR + minutes * MINUTE,
            "resource": "ann",
        }
        for place in range(units)
    ]


def test_two_periods_are_parted_into_price_time_and_volume() -> None:
    """100 units of 30 minutes at 60 cost 3,000; 120 units of 20 minutes at 66 cost 2,640: volume +600, time −1,200, price +240."""
    rates = (
        LabourRate("default", None, Decimal(60), "EUR", None, date(2024, 2, 29)),
        LabourRate("default", None, Decimal(66), "EUR", date(2024, 3, 1)),
    )
    read = log([*worked(2, 100, 30), *worked(3, 120, 20)], card=Card(zone="UTC", money=MoneyOfTime(labour=rates)))
    answer = costs(read, period="2024-03", base="2024-02")
    assert answer.variance is not None
    assert answer.variance.whole() == {"base_cost": 3000, "price_variance": 240, "time_variance": -1200, "volume_variance": 600, "actual_cost": 2640}
    assert (
        "The work of 2024-03 costs 360.00 EUR less than that of 2024-02: +240.00 by price, −1,200.00 by time per unit, +600.00 by volume."
        in texts(answer, Headline)
    )
    (drawn_as,) = (block for block in answer.view().blocks if isinstance(block, Waterfall))
    assert drawn_as.table.column("cost") == (3000, 600, -1200, 240, 2640)
    shapley = costs(read, period="2024-03", base="2024-02", split="shapley").variance
    assert shapley is not None
    assert sum(shapley.whole()[f"{part}_variance"] for part in ("price", "time", "volume")) == -360


def test_the_standard_is_unit_times_at_standard_rates() -> None:
    """100 units took 30 minutes at 60 and should have taken 20 at 54: time costs 100 × 10/60 × 54 = 900 more, price 100 × 30/60 × 6 = 300 more."""
    rates = (LabourRate("default", None, Decimal(60), "EUR", standard=Decimal(54)),)
    card = Card(zone="UTC", money=MoneyOfTime(labour=rates), costs=CostFacts({"check": 20 * MINUTE}))
    answer = costs(log(worked(2, 100, 30), card=card), base="standard")
    assert answer.variance is not None
    assert answer.variance.whole() == {"base_cost": 1800, "price_variance": 300, "time_variance": 900, "volume_variance": 0, "actual_cost": 3000}
    assert texts(answer, Headline)[1].startswith("The work costs 1,200.00 EUR more than by the standard: +300.00 by price, +900.00 by time per unit")


def test_what_has_no_standard_is_counted() -> None:
    """Units of an activity without a unit time are in neither side; a declared time cannot differ from itself; without any there is nothing to compare."""
    read = log(instants(drawn(1)), card=CARD)
    answer = costs(read, base="standard")
    said = texts(answer, Caveat)
    paid = [record for record in answer.basis.records() if record["activity"] == "pay"]
    assert paid[0]["with_fixed"] == paid[0]["units"]  # each has a fixed cost, so each has a cost, with labour or without
    assert any(f"{paid[0]['units']} instances with a cost have no declared unit time" in text for text in said)
    assert any("is the declared one, because none is recorded" in text for text in said)
    assert answer.variance is not None
    compared = sum(record["priced"] for record in answer.variance.actual.records() if record["expected"])
    assert any(text.startswith(f"{compared} instances with a declared unit time cost ") for text in texts(answer, Headline))
    none = costs(log("a: x@1h-2h/ann", card=Card(money=MoneyOfTime(labour=RATES[2:]))), base="standard")
    assert "There is nothing to compare: no unit with a cost is of an activity whose unit time is declared" in " ".join(texts(none, Caveat))


def test_nobody_knows_costs_of_which_nothing_is_declared() -> None:
    """Without rates, or without any time, the answer says what to declare; an activity of the card that the log does not have is named with the nearest."""
    bare = costs(log("a: x@1h-2h/ann"))
    assert "What the work costs is not known: no labour rate is declared" in texts(bare, Caveat)[0]
    assert not any(getattr(block, "title", "").startswith("What the costs") for block in bare.view().blocks)
    rates = MoneyOfTime(labour=RATES[2:])
    untimed = costs(log("a: post@1h/ann", card=Card(money=rates, costs=CostFacts({}))))
    assert "no start of the work is recorded, and no unit time is declared" in texts(untimed, Caveat)[0]
    assert [(record["no time known"], record["no rate"]) for record in untimed.basis.records()] == [(1, 0)]  # ann has a rate, and no time
    misspelt = costs(log("a: Post@1h/ann", card=Card(money=rates, costs=CostFacts({"post": MINUTE}))))
    assert "[unit_times] names 'post', which the log does not have. Did you mean 'Post'?" in texts(misspelt, Caveat)


@pytest.mark.parametrize(("minutes", "said"), [(15, "15 min"), (90, "1 h 30 min"), (3600, "60 hours")])
def test_little_paid_time_is_told_in_minutes(minutes: int, said: str) -> None:
    """A quarter of an hour is no hour, and no nought hours either."""
    card = Card(money=RATES_OF_ALL, costs=CostFacts({"post": minutes * MINUTE}))
    assert texts(costs(log("a: post@1h/ann", card=card)), Headline)[0].endswith(f"for {said} of paid time.")


def test_what_cannot_be_asked_is_refused() -> None:
    """Two currencies, months without a period, levels without their role, and lists of nothing."""
    euro = LabourRate("role", "a", Decimal(1), "EUR")
    mixed = Card(money=MoneyOfTime(labour=(euro, replace(euro, name="b", currency="USD"))))
    with pytest.raises(SeveralCurrencies, match="in EUR and USD"):
        costs(log("a: x@1h", card=mixed))
    with pytest.raises(NoMonths, match="say --period"):
        costs(log("a: x@1h"), base="2024-01")
    with pytest.raises(MissingFact):
        costs(log("a: x@1h"), level="role")
    with pytest.raises(OutOfRange):
        costs(log("a: x@1h"), level="case", most=0)


@pytest.mark.parametrize("level", get_args(Level))
def test_the_cases_behind_a_row_at_every_level(level: Level) -> None:
    """Behind each row are the cases that have its units."""
    answer: Costs = costs(log(instants(drawn(1)), card=CARD), level=level)
    for row, record in enumerate(answer.records()[:2]):
        assert len(answer.cases(row).records()) == record["cases"]
