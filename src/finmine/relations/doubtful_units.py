"""Units that make times doubtful: dated where no stamp is credible, or recorded more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.credible_times import judged
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_SAME = ["case", "activity", "resource", "start", "time"]


def wrong_dates(log: EventLog) -> ir.Table:
    """One row: how many of the units that the filters keep start or end outside the credible times, in how many of the cases, and when the other cases were.

    units, cases, of_cases; ``since`` and ``until``, the first and last stamp of the cases that have no such unit, both missing where there is none.
    """
    these = judged(units(log))
    these = these.mutate(begun=these.start.fill_null(these.time), far=these.wrong | these.wrong_start)
    cases = these.group_by("case").aggregate(far=these.far.sum(), since=these.begun.min(), until=these.time.max())
    return cases.aggregate(
        units=cases.far.sum().fill_null(0).cast("int64"),
        cases=cases.count(where=cases.far > 0),
        of_cases=cases.count(),
        since=cases.since.min(where=cases.far == 0),
        until=cases.until.max(where=cases.far == 0),
    )


def doubtful_cases(log: EventLog) -> ir.Table:
    """The cases with units that start or end outside the credible times: case."""
    these = judged(units(log))
    return these.filter(these.wrong | these.wrong_start).select("case").distinct()


def repeated_units(log: EventLog) -> ir.Table:
    """How many units agree with another one in case, activity, resource, start and completion, not counting the first of them: repeated."""
    these = units(log)
    alike = these.group_by(_SAME).aggregate(again=these.count() - 1)
    return alike.aggregate(repeated=alike.again.sum().fill_null(0))
