"""What each filter removed: cases, units and money, step by step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from finmine.log import EventLog
from finmine.relations.traces import traces
from finmine.result import table
from finmine.view import Table


def removed(log: EventLog) -> Table | None:
    """One row for each filter in order, with what was left before and after it; nothing where there is no filter."""
    if not log.filters:
        return None
    before = _size(log.as_read())
    rows: list[dict[str, Any]] = []
    for number, one in enumerate(log.filters, 1):
        after = _size(replace(log, filters=log.filters[:number]))
        difference = {name: None if before[name] is None else (before[name] or 0) - (after[name] or 0) for name in before}
        rows.append({"filter": f"keep {one.keeps}: {one.words()}", **difference, "cases_left": after["cases"]})
        before = after
    names = ("filter", "cases_removed", "units_removed", *(("value_removed",) if log.money else ()), "cases_left")
    records = [{**row, "cases_removed": row["cases"], "units_removed": row["units"], "value_removed": row["value"]} for row in rows]
    return table("What each filter removed", records, names, currency=log.money.currency if log.money else "")


def _size(log: EventLog) -> dict[str, Any]:
    these = traces(log)
    return log.fetch(these.aggregate(cases=these.count(), units=these.length.sum(), value=these.money.sum())).records()[0]
