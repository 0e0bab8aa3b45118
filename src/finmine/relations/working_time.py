"""Working time of any span of time in a relation: two look-ups in the table of the calendars, and a subtraction.

Both look-ups are joins by equality with the day of the calendar, whose few intervals say the rest, so that a million spans
take a fraction of a second in any engine.
Working time is missing where no calendar applies, where the span has no end or ends before it begins, and outside the horizon
of the calendar; nothing of that is taken as nought.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from finmine.relations.calendars import Calendars, case_calendars
from finmine.relations.units import units
from finmine.words import DAY

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

    joined, day = _on_day(these, found, at)
    shown = joined[day["reading"]]
    for opens, closes in _intervals(day):
        shown = shown + ibis.greatest(0, ibis.least(joined[at], joined[closes]) - joined[opens])
    return joined.select(*these.columns, **{name: shown.cast("int64")})


def open_at(these: ir.Table, found: Calendars, at: str, name: str) -> ir.Table:
    """The relation with a column ``name``: whether its ``calendar`` is open at one of its columns; missing where that is not known."""
    import ibis

    joined, day = _on_day(these, found, at)
    inside = ibis.or_(ibis.literal(False), *((joined[at] >= joined[opens]) & (joined[at] < joined[closes]) for opens, closes in _intervals(day)))
    return joined.select(*these.columns, **{name: joined[day["reading"]].notnull().ifelse(inside, ibis.null("boolean"))})


def open_up_to(these: ir.Table, found: Calendars, at: str, name: str) -> ir.Table:
    """The relation with a column ``name``: whether its ``calendar`` is open at one of its columns or up to it; missing where that is not known.

    Looked at is the microsecond before, so that a shift that begins at midnight of UTC has not yet begun on the stroke of it.
    """
    import ibis

    before = f"before_{at}"
    joined, day = _on_day(these.mutate(**{before: these[at] - 1}), found, before)
    shifts = ((joined[opens], joined[closes]) for opens, closes in _intervals(day))
    inside = ibis.or_(ibis.literal(False), *((opens < closes) & (joined[at] >= opens) & (joined[at] <= closes) for opens, closes in shifts))
    return joined.select(*these.columns, **{name: joined[day["reading"]].notnull().ifelse(inside, ibis.null("boolean"))})


def _on_day(these: ir.Table, found: Calendars, at: str) -> tuple[ir.Table, dict[str, str]]:
    """The relation joined with the day of its calendar that one of its columns is in, and the names of the day's columns there."""
    names = {column: f"{column}_of_{at}" for column in found.days.columns}
    days = found.days.relation().rename({new: old for old, new in names.items()}).view()  # a name of its own, however often it is looked up
    begins = these[at] - (these[at] % DAY + DAY) % DAY
    return these.left_join(days, [these.calendar == days[names["calendar"]], begins == days[names["day"]]]), names


def _intervals(names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The columns that hold the intervals of a day: when each opens and closes."""
    return ((names[column], names[column.replace("opens", "closes")]) for column in names if column.startswith("opens"))
