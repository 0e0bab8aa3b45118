"""Filters by attributes and people.

The value of a case is the first that is recorded in the order of its units as read, the same as where answers are split
``by`` an attribute; the value of an event is that of its row (of the completing row, where two were paired).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from finmine.errors import Refusal, UnknownWord
from finmine.filters import spelling
from finmine.filters.comparison import Comparison, Exact, Operator, compare, decimal
from finmine.filters.condition import Condition, Keeps, NothingNamed, enough
from finmine.log import EventLog
from finmine.relations.attributes import is_case_fact, recorded_case_values, unit_values
from finmine.relations.numbers import number_of
from finmine.relations.tables import resource_labels
from finmine.vocabulary import STATUSES

if TYPE_CHECKING:
    import ibis.expr.types as ir


class OfCasesOnly(Refusal):
    """Events are to be kept by something that only cases have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is known of cases and not of single events; use keep_cases.")


@dataclass(frozen=True, slots=True)
class Recorded(Condition):
    """A value of the attribute is recorded."""

    name: str
    keeps: Keeps = field(default="cases", kw_only=True)

    def words(self) -> str:
        return f"{spelling.name(self.name)} is recorded"

    def negated_words(self) -> str:
        return f"{spelling.name(self.name)} is missing"

    def keys(self) -> tuple[str, ...]:
        return ("case",) if self.keeps == "cases" else ("case", "position")

    def check(self, log: EventLog) -> None:
        of_cases = is_case_fact(log, self.name) or log.attribute(self.name).level == "case"
        if of_cases and self.keeps == "events":
            raise OfCasesOnly(self.name)

    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        values = recorded_case_values(log, self.name) if self.keeps == "cases" else unit_values(log, self.name, units)
        return values.filter(self.holds(log, values.value)).select(self.keys())

    def holds(self, log: EventLog, value: ir.StringValue) -> ir.BooleanValue:
        """Whether it holds of a recorded value."""
        return value.notnull()


@dataclass(frozen=True, slots=True)
class AttributeIs(Recorded):
    """The value of the attribute is one of some texts; a value that is not recorded is none of them."""

    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise NothingNamed(f"{spelling.name(self.name)} =")

    def words(self) -> str:
        return f"{spelling.name(self.name)} {'in' if len(self.values) > 1 else '='} {spelling.texts(self.values)}"

    def negated_words(self) -> str:
        return f"{spelling.name(self.name)} {'not in' if len(self.values) > 1 else '!='} {spelling.texts(self.values)}"

    def check(self, log: EventLog) -> None:
        Recorded.check(self, log)
        known = {"status": tuple(STATUSES), "outcome": tuple(log.card.outcomes)}.get(self.name)
        if known is not None and is_case_fact(log, self.name):
            for value in self.values:
                if value not in known:
                    raise UnknownWord(self.name, value, known)

    def holds(self, log: EventLog, value: ir.StringValue) -> ir.BooleanValue:
        return value.isin(self.values)


@dataclass(frozen=True, slots=True)
class NumberIs(Recorded):
    """The value of the attribute is a number, read as amounts are, that compares as given."""

    comparison: Comparison

    def words(self) -> str:
        return f"{spelling.name(self.name)} {self.comparison.words(spelling.number)}"

    def negated_words(self) -> str:
        own = self.comparison.words(spelling.number, negated=True)
        return f"not {self.words()}" if own is None else f"{spelling.name(self.name)} {own}"

    def check(self, log: EventLog) -> None:
        if is_case_fact(log, self.name):
            raise NoNumber(self.name)
        Recorded.check(self, log)

    def holds(self, log: EventLog, value: ir.StringValue) -> ir.BooleanValue:
        return self.comparison.holds(number_of(log, self.name, value))


class NoNumber(Refusal):
    """Something that is a word is to be compared with a number."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the {name} of a case is no number; write {name} = 'text', or {name} is recorded.")


@dataclass(frozen=True, slots=True)
class Involves(Condition):
    """At least one unit of the case is done by one of the resources, named as they are shown."""

    resources: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.resources:
            raise NothingNamed("involves")

    def words(self) -> str:
        return f"involves {'any of ' if len(self.resources) > 1 else ''}{spelling.texts(self.resources)}"

    def check(self, log: EventLog) -> None:
        log.require("resource")
        known = log.fetch(resource_labels(log).select("label")).column("label")
        for resource in self.resources:
            if resource not in known:
                raise UnknownWord("resource", resource, map(str, known), f"Resources are shown as {log.facts.people}.")

    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        labels = resource_labels(log)
        named = labels.filter(labels.label.isin(self.resources)).select("resource")
        return enough(log, units).semi_join(named, "resource").select("case")


def attribute_is(name: str, *values: str, keeps: Keeps = "cases") -> Condition:
    """Cases (or events) whose attribute has one of the values; ``status``, ``outcome`` and ``month`` can be named like attributes of cases."""
    return AttributeIs(name, values, keeps=keeps)


def attribute_recorded(name: str, *, keeps: Keeps = "cases") -> Condition:
    """Cases (or events) for which a value of the attribute is recorded."""
    return Recorded(name, keeps=keeps)


def number_is(name: str, comparison: Operator, bound: Exact, upper: Exact | None = None, *, keeps: Keeps = "cases") -> Condition:
    """Cases (or events) whose attribute is a number that compares: ``number_is("discount", ">=", "2.5")``."""
    return NumberIs(name, compare(comparison, decimal, bound, upper), keeps=keeps)


def involves(*resources: str) -> Condition:
    """Cases in which at least one of the resources, named as they are shown, did something."""
    return Involves(resources)
