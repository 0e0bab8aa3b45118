"""The process map: which activity directly follows which, how often, in how many cases, and after how long.

The time of an edge is the **gap** from one completion to the next. Without start stamps nobody can say which part of
a gap is waiting and which is work, so it is never called waiting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finmine.engine import Rows
from finmine.log import EventLog
from finmine.relations.groups import grouped
from finmine.relations.tables import activity_labels
from finmine.relations.units import steps, units
from finmine.render.process_map import Lens, Overlay
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Definition, Headline, Map, MapEdge, MapNode, View
from finmine.words import duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True, slots=True, repr=False)
class DirectlyFollows(Result):
    """The edges (most steps first) and the activities of the map."""

    by: str | None
    activities: Rows
    looked_at: Lens

    def lens(self) -> Lens:
        """The overlay, and how much of the map is drawn."""
        return self.looked_at

    def answers(self) -> tuple[Rows, ...]:
        """The edges, and the activities."""
        return (self.rows, self.activities)

    def map(self) -> Map:
        """The whole graph with every measure."""
        nodes = tuple(
            MapNode(*(record[name] for name in ("activity", "label", "units", "cases", "starts", "ends"))) for record in self.activities.records()
        )
        measures = ("source", "target", "steps", "cases", "mean", "median", "p90", "total")
        edges = tuple(MapEdge(*(record[name] for name in measures)) for record in self.rows.records())
        return Map("Process map", nodes, edges, self.about.population.cases, self.about.population.unit)

    def view(self) -> View:
        """The map, its edges as a table, and the definition of a gap."""
        names = ("source_activity", "target_activity", "steps", "cases", "mean", "median", "p90", "total")
        blocks: list[Block] = [*opening(self.about)]
        if self.by is None:
            blocks += [*self._headlines(), self.map()]
        else:
            blocks += [table("Directly-follows relations", self.rows, names, self.by), Caveat("The map is drawn only without `by`.")]
        blocks.append(
            Definition(
                "Gap", "the time from the completion of one unit to the completion of the next in the same case; it holds work and waiting alike"
            )
        )
        return View("Process map", tuple(blocks), self.about.log.zone)

    def _headlines(self) -> list[Block]:
        records = self.rows.records()
        if not records:
            return []
        top, all_steps = records[0], sum(record["steps"] for record in records)
        edge = f"{top['source_activity']} → {top['target_activity']}"
        part = f"{share(top['steps'] / all_steps)} of {plural(all_steps, 'step')}"
        text = f"The most frequent step, {edge}, makes up {part}; half of them take {duration(top['median'])} or less."
        return [Headline(text, top["steps"] / all_steps)]

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The cases that take one edge (in one group)."""
        these = grouped(self.about.log, steps(self.about.log), self.by)
        kept = these.filter(these.activity == record["source"], these.next_activity == record["target"])
        return (kept if self.by is None else kept.filter(kept.group == record["group"])).select("case").distinct()


def directly_follows(
    log: EventLog, *, by: str | None = None, overlay: Overlay = "frequency", activities: float = 1.0, paths: float | None = None
) -> DirectlyFollows:
    """How the work flows: every directly-follows relation with counts and times.

    Args:
        log: the event log.
        by: an attribute after which the cases are split.
        overlay: what the paths of the drawn map tell: their frequency, or the time of their gaps.
        activities: the share of the activities that is drawn, the most frequent first, from 0 to 1.
        paths: the share of the paths that is drawn, from 0 to 1; default: the fewest that carry 95 % of the steps, at most 100.
    """
    lens = Lens(overlay, activities, paths)
    these = grouped(log, steps(log), by)
    keys = ["activity", "next_activity", *(["group"] if by else [])]
    found = these.group_by(keys).aggregate(
        steps=these.count(),
        cases=these.case.nunique(),
        mean=(these.gap.cast("decimal(38, 0)").sum() / these.count()).round().cast("int64"),
        median=these.gap.quantile(0.5).round().cast("int64"),
        p90=these.gap.quantile(0.9).round().cast("int64"),
        total=these.gap.cast("decimal(38, 0)").sum(),
    )
    labels = activity_labels(log)
    before, after = labels.rename(source_activity="label"), labels.rename(target_activity="label", next_activity="activity")
    named = found.join(before, "activity").join(after, "next_activity").rename(source="activity", target="next_activity")
    order = [*(["group"] if by else []), named.steps.desc(), "source_activity", "target_activity"]
    asked = {"by": by, "overlay": overlay, "activities": activities, "paths": paths}
    return DirectlyFollows(about(log, "directly-follows", asked), log.fetch(named.order_by(order)), by, log.fetch(_activities(log)), lens)


def _activities(log: EventLog) -> ir.Table:
    these = units(log)
    counted = these.group_by("activity").aggregate(
        units=these.count(),
        cases=these.case.nunique(),
        starts=(these.position == 1).sum(),
        ends=these.next_activity.isnull().sum(),
    )
    named = counted.join(activity_labels(log), "activity")
    return named.order_by([named.units.desc(), named.label])
