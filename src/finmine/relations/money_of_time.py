"""The money of time of a whole log: all its lines, their sums, and the losses charged to the steps that held the cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.blame import blame
from finmine.relations.groups import grouped
from finmine.relations.labour import knows_labour, labour, labour_lines
from finmine.relations.money_lines import deadline_lines, payment_lines
from finmine.relations.payments import LATE, LOST, OVERDUE

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog
    from finmine.relations.calendars import Calendars
    from finmine.relations.labour import PaidWork
    from finmine.relations.payments import Payments


def money_lines(log: EventLog, paid: Payments, worked: PaidWork, early: int) -> ir.Table:
    """All lines of a log: of payments where payments are known, and of labour where times and rates are."""
    lines = payment_lines(log, paid.relation(), early)
    if not paid.known:
        lines = lines.limit(0)
    if knows_labour(log):
        lines = lines.union(labour_lines(labour(log, worked)))
    return lines


def summed(lines: ir.Table, groups: list[str]) -> ir.Table:
    """The lines by part, measure and currency: cases, value, days and money in all, and ``unpriced``, the cases without money."""
    keys = [*groups, "part", "measure", "currency"]
    sums = lines.group_by(keys).aggregate(
        cases=lines.count(),
        value=lines.value.sum(),
        days=lines.days.sum(),
        money=lines.money.sum(),
        unpriced=lines.money.isnull().sum(),
    )
    return sums.order_by(keys)


def losses(log: EventLog, paid: Payments) -> ir.Table:
    """What each case lost by a date that passed: case, part, currency, money, deadline and received; nothing where payments are not known."""
    these = paid.relation()
    lines = deadline_lines(log, these)
    lost = lines.filter(lines.measure.isin([*LOST, LATE, OVERDUE]), lines.money > 0)
    told = lost.join(these.select("case", "received"), "case").select("case", "part", "currency", "money", "deadline", "received")
    return told if paid.known else told.limit(0)


def blamed_steps(log: EventLog, paid: Payments, hours: Calendars, by: str | None) -> ir.Table:
    """What each step held, and what is charged to it, of each kind of loss and currency (in each group).

    ``source`` and ``target`` (activity codes), held_cases, ``begun_cases`` (in which the work on the target had begun), blamed, split.
    """
    import ibis

    these = grouped(log, blame(log, losses(log, paid), hours), by)
    keys = [*(["group"] if by else []), "part", "currency"]
    steps = these.group_by([*keys, "source", "target"]).aggregate(
        held_cases=these.count(where=these.held),
        begun_cases=these.count(where=these.held & these.begun),
        blamed=these.blamed.sum(),
        split=these.split.sum(),
    )
    return steps.order_by([*keys, steps.blamed.desc(), ibis.desc("split"), "source", "target"])
