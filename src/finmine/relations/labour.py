"""Labour: what the paid time of units costs, at the card's rate for who did it on the day of its completion.

It is found once for all units as read, whatever the filters of a question: who works on what is a matter of the whole log.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from finmine.arrays import Lent
from finmine.engine import quoted_name
from finmine.finance.labour import LEVELS
from finmine.relations.calendars import Calendars, calendars
from finmine.relations.card_hands import AbsentHand, absent_hands, machines
from finmine.relations.found_once import found_once
from finmine.relations.hands import hands_recorded
from finmine.relations.instants import day_number, local
from finmine.relations.money_lines import LABOUR, MONEY, money_of
from finmine.relations.paid_time import FITTED, asks_for_time, known_paid_time, paid_time, timed_units
from finmine.relations.time_drivers import unmet_drivers
from finmine.relations.time_equations import FittedTimes, fit_times, fitted
from finmine.relations.units import units
from finmine.relations.valid_days import valid_on
from finmine.relations.whole_division import WHOLE
from finmine.words import HOUR

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.finance.labour import LabourRate
    from finmine.log import EventLog

_MICRO, _THOUSAND = 10**6, 1000
_UNIT = ("case", "position", "activity", "resource")
_LABOUR = ("day", "spent", "time_from", "declared_time", "currency", "standard", "rated", "machine", "cost")


@dataclass(frozen=True, slots=True)
class PaidWork:
    """What each unit of a log as read takes and costs in labour, in a table of the engine (none where none is asked for).

    ``calendars`` are those by which work is paid, ``shares`` the kernel that divides the time of resources; ``sql`` makes the table.
    ``fitted`` are the unit times that were fitted, where the card asks for that; ``unmet`` the drivers of declared equations, ``absent`` the roles and
    resources of the card that the log does not have.
    """

    calendars: Calendars
    shares: tuple[Lent, ...]
    table: ir.Table | None
    sql: str
    fitted: FittedTimes | None = None
    unmet: tuple[str, ...] = ()
    absent: tuple[AbsentHand, ...] = ()

    def script(self) -> tuple[str, ...]:
        """The statements that make the table, which rests on the calendars and the shares."""
        if self.table is None:
            return ()
        name = quoted_name(self.table.get_name())
        words = self.fitted.words() if self.fitted else ()
        return (*words, "-- the paid time and labour of each unit as read (spent, cost)", f"CREATE TABLE {name} AS {self.sql}")


def paid_work(log: EventLog, hours: Calendars | None = None) -> PaidWork:
    """What each unit of the log costs in labour, whatever its filters; a kernel runs here, time equations are fitted, and the table is made.

    Raises:
        TooFewTimes, CollinearDrivers: the time equations of the card cannot be fitted.
    """
    whole, applied = log.as_read(), hours or calendars(log)
    made = partial(_paid_work, whole, applied)
    if applied is not calendars(log):
        return made()
    return found_once(log, paid_work, made, lambda work: [] if work.table is None else [work.table.get_name()])


def _paid_work(whole: EventLog, hours: Calendars) -> PaidWork:
    import ibis

    paid = paid_time(whole, hours)
    if not asks_for_time(whole):
        return PaidWork(paid.calendars, paid.shares, None, "", absent=absent_hands(whole))
    timed = timed_units(whole, paid)
    timed = timed.mutate(day=_day(whole, timed))
    found = fit_times(whole, timed, paid.calendars)
    priced = _priced(whole, timed if found is None else _with_fitted(whole, timed, found))
    name, sql = whole.engine.name("labour"), whole.engine.compile(priced)
    whole.engine.run(f"CREATE TABLE {quoted_name(name)} AS {sql}")
    return PaidWork(paid.calendars, paid.shares, ibis.table(priced.schema(), name=name), sql, found, unmet_drivers(whole), absent_hands(whole))


def _with_fitted(log: EventLog, timed: ir.Table, found: FittedTimes) -> ir.Table:
    """The units of which no time is recorded or declared have that of their equation."""
    import ibis

    these = fitted(log, timed, found)
    source = ibis.coalesce(these.time_from, these.fitted.notnull().ifelse(ibis.literal(FITTED), ibis.null("string")))
    return these.mutate(spent=ibis.coalesce(these.spent, these.fitted), time_from=source).select(*timed.columns)


def knows_labour(log: EventLog) -> bool:
    """Whether a rate and the time of any unit are known."""
    return bool(log.card.labour_rates) and known_paid_time(log)


def labour(log: EventLog, work: PaidWork) -> ir.Table:
    """The units that the filters keep, with what they cost.

    case, position, activity, resource, ``day`` (of completion, in the log's zone), ``spent`` (the paid time in microseconds, missing
    where nobody can say), ``time_from``, ``declared_time``, currency, ``rated`` (whether a rate applies), ``machine`` (whether a machine did it that no rate
    names), ``standard`` (the standard rate in millionths of the currency) and ``cost``, rounded to a millionth of the currency in each unit.
    """
    import ibis

    these = units(log).select(*_UNIT, "time", "source", "row")
    if work.table is not None:
        return these.join(work.table, ["case", "source", "row"]).select(*_UNIT, *_LABOUR)
    missing = {"spent": "int64", "time_from": "string", "declared_time": "int64", "currency": "string", "standard": "int64", "cost": MONEY}
    nothing = {name: ibis.null(kind) for name, kind in missing.items()}
    return these.select(
        "case", "position", "activity", "resource", day=_day(log, these), rated=ibis.literal(False), machine=ibis.literal(False), **nothing
    )


def _priced(log: EventLog, these: ir.Table) -> ir.Table:
    """One row for each unit (with ``day``, ``spent`` and ``time_from``): case, source, row, and what ``labour`` tells of it."""
    import ibis

    rates, named = log.card.labour_rates, machines(log)
    for level in LEVELS[:-1]:
        if level in named or any(rate.level == level for rate in rates):
            values, keys = hands_recorded(log, level)
            these = these.left_join(values.rename(**{level + "_name": "value"}), keys, rname="{name}_of_" + level)
    person = ibis.and_(ibis.literal(True), *(~these[f"{level}_name"].strip().lower().isin(names).fill_null(False) for level, names in named.items()))
    decided = [(_applies(these, rate, person), rate) for level in LEVELS for rate in rates if rate.level == level]
    rated = these.mutate(
        person=person,
        per_hour=_first([(applies, _millionths(rate)) for applies, rate in decided], "int64"),
        standard=_first([(applies, _millionths(rate, standard=True)) for applies, rate in decided], "int64"),
        currency=_first([(applies, rate.currency) for applies, rate in decided], "string"),
    )
    known = rated.spent.notnull() & rated.currency.notnull()
    return rated.select(
        *("case", "source", "row", "day", "spent", "time_from", "declared_time", "currency", "standard"),
        rated=rated.currency.notnull(),
        machine=~rated.person & rated.currency.isnull(),
        cost=known.ifelse(money_of(_at_rate(rated.spent, rated.per_hour)), ibis.null(MONEY)),
    )


def _at_rate(spent: ir.IntegerValue, per_hour: ir.IntegerValue) -> ir.IntegerValue:
    """Time at a rate (in millionths of the currency an hour), rounded to a millionth, halves up.

    Whole hours are multiplied as they are. Of the rest the rate is taken in thousands and what is left of them, so that no product
    leaves 64 bits, and each quotient is small enough to be exact.
    """
    rest, small = spent % HOUR, per_hour % _THOUSAND
    large = _divided(per_hour - small, _THOUSAND) * rest
    left = (large % HOUR) * _THOUSAND + small * rest
    halves = left * 2 + HOUR
    return (
        per_hour * _divided(spent - rest, HOUR) + _divided(large - large % HOUR, HOUR) * _THOUSAND + _divided(halves - halves % (2 * HOUR), 2 * HOUR)
    )


def _divided(whole: ir.IntegerValue, by: int) -> ir.IntegerValue:
    """A multiple of a number divided by it."""
    return (whole / by).round().cast("int64")


def _day(log: EventLog, these: ir.Table) -> ir.IntegerColumn:
    return day_number(local(these.time, log.zone).date())


def _first(branches: list[tuple[ir.BooleanValue, object]], kind: str) -> ir.Value:
    """The value of the first branch that applies; missing where none does."""
    import ibis

    return ibis.cases(*branches, else_=ibis.null(kind)) if branches else ibis.null(kind)


def _millionths(rate: LabourRate, *, standard: bool = False) -> int:
    return int((rate.standard if standard and rate.standard is not None else rate.rate) * _MICRO)


def _applies(these: ir.Table, rate: LabourRate, person: ir.BooleanValue) -> ir.BooleanValue:
    """Whether a rate is that of a unit: the resource or role that it names (of all others: people), and the days on which it is valid."""
    who = person if rate.level == "default" else these[f"{rate.level}_name"] == rate.name
    return who & valid_on(these.day, rate)


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
    """The units of each activity in each currency: units, ``unknown`` (with a rate, and without a known time), ``priced``, spent, cost."""
    found = units_paid.group_by(["activity", "currency"]).aggregate(
        units=units_paid.count(),
        unknown=units_paid.count(where=units_paid.rated & units_paid.spent.isnull()),
        priced=units_paid.cost.count(),
        spent=units_paid.spent.cast(WHOLE).sum(),
        cost=units_paid.cost.sum(),
    )
    named = found.join(labels, "activity").rename(code="activity", activity="label")
    return named.order_by([named.cost.desc(), "activity", "currency"])
