"""Units of a log after its filters, and their successors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.tables import units_table

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

ORDER = ("time", "start", "position")


def units(log: EventLog) -> ir.Table:
    """The units that all filters of the log keep, one row each, with positions and successors that are true after them."""
    import ibis

    kept = units_table(log.tables.units)
    for one in log.filters:
        kept = one.kept(log, kept)
        if one.keeps == "events":
            order = ibis.window(group_by="case", order_by="position")
            kept = kept.mutate(
                position=(ibis.row_number().over(order) + 1).cast("int32"),
                next_activity=kept.activity.lead().over(order),
                next_resource=kept.resource.lead().over(order),
                next_time=kept.time.lead().over(order),
                next_start=kept.start.lead().over(order),
            )
    return kept


def steps(log: EventLog) -> ir.Table:
    """One row for each directly-follows pair of units of a case, with the gap from completion to completion."""
    following = units(log)
    return following.filter(following.next_activity.notnull()).mutate(gap=following.next_time - following.time)
