"""Resources: who does what, how much, in how many cases, and how much of the work hangs on few.

People are shown as the card says (names, pseudonyms or roles), and counted under what is shown: where roles are shown,
the numbers are of roles and nobody in them can be told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finmine.engine import Rows
from finmine.log import EventLog
from finmine.relations.groups import cases_of, grouped
from finmine.relations.hands import shown_resources
from finmine.relations.instants import local
from finmine.relations.processing import processed
from finmine.relations.tables import resource_labels
from finmine.relations.units import units
from finmine.result import Result, about, opening, table
from finmine.stats.concentration import fewest
from finmine.view import Bars, Block, Caveat, Definition, Headline, View
from finmine.words import MINUTE, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

MOST_OF_THE_WORK = 0.8
# Offsets of zones from UTC are whole quarters of an hour, so all stamps of a quarter have one local day.
_QUARTER = 15 * MINUTE


@dataclass(frozen=True, slots=True, repr=False)
class Resources(Result):
    """The resources, most units first; ``unrecorded`` counts the units without one."""

    by: str | None
    unrecorded: Rows

    def answers(self) -> Mapping[str, Rows]:
        """The resources, and the units that have none."""
        return {"resources": self.rows, "units without resource": self.unrecorded}

    def view(self) -> View:
        """How the work is concentrated, and what each resource does."""
        log = self.about.log
        names = ["resource", "units", "units_share", "cases", "activities", "first_seen", "last_seen", "active_days", "units_per_day"]
        names += ["processing_median", "processing_total"] if log.facts.has_start else []
        shown = table("Units of each resource", self.rows, names, self.by)
        picture: Block = Bars(shown, "resource", "units") if self.by is None else shown
        return View("Resources", (*opening(self.about), *self._headlines(), picture, *self._limits(), *self._definitions()), log.zone)

    def _headlines(self) -> Iterable[Block]:
        done = [record["units"] for record in self.rows.records()]
        if self.by is not None or not done:
            return
        few, many = fewest(done, MOST_OF_THE_WORK), len(done)
        part = sum(done[:few]) / sum(done)
        if few < many:
            verb = "does" if few == 1 else "do"
            yield Headline(f"{few:,} of {plural(many, 'resource')} {verb} {share(part)} of the work whose performer is recorded.", part - few / many)

    def _limits(self) -> Iterable[Block]:
        log, missing = self.about.log, int(str(self.unrecorded.column("units")[0]))
        if missing:
            unit, part = log.facts.unit, share(missing / self.about.population.units)
            yield Caveat(f"{plural(missing, f'{unit} ({part}) has no resource and is', f'{unit}s ({part}) have no resource and are')} in no row.")
        if log.facts.people == "roles":
            yield Caveat("People are shown as their roles: a row is a role, and may be many people.")

    def _definitions(self) -> Iterable[Block]:
        yield Definition("Share of units", "units divided by all units of the population, those without a resource among them")
        yield Definition("Active days", "the calendar days, in the zone of the log, on which the resource completed at least one unit")
        if self.about.log.facts.has_start:
            yield Definition("Processing time", "from start to completion of a unit, less the time it was suspended; overlapping units count in full")

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The cases in which one resource (of one group) took part."""
        these = _coded(self.about.log, grouped(self.about.log, units(self.about.log), self.by))
        kept = these.filter(these.shown == record["code"])
        return cases_of(kept, record, self.by)


def resources(log: EventLog, *, by: str | None = None) -> Resources:
    """Who does what, how much, and in how many cases.

    Args:
        log: the event log.
        by: an attribute after which the cases are split; shares are then of each group.

    Raises:
        MissingFact: no column plays the role of the resource.
    """
    import ibis

    log.require("resource")
    groups = ["group"] if by else []
    these = grouped(log, processed(units(log)), by).select("case", "activity", "time", "resource", "processing", *groups)
    keys = [*groups, "shown"]
    coded = _coded(log, these)
    found = _counted(coded, keys).join(_days(coded, keys, log.zone), keys)
    every = these.aggregate(by=groups, every=these.count())
    found = found.join(every, groups) if groups else found.cross_join(every)
    shared = found.mutate(
        units_share=found.units.cast("float64") / found.every.cast("float64"),
        units_per_day=found.units.cast("float64") / found.active_days.cast("float64"),
    )
    named = shared.drop("every").join(resource_labels(log).rename(shown="resource", resource="label"), "shown")
    rows = log.fetch(named.rename(code="shown").order_by([*groups, ibis.desc("units"), "resource"]))
    without = units(log).aggregate(units=lambda every: every.resource.isnull().sum().coalesce(0))
    return Resources(about(log, "resources", {"by": by}), rows, by, log.fetch(without))


def _coded(log: EventLog, these: ir.Table) -> ir.Table:
    """The units under the code of what is shown for their resource: numbers group faster than names, and several may be shown alike."""
    return these.join(shown_resources(log), "resource")


def _counted(these: ir.Table, keys: Sequence[str]) -> ir.Table:
    return these.group_by(list(keys)).aggregate(
        units=these.count(),
        cases=these.case.nunique(),
        activities=these.activity.nunique(),
        first_seen=these.time.min(),
        last_seen=these.time.max(),
        processing_median=these.processing.quantile(0.5).round().cast("int64"),
        processing_total=these.processing.sum().cast("decimal(38, 0)"),
    )


def _days(these: ir.Table, keys: Sequence[str], zone: str) -> ir.Table:
    quarters = these.select(*keys, quarter=these.time - these.time % _QUARTER).distinct()
    clock = quarters.select("quarter").distinct()  # the clocks of a zone are slow: each quarter of an hour is looked up once
    dated = quarters.join(clock.mutate(day=local(clock.quarter, zone).date()), "quarter")
    return dated.group_by(list(keys)).aggregate(active_days=dated.day.nunique())
