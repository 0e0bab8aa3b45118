"""Times: how long work takes, how long it waits, and how long nothing is done, of cases and of units, at any level.

**Processing** runs from start to completion, **waiting** from when a unit was enabled to its start, and both exist only where starts are
recorded. A **gap** runs from one completion of a case to the next: it holds waiting and work alike and is never called waiting.
**Idle** is the time of a case in which none of its units was in work. Of a case, spans that overlap count once; of units, each
by itself. With ``clock = working`` only the time counts in which the calendar is open that applies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import ibis

from finmine.arrays import Lent
from finmine.calendar_fit import UNKNOWN, CalendarFit, calendar_fit, calendars_of_cases, in_days
from finmine.concurrent_pairs import ENABLED, concurrent_pairs
from finmine.doubtful_units import doubtful_units
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.relations.enabled import Enabled, enabled, enabled_units
from finmine.relations.estimated_starts import estimated_units
from finmine.relations.groups import cases_of, grouped
from finmine.relations.tables import activity_labels
from finmine.relations.time_measures import KEYS, LABELS, Level, keyed, named, summed, times_of_cases, times_of_units, with_most
from finmine.relations.times import OF_CASES, case_times, unit_times
from finmine.relations.traces import spelled_traces, trace_labels, traces
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Clock, Definition, Headline, Table, View
from finmine.words import agreeing, count, duration, plural, share, working_duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_SPREAD = ("mean", "median", "p90", "total")
TITLES = {
    "throughput": "Throughput time",
    "processing": "Processing time",
    "waiting": "Waiting time",
    "start_lag": "Start lag",
    "gap": "Gap",
    "idle": "Idle time",
    "processing_estimated": "Processing time, start estimated",
    "waiting_estimated": "Waiting time, start estimated",
}
"""What each measure is called."""


@dataclass(frozen=True, slots=True, repr=False)
class Times(Result):
    """The times at one level: a row for each measure of each activity (or edge, and so on); at the level of cases a row for each case."""

    by: str | None
    level: Level
    found: Enabled
    whole: Rows
    unknown: Rows
    spelled: Rows | None
    fit: CalendarFit | None

    def answers(self) -> Mapping[str, Rows]:
        """The times, the flow efficiency, the units without start, and what the answer rests on."""
        told = {"times": self.rows, "cases in all": self.whole, "units without a usable start": self.unknown}
        told |= {"traces": self.spelled} if self.spelled else {}
        told |= {"activities that follow one another both ways": self.found.concurrency.rows}
        return told | ({"calendar fit": self.fit.rows} if self.fit else {})

    def prepared(self) -> tuple[str, ...]:
        """The intervals of the calendars, where working time is told."""
        return self.fit.found.script() if self.fit else ()

    def kernels(self) -> tuple[Lent, ...]:
        """When units were enabled."""
        return self.found.lent

    def records(self) -> tuple[Record, ...]:
        """The rows in the order in which they are told, but for times of which nothing is known; with the trace of a variant and the flow efficiency of a case."""
        records = self.rows.records()
        if self.level == "case":
            return tuple({**record, "flow_efficiency": _ratio(record["processing"], record["throughput"])} for record in records)
        known = {record["time_of"] for record in records if record["measured"]}
        labels = trace_labels(self.spelled) if self.spelled else {}
        order = sorted(
            (record for record in records if record["time_of"] in known),
            key=lambda record: (record.get("group") or "", record["per"], list(TITLES).index(record["time_of"])),
        )
        traces_of = [{"trace": " → ".join(labels[record["representative"]])} if labels else {} for record in order]
        return tuple({**record, **trace, "measure": TITLES[record["time_of"]]} for record, trace in zip(order, traces_of, strict=True))

    def view(self) -> View:
        """Headlines, the times, and of how many cases or units each is known."""
        records, log = self.records(), self.about.log
        blocks: list[Block] = [
            *opening(self.about),
            *doubtful_units(log, elapsed=self.fit is None),
            *self._headlines(records),
            *(self.fit.blocks() if self.fit else ()),
        ]
        blocks.append(self._of_cases(records) if self.level == "case" else self._of_measures(records))
        blocks += concurrent_pairs(log, self.found.concurrency) if log.facts.has_start else ()
        return View("Times", (*blocks, *self._caveats(records), *self._definitions()), log.zone)

    @property
    def day(self) -> int | None:
        """The working day in which working times are told, where there is one."""
        return self.fit.found.day_of_cases(self.about.log.card.calendar_of) if self.fit else None

    def told(self, time: int | None) -> str:
        """A time in words: as a duration, or in working days."""
        return working_duration(time, self.day) if self.fit else duration(time)

    def _table(self, title: str, records: Sequence[Record], names: Sequence[str]) -> Table:
        """A table of these columns; times are named and told after the clock."""
        times = [name for name in names if name in (*_SPREAD, *OF_CASES)]
        if self.fit is None:
            return table(title, records, names, self.by)
        working = [{**record, **{f"working_{name}": time for name, time in in_days(record, times, self.day).items()}} for record in records]
        return table(title, working, [f"working_{name}" if name in times else name for name in names], self.by)

    def _of_measures(self, records: Sequence[Record]) -> Table:
        if self.level == "log":
            return self._table("Times of cases and units", records, ("measure", "per", "measured", "not_known", *_SPREAD))
        title = f"Times by {self.level}, per {'case' if self.level == 'variant' else 'unit'}"
        return self._table(title, records, ("measure", *LABELS[self.level], "measured", "not_known", *_SPREAD))

    def _of_cases(self, records: Sequence[Record]) -> Table:
        starts = ("processing", "waiting", "start_lag", "idle", "flow_efficiency") if self.about.log.facts.has_start else ()
        total = sum(record["cases"] for record in self.whole.records())
        shown = self._table("Times of the cases, longest first", records, ("case", "throughput", *starts))
        return Table(shown.title, shown.columns, shown.rows, total if total > len(records) else None)

    def _headlines(self, records: Sequence[Record]) -> Iterator[Headline]:
        """How much of the time is work, where that is known of most cases, and how long the unit in the middle waits and takes."""
        totals = {name: sum(int(record[name] or 0) for record in self.whole.records()) for name in ("cases", "known", "throughput", "processing")}
        if 2 * totals["known"] > totals["cases"] and totals["throughput"]:
            idle = 1 - totals["processing"] / totals["throughput"]
            of = plural(totals["known"], "case") + ("" if totals["known"] == totals["cases"] else f" of {count(totals['cases'])}")
            yield Headline(f"In {share(idle)} of the throughput time of {of} nothing is in work; flow efficiency is {share(1 - idle)}.", idle)
        middle = {record["time_of"]: record for record in records if self.level == "log" and self.by is None and record["per"] == "unit"}
        if "waiting" in middle and middle["waiting"]["measured"] and middle["processing"]["measured"]:
            waited, worked = (self.told(middle[name]["median"]) for name in ("waiting", "processing"))
            half = (
                "The only wait takes {}"
                if middle["waiting"]["measured"] == 1
                else f"Half of {count(middle['waiting']['measured'])} waits take {{}} or more"
            )
            yield Headline(f"{half.format(waited)}; half of the work takes {worked} or more.")

    def _caveats(self, records: Sequence[Record]) -> Iterator[Caveat]:
        log = self.about.log
        if not log.facts.has_start:
            yield Caveat(
                "The log records no starts, so nobody can say what was work, what was waiting and when nothing was done: gaps hold waiting and work alike."
            )
        elif without := [record for record in self.unknown.records() if record["units"]]:
            units, cases = sum(record["units"] for record in without), sum(record["cases"] - record["known"] for record in self.whole.records())
            named = ", ".join(f"{record['activity']} ({count(record['units'])})" for record in without[:3])
            said = f"{plural(units, f'{log.facts.unit} has', f'{log.facts.unit}s have')} no usable start, {agreeing(units, 'of', 'most of them')} {named}"
            held = agreeing(units, "it", "them")
            theirs = f"those of the {plural(cases, f'case that holds {held}, or its', f'cases that hold {held}, or their')} idle time"
            its = agreeing(units, "its", "their")
            yield Caveat(f"{said}; {its} processing and waiting are not known, nor are {theirs}.")
        if self.fit:
            yield Caveat(f"In working time, what is not known is in no number: {UNKNOWN}; or a unit was suspended.")
        if estimated := [record for record in records if str(record.get("time_of")).endswith("_estimated")]:
            units = sum(record["measured"] for record in estimated if record["time_of"] == "processing_estimated")
            part = share(units / self.about.population.units) if self.about.population.units else "0 %"
            said = f"The starts of {plural(units, log.facts.unit)} ({part}) are estimated; times from them are in rows of their own"
            yield Caveat(f"{said}: processing is at most that long, waiting at least.")

    def _definitions(self) -> Iterator[Definition]:
        if self.about.log.facts.has_start:
            yield ENABLED
            yield Definition(
                "Idle time",
                "throughput time less the time in which at least one unit of the case was in work; cases without a break count as 0 (edeaR drops them)",
            )
            yield Definition("Flow efficiency", "the time in which at least one unit of the case was in work, divided by throughput time")
        yield Definition("Per", "of a case, spans that overlap count once; of units, each counts by itself, so that they may add up to more")
        yield Definition("Gap", "from the completion of the unit before it in the case to its own; the first has none")
        if any(str(record.get("time_of")).endswith("_estimated") for record in self.rows.records()):
            yield Definition(
                "Estimated start",
                "the latest of when the unit was enabled and when its resource completed other work before; none for units without a resource, first units, and "
                "resources not seen before",
                "pix-framework",
            )

    def behind(self, record: Record) -> ir.Table:
        """The cases of one row: with the activity, the edge, the resource, or of the variant (in one group)."""
        log = self.about.log
        if self.level == "case":
            return traces(log).filter(lambda one: one["label"] == record["case"]).select("case")
        kept = traces(log) if record["per"] == "case" else keyed(log, enabled_units(log, self.found), self.level)
        kept = kept.filter(ibis.literal(True), *(kept[key].identical_to(ibis.literal(record[key], kept[key].type())) for key in KEYS[self.level]))
        return cases_of(grouped(log, kept, self.by), record, self.by)


def times(
    log: EventLog, *, level: Level = "log", clock: Clock = "elapsed", estimate_starts: bool = False, most: int = 100, by: str | None = None
) -> Times:
    """How long work takes, how long it waits, and how long nothing is done.

    Args:
        log: the event log.
        level: whose times are told. Those of the log, of cases and of variants are of cases, the others of units.
        clock: whether times are elapsed time, or the working time of the calendars on the card.
        estimate_starts: whether starts that are not recorded are estimated; what rests on them is told apart.
        most: how many cases or variants are listed at most (of each group), those with most time first.
        by: an attribute after which the cases are split.

    Raises:
        NoCalendar: working time was asked for and no calendar can apply to cases.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    hours = calendars_of_cases(log) if clock == "working" else None
    found, groups = enabled(log), ["group"] if by else []
    cases = grouped(log, case_times(log, found, hours), by)
    spelled = None
    if level == "case":
        listed = _listed(cases, groups, most)
    else:
        measured = times_of_cases(log, cases, [*groups, *KEYS[level]]) if level in ("log", "variant") else []
        if level != "variant":
            these = grouped(log, keyed(log, estimated_units(log, found) if estimate_starts else enabled_units(log, found), level), by)
            measured += times_of_units(log, unit_times(log, these, hours), [*groups, *KEYS[level]], level)
        listed = summed(ibis.union(*measured), [*groups, *KEYS[level]])
        if level == "variant":
            listed = with_most(listed, groups, most)
            spelled = log.fetch(spelled_traces(log, listed.select(case=listed.representative).distinct()))
        listed = named(log, listed, level).order_by([*groups, "time_of", "per", ibis.desc("total"), *KEYS[level]])
    rows = log.fetch(listed)
    whole = cases.aggregate(
        by=groups,
        cases=cases.count(),
        known=cases.idle.count(),
        throughput=cases.throughput.cast("decimal(38, 0)").sum(where=cases.idle.notnull()),
        processing=cases.processing.cast("decimal(38, 0)").sum(where=cases.idle.notnull()),
    )
    asked = about(log, "times", {"level": level, "clock": clock, "estimate_starts": estimate_starts, "most": most, "by": by})
    fit = calendar_fit(log, hours) if hours else None
    return Times(asked, rows, by, level, found, log.fetch(whole.order_by(groups or ["cases"])), log.fetch(_unknown(log, found)), spelled, fit)


def _listed(cases: ir.Table, groups: list[str], most: int) -> ir.Table:
    """The cases (of each group) that take longest, with their times."""
    longest = [ibis.desc("throughput"), "label"]
    place = ibis.row_number().over(ibis.window(group_by=groups, order_by=longest))
    kept = cases.mutate(place=place).filter(lambda one: one.place < most).order_by([*groups, *longest])
    return kept.select(*groups, *OF_CASES, case="label")


def _unknown(log: EventLog, found: Enabled) -> ir.Table:
    """The units without a usable start, by activity."""
    these = enabled_units(log, found)
    counted = these.filter(these.began.isnull()).group_by("activity").aggregate(units=lambda some: some.count())
    named = counted.rename(code="activity").join(activity_labels(log).rename(code="activity", activity="label"), "code")
    return named.order_by(ibis.desc("units"), "activity")


def _ratio(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None
