"""The calendar fit that stands beside every number in working time: how much of the work lies inside the calendars, and whose does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.log import EventLog
from finmine.relations.calendar_fit import fit, unit_fit
from finmine.relations.calendars import Calendars, calendars
from finmine.relations.tables import resource_labels
from finmine.view import Block, Caveat, Cell, Facts, Kind, WorkingTime
from finmine.words import agreeing, count, duration, plural, share

Record: TypeAlias = Mapping[str, Any]

LEAST_FIT = 0.9
MOST_OPEN = 0.5
"""Of the hours from its first to its last: a learned calendar that is open for longer shows no working hours."""
_MOST_NAMED = 3
UNKNOWN = "no calendar applies, time runs backward there, or a stamp lies far outside the years of the log"
"""Why the working time of a span is missing."""
DECLARE = 'Declare one on the card: [calendars.office] hours = { "Mon-Fri" = "09:00-17:00" }, holidays = "DE".'
NO_CALENDAR = f"No calendar is declared, so nobody can say what is working time: nights and weekends count like any other time. {DECLARE}"


class NoCalendar(Refusal):
    """Working time was asked of a log whose card declares no calendar for its cases."""

    def __init__(self, declared: Sequence[str]) -> None:
        given = f'None on the card is given to cases. Name one for them: [calendar_of] default = "{declared[0]}".' if declared else DECLARE
        super().__init__(f"no calendar applies to the cases of this log, so nobody can say what is working time. {given}")


@dataclass(frozen=True, slots=True)
class CalendarFit:
    """The fit of all units of a log to their calendars, by the resource as shown (missing where none is recorded)."""

    found: Calendars
    rows: Rows
    unit: str

    def blocks(self) -> tuple[Block, ...]:
        """The fit in figures, and what is wrong with it."""
        if not self.found.calendars:
            return (Caveat(NO_CALENDAR),)
        return (Facts("Calendar fit", tuple(self._facts())), *self.caveats())

    def caveats(self) -> Iterator[Caveat]:
        """Learned calendars without a shape, units without a calendar or with dates that none reaches, and a fit below nine tenths with who has most outside."""
        yield from self._shapeless()
        records = self.rows.records()
        every, without = (sum(record[name] for record in records) for name in ("units", "without_calendar"))
        if without:
            yield Caveat(f"No calendar applies to {plural(without, self.unit)} of {count(every)}; their working time is missing, and in no number.")
        inside, placed = (sum(record[name] for record in records) for name in ("inside", "placed"))
        if far := every - without - placed:
            said = f"{plural(far, self.unit)} of {count(every)} {'is' if far == 1 else 'are'} dated far outside the years of the log"
            yield Caveat(f"{said}, as placeholders are: no working time is known there, nor from there or to there, and it is in no number.")
        if placed and inside < LEAST_FIT * placed:
            lie = agreeing(placed, "lies", "lie")
            said = f"Only {share(inside / placed)} of {plural(placed, self.unit)} {lie} inside the calendar that applies, so working time says too little"
            yield Caveat(
                f"{said}. Most outside: {_offenders(records, 'inside', 'placed', count)}. Mend the calendar, or give these resources their own."
            )
        worked, spent = (sum(record[name] or 0 for record in records) for name in ("worked", "spent"))
        if spent and worked < LEAST_FIT * spent:
            said = f"Only {share(worked / spent)} of the processing time lies inside the calendars"
            why = "either work is done outside of them, or it is left open overnight"
            yield Caveat(f"{said}: {why}. Most outside: {_offenders(records, 'worked', 'spent', duration)}.")

    def _shapeless(self) -> Iterator[Caveat]:
        """Learned calendars that are open at most hours: their stamps show no working hours."""
        learned = [calendar for calendar in self.found.calendars if calendar.kind == "learned"]
        open_ = sum(int((one.ends - one.starts).sum()) > MOST_OPEN * int(one.ends[-1] - one.starts[0]) for one in learned)
        if open_:
            said = f"{count(open_)} of {plural(len(learned), 'learned calendar')} {agreeing(open_, 'is', 'are')} open for more than half of all hours"
            yield Caveat(
                f"{said}, nights and weekends too: the stamps show no working hours there, so that opening hours say little more than the clock, and "
                "hardly any waiting is unavailability. Declare calendars on the card where you know them."
            )

    def _facts(self) -> Iterator[tuple[str, Cell, Kind]]:
        totals = {name: sum(record[name] or 0 for record in self.rows.records()) for name in ("inside", "placed", "worked", "spent")}
        names = [f"{calendar.name} (a working day is {duration(calendar.day)})" for calendar in self.found.calendars if calendar.kind == "declared"]
        if learned := len(self.found.calendars) - len(names):
            names.append(f"{learned:,} learned from the log")
        yield "Calendars", ", ".join(names), "text"
        yield f"{self.unit.capitalize()}s inside their calendar", totals["inside"] / totals["placed"] if totals["placed"] else None, "share"
        if totals["spent"]:
            yield "Processing time inside", totals["worked"] / totals["spent"], "share"


def calendar_fit(log: EventLog, found: Calendars) -> CalendarFit:
    """The fit of the units that the filters keep; fetched once, also as evidence."""
    by_code = fit(unit_fit(log, found), ["resource"])
    named = by_code.left_join(resource_labels(log), "resource").drop("resource_right").rename(code="resource", resource="label")
    outside = (named.placed - named.inside).desc()
    return CalendarFit(found, log.fetch(named.order_by([outside, named.units.desc(), "resource", "code"])), log.facts.unit)


def _offenders(records: list[dict[str, Any]], part: str, whole: str, spoken: Any) -> str:
    missing = sorted((record for record in records if record[whole]), key=lambda record: record[part] - record[whole])
    named = [
        f"{record['resource'] or 'nobody recorded'} ({spoken(int(record[whole] - record[part]))} of {spoken(int(record[whole]))})"
        for record in missing[:_MOST_NAMED]
        if record[part] < record[whole]
    ]
    return ", ".join(named)


def calendars_of_cases(log: EventLog) -> Calendars:
    """The calendars, for a question that tells the time of cases in working time.

    Raises:
        NoCalendar: none can be the clock of a case.
    """
    applies = log.card.calendar_of
    if applies.default is None and not applies.of_cases():
        raise NoCalendar(tuple(log.card.calendars))
    return calendars(log)


def in_days(record: Record, names: Iterable[str], day: int | None) -> dict[str, Cell]:
    """The working times of a record under these names, each with the working day in which it is told."""
    return {name: record[name] if day is None or record[name] is None else WorkingTime(record[name], day) for name in names}
