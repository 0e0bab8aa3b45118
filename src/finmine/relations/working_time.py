"""Working time of any span of time in a relation: two look-ups in the table of the calendars, and a subtraction.

Both look-ups are joins with the interval that opened last (``ASOF`` in SQL), so that a million spans take less than a second.
Working time is missing where no calendar applies, where the span has no end or ends before it begins, and outside the horizon
of the calendar; nothing of that is taken as nought.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.calendars import Calendars, case_calendars, intervals
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def working_time(these: ir.Table, found: Calendars, since: str, until: str, *, name: str = "worked") -> ir.Table:
    """The relation with a column ``name``: the working time from one of its columns to another, by its column ``calendar``."""
    import ibis

    read = clock(clock(these, found, since, "reading_since"), found, until, "reading_until")
    worked = (read[until] >= read[since]).ifelse(read.reading_until - read.reading_since, ibis.null("int64"))
    return read.select(*these.columns, **{name: worked})


def working_steps(log: EventLog, found: Calendars) -> ir.Table:
    """One row for each directly-follows pair of units of a case, with the gap from completion to completion on the clock of the case."""
    import ibis

    these = units(log).join(case_calendars(log, found).select("case", "calendar"), "case")
    read = clock(these, found, "time", "reading")
    until = read.reading.lead().over(ibis.window(group_by="case", order_by="position"))
    timed = read.mutate(gap=until - read.reading)
    return timed.filter(timed.next_activity.notnull()).drop("reading")


def clock(these: ir.Table, found: Calendars, at: str, name: str) -> ir.Table:
    """The relation with a column ``name``: what the clock of its ``calendar`` shows at one of its columns."""
    import ibis

    joined, opened = _opened(these, found, at)
    return joined.select(
        *these.columns, **{name: joined[opened["reading"]] + ibis.least(joined[at], joined[opened["closes"]]) - joined[opened["opens"]]}
    )


def open_at(these: ir.Table, found: Calendars, at: str, name: str) -> ir.Table:
    """The relation with a column ``name``: whether its ``calendar`` is open at one of its columns; missing where that is not known."""
    import ibis

    joined, opened = _opened(these, found, at)
    known = joined[opened["reading"]].notnull() & joined[at].notnull()
    return joined.select(*these.columns, **{name: known.ifelse(joined[at] < joined[opened["closes"]], ibis.null("boolean"))})


def _opened(these: ir.Table, found: Calendars, at: str) -> tuple[ir.Table, dict[str, str]]:
    """The relation joined with the interval of its calendar that opened last, and the names under which that stands there."""
    names = {column: f"{column}_before_{at}" for column in ("calendar", "opens", "closes", "reading")}
    hours = intervals(found).rename({new: old for old, new in names.items()}).view()  # a name of its own, however often it is looked up
    joined = these.asof_join(hours, on=these[at] >= hours[names["opens"]], predicates=[these.calendar == hours[names["calendar"]]])
    return joined, names
