"""The two sides of a comparison as conditions: what each keeps, said in the words of filters, and that no case is on both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from finmine.errors import Refusal
from finmine.filters import attribute_is, parse_filter, started
from finmine.ingest.two_logs import two_logs
from finmine.log import EventLog
from finmine.relations.traces import traces
from finmine.words import moment, plural

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.filters import Condition


class SidesOverlap(Refusal):
    """Cases meet the conditions of both sides."""

    def __init__(self, cases: int, example: str) -> None:
        meet = "meets" if cases == 1 else "meet"
        super().__init__(
            f"the sides of a comparison have no case in common, and {plural(cases, 'case')} {meet} both conditions, such as {example!r}. "
            "Narrow one of them, or leave out the second to compare with all other cases."
        )


class SidesOfTwoLogs(Refusal):
    """The sides are two logs, and conditions are given as well."""

    def __init__(self) -> None:
        super().__init__("the two logs are the sides of the comparison; leave out the conditions, or keep the same cases of both with --keep-cases.")


class SecondAlone(Refusal):
    """A second side is given without a first one."""

    def __init__(self) -> None:
        super().__init__("a comparison has a first side, and only the second is given; say the first, such as \"company = '1000'\".")


@dataclass(frozen=True, slots=True)
class Sides:
    """A log and the conditions of its two sides; ``halved`` says that nobody named them, so that time divides the cases.

    ``logs`` says that the sides are two logs, which are all there is.
    """

    log: EventLog
    conditions: tuple[Condition, Condition]
    halved: bool
    logs: bool = False

    @property
    def words(self) -> tuple[str, str]:
        """The conditions in words."""
        first, second = (condition.words() for condition in self.conditions)
        return first, second

    def side(self, place: int) -> EventLog:
        """The log of one side (0 or 1)."""
        return self.log.keep_cases(self.conditions[place])

    @property
    def both(self) -> EventLog:
        """The log of both sides."""
        first, second = self.conditions
        return self.log if self.logs or second == ~first else self.log.keep_cases(first | second)

    def on_both(self) -> ir.Table:
        """How many cases meet both conditions, and the name of one."""
        return traces(self.side(0).keep_cases(self.conditions[1])).aggregate(
            cases=lambda these: these.count(), example=lambda these: these.label.min()
        )


def sides_of(log: EventLog, first: str | None, second: str | None) -> Sides:
    """The sides of a comparison; without a second one all other cases, without a first one those that started earlier and later.

    Raises:
        SecondAlone: there is a second side and no first one.
        UnreadableFilter: a condition breaks the language of filters.
        UnknownWord: a condition names what the log does not have.
        SidesOverlap: a case meets both conditions.
    """
    if first is None and second is not None:
        raise SecondAlone
    one = _earlier_half(log) if first is None else parse_filter(first)
    found = Sides(log, (one, ~one if second is None else parse_filter(second)), first is None)
    if second is not None:
        (shared,) = log.fetch(found.on_both()).records()
        if shared["cases"]:
            raise SidesOverlap(shared["cases"], shared["example"])
    return found


def sides_of_logs(log: EventLog, against: EventLog, first: str | None, second: str | None) -> Sides:
    """Two logs as the sides of a comparison.

    Raises:
        SidesOfTwoLogs: conditions are given as well.
        UnlikeLogs: the logs were not read or filtered alike.
    """
    if first is not None or second is not None:
        raise SidesOfTwoLogs
    both = two_logs(log, against)
    one, other = (attribute_is(both.attribute, name) for name in both.names)
    return Sides(both.log, (one, other), halved=False, logs=True)


def _earlier_half(log: EventLog) -> Condition:
    """The cases that started before the day on which the middle one did."""
    these = traces(log)
    found = log.fetch(these.aggregate(first=these.started.min(), middle=these.started.quantile(0.5))).records()[0]
    if found["first"] is None:
        return started(until=moment(0).date())
    first, middle = (moment(round(found[name]), log.zone).date() for name in ("first", "middle"))
    return started(until=max(first, middle - timedelta(days=1)))
