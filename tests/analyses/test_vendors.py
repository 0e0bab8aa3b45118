"""Vendors: what plain Python says of each, outlying amounts by scipy, and what is not recorded."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import median_abs_deviation
from tests.answers import texts

from finmine.analyses.vendors import KINDS, vendors
from finmine.card import Card
from finmine.errors import OutOfRange, Refusal
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline, Prose

CARD = Card(attributes={name: name for name in ("vendor", "purchase_order", "document_date")})


def random_rows(seed: int, number: int) -> list[Event]:
    """Documents of large and small vendors, some without order, a few amounts far from the rest, some without vendor."""
    dice = random.Random(seed)
    rows: list[Event] = []
    for place in range(number):
        day = dice.randrange(30)
        amount = dice.lognormvariate(5, 0.5) * (dice.choice([1] * 20 + [40]))
        facts = {
            "case": f"d{place:03d}",
            "amount": f"{amount:.2f}",
            "currency": "EUR",
            "vendor": f"V{int(40 * dice.random() ** 3)}" if dice.random() < 0.95 else "",
        }
        facts |= {"purchase_order": "77" if dice.random() < 0.6 else "", "document_date": str(date(2024, 1, 1) + timedelta(days=day))}
        rows.append({**facts, "activity": "Enter invoice", "timestamp": ORIGIN + place})
    return rows


def test_vendors_are_those_of_the_definition() -> None:
    """Of 300 random documents each vendor is one-time, mixed, recurring and outlying as plain Python and scipy say; outliers are those documents."""
    rows = random_rows(2, 300)
    of = defaultdict[str, list[Event]](list)
    for row in rows:
        if row["vendor"]:
            of[row["vendor"]].append(row)
    wanted: dict[str, set[str]] = {kind: set() for kind in KINDS}
    far: set[str] = set()
    for vendor, these in of.items():
        without = [row for row in these if not row["purchase_order"]]
        heights = np.log([float(row["amount"]) for row in these])
        scores = np.abs(heights - np.median(heights)) / median_abs_deviation(heights, scale=0.6745) if len(these) >= 10 else np.zeros(len(these))
        own = {row["case"] for row, score in zip(these, scores, strict=True) if score > 3.5}
        far |= own
        holds = (len(these) == 1, 0 < len(without) < len(these), len({row["document_date"] for row in without}) >= 3, bool(own), False)
        for kind, held in zip(KINDS, holds, strict=True):
            if held:
                wanted[kind].add(vendor)
    answer = vendors(log(rows, card=CARD), most=500)
    found = {kind: {row["vendor_name"] for row in answer.records() if kind in row["vendor_kind"].split(", ")} for kind in KINDS}
    assert found == wanted
    assert all(wanted[kind] for kind in KINDS[:4])
    assert {row["case"] for row in answer.listed()} == far
    assert {row["vendor_kind"]: row["vendors"] for row in answer.summed()} == {kind: len(these) for kind, these in wanted.items()}
    assert answer.cases(0).total == answer.records()[0]["vendor_documents"]
    nobody = sum(not row["vendor"] for row in rows)
    assert any(said.startswith(f"{nobody} documents without a vendor") for said in texts(answer, Caveat))


def test_spellings_are_one_vendor_and_orders_are_steps_where_no_attribute_says_them() -> None:
    """ACME Ltd and Acme Limited are one; without an attribute a document has an order where it has the step."""
    text = "a {vendor=ACME Ltd}: Create order@0h, Enter invoice@1h\nb {vendor=Acme Limited}: Enter invoice@2h\nc {vendor=Beacon}: Enter invoice@3h"
    records = {row["vendor_name"]: row["vendor_kind"] for row in vendors(log(text)).records()}
    assert records == {"ACME Ltd": "with and without orders", "Beacon": "one-time"}


def test_what_nothing_says_is_told() -> None:
    """A log without vendors and orders has no finding, and the answer says what to declare."""
    answer = vendors(log("a: Enter invoice@0h"))
    assert answer.records() == ()
    assert [said.partition(":")[0] for said in texts(answer, Caveat)] == ["The card names no vendor", "Nothing says which documents have an order"]


@pytest.mark.parametrize("asked", [{"recurring": 1}, {"least": 2}, {"outlier": 0.0}])
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any]) -> None:
    """Numbers that cannot be meant are refused by name."""
    with pytest.raises(OutOfRange, match=next(iter(asked))):
        vendors(log("a: Enter invoice@0h"), **asked)


HIRED = """name;bank_account;address;phone
"Miller, John";DE02 1203 0000 0000 2020 51;1 Main St.;
Moon;;;
Anna-Lena O'Hara;;"Lake Road 5, Graz";+43 1 234
"""


def test_vendors_who_share_something_with_an_employee_are_told(tmp_path: Path) -> None:
    """Names are compared by their words, accounts by letters and digits, also one that stands in a single row; nobody's real name is shown where people have pseudonyms."""
    (tmp_path / "hired.csv").write_text(HIRED, encoding="utf-8")
    rows: list[Event] = [
        {
            "case": f"i{place}",
            "activity": activity,
            "timestamp": ORIGIN + place,
            "vendor": vendor,
            "bank_account": account,
            "address": address,
            "resource": who,
        }
        for place, (vendor, activity, account, address, who) in enumerate(
            [
                ("JOHN MILLER GmbH", "Enter invoice", "", "", "eve"),
                ("ACME", "Enter invoice", "", "", "eve"),
                ("Moon Ltd", "Enter invoice", "AT1", "", "Doe, Jane"),
                ("jane doe & co", "Enter invoice", "", "", "eve"),
                ("Lake", "Enter invoice", "", "LAKE ROAD 5 / GRAZ", "eve"),
            ]
        )
    ]
    rows.append({**rows[1], "activity": "Pay invoice", "timestamp": ORIGIN + 9, "bank_account": "de02120300000000202051"})
    card = Card(attributes={name: name for name in ("vendor", "bank_account", "address")})
    answer = vendors(log(rows, card=card, people="pseudonyms"), employees=tmp_path / "hired.csv")
    assert {row["vendor_name"]: row["shared_with"] for row in answer.records() if row["shared_with"]} == {
        "ACME": "bank account (hired.csv row 2)",
        "JOHN MILLER GmbH": "name (hired.csv row 2)",
        "Lake": "address (hired.csv row 4)",
        "jane doe & co": "name (person 02)",
    }
    assert "4 of 5 vendors (80.0 %): shares with an employee, 4 documents." in texts(answer, Headline)
    assert (
        "Vendors were compared by name, bank account, address with 3 employees of hired.csv and 1 resource of the log with a name of two words or more."
        in texts(answer, Prose)
    )
    assert any("The employees have phone, and the log no such attribute of vendors" in text for text in texts(answer, Caveat))
    assert "iller" not in " ".join(rows.sql for rows in answer.answers().values())


@pytest.mark.parametrize(("data", "wanted"), [("who\nx\n", "row 1: it has no row, or no column of name, bank_account"), ("name\n", "it has no row")])
def test_a_table_that_says_nothing_of_employees_is_refused(data: str, wanted: str, tmp_path: Path) -> None:
    """A file without any of the columns, without rows, or that is not there, is named."""
    (tmp_path / "hired.csv").write_text(data, encoding="utf-8")
    held = log(random_rows(1, 5), card=CARD)
    with pytest.raises(Refusal, match=f"hired.csv.*{wanted}"):
        vendors(held, employees=tmp_path / "hired.csv")
    with pytest.raises(Refusal, match="none.csv: it cannot be read"):
        vendors(held, employees=tmp_path / "none.csv")
