"""What rework costs: the labour of repeats, and the capital that their delays hold.

Partial and legitimate repeats are no rework and cost nothing here. Of delays of one case that overlap each hour counts once
(see ``relations.repeat_kinds``), so that no hour is paid for twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.groups import grouped
from finmine.relations.labour import labour
from finmine.relations.money_lines import millionths
from finmine.relations.repeat_kinds import CHARGED, repeats
from finmine.relations.tables import case_table
from finmine.relations.whole_division import WHOLE

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog
    from finmine.relations.labour import PaidWork


def repeat_labour(log: EventLog, worked: PaidWork, by: str | None) -> ir.Table:
    """The charged repeats of each kind in each currency (of each group): repeats, ``priced``, spent, cost."""
    charged = _charged(log).select("case", "position", "kind")
    paid = labour(log, worked).select("case", "position", "spent", "currency", "cost")
    these = grouped(log, charged.join(paid, ["case", "position"]), by)
    keys = [*(["group"] if by else []), "kind", "currency"]
    found = these.group_by(keys).aggregate(
        repeats=these.count(), priced=these.cost.count(), spent=these.spent.cast(WHOLE).sum(), cost=these.cost.sum()
    )
    return found.order_by(keys)


def repeat_capital(log: EventLog, by: str | None) -> ir.Table:
    """The delays of each kind in each currency (of each group): repeats, delay_total, and ``held``: millionths of amounts times microseconds.

    Amounts are in the reporting currency where the card has one, else each in its own.
    """
    column, currency = ("reported", log.money.currency) if log.money and log.money.column == "reported" else ("amount", None)
    cases = case_table(log)
    amounts = cases.select("case", amount=cases[column], currency=cases.currency if currency is None else _text(currency))
    these = grouped(log, _charged(log).join(amounts, "case"), by)
    keys = [*(["group"] if by else []), "kind", "currency"]
    known = these.filter(these.amount.notnull())
    held = (millionths(known.amount) * known.delay_once.cast(WHOLE)).cast(WHOLE).sum()
    return known.group_by(keys).aggregate(repeats=known.count(), delay_total=known.delay_once.cast(WHOLE).sum(), held=held).order_by(keys)


def _charged(log: EventLog) -> ir.Table:
    these = repeats(log)
    return these.filter(these.kind.isin(CHARGED))


def _text(text: str) -> ir.Scalar:
    import ibis

    return ibis.literal(text, "string")
