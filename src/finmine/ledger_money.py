"""Money beside a ledger of time: what the time of each of its rows cost, in every currency, adding up to the money of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from finmine.engine import Rows
from finmine.finance.money import rounded
from finmine.log import EventLog
from finmine.relations.groups import grouped
from finmine.relations.money_by_code import Shape, money_by_code
from finmine.relations.money_lines import CAPITAL, DISCOUNTS, LABOUR, LATENESS
from finmine.relations.money_of_units import MoneyOfUnits
from finmine.result import table
from finmine.view import Block, Caveat, Definition, Prose
from finmine.words import money

Record: TypeAlias = Mapping[str, Any]

AFTER = "(after the last unit)"
_COLUMNS = {LABOUR: "labour_cost", DISCOUNTS: "discounts_cost", LATENESS: "lateness_cost", CAPITAL: "capital_cost"}
_SAID = {LABOUR: "of labour", DISCOUNTS: "of lost discounts", LATENESS: "for lateness", CAPITAL: "for capital"}


@dataclass(frozen=True, slots=True)
class LedgerMoney:
    """The money of each row of a ledger: code, label, ``after`` (the last unit of the case), part, currency, money (in each group)."""

    found: MoneyOfUnits
    rows: Rows

    def records(self) -> tuple[dict[str, Any], ...]:
        """The rows, one for each currency: label, currency, the parts in whole minor units, and ``money_sum``.

        Down the rows of a part and currency the rounded sums are rounded, not the amounts, so that rows and their sum agree to the last digit.
        """
        told: dict[tuple[Any, ...], dict[str, Any]] = {}
        running: dict[tuple[Any, ...], Decimal] = {}
        for record in self.rows.records():
            currency, part = record["currency"], (record.get("group"), record["part"], record["currency"])
            before = running.get(part, Decimal(0))
            running[part] = before + record["money"]
            label = AFTER if record["after"] else record["label"]
            empty = {"label": label, "currency": currency, **{_COLUMNS[one]: Decimal(0) for one in self.found.parts}}
            row = told.setdefault((record.get("group"), record["after"], record["code"], currency), {**record, **empty})
            row[_COLUMNS[record["part"]]] += rounded(running[part], currency) - rounded(before, currency)
        return tuple({**row, "money_sum": sum((row[_COLUMNS[one]] for one in self.found.parts), Decimal(0))} for row in told.values())

    def blocks(self, title: str, name: str, nobody: str, by: str | None) -> Iterator[Block]:
        """What all of it comes to, then the table under ``name`` (``nobody`` where a row has none), and what the numbers mean."""
        records = self.records()
        for currency in self.found.currencies:
            own = [record for record in records if record["currency"] == currency]
            parts = [(part, sum((record[_COLUMNS[part]] for record in own), Decimal(0))) for part in self.found.parts]
            said = ", ".join(f"{money(amount, currency or '')} {_SAID[part]}" for part, amount in parts)
            whole = money(sum((amount for _, amount in parts), Decimal(0)), currency or "")
            all_of_it = f": {whole} in all" if len(parts) > 1 else ""
            yield Prose(
                f"Beside this time stand {said}{all_of_it}, as the money of time of these cases is; `money-of-time` says what is not known of it."
            )
        shown = [{**record, name: nobody if record["label"] is None else record["label"]} for record in records]
        yield table(title, shown, (name, "currency", *(_COLUMNS[part] for part in self.found.parts), "money_sum"), by)

    def definition(self) -> Definition:
        """How money comes to its row."""
        return _DEFINITION


def ledger_money(log: EventLog, found: MoneyOfUnits, coded: Shape, named: Shape, by: str | None) -> LedgerMoney:
    """The money of each row of a ledger.

    Args:
        log: the event log.
        found: its money by unit.
        coded: gives the units, with the ``month`` of their completion, the ``code`` of their row.
        named: gives rows the ``label`` of their code.
        by: an attribute after which the cases are split.
    """
    together = grouped(log, money_by_code(log, found, coded), by)
    keys = [*(["group"] if by else []), "after", "code", "part", "currency"]
    summed = named(together.group_by(keys).aggregate(money=together.money.sum()))
    order = [*(["group"] if by else []), "after", "label", "code", "currency", "part"]
    return LedgerMoney(found, log.fetch(summed.order_by(order)))


def nothing_known(declare: str) -> Caveat:
    """That no money stands beside the time, and what to declare."""
    return Caveat(f"No money stands beside the time, because nothing says what it costs. {declare}")


_DEFINITION = Definition(
    "Money beside the time",
    "labour stands where the unit does, in the month of its completion; lost discounts, what lateness costs and capital are divided among the steps on "
    "which their time passed, and stand with the unit that a step leads to. What falls after the last unit of a case has a row of its own. Capital of "
    "payables is a benefit, and below nought",
)
