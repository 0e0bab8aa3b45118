"""Pairs and groups of documents that are probably the same, with what they expose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from finmine.stats.record_linkage import Linkage

Record: TypeAlias = Mapping[str, Any]

_MOST_NAMED = 5
_SAID = {
    "reference_match": "reference",
    "amount_match": "amount",
    "day_match": "day",
    "vendor_match": "vendor",
    "order_match": "order",
    "company_match": "company",
}
_SAYS_NOTHING = ("missing", "none")


def pair_of(row: Record, known: Mapping[int, Record], linkage: Linkage) -> Record:
    """A pair with its chance, the earlier document first, and what agrees and differs, in words."""
    one, other = known[row["one"]], known[row["other"]]
    if (one["day"], one["label"]) > (other["day"], other["label"]):
        one, other = other, one
    agree = [f"{_SAID[name]} {row[name]}" for name in _SAID if row[name] not in (*_SAYS_NOTHING, "other")]
    differ = [_SAID[name] for name in _SAID if row[name] == "other"]
    differ += ["a regular series, as of rents"] if row["rhythm"] == "regular" else []
    return {
        "document": one["label"],
        "other_document": other["label"],
        "chance": linkage.chance(row),
        "document_day": str(one["day"]),
        "other_day": str(other["day"]),
        "agreement": "; ".join(agree),
        "what_differs": "; ".join(differ) or None,
    }


def group_of(these: Sequence[Record], certain: Mapping[int, float], paid_known: bool) -> dict[str, Any]:
    """A group with its sums in its own currency, or in the reporting currency where it has several."""
    codes = tuple(row["case"] for row in these)
    single = len({row["currency"] for row in these}) == 1
    name = "amount" if single else "reported"
    values = [row[name] for row in these]
    told = None not in values
    paid = [row[name] for row in these if row["paid"] or (row[name] or 0) < 0]
    exposed = exposure(values) if told else None
    labels = sorted(row["label"] for row in these)
    return {
        "codes": codes,
        "documents": len(these),
        "vendor": next((row["vendor"] for row in these if row["vendor"]), None),
        "chance": max(certain[code] for code in codes),
        "amount_sum": sum(values) if told else None,
        "largest_amount": max(values) if told else None,
        "exposed_amount": exposed,
        "currency": these[0]["currency"] if single else ("reporting currency" if told else "several"),
        "paid_documents": sum(row["paid"] for row in these) if paid_known else None,
        "recoverable_amount": exposure(paid) if told and paid_known else None,
        "document_names": ", ".join(labels[:_MOST_NAMED]) + (f" and {len(labels) - _MOST_NAMED} more" if len(labels) > _MOST_NAMED else ""),
        "weight": exposed or 0,
    }


def exposure(amounts: Sequence[Decimal]) -> Decimal:
    """What documents of one group add up to, credits taken off, beyond the largest of them: at least nought."""
    return max(Decimal(0), sum(amounts, Decimal(0)) - max(amounts, default=Decimal(0)))


def by_currency(groups: Sequence[Record]) -> dict[str, dict[str, Decimal]]:
    """What groups expose and what of it can be recovered, by currency, the largest first."""
    found: dict[str, dict[str, Decimal]] = {}
    for group in groups:
        if group["exposed_amount"] is not None:
            sums = found.setdefault(group["currency"] or "", {"exposed_amount": Decimal(0), "recoverable_amount": Decimal(0)})
            for name in sums:
                sums[name] += group[name] or 0
    return dict(sorted(found.items(), key=lambda item: -item[1]["exposed_amount"]))
