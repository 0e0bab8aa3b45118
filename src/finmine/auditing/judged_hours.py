"""Whether a step was done when the calendar of who did it was open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from finmine.auditing.reasons import code
from finmine.relations.calendars import unit_calendars
from finmine.relations.instants import at_midnight
from finmine.relations.working_time import open_at

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.grounds import Grounds
    from finmine.auditing.policy import InsideHours


def judged_hours(grounds: Grounds, test: InsideHours) -> ir.Table:
    """One row for each case with the step: case, reason (its code), one (the first unit that shows it), other (missing).

    Of a stamp of midnight only the day is known. Machines work at any time.
    """
    these = grounds.of_steps(test.step)
    these = these.filter(~these.machine).mutate(day_only=at_midnight(these.time, grounds.log.zone))
    if grounds.hours is None:
        placed = these.mutate(open=ibis.null("boolean"))
    else:
        applies = unit_calendars(grounds.log, grounds.hours).select("case", "position", "calendar")
        placed = open_at(these.left_join(applies, ["case", "position"]).select(*these.columns, "calendar"), grounds.hours, "time", "open")
    placed = placed.mutate(open=ibis.ifelse(placed.day_only, None, placed.open))
    facts = placed.group_by("case").aggregate(
        outside=placed.position.min(where=~placed.open & placed.person.notnull()),
        nobody=placed.position.min(where=placed.person.isnull()),
        unknown=placed.position.min(where=placed.open.isnull()),
    )
    every = grounds.of_steps(test.step).select("case").distinct().left_join(facts, "case").drop("case_right")
    reason = ibis.cases(
        (every.outside.notnull(), code("outside of hours")),
        (every.nobody.notnull(), code("person not known")),
        (every.unknown.notnull(), code("hours not known")),
        else_=code("pass"),
    )
    return every.select("case", reason=reason, one=ibis.coalesce(every.outside, every.nobody, every.unknown), other=ibis.null("int32"))
