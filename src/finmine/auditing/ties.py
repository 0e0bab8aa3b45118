"""How the population of an audit ties to the log as read, and this to the totals of the ledger; what nobody explains is always shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finmine.result import About, table
from finmine.view import Block, Caveat, Table

if TYPE_CHECKING:
    from finmine.card_ledger import Ledger


def ties(asked: About, read: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    """The numbers of cases, and the amounts of the log as read by currency (``read``), beside the ledger's."""
    ledger = asked.log.card.ledger
    yield _cases(asked, ledger)
    yield from _amounts(ledger, [record for record in read if record["has_amount"]])
    if ledger is None:
        yield Caveat("The card gives no totals of the ledger ([ledger]), so that nothing but the log itself says that it is complete.")


def _cases(asked: About, ledger: Ledger | None) -> Table:
    found = asked.population
    of_months = [totals.cases for totals in ledger.months.values() if totals.cases is not None] if ledger else []
    given = ledger.cases if ledger and ledger.cases is not None else sum(of_months) if of_months else None
    rows = (
        ("cases by the ledger", given),
        ("unexplained difference", None if given is None else found.of_cases - given),
        ("cases as read", found.of_cases),
        ("cases removed by filters", found.of_cases - found.cases),
        ("cases judged by every rule", found.cases),
    )
    shown = [{"measure": measure, "number": number} for measure, number in rows]
    return table("How the population ties to the source", shown, ("measure", "number"))


def _amounts(ledger: Ledger | None, read: Sequence[Mapping[str, Any]]) -> Iterator[Table]:
    """A currency of which the log has no amount, and the ledger gives one, is a difference as well."""
    given = ledger.amount if ledger else {}
    absent = [{"currency": currency, "cases": 0, "value": Decimal(0)} for currency in given if currency not in {row["currency"] for row in read}]
    shown = [
        {**row, "ledger": given.get(row["currency"]), "difference": row["value"] - given[row["currency"]] if row["currency"] in given else None}
        for row in (*read, *absent)
    ]
    if shown:
        yield table("Amounts as read, and what the ledger gives", shown, ("currency", "cases", "value", "ledger", "difference"))
