"""The money of time, line by line: for each case what it is in, how much money is at stake, and what that costs.

A line is a case in one measure: a class of discounts, a class of lateness, early payment, capital, labour. Money is exact to six
decimals; interest and the cost of capital are rounded to the minor unit of their currency in each case, so that they add
up however the cases are divided.
"""

from __future__ import annotations

from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

from finmine.finance.money import minor_digits
from finmine.relations.instants import day_number, local
from finmine.relations.payments import LATE, NOT_COUNTED, NOT_DUE, ON_TIME, OVERDUE, TAKEN
from finmine.relations.whole_division import WHOLE, quotient

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from finmine.finance.terms import LateInterest
    from finmine.log import EventLog

DISCOUNTS, LATENESS, EARLY, CAPITAL, LABOUR = "discounts", "late payment", "early payment", "capital", "labour"
PAID_EARLY, UP_TO_PAYMENT, STILL_OPEN = "paid early", "from document to payment", "still open"
MONEY = "decimal(38, 6)"
_MICRO = 10**6


def payment_lines(log: EventLog, paid: ir.Table, early: int) -> ir.Table:
    """The lines of discounts, lateness, early payment and capital, from the payments of the cases.

    case, part, measure, currency, ``value`` (the amount of the case), ``days``, ``money`` and ``deadline`` (the instant whose passing
    lost it). Days are those of delay, of payment before the last useful day, or of capital tied up; what is not known is missing.
    """
    return _priced(log, _union([*_deadline_lines(log, paid), *_capital_lines(log, paid, early)]))


def deadline_lines(log: EventLog, paid: ir.Table) -> ir.Table:
    """The lines of discounts and lateness alone: those that a date decides."""
    return _priced(log, _union(_deadline_lines(log, paid)))


def class_lines(paid: ir.Table) -> ir.Table:
    """The lines of discounts, with what these are worth, and of lateness, whose cost is not computed."""
    due = paid.filter(paid.payment_class.notnull())
    lines = _union([_discount_lines(paid), _line(due, LATENESS, due.payment_class)])
    return lines.select("case", "part", "measure", "currency", "value", "days", money=lines.sure)


def _discount_lines(paid: ir.Table) -> ir.Table:
    offered = paid.filter(paid.discount_class.notnull())
    return _line(offered, DISCOUNTS, offered.discount_class, deadline=offered.discount_end, sure=offered.discount)


def _deadline_lines(log: EventLog, paid: ir.Table) -> list[ir.Table]:
    import ibis

    late_interest = log.card.money.late_interest
    discounts = _discount_lines(paid)
    due = paid.filter(paid.payment_class.notnull())
    late_days = due.payment_class.isin([LATE, OVERDUE]).ifelse(ibis.coalesce(due.paid_day, due.as_of_day) - due.due_day, ibis.null("int64"))
    delayed = due.mutate(late_days=late_days)
    owed = delayed.mutate(**(_interest(log, delayed, late_interest) if late_interest else _unpriced()))
    year = late_interest.year if late_interest else 1
    lateness = _line(owed, LATENESS, owed.payment_class, owed.late_days, owed.owed_by, year=year, deadline=owed.due_end, sure=owed.fee)
    return [discounts, lateness]


def _unpriced() -> dict[str, ir.Value]:
    import ibis

    return {"owed_by": ibis.null("int64"), "fee": ibis.null(MONEY)}


def _line(
    these: ir.Table,
    part: str,
    measure: ir.Value,
    days: ir.Value | None = None,
    weighted: ir.Value | None = None,
    *,
    year: int = 1,
    deadline: ir.Value | None = None,
    sure: ir.Value | None = None,
) -> ir.Table:
    """Lines before they are priced: the amount costs rates (in millionths) times days over a year, and beside it what is sure."""
    import ibis

    nothing, no_money = ibis.null("int64"), ibis.null(MONEY)
    return these.select(
        "case",
        part=ibis.literal(part),
        measure=measure,
        currency=these.currency,
        value=these.amount.cast(MONEY),
        days=nothing if days is None else days.cast("int64"),
        deadline=nothing if deadline is None else deadline.cast("int64"),
        weighted=nothing if weighted is None else weighted.cast("int64"),
        year=ibis.literal(year, "int64"),
        sure=no_money if sure is None else sure.cast(MONEY),
    )


def _union(lines: Sequence[ir.Table]) -> ir.Table:
    return reduce(lambda one, other: one.union(other), lines)


def _priced(log: EventLog, lines: ir.Table) -> ir.Table:
    """Lines with ``money``: what the value costs, in whole minor units of its currency, halves away from nought, and what is sure."""
    import ibis

    digits = {currency: minor_digits(currency) for currency in log.facts.currencies if minor_digits(currency) != 2}
    minor = (
        ibis.cases(*((lines.currency == currency, 10 ** (6 - few)) for currency, few in digits.items()), else_=10**4)
        if digits
        else ibis.literal(10**4)
    )
    over = (lines.year.cast(WHOLE) * minor.cast(WHOLE) * (2 * _MICRO)).cast(WHOLE)
    whole = (millionths(lines.value.fill_null(0).abs()) * lines.weighted.fill_null(0).abs().cast(WHOLE)).cast(WHOLE)
    halves = lines.mutate(_minor=minor.cast(WHOLE), _over=over, _halves=(whole * 2 + lines.year.cast(WHOLE) * minor.cast(WHOLE) * _MICRO).cast(WHOLE))
    found = quotient(halves, "_halves", "_over", "_units")
    sign = (found.weighted < 0).ifelse(-1, 1).cast(WHOLE)
    cost = found.weighted.isnull().ifelse(ibis.null(MONEY), money_of(found["_units"] * found["_minor"] * sign))
    money = ibis.coalesce((cost + found.sure).cast(MONEY), cost, found.sure)
    return found.select("case", "part", "measure", "currency", "value", "days", "deadline", money=money)


def _interest(log: EventLog, delayed: ir.Table, late: LateInterest) -> dict[str, ir.Value]:
    """``owed_by``, rates (in millionths) times days of delay, and ``fee``; missing where there is no delay, and where a day of it has no rate."""
    import ibis

    currencies = log.facts.currencies or ("",)
    parts = [(currency, _weighted(delayed, late, currency)) for currency in currencies]
    weighted, covered, fee = (
        parts[0][1][place]
        if len(parts) == 1
        else ibis.cases(*((delayed.currency == currency, part[place]) for currency, part in parts), else_=ibis.null("int64"))
        for place in range(3)
    )
    known = delayed.late_days.notnull() & (covered == delayed.late_days)
    return {"owed_by": known.ifelse(weighted, ibis.null("int64")), "fee": known.ifelse(money_of(fee), ibis.null(MONEY))}


def _weighted(delayed: ir.Table, late: LateInterest, currency: str) -> tuple[ir.Value, ir.Value, ir.Value]:
    """For one currency: the sum of rate (in millionths) times days, the days that have a rate, and the fee (in millionths)."""
    import ibis

    periods = late.periods(currency or None)
    ends = [*(period.since for period in periods[1:]), None]
    weighted = covered = ibis.literal(0, "int64")
    for period, following in zip(periods, ends, strict=True):
        begins = delayed.due_day + 1
        begins = ibis.greatest(begins, _day(period.since)) if period.since else begins
        until = delayed.due_day + delayed.late_days
        until = ibis.least(until, _day(following) - 1) if following else until
        days = ibis.greatest(until - begins + 1, 0)
        weighted, covered = weighted + days * int(period.rate * _MICRO), covered + days
    return weighted, covered, ibis.literal(int(late.fee.get(currency, 0) * _MICRO), "int64")


def _day(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def money_of(millionths: ir.Value) -> ir.DecimalValue:
    """Money from whole millionths, exactly."""
    import ibis

    return (millionths.cast(WHOLE) * ibis.literal("0.000001").cast(MONEY)).cast(MONEY)


def millionths(money: ir.Value) -> ir.DecimalValue:
    """Money in whole millionths, exactly."""
    import ibis

    return (money * ibis.literal(_MICRO).cast(WHOLE)).cast(WHOLE)


def _capital_lines(log: EventLog, paid: ir.Table, early: int) -> list[ir.Table]:
    """Payment before the last useful day, and the days from the document (or its receipt) to payment, or so far."""
    import ibis

    owed = paid.filter(paid.amount > 0, ~paid.ended_otherwise)
    useful = (owed.discount_class == TAKEN).fill_null(False).ifelse(owed.discount_day, owed.due_day)
    ahead = owed.mutate(days=useful - owed.paid_day).filter(owed.payment_class.isin([ON_TIME, NOT_DUE]), owed.paid.notnull())
    sooner = ahead.filter(ahead.days > early)
    begun = ibis.coalesce(owed.document_day, day_number(local(owed.received, log.zone).date()))
    tied = owed.mutate(days=ibis.coalesce(owed.paid_day, owed.as_of_day) - begun).filter(lambda these: these.days.notnull())
    forward, backward = tied.filter(tied.days >= 0), tied.filter(tied.days < 0)
    state = forward.paid.notnull().ifelse(UP_TO_PAYMENT, STILL_OPEN)
    capital = log.card.money.capital
    if capital is None:
        lines = [_line(sooner, EARLY, ibis.literal(PAID_EARLY), sooner.days), _line(forward, CAPITAL, state, forward.days)]
    else:
        rate = int(capital.rate * _MICRO) * (-1 if capital.side == "payables" else 1)
        lines = [
            _line(sooner, EARLY, ibis.literal(PAID_EARLY), sooner.days, sooner.days * -rate, year=capital.year),
            _line(forward, CAPITAL, state, forward.days, forward.days * rate, year=capital.year),
        ]
    return [*lines, _line(backward, CAPITAL, ibis.literal(f"{NOT_COUNTED}paid before the day of the document"))]
