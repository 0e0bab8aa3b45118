"""Control totals of a log as read: cases and amounts by currency, month, and the company and document type that the card names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.groups import grouped
from finmine.relations.traces import traces

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_BY = ("company", "document_type")


def control_totals(log: EventLog) -> ir.Table:
    """Cases and the sum of their amounts by company and document type (where these are attributes), month of the start and currency."""
    cases = traces(log).select("case", "currency", "amount")
    by = ("month", *(name for name in _BY if name in log.card.attributes))
    for name in by:
        cases = grouped(log, cases, name).rename(**{name: "group"})
    keys = [*by[1:], "month", "currency"]
    return cases.group_by(keys).aggregate(cases=cases.count(), amount=cases.amount.sum()).order_by(*keys)
