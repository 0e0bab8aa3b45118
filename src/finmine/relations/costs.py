"""Costs: what each unit costs, in labour and beside it, in one currency, and what that rests on.

The labour of a unit is its paid time at the rate of who did it; beside that stands the fixed cost of its activity. Where neither is
known the unit has no cost, and is counted by the reason. Where the card states costs in several currencies all are told in its
reporting currency, at the rate of the day on which the case started; a unit without such a rate has no cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from finmine.errors import Refusal
from finmine.relations.hands import hand_labels, hands
from finmine.relations.instants import local_month
from finmine.relations.labour import PaidWork, knows_labour, labour, paid_work
from finmine.relations.money_lines import MONEY
from finmine.relations.paid_time import DECLARED, FITTED, RECORDED, labour_gap
from finmine.relations.reporting import at_rate, exchange_rate
from finmine.relations.tables import activity_labels, case_table
from finmine.relations.traces import VARIANT_KEY, traces
from finmine.relations.units import units
from finmine.relations.valid_days import valid_on
from finmine.relations.whole_division import WHOLE

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.finance.periods import Period
    from finmine.log import EventLog

Level: TypeAlias = Literal["log", "case", "variant", "activity", "resource", "role", "month"]

MACHINE, NO_TIME, NO_RATE, NO_EXCHANGE = "machine", "no time known", "no rate", "no exchange rate"
BASES: Final = (RECORDED, DECLARED, FITTED, MACHINE, NO_TIME, NO_RATE, NO_EXCHANGE)
"""What the labour of a unit rests on, or why it has none; each unit is in exactly one."""
GAPS: Final = (NO_TIME, NO_RATE, NO_EXCHANGE)
"""Why the labour of a unit is not known."""
UNPRICED = "nobody can say how long a unit took to which a rate applies, or no rate applies to any of their units"
"""Why it is not known what a case costs."""


class SeveralCurrencies(Refusal):
    """The card states costs in more than one currency and has no reporting currency, so that they cannot be added."""

    def __init__(self, currencies: list[str]) -> None:
        super().__init__(
            f"the card states what work costs in {' and '.join(currencies)}, and costs are told in one currency and never added across several: "
            'state all [[labour]], [[fixed_costs]] and [[capacity]] in one, or name the currency of the answers ([amount] reporting = "EUR") and its rates '
            '([[rates]] currency = "USD", from = 2024-01-01, rate = "0.92"); `money-of-time` tells labour in each currency by itself.'
        )


class NoCost(Refusal):
    """What cases cost was asked of a log of which nothing says it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"what the work of cases costs is not known: {why}.")


def priced_work(log: EventLog) -> PaidWork:
    """What units cost in labour, for a question that compares what cases cost.

    Raises:
        NoCost: the card states no rate that can apply, or the time of no unit is known.
        SeveralCurrencies: the card states costs in several currencies.
    """
    cost_currency(log)
    if not knows_labour(log):
        raise NoCost(labour_gap(log))
    return paid_work(log)


def cost_currency(log: EventLog) -> str | None:
    """The currency in which costs are told: that of the card, the reporting currency where it states several, nothing where it states none.

    Raises:
        SeveralCurrencies: it states several, and has no reporting currency.
    """
    said, rule = _currencies(log), log.card.amount
    if len(said) < 2:
        return said[0] if said else None
    if rule is None or rule.reporting is None:
        raise SeveralCurrencies(said)
    return rule.reporting


def exchange_note(log: EventLog) -> str | None:
    """How costs in several currencies become one, as a caveat; nothing where they are in one."""
    said = _currencies(log)
    if len(said) < 2:
        return None
    return f"Costs are stated in {' and '.join(said)} and told in {cost_currency(log)}, at the rate of the day on which each case started."


def _currencies(log: EventLog) -> list[str]:
    return sorted({rate.currency for rate in log.card.labour_rates} | {one.currency for one in log.card.costs.fixed})


def unit_costs(log: EventLog, work: PaidWork, period: Period | None = None) -> ir.Table:
    """The units that the filters keep (and that were completed in the period), with what they cost.

    case, position, activity, resource, day, ``basis`` (one of ``BASES``), ``gap`` (whether the labour is not known), ``spent`` (paid microseconds, of units
    with labour), ``known_time`` (of all units), ``labour``, ``fixed`` and ``cost`` (both together, missing where neither is known), standard, machine and
    ``declared_time`` as in ``labour``, and ``labour_paid``, the labour in the currency in which it is paid, that is in ``currency``.
    """
    import ibis

    these = labour(log, work)
    if period is not None:
        these = these.filter(these.day.between(*period.days))
    priced = _in_one_currency(log, these)
    reasons = ((priced.machine, MACHINE), (~priced.rated, NO_RATE), (priced.labour_paid.isnull(), NO_TIME), (~priced.exchanged, NO_EXCHANGE))
    basis = ibis.cases(*((reason, ibis.literal(word)) for reason, word in reasons), else_=priced.time_from)
    spent = priced.labour_paid.notnull().ifelse(priced.spent, ibis.null("int64"))
    told = priced.mutate(basis=basis, known_time=priced.spent, spent=spent).mutate(gap=lambda these: these.basis.isin(GAPS))
    nothing = ibis.literal(0).cast(MONEY)
    both = (told.labour.fill_null(nothing) + told.fixed.fill_null(nothing)).cast(MONEY)
    return told.mutate(cost=(told.labour.notnull() | told.fixed.notnull()).ifelse(both, ibis.null(MONEY)))


def _in_one_currency(log: EventLog, these: ir.Table) -> ir.Table:
    """The units as ``labour`` gives them with ``labour_paid``, and labour, fixed and standard in the currency in which costs are told.

    Neither labour nor fixed cost has a unit of which one is not ``exchanged``, for want of a rate: a part would pass for the whole.
    """
    import ibis

    fixed, fixed_in = _fixed(log, these)
    told = these.mutate(labour_paid=these.cost, labour=these.cost, fixed=fixed)
    columns = [name for name in told.columns if name != "cost"]
    if len(_currencies(log)) < 2:
        return told.select(*columns, exchanged=ibis.literal(True))
    started = traces(log).select("case", "started")
    dated = told.mutate(fixed_in=fixed_in).join(started, "case")
    rated = dated.mutate(of_labour=exchange_rate(log, dated.currency, dated.started), of_fixed=exchange_rate(log, dated.fixed_in, dated.started))
    lost = (rated.labour.notnull() & rated.of_labour.isnull()) | (rated.fixed.notnull() & rated.of_fixed.isnull())
    known = rated.mutate(exchanged=~lost)
    return known.mutate(
        labour=known.exchanged.ifelse(at_rate(known.labour, known.of_labour, 6), ibis.null(MONEY)),
        fixed=known.exchanged.ifelse(at_rate(known.fixed, known.of_fixed, 6), ibis.null(MONEY)),
        standard=at_rate(known.standard, known.of_labour, 0).cast("int64"),
    ).select(*columns, "exchanged")


def _fixed(log: EventLog, these: ir.Table) -> tuple[ir.Value, ir.Value]:
    """The fixed cost of each unit, and its currency."""
    import ibis

    codes = {label: code for code, label in enumerate(log.activity_names())}
    costs = [((these.activity == codes[one.activity]) & valid_on(these.day, one), one) for one in log.card.costs.fixed if one.activity in codes]
    if not costs:
        return ibis.null(MONEY), ibis.null("string")
    amounts = [(applies, ibis.literal(f"{one.cost:f}").cast(MONEY)) for applies, one in costs]
    currencies = [(applies, ibis.literal(one.currency)) for applies, one in costs]
    return ibis.cases(*amounts, else_=ibis.null(MONEY)), ibis.cases(*currencies, else_=ibis.null("string"))


def sums(these: ir.Table) -> dict[str, ir.Scalar]:
    """What units cost together: units, cases, how many have a cost, paid time, labour, fixed and both, exact; what machines alone do costs nought.

    ``unknown_units`` are those whose labour is not known, ``unknown_cases`` the cases with such units.
    """
    import ibis

    return {
        "units": these.count(),
        "cases": these.case.nunique(),
        "priced_units": these.cost.count(),
        "unknown_units": these.count(where=these.gap),
        "unknown_cases": these.case.nunique(where=these.gap),
        "spent": these.spent.cast(WHOLE).sum(),
        "labour_cost": these.labour.sum().cast(MONEY),
        "fixed_cost": these.fixed.sum().cast(MONEY),
        "cost": ibis.coalesce(these.cost.sum().cast(MONEY), these.machine.all().ifelse(ibis.literal(0).cast(MONEY), ibis.null(MONEY))),
    }


def costs_by(log: EventLog, these: ir.Table, level: Level, groups: list[str], most: int) -> ir.Table:
    """The costs at a level (of each group): code, label, the sums of ``sums`` and ``of_rows``, how many rows there are.

    Cases and variants are the ``most`` that cost most; the code of a variant is its first case.
    """
    import ibis

    keys = [*groups, *(VARIANT_KEY if level == "variant" else ("code",))]
    coded = coded_units(log, these, level)
    found = coded.group_by(keys).aggregate(**sums(coded), **({"code": coded.case.min()} if level == "variant" else {}))
    if level in ("case", "variant"):
        whole = ibis.window(group_by=groups)
        placed = found.mutate(
            of_rows=found.count().over(whole),
            place=ibis.row_number().over(ibis.window(group_by=groups, order_by=[found.cost.desc(nulls_first=False), "code"])),
        )
        found = placed.filter(placed.place < most).drop("place")
    named = _named(log, found, level)
    order = ["code"] if level == "month" else [named.cost.desc(nulls_first=False), named.units.desc(), "label", "code"]
    return named.order_by([*groups, *order])


def coded_units(log: EventLog, these: ir.Table, level: Level) -> ir.Table:
    """The units with ``code``, that of their row at a level; of variants with the key of theirs instead."""
    import ibis

    if level == "log":
        return these.mutate(code=ibis.literal(0, "int32"))
    if level in ("resource", "role"):
        hand = hands(log, level).select("case", "position", code="hand")
        return these.join(hand, ["case", "position"]).select(*these.columns, "code")
    if level == "month":
        times = units(log).select("case", "position", "time")
        joined = these.join(times, ["case", "position"])
        return joined.select(*these.columns, code=local_month(joined.time, log.zone))
    if level == "variant":
        return these.join(traces(log).select("case", *VARIANT_KEY), "case").select(*these.columns, *VARIANT_KEY)
    return these.mutate(code=these[level])


def _named(log: EventLog, these: ir.Table, level: Level) -> ir.Table:
    import ibis

    if level in ("log", "variant"):
        return these.mutate(label=ibis.null("string"))
    if level == "month":
        return these.mutate(label=these.code)
    if level in ("resource", "role"):
        labels = hand_labels(log, level).select(code="hand", label="label")
    else:
        held = case_table(log) if level == "case" else activity_labels(log)
        labels = held.select(code=held[level], label="label")
    return these.left_join(labels, "code").select(*these.columns, "label")


def units_of(log: EventLog, these: ir.Table, level: Level, code: int | str | None, key: dict[str, int] | None) -> ir.Table:
    """The units of one row at a level; of a variant by the key of it."""
    import ibis

    coded = coded_units(log, these, level)
    if key is not None:
        return coded.filter(*(coded[name] == value for name, value in key.items()))
    return coded.filter(coded.code.identical_to(ibis.literal(code, coded.code.type())))


def by_basis(these: ir.Table, labels: ir.Table) -> ir.Table:
    """What the costs of each activity rest on: activity, units, how many of them in each of ``BASES``, and ``timeless``, whose recorded time is nought."""
    counted = {name: these.count(where=these.basis == name) for name in BASES}
    counted["timeless"] = these.count(where=(these.basis == RECORDED) & (these.spent == 0))
    found = these.group_by("activity").aggregate(units=these.count(), with_fixed=these.fixed.count(), **counted)
    named = found.join(labels, "activity").rename(code="activity", activity="label")
    return named.order_by([named.units.desc(), "activity"])


def case_costs(log: EventLog, work: PaidWork) -> ir.Table:
    """What each case costs: case, ``cost``, missing where nothing of it has one, or the time of a unit with a rate, or its exchange rate, is not known.

    A case on which only machines work costs no labour.
    """
    import ibis

    priced = _in_one_currency(log, labour(log, work))
    told = priced.group_by("case").aggregate(
        **{name: priced[name].sum().cast(MONEY) for name in ("labour", *(("fixed",) if log.card.costs.fixed else ()))},
        gaps=priced.count(where=(priced.rated & priced.labour.isnull()) | ~priced.exchanged),
        machine=priced.machine.all(),
    )
    both = [told[name] for name in ("labour", "fixed") if name in told.columns]
    cost = both[0] if len(both) == 1 else ibis.coalesce((both[0] + both[1]).cast(MONEY), *both)
    of_machines = told.machine.ifelse(ibis.literal(0).cast(MONEY), ibis.null(MONEY))
    return told.select("case", cost=(told.gaps == 0).ifelse(ibis.coalesce(cost, of_machines), ibis.null(MONEY)))
