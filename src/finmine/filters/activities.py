"""Filters by activities: what a case has, where it starts and ends, what follows what, and which events to keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from finmine.errors import Refusal
from finmine.filters import spelling
from finmine.filters.comparison import Comparison, duration
from finmine.filters.condition import Condition, Keeps, NothingNamed, check_activities, codes, enough, facts
from finmine.log import EventLog
from finmine.relations.tables import activity_labels
from finmine.words import spell_duration

if TYPE_CHECKING:
    import ibis.expr.types as ir


class TwoGaps(Refusal):
    """A gap is to be within one bound and beyond another."""

    def __init__(self, within: str, after_more_than: str) -> None:
        super().__init__(f"the gap is to be within {within} and more than {after_more_than}; give one of the two bounds.")


@dataclass(frozen=True, slots=True)
class _NamesActivities(Condition):
    """A condition that names activities, of which any may match."""

    activities: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.activities:
            raise NothingNamed(self.words().strip())

    def check(self, log: EventLog) -> None:
        check_activities(log, self.activities)

    def _any(self, verb: str) -> str:
        return f"{verb} {'any of ' if len(self.activities) > 1 else ''}{spelling.texts(self.activities)}"


@dataclass(frozen=True, slots=True)
class Has(_NamesActivities):
    """The case has at least one unit of at least one of the activities."""

    def words(self) -> str:
        return self._any("has")

    def negated_words(self) -> str:
        return f"has {'none of' if len(self.activities) > 1 else 'no'} {spelling.texts(self.activities)}"

    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        return enough(log, units).semi_join(codes(log, self.activities), "activity").select("case")


@dataclass(frozen=True, slots=True)
class Endpoint(_NamesActivities):
    """The case starts or ends with one of the activities."""

    end: Literal["starts", "ends"] = "starts"

    def words(self) -> str:
        return self._any(f"{self.end} with")

    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        column = "first_activity" if self.end == "starts" else "last_activity"
        return facts(log, units).semi_join(codes(log, self.activities).rename({column: "activity"}), column).select("case")


@dataclass(frozen=True, slots=True)
class ActivityIs(_NamesActivities):
    """The event is of one of the activities."""

    keeps: Keeps = field(default="events", init=False, repr=False)

    def words(self) -> str:
        return f"activity {'in' if len(self.activities) > 1 else '='} {spelling.texts(self.activities)}"

    def negated_words(self) -> str:
        return f"activity {'not in' if len(self.activities) > 1 else '!='} {spelling.texts(self.activities)}"

    def keys(self) -> tuple[str, ...]:
        return ("activity",)

    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        return codes(log, self.activities)


@dataclass(frozen=True, slots=True)
class Follows(Condition):
    """Somewhere in the case the second activity comes after the first, directly or later, after a gap within a bound.

    The gap is the time from the completion of a unit of the first activity to the completion of the next unit of the
    second (of the very next unit, where it is to follow directly).
    """

    first: str
    second: str
    directly: bool
    gap: Comparison | None = None

    def words(self) -> str:
        return self._said("")

    def negated_words(self) -> str:
        return self._said("never ")

    def _said(self, never: str) -> str:
        gap = "" if self.gap is None else f" {'within' if self.gap.operator == '<=' else 'after more than'} {spell_duration(int(self.gap.bound))}"
        return f"{spelling.text(self.first)} {never}{'directly ' if self.directly else ''}followed by {spelling.text(self.second)}{gap}"

    def check(self, log: EventLog) -> None:
        check_activities(log, (self.first, self.second))

    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        these = enough(log, units)
        pairs = self._direct(log, these) if self.directly else self._later(log, these)
        gap = pairs.next_time - pairs.time
        return pairs.filter(gap.notnull() if self.gap is None else self.gap.holds(gap)).select("case")

    def _direct(self, log: EventLog, these: ir.Table) -> ir.Table:
        second = codes(log, (self.second,)).rename(next_activity="activity")
        return these.semi_join(codes(log, (self.first,)), "activity").semi_join(second, "next_activity")

    def _later(self, log: EventLog, these: ir.Table) -> ir.Table:
        """Each unit of the first activity with the time of the next one of the second."""
        import ibis

        labels = activity_labels(log)
        marked = these.join(labels.filter(labels.label.isin((self.first, self.second))), "activity")
        after = ibis.window(group_by="case", order_by="position", rows=(1, None))
        timed = marked.select("case", "label", "time", next_time=marked.time.min(where=marked.label == self.second).over(after))
        return timed.filter(timed.label == self.first)


def has(*activities: str) -> Condition:
    """Cases with at least one of the activities."""
    return Has(activities)


def has_no(*activities: str) -> Condition:
    """Cases with none of the activities."""
    return ~Has(activities)


def starts_with(*activities: str) -> Condition:
    """Cases whose first unit is of one of the activities."""
    return Endpoint(activities, "starts")


def ends_with(*activities: str) -> Condition:
    """Cases whose last unit is of one of the activities."""
    return Endpoint(activities, "ends")


def activity_is(*activities: str) -> Condition:
    """Events of one of the activities."""
    return ActivityIs(activities)


def followed_by(first: str, second: str, *, within: str | None = None, after_more_than: str | None = None) -> Condition:
    """Cases in which the second activity comes somewhere after the first.

    Args:
        first: the activity that is completed before.
        second: the activity that is completed after it.
        within: the longest gap from a unit of the first to the next of the second, such as ``3d 4h``.
        after_more_than: the gap that is passed; one of the two bounds may be given.
    """
    return Follows(first, second, False, _gap(within, after_more_than))


def directly_followed_by(first: str, second: str, *, within: str | None = None, after_more_than: str | None = None) -> Condition:
    """Cases in which the second activity comes directly after the first; bounds as in ``followed_by``."""
    return Follows(first, second, True, _gap(within, after_more_than))


def _gap(within: str | None, after_more_than: str | None) -> Comparison | None:
    if within is not None and after_more_than is not None:
        raise TwoGaps(within, after_more_than)
    if within is not None:
        return Comparison("<=", duration(within))
    return None if after_more_than is None else Comparison(">", duration(after_more_than))
