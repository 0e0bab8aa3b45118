"""Payment terms: the lines of the money of time, its headlines in money, and a section of the report only where a log has terms."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.answers import texts

from finmine import EventLog
from finmine.analyses.money_of_time import money_of_time
from finmine.analyses.payment_terms import payment_terms
from finmine.card import AmountRule, Card
from finmine.card_money import MoneyOfTime as Terms
from finmine.report.page import asked_of
from finmine.testing import log as written
from finmine.view import Caveat, Headline

TOLD = "{{amount={amount}, currency={currency}, discount={discount}, discount_date=2024-01-10, due_date=2024-01-30, vendor={vendor}}}"
CASES = (
    ("EUR", "1000.00", "20.00", "A", "receive@1d, approve@2d, pay@9d"),
    ("EUR", "500.00", "10.00", "A", "receive@1d, approve@2d, pay@12d"),
    ("EUR", "100.00", "2.00", "B", "receive@1d, pay@40d"),
    ("USD", "70.00", "0", "B", "receive@1d, approve@2d"),
    ("USD", "30.00", "0", "B", "receive@1d, cancel@2d"),
)
CARD = Card(
    zone="Europe/Berlin",
    extracted=datetime(2024, 3, 1, tzinfo=UTC),
    amount=AmountRule("case"),
    outcomes={"paid": ("pay",), "cancelled": ("cancel",)},
    money=Terms(milestones={"received": ("receive",), "approved": ("approve",), "paid": ("pay",)}),
)


@pytest.fixture(scope="module")
def invoices() -> EventLog:
    """Five invoices in two currencies: one discount taken, two lost, one payment late, one overdue, one cancelled."""
    lines = (
        f"i{place} {TOLD.format(currency=currency, amount=amount, discount=discount, vendor=vendor)}: {events}"
        for place, (currency, amount, discount, vendor, events) in enumerate(CASES)
    )
    return written("\n".join(lines), card=CARD)


def test_what_was_lost_and_late_is_said_in_each_currency(invoices: EventLog) -> None:
    """Discounts and payments each have one headline about money, in which currencies stand side by side and are never added."""
    said = [block for block in payment_terms(invoices).view().blocks if isinstance(block, Headline)]
    assert [block.text for block in said] == [
        "12.00 of 32.00 EUR of discounts were lost, in 2 of 3 cases.",
        "2 of 4 payments that were due (50.0 %) were late or are overdue: 100.00 EUR and 70.00 USD.",
    ]
    assert [(block.of, block.weight) for block in said] == [("money", 2 / 3), ("money", 0.5)]


def test_what_cannot_be_is_counted_beside() -> None:
    """A discount as large as its amount is none, and what has no known currency is said as that, beside those that have one."""
    facts = (("EUR", "100.00", "2.00"), ("EUR", "100.00", "100.00"), ("EUR", "50.00", "60.00"), ("", "30.00", "1.00"))
    lines = (
        f"i{place} {TOLD.format(currency=currency, amount=amount, discount=discount, vendor='A')}: receive@1d, pay@40d"
        for place, (currency, amount, discount) in enumerate(facts)
    )
    answer = payment_terms(written("\n".join(lines), card=CARD))
    told = {line["measure"]: line["cases"] for line in answer.records() if line["part"] == "discounts"}
    assert told == {
        "lost in process": 1,
        "not counted: the discount is not below the amount": 2,
        "not counted: no amount, hence no currency": 1,
    }
    late = next(text for text in texts(answer, Headline) if "late or are overdue" in text)
    assert late == "4 of 4 payments that were due (100.0 %) were late or are overdue: 30.00 in no known currency and 250.00 EUR."
    assert "Amounts are in EUR, no known currency and are never added" in texts(money_of_time(answer.about.log), Caveat)[-1]


@pytest.mark.parametrize("by", [None, "vendor"])
def test_lines_are_those_of_the_money_of_time(invoices: EventLog, by: str | None) -> None:
    """Cases, amounts and discounts of each class are what the money of time counts, in all and in each group; their cases stand behind them."""
    keys = (*(("group",) if by else ()), "part", "measure", "currency", "cases", "value")
    mine, all_lines = payment_terms(invoices, by=by), money_of_time(invoices, by=by).records()
    deadlines = [line for line in all_lines if line["part"] in ("discounts", "late payment")]
    assert [tuple(line[key] for key in keys) for line in mine.records()] == [tuple(line[key] for key in keys) for line in deadlines]
    assert sum((line["money"] for line in mine.records() if line["part"] == "discounts"), Decimal(0)) == Decimal("32.00")
    for line in mine.records():
        assert len(mine.cases(line).records()) == line["cases"]


def test_the_report_asks_only_where_the_log_has_terms(invoices: EventLog) -> None:
    """A log with due dates has the section, one without any has not; asked for all the same, it is told what is missing."""
    bare = written("i1: receive@1d, pay@2d", card=CARD)
    assert ["payment-terms" in [question.name for question in asked_of(log)] for log in (invoices, bare)] == [True, False]
    assert "The log has no due_date and no discount_date and no discount: name the columns on the card under [attributes]." in texts(
        payment_terms(bare), Caveat
    )
