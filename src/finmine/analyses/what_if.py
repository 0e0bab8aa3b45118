"""What if: how the mean throughput time changes when steps get faster or slower, or when routes are taken less or more often.

The directly-follows graph is read as an absorbing Markov chain (see ``graphs.chain``). A change of times is exact: it equals
replaying every case with the changed times. A change of routes is not, because where cases go may depend on where they came
from; so the chain's number stands beside that of a chain which remembers one activity more, and beside the mean of the cases
that never took the routes. No number here knows of queues: more or less work for the people is not in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.changed_times import changed_time
from finmine.doubtful_units import WrongDates, doubtful_dates, found_wrong_dates
from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.filters import parse_filter
from finmine.filters.changes import Change, EndUnreachable, NoRouteLeft, read_change
from finmine.graphs.chain import NeverEnds, NoOtherRoute, Pair, Passage, Timing
from finmine.graphs.flow import END, START
from finmine.graphs.prospect import Prospect, mean_without, prospect
from finmine.log import EventLog
from finmine.relations.groups import cases_of, grouped
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.relations.transitions import transitions
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Cell, Definition, Facts, Headline, Kind, View
from finmine.words import duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

CASE_START, CASE_END = "(start of the case)", "(end of the case)"
_LEAST_DOUBT = 0.01  # the least share of all time in cases with wrong dates that is told apart
_FEW = 0.01  # times per case: a step that is taken less often tells of single cases
_MOST_TRIED = 100  # routes whose absence is tried where nothing is asked
_EXCEPTION = 0.5  # the share of the ways out of an activity below which a step is an exception that might be avoided


@dataclass(frozen=True, slots=True)
class Scenario:
    """The mean throughput time of the cases of a group under an assumption, and whether the number is exact; missing where it is not known."""

    group: str | None
    name: str
    mean: float | None
    exact: bool


@dataclass(frozen=True, slots=True)
class Sound:
    """The same answer without the cases that have wrong dates, and the share of all time that lies in these."""

    answer: WhatIf
    wrong: WrongDates
    doubtful: float


@dataclass(frozen=True, slots=True, repr=False)
class WhatIf(Result):
    """Every step of the flow with what is changed about it, and the mean throughput time before and after."""

    by: str | None
    changes: tuple[Change, ...]
    pairs: Rows
    whole: Rows
    without: Rows | None
    prospects: Mapping[str | None, Prospect]
    tried: Mapping[tuple[str | None, Pair], float | None]
    sound: Sound | None

    def answers(self) -> Mapping[str, Rows]:
        """The steps, the steps by the activity before them, the cases in all, and the cases that take none of the changed routes."""
        told = {"steps": self.rows, "steps by the activity before": self.pairs, "cases and their time": self.whole}
        told |= {"cases without the routes": self.without} if self.without else {}
        return told | ({f"{name}, wrong dates left out": rows for name, rows in self.sound.answer.answers().items()} if self.sound else {})

    def records(self) -> tuple[Record, ...]:
        """The steps: those that change, most first; or all of them with what half their time, or their absence, would do."""
        cases = {record.get("group"): record["cases"] for record in self.whole.records()}
        records = [self._record(record, cases[record.get("group")]) for record in self.rows.records()]
        if self.changes:
            differing = [record for record in records if record["per_case_after"] != record["per_case"] or record["mean_after"] != record["mean"]]
            return tuple(sorted(differing, key=lambda record: (record.get("group") or "", -abs(record["difference_time"]))))
        return tuple(record for record in records if record["target"] is not None and (record["source"] is not None or record["contribution_mean"]))

    def _record(self, record: dict[str, Any], cases: int) -> dict[str, Any]:
        group, pair = record.get("group"), _pair(record)
        known = self.prospects[group]
        per_case, mean = record["steps"] / cases, record["total"] / record["steps"]
        made = {**record, "per_case": per_case, "mean": round(mean), "contribution_mean": round(per_case * mean)}
        if not self.changes:
            tried = self.tried.get((group, pair))
            saved = None if tried is None else round(known.now.mean - tried)
            return made | {"halved": round(per_case * mean / 2), "avoided": saved}
        edge = known.edges.edges[pair]
        visits = (known.rerouted or known.retimed).visits.get(pair[0], 0.0)
        after = visits * edge["share"]
        if math.isclose(after, per_case, rel_tol=1e-6):  # a step that hardly changes is no change to speak of
            after = per_case
        difference = round(after * edge["mean"] - per_case * mean)
        return made | {"per_case_after": after, "mean_after": round(edge["mean"]), "difference_time": difference}

    def scenarios(self) -> tuple[Scenario, ...]:
        """The mean throughput time as it is, with the times changed, and with the routes changed: by either chain, and as cases without them took."""
        without = {record.get("group"): record for record in self.without.records()} if self.without else {}
        found: list[Scenario] = []
        for group, known in self.prospects.items():
            found.append(Scenario(group, "as it is", known.now.mean, exact=True))
            if any(change.kind != "rerouted" for change in self.changes):
                found.append(Scenario(group, "with the times changed", known.retimed.mean, exact=True))
            if known.rerouted is not None:
                found.append(Scenario(group, "with the routes changed, by the chain", known.rerouted.mean, exact=False))
                found.append(Scenario(group, "with the routes changed, by the chain of pairs", known.remembering, exact=False))
                left = without.get(group)
                mean = left["total"] / left["cases"] if left else None
                found.append(Scenario(group, f"observed: {plural(left['cases'] if left else 0, 'case')} that never took them", mean, exact=True))
        return tuple(found)

    def view(self) -> View:
        """What becomes of the mean throughput time, step by step, and how far that can be trusted."""
        names = ("source_activity", "target_activity", "steps", "per_case", "mean", "contribution_mean")
        more = ("per_case_after", "mean_after", "difference_time") if self.changes else ("halved", "avoided")
        title = "What changes, step by step" if self.changes else "What each step could save"
        blocks: list[Block] = [*opening(self.about), *self._doubt(), *self.headlines(), *self._facts()]
        blocks.append(table(title, self.records(), (*names, *more), self.by))
        return View("What if", (*blocks, *self._caveats(), *_DEFINITIONS), self.about.log.zone)

    def _doubt(self) -> Iterator[Caveat]:
        """What cases with wrong dates hold of all time, and where they are left out."""
        if found := self.sound:
            theirs = f"{share(found.doubtful)} of all throughput time lies in {found.wrong.these}"
            yield found.wrong.caveat(f"{theirs}: headlines leave it out, all tables hold it")
        else:
            yield from doubtful_dates(self.about.log)

    def headlines(self) -> Iterator[Headline]:
        """What changes, or would save most, for all cases together; without those that have wrong dates where these spoil it."""
        if self.by is not None:
            return
        if self.sound:
            told = self.sound.answer.headlines()
            yield from (Headline(f"Wrong dates left out: {one.text[0].lower()}{one.text[1:]}", one.weight) for one in told)
            return
        if not self.changes:
            saving = [record for record in self.records() if (record["avoided"] or 0) > 0 and record["per_case"] >= _FEW]
            for best in sorted(saving, key=lambda record: -record["avoided"])[:2]:
                whole = self.prospects[None].now.mean
                step = f"{best['source_activity']} → {best['target_activity']}"
                said = f"If no case went {step}, cases would take about {share(best['avoided'] / whole)} less on average"
                yield Headline(f"{said} ({duration(best['avoided'])}; an approximation).", best["avoided"] / whole)
            return
        now, *after = self.scenarios()
        best_known = next((one for one in after if not one.exact), after[0])
        if now.mean and best_known.mean is not None:
            moved = (best_known.mean - now.mean) / now.mean
            about_so = "" if best_known.exact else "about "
            more = "longer" if moved > 0 else "less"
            said = f"Cases would take {about_so}{duration(best_known.mean)} on average instead of {duration(now.mean)}, {share(abs(moved))} {more}"
            yield Headline(f"{said}, if {'; '.join(change.words() for change in self.changes)}.", abs(moved))

    def _facts(self) -> Iterator[Facts]:
        deviations = {record.get("group"): _deviation(record) for record in self.whole.records() if record["cases"]}
        for group, known in self.prospects.items():
            facts: list[tuple[str, Cell, Kind]] = []
            for one in self.scenarios():
                if one.group == group:
                    kind = "" if one.name.startswith("observed") else " (exact)" if one.exact else " (approximation)"
                    facts.append((f"{one.name[0].upper()}{one.name[1:]}{kind}", None if one.mean is None else round(one.mean), "duration"))
            facts.append(("Standard deviation of the cases as they are", deviations[group], "duration"))
            facts.append(("The same by the chain, which forgets how a case came", round(math.sqrt(known.now.variance)), "duration"))
            yield Facts("Mean throughput time" if group is None else f"Mean throughput time of {self.by} = {group}", tuple(facts))

    def _caveats(self) -> Iterator[Caveat]:
        if any(change.kind == "rerouted" for change in self.changes) or not self.changes:
            said = "What other routes do is an approximation: cases that no longer take a route go the other ways from there in proportion, as if where they go"
            yield Caveat(f"{said} did not depend on how they came. The further the numbers above lie apart, the less it says.")
        yield Caveat(
            "Queues are not in it: that people who save time here work faster elsewhere, or that more work for them takes longer, no number here knows."
        )
        if running := sum(record["running"] for record in self.whole.records()):
            yield Caveat(
                f"{plural(running, 'running case ends', 'running cases end')} here with the last unit recorded, which makes the times too short."
            )
        if len(self.tried) == _MOST_TRIED:
            yield Caveat(f"What it saves to avoid a step was tried for the {_MOST_TRIED} exceptions taken most; name others with --change.")

    def behind(self, record: Record) -> ir.Table:
        """The cases that take a step (in one group)."""
        these = grouped(self.about.log, transitions(self.about.log), self.by)
        return cases_of(these.filter(_takes(these, _pair(record))), record, self.by)


def what_if(log: EventLog, *, change: tuple[str, ...] = (), by: str | None = None) -> WhatIf:
    """How the mean throughput time changes when steps get faster or slower, or routes are taken less or more often.

    Args:
        log: the event log.
        change: what changes, such as "'Approve' -> 'Pay' 50% faster", "'Approve' takes 2d", "'Check' -> 'Correct' removed" or "... 30% rarer"; an
            activity alone means every step that leads to it; several are allowed. Without any, what each step could save.
        by: an attribute after which the cases are split.

    Raises:
        UnreadableChange, UnknownWord, NoSuchStep: a change cannot be read, or names what the log does not have.
        TooFast: a step would take less than no time.
        EndUnreachable, NoRouteLeft: with these routes cases would not come to their end.
    """
    changes = tuple(read_change(text) for text in change)
    groups = ["group"] if by else []
    these = grouped(log, transitions(log), by)
    summed = {
        "steps": these.count(),
        "cases": these.case.nunique(),
        "total": these.time.cast("decimal(38, 0)").sum(),
        "squares": (these.time.cast("decimal(19, 0)") * these.time.cast("decimal(19, 0)")).cast("decimal(38, 0)").sum(),
    }
    edges, pairs = (
        these.group_by([*groups, "source", "target"]).aggregate(**summed),
        these.group_by([*groups, "before", "source", "target"]).aggregate(**summed),
    )
    labels = activity_labels(log)
    before, after = labels.rename(source_activity="label", source="activity"), labels.rename(target_activity="label", target="activity")
    named = edges.left_join(before, "source").drop("source_right").left_join(after, "target").drop("target_right")
    named = named.mutate(source_activity=named.source_activity.fill_null(CASE_START), target_activity=named.target_activity.fill_null(CASE_END))
    cases = grouped(log, traces(log), by)
    whole = cases.aggregate(by=groups, running=cases.count(where=cases.status == "running"), **_totals(cases))
    rows = log.fetch(named.order_by([*groups, named.total.desc(), "source_activity", "target_activity", "source", "target"]))
    paired = log.fetch(pairs.order_by([*groups, "before", "source", "target"]))
    known = {group: [_passage(record) for record in rows.records() if record.get("group") == group] for group in _groups(rows, by)}
    timings, factors = _meant(log, changes, rows.records())
    without = None
    if factors:
        took = these.filter(_any(these, list(factors))).select("case").distinct()
        left = cases.anti_join(took, "case")
        without = log.fetch(left.aggregate(by=groups, **_totals(left)).order_by(groups or ["cases"]))
    prospects = {group: _prospect(log, group, known[group], paired, timings.get(group, {}), factors) for group in known}
    asked = about(log, "what-if", {"change": "; ".join(one.words() for one in changes) or None, "by": by})
    tried = {} if changes else dict(_tried(rows, prospects))
    every = log.fetch(whole.order_by(groups or ["cases"]))
    return WhatIf(asked, rows, by, changes, paired, every, without, prospects, tried, None if by else _sound(log, change, every))


def _sound(log: EventLog, change: tuple[str, ...], every: Rows) -> Sound | None:
    """The answer without wrong dates, where these hold so much time that it differs, and what changes is in the other cases too."""
    if not (wrong := found_wrong_dates(log)) or not wrong.filter:
        return None
    try:
        answer = what_if(log.keep_cases(parse_filter(wrong.filter, keeps="cases")), change=change)
    except Refusal:
        return None
    left, whole = (rows.records()[0]["total"] for rows in (answer.whole, every))
    doubtful = 1 - left / whole if whole else 0.0
    return Sound(answer, wrong, doubtful) if doubtful >= _LEAST_DOUBT else None


def _totals(cases: ir.Table) -> dict[str, ir.Scalar]:
    """How many cases, the sum of their throughput times, and of the squares of these."""
    time = cases.throughput.cast("decimal(19, 0)")
    return {"cases": cases.count(), "total": time.cast("decimal(38, 0)").sum(), "squares": (time * time).cast("decimal(38, 0)").sum()}


def _groups(rows: Rows, by: str | None) -> list[str | None]:
    return list(dict.fromkeys(record.get("group") for record in rows.records())) if by else [None] if len(rows) else []


def _pair(record: Record) -> tuple[int | str, int | str]:
    """The nodes of the graph between which a step leads."""
    return (START if record["source"] is None else record["source"]), (END if record["target"] is None else record["target"])


def _passage(record: Record) -> Passage:
    return Passage(*_pair(record), record["steps"], record["total"], record["squares"])


def _takes(these: ir.Table, pair: Pair) -> ir.BooleanColumn:
    """Whether a transition is the step of a pair of nodes."""
    source, target = pair
    leaves = these.source.isnull() if source == START else these.source == source
    return leaves & (these.target.isnull() if target == END else these.target == target)


def _any(these: ir.Table, pairs: Sequence[Pair]) -> ir.BooleanValue:
    import ibis

    return ibis.or_(*(_takes(these, pair) for pair in pairs))


def _meant(log: EventLog, changes: Sequence[Change], records: Sequence[Record]) -> tuple[dict[str | None, dict[Pair, Timing]], dict[Pair, float]]:
    """The changes of times for each group, and those of routes, by the steps that they mean."""
    taken = list(dict.fromkeys(_pair(record) for record in records))
    timings: dict[str | None, dict[Pair, Timing]] = {}
    factors: dict[Pair, float] = {}
    for change in changes:
        pairs = set(change.step.pairs(log, taken))
        if change.kind == "rerouted":
            factors |= {pair: factors.get(pair, 1.0) * float(change.amount) for pair in pairs}
            continue
        for record in records:
            if (pair := _pair(record)) in pairs:
                of_group = timings.setdefault(record.get("group"), {})
                of_group[pair] = changed_time(change, record["total"] / record["steps"], of_group.get(pair, Timing()))
    return timings, factors


def _prospect(
    log: EventLog, group: str | None, passages: Sequence[Passage], paired: Rows, timings: Mapping[Pair, Timing], factors: Mapping[Pair, float]
) -> Prospect:
    pairs = [(record["before"], _passage(record)) for record in paired.records() if record.get("group") == group] if factors else []
    names = log.activity_names()
    try:
        return prospect(passages, pairs, timings, factors)
    except NeverEnds as found:
        raise EndUnreachable([CASE_START if node == START else names[int(str(node))] for node in found.nodes]) from None
    except NoOtherRoute as found:
        raise NoRouteLeft(CASE_START if found.node == START else names[int(str(found.node))]) from None


def _tried(rows: Rows, prospects: Mapping[str | None, Prospect]) -> Iterator[tuple[tuple[str | None, Pair], float | None]]:
    """The mean time if a step were not taken, for the steps taken most that are an exception; missing where cases would then never end."""
    ranked = sorted(rows.records(), key=lambda record: (-record["steps"], str(record["source_activity"]), str(record["target_activity"])))
    exceptions = [record for record in ranked if prospects[record.get("group")].edges.edges[_pair(record)]["share"] < _EXCEPTION]
    for record in exceptions[:_MOST_TRIED]:
        group, pair = record.get("group"), _pair(record)
        yield (group, pair), mean_without(prospects[group], pair)


def _deviation(record: Record) -> int:
    """The standard deviation of the throughput times, from exact sums."""
    cases, total, squares = record["cases"], record["total"], record["squares"]
    return round(math.sqrt((cases * squares - total * total) / (cases * cases)))


_DEFINITIONS = (
    Definition(
        "Chain",
        "the steps between activities as a Markov chain with a start and an end: where a case goes next depends on its activity alone; that of pairs, on its "
        "activity and the one before. The mean as it is, and with other times, equals that of the cases exactly",
        "Kemeny and Snell, Finite Markov Chains, 1960",
    ),
    Definition("Saved at half the time", "what cases would take less on average if the step took half its time and all else stayed; exact"),
    Definition(
        "Saved if avoided", "what cases would take less on average if none took the step and they went the other ways from there in proportion"
    ),
)
