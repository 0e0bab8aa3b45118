"""Payments: for each document when it could have been paid with its discount, when it was due, and when it was paid.

A day counts whole: a discount is kept, and a due date met, by payment up to the last instant of the day in the log's zone.
Each case is in one class of discounts and one of lateness, or in none where nothing was offered or due.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finmine.engine import quoted_name
from finmine.relations.attributes import recorded_case_values
from finmine.relations.instants import day_number, local, midnight
from finmine.relations.milestones import Milestones, milestone_times
from finmine.relations.numbers import number_of
from finmine.relations.traces import traces
from finmine.relations.written_days import written_day

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir

    from finmine.log import EventLog

TAKEN = "taken"
LOST = ("lost after approval", "lost in process", "lost before receipt")
UNDECIDED = "undecided"
ON_TIME, LATE, OVERDUE, NOT_DUE = "on time", "paid late", "overdue and open", "not yet due"
NOT_COUNTED = "not counted: "
_MOST_TERMS = 20
_DATES = ("document_date", "due_date", "discount_date")


@dataclass(frozen=True, slots=True, eq=False)
class Payments:
    """The payments of a log, found once and kept in a table of the engine, since many relations look at them."""

    milestones: Milestones
    name: str
    sql: str
    schema: ibis.Schema

    @property
    def known(self) -> bool:
        """Whether anybody can say when a case is paid."""
        return self.milestones.knows("paid")

    def relation(self) -> ir.Table:
        """One row for each case, as ``payments`` tells."""
        import ibis

        return ibis.table(self.schema, name=self.name)

    def script(self) -> tuple[str, ...]:
        """The statement that makes the table, for evidence."""
        return "-- the payment of each case: its terms, milestones and classes", f"CREATE TABLE {quoted_name(self.name)} AS {self.sql}"


def held_payments(log: EventLog, found: Milestones) -> Payments:
    """Find the payments of the cases that the filters keep; the query runs here."""
    these = payments(log, found)
    held = Payments(found, log.engine.name("payments"), log.engine.compile(these), these.schema())
    log.engine.run(held.script()[-1])
    return held


def payments(log: EventLog, found: Milestones) -> ir.Table:
    """One row for each case that the filters keep, with its terms, milestones and classes.

    case, amount, currency, started; ``received`` (the start of the case where no activity is known for it), ``approved`` and ``paid`` as
    instants; ``discount``; ``document_day``, ``due_day``, ``discount_day``, ``paid_day`` and ``as_of_day`` as days since 1970;
    ``due_end`` and ``discount_end``, the instants at which these days are over; ``discount_class`` and ``payment_class``.
    """
    import ibis

    cases = traces(log).select("case", "label", "status", "amount", "currency", "started")
    dated = cases.left_join(milestone_times(log, found), "case").drop("case_right")
    for name in _DATES:
        dated = _with_day(log, dated, name)
    nameless = dated.currency.isnull() if log.facts.currencies else ibis.literal(False)
    dated = _with_discount(log, dated.mutate(nameless=nameless))
    received = dated.received if found.knows("received") else dated.started
    as_of = local(dated.started - dated.started + log.facts.extracted, log.zone).date()
    placed = dated.mutate(
        received=received,
        paid_day=day_number(local(dated.paid, log.zone).date()),
        as_of_day=day_number(as_of),
        ended_otherwise=(dated.status == "finished") & dated.paid.isnull(),
    )
    return placed.mutate(discount_class=_discount_class(placed, log.facts.extracted), payment_class=_payment_class(placed, log.facts.extracted))


def deadlines(log: EventLog, name: str) -> ir.Table:
    """The days of a date attribute: case, ``day`` (days since 1970; missing where none can be read) and ``end``, the instant at which it is over."""
    import ibis

    values = recorded_case_values(log, name)
    dated = values.mutate(on=written_day(values.value))
    return dated.select("case", day=day_number(dated.on), end=midnight((dated.on + ibis.interval(days=1)).cast("date"), log.zone))


def _with_day(log: EventLog, these: ir.Table, name: str) -> ir.Table:
    """With ``…_day`` and, of deadlines, ``…_end``; ``…_said`` tells whether something stands there."""
    import ibis

    short = name.removesuffix("_date")
    if name not in log.attributes:
        absent = {f"{short}_day": ibis.null("int64"), f"{short}_end": ibis.null("int64"), f"{short}_said": ibis.literal(False)}
        return these.mutate(**absent)
    dated = deadlines(log, name)
    ready = dated.select("case", **{f"{short}_day": dated.day, f"{short}_end": dated.end, f"{short}_said": ibis.literal(True)})
    joined = these.left_join(ready, "case").drop("case_right")
    return joined.mutate(**{f"{short}_said": joined[f"{short}_said"].fill_null(False)})


def _with_discount(log: EventLog, these: ir.Table) -> ir.Table:
    import ibis

    if "discount" not in log.attributes:
        return these.mutate(discount=ibis.null("decimal(38, 6)"), offered=ibis.literal(False))
    values = recorded_case_values(log, "discount")
    read = values.select("case", discount=number_of(log, "discount", values.value), offered=ibis.literal(True))
    joined = these.left_join(read, "case").drop("case_right")
    return joined.mutate(offered=joined.offered.fill_null(False), discount=joined.nameless.ifelse(ibis.null("decimal(38, 6)"), joined.discount))


def _discount_class(these: ir.Table, as_of: int) -> ir.StringColumn:
    """The class of the discount of a case; missing where none was offered."""
    import ibis

    end = these.discount_end
    return ibis.cases(
        (~these.offered & ~these.discount_said, ibis.null("string")),
        (these.offered & (these.discount == 0) & ~these.discount_said, ibis.null("string")),
        (these.nameless, f"{NOT_COUNTED}no amount, hence no currency"),
        (end.isnull(), f"{NOT_COUNTED}no discount date is known"),
        (these.discount.isnull(), f"{NOT_COUNTED}no discount is known"),
        (these.discount <= 0, f"{NOT_COUNTED}the discount is not above nought"),
        (these.discount >= these.amount, f"{NOT_COUNTED}the discount is not below the amount"),
        (these.ended_otherwise, f"{NOT_COUNTED}ended without a payment"),
        (these.paid < end, TAKEN),
        (end > as_of, UNDECIDED),
        (these.approved < end, LOST[0]),
        (these.received.isnull(), f"{NOT_COUNTED}no receipt is recorded"),
        (these.received < end, LOST[1]),
        else_=LOST[2],
    )


def _payment_class(these: ir.Table, as_of: int) -> ir.StringColumn:
    """Whether a case that was due was paid on time; missing where no due date is recorded."""
    import ibis

    end = these.due_end
    return ibis.cases(
        (~these.due_said, ibis.null("string")),
        (end.isnull(), f"{NOT_COUNTED}no due date is known"),
        (these.amount.isnull(), f"{NOT_COUNTED}no amount"),
        (these.amount <= 0, f"{NOT_COUNTED}the amount is not above nought"),
        (these.ended_otherwise, f"{NOT_COUNTED}ended without a payment"),
        (end > as_of, NOT_DUE),
        (these.paid < end, ON_TIME),
        (these.paid >= end, LATE),
        else_=OVERDUE,
    )


def discount_terms(paid: ir.Table) -> ir.Table:
    """The commonest terms of discounts: in thousandths of the amount, and how many days earlier they ask for the payment.

    rate, days_earlier, currency, cases, lost_cases; of the cases whose discount counts and whose due date comes after the discount date.
    """
    rate = (paid.discount / paid.amount.nullif(0) * 1000).round().cast("int64")
    offered = paid.filter(paid.discount_class.isin([TAKEN, *LOST, UNDECIDED]), paid.amount > 0, paid.due_day > paid.discount_day)
    known = offered.mutate(rate=rate, days_earlier=offered.due_day - offered.discount_day)
    known = known.filter(known.rate > 0, known.rate < 1000)
    lost = known.count(where=known.discount_class.isin(LOST))
    counted = known.group_by(["rate", "days_earlier", "currency"]).aggregate(cases=known.count(), lost_cases=lost)
    return counted.order_by([counted.cases.desc(), "rate", "days_earlier", "currency"]).limit(_MOST_TERMS)
