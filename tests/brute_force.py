"""The oracle of the filters: what each keeps, in plain Python over lists of events, with no engine and no SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import singledispatch
from typing import Any

from tests.strategies import AMOUNTS

from finmine.filters.activities import ActivityIs, Endpoint, Follows, Has
from finmine.filters.attributes import AttributeIs, Involves, NumberIs, Recorded
from finmine.filters.comparison import Comparison, Number
from finmine.filters.condition import AnyOf, Condition, Not
from finmine.filters.money import AmountIs
from finmine.filters.times import Days, During, Extent, Period
from finmine.filters.variants import Covering, Ranked
from finmine.testing import Event
from finmine.words import moment

Cases = dict[str, list[Event]]


def ordered(rows: Sequence[Mapping[str, Any]]) -> Cases:
    """The events of each case in the one total order: completion, start, row of the source; each knows its ``row``."""
    numbered = [{**event, "row": row} for row, event in enumerate(rows)]
    numbered.sort(key=lambda event: (event["timestamp"], event.get("start") is not None, event.get("start") or 0, event["row"]))
    return {case: [event for event in numbered if event["case"] == case] for case in sorted({event["case"] for event in numbered})}


class Kept:
    """What is left of a log whose filters are applied one after the other."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], zone: str = "UTC") -> None:
        self.read = self.cases = ordered(rows)
        self.zone = zone

    def keep(self, condition: Condition) -> Kept:
        """Apply one more filter."""
        after = Kept.__new__(Kept)
        after.read, after.zone = self.read, self.zone
        holds = rule(condition, self)
        if condition.keeps == "cases":
            after.cases = {case: events for case, events in self.cases.items() if holds(events)}
        else:
            after.cases = {case: left for case, events in self.cases.items() if (left := [event for event in events if holds(event)])}
        return after

    def rows(self) -> list[int]:
        """The rows that are left."""
        return sorted(event["row"] for events in self.cases.values() for event in events)

    def day(self, instant: int) -> date:
        """The day of an instant on the clocks of the zone."""
        return moment(instant, self.zone).date()


Holds = Callable[[Any], bool]
"""Whether a condition holds of the events of a case, or of one event."""


@singledispatch
def rule(condition: Condition, kept: Kept) -> Holds:
    """What a condition means in the log as filtered so far."""
    raise AssertionError(f"no rule for {condition!r} in {kept!r}")


@rule.register
def _(condition: Not, kept: Kept) -> Holds:
    holds = rule(condition.condition, kept)
    return lambda one: not holds(one)


@rule.register
def _(condition: AnyOf, kept: Kept) -> Holds:
    alternatives = [rule(one, kept) for one in condition.conditions]
    return lambda one: any(holds(one) for holds in alternatives)


@rule.register
def _(condition: Has, _kept: Kept) -> Holds:
    return lambda events: any(event["activity"] in condition.activities for event in events)


@rule.register
def _(condition: Endpoint, _kept: Kept) -> Holds:
    return lambda events: events[0 if condition.end == "starts" else -1]["activity"] in condition.activities


@rule.register
def _(condition: ActivityIs, _kept: Kept) -> Holds:
    return lambda event: event["activity"] in condition.activities


@rule.register
def _(condition: Follows, _kept: Kept) -> Holds:
    def gaps(events: list[Event]) -> list[int]:
        found = []
        for place, event in enumerate(events):
            if event["activity"] != condition.first:
                continue
            after = events[place + 1 : place + 2] if condition.directly else events[place + 1 :]
            nearest = next((later for later in after if later["activity"] == condition.second), None)
            if nearest is not None:
                found.append(nearest["timestamp"] - event["timestamp"])
        return found

    return lambda events: any(condition.gap is None or compares(condition.gap, gap) for gap in gaps(events))


@rule.register
def _(condition: Period, kept: Kept) -> Holds:
    def holds(events: list[Event]) -> bool:
        first, last = kept.day(started(events)), kept.day(events[-1]["timestamp"])
        checks = {
            "started": within(condition.days, first),
            "ended": within(condition.days, last),
            "active": last >= (condition.days.first or date.min) and first <= (condition.days.last or date.max),
            "within": within(condition.days, first) and within(condition.days, last),
        }
        return checks[condition.when]

    return holds


@rule.register
def _(condition: During, kept: Kept) -> Holds:
    return lambda event: within(condition.days, kept.day(event["timestamp"]))


@rule.register
def _(condition: Extent, _kept: Kept) -> Holds:
    if condition.measure == "length":
        return lambda events: compares(condition.comparison, len(events))
    return lambda events: compares(condition.comparison, events[-1]["timestamp"] - started(events))


@rule.register
def _(condition: Covering, kept: Kept) -> Holds:
    wanted, covered = set(), 0
    for trace, count in variants(kept):
        if covered * 100 < condition.percent * len(kept.cases):
            wanted.add(trace)
        covered += count
    return lambda events: trace_of(events) in wanted


@rule.register
def _(condition: Ranked, kept: Kept) -> Holds:
    wanted = [trace for trace, _ in variants(kept)][condition.first - 1 : condition.last]
    return lambda events: trace_of(events) in wanted


@rule.register
def _(condition: Recorded, kept: Kept) -> Holds:
    return _attribute(condition, kept, bool)


@rule.register
def _(condition: AttributeIs, kept: Kept) -> Holds:
    return _attribute(condition, kept, lambda value: value in condition.values)


@rule.register
def _(condition: NumberIs, kept: Kept) -> Holds:
    def holds(value: str) -> bool:
        number = AMOUNTS.get(value)
        return number is not None and compares(condition.comparison, number)

    return _attribute(condition, kept, holds)


@rule.register
def _(condition: AmountIs, kept: Kept) -> Holds:
    """The card of the laws takes the first amount of a case."""

    def holds(amounts: list[Number]) -> bool:
        return bool(amounts) and (condition.comparison is None or compares(condition.comparison, amounts[0]))

    if condition.keeps == "events":
        return lambda event: holds(amounts_of([event]))
    return lambda events: holds(amounts_of(kept.read[events[0]["case"]]))


@rule.register
def _(condition: Involves, _kept: Kept) -> Holds:
    return lambda events: any(event["resource"] in condition.resources for event in events)


def _attribute(condition: Recorded, kept: Kept, holds: Callable[[str], bool]) -> Holds:
    def of(events: list[Event]) -> bool:
        recorded = [event[condition.name] for event in events if event[condition.name]]
        return bool(recorded) and holds(recorded[0])

    if condition.keeps == "events":
        return lambda event: of([event])
    return lambda events: of(kept.read[events[0]["case"]])


def compares(comparison: Comparison, value: Number) -> bool:
    """Whether a comparison holds."""
    bound, upper = comparison.bound, comparison.upper
    if upper is not None:
        return bound <= value <= upper
    return {"=": value == bound, "<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}[comparison.operator]


def within(days: Days, day: date) -> bool:
    """Whether a day is one of the days."""
    return (days.first or date.min) <= day <= (days.last or date.max)


def started(events: list[Event]) -> int:
    """The first start or completion of a case."""
    return min(int(event["timestamp"] if event.get("start") is None else event["start"]) for event in events)


def trace_of(events: list[Event]) -> tuple[str, ...]:
    """The activities of a case in order."""
    return tuple(event["activity"] for event in events)


def variants(kept: Kept) -> list[tuple[tuple[str, ...], int]]:
    """The traces, most cases first, equal ones by the names of their first cases."""
    counted = Counter(trace_of(events) for events in kept.cases.values())
    first = {trace_of(kept.cases[case]): case for case in sorted(kept.cases, reverse=True)}
    return sorted(counted.items(), key=lambda entry: (-entry[1], first[entry[0]]))


def amounts_of(events: list[Event]) -> list[Number]:
    """The readable amounts of events, in their order."""
    return [amount for event in events if (amount := AMOUNTS[event["amount"]]) is not None]
