"""Cost variances of logs: they add up to what the two periods cost, in every currency, and what makes periods hard to compare is told."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.answers import texts

from finmine.analyses.costs import Costs, costs
from finmine.card import AmountRule, Card, Rate
from finmine.card_costs import CostFacts
from finmine.card_money import MoneyOfTime
from finmine.finance.labour import FixedCost, LabourRate
from finmine.finance.money import minor_digits, rounded
from finmine.finance.variances import Split
from finmine.log import EventLog
from finmine.testing import Event, log
from finmine.view import Caveat, Table, Waterfall
from finmine.words import MINUTE

PARTS = ("price_variance", "time_variance", "volume_variance")
BASE, NOW = "2024-02", "2024-03"


def _micros(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def drawn(seed: int) -> list[Event]:
    """Units of February and March, some without a start, a rate or a rate of exchange; one activity vanishes, one is new."""
    rng, rows = random.Random(seed), list[Event]()
    for place in range(160):
        month = rng.choice((2, 3))
        ends = datetime(2024, month, rng.randrange(1, 29), rng.randrange(6, 20), rng.randrange(60), tzinfo=UTC)
        activity = rng.choice(("enter", "check", "post", "old" if month == 2 else "new"))
        row: Event = {"case": f"c{place}", "activity": activity, "timestamp": _micros(ends), "role": rng.choice(("clerk", "boss", "temp", "guest"))}
        rows.append(row | ({"start": _micros(ends) - rng.randrange(40) * MINUTE} if rng.random() < 0.7 else {}))
    return [*rows, *({"case": f"{edge}", "activity": "open", "timestamp": _micros(edge), "role": "guest"} for edge in EDGES)]


EDGES = (datetime(2024, 1, 31, tzinfo=UTC), datetime(2024, 4, 2, tzinfo=UTC))


def priced(currency: str, other: str | None) -> Card:
    """Rates that change within March, a fixed cost that changes, and where there is another currency, rates of exchange from the third day on."""
    second = other or currency
    return Card(
        zone="UTC",
        amount=AmountRule("case", reporting=currency),
        rates=(Rate(other, date(2024, 2, 3), Decimal("0.913457")), Rate(other, date(2024, 3, 14), Decimal("1.07"))) if other else (),
        money=MoneyOfTime(
            labour=(
                LabourRate("role", "clerk", Decimal("36.123456"), currency, until=date(2024, 3, 14)),
                LabourRate("role", "clerk", Decimal("41.7"), currency, date(2024, 3, 15)),
                LabourRate("role", "boss", Decimal("77.77"), second),
                LabourRate("role", "temp", Decimal(0), second),
            )
        ),
        costs=CostFacts(
            {"enter": 7 * MINUTE, "new": 11 * MINUTE},
            (
                FixedCost("post", Decimal("0.333333"), second, until=date(2024, 2, 29)),
                FixedCost("post", Decimal("0.4"), currency, date(2024, 3, 1)),
            ),
        ),
    )


@pytest.mark.parametrize(("currency", "other"), [("EUR", None), ("EUR", "USD"), ("JPY", "EUR"), ("KWD", None)])
@pytest.mark.parametrize("split", ["ordered", "shapley"])
def test_parts_add_up_to_what_the_periods_cost(currency: str, other: str | None, split: Split) -> None:
    """In minor units: base and parts are the actual cost, of each activity and of all, and both sides are what each period costs by itself."""
    read: EventLog = log(drawn(len(currency + split)), card=priced(currency, other))
    answer = costs(read, period=NOW, base=BASE, split=split)
    assert answer.variance is not None
    whole, alone = answer.variance.whole(), costs(read, period=BASE).whole.records()[0]
    assert whole["base_cost"] == rounded(alone["cost"], currency)
    assert whole["actual_cost"] == rounded(answer.whole.records()[0]["cost"], currency)
    for record in (whole, *answer.variance.records()):
        assert record["base_cost"] + sum(record[part] for part in PARTS) == record["actual_cost"]
        assert all(record[name] == round(record[name], minor_digits(currency)) for name in ("base_cost", *PARTS, "actual_cost"))
    of = {record["activity"]: record for record in answer.variance.records()}
    least = Decimal(1).scaleb(-minor_digits(currency))
    for activity in ("old", "new"):  # all volume, up to the minor unit that rounding takes
        assert all(abs(of[activity][part]) <= least for part in PARTS[:2])
    (falling,) = (block for block in answer.view().blocks if isinstance(block, Waterfall))
    first, *steps, last = (Decimal(str(cost)) for cost in falling.table.column("cost"))
    assert first + sum(steps) == last


def test_units_without_a_cost_are_told_on_both_sides() -> None:
    """What has no time or no rate is in neither side; it is counted by period, because more of it in one shows as volume. Without any, nothing is said."""
    answer = costs(log(drawn(1), card=priced("EUR", None)), period=NOW, base=BASE)
    counted = {month: sum(row["unknown_units"] - row["gap_fixed"] for row in gaps(month)) for month in (BASE, NOW)}
    assert all(counted.values())
    said = f"{counted[BASE]} instances of {BASE} and {counted[NOW]} of {NOW} have no known cost and are in neither side: where it is more of them in one period"
    assert any(text.startswith(said) for text in limits(answer))
    known = [row for row in drawn(1) if "start" in row and row["role"] != "guest"]
    assert not any("no known cost" in text for text in limits(costs(log(known, card=priced("EUR", None)), period=NOW, base=BASE)))


def gaps(month: str) -> list[dict[str, Any]]:
    """The units of a month whose labour is not known, and how many of them have a fixed cost, counted from the rows as drawn."""
    told = []
    for row in drawn(1):
        day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=row["timestamp"])
        timed = "start" in row or row["activity"] in ("enter", "new")
        gap = row["role"] == "guest" or not timed
        if f"{day:%Y-%m}" == month:
            told.append({"unknown_units": int(gap), "gap_fixed": int(gap and row["activity"] == "post")})
    return told


def limits(answer: Costs) -> list[str]:
    """What limits the answer."""
    return texts(answer, Caveat)


def test_uneven_periods_are_told() -> None:
    """One month against two, months in common, and a month of which the log covers only a part."""
    read = log(drawn(2), card=priced("EUR", None))
    assert f"{BASE} has 1 month and 2024-02..2024-03 2 months: what more months hold is volume." in limits(
        costs(read, period="2024-02..2024-03", base=BASE)
    )
    assert f"{BASE} and 2024-02..2024-03 have months in common, whose work is on both sides." in limits(
        costs(read, period="2024-02..2024-03", base=BASE)
    )
    late = log([row for row in drawn(2) if row["timestamp"] >= _micros(datetime(2024, 2, 10, tzinfo=UTC))], card=priced("EUR", None))
    assert any(text.startswith(f"Of {BASE} the log covers 2024-02-1") for text in limits(costs(late, period=NOW, base=BASE)))
    assert not any("the log covers" in text or "month" in text for text in limits(costs(read, period=NOW, base=BASE)))


def test_rates_of_exchange_are_price_and_that_is_told() -> None:
    """The same work at the same rates in dollars, which cost more euro in March: all of the difference is price."""
    rows: list[Event] = [
        {"case": f"{month} {day}", "activity": "enter", "timestamp": _micros(datetime(2024, month, day, 9, tzinfo=UTC)), "role": role}
        for month in (2, 3)
        for day in range(1, 21)
        for role in ("boss", "clerk")
    ]
    card = priced("EUR", "USD")
    rates = (Rate("USD", date(2024, 1, 1), Decimal("0.8")), Rate("USD", date(2024, 3, 1), Decimal("0.9")))
    same = (LabourRate("role", "boss", Decimal(60), "USD"), LabourRate("role", "clerk", Decimal(60), "EUR"))
    answer = costs(log(rows, card=replace(card, rates=rates, money=MoneyOfTime(labour=same))), period=NOW, base=BASE)
    assert answer.variance is not None
    assert answer.variance.whole() == {"base_cost": 252, "price_variance": 14, "time_variance": 0, "volume_variance": 0, "actual_cost": 266}
    assert "Costs are stated in several currencies: what their rates of exchange change is price, too." in limits(answer)


def test_an_activity_without_any_cost_is_in_no_row() -> None:
    """What nobody can price on either side has no row of noughts among the variances."""
    answer = costs(log(drawn(3), card=priced("EUR", None)), period="2024-01..2024-04", base=BASE)
    (shown,) = (block for block in answer.view().blocks if isinstance(block, Table) and block.title == "Variances by activity")
    assert "open" not in shown.column("activity")
