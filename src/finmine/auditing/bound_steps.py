"""Which activities of a log are which step of a policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, TypeAlias

from finmine.auditing.change_tests import SameValue, UnchangedAfter
from finmine.auditing.deadlines import InTime
from finmine.auditing.policy import InsideHours, Requires, WithinLimit
from finmine.auditing.policy_file import DEFAULTS, load_policy
from finmine.errors import Refusal, did_you_mean, nearest
from finmine.relations.attributes import CASE_FACTS

if TYPE_CHECKING:
    from finmine.auditing.policy import Policy, Test
    from finmine.log import EventLog

BoundBy: TypeAlias = Literal["card", "policy's names", "nothing"]


class OneActivityTwoSteps(Refusal):
    """A rule compares two steps that are the same activity."""

    def __init__(self, rule: str, activity: str, steps: tuple[str, str]) -> None:
        super().__init__(
            f"rule {rule} compares the steps {steps[0]!r} and {steps[1]!r}, and {activity!r} is both; "
            "say on the card under [steps] which activities are which step."
        )


@dataclass(frozen=True, slots=True)
class BoundSteps:
    """The activities of each step by name, what said so, and notes on what the card names and the log does not have."""

    activities: Mapping[str, tuple[str, ...]]
    bound_by: Mapping[str, BoundBy]
    codes: Mapping[str, tuple[int, ...]]
    notes: tuple[str, ...]


def bound_steps(log: EventLog, policy: Policy) -> BoundSteps:
    """The steps of a policy: as the card says, else the activities that have one of the policy's names.

    Blanks at the ends of an activity's name and upper or lower case do not count; ``*`` in a name of the policy stands for any text.
    """
    names = log.activity_names()
    found: dict[str, tuple[str, ...]] = {}
    bound_by: dict[str, BoundBy] = {}
    notes: list[str] = []
    for step, patterns in policy.steps.items():
        declared = log.card.steps.get(step)
        if declared is not None:
            notes += [f"{each!r} ({step} on the card) does not occur in the log.{nearest(each, names)}" for each in declared if each not in names]
            found[step], bound_by[step] = tuple(each for each in declared if each in names), "card"
        else:
            found[step] = _named(names, patterns)
            bound_by[step] = "policy's names" if found[step] else "nothing"
    unknown = [step for step in log.card.steps if step not in policy.steps]
    notes += [f"The policy has no step {step!r}, which the card names.{nearest(step, policy.steps)}" for step in unknown]
    notes += _lacking(log, policy)
    notes += _better(policy, sum(map(bool, found.values())), names)
    codes = {step: tuple(names.index(each) for each in activities) for step, activities in found.items()}
    bound = BoundSteps(found, bound_by, codes, tuple(notes))
    for rule in policy.rules:
        _refuse_overlaps(rule.name, rule.test.compared(), bound)
    return bound


def _lacking(log: EventLog, policy: Policy) -> Iterator[str]:
    """What rules ask for and the log or its card does not have: attributes, and calendars."""
    attributes: dict[str, list[str]] = {}
    timed: list[str] = []
    for rule in policy.rules:
        for attribute in _attributes_of(rule.test):
            attributes.setdefault(attribute, []).append(rule.name)
        if isinstance(rule.test, InsideHours) or (isinstance(rule.test, InTime) and rule.test.working):
            timed.append(rule.name)
    lacks = [name for name in attributes if name not in (*log.attributes, *CASE_FACTS)]
    if lacks:
        hints = {name: did_you_mean(name, log.attributes).strip() for name in lacks}
        said = ", ".join(f"{name!r} ({', '.join(attributes[name])}{hints[name] and ': ' + hints[name]})" for name in lacks)
        yield f"What rules ask of attributes that the log does not have is not testable; the card names columns under [attributes]: {said}."
    if timed and not log.card.calendars:
        yield f"The card has no calendar, so that what is asked of working days and hours is not testable: {', '.join(timed)}."


def _attributes_of(test: Test) -> tuple[str, ...]:
    if isinstance(test, SameValue | UnchangedAfter):
        return test.attributes
    if isinstance(test, Requires | WithinLimit):
        return (test.amount,) if test.amount else ()
    return (test.after,) if isinstance(test, InTime) and test.since != "step" else ()


def _refuse_overlaps(rule: str, compared: tuple[tuple[str, ...], ...], bound: BoundSteps) -> None:
    taken: dict[str, tuple[int, str]] = {}
    for place, group in enumerate(compared):
        for step in group:
            for activity in bound.activities[step]:
                before = taken.setdefault(activity, (place, step))
                if before[0] != place:
                    raise OneActivityTwoSteps(rule, activity, (before[1], step))


def _named(names: Sequence[str], patterns: Sequence[str]) -> tuple[str, ...]:
    """The activities that have one of a step's names."""
    return tuple(each for each in names if any(_fits(each, pattern) for pattern in patterns))


def _better(policy: Policy, known: int, names: Sequence[str]) -> Iterator[str]:
    """Where few steps of a policy are activities of the log, the policy that comes with finmine of which most are, if at least half are."""
    if not names or known * 4 >= len(policy.steps):
        return
    others = {name: load_policy(name).steps for name in DEFAULTS}
    found = {name: sum(bool(_named(names, patterns)) for patterns in steps.values()) for name, steps in others.items()}
    best = max(DEFAULTS, key=lambda name: found[name] / len(others[name]))
    if found[best] * 2 >= len(others[best]):
        yield (
            f"{known or 'None'} of the {len(policy.steps)} steps of the policy {'is' if known < 2 else 'are'} in the log. "
            f"Of the policy {best}, which comes with finmine, {found[best]} of {len(others[best])} are: --policy {best}."
        )


def _fits(activity: str, pattern: str) -> bool:
    return fnmatchcase(activity.strip().casefold(), pattern.casefold().replace("[", "[[]").replace("?", "[?]"))
