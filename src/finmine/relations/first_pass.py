"""First pass: for each activity of a case, whether it was done exactly once and nothing was sent back after it.

What sends work back are the activities that the log card names under ``[rework] returns``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.traces import VARIANT_KEY, traces
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def passes(log: EventLog) -> ir.Table:
    """One row for each activity of a case: ``closed`` (the case does not run), ``again`` (done more than once), ``returned``, ``first_pass``.

    ``returned`` says that it was done once and a return comes later in the case. A case counts as closed where no end activities
    are declared, so that nobody knows whether it runs.
    """
    these = units(log)
    sending_back = [code for code, label in enumerate(log.activity_names()) if label in log.card.rework.returns]
    sent = these.filter(these.activity.isin(sending_back or [-1]))
    last = sent.group_by("case").aggregate(sent_back=sent.position.max())
    counted = these.group_by("case", "activity").aggregate(occurrences=these.count(), position=these.position.max())
    cases = traces(log)
    told = counted.join(cases.select("case", closed=cases.status != "running"), "case").left_join(last, "case")
    told = told.mutate(again=told.occurrences > 1, later=(told.sent_back > told.position).fill_null(False))
    return told.select("case", "activity", "closed", "again", returned=~told.again & told.later, first_pass=~told.again & ~told.later)


def commonest_path(log: EventLog) -> ir.Table:
    """The case (one row at most) that stands for the path that most of the closed cases took; of equal ones the first."""
    import ibis

    cases = traces(log)
    closed = cases.filter(cases.status != "running")
    found = closed.group_by(list(VARIANT_KEY)).aggregate(cases=closed.count(), case=closed.case.min())
    return found.order_by([ibis.desc("cases"), "case"]).limit(1).select("case")
