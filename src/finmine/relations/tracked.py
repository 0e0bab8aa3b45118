"""Tracked work: how well the work of each row of costs goes (first passes, payments on time), and how long its units took month by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from finmine.relations.capacity_months import month_of
from finmine.relations.first_pass import passes
from finmine.relations.paid_time import RECORDED
from finmine.relations.payments import LATE, ON_TIME, OVERDUE, Payments
from finmine.relations.whole_division import WHOLE

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def tracked(log: EventLog, coded: ir.Table, keys: Sequence[str], paid: Payments) -> ir.Table:
    """How well the work of each row (of units with its ``keys``) goes.

    ``timed_units``, those of which the paid time is known, and that ``known_time``; ``closed_passes``, the activities of cases that do not run any more,
    each activity of a case once, and ``first_passes`` of them; ``due_cases``, those whose payment was due and counts, and ``on_time_cases`` of them.
    """
    timed = coded.group_by(list(keys)).aggregate(timed_units=coded.known_time.count(), known_time=coded.known_time.cast(WHOLE).sum())
    done = coded.select(*keys, "case", "activity").distinct().join(passes(log), ["case", "activity"])
    passed = done.group_by(list(keys)).aggregate(
        closed_passes=done.count(where=done.closed), first_passes=done.count(where=done.closed & done.first_pass)
    )
    classes = paid.relation().select("case", "payment_class")
    due = coded.select(*keys, "case").distinct().join(classes, "case")
    timely = due.group_by(list(keys)).aggregate(
        due_cases=due.count(where=due.payment_class.isin([ON_TIME, LATE, OVERDUE])), on_time_cases=due.count(where=due.payment_class == ON_TIME)
    )
    for told in (passed, timely):
        timed = timed.join(told, [timed[key].identical_to(told[key]) for key in keys]).select(
            *timed.columns, *(name for name in told.columns if name not in keys)
        )
    return timed.order_by(list(keys))


def recorded_by_month(coded: ir.Table, keys: Sequence[str]) -> ir.Table:
    """The units of each row with a recorded paid time, by the month of their completion: keys, month (as 202403), units, spent."""
    these = coded.filter(coded.time_from == RECORDED)
    these = these.mutate(month=month_of(these.day))
    found = these.group_by([*keys, "month"]).aggregate(units=these.count(), spent=these.known_time.cast(WHOLE).sum())
    return found.order_by([*keys, "month"])
