"""Loops: where cases turn back, which activities send them back, and in which regions they go round.

A loop unit brings an activity back after something else (see ``relations.loops``). A case enters a loop on a step that
leads from a unit that is none to one that is. Regions are the strongly connected components of the graph of what follows
what: only between their activities can a case go round.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.doubtful_units import doubtful_dates
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.graphs.regions import entrances, regions
from finmine.log import EventLog
from finmine.region_graph import region_graph, ways
from finmine.relations.groups import cases_of, grouped
from finmine.relations.held_relation import HeldRelation, held_relation
from finmine.relations.loops import loop_steps, looped
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, Prose, View
from finmine.words import count, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_ACTIVITIES = ("activity", "units", "loop_units", "loop_outflow", "loop_inflow", "net_loop_gain", "net_loop_share", "positive_loop_gain")
_ENTRIES = ("source_activity", "target_activity", "loop_entries", "loop_entries_share", "entry_cases", "edge_repeats", "steps")
_MOST_NAMED = 4  # activities of a region in a sentence
_REGIONS = ("region", "region_activities", "region_entrance", "loop_entries", "entry_cases", "region_time", "back_time")
_MOST_BARS = 15


@dataclass(frozen=True, slots=True, repr=False)
class Loops(Result):
    """The activities by their net loop gain, the steps with those that enter loops, the regions, and all cases."""

    by: str | None
    least_share: float
    edges: Rows
    inside: Rows
    whole: Rows
    found: tuple[tuple[int, ...], ...]
    told: HeldRelation

    def looked_up(self) -> tuple[str, ...]:
        """All steps with what they have to do with loops."""
        return self.told.script

    def answers(self) -> Mapping[str, Rows]:
        """The activities, the steps, the regions, and all cases."""
        return {"activities": self.rows, "steps": self.edges, "regions": self.inside, "all cases": self.whole}

    def entries(self) -> tuple[Record, ...]:
        """The steps on which cases enter loops, with their share of all entries (of the group), most first."""
        all_of: dict[str | None, int] = {}
        entered = [record for record in self.edges.records() if record["loop_entries"]]
        for record in entered:
            all_of[record.get("group")] = all_of.get(record.get("group"), 0) + record["loop_entries"]
        return tuple({**record, "loop_entries_share": record["loop_entries"] / all_of[record.get("group")]} for record in entered)

    def regions(self) -> tuple[Record, ...]:
        """The regions with the names of their activities, most entries first; without `by` only."""
        names = self.about.log.activity_names()
        steps = ways(self.rows.records(), self.edges.records()) if self.by is None else ()
        named = [
            {
                **record,
                "number": record["region"],
                "region": f"region {record['region']}",
                "members": [names[code] for code in self.found[record["region"] - 1]],
                "region_activities": ", ".join(names[code] for code in self.found[record["region"] - 1]),
                "region_entrance": next((names[target] for _, target, _ in entrances(steps, self.found[record["region"] - 1])), None),
            }
            for record in self.inside.records()
        ]
        return tuple(sorted(named, key=lambda record: (-record["loop_entries"], record["region"])))

    def _gone_round(self) -> list[Record]:
        """The regions in which loops begin: in others cases only take the activities in different orders."""
        return [region for region in self.regions() if region["loop_entries"]]

    def view(self) -> View:
        """Headlines, a graph of where cases go round, what stands before loops, where loops begin, the regions, and the terms."""
        entries = self.entries()
        blocks: list[Block] = [*opening(self.about), *doubtful_dates(self.about.log), *self._headlines(entries)]
        senders = [record for record in self.records() if record["net_loop_gain"] > 0][:_MOST_BARS]
        if entries and self.by is None:
            drawn = {self.found[record["number"] - 1]: record for record in self._gone_round()}
            blocks.append(region_graph(self.rows.records(), self.edges.records(), drawn))
        if senders and self.by is None:
            blocks.append(Bars(table("Activities that stand before loops", senders, ("activity", "net_loop_gain")), "activity", "net_loop_gain"))
        blocks.append(table("Loops by activity", self.records(), _ACTIVITIES, self.by))
        if entries:
            blocks.append(table("Where loops begin", entries, _ENTRIES, self.by))
        if found := self._gone_round():
            blocks.append(table("Regions in which cases go round", found, _REGIONS))
        return View("Loops", (*blocks, *self._limits(entries), *_DEFINITIONS), self.about.log.zone)

    def _headlines(self, entries: tuple[Record, ...]) -> Iterator[Headline | Prose]:
        cases, having = self._total("cases"), self._total("loop_cases")
        if not entries:
            yield Prose("No case comes back to an activity after something else.")
            return
        begun = sum(record["loop_entries"] for record in entries)
        yield Headline(f"{plural(begun, 'loop begins', 'loops begin')} in {plural(having, 'case')} ({share(having / cases)}).", having / cases)
        if self.by is not None:
            return
        first = entries[0]
        step, where = f"with the step from {first['source_activity']} to {first['target_activity']}", f"in {plural(first['entry_cases'], 'case')}"
        if first["loop_entries"] < begun:
            said = f"Most loops begin {step}: {count(first['loop_entries'])} ({share(first['loop_entries_share'])}), {where}."
        else:
            said = f"All {count(begun)} loops begin {step}, {where}." if begun > 1 else f"The only loop begins {step}."
        yield Headline(said, first["entry_cases"] / cases)
        sender = self.records()[0]
        if sender["net_loop_gain"] > 0:
            flow = f"{plural(sender['loop_outflow'], 'time')} the unit after it is a loop unit, {plural(sender['loop_inflow'], 'time')} the unit before it"
            yield Headline(f"{sender['activity']} has the largest net loop gain: {flow}.", sender["net_loop_gain"] / cases)
        time = sum(record["gap"] for record in self.edges.records())
        for region in self._gone_round()[:1]:
            if time > 0:
                parts = (
                    f"{share(region['region_time'] / time)} of the time between units lies there, {share(region['back_time'] / time)} on steps back"
                )
                members = region["members"]
                among = (
                    ", ".join(members) if len(members) <= _MOST_NAMED else f"{', '.join(members[:_MOST_NAMED])} and {len(members) - _MOST_NAMED} more"
                )
                yield Headline(f"Cases go round among {among}: {parts}.", region["region_time"] / time, "time")

    def _total(self, measure: str) -> int:
        return sum(record[measure] for record in self.whole.records())

    def _limits(self, entries: tuple[Record, ...]) -> Iterator[Caveat]:
        if self.by is not None:
            yield Caveat("The graph and the regions are shown only without `by`.")
            return
        if straight := len(self.regions()) - len(self._gone_round()):
            yield Caveat(f"{plural(straight, 'region')} not shown: cases take its activities in different orders, but none comes back there.")
        begun, within = sum(record["loop_entries"] for record in entries), sum(record["loop_entries"] for record in self.inside.records())
        if begun > within:
            rare = f"steps that fewer than {share(self.least_share)} of the cases take are left out of the regions"
            yield Caveat(
                f"{count(begun - within)} of {plural(begun, 'loop begins', 'loops begin')} outside of all regions: {rare}. With --least-share 0 none do."
            )

    def behind(self, record: Record) -> ir.Table:
        """The cases that loop directly after the activity (of one group)."""
        these = grouped(self.about.log, looped(self.about.log), self.by)
        return cases_of(these.filter(these.activity == record["code"], these.outflow == 1), record, self.by)


def loops(log: EventLog, *, least_share: float = 0.01, by: str | None = None) -> Loops:
    """Where cases turn back, which activities send them back, and in which regions they go round.

    Args:
        log: the event log.
        least_share: the least share of the cases that take a step for it to count in the regions, from 0 to 1; single cases
            would join all activities to one region.
        by: an attribute after which the cases are split; shares are then of each group.
    """
    import ibis

    if not 0 <= least_share <= 1:
        raise OutOfRange("least_share", least_share, "a share from 0 to 1")
    groups = ["group"] if by else []
    these = grouped(log, looped(log), by)
    counted = these.group_by(["activity", *groups]).aggregate(
        units=these.count(),
        loop_units=these.loop.sum(),
        loop_outflow=these.outflow.sum(),
        loop_inflow=these.inflow.sum(),
        positive_loop_gain=ibis.greatest(these.outflow - these.inflow, 0).sum(),
    )
    counted = counted.mutate(net_loop_gain=counted.loop_outflow - counted.loop_inflow)
    counted = counted.mutate(net_loop_share=counted.net_loop_gain.cast("float64") / counted.units.cast("float64"))
    named = counted.rename(code="activity").join(activity_labels(log).rename(code="activity", activity="label"), "code")
    rows = log.fetch(named.order_by([*groups, ibis.desc("net_loop_gain"), ibis.desc("positive_loop_gain"), "activity"]))
    cases = grouped(log, traces(log), by)
    with held_relation(log, "loops", loop_steps(log)) as told:
        entered = grouped(log, told.rows, by).filter(lambda steps: steps.enters)
        having = cases.mutate(having=cases.case.isin(entered.case))
        whole = log.fetch(
            having.aggregate(by=groups, cases=having.count(), loop_cases=having.count(where=having.having)).order_by(groups or ["cases"])
        )
        edges = log.fetch(_edges(log, told.rows, by))
        least = least_share * sum(record["cases"] for record in whole.records())
        taken: dict[tuple[int, int], int] = {}
        for record in edges.records():
            pair = (record["source"], record["target"])
            taken[pair] = taken.get(pair, 0) + record["cases"]
        found = regions(pair for pair, number in taken.items() if number >= least) if by is None else ()
        inside = log.fetch(_inside(told.rows, found))
    asked = about(log, "loops", {"least_share": least_share, "by": by})
    return Loops(asked, rows, by, least_share, edges, inside, whole, found, told)


def _edges(log: EventLog, told: ir.Table, by: str | None) -> ir.Table:
    """What follows what: steps, cases, entries into loops, steps that repeat one of the case, and time."""
    import ibis

    groups = ["group"] if by else []
    these = grouped(log, told, by)
    counted = these.group_by(["activity", "next_activity", *groups]).aggregate(
        steps=these.count(),
        cases=these.case.nunique(),
        loop_entries=these.count(where=these.enters),
        entry_cases=these.case.nunique(where=these.enters),
        edge_repeats=these.count(where=these.walked),
        gap=these.gap.sum().cast("decimal(38, 0)"),
    )
    labels = activity_labels(log)
    named = counted.join(labels.rename(source_activity="label"), "activity")
    named = named.join(labels.rename(target_activity="label", next_activity="activity"), "next_activity")
    named = named.rename(source="activity", target="next_activity")
    return named.order_by([*groups, ibis.desc("loop_entries"), "source_activity", "target_activity"])


def _inside(these: ir.Table, found: tuple[tuple[int, ...], ...]) -> ir.Table:
    """For each region its steps, entries, cases that enter a loop in it, and the time of its steps, in all and of those that lead back."""
    import ibis

    numbered = [(these.activity.isin(nodes) & these.next_activity.isin(nodes), number) for number, nodes in enumerate(found, 1)]
    placed = these.mutate(region=ibis.cases(*numbered, else_=ibis.null("int8")) if numbered else ibis.null("int8"))
    inside = placed.filter(placed.region.notnull())
    return inside.group_by("region").aggregate(
        steps=inside.count(),
        loop_entries=inside.count(where=inside.enters),
        entry_cases=inside.case.nunique(where=inside.enters),
        region_time=inside.gap.sum().cast("decimal(38, 0)"),
        back_time=inside.gap.sum(where=inside.back).cast("decimal(38, 0)").fill_null(0),
    ).order_by("region")  # fmt: skip


_MICROSOFT = "Microsoft Process Mining"
_DEFINITIONS = (
    Definition("Loop unit", "a unit whose activity occurred before in the case, with something else directly before it", _MICROSOFT),
    Definition("Loop entry", "a step from a unit that is no loop unit to one that is: there the case turns back"),
    Definition(
        "Net loop gain",
        "loop outflow (units directly before a loop unit) less loop inflow (units directly after one); what a case loops back through has "
        "as much of one as of the other, so that what stands where it turns back is left; why it turns back is decided there or before",
        _MICROSOFT,
    ),
    Definition("Region", "activities each of which can be reached from each other over steps that the cases take: a strongly connected component"),
    Definition("Step back", "a step to an activity that occurred before in the case"),
)
