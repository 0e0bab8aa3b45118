"""The effective approval: the last one before a posting or payment and after the last change that matters.

Which steps need an approval, of which cases, and which changes void one, stands in the policy: in its rules that say "posting requires
approval after the last correction". Here only the order of things is looked at; who approved, and up to which amount, is what the audit asks.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

import ibis

from finmine.auditing.policy import Requires, Rule, Verdict
from finmine.auditing.reasons import REASONS, code, first_of
from finmine.auditing.verdicts import verdicts_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.bound_steps import BoundSteps
    from finmine.auditing.grounds import Grounds
    from finmine.auditing.policy import Policy

NOT_ASKED = "no rule of the policy asks for an approval"
WHY: dict[str, str] = {
    "required too late": "approved only afterwards",
    "changed afterwards": "changed after the last approval",
    "required never done": "never approved before it",
    "scope not known": "not known whether a rule asks for an approval",
    "order not known": "approved or changed at the same time, so that nobody can say which was first",
    "outside scope": NOT_ASKED,
    "exempt": "the policy exempts the case",
    "steps not done": "has not come to what needs an approval",
    "pass": "rests on an approval",
}
"""What is said of a case for each reason that the order of its steps can give."""
_PLACES = 1 << 8


def gates(policy: Policy, bound: BoundSteps, approval: tuple[str, ...]) -> tuple[tuple[Rule, Requires], ...]:
    """What the policy lets happen only after one of the approval steps: its rules with the order that they ask for, persons and limits aside."""
    codes = {activity for step in approval for activity in bound.codes[step]}
    found = []
    for rule in policy.rules:
        test = rule.test
        if isinstance(test, Requires) and bound.codes[test.step] and codes.intersection(bound.codes[test.requires]):
            order = replace(test, another_than=(), within_limit=False)
            found.append((replace(rule, test=order), order))
    return tuple(found)


def effects(grounds: Grounds, rules: tuple[Rule, ...]) -> ir.Table:
    """One row for each case: case, ``reason`` (its code; missing without any rules), ``effective`` (the position of the approval that counts).

    Of several postings or payments, and of several rules, the weightiest reason counts; ``effective`` is missing where one has no approval.
    """
    if not rules:
        return grounds.cases.select("case", reason=ibis.null("int64"), effective=ibis.null("int32"))
    judged = [verdicts_of(grounds, rule).mutate(rule=ibis.literal(place)) for place, rule in enumerate(rules)]
    every = reduce(lambda one, other: one.union(other), judged)
    weight = ibis.ifelse(every.reason == code("pass"), first_of("not applicable") - 0.5, every.reason.cast("float64"))
    every = every.mutate(rank=weight * _PLACES + every.rule)
    worst = every.group_by("case").aggregate(reason=every.reason.argmin(every.rank).cast("int64"), other=every.other.argmin(every.rank))
    return worst.select("case", "reason", effective=ibis.ifelse(worst.reason == code("pass"), worst.other, None).cast("int32"))


def verdict_of(reason: int) -> Verdict:
    """The verdict that a reason leads to."""
    return REASONS[reason].verdict


def why(reason: int) -> str:
    """The reason of a case in words."""
    return WHY[REASONS[reason].name]
