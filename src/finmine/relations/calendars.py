"""Which calendar applies to whose work: that of the resource, else of its role, else of an attribute such as the company, else the default.

Where nothing names a calendar none applies, and working time is missing: it is never taken as 24 hours on seven days. For
cases, which nobody performs, the resource and the role do not count: the clock of a case is that of its attributes or the
default, one for the whole case, so that its parts add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finmine.arrays import Lent
from finmine.card_calendars import DEFAULT, CalendarOf
from finmine.engine import Engine
from finmine.finance.calendar import Calendar, Whole
from finmine.kernels.learned_granules import Learning
from finmine.relations.attributes import case_value_of, recorded_case_values, recorded_unit_values
from finmine.relations.found_once import found_once
from finmine.relations.held_rows import HeldRows, hold
from finmine.relations.learned_calendars import Learned, Support, learned_calendars
from finmine.relations.tables import recorded_names
from finmine.relations.traces import traces
from finmine.relations.units import units
from finmine.words import DAY, YEAR

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

LEARNED = "learned"
"""The level of units whose calendar was learned from the log, because none is declared for them."""
_AROUND = 20 * YEAR


@dataclass(frozen=True, slots=True)
class Calendars:
    """The calendars of a log, laid out; the place of each is its code in relations.

    ``days`` holds them in the engine, a row for each calendar and day of UTC: ``reading`` is what its clock shows when the day
    begins, ``opens_1``, ``closes_1`` and so on are when it opens and closes in it (both 0 where it does not).
    ``declared`` gives the codes by name. ``learned`` gives the code of the calendar that was learned for a resource, by the code
    of the resource, ``support`` what each of these calendars, which stand last, rests on; ``lent`` are the kernels they came from.
    """

    calendars: tuple[Calendar, ...]
    declared: Mapping[str, int]
    learned: Mapping[int, int]
    support: tuple[Support, ...]
    days: HeldRows
    lent: tuple[Lent, ...]

    def script(self) -> tuple[str, ...]:
        """The statements that make the table of the calendars' days, for evidence."""
        names = ", ".join(f"{code} = {calendar.name}" for code, calendar in enumerate(self.calendars))
        return (f"-- {self.days.name}: one row per calendar ({names or 'none'}) and day of UTC", *self.days.script())

    def day_of_cases(self, applies: CalendarOf) -> int | None:
        """The working day of all calendars that can be the clock of a case; none where they have different ones."""
        named = [name for level in applies.of_cases() for name in applies.levels[level].values()]
        days = {self.calendars[self.declared[name]].day for name in (*named, *([applies.default] if applies.default else []))}
        return days.pop() if len(days) == 1 else None

    @property
    def day(self) -> int | None:
        """The working day of all calendars, in which sums over units are told; none where they have different ones."""
        days = {calendar.day for calendar in self.calendars}
        return days.pop() if len(days) == 1 else None

    def code(self, name: str | None) -> int | None:
        """The code of a declared calendar."""
        return None if name is None else self.declared[name]


def calendars(log: EventLog, learn: Learning | None = None) -> Calendars:
    """The calendars that the log's card declares, laid out from the year before its first event to the year after its last.

    Of stamps far from nearly all others, such as placeholders, no working time is known: more than two years outside of where
    99.8 % of them lie, or more than twenty from the middle one. With ``learn``, resources with units to which no declared
    calendar applies get one learned from the log, if it tells enough.
    """
    found = found_once(log, calendars, lambda: _held(log.engine, _declared(log), Learned()), lambda found: [found.days.name])
    if learn is None or not log.facts.has_resource:
        return found
    these = unit_calendars(log, found)
    without = these.filter(these.calendar.isnull(), these.resource.notnull()).select("resource").distinct()
    resources = [int(str(code)) for code in log.fetch(without.order_by("resource")).column("resource")]
    return _held(log.engine, found.calendars, learned_calendars(log, resources, learn, horizon(log)))


def _declared(log: EventLog) -> tuple[Calendar, ...]:
    laid = horizon(log)
    return tuple(hours.laid_out(*laid, log.zone) for hours in log.card.calendars.values())


def horizon(log: EventLog) -> tuple[int, int]:
    """From when to when calendars are laid out: see ``calendars``."""
    first, low, middle, high, last = log.engine.rows(
        "SELECT min(coalesce(least(start, time), time)), quantile_disc(time, 0.001), quantile_disc(time, 0.5), quantile_disc(time, 0.999), max(time) "
        f'FROM "{log.tables.units}"'
    )[0]
    since = max(first - YEAR, low - 2 * YEAR, middle - _AROUND)
    until = min(max(last, log.facts.extracted) + YEAR, high + 2 * YEAR, middle + _AROUND)
    return since, until


def _held(engine: Engine, declared: tuple[Calendar, ...], learned: Learned) -> Calendars:
    """Calendars with their days in a table of the engine."""
    laid = (*declared, *learned.calendars)
    names = {calendar.name: code for code, calendar in enumerate(declared)}
    codes = {resource: len(declared) + place for resource, place in learned.of.items()}
    return Calendars(laid, names, codes, learned.support, hold(engine, "hours", _days(laid)), learned.lent)


def _days(laid: Sequence[Calendar]) -> dict[str, Whole]:
    """For each calendar and day of UTC what its clock shows when the day begins, and when it opens and closes in it."""
    cut = [calendar.by_day() for calendar in laid]
    most = max((int(np.unique(day, return_counts=True)[1].max()) for day, _, _ in cut if len(day)), default=0)
    names = ["calendar", "day", "reading", *(f"{what}_{nth}" for nth in range(1, most + 1) for what in ("opens", "closes"))]
    tables = [np.empty((len(names), 0), dtype=np.int64)]
    for code, (calendar, (day, opens, closes)) in enumerate(zip(laid, cut, strict=True)):
        days = np.arange(*calendar.horizon, DAY)
        place, nth = np.searchsorted(days, day), np.arange(len(day)) - np.searchsorted(day, day)
        times = np.zeros((2 * most, len(days)), dtype=np.int64)
        times[2 * nth, place], times[2 * nth + 1, place] = opens, closes
        tables.append(np.stack([np.full(len(days), code), days, calendar.reading(days), *times]))
    return dict(zip(names, np.concatenate(tables, axis=1), strict=True))


def unit_calendars(log: EventLog, found: Calendars) -> ir.Table:
    """The units that the filters keep, with ``calendar`` (its code) and ``level``, both missing where none applies."""
    these = units(log)
    named = these
    applies = log.card.calendar_of
    for place, level in enumerate(applies.order()):
        values, keys = _values(log, level, these)
        coded = _coded(values, found, applies.levels[level], f"calendar_{place}")
        named = named.left_join(coded, keys).select(*named.columns, f"calendar_{place}")
    return _decided(named, applies.order(), found, found.code(applies.default)).select(*these.columns, "calendar", "level")


def case_calendars(log: EventLog, found: Calendars) -> ir.Table:
    """The calendar of each case that the filters keep: case, calendar (its code), level; both missing where none applies."""
    applies = log.card.calendar_of
    levels = applies.of_cases()
    named = traces(log).select("case")
    for place, level in enumerate(levels):
        coded = _coded(recorded_case_values(log, level), found, applies.levels[level], f"calendar_{place}")
        named = named.left_join(coded, "case").select(*named.columns, f"calendar_{place}")
    return _decided(named, levels, found, found.code(applies.default), of_cases=True).select("case", "calendar", "level")


def _values(log: EventLog, level: str, these: ir.Table) -> tuple[ir.Table, list[str]]:
    """What stands at a level for units, under the names of the source, and the columns by which it is joined."""
    if level == "resource" and log.facts.people != "roles":
        return recorded_names(log).rename(value="label"), ["resource"]
    if case_value_of(log, level):
        return recorded_case_values(log, level), ["case"]
    return recorded_unit_values(log, level, these), ["case", "position"]


def _coded(values: ir.Table, found: Calendars, named: Mapping[str, str], column: str) -> ir.Table:
    import ibis

    kept = values.filter(values.value.isin(list(named)))
    code = kept.value.cases(*((value, found.code(name)) for value, name in named.items()), else_=None) if named else ibis.null()
    return kept.mutate(**{column: code.cast("int32")}).drop("value")


def _of_resources(found: Calendars) -> ir.Table:
    """The calendar that was learned for each resource: resource, learned_calendar."""
    import ibis

    pairs = [{"resource": resource, "calendar": code} for resource, code in found.learned.items()]
    listed = ibis.literal(pairs, type="array<struct<resource: int32, calendar: int32>>").unnest().name("pair").as_table()
    return listed.select(resource=listed.pair["resource"], learned_calendar=listed.pair["calendar"])


def _decided(named: ir.Table, levels: Sequence[str], found: Calendars, default: int | None, *, of_cases: bool = False) -> ir.Table:
    """The first calendar that is named, and its level; the learned one of the resource comes last."""
    import ibis

    learned = bool(found.learned) and not of_cases
    if learned:
        named = named.left_join(_of_resources(found), "resource").drop("resource_right")
    decided = [(named[f"calendar_{place}"], ibis.literal(level)) for place, level in enumerate(levels)]
    if default is not None:
        decided.append((ibis.literal(default, "int32"), ibis.literal(DEFAULT)))
    if learned:
        decided.append((named.learned_calendar, ibis.literal(LEARNED)))
    if not decided:
        return named.mutate(calendar=ibis.null("int32"), level=ibis.null("string"))
    calendar = ibis.coalesce(*(code for code, _ in decided))
    level = ibis.cases(*((code.notnull(), level) for code, level in decided), else_=ibis.null("string"))
    return named.mutate(calendar=calendar.cast("int32"), level=level)
