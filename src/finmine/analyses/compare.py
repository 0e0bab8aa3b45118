"""Compare: two companies, periods, vendors or logs side by side, and where their work goes different ways.

Each side is a condition in the language of filters; without a second one it is all other cases, and without any the log is
halved by the time at which cases start. Or each is a log of its own. Compared are cases that have ended (all, where no end activity is declared). Every
difference is told with an interval, and the p-values of all that was tested are adjusted as one family. How far the mixes of
paths lie apart is the earth mover's distance between them. That a difference goes with a company or a period does not say
that this brings it about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import ibis
import numpy as np

from finmine.arrays import Digest
from finmine.calendar_fit import in_days
from finmine.compared_cases import FEW, Compared, numbers
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.path_distance import PathDistance, pooled_paths
from finmine.path_family import path_family
from finmine.relations.first_pass import passes
from finmine.relations.path_features import ACTIVITY, PAIR, REPEATED, having
from finmine.relations.path_steps import path_steps
from finmine.relations.traces import VARIANT_KEY, traces
from finmine.relations.units import units
from finmine.result import Result, about, opening, table
from finmine.side_terms import GIVEN_ANEW, definitions, only_on_one_side, unequally_known
from finmine.sides import Sides, sides_of, sides_of_logs
from finmine.stats.path_effects import LEVEL, SEED
from finmine.stats.two_groups import size_of
from finmine.two_sides import MEASURES, TwoSides, two_sides
from finmine.view import Block, Caveat, Clock, Headline, Map, Prose, Table, View
from finmine.words import duration, plural, share, working_duration

if TYPE_CHECKING:
    import ibis.expr.types as ir


Record: TypeAlias = Mapping[str, Any]

_MOST_CASES = 5_000_000
_MOST_STEPS = 20_000_000
_MOST_FLOWS = 12
_TIMES = ("median", "median_low", "median_high")
_SHIFT = ("shift", "shift_low", "shift_high")
_SIDES = (
    "side",
    "condition",
    "cases",
    "value",
    "compared_cases",
    *_TIMES,
    "units_per_case",
    "share_rework",
    "share_first_pass",
    "variants",
    "activities",
)
_DIFFERENCES = ("measure", "share_first", "share_second", "share_difference", "difference_low", "difference_high", "p_difference", "q_difference")


@dataclass(frozen=True, slots=True, repr=False)
class Compare(Result):
    """The two sides with their figures; ``rows`` are the compared cases of both, and ``differences`` all shares that were looked at."""

    sides: Sides
    sided: TwoSides
    counted: tuple[Rows, Rows]
    answered: Mapping[str, Rows]
    distance: PathDistance | None
    differences: tuple[Record, ...]
    most: int

    def answers(self) -> Mapping[str, Rows]:
        """The compared cases, what their paths have and do, which pass at first, what is on either side, and the traces that distances are between."""
        return {"compared cases": self.rows, **self.answered}

    def prepared(self) -> tuple[str, ...]:
        """The calendars, where working time is told, and which functions give the differences of which input."""
        digest = Digest()
        digest.add({name: numbers(self.rows, name) for name in ("path", "measured")} | {"first": self.sided.first.astype(np.int64)})
        fit = self._compared.fit
        said = f"The differences are what finmine.two_sides and finmine.stats.transport, seed {SEED}, find in the compared cases"
        return (
            *(fit.found.script() if fit else ()),
            f"-- {said} in their order (path, measured and whether of the first side: SHA-256 {digest.hexdigest()}).",
        )

    @property
    def _compared(self) -> Compared:
        return self.sided.family.compared

    def records(self) -> tuple[Record, ...]:
        """The two sides."""
        return tuple(self._side(place) for place in (0, 1))

    def _side(self, place: int) -> Record:
        (counted,) = self.counted[place].records()
        per_case = counted["units"] / counted["cases"] if counted["cases"] else None
        named = {"side": ("first", "second")[place], "condition": self.sides.words[place], "place": place, "units_per_case": per_case}
        return {**counted, **named, **self.sided.measures(place)}

    def view(self) -> View:
        """Headlines, the sides, the difference map, what differs most, and how far the paths lie apart."""
        told = [{**record, **self._named(record, _TIMES)} for record in self.records()]
        money = self.about.log.money
        names = [self._name(name) for name in _SIDES if name != "value" or money]
        blocks: list[Block] = [*opening(self.about), *self._headlines(), Prose(self._tested())]
        blocks += [table("Side by side", told, names, currency=money.currency if money else ""), *self._time()]
        if self.sided.enough:
            blocks += [self.map(), self._differing(), *self._paths()]
        fit = self._compared.fit
        return View("Comparison", (*blocks, *(fit.blocks() if fit else ()), *self._caveats(), *definitions(bool(fit))), self.about.log.zone)

    def _name(self, name: str) -> str:
        return f"working_{name}" if self._compared.fit and name in (*_TIMES, *_SHIFT) else name

    def _named(self, record: Record, names: Sequence[str]) -> Record:
        fit = self._compared.fit
        day = fit.found.day_of_cases(self.about.log.card.calendar_of) if fit else None
        return {self._name(name): cell for name, cell in in_days(record, names, day).items()}

    def _told(self, time: float | None) -> str:
        fit = self._compared.fit
        return working_duration(time, fit.found.day_of_cases(self.about.log.card.calendar_of)) if fit else duration(time)

    def _time(self) -> Iterator[Table]:
        shift = self.sided.shift
        if shift is None:
            return
        sizes = dict(zip(_SHIFT, (None if one is None else round(one) for one in (shift.size.value, shift.size.low, shift.size.high)), strict=True))
        sure = {"delta": shift.compared.delta, "delta_size": size_of(shift.compared.delta), "p_robust": shift.compared.p, "q_difference": shift.q}
        record = {**self._named(sizes, _SHIFT), **sure}
        yield table(f"{self._noun.capitalize()}: first side against second", [record], [*map(self._name, _SHIFT), *sure])

    @property
    def _noun(self) -> str:
        return "working time" if self._compared.fit else "throughput time"

    def map(self) -> Map:
        """The directly-follows graph of the compared cases of both sides, with the share of either side's cases on each edge."""
        log = self.about.log
        return self.sided.map(self.answered["steps of their paths"], log.activity_names(), self.sides.words, log.facts.unit)

    def _differing(self) -> Table:
        """The measures, and the activities and pairs that differ beyond chance, largest difference first."""
        sure = [one for one in self.differences if one["q_difference"] is not None and one["q_difference"] <= LEVEL and one["kind"] not in MEASURES]
        ranked = sorted(sure, key=lambda one: (-abs(one["share_difference"]), one["measure"]))
        measures = [one for one in self.differences if one["kind"] in MEASURES]
        return replace(table("What differs", [*measures, *ranked[: self.most]], _DIFFERENCES), total=len(measures) + len(ranked))

    def _paths(self) -> Iterator[Block]:
        found = self.distance
        if found is None:
            return
        if found.apart.p is not None and found.apart.p > LEVEL:
            yield Prose("The paths lie no further apart than chance would put them, so what would turn the one mix into the other is not listed.")
            yield Prose(f"Paths: {found.said()}")
            return
        moving = sorted(
            (one for one in found.apart.transport.flows if one.distance), key=lambda one: (-one.share * one.distance, one.source, one.target)
        )
        rows = [
            {"moved_from": found.traces[one.source], "moved_to": found.traces[one.target], "moved_share": one.share, "moved_distance": one.distance}
            for one in moving[:_MOST_FLOWS]
        ]
        if rows:
            yield replace(table("What would make the paths of the first side those of the second", rows, tuple(rows[0])), total=len(moving))
        yield Prose(f"Paths: {found.said()}")

    def _headlines(self) -> Iterator[Headline]:
        shift, sides = self.sided.shift, self.records()
        first, second = (f"the {side['side']} side ({side['condition']})" for side in sides)
        if shift is not None:
            medians = " and ".join(
                f"half of {plural(one['compared_cases'], 'case')} of {words} take {self._told(one['median'])} or less"
                for one, words in zip(sides, (first, second), strict=True)
            )
            said = f"{medians[0].upper()}{medians[1:]}"
            if shift.q <= LEVEL and shift.size.value:
                low, high = sorted((abs(shift.size.low or 0.0), abs(shift.size.high or 0.0)))
                span = "" if shift.size.low is None else f" (95 % interval {self._told(low)} to {self._told(high)})"
                way = "longer" if shift.size.value > 0 else "shorter"
                said += f"; the first goes with a {self._noun} {self._told(abs(shift.size.value))} {way}{span}"
            yield Headline(f"{said}.", 1.0)
        sure = [one for one in self.differences if one["q_difference"] is not None and one["q_difference"] <= LEVEL]
        if sure:
            top = max(sure, key=lambda one: abs(one["share_difference"]))
            points = f"{abs(top['share_difference']) * 100:.1f} points {'more' if top['share_difference'] > 0 else 'less'}"
            shares = f"{share(top['share_first'])} of the cases of {first}, {share(top['share_second'])} of those of {second}"
            yield Headline(f"{top['measure']}: {shares}: {points}.", abs(top["share_difference"]))
        if self.distance is not None:
            found = self.distance.apart
            chance = "" if found.by_chance is None else f" (chance alone gives {found.by_chance:.3f} on average; permutation p {found.p:.3f})"
            yield Headline(f"The paths of the two sides lie {found.transport.distance:.3f} apart, from 0 to 1{chance}.", found.transport.distance)

    def _tested(self) -> str:
        shift = self.sided.shift
        cases = plural(len(self.rows), "case was", "cases were")
        tested = [one for one in self.sided.differences if one.q is not None]
        sure = sum(one.q is not None and one.q <= LEVEL for one in tested) + (shift is not None and shift.q <= LEVEL)
        said = f"{cases} compared in {plural(len(tested) + (shift is not None), 'way')}; all tests are one family."
        said += f" In {f'{sure:,}' if sure else 'none'} of them the sides differ (q at most {share(LEVEL)})."
        if not self.sided.enough:
            said = f"{cases} looked at, and nothing was compared: a side has fewer than five cases."
        if self.sides.logs:
            said = f"Each side is a log of its own. {said}"
        halved = "No side was named, so the log is halved by the time at which cases start. " if self.sides.halved else ""
        neither = self.about.population.cases - sum(one["cases"] for one in self.records())
        left = f" {plural(neither, 'case is', 'cases are')} on neither side and in no number." if neither else ""
        return f"{halved}{said}{left}"

    def _caveats(self) -> Iterator[Caveat]:
        log, (left,) = self.about.log, self.answered["all cases of both sides"].records()
        yield from self._compared.caveats(left, self.rows)
        for name, size, words in zip(("first", "second"), self.sided.sizes, self.sides.words, strict=True):
            if size < FEW:
                what = "no difference is told" if not self.sided.enough else "every difference is uncertain"
                few = f"Only {plural(size, 'case')}" if size else "No case"
                yield Caveat(f"{few} of the {name} side ({words}) can be compared: {what}.")
        if unequal := unequally_known(
            self.sided, [one["cases"] for one in self.records()], [one["running"] for one in self.records()], bool(log.card.outcomes)
        ):
            yield Caveat(unequal)
        if log.money is None and log.facts.currencies:
            yield Caveat(log.money_gap)
        if self._compared.cluster and self.distance is not None:
            yield Caveat(GIVEN_ANEW[self.distance.apart.way].format(cluster=self._compared.cluster))
        if self.sides.logs:
            if (alone := only_on_one_side(self.differences)) is not None:
                yield Caveat(alone)
            yield Caveat(
                "Status and money of cases are as the card of their own log says; the zone, calendars and rules are those of the first log's card."
            )
        yield Caveat("Differences are associations: what goes with a side need not come from it.")

    def behind(self, record: Record) -> ir.Table:
        """The cases of a side, or the compared cases of both sides that have what a difference is about."""
        if "place" in record:
            return traces(self.sides.side(record["place"])).select("case")
        cases = self._compared.cases()
        if record["kind"] == "first pass":
            return cases.semi_join(_passing(self.sides.both), "case").select("case")
        if record["kind"] == "rework":
            again = self.sided.family.features.records()
            paths = sorted({one["path"] for one in again if one["kind"] == REPEATED})
            return cases.filter(cases.path.isin(paths)).select("case")
        if record["target"] is None:
            return having(self.sides.both, cases, ACTIVITY, record["source"], None)
        return having(self.sides.both, cases, PAIR, record["source"], record["target"])


def compare(
    log: EventLog,
    *,
    first: str | None = None,
    second: str | None = None,
    against: EventLog | None = None,
    cluster: str | None = None,
    clock: Clock = "elapsed",
    most: int = 25,
) -> Compare:
    """Two companies, periods, vendors or logs side by side, and in what they differ.

    Args:
        log: the event log.
        first: the cases of the first side, in the language of filters, such as "company = '1000'" or "started until 2024-06-30"; default: the earlier half.
        second: the cases of the second side; default: all others.
        against: another log, read and filtered alike, which is the second side; the first is all of the log.
        cluster: an attribute whose cases are not independent of one another, such as the vendor.
        clock: whether cases are compared in elapsed time or in the working time of the calendars on the card.
        most: how many differences are listed, largest first; all are tested.

    Raises:
        SidesOverlap: a case meets both conditions.
        SecondAlone: there is a second side and no first one.
        SidesOfTwoLogs, UnlikeLogs: conditions are given beside another log, or that was read or filtered otherwise.
        NoCalendar: working time was asked for and no calendar can apply to cases.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    sides = sides_of(log, first, second) if against is None else sides_of_logs(log, against, first, second)
    compared = Compared.of(sides.both, "working-time" if clock == "working" else "throughput", (), cluster, ())
    family = path_family(compared)
    members, passing = (log.fetch(these.order_by("case"), _MOST_CASES) for these in (_members(sides, compared), _passing(sides.both)))
    steps = log.fetch(path_steps(sides.both, compared.cases()).order_by(["path", "source", "target"]), _MOST_STEPS)
    cases = numbers(family.rows, "case")
    sided = two_sides(family, steps, np.isin(cases, numbers(members, "case")), np.isin(cases, numbers(passing, "case")))
    pooled = pooled_paths(family)
    distance = pooled.distance(cases >= 0, sided.first, family.family.clusters) if sided.enough else None
    counted = (log.fetch(_counted(sides.side(0))), log.fetch(_counted(sides.side(1))))
    answered = {
        "features of their paths": family.features,
        "steps of their paths": steps,
        "compared cases of the first side": members,
        "cases that pass at first": passing,
        "the first side": counted[0],
        "the second side": counted[1],
        "all cases of both sides": log.fetch(compared.left_out()),
        "traces": pooled.spelled,
        **({"calendar fit": compared.fit.rows} if compared.fit else {}),
    }
    log = sides.log
    other = None if against is None else ", ".join(source.name for source in against.provenance.sources)
    asked = {"first": sides.words[0], "second": sides.words[1], "against": other, "cluster": cluster, "clock": clock, "most": most}
    names = log.activity_names()
    told = tuple(one.told(names) for one in sided.differences)
    return Compare(about(log, "compare", asked), family.rows, sides, sided, counted, answered, distance, told, most)


def _members(sides: Sides, compared: Compared) -> ir.Table:
    """The compared cases of the first side."""
    return compared.cases().semi_join(traces(sides.side(0)), "case").select("case")


def _passing(log: EventLog) -> ir.Table:
    """The cases that do everything once, with nothing sent back."""
    these = passes(log)
    found = these.group_by("case").aggregate(passing=these.first_pass.all())
    return found.filter(found.passing).select("case")


def _counted(log: EventLog) -> ir.Table:
    """What is on a side: cases, how many of them still run, units, money, variants and activities."""
    these, done = traces(log), units(log)
    running = these.count(where=these.status == "running") if log.card.outcomes else ibis.literal(0, "int64")
    keys = these.select(*VARIANT_KEY).distinct()
    return (
        these.aggregate(cases=these.count(), running=running, units=these.length.sum().coalesce(0), value=these.money.sum())
        .cross_join(keys.aggregate(variants=keys.count()))
        .cross_join(done.aggregate(activities=done.activity.nunique()))
    )
