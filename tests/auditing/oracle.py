"""The oracle of verdicts: what each rule says of a case, in plain Python over lists of events, by the decision list of its definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any

from finmine.auditing.change_tests import CorrectedBefore, SameValue, UnchangedAfter
from finmine.auditing.deadlines import InTime
from finmine.auditing.policy import DifferentPersons, FewestPersons, InsideHours, Needed, Policy, Requires, Rule, Verdict

Event = Mapping[str, Any]
MACHINE = "robot"
"""The one technical user of the logs that are judged."""


def verdict(policy: Policy, rule: Rule, events: Sequence[Event], status: str, amount: Decimal | None) -> Verdict:
    """The verdict on a case; ``events`` stand in their order, with ``step``, ``timestamp`` and ``resource`` (None where nobody is known)."""
    if any(not _of(events, (step,)) for step in rule.having):
        return "not applicable"
    if rule.band is not None:
        if amount is None:
            return "not testable"
        if (rule.band.since is not None and amount < rule.band.since) or (rule.band.below is not None and amount >= rule.band.below):
            return "not applicable"
    test = rule.test
    if isinstance(test, DifferentPersons):
        return _different(test, events)
    if isinstance(test, FewestPersons):
        return _fewest(test, events)
    if isinstance(test, Requires):
        return _requires(policy, test, events, amount)
    if isinstance(test, InsideHours):
        return _hours(test, events)
    if isinstance(test, UnchangedAfter | SameValue):
        return _unchanged(test, events) if isinstance(test, UnchangedAfter) else _same(events)
    if isinstance(test, CorrectedBefore):
        return _corrected(policy, test, events)
    if isinstance(test, InTime | Needed):
        return in_time(test, events, status, None, 6) if isinstance(test, InTime) else _need(test, events, status)
    return _limit(policy, test.step, events, status, amount)


def _of(events: Sequence[Event], steps: Sequence[str]) -> list[Event]:
    return [event for event in events if event["step"] in steps]


def _need(test: Needed, events: Sequence[Event], status: str) -> Verdict:
    present = bool(_of(events, (test.step,)))
    return "pass" if present else {"finished": "missing control", "running": "not applicable", "unknown": "not testable"}[status]  # type: ignore[return-value]


def _different(test: DifferentPersons, events: Sequence[Event]) -> Verdict:
    groups = [_of(events, group) for group in test.groups]
    people = [{event["resource"] for event in group} - {None, MACHINE} for group in groups]
    if any(people[one] & people[other] for one in range(len(groups)) for other in range(one)):
        return "violation"
    if not all(groups):
        return "not applicable"
    return "not testable" if any(event["resource"] is None for group in groups for event in group) else "pass"


def _fewest(test: FewestPersons, events: Sequence[Event]) -> Verdict:
    """Whoever is unknown, a machine, or still to come is taken for somebody else: if even that is too few, it is a violation."""
    groups = [{event["resource"] for event in _of(events, group)} for group in test.groups]
    others = [[f"{name or 'unknown'} of {place}" if name in (None, MACHINE) else name for name in group] for place, group in enumerate(groups)]
    if covering([set(group) or {f"to come {place}"} for place, group in enumerate(others)]) < test.least:
        return "violation"
    if not all(groups):
        return "not applicable"
    if any(None in group for group in groups):
        return "not testable"
    return "pass" if covering([group - {MACHINE} for group in groups if group - {MACHINE}]) >= test.least else "not testable"


def _hours(test: InsideHours, events: Sequence[Event]) -> Verdict:
    """The calendar is open from 2 to before 5; of what was done at midnight only the day is known."""
    done = _of(events, (test.step,))
    people = [(event["timestamp"], event["resource"]) for event in done if event["resource"] != MACHINE]
    if any(name is not None and hour != 0 and not 2 <= hour < 5 for hour, name in people):
        return "violation"
    if any(name is None or hour == 0 for hour, name in people):
        return "not testable"
    return "pass" if done else "not applicable"


def _unchanged(test: UnchangedAfter, events: Sequence[Event]) -> Verdict:
    """One attribute, of which the events have their values under the name ``value``."""
    done = _of(events, (test.step,))
    if not done:
        return "not applicable"
    last = max(event["timestamp"] for event in done)
    told = [event for event in events if event["value"] is not None]
    own = {event["value"] for event in told if event["timestamp"] == last and event["step"] == test.step}
    earlier = [event["timestamp"] for event in told if event["timestamp"] < last]
    approved = own or {event["value"] for event in told if earlier and event["timestamp"] == max(earlier)}
    if len(approved) != 1:
        return "not testable"
    if any({event["value"]} != approved for event in told if event["timestamp"] > last):
        return "violation"
    return "not testable" if any({event["value"]} != approved for event in told if event["timestamp"] == last) else "pass"


def _same(events: Sequence[Event]) -> Verdict:
    """Two attributes of rows: ``value``, and ``again``, the same under another name where the hour is even."""
    told = [event["value"] for event in events if event["value"] is not None]
    if len(set(told)) > 1:
        return "violation"
    return "pass" if any(event["value"] is not None and event["timestamp"] % 2 == 0 for event in events) else "not testable"


def _corrected(policy: Policy, test: CorrectedBefore, events: Sequence[Event]) -> Verdict:
    found: list[Verdict] = []
    rests = Requires(test.step, "any", (test.since,) if test.since else ())
    told = [{**event, "step": "any"} if event["step"] in test.by else event for event in events]
    for release in _of(events, (test.step,)):
        verdict = _one_step(policy, rests, told, release["timestamp"], None)
        if verdict == "pass" or release["resource"] == MACHINE:
            found.append("pass")
        else:
            found.append("not testable" if release["resource"] is None or verdict == "not testable" else "violation")
    return min(found, key=_ORDER.index) if found else "not applicable"


def in_time(test: InTime, events: Sequence[Event], status: str, day: int | None, extracted: int) -> Verdict:
    """Times are hours since a Monday, ``day`` is what the attribute says in days since then; from Monday to Friday is worked."""
    done = sorted(event["timestamp"] for event in _of(events, test.done))
    if test.since != "step":
        last = done[-1] if done else None
        if last is None and status == "finished":
            return "not applicable"
        return "not testable" if day is None else _by(_over(test, day), last, last is not None, status, extracted)
    begun = sorted({event["timestamp"] for event in _of(events, (test.after,))})
    found: list[Verdict] = []
    for at in begun:
        answers = [time for time in done if time >= at]
        again = [time for time in begun if time > at and at not in done]
        found.append(_by(_over(test, at // 24), min([*answers, *again], default=None), bool(answers), status, extracted))
    return min(found, key=_ORDER.index) if found else "not applicable"


def _by(over: int, next_at: int | None, done: bool, status: str, extracted: int) -> Verdict:
    if next_at is not None and next_at < over:
        return "pass"
    if done:
        return "violation"
    if status == "finished" or extracted < over:
        return "not applicable"
    return "missing control" if status == "running" else "not testable"


def _over(test: InTime, day: int) -> int:
    """The hour at which the last day is over."""
    left = test.days
    if not test.working:
        return (day + left + 1) * 24
    if not left:
        return (next(each for each in range(day, day + 7) if each % 7 < 5) + 1) * 24
    while left:
        day += 1
        left -= day % 7 < 5
    return (day + 1) * 24


def covering(groups: Sequence[set[str]]) -> int:
    """The size of the smallest set that has somebody of each group, by trying all of them."""
    people = sorted(set().union(*groups)) if groups else []
    return next(size for size in range(len(people) + 1) if any(all(group & set(chosen) for group in groups) for chosen in combinations(people, size)))


_ORDER: list[Verdict] = ["violation", "missing control", "not testable", "not applicable", "pass"]


def _requires(policy: Policy, test: Requires, events: Sequence[Event], amount: Decimal | None) -> Verdict:
    times = sorted({event["timestamp"] for event in _of(events, (test.step,))})
    found = [_one_step(policy, test, events, time, amount) for time in times]
    return min(found, key=_ORDER.index) if found else "not applicable"


def _one_step(policy: Policy, test: Requires, events: Sequence[Event], time: int, amount: Decimal | None) -> Verdict:
    required, changed = _of(events, (test.requires,)), _of(events, test.after_last)
    last = max((event["timestamp"] for event in required if event["timestamp"] < time), default=None)
    change = max((event["timestamp"] for event in changed if event["timestamp"] < time), default=None)
    at_once = any(event["timestamp"] == time for event in [*required, *changed])
    holds = last is not None and (change is None or last > change)
    if not (holds and not any(event["timestamp"] == time for event in changed)):
        if at_once or (last is not None and last == change):
            return "not testable"
        if last is not None:
            return "violation"
        return "violation" if any(event["timestamp"] > time for event in required) else "missing control"
    others = [event["resource"] for event in _of(events, test.another_than)]
    approvers = [event["resource"] for event in required if event["timestamp"] == last]
    return max((_one_approver(policy, test, approver, others, amount) for approver in approvers), key=_ORDER.index)


def _one_approver(policy: Policy, test: Requires, approver: str | None, others: Sequence[str | None], amount: Decimal | None) -> Verdict:
    if approver not in (None, MACHINE) and approver in others:
        return "violation"
    if not (test.another_than or test.within_limit):
        return "pass"
    covered = _covered(policy, approver, amount)
    if test.within_limit and covered is False and approver != MACHINE:
        return "violation"
    if approver is None or None in others or (approver == MACHINE and (test.another_than or covered is False)):
        return "not testable"
    return "not testable" if test.within_limit and covered is None else "pass"


def _covered(policy: Policy, resource: str | None, amount: Decimal | None) -> bool | None:
    if resource is None:
        return None
    told = [entry for entry in policy.authorities if entry.name == resource]
    if any(entry.limit is None or (amount is not None and amount <= entry.limit) for entry in told):
        return True
    return None if told and amount is None else False


def _limit(policy: Policy, step: str, events: Sequence[Event], status: str, amount: Decimal | None) -> Verdict:
    done = _of(events, (step,))
    if not done:
        return "not applicable"
    covered = [_covered(policy, event["resource"], amount) for event in done]
    if True in covered:
        return "pass"
    if None in covered or any(event["resource"] is None for event in done):
        return "not testable"
    return "not applicable" if status == "running" else "violation"
