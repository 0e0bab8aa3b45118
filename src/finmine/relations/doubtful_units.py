"""Units that make times doubtful: dated far from all others, or recorded more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.calendars import horizon
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_SAME = ["case", "activity", "resource", "start", "time"]


def far_units(log: EventLog) -> ir.Table:
    """How many of the units that the filters keep start or end far outside the years of the log (see ``calendars.calendars``): far."""
    since, until = horizon(log)
    these = units(log)
    begun = these.start.fill_null(these.time)
    return these.aggregate(far=these.count(where=(these.time < since) | (these.time > until) | (begun < since) | (begun > until)))


def repeated_units(log: EventLog) -> ir.Table:
    """How many units agree with another one in case, activity, resource, start and completion, not counting the first of them: repeated."""
    these = units(log)
    alike = these.group_by(_SAME).aggregate(again=these.count() - 1)
    return alike.aggregate(repeated=alike.again.sum().fill_null(0))
