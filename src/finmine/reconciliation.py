"""Reconciliation: what the log adds up to beside what the ledger gives, and the part of a difference that no month explains.

A difference is explained as far as it lies in months for which the ledger gives a total too: there it can be looked for. What
is left lies in months that the ledger does not name, or the ledger's own months do not add up to its total; it is shown also
where it is nought. Totals are of the log as read, because the ledger knows no filters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from finmine.card_ledger import Ledger
from finmine.words import count, money

Line: TypeAlias = dict[str, Any]


def numbers(ledger: Ledger | None, rows: int, cases: int, months: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The numbers of rows and cases for which the ledger has one."""
    if ledger is None:
        return []
    by_month = cases_by_month(ledger, months)
    of_months = [totals.cases for totals in ledger.months.values() if totals.cases is not None]
    given = ledger.cases if ledger.cases is not None or not of_months else sum(of_months)
    explained = sum(line["difference"] for line in by_month if line["difference"] is not None)
    known = (("Rows", rows, ledger.rows, 0), ("Cases", cases, given, explained))
    return [_number(measure, number, told, part) for measure, number, told, part in known if told is not None]


def amounts(ledger: Ledger | None, sums: Mapping[str | None, Decimal] | None, months: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The amounts for which the ledger has one; ``sums`` are the log's by currency, nothing where it has no money of cases."""
    if ledger is None:
        return []
    by_month = amounts_by_month(ledger, sums, months)
    found = []
    for currency in dict.fromkeys((*ledger.amount, *(one for totals in ledger.months.values() for one in totals.amount))):
        of_months = sum((totals.amount.get(currency, Decimal(0)) for totals in ledger.months.values()), Decimal(0))
        given = ledger.amount.get(currency, of_months)
        value = None if sums is None else _named(ledger, sums).get(currency, Decimal(0))
        difference = None if value is None else value - given
        explained = sum((line["difference"] for line in by_month if line["currency"] == currency and line["difference"] is not None), Decimal(0))
        unexplained = None if difference is None else difference - explained
        found.append({"currency": currency, "value": value, "ledger": given, "difference": difference, "unexplained": unexplained})
    return found


def cases_by_month(ledger: Ledger, months: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The cases of each month, those that the ledger gives for it, and the difference; nothing where it gives none by month."""
    given = {month: totals.cases for month, totals in ledger.months.items() if totals.cases is not None}
    if not given:
        return []
    held = {month: sum(record["cases"] for record in months if record["months"] == month) for month in {record["months"] for record in months}}
    return [_number(month, held.get(month, 0), given.get(month), 0) | {"months": month} for month in sorted({*held, *given})]


def amounts_by_month(ledger: Ledger, sums: Mapping[str | None, Decimal] | None, months: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The amount of each month and currency that the ledger gives by month, beside the ledger's, and the difference."""
    given = {(month, currency): value for month, totals in ledger.months.items() for currency, value in totals.amount.items()}
    currencies = {currency for _, currency in given}
    if not given or sums is None:
        return []
    only = next(iter(currencies)) if set(sums) == {None} and len(currencies) == 1 else ""
    held: dict[tuple[str, str], Decimal] = {(one["months"], one["currency"] or only): one["value"] for one in months if one["value"] is not None}
    keys = sorted(key for key in {*held, *given} if key[1] in currencies)
    return [_amount(key, held.get(key, Decimal(0)), given.get(key)) for key in keys]


def name(line: Line) -> str:
    """What a line is about."""
    of_month = f" of {line['months']}" if "months" in line else ""
    return f"amount in {line['currency']}{of_month}" if "currency" in line else f"cases{of_month}" if of_month else str(line["measure"]).lower()


def spoken(line: Line) -> str:
    """A difference in words."""
    difference = line["difference"]
    if difference is None:
        return f"{name(line)} cannot be compared"
    of_month = f" in {line['months']}" if "months" in line else ""
    if "currency" in line:
        return f"{money(abs(difference), line['currency'])} {'more' if difference > 0 else 'less'}{of_month}"
    noun = ("cases" if of_month else name(line)).removesuffix("s" if abs(difference) == 1 else "")
    return f"{count(abs(difference))} {'more' if difference > 0 else 'fewer'} {noun}{of_month}"


def _named(ledger: Ledger, sums: Mapping[str | None, Decimal]) -> Mapping[str | None, Decimal]:
    """The log's sums by currency; a log that names none has the only currency of the ledger."""
    only = {*ledger.amount, *(one for totals in ledger.months.values() for one in totals.amount)}
    return {next(iter(only)): sums[None]} if set(sums) == {None} and len(only) == 1 else sums


def _number(measure: str, number: int, given: int | None, explained: int) -> Line:
    difference = None if given is None else number - given
    shown = {"ledger_number": given, "difference_number": difference, "unexplained_number": None if difference is None else difference - explained}
    return {"measure": measure, "number": number, "ledger": given, "difference": difference, **shown}


def _amount(key: tuple[str, str], value: Decimal, given: Decimal | None) -> Line:
    return {"months": key[0], "currency": key[1], "value": value, "ledger": given, "difference": None if given is None else value - given}
