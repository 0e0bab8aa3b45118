"""Bottlenecks: where the time goes, as a ledger that adds up to the throughput time of all cases to the microsecond.

The clock is the completion clock (see ``relations.completion_clock``): the time between two completions of a case is
charged to the pair of activities that stand at them. A charge holds waiting and work alike, so nothing here is called
waiting. A bottleneck is a claim about a sum: many short steps can hold more time than a few long ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.engine import Rows
from finmine.graphs.flow import END, START, Link, flow, passed_by_all, time_before
from finmine.log import EventLog
from finmine.relations.completion_clock import completion_clock
from finmine.relations.groups import cases_of, grouped
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, Prose, View
from finmine.words import count, duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import networkx as nx

Record: TypeAlias = Mapping[str, Any]

CASE_START = "(start of the case)"

_EDGES = ("source_activity", "target_activity", "steps", "cases", "contribution", "time_share", "contribution_mean", "median", "p90")
_MOST_BARS = 15
_MOST_HEADLINES = 3
_WORTH_SAYING = 0.05  # the least share of all time that is worth a sentence
_FEW = 0.01  # the share of all cases below which an edge tells of single cases, not of the process


@dataclass(frozen=True, slots=True, repr=False)
class Bottlenecks(Result):
    """What follows what, most time first; the shares of time add up to one (for each group)."""

    by: str | None
    whole: Rows
    endings: Rows

    def answers(self) -> Mapping[str, Rows]:
        """The edges, the cases and their time in all, and the activities that come last."""
        return {"edges": self.rows, "cases and their time": self.whole, "activities that come last": self.endings}

    def records(self) -> tuple[Record, ...]:
        """The edges with their share of the time; where no starts are recorded, nothing comes before the first completion."""
        wholes = {record.get("group"): record for record in self.whole.records()}
        shown = [record for record in self.rows.records() if record["source"] is not None or self.about.log.facts.has_start]
        return tuple(_measured(record, wholes[record.get("group")]) for record in shown)

    def graph(self) -> nx.DiGraph:
        """The flow of all groups as a graph of activity codes between START and END, each edge with ``steps`` and ``time``."""
        charged: dict[tuple[int | str, int | str], tuple[int, int]] = {}
        for record in self.rows.records():
            pair = (START if record["source"] is None else record["source"], record["target"])
            steps, time = charged.get(pair, (0, 0))
            charged[pair] = (steps + record["steps"], time + record["contribution"])
        links = [Link(source, target, steps, time) for (source, target), (steps, time) in charged.items()]
        return flow([*links, *(Link(record["activity"], END, record["cases"], 0) for record in self.endings.records())])

    def view(self) -> View:
        """Headlines, the longest bars, the ledger, what comes before which activity, and what the clock means."""
        records = self.records()
        blocks: list[Block] = [*opening(self.about), *self._worth_saying(records)]
        if self.by is None and records:
            blocks.append(self._concentration(records))
        if records:
            blocks.append(self._bars(records))
        blocks.append(table("Throughput time by what follows what", records, _EDGES, self.by))
        if self.by is None:
            blocks.append(table("Time before each activity", self._activities(), ("activity", "time_before", "time_share")))
        return View("Bottlenecks", (*blocks, *self._caveats(), *_DEFINITIONS), self.about.log.zone)

    def _worth_saying(self, records: tuple[Record, ...]) -> Iterator[Headline | Caveat]:
        """The edges with most time as headlines; those that only a few cases took as caveats, since they spoil every share."""
        whole, cases = self._total("total"), self._total("cases")
        ranked = [record for record in records if whole > 0 and record["contribution"] >= _WORTH_SAYING * whole]
        ranked.sort(key=lambda record: -record["contribution"])
        common = [record for record in ranked if record["cases"] >= _FEW * cases]
        for record in common[:_MOST_HEADLINES]:
            steps = f"{plural(record['steps'], 'step')} in {plural(record['cases'], 'case')}"
            said = f"{_place(record, self.by)}: {steps}, half of them take {duration(record['median'])} or more."
            yield Headline(said, record["contribution"] / whole)
        for record in ranked:
            if record not in common:
                few = f"only {plural(record['cases'], 'case')} of {count(cases)}"
                advice = "`check` lists doubtful dates, and a filter such as --keep-cases 'throughput <= 365d' leaves these cases out"
                yield Caveat(f"{_place(record, self.by)}, in {few}. Wrong dates may be the cause: {advice}.")

    def _concentration(self, records: tuple[Record, ...]) -> Prose:
        running = accumulate(record["contribution"] for record in records)
        half = next((place for place, time in enumerate(running, 1) if 2 * time >= self._total("total")), len(records))
        said = f"Half of all throughput time lies on {half:,} of {plural(len(records), 'pair')} of activities that follow one another."
        names = self.about.log.activity_names()
        passed = [names[activity] for activity in passed_by_all(self.graph())]
        return Prose(f"{said} Every case passes {', then '.join(passed)}." if passed else said)

    def _bars(self, records: tuple[Record, ...]) -> Bars:
        ranked = sorted(records, key=lambda record: -record["contribution"])[:_MOST_BARS]
        drawn = [{**record, "step": f"{record['source_activity']} → {record['target_activity']}"} for record in ranked]
        title = "Where the time goes" if len(drawn) == len(records) else f"Where the time goes: the first {len(drawn)} of {len(records):,}"
        if self.by is None:
            return Bars(table(title, drawn, ("step", "time_share")), "step", "time_share")
        named = [{**record, "step": f"{record['group']}: {record['step']}"} for record in drawn]
        return Bars(table(f"{title}, by {self.by}", named, ("step", "contribution")), "step", "contribution")

    def _activities(self) -> list[Record]:
        names, whole = self.about.log.activity_names(), self._total("total")
        before = time_before(self.graph()).items()
        rows = [{"activity": names[node], "time_before": time, "time_share": time / whole if whole else None} for node, time in before]
        return sorted(rows, key=lambda row: (-row["time_before"], row["activity"]))

    def _total(self, measure: str) -> int:
        return sum(record[measure] or 0 for record in self.whole.records())

    def _caveats(self) -> Iterator[Caveat]:
        log, running = self.about.log, self._total("running")
        if not log.card.outcomes:
            yield Caveat(log.status_gap)
        elif running:
            until = "the extraction" if log.facts.extracted_declared else "the log's last event"
            said = f"{plural(running, 'running case is', 'running cases are')} in it only up to {'its' if running == 1 else 'their'} last unit"
            yield Caveat(f"{said}; the {duration(self._total('open_time'))} from there to {until} are in no number here.")
        if negative := sum(record["negative"] for record in self.rows.records()):
            said = f"{plural(negative, 'time')} from the start of a case to its first completion are negative"
            yield Caveat(f"{said}, because work ends before it starts there; `check` lists these units.")

    def behind(self, record: Record) -> ir.Table:
        """The cases with time charged to one pair of activities (in one group)."""
        these = grouped(self.about.log, completion_clock(self.about.log), self.by)
        of_source = these.activity.isnull() if record["source"] is None else these.activity == record["source"]
        kept = these.filter(of_source, these.next_activity == record["target"])
        return cases_of(kept, record, self.by)


def bottlenecks(log: EventLog, *, by: str | None = None) -> Bottlenecks:
    """Where the time goes: what follows what, ranked by its share of all throughput time.

    Args:
        log: the event log.
        by: an attribute after which the cases are split; shares are then of each group.
    """
    groups = ["group"] if by else []
    these = grouped(log, completion_clock(log), by)
    found = these.group_by(["activity", "next_activity", *groups]).aggregate(
        steps=these.count(),
        cases=these.case.nunique(),
        contribution=these.charge.cast("decimal(38, 0)").sum(),
        median=these.charge.quantile(0.5).round().cast("int64"),
        p90=these.charge.quantile(0.9).round().cast("int64"),
        negative=these.count(where=these.charge < 0),
    )
    labels = activity_labels(log)
    before, after = labels.rename(source_activity="label"), labels.rename(target_activity="label", next_activity="activity")
    named = found.left_join(before, "activity").drop("activity_right").join(after, "next_activity")
    named = named.rename(source="activity", target="next_activity").mutate(source_activity=named.source_activity.fill_null(CASE_START))
    rows = log.fetch(named.order_by([*groups, named.contribution.desc(), "source_activity", "target_activity", "source"]))
    cases = grouped(log, traces(log), by)
    running, since = cases.status == "running", log.facts.extracted - cases.ended
    whole = cases.aggregate(
        by=groups,
        cases=cases.count(),
        total=cases.throughput.cast("decimal(38, 0)").sum(),
        running=cases.count(where=running),
        open_time=since.cast("decimal(38, 0)").sum(where=running & (since > 0)),
    )
    endings = traces(log).group_by(activity="last_activity").aggregate(cases=lambda these: these.count())
    asked = about(log, "bottlenecks", {"by": by})
    return Bottlenecks(asked, rows, by, log.fetch(whole.order_by(groups or ["cases"])), log.fetch(endings.order_by("activity")))


def _measured(record: dict[str, Any], whole: Record) -> Record:
    time_share = record["contribution"] / whole["total"] if whole["total"] else None
    return {**record, "time_share": time_share, "contribution_mean": round(record["contribution"] / whole["cases"])}


def _place(record: Record, by: str | None) -> str:
    of = "all throughput time" if by is None else f"the throughput time of {by} = {record['group']}"
    if record["source"] is None:
        return f"{share(record['time_share'])} of {of} passes from the start of the case until {record['target_activity']} is completed"
    return f"{share(record['time_share'])} of {of} lies between {record['source_activity']} and {record['target_activity']}"


_DEFINITIONS = (
    Definition(
        "Time contributed",
        "the time between two neighbouring completions of a case, charged to the two activities completed; where several are completed "
        "at one instant, in equal parts to all pairs; the time before the first completion is charged to the start of the case. "
        "It adds up to the total throughput time exactly",
    ),
    Definition(
        "Step",
        "one charge, the same as a directly-follows step where no two units of a case are completed at one instant; it holds waiting and work alike",
    ),
)
