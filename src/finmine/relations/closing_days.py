"""The working-day axis of period closes in the engine: for any instant of a relation its working day before or after a month's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from finmine.finance.calendar import Whole
from finmine.finance.closing_days import closing_days
from finmine.kernels import MISSING
from finmine.relations.calendars import Calendars
from finmine.relations.held_rows import HeldRows, hold

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def closing_axis(log: EventLog, found: Calendars, after: int = 10) -> HeldRows:
    """The working day of each local day of each calendar: calendar, begins, working_day, closing (the month, as 202403; both missing where it ends)."""
    laid: dict[str, list[Whole]] = {"calendar": [], "begins": [], "working_day": [], "closing": []}
    for code, calendar in enumerate(found.calendars):
        axis = closing_days(calendar, after)
        months = axis.months // 12 * 100 + 197_000 + axis.months % 12 + 1
        laid["calendar"].append(np.full(len(axis.days.begin), code))
        laid["begins"].append(axis.days.begin)
        laid["working_day"].append(np.append(axis.working_day, MISSING))
        laid["closing"].append(np.append(months, MISSING))
    return hold(log.engine, "closing_days", {name: np.concatenate(parts) if parts else np.array([], dtype=np.int64) for name, parts in laid.items()})


def on_closing_axis(these: ir.Table, axis: HeldRows, at: str) -> ir.Table:
    """The relation with ``working_day`` and ``closing`` (a month as ``2024-03``) of one of its columns, by its column ``calendar``; missing where not known."""
    rows = axis.relation().rename(calendar_of="calendar", working_day_of="working_day", closing_of="closing")
    joined = these.asof_join(rows, on=these[at] >= rows.begins, predicates=[these.calendar == rows.calendar_of])
    month = joined.closing_of.cast("string")
    return joined.select(*these.columns, working_day=joined.working_day_of, closing=month.substr(0, 4) + "-" + month.substr(4, 2))
