"""The process map: which activity directly follows which, how often, in how many cases, and after how long.

The time of an edge is the **gap** from one completion to the next. Without start stamps nobody can say which part of
a gap is waiting and which is work, so it is never called waiting. With ``clock = working`` only the time counts in which the
calendar of the case is open, and the fit of the calendars to the work stands beside it.

What the drawn paths tell is the overlay: with ``waiting`` what their steps waited for, which needs start stamps, and with ``money`` what the time
on them costs, which needs rates or terms; each is refused, with what to declare, where it is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finmine.arrays import Lent
from finmine.calendar_fit import NO_CALENDAR, UNKNOWN, CalendarFit, calendar_fit, calendars_of_cases, in_days
from finmine.doubtful_units import doubtful_dates
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.finance.money import rounded
from finmine.log import EventLog
from finmine.relations.calendars import Calendars, calendars
from finmine.relations.exemplars import cases_with
from finmine.relations.groups import cases_of, grouped
from finmine.relations.loops import loop_steps
from finmine.relations.money_of_units import MoneyOfUnits, money_in_one_currency, step_costs
from finmine.relations.step_waits import step_waits, waits_of_edges
from finmine.relations.tables import activity_labels
from finmine.relations.units import steps, units
from finmine.relations.waiting_causes import CAUSES, NoWaiting, WaitingParts, waiting_parts
from finmine.relations.working_time import working_steps
from finmine.render.overlays import Overlay
from finmine.render.process_map import Lens
from finmine.render.spoken import spoken
from finmine.render.tables import TIMES
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Clock, Definition, Headline, Map, MapEdge, MapNode, View
from finmine.words import agreeing, count, duration, money, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True, slots=True, repr=False)
class DirectlyFollows(Result):
    """The edges (most steps first) and the activities of the map."""

    by: str | None
    activities: Rows
    looked_at: Lens
    fit: CalendarFit | None
    waited: WaitingParts | None
    priced: MoneyOfUnits | None
    costs: Rows | None
    overlays: Mapping[str, Rows]

    def lens(self) -> Lens:
        """The overlay, and how much of the map is drawn."""
        return self.looked_at

    def answers(self) -> Mapping[str, Rows]:
        """The edges, the activities, the fit of the calendars where working time is told, and what all time costs where money is."""
        told = {"edges": self.rows, "activities": self.activities, "calendar fit": self.fit.rows if self.fit else None, "all costs": self.costs}
        told |= self.overlays
        return {name: rows for name, rows in told.items() if rows is not None}

    def prepared(self) -> tuple[str, ...]:
        """The intervals of the calendars, where working time, waiting or money is told."""
        hours = self.fit.found if self.fit else self.priced.work.calendars if self.priced else None
        return self.waited.script() if self.waited else hours.script() if hours else ()

    def kernels(self) -> tuple[Lent, ...]:
        """Where the parts of waits come from, where waiting is told, and the shares of work, where money is."""
        return (*(self.waited.lent if self.waited else ()), *(self.priced.work.shares if self.priced else ()))

    def looked_up(self) -> tuple[str, ...]:
        """The money by unit, where money is told."""
        return self.priced.script() if self.priced else ()

    def records(self) -> tuple[Mapping[str, Any], ...]:
        """The edges; working times know the working day in which they are told."""
        day = self.fit.found.day_of_cases(self.about.log.card.calendar_of) if self.fit else None
        laid: dict[tuple[int, int], dict[str, Any]] = {}
        for rows in self.overlays.values():
            for record in rows.records():
                laid.setdefault((record.pop("activity"), record.pop("next_activity")), {}).update(record)
        records = [{**record, **laid.get((record["source"], record["target"]), {})} for record in self.rows.records()]
        return tuple(self._told(in_days(record, TIMES["working"], day) if self.fit else {}, record) for record in records)

    def overlaid(self, waited: WaitingParts | None, priced: MoneyOfUnits | None) -> DirectlyFollows:
        """The same with more for its map to tell: on each path the steps back, the waiting and the cost of time, where they are given and known."""
        log, edge = self.about.log, ["activity", "next_activity"]
        told = waited if waited and waited.told else None
        overlays = {"steps back by path": log.fetch(_steps_back(loop_steps(log), edge))}
        if told:
            overlays["waiting by path"] = log.fetch(waits_of_edges(step_waits(log, told), edge))
        if priced and (paid := log.fetch(_costs_of_edges(step_costs(log, priced), edge))):
            overlays["cost by path"] = paid
        costs = priced if "cost by path" in overlays else None
        whole = costs.whole() if costs else None
        return replace(self, waited=told, priced=costs, costs=whole, overlays={**self.overlays, **overlays})

    def _told(self, times: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
        """An edge with what the overlay tells, in the units in which it is told."""
        told = {**record, **times}
        if self.waited:
            waits = sorted(((cause, int(record[cause])) for cause in CAUSES if record[cause]), key=lambda wait: -wait[1])
            told |= {"waits": tuple(waits), "main_cause": waits[0][0] if waits else None}
            told["main_cause_share"] = waits[0][1] / record["waiting"] if waits else None
        if self.priced:
            told["time_cost"] = rounded(record.get("time_cost", Decimal(0)), self.priced.currency)
        return told

    def map(self) -> Map:
        """The whole graph with every measure."""
        nodes = tuple(
            MapNode(*(record[name] for name in ("activity", "label", "units", "cases", "starts", "ends"))) for record in self.activities.records()
        )
        clock: Clock = "working" if self.fit else "elapsed"
        measures = ("source", "target", "steps", "cases", *TIMES[clock], "back_steps", "waits", "time_cost")
        absent = dict.fromkeys(("back_steps", "waits", "time_cost"))
        edges = tuple(MapEdge(*({**absent, **record}[name] for name in measures)) for record in self.records())
        currency = (self.priced.currency if self.priced else None) or ""
        return Map("Process map", nodes, edges, self.about.population.cases, self.about.population.unit, clock, currency)

    def view(self) -> View:
        """The map, its edges as a table, and the definition of a gap."""
        told = {"rework": ("back_steps",), "waiting": ("waiting", "main_cause", "main_cause_share"), "money": ("time_cost",)}
        overlay = told.get(self.looked_at.overlay, ())
        names = ("source_activity", "target_activity", "steps", *overlay, "cases", *TIMES["working" if self.fit else "elapsed"])
        blocks: list[Block] = [*opening(self.about), *(() if self.fit else doubtful_dates(self.about.log))]
        if self.by is None:
            blocks += [*self._headlines(), self.map()]
        else:
            currency = (self.priced.currency if self.priced else None) or ""
            blocks += [
                table("Directly-follows relations", self.records(), names, self.by, currency),
                Caveat("The map is drawn only without `by`."),
            ]
        blocks += [*self._limits(), *([*self._unknown(), *self.fit.blocks()] if self.fit else ())]
        return View("Process map", (*blocks, *self._definitions()), self.about.log.zone)

    def _definitions(self) -> Iterator[Definition]:
        yield Definition(
            "Gap", "the time from the completion of one unit to the completion of the next in the same case; it holds work and waiting alike"
        )
        if self.looked_at.overlay == "rework" or self.overlays:
            yield Definition("Step back", "a step to an activity that occurred before in the case")
        if self.waited:
            yield Definition(
                "Waiting of a path",
                "from when the second units of its steps were enabled, be it by an earlier unit, to their starts; over all paths it is all waiting, by cause "
                "as in waiting-causes",
            )
        if self.priced:
            yield Definition(
                "Cost of time",
                "labour on the second units of the steps; discounts that were lost and what lateness costs, divided among the steps up to the day that passed "
                "by the time spent on them; and capital, where it is a cost",
            )
        if self.fit:
            yield Definition("Working time", "of a gap, the time in which the calendar is open that its attributes or the default give to the case")

    def _limits(self) -> Iterator[Caveat]:
        """What is not on any path, and what is in no number."""
        if self.waited:
            untold = sum(record["untold"] for record in self.records())
            if untold:
                yield Caveat(
                    f"Before {plural(untold, 'unit')} no waiting is known, because no usable start is recorded for {agreeing(untold, 'it', 'them')}."
                )
            if not self.waited.calendars.calendars:
                yield Caveat(NO_CALENDAR)
        if self.priced and self.costs:
            every, currency = self.costs.records()[0]["cost"], self.priced.currency
            off = every - sum(
                record["time_cost"] for rows in (self.rows, *self.overlays.values()) for record in rows.records() if "time_cost" in record
            )
            if off:
                said = f"{money(rounded(off, currency), currency or '')} of {money(rounded(every, currency), currency or '')} are on no path"
                yield Caveat(f"{said}: they fall on the first units of cases, or on the time after the last.")
            yield from map(Caveat, self.priced.limits())

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
        text = f"The most frequent step, {edge}, makes up {part}; {'it takes' if top['steps'] == 1 else 'half of them take'} {half}{'' if top['steps'] == 1 else ' or less'}."
        return [*self._overlaid(records), Headline(text, top["steps"] / all_steps)]

    def _overlaid(self, records: Sequence[Mapping[str, Any]]) -> Iterator[Headline]:
        """The path with most of the cost, of the waiting or of the steps back, where they are told."""
        rework = ["back_steps"] if self.looked_at.overlay == "rework" else []
        for measure in [*(["time_cost"] if self.priced else []), *(["waiting"] if self.waited else []), *rework]:
            whole = sum(record[measure] for record in records)
            if not whole:
                continue
            top = max(records, key=lambda record: record[measure])
            part, place = float(top[measure] / whole), f"on the path {top['source_activity']} → {top['target_activity']}"
            if measure == "time_cost" and self.priced:
                cost = money(top[measure], self.priced.currency or "")
                yield Headline(f"{share(part)} of what time on paths costs lies {place}: {cost}.", part)
            elif measure == "back_steps":
                every = sum(record["steps"] for record in records)
                said = f"{count(whole)} of {plural(every, 'step')} ({share(whole / every)}) {agreeing(whole, 'leads', 'lead')} back to what was done before"
                yield Headline(f"{said}; {share(part)} of them lie {place}.", whole / every)
            else:
                cause = f"{top['main_cause']} ({share(top['main_cause_share'])})"
                yield Headline(f"{share(part)} of all waiting lies {place}: {duration(int(top[measure]))}, mostly {cause}.", part)

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
        overlay: what the paths tell: how often, the time of their gaps, where work is done again, what is waited for, or what the time on them costs.
        activities: the share of the activities that is drawn, the most frequent first, from 0 to 1.
        paths: the share of the paths that is drawn, from 0 to 1; default: the fewest that carry 95 % of the steps, at most 100.

    Raises:
        NoCalendar: working time was asked for and no calendar can apply to cases.
        NoWaiting: waiting was asked for, and starts of work are not recorded, or only by the day.
        NothingPrices, SeveralCurrencies: money was asked for, and what time costs is not known, or not in one currency.
    """
    for name, part in (("activities", activities), ("paths", paths)):
        if part is not None and not 0 <= part <= 1:
            raise OutOfRange(name, part, "a share from 0 to 1")
    lens = Lens(overlay, activities, paths)
    hours = calendars_of_cases(log) if clock == "working" else calendars(log) if overlay in ("waiting", "money") else None
    waited = waiting_parts(log, hours) if overlay == "waiting" and hours else None
    if waited and not waited.told:
        raise NoWaiting
    priced = money_in_one_currency(log, hours) if overlay == "money" and hours else None
    keys = ["activity", "next_activity", *(["group"] if by else [])]
    found = _timed(log, by, keys, hours if clock == "working" else None, clock)
    if overlay == "rework":
        back = grouped(log, loop_steps(log), by)
        found = found.join(_steps_back(back, keys), keys)
    if waited:
        found = found.join(waits_of_edges(grouped(log, step_waits(log, waited), by), keys), keys)
    if priced:
        costs = grouped(log, step_costs(log, priced), by)
        joined = found.left_join(_costs_of_edges(costs, keys), keys)
        found = joined.select(*found.columns, time_cost=joined.time_cost.fill_null(0))
    labels = activity_labels(log)
    before, after = labels.rename(source_activity="label"), labels.rename(target_activity="label", next_activity="activity")
    named = found.join(before, "activity").join(after, "next_activity").rename(source="activity", target="next_activity")
    order = [*(["group"] if by else []), named.steps.desc(), "source_activity", "target_activity"]
    asked = {"by": by, "clock": clock, "overlay": overlay, "activities": activities, "paths": paths}
    fit = calendar_fit(log, hours) if hours and clock == "working" else None
    edges, boxes = log.fetch(named.order_by(order)), log.fetch(_activities(log))
    return DirectlyFollows(about(log, "directly-follows", asked), edges, by, boxes, lens, fit, waited, priced, priced.whole() if priced else None, {})


def _steps_back(these: ir.Table, keys: list[str]) -> ir.Table:
    """How many steps of each edge (in each group) lead back."""
    return these.group_by(keys).aggregate(back_steps=these.count(where=these.back))


def _costs_of_edges(these: ir.Table, keys: list[str]) -> ir.Table:
    """What the time on each edge (in each group) costs."""
    kept = these.filter(these.activity.notnull())
    return kept.group_by(keys).aggregate(time_cost=kept.cost.sum())


def _timed(log: EventLog, by: str | None, keys: list[str], hours: Calendars | None, clock: Clock) -> ir.Table:
    """The edges (in each group) with their counts and the times of their gaps, on the clock or in working time."""
    these = grouped(log, working_steps(log, hours) if hours else steps(log), by)
    mean, median, p90, total = TIMES[clock]
    found = these.group_by(keys).aggregate(
        steps=these.count(),
        **{
            mean: (these.gap.sum().cast("decimal(38, 0)") / these.gap.count()).round().cast("int64"),
            total: these.gap.sum().cast("decimal(38, 0)").coalesce(0),
        },
        **({"unknown": these.gap.isnull().sum()} if hours else {}),
        ranked=these.gap.quantile([0.5, 0.9]),  # both from one look at the gaps, which is most of the work
    )
    found = found.mutate(**{name: found.ranked[place].round().cast("int64") for place, name in enumerate((median, p90))}).drop("ranked")
    return found.join(cases_with(log, by, "activity", "next_activity"), keys)


def _activities(log: EventLog) -> ir.Table:
    these = units(log)
    counted = these.group_by("activity").aggregate(
        units=these.count(),
        starts=(these.position == 1).sum(),
        ends=these.next_activity.isnull().sum(),
    )
    named = counted.join(cases_with(log, None, "activity"), "activity").join(activity_labels(log), "activity")
    return named.order_by([named.units.desc(), named.label])
