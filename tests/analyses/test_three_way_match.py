"""Three-way match: what plain Python says of every invoice, tolerances, and what cannot be tested."""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.answers import texts

from finmine.analyses.three_way_match import three_way_match
from finmine.auditing.matched_invoices import RESULTS
from finmine.auditing.tolerance import BadTolerance, tolerance
from finmine.card import Card
from finmine.errors import Refusal
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline, Prose
from finmine.words import HOUR

NAMES = ("quantity", "price", "line_amount", "item_category")
CARD = Card(attributes={name: name for name in NAMES})


def random_rows(seed: int, number: int) -> list[Event]:
    """Items with orders, changes of price, partial receipts, returns and invoices in any order, some at one time, some without quantity or price."""
    dice = random.Random(seed)
    rows: list[Event] = []
    for place in range(number):
        own = {
            "case": f"i{place:03d}",
            "item_category": dice.choice(["3-way match, invoice after GR"] * 4 + ["3-way match, invoice before GR", "Consignment"]),
        }
        for hour in sorted(dice.choices(range(12), k=dice.randrange(3, 7))):
            activity = dice.choice(
                ["Create order", "Change price", "Record goods receipt", "Record goods receipt", "Return goods", "Enter invoice", "Enter invoice"]
            )
            row = {**own, "activity": activity, "timestamp": ORIGIN + hour * HOUR, "quantity": "", "price": "", "line_amount": ""}
            if dice.random() < 0.93:
                row |= {"quantity": str(dice.randrange(1, 5)), "price": dice.choice(["2.00", "2.10", "3.333333"]) if activity[0] in "CE" else ""}
            rows.append(row)
    return rows


def by_definition(rows: list[Event]) -> Counter[str]:
    """What comes of each invoice, with 5 % of price and 2.50 of quantity tolerated."""
    cases, found = defaultdict[str, list[Event]](list), Counter[str]()
    for row in rows:
        cases[row["case"]].append(row)
    for these in cases.values():
        for place, row in enumerate(these):
            if row["activity"] == "Enter invoice":
                found[_of_invoice(these, place)] += 1
    return found


def _of_invoice(these: list[Event], place: int) -> str:
    row, before = these[place], these[: place + 1]
    early, at = row["item_category"].endswith("before GR"), row["timestamp"]
    orders = [each for each in before if each["activity"] in ("Create order", "Change price")]
    receipts = [each for each in these if each["activity"] in ("Record goods receipt", "Return goods")]
    prices = [Decimal(each["price"]) for each in orders if each["price"]]
    invoiced = [each["quantity"] for each in before if each["activity"] == "Enter invoice"]
    if row["item_category"] == "Consignment":
        return "not matched"
    if not orders:
        return "no order"
    quantity, price = (Decimal(row[name]) if row[name] else None for name in ("quantity", "price"))
    gap = quantity * price - prices[-1] * quantity if quantity and price and prices else None
    if gap is not None and prices and quantity and round(gap, 2) * 100 > 5 * prices[-1] * quantity:
        return "price above"
    lost, known = any(not each["quantity"] for each in receipts), all(invoiced)

    def over(limit: int) -> bool:
        got = sum(
            (-1 if each["activity"] == "Return goods" else 1) * Decimal(each["quantity"]) for each in receipts if early or each["timestamp"] <= limit
        )
        return bool(prices) and round((sum(map(Decimal, invoiced)) - got) * prices[-1], 2) > Decimal("2.50")

    none = not lost and not any(each["activity"] == "Record goods receipt" for each in receipts)
    if not lost and known and not none and over(at):
        return "quantity above"
    if none:
        return "no receipt"
    if not (quantity and price) or not known:
        return "invoice not known"
    if not prices:
        return "order not known"
    return "receipt not known" if lost else "time not known" if over(at - 1) else "matched"


def test_results_are_those_of_the_definition() -> None:
    """What comes of the invoices of 250 random items is what plain Python says, and adds up to all invoices."""
    rows = random_rows(3, 250)
    answer = three_way_match(log(rows, card=CARD), price_above="5%", quantity_above="2.50", order_above="any")
    found: Counter[str] = Counter()
    for record in answer.records():
        found[record["match_result"]] += record["invoices"]
    assert found == by_definition(rows)
    assert set(found) == {name for name, _, _ in RESULTS} - {"price below", "order exceeded", "step not known"}
    assert found.total() == sum(row["activity"] == "Enter invoice" for row in rows)
    assert answer.cases(0).total == answer.records()[0]["cases"]
    assert any(said.startswith("Not testable are") for said in texts(answer, Caveat))
    assert "What is compared of each row: quantity from 'quantity', price from 'price', amount from 'line_amount'." in texts(answer, Prose)


PARTS = """
a: Create order@0h {quantity=10, price=5.00}, Record goods receipt@1d {quantity=4}, Enter invoice@2d {quantity=4, line_amount=20.00},
  Record goods receipt@3d {quantity=6}, Enter invoice@4d {quantity=6, line_amount=29.00}
b: Create order@0h {quantity=10, price=5.00}, Record goods receipt@1d {quantity=9}, Enter invoice@2d {quantity=10, line_amount=52.00}
c: Create order@0h {quantity=10, price=5.00}, Record goods receipt@1d {quantity=10}
"""


@pytest.mark.parametrize(
    ("asked", "results"),
    [
        ({}, {"matched": 2, "price above": 1}),
        ({"price_above": "4%"}, {"matched": 2, "quantity above": 1}),
        ({"price_above": "3% or 2.00"}, {"matched": 2, "quantity above": 1}),
        ({"price_above": "4% and 1.99"}, {"matched": 2, "price above": 1}),
        ({"price_above": "any", "quantity_above": "5.00"}, {"matched": 2, "order exceeded": 1}),
        ({"price_above": "any", "quantity_above": "5.00", "order_above": "4%"}, {"matched": 3}),
        ({"price_above": "any", "quantity_above": "any", "order_above": "any", "price_below": "0.50"}, {"matched": 2, "price below": 1}),
    ],
)
def test_partial_deliveries_and_tolerances(asked: dict[str, Any], results: dict[str, int]) -> None:
    """Partial deliveries add up; a tolerance in percent and money holds where both do, or where any does; price and quantity are told apart."""
    small = Card(attributes={name: name for name in NAMES[:3]})
    answer = three_way_match(log(PARTS, card=small), **asked)
    assert {record["match_result"]: record["invoices"] for record in answer.records()} == results
    assert answer.whole.records()[0]["without"] == 1


def test_what_does_not_match_is_told_with_its_row() -> None:
    """The finding has the differences with their signs, the exposure and the row of the source."""
    (finding,) = three_way_match(log(PARTS, card=Card(attributes={name: name for name in NAMES[:3]}))).listed()
    assert (finding["case"], finding["price_difference"], finding["quantity_difference"], finding["match_exposed"]) == ("b", 2, 5, 2)
    assert (finding["ordered_price"], finding["received_so_far"], finding["rows_of_source"].endswith("row 8")) == ("5", "9", True)


def test_a_gap_that_goes_on_is_exposed_once() -> None:
    """Of two invoices without any further receipt each exposes itself, not the gap of the one before again."""
    text = "a: Create order@0h {quantity=9, price=5.00}, Record goods receipt@1h {quantity=1}, " + ", ".join(
        f"Enter invoice@{hour}h {{quantity=2, price=5.00}}" for hour in (2, 3)
    )
    (record,) = three_way_match(log(text, card=Card(attributes={name: name for name in ("quantity", "price")}))).records()
    assert (record["match_result"], record["invoices"], record["match_exposed"]) == ("quantity above", 2, 15)


def test_amounts_alone() -> None:
    """Without a quantity amounts are compared alone, and the answer says what that hides; without amounts nothing can be tested."""
    text = """
    a: Create order@0h, Record goods receipt@1d {line_amount=50.00}, Enter invoice@2d {line_amount=50.00}
    b: Create order@0h, Record goods receipt@1d {line_amount=50.00}, Enter invoice@2d {line_amount=51.00},
       Cancel invoice receipt@3d {line_amount=51.00}, Enter invoice@4d {line_amount=50.00}
    """
    answer = three_way_match(log(text, card=Card(attributes={"line_amount": "line_amount"})))
    assert {record["match_result"]: record["invoices"] for record in answer.records()} == {"quantity above": 1, "matched": 2}
    assert any("amounts are compared alone" in said for said in texts(answer, Caveat))
    nothing = three_way_match(log("a: Create order@0h, Record goods receipt@1d, Enter invoice@2d"))
    assert {record["verdict"] for record in nothing.records()} == {"not testable"}
    assert not texts(nothing, Headline)


@pytest.mark.parametrize("given", ["much", "-1", "2% and 3%", "5 or 6", "2% but 3"])
def test_a_tolerance_that_is_none_is_refused(given: str) -> None:
    """What is neither an amount, a percentage nor both is refused by name."""
    with pytest.raises(BadTolerance, match="price_above"):
        tolerance("price_above", given)
    with pytest.raises(Refusal, match="price_above"):
        three_way_match(log("a: Create order@0h"), price_above=given)


def test_items_of_real_tables(third_party_logs: Path) -> None:
    """For 300 items of purchase orders in tables the results are those of sums over these tables; what has the time of a receipt is not testable."""

    def rows_of(name: str) -> list[dict[str, str]]:
        with (third_party_logs / "bpic2019_sap_tables" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    received = {(row["MBLNR"], row["EBELN"], row["EBELP"]): row["DMBTR"] for row in rows_of("mseg")}
    invoiced = {(row["BELNR"], row["EBELN"], row["EBELP"]): row["WRBTR"] for row in rows_of("rseg")}
    rows: list[Event] = []
    for row in rows_of("ekbe"):
        key, receipt = (row["BELNR"], row["EBELN"], row["EBELP"]), row["VGABE"] == "1"
        amount = (received if receipt else invoiced).get(key)
        if amount is not None:
            at = int(datetime.strptime(row["CPUDT"] + row["CPUTM"] + "+0000", "%Y%m%d%H%M%S%z").timestamp()) * 1_000_000
            own = {"case": f"{row['EBELN']}_{row['EBELP']}", "timestamp": at, "line_amount": amount}
            rows.append({**own, "activity": "Record Goods Receipt" if receipt else "Record Invoice Receipt"})
    rows += [
        {"case": case, "timestamp": 0, "line_amount": "", "activity": "Create Purchase Order Item"} for case in sorted({row["case"] for row in rows})
    ]
    wanted: Counter[str] = Counter()
    for case in {row["case"] for row in rows}:
        got = [(row["timestamp"], Decimal(row["line_amount"])) for row in rows if row["case"] == case and row["activity"] == "Record Goods Receipt"]
        bills = sorted(
            (row["timestamp"], Decimal(row["line_amount"])) for row in rows if row["case"] == case and row["activity"] == "Record Invoice Receipt"
        )
        so_far = Decimal(0)
        for at, billed in bills:
            so_far += billed
            upto, before = (sum(value for time, value in got if time < limit) for limit in (at + 1, at))
            wanted["no receipt" if not got else "quantity above" if so_far > upto else "time not known" if so_far > before else "matched"] += 1
    card = Card(attributes={"line_amount": "line_amount"}, steps={"order": ("Create Purchase Order Item",)})
    answer = three_way_match(log(rows, card=card), order_above="any")
    assert {record["match_result"]: record["invoices"] for record in answer.records()} == wanted
    assert wanted.total() > 600


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("i: Enter invoice@0h", "step not known"),
        ("i: Create purchase order@0h, Enter invoice@1h", "step not known"),
        ("i: Create purchase order@0h, Enter invoice@1h; j: Record goods receipt@0h", "no receipt"),
    ],
)
def test_what_no_activity_is_cannot_be_missed(text: str, result: str) -> None:
    """An order or receipt is missing only where the log has such an activity at all; else the invoice is not testable."""
    (record,) = three_way_match(log("\n".join(text.split("; ")))).records()
    assert record["match_result"] == result
