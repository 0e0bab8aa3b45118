"""Ranges of purchases that together pass a limit which none of them passes alone.

Purchases at most as large as a limit (an amount equal to it is allowed) are put together by vendor and requester, by vendor and approver, and by
what is bought and requester. Within each, a range holds all purchases of some days in a row. It is found where its sum passes the limit, its
days fit a window, and no longer range of that window holds it; of several windows it keeps the smallest. What speaks for a split are its signs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

KINDS: dict[str, tuple[str, str]] = {
    "vendor and requester": ("vendor_key", "requester"),
    "vendor and approver": ("vendor_key", "approver"),
    "item and requester": ("material", "requester"),
}
"""What purchases of one range have in common, by the names of its two columns."""

SIGNS: dict[str, str] = {
    "sign_day": "day",
    "sign_near": "near",
    "sign_persons": "persons",
    "sign_centre": "cost centre",
    "sign_numbers": "numbers",
}
"""What speaks for a split, by the name of its column."""

_NEAR_TENTHS = 8
_SPREADS = ("requester", "approver", "centre", "head", "tail")
_KEY = ("kind", "one", "other", "place")


def parted(bought: ir.Table) -> ir.Table:
    """The purchases up to each limit, once for each kind of key that they have: kind (its place in ``KINDS``), one and other beside their columns.

    Regular series, as of rents and instalments, are left out.
    """
    kinds = ibis.literal(list(range(len(KINDS))), type="array<int32>").unnest().name("kind").as_table()
    both = bought.filter(bought.worth > 0, bought.worth <= bought.bound, ~bought.passed, bought.beat.isnull()).cross_join(kinds)
    one, other = (ibis.cases(*((both.kind == place, both[pair[side]]) for place, pair in enumerate(KINDS.values())), else_=None) for side in (0, 1))
    keyed = both.mutate(one=one, other=other)
    approved = list(KINDS).index("vendor and approver")
    return keyed.filter(keyed.one.notnull(), keyed.other.notnull(), (keyed.kind != approved) | keyed.signed)


def days(parts: ir.Table) -> ir.Table:
    """What the purchases of each key and day add up to, of keys that come to more than the limit in all: the columns of the key, bound, day_number, total."""
    summed = parts.group_by([*_KEY, "bound", "day_number"]).aggregate(total=parts.worth.sum())
    whole = summed.mutate(whole=summed.total.sum().over(ibis.window(group_by=list(_KEY))))
    return whole.filter(whole.whole > whole.bound).drop("whole")


def ranges(parts: ir.Table, summed: ir.Table, windows: Sequence[int], least: int) -> ir.Table:
    """The ranges with at least so many signs: the columns of their key, bound (the limit), first and last (days), window, documents, total, near and the signs.

    ``summed`` are the ``days`` of the parts.
    """
    every = reduce(lambda one, other: one.union(other), (_of_window(summed, window) for window in windows))
    keys = [*_KEY, "bound", "first", "last"]
    found = every.group_by(keys).aggregate(window=every["window"].min())
    own = parts.select(*_KEY, "day_number", "worth", *_SPREADS)
    both = found.join(own, list(_KEY))
    inside = both.filter(both.day_number >= both["first"], both.day_number <= both["last"])
    near = inside.worth * 10 >= inside.bound * _NEAR_TENTHS
    sums = {"documents": inside.count(), "total": inside.worth.sum(), "near": near.sum()}
    low = {f"{name}_low": inside[name].min() for name in _SPREADS}
    high = {f"{name}_high": inside[name].max() for name in _SPREADS}
    known = {f"{name}_known": inside[name].count() for name in _SPREADS}
    told = _with_signs(inside.group_by([*keys, "window"]).aggregate(**sums, **low, **high, **known))
    return told.filter(told.signs >= least)


def in_order(found: ir.Table) -> ir.Table:
    """The ranges, best first: most signs, then most purchases near the limit, then the fewest days, then the largest sum in limits."""
    span, times = found["last"] - found["first"], found.total / found.bound
    return found.order_by(ibis.desc("signs"), ibis.desc("near"), span, ibis.desc(times), *_KEY, "first")


def members(parts: ir.Table, found: ir.Table) -> ir.Table:
    """The purchases of each range: the columns that tell it, and case."""
    both = parts.select(*_KEY, "day_number", "case").join(found.select(*_KEY, "first", "last"), list(_KEY))
    inside = both.filter(both.day_number >= both["first"], both.day_number <= both["last"])
    return inside.select(*_KEY, "first", "last", "case").order_by(*_KEY, "first", "last", "case")


def disjoint(found: Sequence[Record], inside: Sequence[Record]) -> tuple[list[Record], int]:
    """The ranges (best first) none of whose purchases is in a better one, with their ``codes``; and how many were left out for that."""
    codes: dict[tuple[Any, ...], list[int]] = {}
    for row in inside:
        codes.setdefault(_named(row), []).append(row["case"])
    taken: set[int] = set()
    kept: list[Record] = []
    for row in found:
        own = codes[_named(row)]
        if taken.isdisjoint(own):
            taken.update(own)
            kept.append({**row, "codes": tuple(own)})
    return kept, len(found) - len(kept)


def _named(row: Record) -> tuple[Any, ...]:
    return tuple(row[name] for name in (*_KEY, "first", "last"))


def _of_window(summed: ir.Table, window: int) -> ir.Table:
    """The longest ranges of a window whose sum passes the limit."""
    inside = ibis.range_window(group_by=list(_KEY), order_by="day_number", preceding=0, following=window - 1)
    last, total = summed.day_number.max().over(inside), summed.total.sum().over(inside)
    these = summed.select(*_KEY, "bound", first=summed.day_number, last=last, total=total)
    before = these["last"].lag().over(ibis.window(group_by=list(_KEY), order_by="first"))
    told = these.mutate(longest=before.isnull() | (these["last"] > before), window=ibis.literal(window, "int64"))
    return told.filter(told.longest, told.total > told.bound).select(*_KEY, "bound", "first", "last", "window")


def _with_signs(found: ir.Table) -> ir.Table:
    def alike(name: str) -> ir.Value:
        return (found[f"{name}_known"] == found.documents) & (found[f"{name}_low"] == found[f"{name}_high"])

    numbered = alike("head") & (found.tail_known == found.documents) & (found.tail_high - found.tail_low < 2 * found.documents)
    signs = {
        "sign_day": found["first"] == found["last"],
        "sign_near": found.near * 2 >= found.documents,
        "sign_persons": alike("requester") & alike("approver"),
        "sign_centre": alike("centre"),
        "sign_numbers": numbered,
    }
    told = found.select(
        *_KEY, "bound", "window", "first", "last", "documents", "total", "near", **{name: value.fill_null(False) for name, value in signs.items()}
    )
    return told.mutate(signs=reduce(lambda one, other: one + other, (told[name].cast("int64") for name in SIGNS)))
