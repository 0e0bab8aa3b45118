"""Totals of a log: money by currency and month, cases by status, and how many variants either reading of its rows has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.groups import grouped
from finmine.relations.instants import local_month
from finmine.relations.tables import units_table
from finmine.relations.traces import VARIANT_KEY, trace_facts, traces
from finmine.relations.units import units
from finmine.words import MINUTE

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

# The offsets of zones are whole quarters of an hour, so all stamps of a quarter are in one month.
_QUARTER = 15 * MINUTE


def sizes(log: EventLog) -> ir.Table:
    """One row: units, activities, resources, first start or completion, last completion, ties and variants."""
    these = units(log)
    counted = these.aggregate(
        activities=these.activity.nunique(),
        resources=these.resource.nunique(),
        ties=(these.next_time == these.time).sum().coalesce(0),
    )
    cases = traces(log)
    spanned = cases.aggregate(units=cases.length.sum(), first=cases.started.min(), last=cases.ended.max())
    distinct = cases.select(*VARIANT_KEY).distinct()
    return counted.cross_join(spanned).cross_join(distinct.aggregate(variants=distinct.count()))


def readings(log: EventLog) -> ir.Table:
    """The log read event by event and, where rows pair, as instances: reading, units, cases, variants.

    Filters of cases hold for both; where events are filtered only the reading that was filtered is given.
    """
    import ibis

    kept = units(log)
    both = {"event": log.tables.events, "instance": log.tables.instances}
    if log.edited or log.tables.events == log.tables.instances:
        return _reading(log.facts.unit, kept)
    found = [_reading(name, units_table(read).semi_join(kept, "case") if log.filters else units_table(read)) for name, read in both.items()]
    return ibis.union(*found).order_by("reading")


def _reading(name: str, these: ir.Table) -> ir.Table:
    import ibis

    facts = trace_facts(these)
    distinct = facts.select(*VARIANT_KEY).distinct()
    counted = facts.aggregate(reading=ibis.literal(name), units=facts.length.sum(), cases=facts.count())
    return counted.cross_join(distinct.aggregate(variants=distinct.count()))


def group_sizes(log: EventLog, by: str) -> ir.Table:
    """Each group of cases by an attribute: cases with their share, units, variants, median throughput time and value."""
    import ibis

    cases = grouped(log, traces(log), by)
    found = cases.group_by("group").aggregate(
        cases=cases.count(), units=cases.length.sum(), median=cases.throughput.quantile(0.5).round().cast("int64"), value=cases.money.sum()
    )
    shared = found.mutate(cases_share=found.cases.cast("float64") / found.cases.sum().over(ibis.window()).cast("float64"))
    distinct = cases.select("group", *VARIANT_KEY).distinct().group_by("group").aggregate(variants=lambda these: these.count())
    return shared.join(distinct, "group").order_by(ibis.desc("cases"), "group")


def statuses(log: EventLog, by: str | None = None) -> ir.Table:
    """The cases (of each group) by status and outcome: status, outcome, cases, cases_share, value."""
    import ibis

    cases, groups = grouped(log, traces(log), by), ["group"] if by else []
    found = cases.group_by([*groups, "status", "outcome"]).aggregate(cases=cases.count(), value=cases.money.sum())
    shared = found.mutate(cases_share=found.cases.cast("float64") / found.cases.sum().over(ibis.window(group_by=groups)).cast("float64"))
    return shared.order_by(*groups, "status", ibis.desc("cases"), "outcome")


def money_by_currency(log: EventLog, by: str | None = None) -> ir.Table:
    """The amounts of the cases (of each group) by currency, credits counted apart as well; cases without amount have a row of their own."""
    import ibis

    cases, groups = grouped(log, traces(log), by), ["group"] if by else []
    currency = cases.amount.notnull().ifelse(cases.currency, ibis.null("string"))
    amounts = cases.select(*groups, currency=currency, amount=cases.amount, has_amount=cases.amount.notnull())
    return _sums(amounts, [*groups, "has_amount", "currency"]).order_by(*groups, ibis.desc("has_amount"), ibis.desc("cases"), "currency")


def reported_money(log: EventLog, by: str | None = None) -> ir.Table:
    """The amounts (of each group) in the reporting currency; cases with an amount and no rate have a row of their own."""
    import ibis

    cases, groups = grouped(log, traces(log), by), ["group"] if by else []
    known = cases.filter(cases.amount.notnull())
    amounts = known.select(*groups, amount=known.reported, has_amount=known.reported.notnull())
    return _sums(amounts, [*groups, "has_amount"]).order_by(*groups, ibis.desc("has_amount"))


def money_by_month(log: EventLog) -> ir.Table:
    """The cases and their amounts by the month of their start, in the zone of the log, and by currency."""
    cases = traces(log)
    quarters = cases.group_by(quarter=cases.started - cases.started % _QUARTER, currency=cases.currency).aggregate(
        cases=cases.count(), value=cases.amount.sum()
    )
    dated = quarters.mutate(months=local_month(quarters.quarter, log.zone))
    found = dated.group_by(["months", "currency"]).aggregate(cases=dated.cases.sum().cast("int64"), value=dated.value.sum())
    return found.order_by("months", "currency")


def _sums(amounts: ir.Table, keys: list[str]) -> ir.Table:
    credit = amounts.amount < 0
    return amounts.group_by(keys).aggregate(
        cases=amounts.count(),
        value=amounts.amount.sum(),
        credit_cases=credit.sum().coalesce(0),
        credit_value=amounts.amount.sum(where=credit),
    )
