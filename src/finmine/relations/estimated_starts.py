"""Estimated starts: where no usable start is recorded, the latest of when the unit was enabled and when its resource was last seen done with other work.

An estimate says when the work can have begun at the earliest, if the resource did nothing else: processing times from it are at most that
long, waiting at least. It is never put in the place of a recorded start: what rests on it is told apart and called estimated.
Nothing is estimated for a unit without a resource, for a first unit of its case, which nothing enabled, and for a resource that was never
seen before.

Source: the start time estimator of pix-framework, with the enabled time of a unit without start found from its completion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.enabled import Enabled, enabled_units
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def estimated_units(log: EventLog, found: Enabled) -> ir.Table:
    """The units of ``enabled_units`` with ``estimated`` (true or false); of those that are, start, began and waiting follow from the estimate."""
    import ibis

    these = enabled_units(log, found)
    seen = units(log).filter(lambda every: every.resource.notnull()).select("resource", "time").distinct()
    seen = seen.mutate(free=seen.time.lag().over(ibis.window(group_by="resource", order_by="time")))
    joined = these.left_join(seen, ["resource", "time"]).select(*these.columns, "free")
    may = joined.began.isnull() & ~joined["first"] & joined.free.notnull()
    estimate = ibis.greatest(joined.enabled, joined.free)
    told = joined.mutate(estimated=may, start=may.ifelse(estimate, joined.start), began=may.ifelse(estimate, joined.began))
    return told.mutate(waiting=may.ifelse(told.began - told.enabled, told.waiting)).drop("free")
