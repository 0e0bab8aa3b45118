"""Labour: what the processing time of units costs, at the card's rate for who did it on the day of its completion.

Where calendars apply, only working time is paid: work that is left open overnight costs nothing for the night. Of time for which a unit
was suspended nothing is paid either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.finance.labour import LEVELS
from finmine.relations.attributes import case_value_of, recorded_case_values, recorded_unit_values
from finmine.relations.calendars import Calendars, unit_calendars
from finmine.relations.instants import day_number, local
from finmine.relations.money_lines import LABOUR, MONEY, money_of
from finmine.relations.processing import processed
from finmine.relations.tables import recorded_names
from finmine.relations.units import units
from finmine.relations.whole_division import WHOLE, quotient
from finmine.relations.working_time import working_time
from finmine.words import HOUR

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.finance.labour import LabourRate
    from finmine.log import EventLog

_MICRO = 10**6


def labour(log: EventLog, found: Calendars) -> ir.Table:
    """The units that the filters keep, with what they cost: case, position, activity, spent, currency, cost.

    ``spent`` is the paid time in microseconds, missing where no start (or, with calendars, no calendar) is known; ``rated`` says whether
    a rate applies. ``cost`` is rounded to a millionth of the currency in each unit.
    """
    import ibis

    these = _timed(log, found)
    for level in LEVELS[:-1]:
        if any(rate.level == level for rate in log.card.money.labour):
            these = these.left_join(_values(log, level).rename(**{level + "_name": "value"}), _keys(log, level), rname="{name}_of_" + level)
    day = day_number(local(these.time, log.zone).date())
    decided = [(_applies(these, day, rate), rate) for level in LEVELS for rate in log.card.money.labour if rate.level == level]
    per_hour = ibis.cases(*((applies, int(rate.rate * _MICRO)) for applies, rate in decided), else_=ibis.null("int64"))
    currency = ibis.cases(*((applies, rate.currency) for applies, rate in decided), else_=ibis.null("string"))
    rated = these.mutate(per_hour=per_hour, currency=currency)
    halves = rated.mutate(_halves=(rated.spent.fill_null(0).cast(WHOLE) * rated.per_hour.fill_null(0).cast(WHOLE) * 2 + HOUR).cast(WHOLE))
    cost = quotient(halves, "_halves", 2 * HOUR, "_cost")
    known = cost.spent.notnull() & cost.currency.notnull()
    return cost.select(
        "case",
        "position",
        "activity",
        "spent",
        "currency",
        rated=cost.currency.notnull(),
        cost=known.ifelse(money_of(cost["_cost"]), ibis.null(MONEY)),
    )


def _timed(log: EventLog, found: Calendars) -> ir.Table:
    """Units with ``spent``: the working time of their calendars, where the card declares some, else the time that passed."""
    import ibis

    if not found.calendars:
        these = processed(units(log))
        return these.rename(spent="processing")
    worked = processed(working_time(unit_calendars(log, found), found, "start", "time"))
    known = worked.worked.notnull() & worked.processing.notnull()
    return worked.mutate(spent=known.ifelse(ibis.least(worked.worked, worked.processing), ibis.null("int64")))


def _keys(log: EventLog, level: str) -> list[str]:
    if level == "resource":
        return ["resource"]
    return ["case"] if case_value_of(log, level) else ["case", "position"]


def _values(log: EventLog, level: str) -> ir.Table:
    if level == "resource":
        return recorded_names(log).rename(value="label")
    return recorded_case_values(log, level) if case_value_of(log, level) else recorded_unit_values(log, level, units(log))


def _applies(these: ir.Table, day: ir.IntegerColumn, rate: LabourRate) -> ir.BooleanValue:
    """Whether a rate is that of a unit: the resource or role that it names, and the days on which it is valid."""
    from datetime import date

    origin = date(1970, 1, 1)
    who = day.notnull() if rate.level == "default" else these[f"{rate.level}_name"] == rate.name
    for since in [rate.since] if rate.since else []:
        who &= day >= (since - origin).days
    for until in [rate.until] if rate.until else []:
        who &= day <= (until - origin).days
    return who


def labour_lines(units_paid: ir.Table) -> ir.Table:
    """The labour of each case in each currency, as lines of money."""
    import ibis

    priced = units_paid.filter(units_paid.cost.notnull())
    of_cases = priced.group_by(["case", "currency"]).aggregate(money=priced.cost.sum().cast(MONEY))
    return of_cases.select(
        "case",
        part=ibis.literal(LABOUR),
        measure=ibis.literal(LABOUR),
        currency=of_cases.currency,
        value=ibis.null(MONEY),
        days=ibis.null("int64"),
        deadline=ibis.null("int64"),
        money=of_cases.money,
    )


def labour_by_activity(units_paid: ir.Table, labels: ir.Table) -> ir.Table:
    """The units of each activity in each currency: units, ``unknown`` (without a known time), ``priced``, spent, cost."""
    found = units_paid.group_by(["activity", "currency"]).aggregate(
        units=units_paid.count(),
        unknown=units_paid.spent.isnull().sum(),
        priced=units_paid.cost.count(),
        spent=units_paid.spent.cast(WHOLE).sum(),
        cost=units_paid.cost.sum(),
    )
    named = found.join(labels, "activity").rename(code="activity", activity="label")
    return named.order_by([named.cost.desc(), "activity", "currency"])
