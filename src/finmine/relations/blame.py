"""Blame: what held a case at the moment when its discount date or due date passed, and what the loss of that moment is charged to.

The case is looked at on the completion clock: between two neighbouring completions it is held by the step from one to the other.
The step in which the moment lies gets the whole loss. The alternative is the proportional split: the time from receipt to that moment is
divided among the steps it was spent on, and the loss with it, in working time where the case has a calendar, and so that the parts add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.calendars import Calendars, case_calendars
from finmine.relations.money_lines import MONEY, millionths, money_of
from finmine.relations.traces import traces
from finmine.relations.units import units
from finmine.relations.whole_division import WHOLE, quotient
from finmine.relations.working_time import working_time

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_KEY = ("case", "part")


def blame(log: EventLog, losses: ir.Table, found: Calendars) -> ir.Table:
    """One row for each loss and each step that the case was on before its deadline.

    Args:
        log: the event log.
        losses: case, part, currency, ``money``, ``deadline`` and ``received`` (instants); one row for each case and part.
        found: the calendars of the log.

    Returns:
        case, part, currency; ``source`` and ``target`` (activity codes: missing before the first completion, and after the last);
        ``held``: whether the deadline passed on this step; ``begun``: whether the work on what comes next had begun by then; ``place``: the position of the source, 0 at the start;
        ``blamed``, the loss for the step that held the case, else nought; ``split``, the part of the loss by time.
    """
    import ibis

    segments = _segments(log, losses)
    order = ibis.window(group_by=_KEY, order_by="place")
    held = segments.place == segments.place.max().over(ibis.window(group_by=_KEY))
    weighed = _weighed(log, segments.mutate(held=held), found)
    running = weighed.weight.sum().over(ibis.window(group_by=_KEY, order_by="place", preceding=(None, 0))).cast(WHOLE)
    total = weighed.weight.sum().over(ibis.window(group_by=_KEY)).cast(WHOLE)
    shared = weighed.mutate(
        _product=(millionths(weighed.money) * running).cast(WHOLE),
        _by=ibis.greatest(total, 1).cast(WHOLE),
        _none=total == 0,
        _loss=millionths(weighed.money),
    )
    given = quotient(shared, "_product", "_by", "_given")
    given = given.mutate(_given=given["_none"].ifelse(given.held.ifelse(given["_loss"], 0), given["_given"]).cast(WHOLE))
    before = ibis.coalesce(given["_given"].lag().over(order), 0)
    return given.select(
        "case",
        "part",
        "currency",
        "source",
        "target",
        "held",
        "begun",
        "place",
        blamed=given.held.ifelse(given.money, ibis.literal(0).cast(MONEY)),
        split=money_of(given["_given"] - before),
    )


def _segments(log: EventLog, losses: ir.Table) -> ir.Table:
    """The steps of each case up to its deadline, in their order: source, target, since, until, begun, place."""
    import ibis

    of_cases = losses.join(traces(log).select("case", "started"), "case")
    clock = ibis.coalesce((of_cases.received < of_cases.deadline).ifelse(of_cases.received, ibis.null("int64")), of_cases.started)
    timed = of_cases.mutate(clock=clock)
    these = units(log).select("case", "position", "activity", "start", "time", "next_activity", "next_time", "next_start")
    met = these.join(timed, "case")
    first = met.filter(met.position == 1)
    opening = first.select(
        *losses.columns,
        source=ibis.null("int32"),
        target=first.activity,
        since=ibis.greatest(first.started, first.clock),
        until=ibis.least(first.time, first.deadline),
        begun=(first.start < first.deadline) & (first.time >= first.deadline),
        place=ibis.literal(0, "int32"),
    )
    later = met.filter(met.time < met.deadline)
    following = later.select(
        *losses.columns,
        source=later.activity,
        target=later.next_activity,
        since=ibis.greatest(later.time, later.clock),
        until=ibis.least(ibis.coalesce(later.next_time, later.deadline), later.deadline),
        begun=(later.next_start < later.deadline) & (later.next_time >= later.deadline),
        place=later.position,
    )
    return opening.union(following)


def _weighed(log: EventLog, segments: ir.Table, found: Calendars) -> ir.Table:
    """With ``weight``: the working time of each segment where that of the whole case is known, else the time that passes."""
    import ibis

    ended = segments.mutate(until=ibis.greatest(segments.until, segments.since))
    if not found.calendars:
        return ended.mutate(weight=ended.until - ended.since)
    placed = ended.left_join(case_calendars(log, found).select("case", "calendar"), "case").drop("case_right")
    worked = working_time(placed, found, "since", "until")
    known = worked.worked.isnull().sum().over(ibis.window(group_by=_KEY)) == 0
    return worked.mutate(weight=known.ifelse(worked.worked, worked.until - worked.since))
