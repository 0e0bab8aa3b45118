"""Whether steps were done by their deadlines: days or working days after another step, a date, or the end of a month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from finmine.auditing.reasons import code
from finmine.relations.attributes import is_case_fact, recorded_case_values
from finmine.relations.calendars import case_calendars
from finmine.relations.instants import day_number, local, midnight
from finmine.relations.working_days import after_working_days, with_day
from finmine.relations.written_days import written_day, written_month

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.deadlines import InTime
    from finmine.auditing.grounds import Grounds

_PLACES = 1 << 32
_FIRST = "1970-01-01"


def judged_deadlines(grounds: Grounds, test: InTime) -> ir.Table:
    """One row for each case: case, reason (its code), one (the step that was late), other (the step since which it is counted), due (the last day, since 1970).

    Since a step, each time that it was done is judged: it asks for the next one, unless it is done anew by then. Since a day or month, each
    time that the step was done is judged by the last of them.
    """
    asked = _since_steps(grounds, test) if test.since == "step" else _since_days(grounds, test)
    timed = _due(grounds, test, asked).join(grounds.cases.select("case", "status"), "case")
    late = timed.next_at >= timed.due_over
    passed = timed.due_over <= ibis.literal(grounds.log.facts.extracted, "int64")
    reason = ibis.cases(
        (timed.next_at.isnull() & (timed.status == "finished"), code("steps not done")),
        (timed.due_over.isnull(), code("deadline not known")),
        (late & timed.one.notnull(), code("done too late")),
        (timed.next_at.notnull() & ~late, code("pass")),
        (~passed, code("not yet due")),
        (timed.status == "running", code("overdue")),
        (timed.status == "finished", code("steps not done")),
        else_=code("status not known"),
    )
    told = timed.mutate(reason=reason.cast("int64"))
    ranked = told.mutate(rank=told.reason * _PLACES + told.other.fill_null(0))
    decisive = {name: ranked[column].argmin(ranked.rank) for name, column in (("one", "one"), ("other", "other"), ("due", "due_day"))}
    return ranked.group_by("case").aggregate(reason=ranked.reason.min(), **decisive)


def _since_steps(grounds: Grounds, test: InTime) -> ir.Table:
    """Each time that the earlier step was done.

    case, other (its position), at (its time), day (missing); one (the position of the first of the later steps from then on), next_at (when
    that, or the earlier step anew, was done next). What is done at one time counts as done in time.
    """
    these = grounds.of_steps(*test.done, test.after)
    done, begun = these.activity.isin(grounds.codes(*test.done)), these.activity.isin(grounds.codes(test.after))
    moments = these.group_by(["case", "time"]).aggregate(one=these.position.min(where=done), other=these.position.max(where=begun))
    order = ibis.window(group_by="case", order_by="time")
    onward = ibis.window(group_by="case", order_by="time", preceding=0, following=None)
    moments = moments.mutate(first=moments.one.min().over(onward), later=moments.time.lead().over(order))
    asked = moments.filter(moments.other.notnull())
    return asked.select(
        "case", "other", at="time", day=ibis.null("int64"), one="first", next_at=ibis.ifelse(asked.one.notnull(), asked.time, asked.later)
    )


def _since_days(grounds: Grounds, test: InTime) -> ir.Table:
    """Each case: case, other, at (missing), day (that the attribute says), one (the position of the last time that the step was done), next_at (its time)."""
    log, these = grounds.log, grounds.of_steps(*test.done)
    last = these.group_by("case").aggregate(one=these.position.max(), next_at=these.time.max())
    cases = grounds.cases.select("case").left_join(last, "case").drop("case_right")
    if test.after not in log.attributes and not is_case_fact(log, test.after):
        told = cases.mutate(day=ibis.null("int64"))
    else:
        values = recorded_case_values(log, test.after)
        first = written_day(values.value) if test.since == "day" else written_month(values.value) + ibis.interval(months=1) - ibis.interval(days=1)
        read = values.select("case", day=day_number(first))
        told = cases.left_join(read, "case").select(*cases.columns, "day")
    return told.select("case", "day", "one", "next_at", other=ibis.null("int32"), at=ibis.null("int64"))


def _due(grounds: Grounds, test: InTime, asked: ir.Table) -> ir.Table:
    """With ``due_day``, the last day on which the step is in time (days since 1970), and ``due_over``, the instant at which it is over."""
    log = grounds.log
    if not test.working:
        day = day_number(local(asked["at"], log.zone).date()) if test.since == "step" else asked.day
        counted = asked.mutate(due_day=day + test.days)
        over = midnight(ibis.date(_FIRST) + (counted.due_day + 1).as_interval("D"), log.zone)
        return counted.mutate(due_over=over)
    if grounds.hours is None or grounds.days is None:
        return asked.mutate(due_day=ibis.null("int64"), due_over=ibis.null("int64"))
    placed = asked.left_join(case_calendars(log, grounds.hours).select("case", "calendar"), "case").drop("case_right")
    begun = with_day(placed.drop("day"), grounds.days, "at") if test.since == "step" else placed
    return after_working_days(begun, grounds.days, test.days)
