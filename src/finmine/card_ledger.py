"""The ledger of a log card: control totals of the system of record, in all and by month."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from finmine.card_values import BadCard, bare_key, check_known, count, decimal, quoted, table

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class OfMonth:
    """Control totals of the cases that start in a month."""

    cases: int | None = None
    amount: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Control totals that the user gives from the system of record; ``months`` are named as ``2024-01``."""

    rows: int | None = None
    cases: int | None = None
    amount: Mapping[str, Decimal] = field(default_factory=dict)
    months: Mapping[str, OfMonth] = field(default_factory=dict)


def read_ledger(said: Mapping[str, Any], place: str) -> Ledger | None:
    """What ``[ledger]`` says."""
    if not said:
        return None
    check_known(said, ("rows", "cases", "amount", "months"), place)
    rows, cases = (_count(said, name, place) for name in ("rows", "cases"))
    months = {month: _of_month(month, totals, f"{place} months") for month, totals in table(said, "months", place).items()}
    return Ledger(rows, cases, _amounts(said, place), months)


def _of_month(month: str, said: Any, place: str) -> OfMonth:
    if not _MONTH.fullmatch(month):
        raise BadCard(f"{place}: the name of a month", month, 'a year and month such as "2024-01"')
    if not isinstance(said, dict):
        raise BadCard(f"{place} {month}", said, 'a table such as { cases = 107, amount = { EUR = "1234.56" } }')
    check_known(said, ("cases", "amount"), f"{place} {month}")
    return OfMonth(_count(said, "cases", f"{place} {month}"), _amounts(said, f"{place} {month}"))


def _count(said: Mapping[str, Any], name: str, place: str) -> int | None:
    return count(said[name], f"{place} {name}") if name in said else None


def _amounts(said: Mapping[str, Any], place: str) -> dict[str, Decimal]:
    return {currency: decimal(value, f"{place} amount {currency}") for currency, value in table(said, "amount", place).items()}


def draft_ledger(ledger: Ledger | None) -> list[str]:
    """The ledger as TOML, or what it could say."""
    if ledger is None:
        return [
            "# [ledger]              # control totals of the system of record",
            "# rows = 0",
            '# amount = { EUR = "0.00" }',
            '# months."2024-01" = { cases = 0, amount = { EUR = "0.00" } }   # by the month in which the case starts',
        ]
    totals = [f"{name} = {number}" for name, number in (("rows", ledger.rows), ("cases", ledger.cases)) if number is not None]
    totals += [f"amount = {_inline(ledger.amount)}"] if ledger.amount else []
    for month, of_month in ledger.months.items():
        parts = [
            *([f"cases = {of_month.cases}"] if of_month.cases is not None else []),
            *([f"amount = {_inline(of_month.amount)}"] if of_month.amount else []),
        ]
        totals.append(f"months.{quoted(month)} = {{ {', '.join(parts)} }}" if parts else f"months.{quoted(month)} = {{}}")
    return ["[ledger]", *totals]


def _inline(amount: Mapping[str, Decimal]) -> str:
    return "{ " + ", ".join(f'{bare_key(currency)} = "{value:f}"' for currency, value in amount.items()) + " }"
