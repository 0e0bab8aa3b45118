"""Measures of times by level: of the log, of variants, activities, edges and resources, for each time of how many it is known and how it is spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import ibis

from finmine.relations.groups import NOT_RECORDED
from finmine.relations.hands import shown_resources
from finmine.relations.tables import activity_labels, resource_labels
from finmine.relations.times import OF_CASES, OF_UNITS
from finmine.relations.traces import VARIANT_KEY

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

Level: TypeAlias = Literal["log", "case", "variant", "activity", "edge", "resource"]

KEYS: dict[Level, tuple[str, ...]] = {
    "log": (),
    "case": (),
    "variant": VARIANT_KEY,
    "activity": ("activity_code",),
    "edge": ("source_code", "target_code"),
    "resource": ("resource_code",),
}
"""The columns by which rows are told apart at each level."""
LABELS: dict[Level, tuple[str, ...]] = {
    "log": (),
    "case": ("case",),
    "variant": ("trace",),
    "activity": ("activity",),
    "edge": ("source_activity", "target_activity"),
    "resource": ("resource",),
}
"""What is shown for them."""
_STARTS = ("processing", "waiting", "start_lag", "idle")


def keyed(log: EventLog, these: ir.Table, level: Level) -> ir.Table:
    """Units with the codes by which they are told at a level; an edge comes from the unit that enabled, or without starts from the unit before."""
    if level == "activity":
        return these.mutate(activity_code=these.activity)
    if level == "resource":
        return these.left_join(shown_resources(log), "resource").select(*these.columns, resource_code="shown")
    if level == "edge" and log.facts.has_start:
        sources = these.select("case", enabler=these.position.cast("int64"), source_code="activity")
        named = these.left_join(sources, ["case", "enabler"]).select(*these.columns, "source_code")
        return named.mutate(target_code=named.activity)
    if level == "edge":
        return these.mutate(source_code=these.activity.lag().over(ibis.window(group_by="case", order_by="position")), target_code=these.activity)
    return these


def times_of_cases(log: EventLog, cases: ir.Table, keys: list[str]) -> list[ir.Table]:
    """The times of cases, one relation for each."""
    return [_measure(cases, name, name, "case", keys) for name in OF_CASES if log.facts.has_start or name not in _STARTS]


def times_of_units(log: EventLog, these: ir.Table, keys: list[str], level: Level) -> list[ir.Table]:
    """The times of units, each of those that can have it; what rests on estimated starts stands apart."""
    first, recorded = these["first"], ~these.estimated if "estimated" in these.columns else ibis.literal(True)
    can = {"processing": ibis.literal(True), "waiting": ~first, "start_lag": first, "gap": these.position > 1}
    told = [name for name in OF_UNITS if log.facts.has_start or name not in _STARTS]
    if level == "edge":
        told = ["waiting"] if log.facts.has_start else ["gap"]
    kept = {name: these.mutate(**{name: recorded.ifelse(these[name], None).cast("int64")}) if name in _STARTS else these for name in told}
    found = [_measure(one.filter(can[name]), name, name, "unit", keys) for name, one in kept.items()]
    if "estimated" in these.columns:
        guessed = these.filter(these.estimated)
        found += [
            _measure(guessed, name, f"{name}_estimated", "unit", keys) for name in ("processing", "waiting") if level != "edge" or name == "waiting"
        ]
    return found


def _measure(these: ir.Table, name: str, time_of: str, per: str, keys: list[str]) -> ir.Table:
    return these.select("case", *keys, time_of=ibis.literal(time_of), per=ibis.literal(per), time=these[name].cast("int64"))


def summed(these: ir.Table, keys: list[str]) -> ir.Table:
    """For each time and key of how many it is known, its sum, its spread, and the first case that has it."""
    known = these.time.count()
    return these.group_by([*keys, "time_of", "per"]).aggregate(
        measured=known,
        not_known=these.count() - known,
        mean=(these.time.sum().cast("decimal(38, 0)") / known.nullif(0)).round().cast("int64"),
        median=these.time.quantile(0.5).round().cast("int64"),
        p90=these.time.quantile(0.9).round().cast("int64"),
        total=these.time.sum().cast("decimal(38, 0)"),
        representative=these.case.min(),
    )


def with_most(these: ir.Table, groups: list[str], most: int) -> ir.Table:
    """The variants (of each group) that hold most throughput time."""
    of_variant = ibis.window(group_by=[*groups, *VARIANT_KEY])
    weighed = these.mutate(weight=(these.time_of == "throughput").ifelse(these.total, None).max().over(of_variant))
    place = ibis.dense_rank().over(ibis.window(group_by=groups, order_by=[ibis.desc("weight"), "representative"]))
    return weighed.mutate(place=place).filter(lambda one: one.place < most).drop("weight").drop("place")


def named(log: EventLog, these: ir.Table, level: Level) -> ir.Table:
    """The rows with the names of their activities or resources."""
    if level == "resource":
        names = resource_labels(log).rename(resource_code="resource", resource="label")
        named = these.left_join(names, "resource_code").drop("resource_code_right")
        return named.mutate(resource=named.resource.fill_null(NOT_RECORDED))
    for code, name in zip(KEYS[level], LABELS[level], strict=True) if level in ("activity", "edge") else ():
        these = these.join(activity_labels(log).rename(**{code: "activity", name: "label"}), code)
    return these
