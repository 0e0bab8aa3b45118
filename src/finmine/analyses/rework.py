"""Rework: what is done more than once in a case, directly again or after something else, by the same hands or by others.

Every unit whose activity occurred before in its case is rework. It belongs either to a **self-loop** (the unit directly
before it is the same activity) or to a **repetition** (something else lies between). That an activity comes twice does
not say why: a second approval can be the rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.engine import Rows
from finmine.log import EventLog
from finmine.relations.groups import grouped
from finmine.relations.occurrences import occurrences, reworked_cases, self_loops
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, Prose, Table, View
from finmine.words import count, duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_ACTIVITIES = ("activity", "units", "cases", "rework", "rework_share", "rework_cases", "rework_cases_share", "rework_span")
_SELF_LOOPS = ("activity", "self_loops", "self_loop_units")
_REPETITIONS = ("activity", "repetitions", "repetition_units")
_GROUPS = ("cases", "rework_cases", "rework_cases_share", "rework", "loop_time")
_HANDS = ("repeat", "redo")
_MOST_BARS = 15
_MOST_HEADLINES = 3


@dataclass(frozen=True, slots=True, repr=False)
class Rework(Result):
    """The activities, most rework first, with their self-loops and repetitions; ``totals`` has the cases with and without rework."""

    by: str | None
    loops: Rows
    totals: Rows

    def answers(self) -> tuple[Rows, ...]:
        """The activities, their self-loops, and the cases with and without rework."""
        return (self.rows, self.loops, self.totals)

    def records(self) -> tuple[Record, ...]:
        """The activities with all their counts; those of hands end in ``_repeat`` (one resource) and ``_redo`` (several)."""
        loops = {(record.get("group"), record["code"]): record for record in self.loops.records()}
        return tuple(_counted(record, loops.get((record.get("group"), record["code"]))) for record in self.rows.records())

    def view(self) -> View:
        """Headlines, the activities, their self-loops and repetitions with the hands that did them, and the terms."""
        records = self.records()
        blocks: list[Block] = [*opening(self.about), *self._headlines(records)]
        blocks.append(table("Rework by activity", records, _ACTIVITIES, self.by))
        if self.by is not None:
            blocks.append(table(f"Cases with rework by {self.by}", self._groups(), _GROUPS, self.by))
        if self.by is None and (drawn := [record for record in records if record["rework"]][:_MOST_BARS]):
            blocks.append(Bars(table("Where rework happens", drawn, ("activity", "rework")), "activity", "rework"))
        for title, kind, names in (("Self-loops", "self_loop", _SELF_LOOPS), ("Repetitions", "repetition", _REPETITIONS)):
            blocks += self._by_hands(title, kind, names, records)
        if not self.about.log.facts.has_resource:
            blocks.append(Caveat("The log names no resource, so nobody can say whether the same hands did the work again."))
        return View("Rework", (*blocks, *_DEFINITIONS), self.about.log.zone)

    def _by_hands(self, title: str, kind: str, names: Sequence[str], records: Sequence[Record]) -> Iterator[Table]:
        """The self-loops or the repetitions, and where resources are known by whose hands."""
        rows = [{**record, **{hands: record[f"{kind}_{hands}"] for hands in _HANDS}} for record in records if record[f"{kind}s"]]
        if rows:
            yield table(title, rows, (*names, *(_HANDS if self.about.log.facts.has_resource else ())), self.by)

    def _groups(self) -> list[dict[str, Any]]:
        """All cases and those with rework, of each group (or of the log), most cases with rework first."""
        found: dict[Any, dict[str, Any]] = {}
        for record in self.totals.records():
            group = found.setdefault(record.get("group"), {"group": record.get("group"), **dict.fromkeys((*_GROUPS, "total"), 0)})
            group["cases"] += record["cases"]
            group["total"] += record["total"]
            if record["reworked"]:
                group |= {"rework_cases": record["cases"], "rework": record["rework"], "loop_time": record["loop_time"]}
        for group in found.values():
            group["rework_cases_share"] = group["rework_cases"] / group["cases"]
        return sorted(found.values(), key=lambda group: (-group["rework_cases"], str(group["group"])))

    def _headlines(self, records: Sequence[Record]) -> Iterator[Headline | Prose]:
        groups, units = self._groups(), sum(record["units"] for record in records)
        cases, having, again, total, looped = (
            sum(group[name] for group in groups) for name in ("cases", "rework_cases", "rework", "total", "loop_time")
        )
        if not again:
            yield Prose("No activity occurs more than once in a case.")
            return
        of_units = f"{count(again)} of {plural(units, self.about.population.unit)} ({share(again / units)}) repeat what was done before in the case"
        yield Headline(f"In {share(having / cases)} of the cases ({count(having)}) something is done more than once: {of_units}.", having / cases)
        if total > 0:
            yield Headline(
                f"{share(looped / total)} of all throughput time lies between the first and the last time of what is repeated.", looped / total
            )
        if self.by is None:
            yield from (Headline(self._said(record), record["rework_cases"] / cases) for record in records[:_MOST_HEADLINES] if record["rework"])
            yield from self._difference()

    def _said(self, record: Record) -> str:
        where = f"in {plural(record['rework_cases'], 'case')} ({share(record['rework_cases_share'])} of those that have it)"
        how = _kinds(record["self_loop_units"], record["repetition_units"])
        said = f"{record['activity']} is done again {plural(record['rework'], 'time')} {where}, {how}"
        if self.about.log.facts.has_resource and record["repetitions"]:
            said += f"; others took part in {_part(record['repetition_redo'], record['repetitions'])} repetitions"
        return f"{said}."

    def _difference(self) -> Iterator[Prose]:
        medians = {bool(record["reworked"]): duration(record["median"]) for record in self.totals.records()}
        if len(medians) == 2:
            said = f"Half of the cases with rework take {medians[True]} or less, half of those without {medians[False]} or less."
            yield Prose(f"{said} That is a difference between cases, not what rework costs: hard cases may both take longer and be reworked.")

    def behind(self, record: Record) -> ir.Table:
        """The cases in which the activity occurs more than once (of one group)."""
        these = grouped(self.about.log, occurrences(self.about.log), self.by)
        kept = these.filter(these.activity == record["code"], these.occurrences > 1)
        return (kept if self.by is None else kept.filter(kept.group == record["group"])).select("case")


def rework(log: EventLog, *, by: str | None = None) -> Rework:
    """What is done more than once in a case: self-loops and repetitions, by the same resource or by others.

    Args:
        log: the event log.
        by: an attribute after which the cases are split.
    """
    groups = ["group"] if by else []
    each = grouped(log, occurrences(log), by)
    again = each.occurrences > 1
    found = each.group_by(["activity", *groups]).aggregate(
        units=each.occurrences.sum(),
        cases=each.count(),
        rework_cases=each.count(where=again),
        self_loop_units=each.again.sum(),
        repetitions=each.count(where=each.runs > 1),
        repetition_units=(each.runs - 1).sum(),
        repetition_redo=each.count(where=(each.runs > 1) & each.others),
        rework_span=(each.last - each.first).quantile(0.5, where=again).round().cast("int64"),
    )
    named = found.rename(code="activity").join(activity_labels(log).rename(code="activity", activity="label"), "code")
    named = named.mutate(rework=named.self_loop_units + named.repetition_units)
    rows = log.fetch(named.order_by([*groups, named.rework.desc(), "activity"]))
    runs = grouped(log, self_loops(log), by)
    loops = runs.group_by(["activity", *groups]).aggregate(self_loops=runs.count(), self_loop_redo=runs.count(where=runs.others))
    loops = loops.rename(code="activity").order_by([*groups, "code"])
    return Rework(about(log, "rework", {"by": by}), rows, by, log.fetch(loops), log.fetch(_totals(log, by, groups)))


def _totals(log: EventLog, by: str | None, groups: Sequence[str]) -> ir.Table:
    """The cases with and without rework: how many, their units of rework and their time."""
    cases = grouped(log, traces(log), by).left_join(reworked_cases(log), "case").drop("case_right")
    cases = cases.mutate(reworked=cases.rework.notnull())
    found = cases.group_by([*groups, "reworked"]).aggregate(
        cases=cases.count(),
        rework=cases.rework.sum(),
        median=cases.throughput.quantile(0.5).round().cast("int64"),
        total=cases.throughput.cast("decimal(38, 0)").sum(),
        loop_time=cases.loop_time.cast("decimal(38, 0)").sum(),
    )
    return found.order_by([*groups, "reworked"])


def _counted(record: dict[str, Any], loops: Record | None) -> Record:
    runs, redone = (loops["self_loops"], loops["self_loop_redo"]) if loops else (0, 0)
    return record | {
        "rework_share": record["rework"] / record["units"],
        "rework_cases_share": record["rework_cases"] / record["cases"],
        "self_loops": runs,
        "self_loop_repeat": runs - redone,
        "self_loop_redo": redone,
        "repetition_repeat": record["repetitions"] - record["repetition_redo"],
    }


def _kinds(directly: int, later: int) -> str:
    if not directly:
        return "always after something else"
    if not later:
        return "always directly after itself"
    return f"{count(directly)} directly after itself and {count(later)} after something else"


def _part(some: int, of: int) -> str:
    return f"{'all' if some == of else 'none' if some == 0 else count(some)} of its {count(of)}"


_BUPAR = "bupaR, package edeaR"
_DEFINITIONS = (
    Definition(
        "Rework",
        "units whose activity occurred before in the case: those in self-loops and those in repetitions",
        "Microsoft Process Mining, rework count",
    ),
    Definition("Self-loop", "a run of one activity with more than one unit in a row; all its units but the first count", _BUPAR),
    Definition("Repetition", "an activity that comes back in a case after something else; of each run but the first, one unit counts", _BUPAR),
    Definition(
        "Hands",
        "the same where one resource did all units of the self-loop, or all units of the repeated activity in the case; "
        "a unit without a resource counts as done by others",
        _BUPAR,
    ),
)
