"""The time ledger: every way to look at it adds up to the same, and to the throughput time of all cases."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import get_args

import pytest
from tests.answers import texts

import finmine
from finmine.analyses.time_ledger import Level
from finmine.card import AmountRule, Card
from finmine.card_money import MoneyOfTime
from finmine.finance.labour import LabourRate
from finmine.finance.terms import Capital, DatedRate, LateInterest
from finmine.ledger_money import AFTER
from finmine.log import EventLog, MissingFact
from finmine.relations.ledger import ENTRIES
from finmine.relations.payments import TAKEN, UNDECIDED
from finmine.testing import ORIGIN, events, log
from finmine.view import Caveat, Headline, Prose
from finmine.words import DAY, HOUR

# B and C run side by side, and the case ends in February
WRITTEN = "\n".join(
    f"c{n} {{company={n % 2}}}: a@{n}h-{n + 2}h/ann {{role=clerk}}, {'b' if n % 2 else 'c'}@{n + 3}h-{n + 9}h/bob {{role=clerk}}, "
    f"{'c' if n % 2 else 'b'}@{n + 4}h-{n + 10}h/cid {{role=boss}}, d@{n + 12}h-31d {n}h/ann {{role=clerk}}, e@32d {n}h"
    for n in range(8)
)
EACH: tuple[Level, ...] = get_args(Level)


def test_wrong_dates_add_no_centuries_of_months() -> None:
    """One case of 150 that begins decades before all others: its months are one row, with their time, their case and a caveat."""
    text = "\n".join(f"i{case}: a@0h, b@1d" for case in range(150))
    stray = [{"case": "stray", "activity": "x", "timestamp": ORIGIN - 25_000 * DAY}, {"case": "stray", "activity": "a", "timestamp": ORIGIN}]
    answer = finmine.time_ledger(log([*events(text), *stray]))
    before, month = answer.records()
    assert (before["ledger_month"], before["clock"], month["ledger_month"], month["clock"]) == ("before 2024-01", 25_000 * DAY, "2024-01", 150 * DAY)
    assert answer.cases(0).rows.column("case") == ("stray",)
    assert "25,000 d lie before 2024-01, in months in which single cases have time" in texts(answer, Caveat)[0]


def test_every_way_to_look_adds_up_to_the_same() -> None:
    """By month, resource, role, activity and case, split or not: each row across, each entry down, the whole to the throughput time of all cases."""
    written = log(WRITTEN)
    cases = sum(record["throughput"] for record in finmine.cases(written).records())
    found = set()
    for each in EACH:
        answer = finmine.time_ledger(written, level=each, by="company" if each == "month" else None)
        records = answer.records()
        for record in records:
            assert record["clock"] == sum(record[entry] for entry in ENTRIES if entry != "overlap") - record["overlap"]
        found.add(tuple(sum(record[name] for record in records) for name in (*ENTRIES, "clock")))
        assert any("to the microsecond" in text for text in texts(answer, Prose))
    (entries,) = found
    told = dict(zip((*ENTRIES, "clock"), entries, strict=True))
    assert told["clock"] == cases == 8 * 32 * 24 * HOUR
    # b or c is open beside the other for all its time but one hour; e has no start
    assert told["overlap"] == 8 * 7 * HOUR
    assert told["gap"] == 8 * 24 * HOUR


def test_rows_have_the_names_of_what_they_are() -> None:
    """Months as year and month in the zone of the log, roles and people by name, nobody where none is recorded."""
    written = log(WRITTEN, card=Card(zone="Pacific/Auckland"))
    months = finmine.time_ledger(written).records()
    assert [record["ledger_month"] for record in months] == ["2024-01", "2024-02"]
    assert {record["team"] for record in finmine.time_ledger(written, level="role").records()} == {"clerk", "boss", "(not recorded)"}
    assert finmine.time_ledger(written, level="resource").records()[0]["resource"] == "ann"
    case = finmine.time_ledger(written, level="case")
    assert [record["case"] for record in case.cases(3).records()] == [case.records()[3]["case"]]


def test_what_limits_the_ledger_is_said() -> None:
    """Only completions: all between units are gaps; units that begin after their completion make a difference that is told; no roles are refused."""
    only = finmine.time_ledger(log("a: x@0h, y@5h"))
    assert any("gaps" in text for text in texts(only, Caveat))
    assert texts(only, Headline) == ["Of 5 h of throughput time: 5 h gaps without a known start."]
    faulty = finmine.time_ledger(log("a: x@9h-5h, y@9h-10h"))
    assert any("differs by 4 h" in text for text in texts(faulty, Caveat))
    with pytest.raises(MissingFact):
        finmine.time_ledger(log("a: x@0h"), level="role")


def priced_log() -> EventLog:
    """Three invoices with labour, of which two lose their discount, one is late and one is not paid; in two currencies."""
    facts = "{{currency={}, amount=1000.00, discount=20.01, document_date=2024-01-02, discount_date=2024-01-10, due_date=2024-01-30}}"
    rates = (LabourRate("resource", "ann", Decimal("33.34"), "EUR"), LabourRate("default", None, Decimal("7.78"), "USD"))
    terms = MoneyOfTime(
        labour=rates,
        capital=Capital(Decimal("0.0801"), 360),
        late_interest=LateInterest((DatedRate(Decimal("0.1")),), {"EUR": Decimal("1.5")}),
        milestones={"received": ("receive",), "paid": ("pay",)},
    )
    card = Card(extracted=datetime(2024, 2, 15, tzinfo=UTC), amount=AmountRule("case"), outcomes={"paid": ("pay",)}, money=terms)
    return log(
        f"i1 {facts.format('EUR')}: receive@2d-2d 1h/ann {{role=clerk}}, approve@11d-12d/bob {{role=boss}}, pay@33d-33d 2h/ann {{role=clerk}}\n"
        f"i2 {facts.format('USD')}: receive@1d-2d 1h/bob {{role=boss}}, approve@3d-3d 7h/ann {{role=clerk}}\n"
        f"i3 {facts.format('EUR')}: receive@2d-2d 1h/bob {{role=boss}}, approve@3d-4d/ann {{role=clerk}}, pay@5d-6d/bob {{role=boss}}",
        card=card,
    )


def test_money_beside_the_time_is_the_money_of_time() -> None:
    """By every level, split or not, each part of each currency adds up to what the money of time says of it, and rows to their last column."""
    written = priced_log()
    parts = {"labour": "labour_cost", "discounts": "discounts_cost", "late payment": "lateness_cost", "capital": "capital_cost"}
    expected: Counter[tuple[str, str]] = Counter()
    for line in finmine.money_of_time(written).records():
        if line["part"] in parts and line["money"] and line["measure"] not in (TAKEN, UNDECIDED):
            expected[parts[line["part"]], line["currency"]] += line["money"]
    assert len(expected) == 8
    for each in EACH:
        answer = finmine.time_ledger(written, level=each, by="currency" if each == "activity" else None)
        assert answer.money is not None
        found: Counter[tuple[str, str]] = Counter()
        for record in answer.money.records():
            assert record["money_sum"] == sum(record[name] for name in parts.values())
            found.update({(name, record["currency"]): record[name] for name in parts.values()})
        assert found == expected
        assert any(f"{expected['labour_cost', 'EUR']:,} EUR of labour" in text for text in texts(answer, Prose))


def test_money_stands_where_its_time_passed() -> None:
    """Labour with its own unit, the loss of a step with the unit it leads to, what falls after the last unit apart."""
    answer = finmine.time_ledger(priced_log(), level="case")
    assert answer.money is not None
    rows = {(record["label"], record["currency"], record["after"]): record for record in answer.money.records()}
    assert rows["i1", "EUR", False]["discounts_cost"] == Decimal("20.01")
    assert rows["i1", "USD", False]["labour_cost"] == Decimal("7.78") * 24
    assert rows[AFTER, "USD", True]["lateness_cost"] > 0
    assert rows[AFTER, "USD", True]["labour_cost"] == 0
    months = finmine.time_ledger(priced_log()).money
    assert months is not None
    assert [record["label"] for record in months.records() if not record["after"]] == ["2024-01", "2024-01", "2024-02"]


def test_without_rates_or_terms_it_says_what_to_declare() -> None:
    """Where nothing says what time costs, a caveat does, and no number."""
    answer = finmine.time_ledger(log("a: x@0h-1h, y@5h-6h"))
    assert answer.money is None
    assert any("No money stands beside the time" in text and "[[labour]]" in text for text in texts(answer, Caveat))
