"""A verdict on every case for every rule: exactly one of five, so that they add up to the population."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import ibis

from finmine.auditing.change_tests import CorrectedBefore, SameValue, UnchangedAfter
from finmine.auditing.deadlines import InTime
from finmine.auditing.grounds import Grounds, amount_in
from finmine.auditing.judged_changes import judged_corrected, judged_same, judged_unchanged
from finmine.auditing.judged_deadlines import judged_deadlines
from finmine.auditing.judged_hours import judged_hours
from finmine.auditing.judged_order import judged_order
from finmine.auditing.judged_persons import judged_fewest, judged_persons
from finmine.auditing.judged_steps import judged_limit, judged_need
from finmine.auditing.policy import DifferentPersons, FewestPersons, InsideHours, Needed, Requires, Rule
from finmine.auditing.policy_file import NoSuchAttribute
from finmine.auditing.reasons import code
from finmine.relations.attributes import CASE_FACTS, recorded_case_values
from finmine.relations.instants import local

if TYPE_CHECKING:
    import ibis.expr.types as ir

_COLUMNS = ("case", "reason", "one", "other", "due")


def verdicts(grounds: Grounds) -> ir.Table:
    """One row for each rule (its place in the policy) and case: rule, case, reason (its code), one, other (positions of the units that show it), due (a day since 1970)."""
    parts = [verdicts_of(grounds, rule).mutate(rule=ibis.literal(place, "int32")) for place, rule in enumerate(grounds.policy.rules)]
    return reduce(lambda one, other: one.union(other), parts).select("rule", *_COLUMNS)


def verdicts_of(grounds: Grounds, rule: Rule) -> ir.Table:
    """One row for each case that the filters keep: case, reason, one, other, due (a day since 1970; missing where no deadline is judged).

    First it is asked whether the rule looks at the case; then, what its test says.
    """
    scoped = _scoped(grounds, rule)
    unbound = [step for step in rule.steps() if not grounds.bound.codes[step] and not _may_be_absent(grounds, rule, step)]
    judged = None if unbound else _judged(grounds, rule)
    asked = scoped if judged is None else scoped.left_join(judged.rename(found="reason"), "case").drop("case_right")
    if judged is None:
        asked = asked.mutate(found=ibis.literal(code("step not known"), "int64"), one=ibis.null("int32"), other=ibis.null("int32"))
    if "due" not in asked.columns:
        asked = asked.mutate(due=ibis.null("int64"))
    reason = ibis.cases(
        (asked.scope.isnull(), ibis.literal(code("scope not known"), "int64")),
        (~asked.scope, ibis.literal(code("outside scope"), "int64")),
        (asked.exempt, ibis.literal(code("exempt"), "int64")),
        (asked.found.isnull(), ibis.literal(code("steps not done"), "int64")),
        else_=asked.found.cast("int64"),
    )
    looked_at = reason == asked.found
    place = {name: ibis.ifelse(looked_at, asked[name], None).cast("int32") for name in ("one", "other")}
    due = ibis.ifelse(looked_at, asked.due, ibis.null("int64"))
    return asked.select("case", reason=reason.cast("int32"), **place, due=due)


def _may_be_absent(grounds: Grounds, rule: Rule, step: str) -> bool:
    """Whether a rule can be judged although no activity of the log is this step: nothing changed the document, or something else corrects it."""
    test = rule.test
    if step in rule.having:
        return False
    if isinstance(test, CorrectedBefore):
        return step == test.since or (step in test.by and any(grounds.bound.codes[each] for each in test.by))
    if isinstance(test, InTime):
        return step in test.done and any(grounds.bound.codes[each] for each in test.done)
    return isinstance(test, Requires) and step in test.after_last


def _judged(grounds: Grounds, rule: Rule) -> ir.Table:
    test = rule.test
    if isinstance(test, CorrectedBefore | SameValue | UnchangedAfter):
        return _judged_values(grounds, test)
    if isinstance(test, DifferentPersons):
        return judged_persons(grounds, test)
    if isinstance(test, FewestPersons):
        return judged_fewest(grounds, test)
    if isinstance(test, Requires):
        return judged_order(grounds, test)
    if isinstance(test, InsideHours):
        return judged_hours(grounds, test)
    if isinstance(test, InTime):
        return judged_deadlines(grounds, test)
    return judged_need(grounds, test) if isinstance(test, Needed) else judged_limit(grounds, test)


def _judged_values(grounds: Grounds, test: CorrectedBefore | SameValue | UnchangedAfter) -> ir.Table:
    if isinstance(test, CorrectedBefore):
        return judged_corrected(grounds, test)
    return judged_same(grounds, test) if isinstance(test, SameValue) else judged_unchanged(grounds, test)


def _scoped(grounds: Grounds, rule: Rule) -> ir.Table:
    """The cases with ``scope`` (missing where it is not known) and ``exempt``."""
    log, cases = grounds.log, grounds.cases
    scope: ir.Value = ibis.literal(True)
    if rule.band is not None:
        amount = amount_in(log, cases, rule.band.currency)
        if rule.band.since is not None:
            scope &= amount >= ibis.literal(rule.band.since, "decimal(38, 6)")
        if rule.band.below is not None:
            scope &= amount < ibis.literal(rule.band.below, "decimal(38, 6)")
    cases = cases.mutate(scope=scope, exempt=ibis.literal(False))
    for place, (attribute, values) in enumerate(rule.where.items()):
        key = f"rules[{grounds.policy.rules.index(rule) + 1}].where.{attribute}"
        cases = _with_value(grounds, cases, attribute, key, f"value_{place}")
        cases = cases.mutate(scope=cases.scope & cases[f"value_{place}"].isin(list(values)))
    known = [step for step in rule.having if grounds.bound.codes[step]]  # of another nobody can say which cases have it: see verdicts_of
    for place, step in enumerate(known):
        there = grounds.of_steps(step).select("case").distinct().mutate(**{f"has_{place}": ibis.literal(True)})
        cases = cases.left_join(there, "case").drop("case_right")
        cases = cases.mutate(scope=cases.scope & cases[f"has_{place}"].fill_null(False))
    for place, each in enumerate(entry for entry in grounds.policy.exemptions if entry.rule == rule.name):
        key = f"exemptions[{grounds.policy.exemptions.index(each) + 1}].where.{each.attribute}"
        cases = _with_value(grounds, cases, each.attribute, key, f"exempt_{place}")
        in_time = local(cases.ended, log.zone).date() <= ibis.literal(each.until, "date")
        cases = cases.mutate(exempt=cases.exempt | (cases[f"exempt_{place}"].isin(list(each.values)).fill_null(False) & in_time))
    return cases.select("case", "scope", "exempt")


def _with_value(grounds: Grounds, cases: ir.Table, attribute: str, key: str, name: str) -> ir.Table:
    if attribute == "case":
        return cases.mutate(**{name: cases.label})
    if attribute not in (*grounds.log.attributes, *CASE_FACTS):
        raise NoSuchAttribute(grounds.policy, key, attribute, (*grounds.log.attributes, *CASE_FACTS))
    values = recorded_case_values(grounds.log, attribute).rename(**{name: "value"})
    return cases.left_join(values, "case").drop("case_right")
