"""The money of time by unit: labour, lost discounts, late interest and capital, charged to the units before which their time passed.

Labour is that of the unit itself. A lost discount and what lateness costs are divided among the steps from receipt to the day that passed, and
capital among those from the document to its payment, each by the time spent on them (see ``blame``); what falls on a step is that of the unit
the step leads to. Time after the last unit of a case leads to none: there the ``position`` is missing. So the money of any set of
units adds up, and that of all units is the money of time of the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from finmine.engine import Rows, quoted_name
from finmine.errors import Refusal
from finmine.relations.blame import blame
from finmine.relations.instants import midnight
from finmine.relations.labour import PaidWork, knows_labour, labour, paid_work
from finmine.relations.milestones import milestones
from finmine.relations.money_lines import CAPITAL, DISCOUNTS, LABOUR, LATENESS, MONEY, STILL_OPEN, UP_TO_PAYMENT, payment_lines
from finmine.relations.money_of_time import losses
from finmine.relations.payments import Payments, held_payments
from finmine.relations.reporting import in_reporting_currency
from finmine.relations.units import steps_to
from finmine.words import plural

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog
    from finmine.relations.calendars import Calendars

PARTS = (LABOUR, DISCOUNTS, LATENESS, CAPITAL)
"""The parts of money, in the order in which they are told."""
_COLUMNS = {"case": "int32", "position": "int32", "part": "string", "currency": "string", "money": MONEY}


class NothingPrices(Refusal):
    """What time costs was asked of a log of which neither columns nor card say it."""

    def __init__(self, starts: bool) -> None:
        super().__init__(f"nothing says what time costs in this log. {declare(starts)}")


class SeveralCurrencies(Refusal):
    """One sum of money was asked for, and there are several currencies without rates between them."""

    def __init__(self, currencies: tuple[str | None, ...]) -> None:
        names = " and ".join(currency or "no named currency" for currency in currencies)
        first = next(currency for currency in currencies if currency)
        super().__init__(
            f"what time costs is in {names}, and money is never added across currencies. Look at one of them, as in --keep-cases \"currency = '{first}'\", "
            'or declare a reporting currency and dated rates on the card: [amount] reporting = "EUR", [[rates]] currency = "USD", from = 2024-01-01, rate = "0.92".'
        )


def declare(starts: bool) -> str:
    """What to declare on the card so that time has a price."""
    labour_rate = '[[labour]] rate = "38.50", currency = "EUR"' + (
        "" if starts else ' (without a column of starts together with [unit_times] "Post invoice" = "4min")'
    )
    terms = '[milestones] paid = ["Pay invoice"] together with [capital] rate = "0.08", with [late_interest] rate = "0.09" and a column due_date'
    return f"Declare on the card what applies: {labour_rate}; {terms}, or with columns discount and discount_date under [attributes]."


@dataclass(frozen=True, slots=True, eq=False)
class MoneyOfUnits:
    """The money of a log by unit, found once and kept in a table of the engine; its parts that are known, and its currencies.

    ``reporting`` is the currency in which all of it is told, where it is not told in its own.
    """

    log: EventLog
    paid: Payments
    work: PaidWork
    parts: tuple[str, ...]
    name: str
    sql: str
    currencies: tuple[str | None, ...] = ()
    reporting: str | None = None

    @property
    def currency(self) -> str | None:
        """The one currency in which all of it is told."""
        return self.reporting or (self.currencies[0] if self.currencies else None)

    def relation(self) -> ir.Table:
        """One row for each unit and part: case, position, part, currency, money (not nought).

        Capital of payables is a benefit, and below nought. ``position`` is missing for what falls on the time after the last unit of a case. In the
        reporting currency, what has no rate is left out.
        """
        import ibis

        these = ibis.table(_COLUMNS, name=self.name)
        if self.reporting is None:
            return these
        rated = in_reporting_currency(self.log, these)
        return rated.filter(rated.rated).select(*these.columns)

    def costs(self) -> ir.Table:
        """The same without what is a benefit."""
        these = self.relation()
        return these.filter(these.part != CAPITAL) if _benefits(self.log) else these

    def whole(self) -> Rows:
        """What all time costs (``cost``), and how much of that falls on the time after the last unit of a case (``after``)."""
        these = self.costs()
        return self.log.fetch(these.aggregate(cost=these.money.sum().fill_null(0), after=these.money.sum(where=these.position.isnull()).fill_null(0)))

    def limits(self) -> Iterator[str]:
        """What is said beside money: what is a benefit, what has no rate, and in which currency it is told."""
        if CAPITAL in self.parts and _benefits(self.log):
            yield "Capital of payables is a benefit of the time that passes, and in no cost here; `money-of-time` tells it."
        if self.reporting is not None:
            without = self._unrated()
            left = f" Money of {plural(without, 'case')} is left out, because no rate is known." if without else ""
            yield f"Money in several currencies is told in {self.reporting}, at the rate of the day on which the case started.{left}"

    def _unrated(self) -> int:
        rated = in_reporting_currency(self.log, replace(self, reporting=None).relation())
        return int(str(self.log.fetch(rated.filter(~rated.rated).aggregate(cases=lambda these: these.case.nunique())).column("cases")[0]))

    def script(self) -> tuple[str, ...]:
        """The statements that make the tables of the payments, of labour and of the money, for evidence."""
        return (*self.paid.script(), *self.work.script(), "-- the money of time by unit", self._made())

    def _made(self) -> str:
        return f"CREATE TABLE {quoted_name(self.name)} AS {self.sql}"

    def hold(self) -> MoneyOfUnits:
        """Make the table; with the currencies that are in it."""
        self.log.engine.run(self._made())
        found = self.log.fetch(self.relation().select("currency").distinct().order_by("currency"))
        return replace(self, currencies=tuple(None if currency is None else str(currency) for currency in found.column("currency")))


def money_of_units(log: EventLog, hours: Calendars, *, benefits: bool = True) -> MoneyOfUnits | None:
    """The money of time by unit, each currency by itself; nothing where neither columns nor card say what time costs. The query runs here.

    Without ``benefits`` what time brings is not looked for where it also costs something (see ``costs``).
    """
    known, terms = milestones(log), log.card.money
    knows = {
        LABOUR: knows_labour(log),
        DISCOUNTS: known.knows("paid") and "discount" in log.attributes,
        LATENESS: known.knows("paid") and terms.late_interest is not None and "due_date" in log.attributes,
        CAPITAL: known.knows("paid") and terms.capital is not None,
    }
    parts = tuple(part for part in PARTS if knows[part])
    if not parts:
        return None
    paid, work = held_payments(log, known), paid_work(log, hours)
    costs = tuple(part for part in parts if part != CAPITAL or not _benefits(log))
    first, *others = _charges(log, paid, work, parts if benefits or not costs else costs)
    charged = first.union(*others) if others else first
    sql = log.engine.compile(charged.filter(charged.money != 0).cast(_COLUMNS))
    return MoneyOfUnits(log, paid, work, parts, log.engine.name("money"), sql).hold()


def money_in_one_currency(log: EventLog, hours: Calendars) -> MoneyOfUnits:
    """What the time of units costs in one currency: the only one, else the reporting currency of the card.

    Raises:
        NothingPrices: neither columns nor card say what time costs.
        SeveralCurrencies: there are several currencies, and no reporting currency.
    """
    found = money_of_units(log, hours, benefits=False)
    if found is None:
        raise NothingPrices(log.facts.has_start)
    if len(found.currencies) < 2:
        return found
    if log.card.amount is None or log.card.amount.reporting is None:
        raise SeveralCurrencies(found.currencies)
    return replace(found, reporting=log.card.amount.reporting)


def step_costs(log: EventLog, found: MoneyOfUnits) -> ir.Table:
    """One row for each unit whose time costs something: case, position, activity (of the unit before, missing for the first), next_activity, ``cost``."""
    costs = found.costs().filter(lambda these: these.position.notnull()).group_by("case", "position")
    return steps_to(log).join(costs.aggregate(cost=lambda these: these.money.sum()), ["case", "position"])


def _charges(log: EventLog, paid: Payments, work: PaidWork, parts: tuple[str, ...]) -> Iterator[ir.Table]:
    """The parts of the money that are known, as relations of units."""
    import ibis

    hours = work.calendars
    if LABOUR in parts:
        worked = labour(log, work)
        yield worked.filter(worked.cost.notnull()).select("case", "position", part=ibis.literal(LABOUR), currency="currency", money="cost")
    if DISCOUNTS in parts or LATENESS in parts:
        yield _of_units(blame(log, losses(log, paid), hours), 1)
    if CAPITAL in parts:
        tied = _capital(log, paid)
        yield _of_units(blame(log, tied.mutate(money=tied.money.abs()), replace(hours, calendars=())), -1 if _benefits(log) else 1)


def _of_units(divided: ir.Table, sign: int) -> ir.Table:
    """What steps are charged with by time, as that of the units they lead to."""
    position = divided.target.isnull().ifelse(None, divided.place + 1).cast("int32")
    return divided.select("case", "part", "currency", position=position, money=(divided.split * sign).cast(MONEY)).select(*_COLUMNS)


def _benefits(log: EventLog) -> bool:
    """Whether capital is a benefit, as that of payables is."""
    return log.card.money.capital is not None and log.card.money.capital.side == "payables"


def _capital(log: EventLog, paid: Payments) -> ir.Table:
    """What capital costs in each case, with the instants between which it was tied up, as ``blame`` asks for losses."""
    import ibis

    these = paid.relation()
    lines = payment_lines(log, these, 0)
    tied = lines.filter(lines.part == CAPITAL, lines.measure.isin([UP_TO_PAYMENT, STILL_OPEN]), lines.money.notnull(), lines.money != 0)
    day = (ibis.date("1970-01-01") + these.document_day.as_interval("D")).cast("date")
    since = ibis.coalesce(midnight(day, log.zone), these.received)
    spans = these.select("case", received=since, deadline=ibis.coalesce(these.paid, log.facts.extracted))
    return tied.select("case", "part", "currency", "money").join(spans, "case")
