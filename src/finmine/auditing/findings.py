"""Findings: the breaches of a policy with the units of the log that show them, and how many there are of what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import ibis

from finmine.auditing.grounds import Grounds
from finmine.auditing.policy import SEVERITIES
from finmine.auditing.reasons import code, first_of
from finmine.relations.groups import grouped
from finmine.relations.tables import activity_labels, resource_labels
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

OF_PERSONS = (code("same person"), code("own work"))
_MOST_PEOPLE = 20


def counted(log: EventLog, judged: ir.Table, worth: ir.Table, by: str | None) -> ir.Table:
    """How many cases with how much money got which reason from which rule (of each group)."""
    these = grouped(log, judged.join(worth.select("case", "money"), "case"), by)
    groups = ["group"] if by else []
    found = these.group_by([*groups, "rule", "reason"]).aggregate(cases=these.count(), value=these.money.abs().sum())
    return found.order_by([*groups, "rule", "reason"])


def most_violations(ground: Grounds, judged: ir.Table) -> ir.Table:
    """The resources with most violations of rules about persons: resource, violations (pairs of rule and case), cases."""
    found = judged.filter(judged.reason.isin(OF_PERSONS))
    found = found.select("rule", "case", position=ibis.ifelse(found.reason == code("own work"), found.other, found.one))
    done = found.join(units(ground.log).select("case", "position", "resource"), ["case", "position"])
    named = done.join(resource_labels(ground.log).rename(who="label"), "resource")
    counted = named.group_by("who").aggregate(violations=named.count(), cases=named.case.nunique())
    return counted.rename(resource="who").order_by(ibis.desc("violations"), "resource").limit(_MOST_PEOPLE)


def listed_breaches(ground: Grounds, judged: ir.Table, worth: ir.Table, most: int) -> ir.Table:
    """The breaches with the units that show them: most severe first, then the largest amounts."""
    log = ground.log
    weights = [SEVERITIES.index(rule.severity) for rule in ground.policy.rules]
    found = judged.filter(judged.reason < first_of("not testable")).join(worth, "case")
    weight = ibis.cases(*((found.rule == place, weight) for place, weight in enumerate(weights)), else_=len(SEVERITIES))
    size = ibis.coalesce(found.money, found.amount).abs()
    found = found.mutate(weight=weight, size=size)
    listed = found.order_by("weight", ibis.desc("size", nulls_first=False), "case", "rule").limit(most)
    these = units(log).select("case", "position", "activity", "resource", "source", "row")
    named = these.left_join(activity_labels(log).rename(activity_label="label"), "activity").left_join(
        resource_labels(log).rename(who="label"), "resource"
    )
    named = named.select("case", "position", "source", "row", "activity_label", "who")
    for place in ("one", "other"):
        shown = named.rename(**{place: "position"}, **{f"{place}_{name}": name for name in ("source", "row", "activity_label", "who")})
        listed = listed.left_join(shown, ["case", place]).select(*listed.columns, *(name for name in shown.columns if name not in ("case", place)))
    columns = [f"{place}_{name}" for place in ("one", "other") for name in ("activity_label", "who", "source", "row")]
    kept = listed.select("weight", "size", "rule", "reason", "amount", "currency", "due", "case", *columns, label="label")
    ordered = kept.order_by("weight", ibis.desc("size", nulls_first=False), "case", "rule")
    return ordered.select("rule", "reason", "amount", "currency", "due", *columns, case="label")


def breaches_of(judged: ir.Table, worth: ir.Table, cases: Collection[str]) -> ir.Table:
    """The breaches of some cases, each once: rule (its place in the policy), case (its name)."""
    found = judged.filter(judged.reason < first_of("not testable")).join(worth.select("case", "label"), "case")
    return found.filter(found.label.isin(list(cases))).select("rule", case="label").order_by("rule", "case")


def unit_words(row: Mapping[str, Any], place: str) -> str:
    """One of the units that show a breach, as it stands in a sentence."""
    if row[f"{place}_row"] is None:
        return "the step"
    who = f" by {row[f'{place}_who']}" if row[f"{place}_who"] is not None else ""
    return f"{row[f'{place}_activity_label']!r}{who}"
