"""Duplicates: planted ones with their exposure, what is none, and what is said of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers import texts

import finmine
from finmine.analyses.duplicates import duplicates
from finmine.auditing.duplicate_groups import exposure
from finmine.card import Card
from finmine.errors import OutOfRange, Refusal
from finmine.testing import log
from finmine.view import Caveat, Headline

CARD = Card(attributes={name: name for name in ("reference", "vendor", "document_date")}, outcomes={"paid": ("Pay invoice",)})
BOOKS = """
A1 {amount=1200.50, currency=EUR, vendor=Alder Ltd, reference=INV-77810, document_date=2024-03-05}: Enter invoice@0h, Approve invoice@1d, Pay invoice@2d
A2 {amount=1200.50, currency=EUR, vendor=ALDER Limited, reference=INV7781O, document_date=2024-03-05}: Enter invoice@3d, Pay invoice@4d
B1 {amount=100.00, currency=EUR, vendor=Beacon AG, reference=4711, document_date=2024-03-05}: Enter invoice@0h, Approve invoice@1d, Pay invoice@2d
B2 {amount=100.00, currency=EUR, vendor=Beacon AG, reference=4711, document_date=2024-03-06}: Enter invoice@0h, Approve invoice@1d
B3 {amount=-100.00, currency=EUR, vendor=Beacon AG, reference=4711, document_date=2024-03-07}: Enter invoice@5d
C1 {amount=55.10, currency=EUR, vendor=Cobalt AG, reference=9001, document_date=2024-03-05}: Enter invoice@0h, Approve invoice@1d
C2 {amount=87.30, currency=EUR, vendor=Cobalt AG, reference=9002, document_date=2024-03-05}: Enter invoice@0h, Approve invoice@1d
D1 {currency=EUR, vendor=Cobalt AG, reference=9003, document_date=2024-03-05}: Enter invoice@0h
"""


@pytest.fixture(scope="module")
def books() -> finmine.EventLog:
    """A small ledger with one open duplicate and one that a credit has made good."""
    return log(BOOKS, card=CARD)


def test_what_was_recorded_twice(books: finmine.EventLog) -> None:
    """One group with its exposure, what was paid of it, its documents, and why."""
    answer = duplicates(books)
    (group,) = answer.records()
    assert (group["document_names"], group["documents"], group["paid_documents"]) == ("A1, A2", 2, 2)
    assert (group["exposed_amount"], group["recoverable_amount"], group["currency"]) == (Decimal("1200.50"), Decimal("1200.50"), "EUR")
    pair = next(pair for pair in answer.pairs() if pair["document"] == "A1")
    assert (pair["other_document"], pair["agreement"], pair["what_differs"]) == (
        "A2",
        "reference spelled alike; amount equal; day equal; vendor spelled alike",
        None,
    )
    assert {record["case"] for record in answer.cases(0).records()} == {"A1", "A2"}


def test_credits_make_good(books: finmine.EventLog) -> None:
    """A group that a credit has made good is only listed where it is asked for, with an exposure of nought."""
    listed = {group["document_names"]: group for group in duplicates(books, resolved=True).records()}
    assert set(listed) == {"A1, A2", "B1, B2, B3"}
    assert listed["B1, B2, B3"]["exposed_amount"] == 0
    assert listed["B1, B2, B3"]["amount_sum"] == Decimal("100.00")


def test_what_is_said(books: finmine.EventLog) -> None:
    """How many of how many, how much money, on which path, and what was not compared."""
    answer = duplicates(books)
    said = texts(answer, Headline)
    assert said[0] == "2 documents of 7 that were compared form 1 group that probably is one document."
    assert said[1].startswith("1,200.50 EUR are exposed")
    assert said[1].endswith("; 1,200.50 EUR of it was paid.")
    caveats = texts(answer, Caveat)
    assert any(caveat.startswith("1 document without an amount was not compared") for caveat in caveats)
    assert any("no purchase_order and no company, so that they could not be compared: declare them" in caveat for caveat in caveats)
    paths = {row["label"]: row for row in answer.paths.records()}
    assert (paths["Approve invoice"]["repeated"], paths["Approve invoice"]["cases"]) == (1, 5)


def test_nothing_is_found_in_what_differs() -> None:
    """Numbers that run on, with amounts of their own, are no duplicates."""
    rows = "\n".join(
        f"C{place} {{amount={50 + place * 17}.10, vendor=Cobalt AG, reference=90{place:02d}}}: Enter invoice@{place}d" for place in range(9)
    )
    answer = duplicates(log(rows, card=Card(attributes={"reference": "reference", "vendor": "vendor"})))
    assert answer.records() == ()
    assert "no two are the same" in answer.to_text()


def test_several_currencies_are_not_added() -> None:
    """Documents in two currencies without rates are one group whose exposure nobody knows."""
    rows = """
    A1 {amount=100.00, currency=EUR, vendor=Alder, reference=INV-1001, document_date=2024-03-05}: Enter@0h
    A2 {amount=100.00, currency=USD, vendor=Alder, reference=INV-1001, document_date=2024-03-05}: Enter@0h
    """
    answer = duplicates(log(rows, card=CARD))
    (group,) = answer.records()
    assert (group["exposed_amount"], group["currency"]) == (None, "several")
    assert any("several currencies" in caveat for caveat in texts(answer, Caveat))


def test_learned_weights_are_asked_for(books: finmine.EventLog) -> None:
    """The duplicates of a log this small are found with learned weights too; the prior is then that of the log."""
    answer = duplicates(books, weights="learned", at_least=0.5)
    assert "A1, A2" in {group["document_names"] for group in answer.records()}
    assert answer.linkage.prior > 0.001


@given(st.lists(st.decimals(-1000, 1000, places=2), min_size=1, max_size=6))
def test_exposure_is_never_below_nought(amounts: list[Decimal]) -> None:
    """It is the sum without the largest invoice, or nought; of one document, and of what credits have made good, it is nought."""
    assert exposure(amounts) == max(Decimal(0), sum(sorted(amounts)[:-1], Decimal(0)))
    assert exposure([Decimal(100), Decimal(100), Decimal(-100)]) == 0


@pytest.mark.parametrize(
    ("asked", "named"), [({"at_least": 1.0}, "at_least"), ({"days": -1}, "days"), ({"tax": ("none",)}, "tax"), ({"tax": ("-3",)}, "tax")]
)
def test_what_cannot_be_is_refused(books: finmine.EventLog, asked: dict[str, object], named: str) -> None:
    """Thresholds, days and rates out of range are refused by name, and so is an attribute that is not there."""
    with pytest.raises(OutOfRange, match=named):
        duplicates(books, **asked)  # type: ignore[arg-type]
    with pytest.raises(Refusal, match="nowhere"):
        duplicates(books, reference="nowhere")
