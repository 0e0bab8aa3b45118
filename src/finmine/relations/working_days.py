"""The working days of calendars in the engine: which day is the so-manieth working day after another, and when it is over.

A working day is a local day in which the calendar is open at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import numpy as np

from finmine.finance.calendar import Whole
from finmine.finance.closing_days import closing_days
from finmine.relations.held_rows import HeldRows, hold

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog
    from finmine.relations.calendars import Calendars


def working_days(log: EventLog, found: Calendars) -> HeldRows:
    """For each local day of each calendar: calendar, day (days since 1970), begins, over (instants), before (how many working days are), works (1 or 0)."""
    laid: dict[str, list[Whole]] = {name: [] for name in ("calendar", "day", "begins", "over", "before", "works")}
    for code, calendar in enumerate(found.calendars):
        axis = closing_days(calendar)
        works = np.diff(axis.before)
        known = len(works)
        laid["calendar"].append(np.full(known, code))
        laid["day"].append(axis.days.first + np.arange(known))
        laid["begins"].append(axis.days.begin[:known])
        laid["over"].append(axis.days.begin[1 : known + 1])
        laid["before"].append(axis.before[:known])
        laid["works"].append(works)
    return hold(log.engine, "working_days", {name: np.concatenate(parts) if parts else np.array([], dtype=np.int64) for name, parts in laid.items()})


def with_day(these: ir.Table, days: HeldRows, at: str) -> ir.Table:
    """The relation with ``day``: the local day of one of its instants by its ``calendar``; missing where that is not known."""
    rows = days.relation().select(calendar_of="calendar", begins_of="begins", over_of="over", day_of="day")
    joined = these.asof_join(rows, on=these[at] >= rows.begins_of, predicates=[these.calendar == rows.calendar_of])
    placed = joined.select(*these.columns, "day_of", "over_of")
    return placed.select(*these.columns, day=ibis.ifelse(placed[at] < placed.over_of, placed.day_of, ibis.null("int64")))


def after_working_days(these: ir.Table, days: HeldRows, number: int) -> ir.Table:
    """The relation with ``due_day``, the so-manieth working day after its ``day``, and ``due_over``, when it is over.

    No working day after a day is that day, or the next working day where it is none. Both are missing where the calendar says nothing.
    """
    rows = days.relation()
    first = rows.select("calendar", "day", wanted=rows.before + (rows.works + number - 1 if number else 0))
    last = rows.filter(rows.works == 1).select("calendar", wanted="before", due_day="day", due_over="over")
    begun = these.left_join(first, ["calendar", "day"]).select(*these.columns, "wanted")
    return begun.left_join(last, ["calendar", "wanted"]).select(*these.columns, "due_day", "due_over")
