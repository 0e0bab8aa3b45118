"""Pairs of documents that might be one and the same, and how each of their fields agrees.

Documents are compared where they share a block: the absolute amount and currency with the beginning of the vendor or with the day; the
order; the reference, its digits, or with the vendor one of its halves; the vendor with the digits of the amount in any order, with the
amount before or after tax, or with about the same reported amount. A block of more documents than ``most`` is parted by a second key;
one that is still larger is left out, and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

FIELDS = ("reference_match", "amount_match", "day_match", "vendor_match", "order_match", "company_match", "rhythm")
_COMPARED = (
    *("reference", "reference_key", "head", "tail", "size", "shape", "currency", "reported"),
    *("day", "vendor", "vendor_key", "vendor_digits", "purchase_order", "company", "beat"),
)
_SHORTEST = 4
_ALIKE = 0.92
_LARGEST = 4 * 10**14


def blocks(these: ir.Table, tax: Sequence[Decimal], most: int) -> ir.Table:
    """The blocks that each document is in: case, block, documents (how many are in the block), after large ones were parted by a second key."""
    size, vendor = these["size"].cast("string"), ibis.coalesce(these.vendor_key, "")
    paid, of_vendor, reference = these["size"] > 0, these.vendor_key + "|", these.reference_key
    long, half = reference.length() >= _SHORTEST, (reference.length() // 2).cast("int64")
    kinds = [
        (
            "amount",
            size + "|" + ibis.coalesce(these.currency, "") + "|" + vendor.substr(0, _SHORTEST) + ibis.coalesce(these.vendor_digits, ""),
            vendor,
            paid,
        ),
        ("amount of a day", size + "|" + ibis.coalesce(these.currency, "") + "|" + these.day.cast("string"), vendor, paid),
        ("order", these.purchase_order, size, these.purchase_order != ""),
        ("digits", these.digits, vendor, these.digits.length() >= _SHORTEST),
        ("reference", reference, vendor, long),
        ("first half", of_vendor + reference.substr(0, half), size, long),
        ("second half", of_vendor + reference.substr(half), size, long),
        ("digits of amount", of_vendor + these.shape.replace("0", ""), size, paid),
        ("with tax", of_vendor + size, ibis.literal(""), paid),
        *(("with tax", of_vendor + taxed(these["size"], rate).cast("string"), ibis.literal(""), paid) for rate in tax),
        *(("after rates", of_vendor + step.cast("string"), size, paid) for step in _steps(these.reported)),
    ]
    parts = [
        these.filter(where.fill_null(False)).select("case", block=ibis.literal(f"{kind}|") + key, second=second) for kind, key, second, where in kinds
    ]
    every = ibis.union(*parts).filter(lambda found: found.block.notnull())
    crowd = every.mutate(crowd=every.count().over(ibis.window(group_by="block")))
    parted = crowd.select("case", block=ibis.ifelse(crowd.crowd <= most, crowd.block, crowd.block + "|" + crowd.second))
    counted = parted.mutate(documents=parted.count().over(ibis.window(group_by="block")))
    return counted.filter(counted.documents > 1)


def taxed(size: ir.IntegerValue, rate: Decimal) -> ir.IntegerValue:
    """An amount in hundredths with tax of so many percent (up to two decimals), rounded half up; amounts of four trillions and more as if they were four."""
    return (size.clip(upper=_LARGEST) * int(10_000 + rate * 100) + 5_000) // 10_000


def _steps(reported: ir.DecimalColumn) -> tuple[ir.Value, ir.Value]:
    """Two neighbouring steps of a scale on which amounts that differ by a thousandth share at least one."""
    step = (reported.abs().cast("float64").nullif(0.0).ln() * 500).floor().cast("int64")
    return step, step + 1


def not_compared(held: ir.Table, most: int) -> ir.Table:
    """How many blocks are too large to be compared, of how many documents, and how many pairs that leaves out (of each block)."""
    large = held.filter(held.documents > most)
    of_blocks = large.group_by("block").aggregate(documents=large.count())
    return of_blocks.aggregate(
        blocks=of_blocks.count(),
        block_documents=of_blocks.documents.sum().fill_null(0),
        pairs=(of_blocks.documents * (of_blocks.documents - 1) // 2).sum().fill_null(0).cast("int64"),
    )


def candidate_pairs(held: ir.Table, most: int) -> ir.Table:
    """Every two documents that share a block, each pair once: one, other (codes of cases, the lower first)."""
    small = held.filter(held.documents <= most).select("case", "block")
    left = small.rename(one="case")
    right = small.view().rename(other="case")
    return left.join(right, ["block", left.one < right.other]).select("one", "other").distinct()


def compared(pairs: ir.Table, these: ir.Table, days: int, tax: Sequence[Decimal]) -> ir.Table:
    """The pairs with how each field agrees: one, other, and the fields of ``FIELDS`` as words; without those that agree in neither amount nor reference."""
    first = these.select(one="case", **{f"one_{name}": name for name in _COMPARED})
    second = these.select(other="case", **{f"other_{name}": name for name in _COMPARED})
    both = pairs.join(first, "one").join(second, "other")
    told = both.select(
        "one",
        "other",
        reference_match=_reference(both),
        amount_match=_amount(both, tax),
        day_match=similar_day(both.one_day, both.other_day, days=days),
        vendor_match=_vendor(both),
        order_match=_same(both.one_purchase_order, both.other_purchase_order),
        company_match=_same(both.one_company, both.other_company),
        rhythm=ibis.ifelse((_apart(both.one_day, both.other_day) >= both.one_beat).fill_null(False), "regular", "none"),
    )
    return told.filter((told.amount_match != "other") | told.reference_match.isin(["equal", "spelled alike", "one sign differs", "extended"]))


def with_beat(these: ir.Table) -> ir.Table:
    """The documents with ``beat``: the fewest days between two of a regular series, such as a rent; missing outside of such series.

    A series is at least four documents of one vendor and amount on different days. It is regular where its median gap is at least six days
    and three quarters of the gaps differ from it by at most a fifth, or three days where that is more.
    """
    key = ["vendor_key", "size", "currency"]
    dated = these.filter(these.vendor_key.notnull()).select(*key, "day").distinct()
    gaps = dated.mutate(gap=_apart(dated.day, dated.day.lag().over(ibis.window(group_by=key, order_by="day"))))
    middle = gaps.mutate(middle=gaps.gap.median().over(ibis.window(group_by=key)))
    width = ibis.greatest(middle.middle * 0.2, 3.0)
    near = ((middle.gap - middle.middle).abs() <= width).fill_null(False)
    series = middle.group_by(key).aggregate(
        days=middle.count(), middle=middle.middle.max(), near=near.sum(), beat=(middle.middle.max() - width.max()).ceil().cast("int64")
    )
    regular = series.filter(series.days >= 4, series.middle >= 6, series.near * 4 >= (series.days - 1) * 3).rename(
        series_vendor="vendor_key", series_size="size", series_currency="currency"
    )
    alike = [
        these.vendor_key == regular.series_vendor,
        these["size"] == regular.series_size,
        these.currency.identical_to(regular.series_currency),
    ]
    return these.left_join(regular, alike).select(*these.columns, "beat")


def similar_day(one: ir.DateColumn, other: ir.DateColumn, *, days: int, years: int = 0, months: bool = False) -> ir.StringColumn:
    """How two days agree: equal, near (at most ``days`` apart), swapped (day and month, in one year), year or month mistaken, other, or missing.

    Two days of the same day and month agree where their years are at most ``years`` apart, two of the same year and day of month where ``months``
    is chosen: not by default, since rents of two months are two documents.

    Source: Oracle Enterprise Data Quality, comparison Similar Date.
    """
    one_day, other_day = one.day(), other.day()
    one_month, other_month = one.month(), other.month()
    swapped = (one.year() == other.year()) & (one_day == other_month) & (one_month == other_day)
    apart = (one.year() - other.year()).abs()
    of_year = (one_day == other_day) & (one_month == other_month) & (apart <= years)
    of_month = ibis.literal(months) & (one.year() == other.year()) & (one_day == other_day)
    return ibis.cases(
        (one.isnull() | other.isnull(), "missing"),
        (one == other, "equal"),
        (_apart(one, other) <= days, "near"),
        (swapped, "swapped"),
        (of_year, "year"),
        (of_month, "month"),
        else_="other",
    )


def _apart(one: ir.DateColumn, other: ir.DateColumn) -> ir.IntegerColumn:
    return one.delta(other, unit="day").abs()


def _same(one: ir.StringColumn, other: ir.StringColumn) -> ir.StringColumn:
    return ibis.cases((one.isnull() | other.isnull(), "missing"), (one == other, "equal"), else_="other")


def _reference(both: ir.Table) -> ir.StringColumn:
    one, other = both.one_reference_key, both.other_reference_key
    counted = (both.one_head == both.other_head) & ((both.one_tail - both.other_tail).abs() <= 8)
    longer = (one.length() - other.length()).abs()
    shorter = ibis.least(one.length(), other.length())
    affix = one.startswith(other) | other.startswith(one) | one.endswith(other) | other.endswith(one)
    return ibis.cases(
        (one.isnull() | other.isnull(), "missing"),
        (both.one_reference.upper() == both.other_reference.upper(), "equal"),
        (one == other, "spelled alike"),
        (counted, "next number"),
        ((shorter >= _SHORTEST) & (longer <= 3) & affix, "extended"),
        ((shorter >= _SHORTEST) & _one_sign(one, other), "one sign differs"),
        else_="other",
    )


def _amount(both: ir.Table, tax: Sequence[Decimal]) -> ir.StringColumn:
    one, other = both.one_size, both.other_size
    low, high = ibis.least(one, other), ibis.greatest(one, other)
    money = both.one_currency.identical_to(both.other_currency)
    digits = [text.cast("string") for text in (one, other)]
    shuffled = ibis.cases((both.one_shape != both.other_shape, False), else_=_edits(*digits) == 1)
    with_tax = reduce(lambda found, rate: found | (high == taxed(low, rate)), tax, ibis.literal(False))
    reported = (both.one_reported.abs() - both.other_reported.abs()).abs() <= both.one_reported.abs() / 1000
    return ibis.cases(
        (one.isnull() | other.isnull(), "missing"),
        ((one == 0) | (other == 0), "other"),
        (money & (one == other), "equal"),
        (money & shuffled, "digits swapped"),
        (money & ((high == low * 10) | (high == low * 100) | (high == low * 1000)), "point shifted"),
        (money & with_tax, "with and without tax"),
        ((~money & reported).fill_null(False), "equal after rates"),
        else_="other",
    )


def _vendor(both: ir.Table) -> ir.StringColumn:
    one, other = both.one_vendor_key, both.other_vendor_key
    return ibis.cases(
        (one.isnull() | other.isnull(), "missing"),
        (both.one_vendor == both.other_vendor, "equal"),
        (one == other, "spelled alike"),
        ((both.one_vendor_digits == both.other_vendor_digits) & (_alike(one, other) >= _ALIKE), "similar"),
        else_="other",
    )


def _one_sign(one: ir.StringColumn, other: ir.StringColumn) -> ir.BooleanColumn:
    """Whether one sign is another, missing or too much, or two neighbours have changed places; the slow function is asked only where it can be."""

    @ibis.udf.scalar.builtin(name="hamming", signature=(("string", "string"), "int64"))  # type: ignore[untyped-decorator]
    def differing(one: str, other: str) -> object: ...

    lengths = (one.length() - other.length()).abs()
    return ibis.cases(
        (lengths > 1, False),
        (lengths == 1, one.levenshtein(other) == 1),
        (differing(one, other) == 1, True),
        (differing(one, other) == 2, _edits(one, other) == 1),
        else_=False,
    )


def _edits(one: ir.StringColumn, other: ir.StringColumn) -> ir.IntegerColumn:
    @ibis.udf.scalar.builtin(name="damerau_levenshtein", signature=(("string", "string"), "int64"))  # type: ignore[untyped-decorator]
    def edits(one: str, other: str) -> object: ...

    return edits(one, other)


def _alike(one: ir.StringColumn, other: ir.StringColumn) -> ir.FloatingColumn:
    @ibis.udf.scalar.builtin(name="jaro_winkler_similarity", signature=(("string", "string"), "float64"))  # type: ignore[untyped-decorator]
    def alike(one: str, other: str) -> object: ...

    return alike(one, other)
