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
    names = ("filter", "cases_removed", "units_removed", *(("value_removed",) if log.money else ()), "cases_left")
    return table("What each filter removed", removals(log), names, currency=log.money.currency if log.money else "")


def removals(log: EventLog) -> list[dict[str, Any]]:
    """For each filter in order, in how many cases and units less and with how much less money it left the log."""
    before = _size(log.as_read()) if log.filters else {}
    rows: list[dict[str, Any]] = []
    for number, one in enumerate(log.filters, 1):
        after = _size(replace(log, filters=log.filters[:number]))
        less = {f"{name}_removed": None if before[name] is None else (before[name] or 0) - (after[name] or 0) for name in before}
        rows.append({"filter": f"keep {one.keeps}: {one.words()}", **less, "cases_left": after["cases"]})
        before = after
    return rows


def _size(log: EventLog) -> dict[str, Any]:
    these = traces(log)
    return log.fetch(these.aggregate(cases=these.count(), units=these.length.sum(), value=these.money.sum())).records()[0]
