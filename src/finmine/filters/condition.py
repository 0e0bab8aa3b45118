"""Conditions: the values of which filters are made, their negation and their alternative.

A condition on cases keeps whole cases, one on events drops events out of cases. Conditions of a log apply in the order in
which they were given; each sees the log as it was filtered so far, as if it had been read from the rows that are left.
What is known of a case as such (its status, outcome, amount and attributes) is always that of the log as read.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from finmine.errors import Refusal, UnknownWord
from finmine.log import EventLog
from finmine.relations.tables import activity_labels, case_table, units_table
from finmine.relations.traces import trace_facts

if TYPE_CHECKING:
    import ibis.expr.types as ir

Keeps: TypeAlias = Literal["cases", "events"]


class MixedConditions(Refusal):
    """A condition on cases and one on events are given as alternatives."""

    def __init__(self, cases: str, events: str) -> None:
        super().__init__(f"{cases!r} keeps cases and {events!r} keeps events; give one to keep_cases and the other to keep_events.")


class NothingNamed(Refusal):
    """A condition that needs names has none."""

    def __init__(self, words: str) -> None:
        super().__init__(f"{words!r} needs at least one name.")


@dataclass(frozen=True, slots=True)
class Condition:
    """What holds or does not hold of a case, or of an event; ``~`` negates it and ``|`` gives an alternative."""

    keeps: Keeps = field(default="cases", init=False, repr=False)

    @abstractmethod
    def words(self) -> str:
        """The condition in words that ``parse_filter`` reads back."""

    @abstractmethod
    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        """The keys of the units for which it holds."""

    def negated_words(self) -> str:
        """The words of the opposite."""
        return f"not {self.words()}"

    def keys(self) -> tuple[str, ...]:
        """The columns by which units match."""
        return ("case",)

    def check(self, log: EventLog) -> None:
        """Refuse names that the log does not know."""

    def kept(self, log: EventLog, units: ir.Table) -> ir.Table:
        """The units that remain of the units kept so far."""
        return units.semi_join(self.matching(log, units), self.keys())

    def __invert__(self) -> Condition:
        return Not(self)

    def __or__(self, other: Condition) -> AnyOf:
        return AnyOf((*_alternatives(self), *_alternatives(other)))

    def __str__(self) -> str:
        return self.words()


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The opposite of a condition: the two add up to the log."""

    condition: Condition

    def __post_init__(self) -> None:
        object.__setattr__(self, "keeps", self.condition.keeps)

    def words(self) -> str:
        return self.condition.negated_words()

    def keys(self) -> tuple[str, ...]:
        return self.condition.keys()

    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        return self.kept(log, units).select(self.keys())

    def check(self, log: EventLog) -> None:
        self.condition.check(log)

    def kept(self, log: EventLog, units: ir.Table) -> ir.Table:
        return units.anti_join(self.condition.matching(log, units), self.keys())

    def __invert__(self) -> Condition:
        return self.condition


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    """At least one of several conditions."""

    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        first = self.conditions[0]
        other = next((one for one in self.conditions if one.keeps != first.keeps), None)
        if other is not None:
            cases, events = (first, other) if first.keeps == "cases" else (other, first)
            raise MixedConditions(cases.words(), events.words())
        object.__setattr__(self, "keeps", first.keeps)

    def words(self) -> str:
        return " or ".join(one.words() for one in self.conditions)

    def negated_words(self) -> str:
        return f"not ({self.words()})"

    def keys(self) -> tuple[str, ...]:
        return ("case",) if self.keeps == "cases" else ("case", "position")

    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        first, *others = (one.kept(log, units).select(self.keys()) for one in self.conditions)
        return first.union(*others, distinct=True)

    def check(self, log: EventLog) -> None:
        for one in self.conditions:
            one.check(log)


def _alternatives(condition: Condition) -> tuple[Condition, ...]:
    return condition.conditions if isinstance(condition, AnyOf) else (condition,)


def enough(log: EventLog, units: ir.Table) -> ir.Table:
    """Units from which facts of single cases can be told: those kept so far, or as read where no event was dropped.

    Cases that are gone do no harm here, and the table as read keeps the query flat.
    """
    return units if log.edited else units_table(log.tables.units)


def facts(log: EventLog, units: ir.Table) -> ir.Table:
    """The trace facts of single cases in the units kept so far."""
    return trace_facts(units) if log.edited else case_table(log)


def codes(log: EventLog, activities: tuple[str, ...]) -> ir.Table:
    """The codes of activities."""
    labels = activity_labels(log)
    return labels.filter(labels.label.isin(activities)).select("activity")


def check_activities(log: EventLog, activities: tuple[str, ...]) -> None:
    """Refuse activities that the log as read does not have.

    Raises:
        UnknownWord: there is no such activity; the nearest is named.
    """
    known = log.activity_names()
    for activity in activities:
        if activity not in known:
            raise UnknownWord("activity", activity, known)
