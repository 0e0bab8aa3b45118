"""Paid time: how much of the time of each unit is paid for, and where that is known from.

Where a start is **recorded**, it is the time from start to completion, less suspensions: working time where calendars are declared, so that
work that is left open overnight costs nothing for the night; and where a resource has several units in work at once, each has its
share, so that no hour is paid for twice (see ``kernels.shared_work``). Where no start is known, or no calendar, it is the unit time that the card
has **declared**, by itself or by a time equation with its times, or that which an equation gives whose times are **fitted** (see
``time_equations``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finmine.arrays import Lent, through
from finmine.finance.time_equation import TimeEquation
from finmine.kernels.shared_work import shared_work
from finmine.relations.calendars import Calendars, calendars, unit_calendars
from finmine.relations.processing import processed
from finmine.relations.time_drivers import equation_time
from finmine.relations.units import units
from finmine.relations.working_time import clock

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

RECORDED, DECLARED, FITTED = "recorded", "declared", "fitted"
"""Where the time of a unit is known from."""


@dataclass(frozen=True, slots=True)
class PaidTime:
    """The calendars by which work is paid, and the shares of units where resources have several in work at once."""

    calendars: Calendars
    shares: tuple[Lent, ...]


def known_paid_time(log: EventLog) -> bool:
    """Whether the log or its card can say of any unit how long it took."""
    return log.facts.has_start or bool(log.card.costs.unit_times) or bool(log.card.costs.equations)


def asks_for_time(log: EventLog) -> bool:
    """Whether the card prices time, or states the capacity that it uses."""
    return bool(log.card.labour_rates) or bool(log.card.costs.capacity)


def labour_gap(log: EventLog) -> str:
    """Why nobody can say what work costs, and what to declare."""
    if log.card.labour_rates:
        return 'no start of the work is recorded, and no unit time is declared ([unit_times] "Post invoice" = "4min")'
    return 'no labour rate is declared ([[labour]] rate = "38.50", currency = "EUR")'


def paid_time(log: EventLog, hours: Calendars | None = None) -> PaidTime:
    """By which calendars work is paid, and what each unit has of its resource; the kernel runs here."""
    found = hours or calendars(log)
    if not log.facts.has_start or not log.facts.has_resource or not asks_for_time(log):
        return PaidTime(found, ())
    spans = _spans(log, found)
    known = spans.filter(spans.resource.notnull(), spans.since.notnull(), spans.until.notnull(), spans.start <= spans.time)
    columns = ("case", "position", "resource", "calendar", "since", "until")
    lent = known.select(*columns).cast(dict.fromkeys(columns, "int64"))
    said = "kernels.shared_work.shared_work"
    by, order = ["resource"], ["calendar", "since", "case", "position"]
    return PaidTime(found, (through(log.engine, lent, shared_work, by=by, order=order, noun="shares", said=said),))


def _spans(log: EventLog, found: Calendars) -> ir.Table:
    """The units with when they began and ended, as their calendar's clock shows it where calendars are declared."""
    import ibis

    if not found.calendars:
        these = units(log)
        return these.mutate(calendar=ibis.literal(0, "int32"), since=these.start, until=these.time)
    applied = unit_calendars(log, found)
    return clock(clock(applied, found, "start", "since"), found, "time", "until")


def timed_units(log: EventLog, paid: PaidTime) -> ir.Table:
    """The units with ``spent`` (paid microseconds, missing where nobody can say), ``time_from``, and ``declared_time``, what the card says of them."""
    import ibis

    these = _with_declared(log, processed(_spans(log, paid.calendars)))
    worked = these.until - these.since
    for lent in paid.shares:
        shares = lent.table.cast({"case": "int32", "position": "int32"})
        these = these.left_join(shares, ["case", "position"]).select(*these.columns, "shared")
        worked = ibis.coalesce(these.shared, these.until - these.since)
    known = worked.notnull() & these.processing.notnull()
    told = {RECORDED: known.ifelse(ibis.least(worked, these.processing), ibis.null("int64")), DECLARED: these.declared_time}
    source = ibis.cases(*((time.notnull(), ibis.literal(name)) for name, time in told.items()), else_=ibis.null("string"))
    return these.mutate(spent=ibis.coalesce(*told.values()).cast("int64"), time_from=source).select(
        *units(log).columns, "spent", "time_from", "declared_time"
    )


def _with_declared(log: EventLog, these: ir.Table) -> ir.Table:
    """The units with ``declared_time``: the unit time that the card declares for their activity, by itself or by a time equation."""
    import ibis

    names, facts = log.activity_names(), log.card.costs
    alone = [TimeEquation(activity, times=(time,)) for activity, time in facts.unit_times.items()]
    declared = [one for one in (*alone, *facts.equations) if one.times and one.activity in names]
    return equation_time(log, these, declared, "declared_time") if declared else these.mutate(declared_time=ibis.null("int64"))
