"""Units that make times doubtful: dated where no stamp is credible, or recorded more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.credible_times import judged
from finmine.relations.traces import traces
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_SAME = ["case", "activity", "resource", "start", "time"]


def wrong_dates(log: EventLog) -> ir.Table:
    """One row: how many of the units that the filters keep start or end outside the credible times, in how many of the cases, and when the other cases were.

    units, cases, of_cases; ``since`` and ``until``, the first and last stamp of the cases that have no such unit, both missing where there is none.
    """
    far = doubtful_cases(log)
    cases = traces(log).left_join(far, "case")
    return cases.aggregate(
        units=cases.units.sum().coalesce(0).cast("int64"),
        cases=cases.units.count(),
        of_cases=cases.count(),
        since=cases.started.min(where=cases.units.isnull()),
        until=cases.ended.max(where=cases.units.isnull()),
    )


def doubtful_cases(log: EventLog) -> ir.Table:
    """The cases with units that start or end outside the credible times, and how many these are: case, units."""
    these = judged(units(log))
    far = these.filter(these.wrong | these.wrong_start)
    return far.group_by("case").aggregate(units=far.count())


def repeated_units(log: EventLog) -> ir.Table:
    """How many units agree with another one in case, activity, resource, start and completion, not counting the first of them: repeated."""
    these = units(log)
    alike = these.group_by(_SAME).aggregate(again=these.count() - 1)
    return alike.aggregate(repeated=alike.again.sum().fill_null(0))
