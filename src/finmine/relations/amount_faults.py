"""Faults of amounts: none at all, none that can be read, more decimals than are kept, or several currencies in a case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from finmine.relations.fault import Fault, first_units, placed
from finmine.relations.numbers import number_of
from finmine.relations.row_faults import by_row, placed_with, raw_table
from finmine.relations.traces import traces
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

DECIMALS = 6


def amount_faults(log: EventLog) -> Iterator[Fault]:
    """The faults of amounts that can be looked for in a log."""
    if "amount" not in log.card.roles:
        return
    rule, some = "no unit of the case has an amount; the case is in no sum of money", log.facts.without_amount > 0
    yield Fault("no amount", "doubt", "cases", rule, lambda: placed(first_units(units(log), _nothing(log))), possible=some)
    free = log.attribute("amount").type in ("VARCHAR", "DOUBLE")
    rule = "what stands in the column of amounts is no number by the card's decimal mark; it counts as missing"
    yield Fault("unreadable amount", "error", "rows", rule, lambda: _found(log, _unreadable(log)), possible=free)
    rule = f"the amount has more than {DECIMALS} decimals; it is rounded, half away from zero"
    yield Fault("amount finer than is kept", "note", "rows", rule, lambda: _found(log, _finer(log)), possible=free)
    if "currency" in log.card.roles:
        rule = "the amounts of the case are in several currencies and are never added, so the case has no amount"
        yield Fault("several currencies", "error", "cases", rule, lambda: placed(first_units(units(log), _mixed(log))), possible=some)


def _without_amount(log: EventLog) -> ir.Table:
    """The cases that have no amount."""
    return traces(log).filter(lambda cases: cases.amount.isnull()).select("case")


def _amounts_of_them(log: EventLog) -> ir.Table:
    """The amounts that are written in the units of cases that have no amount."""
    return units(log).semi_join(_without_amount(log), "case").join(_amounts(log), ["source", "row"])


def _nothing(log: EventLog) -> ir.Table:
    """The cases that have no amount, and in which none is written."""
    return _without_amount(log).anti_join(_amounts_of_them(log), "case")


def _mixed(log: EventLog) -> ir.Table:
    """The cases that have no amount since several currencies are written."""
    these = _amounts_of_them(log)
    return these.group_by("case").having(these.currency.nunique() > 1).aggregate(n=these.count()).select("case")


def _unreadable(log: EventLog) -> ir.Table:
    odd = _odd(log)
    return odd.filter(number_of(log, "amount", odd.written).isnull())


def _finer(log: EventLog) -> ir.Table:
    odd = _odd(log)
    return odd.filter(odd.written.re_search(rf"{_mark(log)}\d{{{DECIMALS}}}\d*[1-9]"))


def _amounts(log: EventLog) -> ir.Table:
    """The rows with something in the column of amounts: source, row, what is written, and the currency."""
    import ibis

    raw = raw_table(log)
    written = raw[log.attribute(log.card.roles["amount"][0]).column].cast("string")
    currency = (
        raw[log.attribute(log.card.roles["currency"][0]).column].cast("string").strip() if "currency" in log.card.roles else ibis.null("string")
    )
    rows = raw.select("source", "row", written=written, currency=currency)
    return rows.filter(rows.written.notnull(), rows.written.strip().notin([*log.card.missing, ""]))


def _mark(log: EventLog) -> str:
    """The decimal mark in a pattern; numbers that are no text have a point."""
    return "," if log.card.decimal == "," and log.attribute("amount").type == "VARCHAR" else r"\."


def _odd(log: EventLog) -> ir.Table:
    """The rows whose amount is not plainly a number with few decimals: only these need a closer look."""
    rows = _amounts(log)
    return rows.filter(~rows.written.re_search(rf"^-?\d+({_mark(log)}\d{{1,{DECIMALS}}})?$"))


def _found(log: EventLog, rows: ir.Table) -> ir.Table:
    return by_row(log, placed_with(units(log).join(rows.select("source", "row", found=rows.written), ["source", "row"])))
