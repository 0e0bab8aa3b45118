"""Filters by time: the period of a case or an event, the throughput time of a case, and the length of its trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias
from zoneinfo import ZoneInfo

from finmine.errors import Refusal
from finmine.filters import spelling
from finmine.filters.comparison import Comparison, Number, Operator, compare, duration, whole
from finmine.filters.condition import Condition, Keeps, facts
from finmine.log import EventLog
from finmine.words import spell_duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

When: TypeAlias = Literal["started", "ended", "active", "within"]
Day: TypeAlias = date | str | None


class BadPeriod(Refusal):
    """A period has no days, or a day that cannot be."""

    def __init__(self, given: object) -> None:
        super().__init__(f"the period {given} cannot be; give a first and a last day in this order, or one of them, such as 2024-01-31.")


@dataclass(frozen=True, slots=True)
class Days:
    """Days from the first to the last, both included; one of them may be open."""

    first: date | None
    last: date | None

    def __post_init__(self) -> None:
        if (self.first is None and self.last is None) or (self.first is not None and self.last is not None and self.last < self.first):
            raise BadPeriod(f"from {self.first} to {self.last}")

    def words(self) -> str:
        """The days in words."""
        if self.first is None:
            return f"until {self.last}"
        return f"since {self.first}" if self.last is None else f"between {self.first} and {self.last}"

    def hold(self, begins: ir.IntegerValue, ends: ir.IntegerValue, zone: str) -> ir.BooleanValue:
        """Whether something begins on the first day or after it, and ends on the last day or before it, on the clocks of a zone."""
        import ibis

        bounds = [] if self.first is None else [begins >= midnight(self.first, zone)]
        if self.last is not None and self.last < date.max:
            bounds.append(ends < midnight(self.last + timedelta(days=1), zone))
        return ibis.and_(*bounds)


def midnight(day: date, zone: str) -> int:
    """The beginning of a day on the clocks of a zone, in microseconds since 1970 UTC."""
    clock = datetime(day.year, day.month, day.day)
    offset = clock.replace(tzinfo=ZoneInfo(zone)).utcoffset() or timedelta()
    return (clock - datetime(1970, 1, 1) - offset) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Period(Condition):
    """The case started, ended, was active on at least one of the days, or lies within them from start to end."""

    when: When
    days: Days

    def words(self) -> str:
        return f"within {self.days.first} and {self.days.last}" if self.when == "within" else f"{self.when} {self.days.words()}"

    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        these = facts(log, units)
        begins, ends = {
            "started": (these.started, these.started),
            "ended": (these.ended, these.ended),
            "active": (these.ended, these.started),
            "within": (these.started, these.ended),
        }[self.when]
        return these.filter(self.days.hold(begins, ends, log.zone)).select("case")


@dataclass(frozen=True, slots=True)
class During(Condition):
    """The event was completed on one of the days."""

    days: Days
    keeps: Keeps = field(default="events", init=False, repr=False)

    def words(self) -> str:
        return self.days.words()

    def keys(self) -> tuple[str, ...]:
        return ("case", "position")

    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        return units.filter(self.days.hold(units.time, units.time, log.zone)).select("case", "position")


@dataclass(frozen=True, slots=True)
class Extent(Condition):
    """The throughput time of the case (in microseconds), or the number of its units, compares as given."""

    measure: Literal["throughput", "length"]
    comparison: Comparison

    def words(self) -> str:
        return f"{self.measure} {self.comparison.words(self._spell)}"

    def negated_words(self) -> str:
        own = self.comparison.words(self._spell, negated=True)
        return f"not {self.words()}" if own is None else f"{self.measure} {own}"

    def _spell(self, bound: Number) -> str:
        return spell_duration(int(bound)) if self.measure == "throughput" else spelling.number(bound)

    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        these = facts(log, units)
        value = these.length if self.measure == "length" else these.ended - these.started
        return these.filter(self.comparison.holds(value)).select("case")


def started(since: Day = None, until: Day = None) -> Condition:
    """Cases that started on these days (both included) on the clocks of the log's zone."""
    return Period("started", days(since, until))


def ended(since: Day = None, until: Day = None) -> Condition:
    """Cases whose last completion is on these days."""
    return Period("ended", days(since, until))


def active(since: Day = None, until: Day = None) -> Condition:
    """Cases that had started by the last of these days and had not ended before the first."""
    return Period("active", days(since, until))


def within(first: date | str, last: date | str) -> Condition:
    """Cases that started and ended on these days."""
    return Period("within", days(first, last))


def during(since: Day = None, until: Day = None) -> Condition:
    """Events that were completed on these days."""
    return During(days(since, until))


def throughput_is(comparison: Operator, bound: str, upper: str | None = None) -> Condition:
    """Cases whose throughput time compares with a length of time: ``throughput_is(">", "30d 4h")``, ``("between", "1d", "3d")``."""
    return Extent("throughput", compare(comparison, duration, bound, upper))


def length_is(comparison: Operator, bound: int, upper: int | None = None) -> Condition:
    """Cases whose number of units compares with a number: ``length_is(">=", 20)``."""
    return Extent("length", compare(comparison, whole, bound, upper))


def days(since: Day, until: Day) -> Days:
    """The days from two dates, or their ISO texts.

    Raises:
        BadPeriod: a text is no date, or the days are in no order.
    """
    return Days(_day(since), _day(until))


def _day(given: Day) -> date | None:
    if given is None or (isinstance(given, date) and not isinstance(given, datetime)):
        return given
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise BadPeriod(f"with the day {given!r}") from None
