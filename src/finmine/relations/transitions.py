"""Transitions: how each case goes from its start over its units to its end, one row for each stretch of the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.traces import traces
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def transitions(log: EventLog) -> ir.Table:
    """One row for each transition: case, before, source, target, time.

    ``source`` is missing at the start of the case and ``target`` at its end; ``before`` is the activity before the source.
    The time runs from completion to completion, to the first completion from the start of the case, and none passes at
    its end; so the times of a case add up to its throughput time.
    """
    import ibis

    these = units(log)
    nothing = ibis.null("int32")
    first = these.filter(these.position == 1).join(traces(log).select("case", "started"), "case")
    opening = first.select("case", before=nothing, source=nothing, target=first.activity, time=first.time - first.started)
    before = these.activity.lag().over(ibis.window(group_by="case", order_by="position"))
    gap = ibis.coalesce(these.next_time - these.time, 0)
    return opening.union(these.select("case", before=before, source=these.activity, target=these.next_activity, time=gap))
