"""Breaches of the rules of policies, planted into copies of the sample logs by changing their rows, and what an audit finds of them.

Each planting takes cases that passed its rule before, and that no other planting has; of a rule on persons that no case passed, since none has all of its steps, those
into which the missing step is put. What the rule's test finds is then held against it:
of the cases planted for this rule and those that nobody touched, which had broken it before are left out.
"""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

import finmine
from finmine.auditing.change_tests import CorrectedBefore, UnchangedAfter
from finmine.auditing.deadlines import InTime
from finmine.auditing.policy import DifferentPersons, FewestPersons, Needed, Requires, Rule, WithinLimit
from finmine.auditing.policy_file import load_policy
from finmine.auditing.reasons import code
from finmine.auditing.verdicts import verdicts
from finmine.sample import SampleName, make

Row: TypeAlias = dict[str, str]
Case: TypeAlias = list[Row]
Steps: TypeAlias = Mapping[str, tuple[str, ...]]

POLICIES: dict[SampleName, str] = {"invoices": "purchase-to-pay", "approvals": "expenses", "reconciliations": "record-to-report"}
MORE: dict[SampleName, str] = {
    "invoices": """
[[rules]]
id = "LIMIT"
title = "The limit of an approver covers the amount"
within_limit_of = "approval"
[[rules]]
id = "NEEDED"
title = "Every finished invoice was entered"
needed = "entry"
having = ["posting"]
[[rules]]
id = "THREE"
title = "At least three persons carry an invoice"
people_min = 3
steps = ["entry", "approval", "posting", "payment"]
[[rules]]
id = "UNCHANGED"
title = "The vendor and the order stay what was approved"
unchanged_after = "approval"
attributes = ["vendor", "purchase_order"]
[[rules]]
id = "BLOCK"
title = "Nobody lifts a block that nothing has corrected"
corrected_before = "block release"
by = ["order change", "correction"]
[[authority]]
role = "Approver"
limit = "1000000.00"
currency = "EUR"
[[authority]]
role = "AP manager"
limit = "5000000.00"
currency = "EUR"
""",
}
"""Rules beside those of the default policy, so that every kind of test is planted."""
EACH = 12
"""So many cases are taken for each planting."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A way to break a rule: of which rule, how, in which cases; and the cases in which the audit finds it broken that were not so before."""

    rule: str
    how: str
    cases: set[str]
    found: set[str]


def planted(name: SampleName, folder: Path) -> Iterator[Planted]:
    """All plantings of a sample log, with what was found of each."""
    folder.mkdir(exist_ok=True)
    source, card, _ = make(name, folder / f"{name}.csv")
    policy = folder / f"{name}.policy.toml"
    default = Path(finmine.__file__).parent / "auditing" / "policies" / f"{POLICIES[name]}.toml"
    policy.write_text(default.read_text(encoding="utf-8") + MORE.get(name, ""), encoding="utf-8")
    before = finmine.audit(finmine.read(source), policy=str(policy), most=100_000)
    able, broken = _by_verdict(before)
    steps = before.grounds.bound.activities
    with source.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        columns, rows = list(reader.fieldnames or []), list(reader)
    cases: dict[str, Case] = defaultdict(list)
    for row in rows:
        cases[row[columns[0]]].append(row)
    taken = _plant(load_policy(policy).rules, steps, cases, able)
    target = folder / f"{name}-broken.csv"
    with target.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns)
        writer.writeheader()
        writer.writerows(row for case in cases.values() for row in case)
    shutil.copy(card, folder / f"{name}-broken.card.toml")
    _, found = _by_verdict(finmine.audit(finmine.read(target), policy=str(policy), most=100_000))
    touched = set().union(*taken.values())
    for (rule, how), own in taken.items():
        yield Planted(rule, how, own, {case for case in found[rule] - broken[rule] if case in own or case not in touched})


def _by_verdict(answer: Any) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The cases in which each rule can be broken (those that pass it; of a rule on persons that none passes, those without its steps), and those that break it."""
    ground = answer.grounds
    told = verdicts(ground).join(ground.cases.select("case", "label"), "case")
    able, broken = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for reason in ("pass", "steps not done"):
        found = ground.log.fetch(told.filter(told.reason == code(reason)).select("rule", "label")).tuples()
        for place, rule in enumerate(ground.policy.rules):
            if reason == "pass" or (isinstance(rule.test, DifferentPersons) and not able[rule.name]):
                able[rule.name] = {label for number, label in found if number == place}
    for finding in answer.breaches():
        broken[finding["rule"]].add(finding["case"])
    return able, broken


def _plant(rules: tuple[Rule, ...], steps: Steps, cases: dict[str, Case], able: Mapping[str, set[str]]) -> dict[tuple[str, str], set[str]]:
    dice, free, taken = np.random.default_rng(20), set(cases), dict[tuple[str, str], set[str]]()
    for rule in rules:
        for how, change in _ways(rule, steps):
            left = sorted(able[rule.name] & free)
            own: set[str] = set()
            for place in dice.permutation(len(left)):
                case = left[place]
                if len(own) < EACH and change(cases[case]):
                    own.add(case)
            taken[rule.name, how] = own
            free -= own
    return {way: own for way, own in taken.items() if own}


def _ways(rule: Rule, steps: Steps) -> Iterator[tuple[str, Callable[[Case], bool]]]:
    """How a rule can be broken: each way changes the rows of a case and says whether it could."""
    test = rule.test
    if isinstance(test, DifferentPersons):
        one, other = ([activity for step in group for activity in steps[step]] for group in test.groups[:2])
        yield "same person", lambda case: _put_in(case, one, other) and _same(case, one, [other])
    elif isinstance(test, FewestPersons):
        first, *rest = ([activity for step in group for activity in steps[step]] for group in test.groups)
        yield "one person", lambda case: _same(case, first, rest)
    elif isinstance(test, UnchangedAfter):
        yield "changed afterwards", lambda case: _other_value(case, steps[test.step], test.attributes[0])
    elif isinstance(test, CorrectedBefore):
        yield "not corrected", lambda case: _drop(case, [activity for step in test.by for activity in steps[step]])
    elif isinstance(test, InTime):
        yield from _late_ways(rule, test, steps)
    elif isinstance(test, Needed):
        yield "left out", lambda case: _drop(case, steps[test.step])
    elif isinstance(test, WithinLimit):
        yield "amount raised", _raise
    elif isinstance(test, Requires):
        step, required = steps[test.step], steps[test.requires]
        if test.requires not in rule.having:
            yield "never done", lambda case: _drop(case, required)
        yield "done afterwards", lambda case: _late(case, step, required)
        if any(steps[change] for change in test.after_last):
            changes = [activity for change in test.after_last for activity in steps[change]]
            yield "changed afterwards", lambda case: _change(case, step, required, changes)
        if any(steps[other] for other in test.another_than):
            others = [activity for other in test.another_than for activity in steps[other]]
            yield "own work", lambda case: _same(case, others, [list(required)])


def _late_ways(rule: Rule, test: InTime, steps: Steps) -> Iterator[tuple[str, Callable[[Case], bool]]]:
    """A rule that looks only at cases with the step is not broken by leaving it out."""
    done = [activity for step in test.done for activity in steps[step]]
    yield "done too late", lambda case: _half_a_year_later(case, done)
    if not set(test.done) & set(rule.having):
        yield "still not done", lambda case: _stop_before(case, done)


def _of(case: Case, activities: Any) -> Case:
    return [row for row in case if row["activity"] in activities]


def _same(case: Case, one: list[str], others: list[list[str]]) -> bool:
    """The person who did the first of one step, in the same role, does all of the others."""
    people = [column for column in ("user", "resource", "role") if case and column in case[0]]
    first, rest = _of(case, one), [_of(case, other) for other in others]
    if not (first and all(rest) and people and first[-1][people[0]]) or first[-1].get("role") == "System":
        return False
    for row in [*first, *(row for found in rest for row in found)]:
        row.update({column: first[-1][column] for column in people})
    return True


def _put_in(case: Case, one: list[str], other: list[str]) -> bool:
    """Where the case lacks the other step, it is done a minute after each of the one; whether the case has both then."""
    if not _of(case, other):
        case.extend(
            {**row, "activity": other[0], _time(case): _spelled(_at(row, _time(case)) + timedelta(minutes=1), row[_time(case)])}
            for row in _of(case, one)
        )
    return bool(_of(case, other))


def _drop(case: Case, activities: Any) -> bool:
    found = _of(case, activities)
    case[:] = [row for row in case if row not in found]
    return bool(found) and bool(case)


def _late(case: Case, step: Any, required: Any) -> bool:
    """All that is required is done after the last of the step."""
    ends, found = _of(case, step), _of(case, required)
    if not (ends and found):
        return False
    column = _time(case)
    last = max(_at(row, column) for row in ends)
    for place, row in enumerate(found, 1):
        row[column] = _spelled(last + timedelta(minutes=place), row[column])
    return True


def _half_a_year_later(case: Case, step: Any) -> bool:
    found, column = _of(case, step), _time(case)
    for row in found:
        row[column] = _spelled(_at(row, column) + timedelta(days=180), row[column])
    return bool(found)


def _stop_before(case: Case, step: Any) -> bool:
    """All from the step on is left out of a case of the first half of the year, so that it still runs and the deadline has passed."""
    found, column = _of(case, step), _time(case)
    if not found or max(row[column] for row in case) >= "2024-07":
        return False
    first = min(_at(row, column) for row in found)
    case[:] = [row for row in case if _at(row, column) < first]
    return bool(case)


def _change(case: Case, step: Any, required: Any, changes: list[str]) -> bool:
    """Between the last of what is required and the first of the step something is changed."""
    ends, found, column = _of(case, step), _of(case, required), _time(case)
    if not (ends and found):
        return False
    since, until = max(_at(row, column) for row in found), min(_at(row, column) for row in ends)
    if until - since < timedelta(minutes=2):
        return False
    states = sorted({row["lifecycle"] for row in found if "lifecycle" in row}, reverse=True) or [""]
    for state in states:
        at = _spelled(since + (until - since) / 2, found[-1][column])
        case.append({**found[-1], "activity": changes[0], column: at, **({"lifecycle": state} if state else {})})
    return True


def _other_value(case: Case, step: Any, attribute: str) -> bool:
    """The last row after the step has another value."""
    done, column = _of(case, step), _time(case)
    if not done:
        return False
    last = max(_at(row, column) for row in done)
    later = [row for row in case if _at(row, column) > last and row[attribute]]
    for row in later[-1:]:
        row[attribute] += " 2"
    return bool(later)


def _raise(case: Case) -> bool:
    for row in case:
        if row.get("amount"):
            row["amount"] = f"{abs(float(row['amount'])) + 9_000_000:.2f}"
    return any(row.get("amount") for row in case)


def _time(case: Case) -> str:
    return "timestamp" if "timestamp" in case[0] else "completed"


def _at(row: Row, column: str) -> datetime:
    return datetime.fromisoformat(row[column])


def _spelled(moment: datetime, like: str) -> str:
    return moment.isoformat(sep="T" if "T" in like else " ", timespec="microseconds" if "." in like else "seconds")
