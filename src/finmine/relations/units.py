"""Units of a log after its filters, and their successors."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from finmine.relations.tables import units_table

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def units(log: EventLog) -> ir.Table:
    """The units that all filters of the log keep, one row each, with positions and successors that are true after them."""
    kept, said = units_table(log.tables.units), log.tables.units
    for place, one in enumerate(log.filters, 1):
        kept = one.kept(log, kept)
        if one.keeps == "events":
            kept = _in_new_places(kept)
        # Named, a step of the query stands in it once, however often the next filter or a question looks at it; without a
        # name it is written out each time, and a chain of filters doubles the query with each of them.
        said += f"\n{one.keeps} {one.words()}"
        kept = kept.alias(f"kept {place} {sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}")
    return kept


def _in_new_places(kept: ir.Table) -> ir.Table:
    """Units with their positions and successors found anew."""
    import ibis

    order = ibis.window(group_by="case", order_by="position")
    return kept.mutate(
        position=(ibis.row_number().over(order) + 1).cast("int32"),
        next_activity=kept.activity.lead().over(order),
        next_resource=kept.resource.lead().over(order),
        next_time=kept.time.lead().over(order),
        next_start=kept.start.lead().over(order),
    )


def steps(log: EventLog) -> ir.Table:
    """One row for each directly-follows pair of units of a case, with the gap from completion to completion."""
    following = units(log)
    return following.filter(following.next_activity.notnull()).mutate(gap=following.next_time - following.time)


def steps_to(log: EventLog) -> ir.Table:
    """One row for each unit with the step that leads to it: case, position, activity (of the unit before, missing for the first) and next_activity (its own)."""
    import ibis

    these = units(log)
    before = these.activity.lag().over(ibis.window(group_by="case", order_by="position"))
    return these.select("case", "position", activity=before, next_activity=these.activity)
