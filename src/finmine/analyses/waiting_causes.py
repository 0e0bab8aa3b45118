"""Waiting causes: why work waits, as six causes that add up to every wait exactly, in the units of work that waited.

A unit waits from when it was enabled (see ``relations.enabled``) until it begins. What its resource did in the meantime, its batch
and its calendar say why (see ``relations.waiting_causes``). Where a log records only completions nobody can tell waiting from
work: then only gaps are told, and no causes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from finmine.arrays import Lent
from finmine.calendar_fit import CalendarFit, calendar_fit, in_days
from finmine.concurrent_pairs import ENABLED, concurrent_pairs
from finmine.doubtful_units import doubtful_units
from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.kernels.learned_granules import Learning
from finmine.log import EventLog
from finmine.relations.calendars import calendars
from finmine.relations.groups import cases_of, grouped
from finmine.relations.tables import activity_labels, resource_labels
from finmine.relations.unit_times import sums, unit_times
from finmine.relations.waiting_causes import CAUSES, Precedence, WaitingParts, sums_by_order, waiting_parts
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Cell, Definition, Facts, Headline, Prose, Table, View
from finmine.words import count, duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]
Level: TypeAlias = Literal["activity", "step", "resource"]

NOBODY, CASE_START = "(not recorded)", "(start of the case)"
_KEYS = {"activity": ("activity",), "step": ("source_activity", "target_activity"), "resource": ("resource",)}
_CODES = {"activity": ("code",), "step": ("source", "code"), "resource": ("code",)}
_IN_HOURS = ("working", "_open")
_ORDERS: tuple[Precedence, ...] = get_args(Precedence)
_MOST_BARS = 15
_MOST_HEADLINES = 3
_LEAST_SHARE = 0.01  # of all waiting: less is in the table and in no headline
_MEANT = {
    "batching": "the resource could do the work and leaves it until its batch is complete",
    "contention": "the resource is busy with work that was there earlier",
    "prioritisation": "the resource is busy with work that came later",
    "unavailability": "the calendar of the resource is closed",
    "unknown": "no resource is recorded, or no calendar applies to it",
    "extraneous": "the resource is there and does nothing else in this log",
}


class RawHours(Refusal):
    """Two orders of precedence at once."""

    def __init__(self) -> None:
        super().__init__(
            "--raw counts other work in closed hours too, and --order hours-first gives closed hours to unavailability before all else; ask for one of them."
        )


@dataclass(frozen=True, slots=True, repr=False)
class WaitingCauses(Result):
    """The waiting of each activity, step or resource (in each group) by cause, most first, and the whole in the other orders of precedence."""

    by: str | None
    level: Level
    order: Precedence
    raw: bool
    found: WaitingParts
    fit: CalendarFit
    others: Rows

    def answers(self) -> Mapping[str, Rows]:
        """Waiting by cause, the whole in the other orders of precedence, the pairs of activities looked at for concurrency, and the fit."""
        return {
            f"waiting by {self.level}": self.rows,
            f"all waiting, {' and '.join(self._beside)}": self.others,
            "pairs of activities that follow one another both ways": self.found.enabled.concurrency.rows,
            "calendar fit": self.fit.rows,
        }

    def prepared(self) -> tuple[str, ...]:
        """The calendars and the months."""
        return self.found.script()

    def kernels(self) -> tuple[Lent, ...]:
        """Where learned calendars, concurrency, enabled times, batches and the parts of waits come from."""
        return self.found.lent

    @property
    def _beside(self) -> tuple[Precedence, ...]:
        """The other orders of precedence."""
        return tuple(order for order in _ORDERS if order != self.order)

    @property
    def whole(self) -> dict[str, int | None]:
        """The sums over all rows; of times in opening hours missing where none is known."""
        names = [name for name in self.rows.names if name not in ("group", "cases", *_CODES["step"], *_KEYS["step"], *_KEYS["resource"], "activity")]
        known = {name: [value for value in self.rows.column(name) if isinstance(value, int)] for name in names}
        return {name: None if not values and name.endswith(_IN_HOURS) else sum(values) for name, values in known.items()}

    def records(self) -> tuple[Record, ...]:
        """The rows with their share of all waiting (or gaps, where no waiting is known) and the cause that has most of it."""
        told = "waiting" if self.found.told else "gap"
        whole = self.whole[told]
        return tuple(
            {
                **record,
                "resource": record.get("resource") or NOBODY,
                "source_activity": record.get("source_activity") or CASE_START,
                "open_gap": record["gap"],
                "waiting_share": record[told] / whole if whole else None,
                "main_cause": max(CAUSES, key=lambda cause: record[cause]) if record["waiting"] else None,
            }
            for record in self.rows.records()
            if record["waiting"] or record["gap"]
        )

    def view(self) -> View:
        """Headlines, what each cause costs, where it is waited, what was taken for concurrent, and how the calendars fit."""
        whole, records = self.whole, self.records()
        blocks: list[Block] = [*opening(self.about), *(() if self.found.told else [Caveat(_ONLY_GAPS)]), *doubtful_units(self.about.log)]
        if self.found.told:
            blocks += [
                *self._headlines(whole, records),
                *self._unknown(whole),
                *self._teams(),
                Facts("Cycle-time efficiency", tuple(self._efficiency(whole))),
            ]
            blocks += self._where(records, tuple(cause for cause in CAUSES if whole[cause]))
            blocks.append(Bars(self._causes(whole), "cause", "waiting"))
        if whole["gap"]:
            gaps = [{**record, **self._in_days(record, "gap_open")} for record in records if record["gap"]]
            names = (*_KEYS[self.level], "gapped", "open_gap", *(("gap_open",) if self.found.calendars.calendars else ()))
            blocks.append(table(f"Gaps by {self.level}", sorted(gaps, key=lambda one: -one["open_gap"]), names, self.by))
        blocks += [*concurrent_pairs(self.about.log, self.found.enabled.concurrency), *self.fit.blocks()]
        return View("Waiting causes", (*blocks, ENABLED, *(_DEFINITIONS if self.found.told else ()), _GAP), self.about.log.zone)

    def _in_days(self, record: Record, name: str) -> dict[str, Cell]:
        """A time in opening hours, to be told in the working days of the calendars."""
        return in_days(record, [name], self.found.calendars.day)

    def _where(self, records: Sequence[Record], causes: tuple[str, ...]) -> Iterator[Block]:
        """The rows that wait, drawn as bars of their causes; where a row has more than one name, its names beside it."""
        waiting = self._labelled([record for record in records if record["waiting"]])
        plain = self.by is None and self.level != "step"
        label, names = self.level if plain else "waited", ("waits", "waiting", "waiting_share", *causes, "main_cause")
        title = f"Where work waits, by {self.level}"
        if waiting and plain:
            yield Bars(table(title, waiting, (label, *names)), label, "waiting", causes)
        elif waiting:
            drawn = sorted(waiting, key=lambda record: -record["waiting"])[:_MOST_BARS]
            title += f": the first {len(drawn)} of {len(waiting):,}" if len(drawn) < len(waiting) else ""
            yield Bars(table(title, drawn, (label, "waiting", *causes)), label, "waiting", causes)
            yield table(f"Waiting by {self.level}", waiting, (*_KEYS[self.level], *names), self.by)

    def _labelled(self, records: Sequence[Record]) -> list[Record]:
        named = [" → ".join(record[name] for name in _KEYS[self.level]) for record in records]
        groups = ["" if self.by is None else f"{record['group']}: " for record in records]
        return [{**record, "waited": f"{group}{name}"} for record, group, name in zip(records, groups, named, strict=True)]

    def _headlines(self, whole: Record, records: Sequence[Record]) -> Iterator[Headline]:
        if not whole["waiting"]:
            return
        spent, unit = whole["waiting"] + whole["work"], self.about.log.facts.unit
        said = f"Of the {duration(spent)} that work is open, it waits {duration(whole['waiting'])} ({share(whole['waiting'] / spent)})"
        yield Headline(
            f"{said}: {count(whole['waits'])} of {plural(whole['units'], unit)} {'waits' if whole['waits'] == 1 else 'wait'}.",
            whole["waiting"] / spent,
            "time",
        )
        for cause in sorted(CAUSES, key=lambda cause: -whole[cause])[:_MOST_HEADLINES]:
            if whole[cause] >= _LEAST_SHARE * whole["waiting"]:
                part = whole[cause] / whole["waiting"]
                most = max(records, key=lambda record: record[cause])
                place = self._labelled([most])[0]["waited"]
                where = f"most of it {'for' if self.level == 'resource' else 'before'} {place} ({duration(most[cause])})"
                yield Headline(
                    f"{share(part)} of all waiting is {cause} ({_MEANT[cause]}): {duration(whole[cause])}, {where}.", whole[cause] / spent, "time"
                )

    def _causes(self, whole: Record) -> Table:
        """What each cause costs, on the clock and in opening hours, in the other orders, and what efficiency would be without it."""
        others, work = self.others.records()[0], whole["work"]
        spent = whole["waiting"] + work
        rows = [
            {
                "cause": cause,
                "waiting": whole[cause],
                "waiting_share": whole[cause] / whole["waiting"] if whole["waiting"] else None,
                **self._in_days({"opening": whole[f"{cause}_working"]}, "opening"),
                **{_column(order): others[f"{order}_{cause}"] for order in self._beside},
                "efficiency_without": work / (spent - whole[cause]) if spent - whole[cause] else None,
                "efficiency_gain": work / (spent - whole[cause]) - work / spent if spent - whole[cause] else None,
            }
            for cause in CAUSES
        ]
        names = ("cause", "waiting", "waiting_share", "opening", *map(_column, self._beside), "efficiency_without", "efficiency_gain")
        raw = ", other work counted in closed hours too" if self.raw else ""
        return table(f"Waiting by cause ({self.order.replace('-', ' ')}{raw}; beside it the other orders of precedence)", rows, names)

    def _efficiency(self, whole: Record) -> Iterator[tuple[str, Any, Any]]:
        spent, working = whole["waiting"] + whole["work"], (whole["working"] or 0) + (whole["work_open"] or 0)
        yield "Work", whole["work"], "duration"
        yield "Waiting", whole["waiting"], "duration"
        yield "Work in work and waiting", whole["work"] / spent if spent else None, "share"
        if working:
            yield "The same in opening hours", int(whole["work_open"] or 0) / int(working), "share"
        yield "Start lag, which is no waiting", whole["start_lag"] or 0, "duration"

    def _teams(self) -> Iterator[Prose]:
        """The resources that stand for several people."""
        if self.found.teams:
            said = f"{plural(len(self.found.teams), 'resource stands', 'resources stand')} for several people by [[capacity]] on the card"
            yield Prose(f"{said}: what waits for one is in contention, or jumped, only while as many units are worked on as there are people.")

    def _remedy(self) -> str:
        """What would make more causes known."""
        if not self.about.log.facts.has_resource:
            return " No resource is recorded at all: name its column with --resource COLUMN."
        return "" if self.about.parameters["learn"] else " Declare calendars on the card, or have them learned from the log: --learn."

    def _unknown(self, whole: Record) -> Iterator[Caveat]:
        unit = self.about.log.facts.unit
        if whole["unplaced"]:
            said = f"For {plural(whole['unplaced'], 'wait')} of {count(whole['waits'])} no resource or no calendar is known"
            closed = " Whatever else is told of these waits holds nights and weekends too, which a calendar would call unavailability."
            unheld = closed if whole["waiting"] > whole["unknown"] else ""
            yield Caveat(f"{said}, so that {duration(whole['unknown'])} of waiting have no known cause.{unheld}{self._remedy()}")
        if whole["gaps"]:
            has, theirs = ("has", "it its resource counts") if whole["gaps"] == 1 else ("have", "them their resources count")
            said = f"{plural(whole['gaps'], unit)} of {count(whole['units'])} {has} no usable start: waiting and work cannot be told apart there"
            yield Caveat(f"{said} ({duration(whole['gap'])}), and during the work on {theirs} as free.")

    def behind(self, record: Record) -> ir.Table:
        """The cases in which units of one row wait (or have a gap, where no waiting is known)."""
        log = self.about.log
        these = grouped(log, _coded(unit_times(log, self.found, self.order, raw=self.raw), self.level), self.by)
        kept = these.filter(*(these[code].identical_to(_code(record[code])) for code in _CODES[self.level]))
        return cases_of(kept.filter((kept.waiting > 0) | kept.gap.notnull()), record, self.by)


def waiting_causes(
    log: EventLog, *, level: Level = "activity", by: str | None = None, order: Precedence = "batch-last", raw: bool = False, learn: bool = False
) -> WaitingCauses:
    """Why work waits: the waiting before each activity, step or resource, by cause.

    Args:
        log: the event log.
        level: what a row is: an activity, a step (the activity that enabled another, and this one), or a resource.
        by: an attribute after which the cases are split.
        order: what counts where several things are true at once: a batch last of all (so that it only counts while its resource could have
            done the unit), or the work first, as in the literature, or the hours.
        raw: whether other work counts in closed hours too, as in Kronos.
        learn: whether resources to which no declared calendar applies get one that is learned from the log.

    Raises:
        RawHours: raw and hours-first together.
    """
    if raw and order == "hours-first":
        raise RawHours
    asked = about(log, "waiting-causes", {"level": level, "by": by, "order": order, "raw": raw, "learn": learn})
    found = waiting_parts(log, calendars(log, Learning() if learn else None))
    groups = ["group"] if by else []
    these = grouped(log, _coded(unit_times(log, found, order, raw=raw), level), by)
    named = _named(log, these.group_by([*groups, *_CODES[level]]).aggregate(**sums(these)), level)
    rows = log.fetch(named.order_by([*groups, named.waiting.desc(), named.gap.desc(), *_KEYS[level], *_CODES[level]]))
    others = log.fetch(sums_by_order(log, found, [other for other in _ORDERS if other != order]))
    return WaitingCauses(asked, rows, by, level, order, raw, found, calendar_fit(log, found.calendars), others)


def _column(order: Precedence) -> str:
    """The name of the column that tells the causes in an order of precedence."""
    return order.replace("-", "_")


def _coded(these: ir.Table, level: Level) -> ir.Table:
    """The units with the codes by which they are gathered."""
    return these.mutate(code=these.resource if level == "resource" else these.activity, source=these.before)


def _named(log: EventLog, these: ir.Table, level: Level) -> ir.Table:
    """The rows with the names of their codes."""
    labels = resource_labels(log) if level == "resource" else activity_labels(log)
    main, *before = reversed(_KEYS[level])
    known = labels.select(code=labels[labels.columns[0]], **{main: labels.label})
    named = these.left_join(known, "code").drop("code_right")
    for name in before:
        sources = known.select(source="code", **{name: known[main]})
        named = named.left_join(sources, "source").drop("source_right")
    return named


def _code(code: int | None) -> ir.Scalar:
    import ibis

    return ibis.literal(code, "int32")


_ONLY_GAPS = (
    "The log records when units were completed, but not (or only by the day) when work on them began, so nobody can tell waiting from work: "
    "there are no waiting causes, only gaps, from when a unit was enabled to its completion."
)
_KRONOS = "Lashkevich, Milani, Chapela-Campa, Suvorau and Dumas 2023 (Kronos)"
_DEFINITIONS = (
    Definition(
        "Batching", "the last unit of its batch is not yet enabled; a batch is work of one resource on one activity, done without a pause", _KRONOS
    ),
    Definition(
        "Contention, prioritisation",
        "the resource works on something else that was enabled no later (it stood ahead in the queue), or only on what was enabled later (it jumped the queue)",
        _KRONOS,
    ),
    Definition("Unavailability", "the calendar that applies to the unit is closed", _KRONOS),
    Definition("Unknown", "no resource is recorded, or no calendar applies to the unit and the resource does no other work in this log"),
    Definition("Extraneous", "the rest: nothing in this log explains it, such as an answer from outside or work that is not recorded", _KRONOS),
    Definition(
        "Order of precedence",
        "batch last: contention and prioritisation in opening hours, in the order in which units were enabled, then unavailability, then batching, so "
        "that a unit waits for its batch only while its resource could have done it; work first (as in Kronos): batching, then contention and "
        "prioritisation in opening hours, then unavailability; hours first: closed hours are unavailability whatever else is true. In each order the "
        "six causes add up to each wait exactly",
    ),
    Definition(
        "Cycle-time efficiency",
        "work divided by work and waiting, both on one clock; without a cause, as if its waiting were nought and nothing else changed; the gain is in percentage points",
    ),
)
_GAP = Definition(
    "Gap",
    "from when a unit was enabled to its completion, where no start is known; it holds waiting and work alike. A unit that is "
    "completed as it is enabled, as the first of a case without a start is, has none and is not counted",
)
