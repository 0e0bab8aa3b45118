"""A policy: rules about who does what, in which order and up to which amount. Facts about the log are not here but on its card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from finmine.auditing.change_tests import CorrectedBefore, SameValue, UnchangedAfter
from finmine.auditing.deadlines import InTime

Severity: TypeAlias = Literal["high", "medium", "low"]
Level: TypeAlias = Literal["resource", "role"]
Verdict: TypeAlias = Literal["violation", "missing control", "not testable", "not applicable", "pass"]

VERDICTS: dict[Verdict, str] = {
    "violation": "what was done breaks the rule",
    "missing control": "the rule asks for a step that the case, though finished or past the deadline, does not have",
    "not testable": "what the rule looks at is not known: the performer, the amount, the deadline, the order of equal times, or the step itself",
    "not applicable": "the rule does not look at the case: it is outside its scope, exempt, or not yet so far",
    "pass": "everything that the rule asks for is there and known",
}
"""The five verdicts in the order in which the first that holds is given, and what each means. They add up to the population."""

SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class DifferentPersons:
    """No person does steps of two groups in one case; each group is a set of steps of which any counts."""

    groups: tuple[tuple[str, ...], ...]

    def steps(self) -> tuple[str, ...]:
        """The steps that the test names."""
        return tuple(step for group in self.groups for step in group)

    def compared(self) -> tuple[tuple[str, ...], ...]:
        """The groups of steps that must not be the same activity."""
        return self.groups

    def words(self) -> str:
        """The test as a sentence."""
        return " and ".join(", ".join(group) for group in self.groups) + " by different persons"


@dataclass(frozen=True, slots=True)
class FewestPersons:
    """Nobody can do the steps of all groups in one case without so many persons: ``least`` is the size of the smallest set with one of each group."""

    groups: tuple[tuple[str, ...], ...]
    least: int

    def steps(self) -> tuple[str, ...]:
        """The steps that the test names."""
        return tuple(step for group in self.groups for step in group)

    def compared(self) -> tuple[tuple[str, ...], ...]:
        """The groups of steps that must not be the same activity."""
        return self.groups

    def words(self) -> str:
        """The test as a sentence."""
        return f"{', '.join(' or '.join(group) for group in self.groups)} by at least {self.least} persons"


@dataclass(frozen=True, slots=True)
class Needed:
    """Every finished case has the step."""

    step: str

    def steps(self) -> tuple[str, ...]:
        """The steps that the test names."""
        return (self.step,)

    def compared(self) -> tuple[tuple[str, ...], ...]:
        """The groups of steps that must not be the same activity: none."""
        return ()

    def words(self) -> str:
        """The test as a sentence."""
        return f"{self.step} in every finished case"


@dataclass(frozen=True, slots=True)
class Requires:
    """Each time the step is done, another step was done before it.

    The one that counts (the effective one) is the last before the step that is later than the last of the steps ``after_last``.
    It is done by another person than any of the steps ``another_than``, and with ``within_limit`` by somebody whose limit covers the amount: that of the
    case, or what the attribute ``amount`` held when it was done.
    """

    step: str
    requires: str
    after_last: tuple[str, ...] = ()
    another_than: tuple[str, ...] = ()
    within_limit: bool = False
    amount: str | None = None

    def steps(self) -> tuple[str, ...]:
        """The steps that the test names."""
        return (self.step, self.requires, *self.after_last, *self.another_than)

    def compared(self) -> tuple[tuple[str, ...], ...]:
        """The groups of steps that must not be the same activity."""
        return ((self.step,), (self.requires,), self.after_last)

    def words(self) -> str:
        """The test as a sentence."""
        said = f"{self.step} requires {self.requires} before it"
        said += f", after the last {' or '.join(self.after_last)}" if self.after_last else ""
        said += f", by another person than the {' and the '.join(self.another_than)}" if self.another_than else ""
        return said + (", within the limit" if self.within_limit else "")


@dataclass(frozen=True, slots=True)
class WithinLimit:
    """The limit of at least one of those who did the step covers the amount of the case, or what the attribute ``amount`` held when it was done."""

    step: str
    amount: str | None = None

    def steps(self) -> tuple[str, ...]:
        """The steps that the test names."""
        return (self.step,)

    def compared(self) -> tuple[tuple[str, ...], ...]:
        """The groups of steps that must not be the same activity: none."""
        return ()

    def words(self) -> str:
        """The test as a sentence."""
        return f"{self.step} by somebody whose limit covers the amount"


@dataclass(frozen=True, slots=True)
class InsideHours:
    """Persons do the step when the calendar that applies to them is open; machines may do it at any time."""

    step: str

    def steps(self) -> tuple[str, ...]:
        """The steps that the test names."""
        return (self.step,)

    def compared(self) -> tuple[tuple[str, ...], ...]:
        """The groups of steps that must not be the same activity: none."""
        return ()

    def words(self) -> str:
        """The test as a sentence."""
        return f"{self.step} inside of the hours of the calendar"


Test: TypeAlias = (
    CorrectedBefore | DifferentPersons | FewestPersons | InsideHours | InTime | Needed | Requires | SameValue | UnchangedAfter | WithinLimit
)


@dataclass(frozen=True, slots=True)
class Band:
    """Absolute amounts from one (inclusive) to below another, in a currency."""

    since: Decimal | None
    below: Decimal | None
    currency: str

    def words(self) -> str:
        """The band in words."""
        parts = [f"from {self.since:,f}"] if self.since is not None else []
        parts += [f"below {self.below:,f}"] if self.below is not None else []
        return f"amounts {' and '.join(parts)} {self.currency}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, how severe a breach is, what it tests, and which cases it looks at: those with all steps ``having``, in the band and ``where``."""

    name: str
    title: str
    severity: Severity
    test: Test
    having: tuple[str, ...] = ()
    band: Band | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def steps(self) -> tuple[str, ...]:
        """The steps that the rule names, each once."""
        return tuple(dict.fromkeys((*self.test.steps(), *self.having)))

    def scope(self) -> str:
        """The cases that the rule looks at, in words; empty where it looks at all."""
        parts = [f"cases with {' and '.join(self.having)}"] if self.having else []
        parts += [self.band.words()] if self.band else []
        parts += [f"{attribute} {' or '.join(values)}" for attribute, values in self.where.items()]
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Authority:
    """Up to which absolute amount a person or a role may approve, from a day to a day (both inclusive), in cases ``where``; no limit means any amount."""

    level: Level
    name: str
    limit: Decimal | None
    currency: str
    since: date | None = None
    until: date | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exemption:
    """Cases that a rule does not look at until a day, because somebody has taken the responsibility."""

    rule: str
    attribute: str
    values: tuple[str, ...]
    owner: str
    why: str
    until: date


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules that a log is held against, by the file they come from and its SHA-256; ``lines`` says on which line each key of it stands."""

    name: str
    version: str
    file: str
    sha256: str
    steps: Mapping[str, tuple[str, ...]]
    rules: tuple[Rule, ...]
    authorities: tuple[Authority, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
