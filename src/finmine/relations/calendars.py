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
from finmine.finance.calendar import Calendar
from finmine.kernels.learned_granules import Learning
from finmine.relations.attributes import case_value_of, recorded_case_values, recorded_unit_values
from finmine.relations.held_rows import HeldRows, hold
from finmine.relations.learned_calendars import Learned, learned_calendars
from finmine.relations.tables import recorded_names
from finmine.relations.traces import traces
from finmine.relations.units import units
from finmine.words import DAY

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy.typing as npt
    import pyarrow as pa

    from finmine.log import EventLog

LEARNED = "learned"
"""The level of units whose calendar was learned from the log, because none is declared for them."""
_AROUND = 20 * 365 * DAY
_MARGIN = 366 * DAY


@dataclass(frozen=True, slots=True)
class Calendars:
    """The calendars of a log, laid out; the place of each is its code in relations.

    ``intervals`` holds their intervals in the engine: calendar, opens, closes, and reading (what its clock shows when it opens).
    ``declared`` gives the codes by name. ``learned`` gives the code of the calendar that was learned for a resource, by the code
    of the resource; ``lent`` are the kernels it came from.
    """

    calendars: tuple[Calendar, ...]
    declared: Mapping[str, int]
    learned: Mapping[int, int]
    intervals: HeldRows
    lent: tuple[Lent, ...]

    def script(self) -> tuple[str, ...]:
        """The statements that make the table of the intervals, for evidence."""
        return self.intervals.script()

    def day_of_cases(self, applies: CalendarOf) -> int | None:
        """The working day of all calendars that can be the clock of a case; none where they have different ones."""
        named = [name for level in applies.of_cases() for name in applies.levels[level].values()]
        days = {self.calendars[self.declared[name]].day for name in (*named, *([applies.default] if applies.default else []))}
        return days.pop() if len(days) == 1 else None

    def code(self, name: str | None) -> int | None:
        """The code of a declared calendar."""
        return None if name is None else self.declared[name]


def calendars(log: EventLog, learn: Learning | None = None) -> Calendars:
    """The calendars that the log's card declares, laid out from the year before its first event to the year after its last.

    Of stamps more than twenty years from the middle one, such as placeholders, no working time is known. With ``learn``,
    resources with units to which no declared calendar applies get one learned from the log, if it tells enough.
    """
    first, middle, last = log.engine.rows(
        f'SELECT min(coalesce(least(start, time), time)), quantile_disc(time, 0.5), max(time) FROM "{log.tables.units}"'
    )[0]
    since, until = max(first, middle - _AROUND) - _MARGIN, min(max(last, log.facts.extracted), middle + _AROUND) + _MARGIN
    declared = tuple(hours.laid_out(since, until, log.zone) for hours in log.card.calendars.values())
    found = _held(log.engine, declared, Learned((), {}, ()))
    if learn is None or not log.facts.has_resource:
        return found
    these = unit_calendars(log, found)
    without = these.filter(these.calendar.isnull(), these.resource.notnull()).select("resource").distinct()
    resources = [int(str(code)) for code in log.fetch(without.order_by("resource")).column("resource")]
    return _held(log.engine, declared, learned_calendars(log, resources, learn, (since, until)))


def _held(engine: Engine, declared: tuple[Calendar, ...], learned: Learned) -> Calendars:
    """Calendars with their intervals in a table of the engine."""
    import pyarrow as pa

    laid = (*declared, *learned.calendars)
    codes = {resource: len(declared) + place for resource, place in learned.of.items()}
    schema = pa.schema([("calendar", pa.int32()), ("opens", pa.int64()), ("closes", pa.int64()), ("reading", pa.int64())])
    rows = pa.concat_tables([schema.empty_table(), *(pa.table(_rows(code, calendar), schema) for code, calendar in enumerate(laid))])
    return Calendars(laid, {calendar.name: code for code, calendar in enumerate(declared)}, codes, hold(engine, "hours", rows), learned.lent)


def _rows(code: int, calendar: Calendar) -> dict[str, npt.NDArray[np.int64] | pa.Array]:
    """The intervals of a calendar in order, between a row with which its horizon begins and one, without reading, after which it ends."""
    import pyarrow as pa

    since, until = calendar.horizon[0], calendar.horizon[1] + 1
    unknown = np.arange(len(calendar.starts) + 2) > len(calendar.starts)
    return {
        "calendar": np.full(len(unknown), code),
        "opens": np.concatenate(([since], calendar.starts, [until])),
        "closes": np.concatenate(([since], calendar.ends, [until])),
        "reading": pa.array(np.concatenate(([0], calendar.readings, [0])), mask=unknown),
    }


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
