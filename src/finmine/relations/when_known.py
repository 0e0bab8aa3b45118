"""When a case shows what it has: the share of its throughput time that has passed by then.

An activity shows when it is completed first, a repeated one when it is completed a second time, a pair when its second is
completed, and a recorded value with the unit that has it first. What the source copies onto every row shows with the first unit,
whenever people came to know it; of values that are kept for whole cases nobody can say. Cases that take no time say nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from finmine.relations.attributes import case_value_of, unit_values
from finmine.relations.path_features import ACTIVITY, PAIR, REPEATED
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def features_known(log: EventLog, cases: ir.Table) -> ir.Table:
    """For each activity, repeated activity and pair of these cases (with ``started`` and ``throughput``): kind, first, second, cases, ``known``."""
    import ibis

    these = units(log).semi_join(cases, "case")
    again = these.mutate(nth=ibis.row_number().over(ibis.window(group_by=["case", "activity"], order_by="position")))
    followed = these.filter(these.next_activity.notnull())
    nothing = ibis.null("int32")
    shown = (
        _shown(ACTIVITY, these, these.activity, nothing, these.time),
        _shown(REPEATED, again.filter(again.nth == 1), again.activity, nothing, again.time),
        _shown(PAIR, followed, followed.activity, followed.next_activity, followed.next_time),
    )
    whole = ibis.union(*shown)
    first = whole.group_by("case", "kind", "first", "second").aggregate(at=whole.at.min())
    return _median(cases, first, "kind", "first", "second").order_by("kind", "first", "second")


def values_known(log: EventLog, cases: ir.Table, columns: Mapping[str, str]) -> ir.Table | None:
    """For each column that holds values of units (and the attribute it holds): column, cases, ``known``, ``copied`` and ``differing``; nothing where there is none.

    ``copied`` is the share of the cases in which every unit has the same value, as in a source that copies onto every row what it may have
    known at the end only; ``differing`` counts the cases with more than one value.
    The amount, whose column is ``money``, is known with the first unit that has one where the card takes the first, and else with
    the last, unless all are the same and not added up.
    """
    import ibis

    role, rule = log.card.role("amount"), log.card.amount
    taken = rule.take if rule is not None and rule.level == "event" else "first"
    named = {column: (role or name) if column == "money" else name for column, name in columns.items()}
    found = []
    for column, name in named.items():
        if case_value_of(log, name):
            continue
        these = _recorded(log, cases, name)
        late = ibis.literal(column == "money" and taken != "first") & ((these.low != these.high) | (taken == "sum"))
        alike = these.low == these.high
        copied = alike & (these.recorded == these.units) & (these.units > 1)
        at = late.ifelse(these.last, these.earliest)
        found.append(these.select("case", column=ibis.literal(column), at=at, copied=copied.cast("int64"), differs=(~alike).cast("int64")))
    if not found:
        return None
    shown = _passed(cases, ibis.union(*found) if len(found) > 1 else found[0])
    told = {"cases": shown.count(), "known": shown.passed.quantile(0.5), "copied": shown.copied.mean(), "differing": shown.differs.sum()}
    return shown.group_by("column").aggregate(**told).order_by("column")


def _recorded(log: EventLog, cases: ir.Table, name: str) -> ir.Table:
    """For each case that has the attribute recorded: when first and last, the least and greatest value, in how many units, and of how many."""
    these = units(log).semi_join(cases, "case")
    timed = unit_values(log, name, these).join(these.select("case", "position", "time"), ["case", "position"])
    held = timed.group_by("case").aggregate(
        earliest=timed.time.min(), last=timed.time.max(), low=timed.value.min(), high=timed.value.max(), recorded=timed.count()
    )
    return held.join(these.group_by("case").aggregate(units=these.count()), "case")


def _shown(kind: int, these: ir.Table, first: ir.Value, second: ir.Value, at: ir.Value) -> ir.Table:
    import ibis

    return these.select("case", kind=ibis.literal(kind), first=first, second=second, at=at)


def _median(cases: ir.Table, shown: ir.Table, *keys: str) -> ir.Table:
    """The median share of the throughput time that has passed when cases show something, by keys."""
    passed = _passed(cases, shown)
    return passed.group_by(list(keys)).aggregate(cases=passed.count(), known=passed.passed.quantile(0.5))


def _passed(cases: ir.Table, shown: ir.Table) -> ir.Table:
    """What is shown, with the share of the throughput time of its case that has passed by then."""
    spans = cases.filter(cases.throughput > 0).select("case", "started", "throughput")
    held = shown.join(spans, "case")
    return held.mutate(passed=(held["at"] - held.started) / held.throughput)
