"""Calendar fit: how much of the work lies inside the calendar that is said to apply to it, by units and by processing time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from finmine.relations.calendars import Calendars, unit_calendars
from finmine.relations.working_time import open_up_to, working_time

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def unit_fit(log: EventLog, found: Calendars) -> ir.Table:
    """The units that the filters keep, with the calendar that applies and what of them lies inside it.

    case, position, resource, calendar, level; ``inside``: whether the calendar was open at the completion or up to it; ``spent``: the time
    from start to completion; ``worked``: the working time in it. What is not known is missing.
    """
    import ibis

    these = unit_calendars(log, found).select("case", "position", "resource", "start", "time", "calendar", "level")
    placed = open_up_to(these, found, "time", "inside")
    if not log.facts.has_start:
        placed = placed.mutate(spent=ibis.null("int64"), worked=ibis.null("int64"))
    else:
        placed = working_time(placed, found, "start", "time")
        placed = placed.mutate(spent=placed.worked.notnull().ifelse(placed.time - placed.start, ibis.null("int64")))
    return placed.drop("start").drop("time")


def fit(these: ir.Table, keys: Sequence[str], **more: ir.Scalar) -> ir.Table:
    """The fit of units by some of their columns, and whatever else is measured of them.

    units; ``placed``: those of which it is known whether they lie inside; ``inside``; ``without_calendar``; ``spent`` and ``worked`` in all.
    """
    return these.aggregate(
        by=list(keys),
        units=these.count(),
        placed=these.inside.count(),
        inside=these.inside.sum().coalesce(0),
        without_calendar=these.calendar.isnull().sum().coalesce(0),
        spent=these.spent.cast("decimal(38, 0)").sum(),
        worked=these.worked.cast("decimal(38, 0)").sum(),
        **more,
    )
