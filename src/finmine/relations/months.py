"""Calendar months as spans of time, and spans of time cut where a month begins on the clocks of the log's zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from finmine.finance.local_days import begin_of, date_of, day_at
from finmine.relations.held_rows import HeldRows, hold

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def months(log: EventLog) -> HeldRows:
    """The months from the first start or completion of the log as read to the last: month (as 202403), begins, ends."""
    first, last = log.engine.rows(f'SELECT min(least(start, time)), max(greatest(start, time)) FROM "{log.tables.units}"')[0]
    day, until = (date_of(day_at(at, log.zone)).replace(day=1) for at in (first, last))
    found = [day]
    while found[-1] <= until:
        found.append(found[-1].replace(year=found[-1].year + found[-1].month // 12, month=found[-1].month % 12 + 1))
    begins = np.array([begin_of(one, log.zone) for one in found], dtype=np.int64)
    names = np.array([one.year * 100 + one.month for one in found[:-1]], dtype=np.int64)
    return hold(log.engine, "months", {"month": names, "begins": begins[:-1], "ends": begins[1:]})


def by_month(these: ir.Table, found: HeldRows) -> ir.Table:
    """The spans from ``since`` to ``until``, cut where a month begins, each piece with its ``month``; spans of no length have no piece."""
    import ibis

    month = found.relation().view()
    met = these.filter(these.since < these.until).join(month, [these.since < month.ends, these.until > month.begins])
    cut = {"since": ibis.greatest(met.since, met.begins), "until": ibis.least(met.until, met.ends)}
    return met.mutate(**cut).select(*these.columns, "month")
