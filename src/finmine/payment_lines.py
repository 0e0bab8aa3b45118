"""Lines of payments: their order, their money in whole minor units, and what share of discounts was captured and of payments on time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from finmine.finance.money import rounded
from finmine.relations.money_lines import CAPITAL, DISCOUNTS, EARLY, LABOUR, LATENESS, PAID_EARLY, STILL_OPEN, UP_TO_PAYMENT
from finmine.relations.payments import LATE, LOST, NOT_COUNTED, NOT_DUE, ON_TIME, OVERDUE, TAKEN, UNDECIDED
from finmine.stats.wilson import wilson

Record: TypeAlias = Mapping[str, Any]

RATES = ("kpi", "currency", "numerator", "denominator", "count_share", "share_low", "share_high", "money_share", "not_counted", "undecided_cases")
"""The columns of the rates, beside the group where there are groups."""
_ORDER = (TAKEN, *LOST, UNDECIDED, ON_TIME, LATE, OVERDUE, NOT_DUE, PAID_EARLY, UP_TO_PAYMENT, STILL_OPEN, LABOUR)
_PARTS = (DISCOUNTS, LATENESS, EARLY, CAPITAL, LABOUR)
_KINDS = (
    ("discounts captured", DISCOUNTS, TAKEN, LOST, UNDECIDED, "money"),
    ("payments on time", LATENESS, ON_TIME, (LATE, OVERDUE), NOT_DUE, "value"),
)


def measured(record: Record) -> dict[str, Any]:
    """A line with its days per case, and money in whole minor units."""
    shown = None if record["money"] is None else rounded(record["money"], record["currency"])
    return {**record, "money": shown, "days_mean": None if record["days"] is None else float(record["days"]) / record["cases"]}


def place_of_line(record: Record) -> tuple[Any, ...]:
    """Where a line stands: by group, discounts and lateness first, what is not counted last."""
    measure = record["measure"]
    return (
        record.get("group", ""),
        _PARTS.index(record["part"]),
        _ORDER.index(measure) if measure in _ORDER else len(_ORDER),
        measure,
        record["currency"] or "",
    )


def parted(records: Sequence[Record], *names: str) -> dict[tuple[Any, ...], list[Record]]:
    """The records by some of their columns, in the order in which they come."""
    found: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        found.setdefault(tuple(record.get(name) for name in names), []).append(record)
    return found


def payment_rates(records: Sequence[Record]) -> list[dict[str, Any]]:
    """The share of discounts captured and of payments on time: over decided cases, with what is undecided or not counted beside it."""
    return [
        {**({"group": group} if group is not None else {}), "currency": currency, **_rate(own, name, good, bad, open_, of_money)}
        for (group, currency), lines in parted(records, "group", "currency").items()
        for name, part, good, bad, open_, of_money in _KINDS
        if (own := {line["measure"]: line for line in lines if line["part"] == part})
    ]


def _rate(own: Mapping[str, Record], name: str, good: str, bad: Sequence[str], open_: str, of_money: str) -> dict[str, Any]:
    decided = [own[one] for one in (good, *bad) if one in own]
    hits, of = own.get(good, {"cases": 0})["cases"], sum(line["cases"] for line in decided)
    whole = sum(line[of_money] or 0 for line in decided)
    low, high = wilson(hits, of) or (None, None)
    return {
        "kpi": name,
        "numerator": hits,
        "denominator": of,
        "count_share": hits / of if of else None,
        "share_low": low,
        "share_high": high,
        "money_share": float((own.get(good, {of_money: 0})[of_money] or 0) / whole) if whole else None,
        "not_counted": sum(line["cases"] for line in own.values() if line["measure"].startswith(NOT_COUNTED)),
        "undecided_cases": own.get(open_, {"cases": 0})["cases"],
    }
