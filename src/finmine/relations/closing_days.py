"""The working-day axis of period closes in the engine: for any instant of a relation its working day before or after a month's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from finmine.finance.closing_days import closing_days
from finmine.relations.calendars import Calendars
from finmine.relations.held_rows import HeldRows, hold

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def closing_axis(log: EventLog, found: Calendars, after: int = 10) -> HeldRows:
    """The working day of each local day of each calendar: calendar, begins, working_day, closing (the month, as 202403; both missing where it ends)."""
    import pyarrow as pa

    schema = pa.schema([("calendar", pa.int32()), ("begins", pa.int64()), ("working_day", pa.int64()), ("closing", pa.int64())])
    tables = [schema.empty_table()]
    for code, calendar in enumerate(found.calendars):
        axis = closing_days(calendar, after)
        last = np.arange(len(axis.days.begin)) == len(axis.days.begin) - 1
        months = axis.months // 12 * 100 + 197_000 + axis.months % 12 + 1
        working_day, closing = (pa.array(np.append(values, 0), mask=last) for values in (axis.working_day, months))
        held = {"calendar": np.full(len(last), code), "begins": axis.days.begin, "working_day": working_day, "closing": closing}
        tables.append(pa.table(held, schema))
    return hold(log.engine, "closing_days", pa.concat_tables(tables))


def on_closing_axis(these: ir.Table, axis: HeldRows, at: str) -> ir.Table:
    """The relation with ``working_day`` and ``closing`` (a month as ``2024-03``) of one of its columns, by its column ``calendar``; missing where not known."""
    rows = axis.relation().rename(calendar_of="calendar", working_day_of="working_day", closing_of="closing")
    joined = these.asof_join(rows, on=these[at] >= rows.begins, predicates=[these.calendar == rows.calendar_of])
    month = joined.closing_of.cast("string")
    return joined.select(*these.columns, working_day=joined.working_day_of, closing=month.substr(0, 4) + "-" + month.substr(4, 2))
