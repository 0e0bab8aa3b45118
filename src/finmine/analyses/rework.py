"""Rework: what is done more than once in a case, directly again or after something else, by the same hands or by others.

Every unit whose activity occurred before in its case is rework. It belongs either to a **self-loop** (the unit directly
before it is the same activity) or to a **repetition** (something else lies between). That an activity comes twice does
not say why: a second approval can be the rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.doubtful_units import doubtful_dates
from finmine.engine import Rows
from finmine.log import EventLog
from finmine.relations.groups import cases_of, grouped
from finmine.relations.occurrences import repeated, self_loops
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.relations.units import units
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, Prose, Table, View
from finmine.words import count, plural, share

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
    """The activities that are repeated, most rework first, and beside them their self-loops, the units of all activities, and all cases."""

    by: str | None
    loops: Rows
    units: Rows
    whole: Rows
    worth: Rows | None

    def answers(self) -> Mapping[str, Rows]:
        """What is repeated, the self-loops, the units of all activities, all cases with their time, and the money of those with rework."""
        found = {"repeated activities": self.rows, "self-loops": self.loops, "units of all activities": self.units, "all cases": self.whole}
        return found if self.worth is None else {**found, "money of cases with rework": self.worth}

    def records(self) -> tuple[Record, ...]:
        """All activities with their counts; those of hands end in ``_repeat`` (one resource) and ``_redo`` (several)."""
        again, loops = ({_key(record): record for record in rows.records()} for rows in (self.rows, self.loops))
        counted = [_counted(record, again.get(_key(record), _NEVER), loops.get(_key(record), _NO_LOOPS)) for record in self.units.records()]
        return tuple(sorted(counted, key=lambda record: (record.get("group", ""), -record["rework"], record["activity"])))

    def view(self) -> View:
        """Headlines, the activities, their self-loops and repetitions with the hands that did them, and the terms."""
        records = self.records()
        blocks: list[Block] = [*opening(self.about), *doubtful_dates(self.about.log), *self._headlines(records)]
        if self.by is not None:
            blocks.append(Bars(table(f"Cases with rework by {self.by}", self._groups(), _GROUPS, self.by), "group", "rework_cases"))
        elif drawn := [record for record in records if record["rework"]][:_MOST_BARS]:
            blocks.append(Bars(table("Where rework happens", drawn, ("activity", "rework")), "activity", "rework"))
        blocks.append(table("Rework by activity", records, _ACTIVITIES, self.by))
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

    def _groups(self) -> list[Record]:
        """All cases and those with rework, of each group (or of the log), most cases with rework first."""
        found = {whole.get("group"): {**whole, "rework_cases": 0, "rework": 0, "loop_time": 0} for whole in self.whole.records()}
        for record in self.rows.records():
            group = found[record.get("group")]
            for name, of in (("rework_cases", "earliest"), ("rework", "rework"), ("loop_time", "loop_time")):
                group[name] += record[of]
        groups = [group | {"rework_cases_share": group["rework_cases"] / group["cases"] if group["cases"] else None} for group in found.values()]
        return sorted(groups, key=lambda group: (-group["rework_cases"], group.get("group", "")))

    def _headlines(self, records: Sequence[Record]) -> Iterator[Headline | Prose]:
        groups, units = self._groups(), sum(record["units"] for record in records)
        cases, having, again, total, looped = (
            sum(group[name] for group in groups) for name in ("cases", "rework_cases", "rework", "total", "loop_time")
        )
        if not again:
            yield Prose("No activity occurs more than once in a case.")
            return
        repeat = "repeats" if again == 1 else "repeat"
        of_units = f"{count(again)} of {plural(units, self.about.population.unit)} ({share(again / units)}) {repeat} what was done before in the case"
        part = self._worth()
        held = "" if part is None else f", with {share(part)} of the money,"
        said = f"In {share(having / cases)} of the cases ({count(having)}){held} something is done more than once: {of_units}."
        yield Headline(said, having / cases) if part is None else Headline(said, part, "money")
        if total > 0:
            said = f"{share(looped / total)} of all throughput time lies between the first and the last time of what is repeated."
            yield Headline(said, looped / total, "time")
        if self.by is None:
            yield from (Headline(self._said(record), record["rework_cases"] / cases) for record in records[:_MOST_HEADLINES] if record["rework"])

    def _worth(self) -> float | None:
        """The share of the money, in absolute amounts, that lies in cases with rework; missing where money cannot be added up."""
        worth = {"rework_worth": None, "every": None} if self.worth is None else self.worth.records()[0]
        return float(worth["rework_worth"] / worth["every"]) if worth["rework_worth"] is not None and worth["every"] else None

    def _said(self, record: Record) -> str:
        where = f"in {plural(record['rework_cases'], 'case')} ({share(record['rework_cases_share'])} of those that have it)"
        how = _kinds(record["self_loop_units"], record["repetition_units"])
        said = f"{record['activity']} is done again {plural(record['rework'], 'time')} {where}, {how}"
        if self.about.log.facts.has_resource and record["repetitions"]:
            said += f"; others took part in {_part(record['repetition_redo'], record['repetitions'])}"
        return f"{said}."

    def behind(self, record: Record) -> ir.Table:
        """The cases in which the activity occurs more than once (of one group)."""
        these = grouped(self.about.log, repeated(self.about.log), self.by)
        kept = these.filter(these.activity == record["code"])
        return cases_of(kept, record, self.by)


def rework(log: EventLog, *, by: str | None = None) -> Rework:
    """What is done more than once in a case: self-loops and repetitions, by the same resource or by others.

    Args:
        log: the event log.
        by: an attribute after which the cases are split.
    """
    keys = [*(["group"] if by else []), "activity"]
    again = grouped(log, repeated(log), by)
    found = again.group_by(keys).aggregate(
        rework=(again.occurrences - 1).sum(),
        rework_cases=again.count(),
        earliest=again.count(where=again.earliest),
        self_loop_units=again.again.sum(),
        repetitions=again.count(where=again.runs > 1),
        repetition_units=(again.runs - 1).sum(),
        repetition_redo=again.count(where=(again.runs > 1) & again.others),
        rework_span=(again.last - again.first).quantile(0.5).round().cast("int64"),
        loop_time=again.loop_time.cast("decimal(38, 0)").sum(),
    )
    runs = grouped(log, self_loops(log), by)
    loops = runs.group_by(keys).aggregate(self_loops=runs.count(), self_loop_redo=runs.count(where=runs.others))
    these = grouped(log, units(log).select("case", "activity"), by)
    every = these.group_by(keys).aggregate(units=these.count()).join(activity_labels(log), "activity")
    cases = grouped(log, traces(log), by)
    whole = cases.aggregate(by=keys[:-1], cases=cases.count(), total=cases.throughput.cast("decimal(38, 0)").sum().fill_null(0))
    rows, runs_of, units_of = (log.fetch(relation.order_by(keys)) for relation in (found, loops, every))
    worth = log.fetch(_worth(cases, again)) if log.money else None
    return Rework(about(log, "rework", {"by": by}), rows, by, runs_of, units_of, log.fetch(whole.order_by(keys[:-1] or ["cases"])), worth)


def _worth(cases: ir.Table, again: ir.Table) -> ir.Table:
    """The money of the cases with rework and of all, in absolute amounts."""
    having = cases.semi_join(again, "case")
    return having.aggregate(rework_worth=having.money.abs().sum()).cross_join(cases.aggregate(every=cases.money.abs().sum()))


_COUNTS = ("rework", "rework_cases", "self_loop_units", "repetitions", "repetition_units", "repetition_redo", "loop_time")
_NEVER: Record = {**dict.fromkeys(_COUNTS, 0), "rework_span": None}
_NO_LOOPS: Record = {"self_loops": 0, "self_loop_redo": 0}


def _key(record: Record) -> tuple[Any, ...]:
    return record.get("group"), record["activity"]


def _counted(every: Record, again: Record, loops: Record) -> Record:
    cases = every["units"] - again["rework"]  # every unit but the first of its activity in the case is rework
    return {
        **again,
        **loops,
        **every,
        "code": every["activity"],
        "activity": every["label"],
        "cases": cases,
        "rework_share": again["rework"] / every["units"],
        "rework_cases_share": again["rework_cases"] / cases,
        "self_loop_repeat": loops["self_loops"] - loops["self_loop_redo"],
        "repetition_repeat": again["repetitions"] - again["repetition_redo"],
    }


def _kinds(directly: int, later: int) -> str:
    if not directly:
        return "always after something else"
    if not later:
        return "always directly after itself"
    return f"{count(directly)} directly after itself and {count(later)} after something else"


def _part(some: int, of: int) -> str:
    if of == 1:
        return "its one repetition" if some else "none of its repetitions"
    return f"{'all' if some == of else 'none' if some == 0 else count(some)} of its {count(of)} repetitions"


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
