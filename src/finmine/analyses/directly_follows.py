"""The process map: which activity directly follows which, how often, in how many cases, and after how long.

The time of an edge is the **gap** from one completion to the next. Without start stamps nobody can say which part of
a gap is waiting and which is work, so it is never called waiting. With ``clock = working`` only the time counts in which the
calendar of the case is open, and the fit of the calendars to the work stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finmine.calendar_fit import UNKNOWN, CalendarFit, calendar_fit, calendars_of_cases, in_days
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.relations.exemplars import cases_with
from finmine.relations.groups import cases_of, grouped
from finmine.relations.loops import loop_steps
from finmine.relations.tables import activity_labels
from finmine.relations.units import steps, units
from finmine.relations.working_time import working_steps
from finmine.render.process_map import Lens, Overlay
from finmine.render.spoken import spoken
from finmine.render.tables import TIMES
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Clock, Definition, Headline, Map, MapEdge, MapNode, View
from finmine.words import duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True, slots=True, repr=False)
class DirectlyFollows(Result):
    """The edges (most steps first) and the activities of the map."""

    by: str | None
    activities: Rows
    looked_at: Lens
    fit: CalendarFit | None

    def lens(self) -> Lens:
        """The overlay, and how much of the map is drawn."""
        return self.looked_at

    def answers(self) -> Mapping[str, Rows]:
        """The edges, the activities, and the fit of the calendars where working time is told."""
        return {"edges": self.rows, "activities": self.activities} | ({"calendar fit": self.fit.rows} if self.fit else {})

    def prepared(self) -> tuple[str, ...]:
        """The intervals of the calendars, where working time is told."""
        return self.fit.found.script() if self.fit else ()

    def records(self) -> tuple[Mapping[str, Any], ...]:
        """The edges; working times know the working day in which they are told."""
        day = self.fit.found.day_of_cases(self.about.log.card.calendar_of) if self.fit else None
        times = TIMES["working"]
        return tuple({**record, **in_days(record, times, day)} if self.fit else record for record in self.rows.records())

    def map(self) -> Map:
        """The whole graph with every measure."""
        nodes = tuple(
            MapNode(*(record[name] for name in ("activity", "label", "units", "cases", "starts", "ends"))) for record in self.activities.records()
        )
        clock: Clock = "working" if self.fit else "elapsed"
        measures = ("source", "target", "steps", "cases", *TIMES[clock], "back_steps")
        edges = tuple(MapEdge(*({"back_steps": None, **record}[name] for name in measures)) for record in self.records())
        return Map("Process map", nodes, edges, self.about.population.cases, self.about.population.unit, clock)

    def view(self) -> View:
        """The map, its edges as a table, and the definition of a gap."""
        back = ("back_steps",) if self.looked_at.overlay == "rework" else ()
        names = ("source_activity", "target_activity", "steps", *back, "cases", *TIMES["working" if self.fit else "elapsed"])
        blocks: list[Block] = [*opening(self.about)]
        if self.by is None:
            blocks += [*self._headlines(), self.map()]
        else:
            blocks += [table("Directly-follows relations", self.records(), names, self.by), Caveat("The map is drawn only without `by`.")]
        if self.fit:
            blocks += [*self._unknown(), *self.fit.blocks()]
        blocks.append(
            Definition(
                "Gap", "the time from the completion of one unit to the completion of the next in the same case; it holds work and waiting alike"
            )
        )
        if back:
            blocks.append(Definition("Step back", "a step to an activity that occurred before in the case"))
        if self.fit:
            blocks.append(
                Definition("Working time", "of a gap, the time in which the calendar is open that its attributes or the default give to the case")
            )
        return View("Process map", tuple(blocks), self.about.log.zone)

    def _unknown(self) -> Iterator[Caveat]:
        unknown = sum(record["unknown"] for record in self.rows.records())
        if unknown:
            yield Caveat(f"The working time of {plural(unknown, 'step')} is not known and in no number: {UNKNOWN}.")

    def _headlines(self) -> list[Block]:
        records = self.records()
        if not records:
            return []
        top, all_steps = records[0], sum(record["steps"] for record in records)
        edge = f"{top['source_activity']} → {top['target_activity']}"
        part = f"{share(top['steps'] / all_steps)} of {plural(all_steps, 'step')}"
        half = spoken(top["working_median"], "working") if self.fit else duration(top["median"])
        text = f"The most frequent step, {edge}, makes up {part}; half of them take {half} or less."
        return [Headline(text, top["steps"] / all_steps)]

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The cases that take one edge (in one group)."""
        these = grouped(self.about.log, steps(self.about.log), self.by)
        kept = these.filter(these.activity == record["source"], these.next_activity == record["target"])
        return cases_of(kept, record, self.by)


def directly_follows(
    log: EventLog,
    *,
    by: str | None = None,
    clock: Clock = "elapsed",
    overlay: Overlay = "frequency",
    activities: float = 1.0,
    paths: float | None = None,
) -> DirectlyFollows:
    """How the work flows: every directly-follows relation with counts and times.

    Args:
        log: the event log.
        by: an attribute after which the cases are split.
        clock: whether gaps are told in elapsed time or in the working time of the calendars on the card.
        overlay: what the drawn map tells: the frequency of its paths, the time of their gaps, or where work is done again.
        activities: the share of the activities that is drawn, the most frequent first, from 0 to 1.
        paths: the share of the paths that is drawn, from 0 to 1; default: the fewest that carry 95 % of the steps, at most 100.
    """
    for name, part in (("activities", activities), ("paths", paths)):
        if part is not None and not 0 <= part <= 1:
            raise OutOfRange(name, part, "a share from 0 to 1")
    lens = Lens(overlay, activities, paths)
    hours = calendars_of_cases(log) if clock == "working" else None
    these = grouped(log, working_steps(log, hours) if hours else steps(log), by)
    mean, median, p90, total = TIMES[clock]
    keys = ["activity", "next_activity", *(["group"] if by else [])]
    found = these.group_by(keys).aggregate(
        steps=these.count(),
        **{
            mean: (these.gap.cast("decimal(38, 0)").sum() / these.gap.count()).round().cast("int64"),
            total: these.gap.cast("decimal(38, 0)").sum().coalesce(0),
        },
        **({"unknown": these.gap.isnull().sum()} if hours else {}),
        ranked=these.gap.quantile([0.5, 0.9]),  # both from one look at the gaps, which is most of the work
    )
    found = found.mutate(**{name: found.ranked[place].round().cast("int64") for place, name in enumerate((median, p90))}).drop("ranked")
    found = found.join(cases_with(log, by, "activity", "next_activity"), keys)
    if overlay == "rework":
        back = grouped(log, loop_steps(log), by)
        found = found.join(back.group_by(keys).aggregate(back_steps=back.count(where=back.back)), keys)
    labels = activity_labels(log)
    before, after = labels.rename(source_activity="label"), labels.rename(target_activity="label", next_activity="activity")
    named = found.join(before, "activity").join(after, "next_activity").rename(source="activity", target="next_activity")
    order = [*(["group"] if by else []), named.steps.desc(), "source_activity", "target_activity"]
    asked = {"by": by, "clock": clock, "overlay": overlay, "activities": activities, "paths": paths}
    fit = calendar_fit(log, hours) if hours else None
    return DirectlyFollows(about(log, "directly-follows", asked), log.fetch(named.order_by(order)), by, log.fetch(_activities(log)), lens, fit)


def _activities(log: EventLog) -> ir.Table:
    these = units(log)
    counted = these.group_by("activity").aggregate(
        units=these.count(),
        starts=(these.position == 1).sum(),
        ends=these.next_activity.isnull().sum(),
    )
    named = counted.join(cases_with(log, None, "activity"), "activity").join(activity_labels(log), "activity")
    return named.order_by([named.units.desc(), named.label])
