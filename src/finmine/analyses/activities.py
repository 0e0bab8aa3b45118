"""Activities: how often each occurs, in how many cases, by how many resources, and how long it takes.

Two times are kept apart. **Processing time** runs from the start to the completion of a unit and exists only where starts
are recorded. The **gap before** a unit runs from the completion of the unit before it in the case; it holds waiting and work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finmine.doubtful_units import doubtful_dates
from finmine.log import EventLog
from finmine.relations.exemplars import cases_with
from finmine.relations.groups import cases_of, grouped
from finmine.relations.processing import processed
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.relations.units import steps, units
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, View
from finmine.words import duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

_PROCESSING = ("processing_mean", "processing_median", "processing_p90", "processing_total")
_GAPS = ("before_mean", "before_median", "before_total")


@dataclass(frozen=True, slots=True, repr=False)
class Activities(Result):
    """The activities, most units first."""

    by: str | None

    def view(self) -> View:
        """The counts of each activity with bars, its times, and what they mean."""
        log = self.about.log
        names = ["activity", "units", "units_share", "cases", "cases_share", *(["resources"] if log.facts.has_resource else [])]
        counts = table("Units of each activity", self.rows, names, self.by)
        times = table("Times of the activities", self.rows, ("activity", *(_PROCESSING if log.facts.has_start else ()), *_GAPS), self.by)
        picture: Block = Bars(counts, "activity", "units") if self.by is None else counts
        return View(
            "Activities",
            (*opening(self.about), *doubtful_dates(log), *self._headlines(), picture, times, *self._limits(), *self._definitions()),
            log.zone,
        )

    def _headlines(self) -> Iterable[Block]:
        records = self.rows.records()
        worked = sum(record["processing_total"] or 0 for record in records)
        if self.by is not None or not worked:
            return
        most = max(records, key=lambda record: record["processing_total"] or 0)
        part = most["processing_total"] / worked
        yield Headline(f"{share(part)} of all processing time ({duration(worked)}) goes into {most['activity']}.", part)

    def _limits(self) -> Iterable[Block]:
        log = self.about.log
        if not log.facts.has_start:
            yield Caveat("No starts are recorded, so nobody can say how much of a gap is work and how much is waiting.")
            return
        missing = sum(record["without_start"] for record in self.rows.records())
        if missing:
            yield Caveat(f"{plural(missing, log.facts.unit)} without a usable start {'is' if missing == 1 else 'are'} in no processing time.")

    def _definitions(self) -> Iterable[Block]:
        if self.about.log.facts.has_start:
            without = "units without a start, or with a start after the completion, are left out"
            yield Definition("Processing time", f"from start to completion of a unit, less the time it was suspended; {without}")
        yield Definition("Gap before", "from the completion of the unit before it in the case; the first unit of a case has none")

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The cases that hold one activity (in one group)."""
        these = grouped(self.about.log, units(self.about.log), self.by)
        kept = these.filter(these.activity == record["code"])
        return cases_of(kept, record, self.by)


def activities(log: EventLog, *, by: str | None = None) -> Activities:
    """How often each activity occurs, in how many cases, and how long it takes.

    Args:
        log: the event log.
        by: an attribute after which the cases are split; shares are then of each group.
    """
    import ibis

    groups = ["group"] if by else []
    keys = ["activity", *groups]
    counted = _counted(grouped(log, processed(units(log)), by), keys)
    cases = grouped(log, traces(log), by).aggregate(by=groups, all_cases=lambda these: these.count())
    before = _before(grouped(log, steps(log), by), keys)
    having = cases_with(log, by, "activity")
    found = (
        counted.join(having, keys).left_join(before, keys).select(*counted.columns, "cases", *(name for name in before.columns if name not in keys))
    )
    found = found.join(cases, groups) if groups else found.cross_join(cases)
    every = found.units.sum().over(ibis.window(group_by=groups))
    shared = found.mutate(
        units_share=found.units.cast("float64") / every.cast("float64"),
        cases_share=found.cases.cast("float64") / found.all_cases.cast("float64"),
    )
    named = shared.rename(code="activity").join(activity_labels(log).rename(code="activity"), "code").rename(activity="label")
    order = [*groups, ibis.desc("units"), "activity"]
    return Activities(about(log, "activities", {"by": by}), log.fetch(named.drop("all_cases").order_by(order)), by)


def _counted(these: ir.Table, keys: Sequence[str]) -> ir.Table:
    """The counts and the processing times of each activity."""
    known = these.processing.count()
    return these.group_by(list(keys)).aggregate(
        units=these.count(),
        resources=these.resource.nunique(),
        without_start=these.count() - known,
        processing_mean=(these.processing.sum().cast("decimal(38, 0)") / known.nullif(0)).round().cast("int64"),
        processing_median=these.processing.quantile(0.5).round().cast("int64"),
        processing_p90=these.processing.quantile(0.9).round().cast("int64"),
        processing_total=these.processing.sum().cast("decimal(38, 0)"),
    )


def _before(these: ir.Table, keys: Sequence[str]) -> ir.Table:
    """The gaps that end in each activity."""
    ending = these.drop("activity").rename(activity="next_activity")
    return ending.group_by(list(keys)).aggregate(
        before_mean=(ending.gap.sum().cast("decimal(38, 0)") / ending.count()).round().cast("int64"),
        before_median=ending.gap.quantile(0.5).round().cast("int64"),
        before_total=ending.gap.sum().cast("decimal(38, 0)"),
    )
