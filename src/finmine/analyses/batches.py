"""Batches: work that is collected and then done together, and what the collecting costs.

A batch is two units or more of one resource and activity, all enabled when the first began, each beginning no more than a
given gap after the work before it ended. Until the last of its batch is enabled a unit waits for the batch, and for nothing
else: the sum of that is what batching costs in time. Where the log records no starts, or only days, nobody can say what waited: completions
by one resource shortly after one another are then called **activity bursts**, which says only that they come together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from finmine.arrays import Lent
from finmine.concurrent_pairs import ENABLED, concurrent_pairs
from finmine.doubtful_units import doubtful_units
from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.finance.working_hours import WEEKDAYS
from finmine.firing import Firing, firing
from finmine.log import EventLog
from finmine.relations.batches import TYPES, batch_starts, batchable_units, batches_by_gap, bursts
from finmine.relations.batches import batches as found_batches
from finmine.relations.enabled import Enabled, enabled
from finmine.relations.groups import cases_of, grouped
from finmine.relations.hands import shown_resources
from finmine.relations.processing import processed
from finmine.relations.tables import activity_labels, resource_labels
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, Table, View
from finmine.words import HOUR, MINUTE, agreeing, duration, parse_duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]
Level: TypeAlias = Literal["activity", "resource"]

_GAPS = (0, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR)
_SIZES = (2, 3, 4, 6, 11, 21, 51, 101)
_BATCHED = ("units", "batched", "batched_share", "batches", "batch_size", "largest_batch", *TYPES)
_COST = ("batching_total", "batching_median", "batching_share")
_LEAST_BATCHES = 5  # of an activity, to say when they usually begin
_BEGAN = (
    *("activity", "batches", "size_median", "oldest_median", "newest_median"),
    *("usual_weekday", "usual_weekday_share", "usual_hour", "usual_hour_share"),
)
_BURSTS = ("units", "in_bursts", "in_bursts_share", "bursts", "burst_size", "largest_burst")


class BadGap(Refusal):
    """The longest gap inside a batch cannot be read."""

    def __init__(self, given: str) -> None:
        super().__init__(f"the gap {given!r} cannot be read as a length of time; write it like 0s, 90s, 5min or 1h 30min.")


@dataclass(frozen=True, slots=True, repr=False)
class BatchedWork(Result):
    """How much of the work is done in batches (by activity or by resource), most units first; ``found`` is missing where nobody can say what waited."""

    by: str | None
    level: Level
    gap: int
    found: Enabled | None
    lent: tuple[Lent, ...]
    sizes: Rows
    gaps: Rows
    began: Rows | None
    firing: Firing | None

    def answers(self) -> Mapping[str, Rows]:
        """The batches, how large they are, how many there would be with other gaps, and what follows what both ways."""
        told = {"batches": self.rows, "sizes of batches": self.sizes, "with other gaps": self.gaps}
        told |= {"when batches begin": self.began} if self.began else {}
        told |= {"when batches fire": self.firing.rows} if self.firing else {}
        return told | ({"activities that follow one another both ways": self.found.concurrency.rows} if self.found else {})

    def kernels(self) -> tuple[Lent, ...]:
        """When units were enabled, the batches, those with other gaps, and the rules by which they fire."""
        return (*self.found.lent, *self.lent, *(self.firing.lent if self.firing else ())) if self.found else ()

    def records(self) -> tuple[Record, ...]:
        """The rows with their shares, under the names of batches or of bursts."""
        return tuple(self._shared(record) for record in self.rows.records())

    def view(self) -> View:
        """Headlines, how much is done in batches and what it costs, how large they are, and what other gaps would give."""
        records = self.records()
        batched = [record for record in records if record["batched"]]
        blocks: list[Block] = [*opening(self.about), *(doubtful_units(self.about.log) if self.found else ()), *self._headlines(batched)]
        noun = "batches" if self.found else "activity bursts"
        if batched and self.by is None:
            counted = ("batched", "batched_share") if self.found else ("in_bursts", "in_bursts_share")
            blocks.append(Bars(table(f"Units in {noun}", batched, (self.level, *counted)), self.level, counted[0]))
        names = (self.level, *(_BATCHED if self.found else _BURSTS))
        blocks.append(table(f"Units in {noun}, of the units that can be in one", records, names, self.by))
        if self.found and batched:
            blocks.append(table("What collecting costs: waiting until the last of the batch was enabled", batched, (self.level, *_COST), self.by))
        blocks += [*self._sizes(noun), *self._began()]
        blocks += self.firing.blocks("" if self.by is None else " (all groups)") if self.firing else ()
        blocks.append(self._other_gaps(noun))
        blocks += concurrent_pairs(self.about.log, self.found.concurrency) if self.found else ()
        title = "Batches" if self.found else "Activity bursts"
        return View(title, (*blocks, *self._limits(), *self._definitions()), self.about.log.zone)

    def _shared(self, record: Record) -> Record:
        of_units = record["batched"] / record["units"] if record["units"] else None
        size = record["batched"] / record["batches"] if record["batches"] else None
        cost = (record["batching_total"] or 0) / record["waiting_total"] if record["waiting_total"] else None
        burst = {"in_bursts": record["batched"], "in_bursts_share": of_units, "bursts": record["batches"], "burst_size": size}
        more = burst | {"largest_burst": record["largest_batch"]}
        return {**record, "batched_share": of_units, "batch_size": size, "batching_share": cost, **more}

    def _headlines(self, records: list[Record]) -> Iterator[Headline]:
        if not records:
            return
        units, inside, number = (sum(record[name] for record in self.records()) for name in ("units", "batched", "batches"))
        many = f"are done in {plural(number, 'batch', 'batches')}" if self.found else f"are completed in {plural(number, 'activity burst')}"
        yield Headline(f"{share(inside / units)} of {plural(units, 'unit')} {many}, {inside / number:,.1f} at a time.", inside / units)
        costs = [record for record in records if record["batching_total"]]
        if self.found and costs:
            waited, all_of = (sum(record[name] or 0 for record in self.records()) for name in ("batching_total", "waiting_total"))
            most = max(costs, key=lambda record: record["batching_total"])
            group = "" if self.by is None else f" ({self.by} = {most['group']})"
            said = f"{duration(waited)} of waiting in all ({share(waited / all_of)} of it) is for a batch to be together"
            yield Headline(f"{said}; {duration(most['batching_total'])} of that at {most[self.level]}{group}.", waited / all_of)

    def _sizes(self, noun: str) -> Iterator[Table]:
        rows = self.sizes.records()
        single = {record["code"]: record["processing_mean"] for record in rows if record["least"] == 1}
        several = [
            {**record, "sizes": _range(record["least"]), "scaling": _ratio(record["processing_mean"], single.get(record["code"]))}
            for record in rows
            if record["least"] > 1
        ]
        names = ("activity", "sizes", "units", *(("processing_mean", "scaling") if self.found else ()))
        if several:
            yield table(f"Sizes of {noun}", several, names)

    def _began(self) -> Iterator[Table]:
        records = [record for record in self.began.records() if record["batches"] >= _LEAST_BATCHES] if self.began else []
        told = [{**record, "usual_weekday": WEEKDAYS[record["weekday"]], "usual_hour": f"{record['hour']:02d}:00"} for record in records]
        if told:
            shown = "" if self.by is None else " (all groups)"
            yield table(f"When batches begin{shown}: after how long, and on which day and in which hour most often", told, _BEGAN)

    def _other_gaps(self, noun: str) -> Table:
        names = ("gap_allowed", *(("batched", "batches", "batching_total") if self.found else ("in_bursts", "bursts")))
        nothing = {"batched": 0, "batches": 0, "batching_total": 0}
        found = {record["gap_allowed"]: record for record in self.gaps.records()}
        told = [{"gap_allowed": gap, **nothing, **found.get(gap, {})} for gap in sorted({self.gap, *_GAPS})]
        rows = [{**record, "in_bursts": record["batched"], "bursts": record["batches"]} for record in told]
        return table(f"How many {noun} there are, by the gap that is allowed inside them (here {duration(self.gap)})", rows, names)

    def _limits(self) -> Iterator[Caveat]:
        log, units = self.about.log, sum(record["units"] for record in self.rows.records())
        if left := self.about.population.units - units:
            why = "a resource or a usable start" if self.found else "a resource"
            yield Caveat(
                f"{plural(left, log.facts.unit)} ({share(left / self.about.population.units)}) without {why} can be in none, and {agreeing(left, 'is', 'are')} in no row."
            )
        if not self.found:
            why = "Stamps say no more than the day" if log.facts.has_start else "The log records no starts"
            yield Caveat(f"{why}, so nobody can say what was collected and what waited: bursts only say what was completed together.")

    def _definitions(self) -> Iterator[Definition]:
        if not self.found:
            yield Definition(
                "Activity burst",
                "two or more units of one resource and activity, each completed no more than the gap after the one before it; no claim of waiting",
            )
            return
        yield ENABLED
        yield Definition(
            "Batch",
            "two or more units of one resource and activity that were all enabled when the first of them began, each beginning no more than the gap after "
            "the work of those before it ended. Parallel: all begin and end together; concurrent: one begins before the one before it ends; "
            "sequential: one after the other. Where the answer is split, a batch counts where its first unit is",
            "Martin et al. 2015; pix-framework",
        )
        yield Definition(
            "Waiting for the batch",
            "from when a unit was enabled until the last of its batch was, whatever else its resource did; first units of a case have none. Waiting causes "
            "call batching only what of this the resource could have used",
        )
        yield from self.firing.definitions() if self.firing else ()
        yield Definition(
            "Scaling",
            "mean processing time of units in batches of these sizes, divided by that of the same activity's units in none",
            "pix-framework",
        )

    def behind(self, record: Record) -> ir.Table:
        """The cases with units in a batch of one activity or resource (in one group)."""
        these = grouped(self.about.log, _units(self.about.log, self.found, self.lent[0] if self.lent else None, self.gap), self.by)
        kept = _keyed(self.about.log, these, self.level)
        return cases_of(kept.filter(kept.key == record["key"], kept["size"].notnull()), record, self.by)


def batches(log: EventLog, *, gap: str = "0s", level: Level = "activity", by: str | None = None) -> BatchedWork:
    """How much work is done in batches, how large they are, and how long work waits for its batch.

    Args:
        log: the event log.
        gap: how long after the work before it the next unit of a batch may begin at most, such as 5min.
        level: whether rows are of activities or of resources.
        by: an attribute after which the cases are split; a batch of several groups counts where its first unit is.

    Raises:
        MissingFact: no column plays the role of the resource.
        BadGap: the gap is no length of time.
    """
    import ibis

    log.require("resource")
    allowed = _gap(gap)
    found = enabled(log) if log.facts.has_start and log.facts.resolution != "day" else None
    gaps = sorted({allowed, *_GAPS})
    lent: tuple[Lent, ...] = (found_batches(log, found, allowed), batches_by_gap(log, found, gaps)) if found else ()
    these = _units(log, found, lent[0] if lent else None, allowed)
    groups = ["group"] if by else []
    keys = [*groups, "key"]
    counted = _counted(_keyed(log, grouped(log, these, by), level), keys)
    labels = (activity_labels(log) if level == "activity" else resource_labels(log)).rename(key=level, **{level: "label"})
    rows = log.fetch(counted.join(labels, "key").order_by([*groups, ibis.desc("batched"), ibis.desc("units"), level]))
    sizes = log.fetch(_sizes(log, these))
    compared = log.fetch((_by_gap(lent[1]) if lent else _bursts_by_gap(log, gaps)).order_by("gap_allowed"))
    began = log.fetch(_starts(log, batch_starts(log, found, lent[0]))) if found else None
    rules = firing(log, found, lent[0]) if found else None
    asked = about(log, "batches", {"gap": gap, "level": level, "by": by})
    return BatchedWork(asked, rows, by, level, allowed, found, lent, sizes, compared, began, rules)


def _gap(given: str) -> int:
    try:
        return parse_duration(given)
    except ValueError:
        raise BadGap(given) from None


def _units(log: EventLog, found: Enabled | None, lent: Lent | None, gap: int) -> ir.Table:
    """The units that can be in a batch (or a burst), with size, type and nth where they are in one, waiting and batching where they are known."""
    import ibis

    if found is not None and lent is not None:
        return batchable_units(log, found, lent)
    nothing = ibis.null("int64")
    return bursts(log, gap).mutate(type=nothing, waiting=nothing, batching=nothing)


def _keyed(log: EventLog, these: ir.Table, level: Level) -> ir.Table:
    """The units with ``key``: the code of the activity, or of the resource as it is shown."""
    if level == "activity":
        return these.mutate(key=these.activity)
    return these.join(shown_resources(log), "resource").rename(key="shown")


def _counted(these: ir.Table, keys: list[str]) -> ir.Table:
    first = these.nth == 0
    return these.aggregate(
        by=keys,
        units=these.count(),
        batched=these["size"].count(),
        batches=these.count(where=first),
        largest_batch=these["size"].max(),
        **{name: these.count(where=first & (these["type"] == code)) for code, name in enumerate(TYPES)},
        batching_total=these.batching.cast("decimal(38, 0)").sum(),
        batching_median=these.batching.quantile(0.5).round().cast("int64"),
        waiting_total=these.waiting.cast("decimal(38, 0)").sum(),
    )


def _sizes(log: EventLog, these: ir.Table) -> ir.Table:
    """For each activity and range of sizes of batches (its ``least`` size, 1 for units in none) its units and their mean processing time."""
    import ibis

    size = these["size"].coalesce(1)
    least = ibis.cases(*((size >= bound, bound) for bound in reversed(_SIZES)), else_=1).cast("int64")
    sized = processed(these).mutate(least=least)
    counted = sized.group_by("activity", "least").aggregate(
        units=sized.count(),
        processing_mean=(sized.processing.cast("decimal(38, 0)").sum() / sized.processing.count().nullif(0)).round().cast("int64"),
    )
    named = counted.rename(code="activity").join(activity_labels(log).rename(code="activity", activity="label"), "code")
    return named.order_by("activity", "code", "least")


def _by_gap(lent: Lent) -> ir.Table:
    """How many units are in how many batches with each gap with which there are some, and what they wait for their batch."""
    these = lent.table
    return these.group_by(gap_allowed="gap").aggregate(
        batched=these["size"].sum(), batches=these.count(), batching_total=these.batching.cast("decimal(38, 0)").sum()
    )


def _bursts_by_gap(log: EventLog, gaps: Sequence[int]) -> ir.Table:
    import ibis

    with_gaps = [bursts(log, gap).mutate(gap_allowed=ibis.literal(gap, "int64")) for gap in gaps]
    counted = [one.group_by("gap_allowed").aggregate(batched=one["size"].count(), batches=one.count(where=one.nth == 0)) for one in with_gaps]
    return ibis.union(*counted) if len(counted) > 1 else counted[0]


def _starts(log: EventLog, these: ir.Table) -> ir.Table:
    """For each activity when its batches begin: after how long, and the weekday and hour in which most of them do."""
    import ibis

    spread = these.group_by("activity").aggregate(
        batches=these.count(),
        size_median=these["size"].quantile(0.5),
        oldest_median=these.oldest.quantile(0.5).round().cast("int64"),
        newest_median=these.newest.quantile(0.5).round().cast("int64"),
    )
    for clock in ("weekday", "hour"):
        counted = these.group_by("activity", clock).aggregate(most=these.count())
        place = ibis.row_number().over(ibis.window(group_by="activity", order_by=[ibis.desc("most"), clock]))
        usual = counted.mutate(place=place).filter(lambda one: one.place == 0).drop("place")
        joined = spread.join(usual, "activity")
        spread = joined.mutate(**{f"usual_{clock}_share": joined.most / joined.batches}).drop("most")
    named = spread.rename(code="activity").join(activity_labels(log).rename(code="activity", activity="label"), "code")
    return named.order_by(ibis.desc("batches"), "activity")


def _range(least: int) -> str:
    """The sizes of batches from one bound to just below the next."""
    above = next((bound for bound in _SIZES if bound > least), None)
    if above is None:
        return f"{least} or more"
    return str(least) if above == least + 1 else f"{least} – {above - 1}"


def _ratio(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None
