"""Calendars: which one applies to whose work, and how well it fits the work that was done.

A number in working time is only as good as the calendar behind it. **Calendar fit** is the share of the units (by their
completion) and of the processing time that lies inside the calendar that applies to them; below 90 % the calendar says too
little, and the resources with most work outside are named. Where no calendar applies, working time is missing: it is never
taken as 24 hours on seven days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.arrays import Lent
from finmine.calendar_fit import CalendarFit, calendar_fit
from finmine.engine import Rows
from finmine.kernels.learned_granules import Learning
from finmine.log import EventLog
from finmine.relations.calendar_fit import fit, unit_fit
from finmine.relations.calendars import Calendars, unit_calendars
from finmine.relations.calendars import calendars as laid_out
from finmine.relations.closing_days import closing_axis, on_closing_axis
from finmine.relations.groups import cases_of, grouped
from finmine.relations.held_rows import HeldRows
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, Matrix, Table, View
from finmine.words import agreeing, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

NONE = "(none)"
_APPLIED = ("calendar", "calendar_level", "units", "units_share", "cases", "inside_share")
_MOST_RESOURCES = 20
_MOST_CALENDARS = 30
_CLOSE = (-3, 10)
_BETWEEN = "all days between"
_UNPLACED = "not known: no calendar, or a stamp far from all others"


@dataclass(frozen=True, slots=True, repr=False)
class CalendarsInUse(Result):
    """The calendars that apply (in each group), most units first, the fit of each resource, and the units on the axis of period closes."""

    by: str | None
    found: Calendars
    fit: CalendarFit
    axis: HeldRows
    closes: Rows

    def answers(self) -> Mapping[str, Rows]:
        """Which calendar applies to how many units, the fit of the resources, and the units by working day of the close."""
        return {"calendars": self.rows, "calendar fit": self.fit.rows, "working days of the close": self.closes}

    def prepared(self) -> tuple[str, ...]:
        """The intervals of the calendars, and their working days before and after the end of each month."""
        return (*self.found.script(), *self.axis.script())

    def kernels(self) -> tuple[Lent, ...]:
        """Where learned calendars come from."""
        return self.found.lent

    def records(self) -> tuple[Record, ...]:
        """Each calendar with the level at which it was named, and its fit."""
        names = {code: calendar.name for code, calendar in enumerate(self.found.calendars)}
        every = sum(record["units"] for record in self.rows.records())
        return tuple(
            {
                **_shares(record),
                "calendar": names.get(record["code"], NONE),
                "calendar_level": record["level"] or NONE,
                "units_share": record["units"] / every,
            }
            for record in self.rows.records()
        )

    def view(self) -> View:
        """How well the calendars fit, what they are, to what they apply and who works outside of them."""
        spent = ("spent_inside_share",) if self.about.log.facts.has_start else ()
        blocks: list[Block] = [*opening(self.about), *self._headlines(), *self.fit.blocks(), *self._unused()]
        if self.found.calendars:
            blocks.append(self._known())
        blocks.append(table("Which calendar applies", self.records(), (*_APPLIED, *spent), self.by))
        blocks += self._outside(spent)
        if self.found.calendars:
            blocks.append(self._at_closes())
        learned = (_LEARNED,) if self.found.learned else ()
        return View("Calendars", (*blocks, *_DEFINITIONS, *learned), self.about.log.zone)

    def _headlines(self) -> Iterator[Headline]:
        records = self.records()
        inside, placed = (sum(record[name] for record in records) for name in ("inside", "placed"))
        if placed:
            some = "" if self.by else f" on {plural(len({record['calendar'] for record in records if record['calendar'] != NONE}), 'calendar')}"
            yield Headline(
                f"{share(inside / placed)} of {plural(placed, self.about.log.facts.unit)}{some} {agreeing(placed, 'lies', 'lie')} inside working time.",
                1 - inside / placed,
            )

    def _unused(self) -> Iterator[Caveat]:
        """Calendars that the card names at a level at which they apply to nothing: a name may be misspelt, and another calendar stand in."""
        log, applied = self.about.log, {(record["code"], record["level"]) for record in self.rows.records()}
        for level, named in log.card.calendar_of.levels.items() if applied and not log.filters else ():
            for name in sorted({name for name in named.values() if (self.found.code(name), level) not in applied}):
                why = f"no {level} that it is given to is in this log, or a nearer calendar applies"
                yield Caveat(
                    f"The calendar {name} is named by {level} in [calendar_of] of the card and applies to no {log.facts.unit} there: {why}. Names are read exactly."
                )

    def _known(self) -> Table:
        """All calendars, and of those that were learned from how much."""
        declared, known = self.about.log.card.calendars, self.found.calendars
        support = (*[None] * len(self.found.declared), *self.found.support)
        rows = [
            {
                "calendar": calendar.name,
                "calendar_kind": calendar.kind,
                "hours": calendar.hours,
                "holidays": ", ".join(declared[calendar.name].holidays) or None if calendar.kind == "declared" else None,
                "zone": calendar.zone,
                "working_day": calendar.day,
                "dates_seen": rests.dates if rests else None,
                "stamps": rests.stamps if rests else None,
                "support": rests.inside / rests.stamps if rests else None,
            }
            for calendar, rests in zip(known[:_MOST_CALENDARS], support, strict=False)
        ]
        learned = ("dates_seen", "stamps", "support") if self.found.support else ()
        shown = table("The calendars", rows, ("calendar", "calendar_kind", "hours", "holidays", "zone", "working_day", *learned))
        return Table(shown.title, shown.columns, shown.rows, len(known) if len(known) > _MOST_CALENDARS else None)

    def _outside(self, spent: tuple[str, ...]) -> Iterator[Table]:
        """The resources with units or processing time outside: most units first, and where none are, most time."""
        every = [_shares(record) for record in self.fit.rows.records() if self.found.calendars and record["resource"] is not None]
        records = [record for record in every if record["outside"] or record["spent_outside"]]
        records.sort(key=lambda record: (-record["outside"], -record["spent_outside"], record["resource"]))
        names = ("resource", "units", "without_calendar", "outside", "inside_share", *(("spent_outside", *spent) if spent else ()))
        first = "units" if any(record["outside"] for record in records) else "processing time"
        shown = table(f"Resources that work outside their calendar, most {first} outside first", records[:_MOST_RESOURCES], names)
        if records:
            yield Table(shown.title, shown.columns, shown.rows, len(records) if len(records) > _MOST_RESOURCES else None)

    def _at_closes(self) -> Bars | Matrix:
        """How much is completed on each working day around the ends of months (of each group), and on all days between."""
        first, last = _CLOSE
        told: dict[tuple[str, str | None], int] = {}
        every: dict[str | None, int] = {}
        for record in self.closes.records():
            place, group = record["closing_day"], record.get("group")
            name = _UNPLACED if place is None else f"WD{place:+d}".replace("-", "−") if first <= place <= last else _BETWEEN
            told[name, group] = told.get((name, group), 0) + record["units"]
            every[group] = every.get(group, 0) + record["units"]
        rows = [
            {"closing_day": name, "group": group, "units": number, "units_share": number / every[group]} for (name, group), number in told.items()
        ]
        names = ("closing_day", "units", "units_share")
        if self.by is None:
            return Bars(table("Units by working day of the close", rows, names), "closing_day", "units")
        return Matrix(
            table(f"Share of the units of each {self.by} by working day of the close", rows, names, self.by), "closing_day", "group", "units_share"
        )

    def behind(self, record: Record) -> ir.Table:
        """The cases with units to which one calendar applies at one level (in one group)."""
        these = grouped(self.about.log, unit_fit(self.about.log, self.found), self.by)
        kept = these.filter(these.calendar.identical_to(_code(record["code"])), these.level.identical_to(_text(record["level"])))
        return cases_of(kept, record, self.by)


def calendars(log: EventLog, *, by: str | None = None, learn: bool = False) -> CalendarsInUse:
    """Which calendars apply to how many units, and how well they fit.

    Args:
        log: the event log.
        by: an attribute after which the cases are split, such as the company.
        learn: whether resources to which no declared calendar applies get one that is learned from the log.
    """
    found = laid_out(log, Learning() if learn else None)
    groups = ["group"] if by else []
    these, keys = grouped(log, unit_fit(log, found), by), ["calendar", "level", *groups]
    applied = fit(these, keys, cases=these.case.nunique()).rename(code="calendar")
    rows = log.fetch(applied.order_by([*groups, applied.units.desc(), "code", "level"]))
    axis = closing_axis(log, found, _CLOSE[1])
    placed = on_closing_axis(unit_calendars(log, found), axis, "time")
    placed = grouped(log, placed, by)
    placed = placed.mutate(
        between=((placed.working_day < _CLOSE[0]) | (placed.working_day > _CLOSE[1])).fill_null(False), closing_day=placed.working_day
    )
    counted = placed.group_by([*groups, "closing_day"]).aggregate(units=placed.count(), between=placed.between.first())
    closes = log.fetch(counted.order_by([counted.closing_day.isnull(), "between", "closing_day", *groups]).select(*groups, "closing_day", "units"))
    return CalendarsInUse(about(log, "calendars", {"by": by, "learn": learn}), rows, by, found, calendar_fit(log, found), axis, closes)


def _shares(record: Record) -> dict[str, Any]:
    return {
        **record,
        "outside": record["placed"] - record["inside"],
        "inside_share": record["inside"] / record["placed"] if record["placed"] else None,
        "spent_outside": int(record["spent"] or 0) - int(record["worked"] or 0),
        "spent_inside_share": int(record["worked"]) / int(record["spent"]) if record["spent"] else None,
    }


def _code(code: int | None) -> ir.Scalar:
    import ibis

    return ibis.literal(code, "int32")


def _text(text: str | None) -> ir.Scalar:
    import ibis

    return ibis.literal(text, "string")


_LEARNED = Definition(
    "Learned calendar",
    "the hours of the week in which the stamps of a resource lie: an hour is in where the resource did one of its activities in it on at least a tenth of "
    "the dates of that weekday on which it did it, and further hours until 70 % of its stamps are in; from the resource itself if it was seen on 20 dates "
    "or more, else from its role, else from all. It says when work was recorded, so its fit to the same log says little",
    "pix-framework, as used by Kronos",
)
_DEFINITIONS = (
    Definition(
        "Working day of the close",
        "WD+1 is the first working day after the end of a month, WD−1 the last up to it, by the calendar that applies to the unit; up to WD+10 a day counts "
        "with the close before it, then with the next. A half day is a working day, a night shift belongs to the day on which it begins, and a day off counts "
        "with the next working day. Each unit is counted on its own calendar: on one that is open every day, as those of machines are, every day is a working "
        "day, so that one date can be WD+2 for a person and WD+4 for a machine",
    ),
    Definition(
        "Calendar that applies",
        "that of the resource, else of its role, else of an attribute in the order of the card, else the default; where none of them names one, none",
    ),
    Definition(
        "Inside",
        "a unit is inside where its calendar is open at its completion, or closes just then; processing time is inside as far as the calendar is open in it",
    ),
)
