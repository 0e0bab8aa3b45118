"""Approvals: who approved which case, in which order, at which amount, and how long each had it.

An approval is a unit of an activity that is bound to a step of approval (see ``bound_steps``). The approver had the document from the
completion of the unit before it, which is when the approval became possible in the order that the log shows, until the approval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import ibis

from finmine.auditing.amount_bands import Bands, banded, bands
from finmine.auditing.effective import effects, gates
from finmine.auditing.grounds import Grounds, grounds
from finmine.auditing.policy_file import policy_of
from finmine.errors import Refusal, nearest
from finmine.relations.hands import hands
from finmine.relations.tables import activity_labels, resource_labels
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.known_persons import KnownPersons
    from finmine.auditing.policy import Policy, Requires
    from finmine.log import EventLog

Told: TypeAlias = Literal["role", "person", "activity"]
Kind: TypeAlias = Literal["approved", "no approval", "approver not known", "step not known"]

KINDS: dict[Kind, str] = {
    "approved": "",
    "no approval": "(no approval)",
    "approver not known": "(approver not known)",
    "step not known": "(no activity is known to be an approval)",
}
"""Which cases have a path of approvals, and what stands in its place for those that have none."""


class UnknownStep(Refusal):
    """A step was named that the policy does not have."""

    def __init__(self, policy: Policy, step: str) -> None:
        known = ", ".join(policy.steps)
        super().__init__(f"policy {policy.name!r} has no step {step!r}.{nearest(step, policy.steps)} Its steps are {known}.")


@dataclass(frozen=True, slots=True)
class Approvals:
    """The approvals of a log by the steps of a policy.

    ``acts`` has a row for each approval: case, position, nth (of its case, from 1), time, resource, person (its code), machine, before (when the
    unit before it was completed), held (the time from then on) and ``who`` (as told; missing where that is not known).
    ``cases`` has a row for each case: case, money, worth, worth_currency, band, reason (see ``effects``) and effective (a position).
    """

    grounds: Grounds
    steps: tuple[str, ...]
    gates: tuple[Requires, ...]
    told: Told
    bands: Bands
    acts: ir.Table
    cases: ir.Table

    @property
    def bound(self) -> bool:
        """Whether any activity is known to be an approval."""
        return any(self.grounds.bound.codes[step] for step in self.steps)


def named_steps(policy: Policy, steps: tuple[str, ...]) -> tuple[str, ...]:
    """Steps by their names in the policy, each once.

    Raises:
        UnknownStep: the policy has no such step.
    """
    for step in steps:
        if step not in policy.steps:
            raise UnknownStep(policy, step)
    return tuple(dict.fromkeys(steps))


def approvals(log: EventLog, policy: str | Policy, steps: tuple[str, ...], told: Told, given_bands: str | None) -> Approvals:
    """The approvals of a log; where it records no roles, approvers are told by what they did.

    Raises:
        UnknownPolicy, BadPolicy: see ``load_policy``.
        UnknownStep: the policy has no such step.
        BadBands: the bands cannot be read.
    """
    held = policy_of(policy)
    named, asked_bands = named_steps(held, steps), bands(given_bands, held)
    ground = grounds(log, held)
    told = "activity" if told == "role" and log.card.role("role") is None else told
    found = gates(held, ground.bound, named)
    cases = banded(log, ground.cases, asked_bands).join(effects(ground, tuple(rule for rule, _ in found)), "case")
    cases = cases.select("case", "money", "worth", "worth_currency", "band", "reason", "effective")
    return Approvals(ground, named, tuple(order for _, order in found), told, asked_bands, _acts(ground, named, told), cases)


def paths(found: Approvals) -> ir.Table:
    """One row for each case: case, kind, ``path`` (its approvers in order; missing unless all are known)."""
    acts = found.acts
    taken = acts.group_by("case").aggregate(path=acts.who.collect(order_by=acts.position), unknown=acts.who.isnull().any())
    cases = found.grounds.cases.select("case").left_join(taken, "case").drop("case_right")
    if not found.bound:
        return cases.select("case", kind=ibis.literal("step not known"), path=cases.path)
    kind = ibis.cases((cases.path.isnull() & cases.unknown.isnull(), "no approval"), (cases.unknown, "approver not known"), else_="approved")
    return cases.select("case", kind=kind, path=ibis.ifelse(kind == "approved", cases.path, None))


def person_labels(log: EventLog, persons: KnownPersons) -> ir.Table:
    """What is shown for each person: person, who; of several names the first in the order of the alphabet."""
    known = persons.held.relation()
    named = known.filter(known.person.notnull()).join(resource_labels(log), "resource")
    return named.group_by("person").aggregate(who=named.label.min())


def _acts(ground: Grounds, steps: tuple[str, ...], told: Told) -> ir.Table:
    log, acts = ground.log, ground.acts
    these = units(log)
    done = acts.filter(acts.activity.isin(ground.codes(*steps)))
    done = done.select("case", "position", "activity", "time", "person", "machine").join(
        these.select("case", "position", "resource"), ["case", "position"]
    )
    # Positions count from 1 without a gap, so the unit before is found by its place: cheaper than an order of all units.
    before = these.select("case", position=(these.position + 1).cast("int32"), before=these.time)
    done = done.left_join(before, ["case", "position"]).select(*done.columns, "before")
    nth = ibis.row_number().over(ibis.window(group_by="case", order_by="position")) + 1
    done = done.mutate(nth=nth.cast("int32"), held=done.time - done.before)
    named = _named(ground, done, told)
    return named.select("case", "position", "nth", "time", "resource", "person", "machine", "before", "held", "who")


def _named(ground: Grounds, done: ir.Table, told: Told) -> ir.Table:
    log = ground.log
    if told == "activity":
        return done.join(activity_labels(log).rename(who="label"), "activity")
    if told == "role":
        roles = hands(log, "role").select("case", "position", who="hand")
        return done.left_join(roles, ["case", "position"]).select(*done.columns, "who")
    return done.left_join(person_labels(log, ground.persons), "person").select(*done.columns, "who")
