"""Working time of any span of time in a relation: two look-ups in the table of the calendars, and a subtraction.

Both look-ups are joins with the interval that opened last (``ASOF`` in SQL), so that a million spans take less than a second.
Working time is missing where no calendar applies, where the span has no end or ends before it begins, and outside the horizon
of the calendar; nothing of that is taken as nought.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.calendars import Calendars, case_calendars
from finmine.relations.held_rows import HeldRows
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

    joined, opened = latest(these, found.intervals, at, "opens")
    return joined.select(
        *these.columns, **{name: joined[opened["reading"]] + ibis.least(joined[at], joined[opened["closes"]]) - joined[opened["opens"]]}
    )


def open_at(these: ir.Table, found: Calendars, at: str, name: str) -> ir.Table:
    """The relation with a column ``name``: whether its ``calendar`` is open at one of its columns; missing where that is not known."""
    import ibis

    joined, opened = latest(these, found.intervals, at, "opens")
    known = joined[opened["reading"]].notnull() & joined[at].notnull()
    return joined.select(*these.columns, **{name: known.ifelse(joined[at] < joined[opened["closes"]], ibis.null("boolean"))})


def latest(these: ir.Table, held: HeldRows, at: str, since: str) -> tuple[ir.Table, dict[str, str]]:
    """The relation joined with the last row of its ``calendar`` that begins (``since``) at or before one of its columns, and the names of its columns there."""
    names = {column: f"{column}_before_{at}" for column in held.rows.column_names}
    rows = held.relation().rename({new: old for old, new in names.items()}).view()  # a name of its own, however often it is looked up
    joined = these.asof_join(rows, on=these[at] >= rows[names[since]], predicates=[these.calendar == rows[names["calendar"]]])
    return joined, names
