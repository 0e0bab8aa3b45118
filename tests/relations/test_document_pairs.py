"""Pairs of documents: days by published vectors, fields by examples, and blocks that lose nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from random import Random

import ibis
import pytest

import finmine
from finmine.auditing.duplicate_evidence import AS_SHIPPED
from finmine.card import Card
from finmine.relations.document_pairs import FIELDS, blocks, candidate_pairs, compared, not_compared, similar_day, with_beat
from finmine.relations.documents import Fields, documents
from finmine.relations.held_relation import held_relation
from finmine.testing import log as written

FIELDS_OF_LOG = Fields("reference", "vendor", "document_date", "purchase_order", None)
CARD = Card(attributes={name: name for name in ("reference", "vendor", "document_date", "purchase_order")})
TAX = (Decimal(19),)


@cache
def anything() -> finmine.EventLog:
    """A log in whose engine expressions without tables are computed."""
    return written("c: a@0h")


def log_of(rows: list[dict[str, str]], card: Card = CARD) -> finmine.EventLog:
    """A log with a document of each row; the first is whole, so that each attribute is a column."""
    whole = {"amount": "1.00", "vendor": "(first)", "reference": "(first)", "document_date": "2020-01-01", "purchase_order": "(first)"}
    return written(
        [{"case": f"D{place:03d}", "activity": "enter", "timestamp": 0, "resource": None, **row} for place, row in enumerate([whole, *rows])],
        card=card,
    )


def all_pairs(log: finmine.EventLog) -> dict[tuple[int, int], dict[str, str]]:
    """Every two documents, whether they share a block or not, with how their fields agree."""
    with held_relation(log, "documents", with_beat(documents(log, FIELDS_OF_LOG))) as held:
        left, right = held.rows.select(one="case"), held.rows.select(other="case")
        every = left.join(right, left.one < right.other)
        return {(row["one"], row["other"]): dict(row) for row in log.fetch(compared(every, held.rows, 5, TAX)).records()}


def blocked(log: finmine.EventLog, most: int = 500) -> set[tuple[int, int]]:
    """The pairs that share a block."""
    with held_relation(log, "documents", documents(log, FIELDS_OF_LOG)) as held, held_relation(log, "blocks", blocks(held.rows, TAX, most)) as parted:
        return {(int(str(one)), int(str(other))) for one, other in log.fetch(candidate_pairs(parted.rows, most)).tuples()}


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("1985-01-21", "1985-01-23", True),
        ("1985-01-21", "1985-01-24", False),
        ("1971-02-15", "1969-02-15", True),
        ("1971-02-15", "1968-02-15", False),
        ("2014-01-21", "2014-09-21", True),
        ("1945-01-12", "1945-12-01", True),
    ],
)
def test_similar_days(one: str, other: str, alike: bool) -> None:
    """The vectors of the published comparison, at two days and two years with mistaken months allowed, in both directions."""
    days = [ibis.literal(date.fromisoformat(text)) for text in (one, other)]
    expressions = {"way": similar_day(*days, days=2, years=2, months=True), "back": similar_day(*reversed(days), days=2, years=2, months=True)}
    (row,) = anything().fetch(ibis.table({"case": "int32"}, name=anything().tables.cases).limit(1).select(**expressions)).records()
    assert (row["way"] != "other", row["back"] != "other") == (alike, alike)


_WAYS = (
    ("reference", "INV-1001", "inv-1001", "equal"),
    ("reference", "INV-1O01", "1NV 1001", "spelled alike"),
    ("reference", "INV-100123", "INV-100128", "next number"),
    ("reference", "INV-100123", "INV-100923", "one sign differs"),
    ("reference", "INV-100123", "INV-100213", "one sign differs"),
    ("reference", "INV-100123", "INV-10123", "one sign differs"),
    ("reference", "INV-100123", "INV-100123/24", "extended"),
    ("reference", "INV-100123", "INV-900321", "other"),
    ("amount", "123.45", "-123.45", "equal"),
    ("amount", "123.45", "132.45", "digits swapped"),
    ("amount", "123.45", "1234.50", "point shifted"),
    ("amount", "100.01", "119.01", "with and without tax"),
    ("amount", "100.01", "119.02", "other"),
    ("vendor", "Müller & Co. KG", "MÜLLER GmbH", "spelled alike"),
    ("vendor", "Alder Logistics Ltd", "Alder Logistcs", "similar"),
    ("vendor", "Vendor 12 Ltd", "Vendor 13 Ltd", "other"),
    ("document_date", "2024-03-05", "2024-03-10", "near"),
    ("document_date", "2024-03-05", "05.03.2024", "equal"),
    ("document_date", "2024-03-05", "2024-05-03", "swapped"),
    ("document_date", "2024-03-05", "2024-04-05", "other"),
)


def test_how_fields_agree() -> None:
    """Each way in which a field can agree, all others being equal."""
    same = {"amount": "77.00", "vendor": "Alder Ltd", "reference": "R-4711", "document_date": "2024-01-01"}
    found = all_pairs(log_of([{**same, field: text} for field, *texts, _ in _WAYS for text in texts]))
    for place, (field, one, other, way) in enumerate(_WAYS):
        told = found.get((2 * place + 1, 2 * place + 2), {})
        assert told[{"document_date": "day_match"}.get(field, f"{field}_match")] == way, (one, other)


def test_rents_are_a_series() -> None:
    """Twelve equal amounts of one vendor, month by month, are regular; the same on one day twice is not taken for the series."""
    rents = [{"amount": "1500.00", "vendor": "Rent KG", "reference": f"A{month}", "document_date": f"2024-{month:02d}-01"} for month in range(1, 13)]
    found = all_pairs(log_of([*rents, {**rents[4], "reference": "B"}]))
    assert {found[one, other]["rhythm"] for one in range(1, 13) for other in range(one + 1, 13)} == {"regular"}
    assert found[5, 13]["rhythm"] == "none"
    four_of_a_day = log_of([{**rents[0], "reference": str(place)} for place in range(4)])
    assert {pair["rhythm"] for pair in all_pairs(four_of_a_day).values()} == {"none"}


_SOME = {
    "amount": ("100.00", "119.00", "123.45", "132.45", "1000.00", "-100.00", ""),
    "vendor": ("Alder Ltd", "ALDER GmbH", "Beacon AG"),
    "reference": ("RE-100123", "RE100123", "RE-100213", "RE-100123/2", "XY-777001", ""),
    "document_date": ("2024-03-05", "2024-03-08", "2024-05-03", ""),
    "purchase_order": ("45001", "45002", ""),
}


def test_blocks_lose_nothing_that_is_likely() -> None:
    """Of all pairs of 200 documents with vendors, in a few values of each field, every one above the threshold shares a block."""
    chance = Random(1)
    log = log_of([{name: chance.choice(values) for name, values in _SOME.items()} for _ in range(200)])
    every, shared = all_pairs(log), blocked(log)
    likely = {pair: row for pair, row in every.items() if AS_SHIPPED.chance({field: row[field] for field in FIELDS}) >= 0.9}
    assert len(likely) > 500
    assert [row for pair, row in likely.items() if pair not in shared] == []


def test_large_blocks_are_parted_and_then_counted_out() -> None:
    """Blocks above the limit are parted by a second key; what is still too large is left out, and said."""
    same = {"amount": "77.00", "vendor": "Alder Ltd"}
    rows = [{**same, "reference": f"{place}{place}{place}X{place * 7919}"} for place in range(6)]
    log = log_of(rows)
    assert {(one, other) for one in range(1, 7) for other in range(one + 1, 7)} <= blocked(log)
    assert not {(one, other) for one, other in blocked(log, most=4) if one and other}
    with held_relation(log, "documents", documents(log, FIELDS_OF_LOG)) as held:
        (left,) = log.fetch(not_compared(blocks(held.rows, TAX, 4), 4)).records()
    assert (left["blocks"], left["block_documents"], left["pairs"]) == (5, 30, 75)
