"""Costs in several currencies: told in the reporting currency, each at the rate of the day on which its case started, or refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import pytest
from tests.answers import texts

from finmine.analyses.costs import Costs, costs
from finmine.analyses.path_costs import path_costs
from finmine.analyses.path_effects import path_effects
from finmine.card import AmountRule, Card, Rate
from finmine.card_costs import CostFacts
from finmine.card_money import MoneyOfTime
from finmine.finance.capacity import Capacity
from finmine.finance.labour import FixedCost, LabourRate
from finmine.relations.costs import NO_EXCHANGE, SeveralCurrencies
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline, Table
from finmine.words import DAY, HOUR, MINUTE

START = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ORIGIN)
FIRST, SECOND = (START + timedelta(days=3)).date(), (START + timedelta(days=6)).date()
RATES = (Rate("USD", FIRST, Decimal("0.9")), Rate("USD", SECOND, Decimal("0.813457")))
PER_HOUR = {"boss": (Decimal(80), "EUR"), "clerk": (Decimal("37.77"), "USD")}
TIMES = {"enter": 7 * MINUTE, "approve": 20 * MINUTE, "pay": MINUTE}
CARD = Card(
    zone="UTC",
    amount=AmountRule("case", reporting="EUR"),
    rates=RATES,
    outcomes={"paid": ("pay",)},
    money=MoneyOfTime(labour=tuple(LabourRate("role", role, rate, currency) for role, (rate, currency) in PER_HOUR.items())),
    costs=CostFacts(
        TIMES,
        (FixedCost("pay", Decimal("0.35"), "USD"), FixedCost("approve", Decimal("0.1"), "EUR")),
        (Capacity("role", "clerk", Decimal(10)), Capacity("role", "boss", Decimal(5))),
    ),
)


def written() -> list[Event]:
    """A case a day for ten days: a clerk enters and pays, and of every second case a boss approves in between, two days later."""
    rows: list[Event] = []
    for case in range(10):
        steps = [("enter", "clerk", 0), *([("approve", "boss", 2 * DAY)] if case % 2 else []), ("pay", "clerk", 4 * DAY)]
        rows += [
            {"case": f"c{case}", "activity": activity, "timestamp": ORIGIN + case * DAY + HOUR + after, "role": role, "amount": "1.00"}
            for activity, role, after in steps
        ]
    return rows


def by_hand(case: int) -> Decimal | None:
    """What a case costs in euro: each unit at the rate of the day on which the case started, and nothing where there is none."""
    day = (START + timedelta(days=case)).date()
    dollar = max((rate for rate in RATES if rate.since <= day), key=lambda rate: rate.since, default=None)
    if dollar is None:
        return None

    def euro(amount: Decimal, currency: str) -> Decimal:
        return (amount * (dollar.rate if currency == "USD" else 1)).quantize(Decimal("0.000001"), ROUND_HALF_UP)

    cost = Decimal(0)
    for activity, role in (("enter", "clerk"), ("pay", "clerk"), *([("approve", "boss")] if case % 2 else [])):
        rate, currency = PER_HOUR[role]
        cost += euro((rate * TIMES[activity] / HOUR).quantize(Decimal("0.000001"), ROUND_HALF_UP), currency)
    return cost + euro(Decimal("0.35"), "USD") + (Decimal("0.1") if case % 2 else 0)


@cache
def answered() -> Costs:
    """The costs of the cases."""
    return costs(log(written(), card=CARD), level="case")


def test_costs_are_told_in_the_reporting_currency() -> None:
    """Each case costs what is reckoned by hand, and the dollars of the days without a rate are counted and in no cost, nor is a part of such a unit."""
    told = {record["case"]: record["cost"] for record in answered().records()}
    for case in range(10):
        whole = by_hand(case)
        if whole is not None:
            assert told[f"c{case}"] == whole.quantize(Decimal("0.01"), ROUND_HALF_UP)
    approval = (PER_HOUR["boss"][0] * 20 / 60 + Decimal("0.1")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert (told["c0"], told["c1"]) == (None, approval)
    assert sum(row[NO_EXCHANGE] for row in answered().basis.records()) == 6
    note = f"Costs are stated in EUR and USD and told in EUR, at the rate of the day on which each case started. 6 {answered().about.log.facts.unit}s"
    assert any(text.startswith(f"{note} without a rate for that day cost nothing here.") for text in texts(answered(), Caveat))


def test_capacity_is_told_in_the_currency_in_which_it_is_paid() -> None:
    """Used and unused hours of the clerk are worth dollars, those of the boss euro, each in a table of its own and nowhere added."""
    found = answered()
    pools: dict[str, Any] = {record["pool"]: record for record in found.capacity.records} if found.capacity else {}
    assert {pool: record["currency"] for pool, record in pools.items()} == {"clerk": "USD", "boss": "EUR"}
    assert all(record["used_cost"] + record["unused_cost"] == record["capacity_cost"] for record in pools.values())
    titles = [(block.title, len(block.rows)) for block in found.view().blocks if isinstance(block, Table)]
    assert titles.count(("What used and unused capacity costs", 1)) == 2
    assert any(text.endswith("USD.") for text in texts(found, Headline))


def test_paths_are_compared_in_the_reporting_currency() -> None:
    """What paths cost is the sum of their cases of which all is known; their effects are in euro, too."""
    read = log(written(), card=CARD)
    known = {case: cost for case in range(10) if (cost := by_hand(case)) is not None}
    answer = path_costs(read)
    assert answer.every()["cost"] == sum(known.values())
    assert answer.every()["priced"] == len(known)
    for record in answer.records():
        odd = "approve" in record["path_family"]
        assert record["cost"] == sum(cost for case, cost in known.items() if case % 2 == odd).quantize(Decimal("0.01"), ROUND_HALF_UP)  # type: ignore[union-attr]
    effects = path_effects(read, outcome="cost")
    assert effects.compared.currency == "EUR"
    assert len(effects.rows) == len(known)


def test_without_a_reporting_currency_nothing_is_added() -> None:
    """Two currencies without one for the answers are refused with what to say; one currency beside another reporting currency stays as it is."""
    bare = replace(CARD, amount=None, rates=())
    with pytest.raises(SeveralCurrencies, match=r"in EUR and USD.*\[amount\] reporting"):
        costs(log(written(), card=bare))
    dollars = LabourRate("default", None, Decimal(60), "USD")
    alone = costs(log(written(), card=replace(CARD, money=MoneyOfTime(labour=(dollars,)), costs=CostFacts(TIMES))))
    assert alone.currency == "USD"
    assert alone.whole.records()[0]["cost"] == Decimal(180)
