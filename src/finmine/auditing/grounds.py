"""What rules are judged on: the units of the log with who did them, and the cases with what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING

import ibis

from finmine.auditing.bound_steps import BoundSteps, bound_steps
from finmine.auditing.deadlines import InTime
from finmine.auditing.known_order import day_only
from finmine.auditing.known_persons import KnownPersons, known_persons
from finmine.auditing.policy import Authority, InsideHours, Policy
from finmine.auditing.policy_file import NoSuchAttribute
from finmine.relations.attributes import CASE_FACTS, case_value_of, recorded_case_values, recorded_unit_values
from finmine.relations.calendars import Calendars, calendars
from finmine.relations.held_rows import HeldRows
from finmine.relations.instants import local
from finmine.relations.numbers import number_of
from finmine.relations.traces import traces
from finmine.relations.units import units
from finmine.relations.working_days import working_days

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_MONEY = "decimal(38, 6)"
UNLIMITED = Decimal(10) ** 20
"""Stands for the limit of those who may approve any amount: above every amount that can be declared."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """The grounds on which the rules of a policy are judged for a log.

    ``acts`` has the units that came to their end (an approval that was aborted or withdrawn is none): case, position, activity, time,
    person (missing where not known), machine, and ``covered``: whether a limit of the performer covers the amount of the case (missing
    where that is not known, or the policy has no limits). ``cases`` has the cases that the filters keep, with their facts. ``hours`` are
    the calendars of the card, where a rule asks for them, and ``days`` their working days, where one asks for those.
    ``day_only`` are the codes of the activities that record days alone.
    """

    log: EventLog
    policy: Policy
    bound: BoundSteps
    persons: KnownPersons
    acts: ir.Table
    cases: ir.Table
    hours: Calendars | None
    days: HeldRows | None
    day_only: frozenset[int]

    def script(self) -> tuple[str, ...]:
        """The statements that make the tables of persons and of the calendars' days, for evidence."""
        return (*self.persons.script(), *(self.hours.script() if self.hours else ()), *(self.days.script() if self.days else ()))

    def of_steps(self, *steps: str) -> ir.Table:
        """The units of some steps."""
        return self.acts.filter(self.acts.activity.isin(self.codes(*steps)))

    def of_groups(self, groups: Sequence[Sequence[str]]) -> ir.Table:
        """The units of the steps of some groups, with ``place``: that of their group."""
        these = self.of_steps(*(step for group in groups for step in group))
        places = ((these.activity.isin(self.codes(*group)), place) for place, group in enumerate(groups or [()]))
        return these.mutate(place=ibis.cases(*places, else_=-1))

    def codes(self, *steps: str) -> list[int]:
        """The codes of the activities of some steps; one that no activity has where there are none."""
        return [code for step in steps for code in self.bound.codes[step]] or [-1]


def grounds(log: EventLog, policy: Policy) -> Grounds:
    """The grounds of a policy's rules in a log."""
    persons, cases = known_persons(log), traces(log)
    every = units(log)
    these = every.filter(every.state == "complete").select("case", "position", "activity", "time", "resource")
    held = persons.held.relation()
    acts = these.left_join(held, "resource").select(*these.columns, "person", "machine")
    acts = acts.mutate(machine=acts.machine.fill_null(0) == 1)
    acts = _with_roles(log, policy, acts)
    if policy.authorities:  # else no amount is asked for
        acts = acts.left_join(cases.select("case", "amount", "currency", "reported"), "case").drop("case_right")
    acts = acts.mutate(covered=_covered(log, policy, persons, acts))
    kept = acts.select("case", "position", "activity", "time", "person", "machine", "covered")
    hours, days = _hours_and_days(log, policy)
    return Grounds(log, policy, bound_steps(log, policy), persons, kept.alias(f"acts_{persons.held.name}"), cases, hours, days, day_only(log))


def _hours_and_days(log: EventLog, policy: Policy) -> tuple[Calendars | None, HeldRows | None]:
    """The calendars of the card and their working days, where rules ask for them."""
    tests = [rule.test for rule in policy.rules]
    by_day = any(isinstance(test, InTime) and test.working for test in tests)
    if not log.card.calendars or not (by_day or any(isinstance(test, InsideHours) for test in tests)):
        return None, None
    hours = calendars(log)
    return hours, working_days(log, hours) if by_day else None


def amount_in(log: EventLog, these: ir.Table, currency: str) -> ir.Value:
    """The absolute amount of cases in a currency: as recorded, or converted where it is the reporting currency; else missing."""
    rule = log.card.amount
    if rule is not None and rule.reporting == currency:
        return these.reported.abs()
    if log.facts.currencies == ("",):
        return these.amount.abs()
    return ibis.ifelse(these.currency == currency, these.amount, ibis.null(these.amount.type())).abs()


def covered_then(ground: Grounds, acts: ir.Table, attribute: str | None) -> ir.Table:
    """Units with ``covered`` by what an attribute of amounts held when each was done; as they are without an attribute.

    That is the value of their own row, else the last that was recorded before: missing where rows of one time have several. It is in the currency of the
    case, and converted at the rate of the case.
    """
    if attribute is None:
        return acts
    log = ground.log
    values = _amounts(log, attribute)
    own = values.select("case", "position", own="value")
    at_once = values.group_by(["case", "time"]).aggregate(low=values.value.min(), high=values.value.max())
    earlier = at_once.select(case_of="case", since="time", earlier=ibis.ifelse(at_once.low == at_once.high, at_once.low, None))
    these = acts.drop("covered")
    joined = these.left_join(own, ["case", "position"]).select(*these.columns, "own")
    before = joined.asof_join(earlier, on=joined.time > earlier.since, predicates=[joined.case == earlier.case_of])
    held = before.select(*joined.columns, "earlier")
    then = held.mutate(then=ibis.coalesce(held.own, held.earlier))
    priced = then.join(ground.cases.select("case", "amount", "currency", "reported"), "case")
    rate = priced.reported.cast("float64") / priced.amount.nullif(0).cast("float64")
    converted = (priced.then.cast("float64") * rate).round(6).cast(_MONEY)
    told = priced.mutate(amount=priced.then, reported=ibis.ifelse(priced.then == priced.amount, priced.reported, converted))
    named = _with_roles(log, ground.policy, told)
    return named.mutate(covered=_covered(log, ground.policy, ground.persons, named)).select(*acts.columns)


def _amounts(log: EventLog, attribute: str) -> ir.Table:
    """What an attribute says in amounts: case, position, time, value; none where the log does not have it."""
    every = units(log)
    if attribute not in log.attributes:
        return every.select("case", "position", "time", value=ibis.null(_MONEY)).limit(0)
    if case_value_of(log, attribute):
        values = every.select("case", "position", "time").join(recorded_case_values(log, attribute), "case")
    else:
        values = every.select("case", "position", "time").join(recorded_unit_values(log, attribute, every), ["case", "position"])
    read = values.select("case", "position", "time", value=number_of(log, attribute, values.value))
    return read.filter(read.value.notnull())


def with_own_limit(ground: Grounds, acts: ir.Table, currency: str) -> ir.Table:
    """Units with ``own_limit``: the highest limit of their performer in a currency on their day; ``UNLIMITED`` where there is none, missing without any."""
    these = _with_roles(ground.log, ground.policy, acts)
    day = local(these.time, ground.log.zone).date()
    found: ir.Value = ibis.null(_MONEY)
    for entry in ground.policy.authorities:
        if entry.currency == currency:
            limit = ibis.literal(UNLIMITED if entry.limit is None else entry.limit, _MONEY)
            found = ibis.greatest(
                found, ibis.ifelse(_applies(ground.log, ground.policy, ground.persons, these, day, entry), limit, ibis.null(_MONEY))
            )
    return these.mutate(own_limit=found).select(*acts.columns, "own_limit")


def _with_roles(log: EventLog, policy: Policy, acts: ir.Table) -> ir.Table:
    """Units with what decides which line of the matrix is for them: ``role``, and the attributes of cases that lines name."""
    return _with_values(log, policy, _with_role(log, policy, acts))


def _with_role(log: EventLog, policy: Policy, acts: ir.Table) -> ir.Table:
    machines = list(log.card.persons.technical_roles)
    asked = machines or any(entry.level == "role" for entry in policy.authorities)
    role = log.card.role("role")
    if role is None or not asked:
        return acts.mutate(role=ibis.null("string"))
    values = recorded_unit_values(log, role, units(log)).rename(role="value")
    named = acts.left_join(values, ["case", "position"]).select(*acts.columns, "role")
    return named.mutate(machine=named.machine | named.role.isin(machines).fill_null(False)) if machines else named


def _with_values(log: EventLog, policy: Policy, acts: ir.Table) -> ir.Table:
    for place, entry in enumerate(policy.authorities, 1):
        for attribute in entry.where:
            if attribute not in (*log.attributes, *CASE_FACTS):
                raise NoSuchAttribute(policy, f"authority[{place}].where.{attribute}", attribute, (*log.attributes, *CASE_FACTS))
    for place, attribute in enumerate(_named_by_lines(policy)):
        values = recorded_case_values(log, attribute).rename(**{f"where_{place}": "value"})
        acts = acts.left_join(values, "case").select(*acts.columns, f"where_{place}")
    return acts


def _named_by_lines(policy: Policy) -> list[str]:
    return list(dict.fromkeys(attribute for entry in policy.authorities for attribute in entry.where))


def _covered(log: EventLog, policy: Policy, persons: KnownPersons, acts: ir.Table) -> ir.Value:
    """Whether a limit covers the amount: true for one that does, missing while one might, else false; missing without any limits."""
    if not policy.authorities:
        return ibis.null("boolean")
    day = local(acts.time, log.zone).date()
    told = [_one_covers(log, policy, persons, acts, day, entry) for entry in policy.authorities]
    known = reduce(lambda one, other: one | other, told)
    return ibis.ifelse(acts.person.isnull() & acts.role.isnull(), ibis.null("boolean"), known)


def _one_covers(log: EventLog, policy: Policy, persons: KnownPersons, acts: ir.Table, day: ir.Value, entry: Authority) -> ir.Value:
    """Whether one line of the matrix covers the amount: false where it is not for the performer or case, missing where that or the amount is not known."""
    applies = _applies(log, policy, persons, acts, day, entry)
    if entry.limit is None:
        return applies
    covers = amount_in(log, acts, entry.currency) <= ibis.literal(entry.limit, "decimal(38, 6)")
    return applies & covers


def _applies(log: EventLog, policy: Policy, persons: KnownPersons, acts: ir.Table, day: ir.Value, entry: Authority) -> ir.Value:
    """Whether one line of the matrix is for the performer and the case on that day; missing where the case does not say."""
    applies, named = _dated(day, entry.since, entry.until), _named_by_lines(policy)
    for attribute, values in entry.where.items():
        applies &= acts[f"where_{named.index(attribute)}"].isin(list(values))
    if entry.level == "role":
        return applies & (acts.role == entry.name).fill_null(False)
    return applies & (_is_person(persons, acts, entry.name) | _is_delegate(persons, log, acts, day, entry.name))


def _is_person(persons: KnownPersons, acts: ir.Table, name: str) -> ir.Value:
    code = persons.code(name)
    return ibis.literal(False) if code is None else (acts.person == code).fill_null(False)


def _is_delegate(persons: KnownPersons, log: EventLog, acts: ir.Table, day: ir.Value, of: str) -> ir.Value:
    found: ir.Value = ibis.literal(False)
    for each in log.card.persons.delegations:
        if persons.same(each.of, of):
            found |= _is_person(persons, acts, each.to) & _dated(day, each.since, each.until)
    return found


def _dated(day: ir.Value, since: object, until: object) -> ir.Value:
    holds: ir.Value = ibis.literal(True)
    if since is not None:
        holds &= day >= ibis.literal(since, "date")
    if until is not None:
        holds &= day <= ibis.literal(until, "date")
    return holds
