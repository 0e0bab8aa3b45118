"""Requests: for whom an approver approved, that is who did the step which the approval is to check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from finmine.auditing.policy import DifferentPersons, Requires

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.approvals import Approvals
    from finmine.auditing.bound_steps import BoundSteps
    from finmine.auditing.policy import Policy


def request_steps(policy: Policy, bound: BoundSteps, approval: tuple[str, ...]) -> tuple[str, ...]:
    """The steps from which the policy keeps the approval apart, by the first of its rules that does: "by another person than", or by different persons."""
    codes = {activity for step in approval for activity in bound.codes[step]}

    def approves(steps: tuple[str, ...]) -> bool:
        return bool(codes.intersection(activity for step in steps for activity in bound.codes[step]))

    for rule in policy.rules:
        if isinstance(rule.test, DifferentPersons) and approves(rule.test.steps()):
            return next(group for group in rule.test.groups if not approves(group))
        if isinstance(rule.test, Requires) and rule.test.another_than and approves((rule.test.requires,)):
            return rule.test.another_than
    return ()


def requested(found: Approvals, steps: tuple[str, ...]) -> ir.Table:
    """The approvals with who made the last request before them in the case.

    case, position, approver and requester (persons' codes, missing where not known), ``approver_machine``, ``requester_machine``,
    ``asked``: whether there is a request before the approval at all.
    """
    grounds = found.grounds
    asks = grounds.of_steps(*steps) if steps else grounds.acts.filter(ibis.literal(False))
    both = asks.select("case", "position", asked=asks.position).union(found.acts.select("case", "position", asked=ibis.null("int32")))
    before = ibis.window(group_by="case", order_by="position", preceding=(None, 1))
    told = both.mutate(last=both.asked.max().over(before))
    told = told.filter(told.asked.isnull()).select("case", "position", "last")
    done = found.acts.select("case", "position", approver=found.acts.person, approver_machine=found.acts.machine).join(told, ["case", "position"])
    made = asks.select("case", last="position", requester=asks.person, requester_machine=asks.machine)
    joined = done.left_join(made, ["case", "last"]).select(*done.columns, "requester", "requester_machine")
    return joined.mutate(asked=joined["last"].notnull(), requester_machine=joined.requester_machine.fill_null(False))
