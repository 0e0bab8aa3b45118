"""Bottlenecks: where the time goes, the waiting or the money, as a ledger that adds up to all of it.

The clock is the completion clock (see ``relations.completion_clock``): the time between two completions of a case is
charged to the pair of activities that stand at them. A charge holds waiting and work alike, so nothing here is called
waiting. A bottleneck is a claim about a sum: many short steps can hold more time than a few long ones. How sure its rank
is, the draws of the cases say (see ``kernels.rank_intervals``). With ``clock = working`` only the time counts in which the
calendar of the case is open, and the fit of the calendars to the work stands beside it.

With ``rank_by = waiting`` (where starts are recorded) or ``rank_by = money`` (where rates or terms are known) steps are ranked by what their second units
waited, or by what the time on them costs, in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.arrays import Lent
from finmine.doubtful_units import WrongDates, doubtful_dates, found_wrong_dates
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.graphs.flow import END, START, Link, flow, passed_by_all
from finmine.kernels.rank_intervals import ACTIVITY, EDGE, Draws
from finmine.log import EventLog
from finmine.ranked_by import Rank, RankedBy, ranked_by
from finmine.relations.charged_pairs import charged_activities, charged_edges
from finmine.relations.completion_clock import charged_cases
from finmine.relations.exemplars import cases_with
from finmine.relations.groups import cases_of, grouped
from finmine.relations.held_relation import held_relation
from finmine.relations.ranking import Ranking, ranking
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Clock, Headline, Prose, Table, View
from finmine.words import count, duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import networkx as nx

Record: TypeAlias = Mapping[str, Any]

_RANKS = ("rank_low", "rank_high")
_SPREAD = ("mean", "median", "p90")
_CHARGED = ("contribution", "contribution_mean", *_SPREAD, "time_share")
_MOST_BARS = 15
_MOST_HEADLINES = 3
_WORTH_SAYING = 0.05  # the least share of all time that is worth a sentence
_FEW = 0.01  # the share of all cases below which an edge tells of single cases, not of the process
_LEAST_DOUBT = 0.01  # the least share of all charges in cases with wrong dates that is told apart
_DRAWS = (100, 10_000)
_LAST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True, repr=False)
class Bottlenecks(Result):
    """What follows what, most time first; the shares of time add up to one (for each group)."""

    by: str | None
    before: Rows
    whole: Rows
    endings: Rows
    ranking: Ranking | None
    ranked: RankedBy
    made: tuple[str, ...]
    wrong: WrongDates | None

    def answers(self) -> Mapping[str, Rows]:
        """The edges, the activities, the cases in all, the activities that come last, the intervals of ranks and the fit of calendars."""
        told = {"edges": self.rows, "activities": self.before, "cases": self.whole, "activities that come last": self.endings}
        told |= {"intervals of ranks": self.ranking.rows} if self.ranking else {}
        return told | ({"calendar fit": self.ranked.fit.rows} if self.ranked.fit else {})

    def prepared(self) -> tuple[str, ...]:
        """The calendars, where working time, waiting or money is told."""
        return self.ranked.prepared()

    def kernels(self) -> tuple[Lent, ...]:
        """Where waiting comes from, and the draws that give ranks their intervals."""
        return (*self.ranked.kernels(), *([self.ranking.lent] if self.ranking else []))

    def looked_up(self) -> tuple[str, ...]:
        """The money by unit, where money is told, and the charges; where the draws rest on them, these name them."""
        return () if self.ranking else self.made

    def records(self) -> tuple[Record, ...]:
        """The edges with their share of the whole; where nothing is charged to what comes before the first completion, it is none of them."""
        wholes = {record.get("group"): record | {"total": 0, "sound": 0} for record in self.whole.records()}
        for record in self.rows.records():
            whole = wholes[record.get("group")]
            whole["total"] += record["contribution"]
            whole["sound"] += record.get("sound", 0)
        ranks = self.ranking.of(EDGE) if self.ranking else {}
        starts = self.about.log.facts.has_start if self.ranked.rank == "throughput" else False
        shown = [record for record in self.rows.records() if record["source"] is not None or record["contribution"] or starts]
        measured = ({**_measured(record, wholes[record.get("group")]), **ranks.get((record["source"], record["target"]), {})} for record in shown)
        return tuple(self.ranked.shown(record, _CHARGED) for record in measured)

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
        blocks: list[Block] = [*opening(self.about), *self._doubt(), *self._worth_saying(records)]
        if self.by is None and records:
            blocks.append(self._concentration(records))
        if records:
            blocks.append(self._bars(records))
        ranks = _RANKS if self.ranking else ()
        title = f"{self._noun.capitalize()} by what follows what"
        edge = ("source_activity", "target_activity", "steps", "cases", "cases_share")
        blocks.append(self._table(title, records, (*edge, "contribution", "time_share", *ranks, "contribution_mean", *_SPREAD)))
        if self.by is None:
            names = ("activity", "cases", "cases_share", "time_before", "time_share", *ranks, *_SPREAD)
            title = "Time before each activity" if self.ranked.rank == "throughput" else f"{self._noun.capitalize()} before each activity"
            blocks.append(self._table(title, self._activities(), names))
        if self.ranking:
            blocks += self.ranking.blocks()
        blocks += [*self.ranked.limits(sum(record["unknown"] for record in self.rows.records())), *self._caveats()]
        defined = (*self.ranked.definitions(), *(self.ranking.definition() if self.ranking else ()))
        return View("Bottlenecks", (*blocks, *defined), self.about.log.zone)

    def _doubt(self) -> Iterator[Caveat]:
        """What cases with wrong dates hold of the whole, and where it is not counted."""
        if self.wrong:
            theirs = f"{share(_doubtful(self.rows))} of {self.ranked.whole} lies in {self.wrong.these}"
            yield self.wrong.caveat(f"{theirs}: the headlines and bars of bottlenecks leave it out, all other shares of time hold it")
        elif not self.ranked.priced and not self.ranked.fit:
            yield from doubtful_dates(self.about.log)

    def _worth_saying(self, records: tuple[Record, ...]) -> Iterator[Headline | Caveat]:
        """The edges with most time as headlines, wrong dates left out; those that only a few cases took as caveats, since they spoil every share."""
        held = "sound" if self.wrong else "contribution"
        whole, cases = self._time(held), self._total("cases")
        ranked = [record for record in records if whole > 0 and record[held] >= _WORTH_SAYING * whole]
        ranked.sort(key=lambda record: -record[held])
        common = [record for record in ranked if record["cases"] >= _FEW * cases]
        for record in common[:_MOST_HEADLINES]:
            steps = f"{plural(record['steps'], 'step')} in {plural(record['cases'], 'case')}"
            said = f"{self._place(record)}: {steps}, {self.ranked.each(record)}."
            yield Headline(said, record[held] / whole, "money" if self.ranked.priced else "time")
        for record in ranked:
            if record not in common:
                few = f"{self._place(record)}, in only {plural(record['cases'], 'case')} of {count(cases)}"
                advice = "`check` lists doubtful dates, and a filter such as --keep-cases 'throughput <= 365d' leaves these cases out"
                yield Caveat(f"{few}." if self.ranked.priced else f"{few}. Wrong dates may be the cause: {advice}.")

    def _concentration(self, records: tuple[Record, ...]) -> Prose:
        held = sorted((record["sound" if self.wrong else "contribution"] for record in records), reverse=True)
        half = next((place for place, time in enumerate(accumulate(held), 1) if 2 * time >= sum(held)), len(held))
        out = ", wrong dates left out," if self.wrong else ""
        said = f"Half of {self.ranked.whole}{out} lies on {half:,} of {plural(len(records), 'pair')} of activities that follow one another."
        names = self.about.log.activity_names()
        passed = [names[activity] for activity in passed_by_all(self.graph())]
        return Prose(f"{said} Every case passes {', then '.join(passed)}." if passed else said)

    def _bars(self, records: tuple[Record, ...]) -> Bars:
        held = "sound" if self.wrong else "contribution"
        ranked = sorted(records, key=lambda record: -record[held])[:_MOST_BARS]
        drawn = [{**record, "step": f"{record['source_activity']} → {record['target_activity']}"} for record in ranked]
        title = {"throughput": "Where the time goes", "waiting": "Where work waits", "money": "Where time costs money"}[self.ranked.rank]
        title += ", wrong dates left out" if self.wrong else ""
        title += "" if len(drawn) == len(records) else f": the first {len(drawn)} of {len(records):,}"
        (part, sum_) = self.ranked.names(("time_share", "contribution"))
        if self.by is None:
            shares = ("sound_share", part) if self.wrong else (part,)
            return Bars(table(title, drawn, ("step", *shares)), "step", shares[0])
        named = [
            {**self.ranked.shown({**one, "contribution": one[held]}, ("contribution",)), "step": f"{one['group']}: {one['step']}"} for one in drawn
        ]
        return Bars(table(f"{title}, by {self.by}", named, ("step", sum_), currency=self.ranked.currency), "step", sum_)

    def _table(self, title: str, records: Sequence[Record], names: Sequence[str]) -> Table:
        """A table of these columns, named and told after what steps are ranked by."""
        told = [self.ranked.shown(record, names) for record in records]
        return table(title, told, self.ranked.names(names), self.by, self.ranked.currency)

    def _activities(self) -> list[Record]:
        """The activities, most time before them first; where no starts are recorded, none lies before the first completion."""
        whole, cases = self._time(), self._total("cases")
        ranks = self.ranking.of(ACTIVITY) if self.ranking else {}
        return [
            record
            | {"time_share": record["time_before"] / whole if whole else None, "cases_share": record["cases"] / cases}
            | ranks.get((None, record["code"]), {})
            for record in self.before.records()
        ]

    @property
    def _noun(self) -> str:
        return self.ranked.noun

    def _place(self, record: Record) -> str:
        of = self.ranked.whole if self.by is None else f"the {self._noun} of {self.by} = {record['group']}"
        part = f"{share(record['sound_share'])} ({share(record['time_share'])} with wrong dates)" if self.wrong else share(record["time_share"])
        if record["source"] is None:
            verb = "passes" if self.ranked.rank == "throughput" else "lies"
            return f"{part} of {of} {verb} from the start of the case until {record['target_activity']} is completed"
        return f"{part} of {of} lies between {record['source_activity']} and {record['target_activity']}"

    def _time(self, held: str = "contribution") -> int:
        return sum(record[held] for record in self.rows.records())

    def _total(self, measure: str) -> int:
        return sum(record[measure] or 0 for record in self.whole.records())

    def _caveats(self) -> Iterator[Caveat]:
        log, running = self.about.log, self._total("running")
        if self.ranked.rank == "money":
            return
        if not log.card.outcomes:
            yield Caveat(log.status_gap)
        elif running:
            until = "the extraction" if log.facts.extracted_declared else "the log's last event"
            said = f"{plural(running, 'running case is', 'running cases are')} in {self.ranked.whole} only up to {'its' if running == 1 else 'their'} last unit"
            yield Caveat(f"{said}; the {duration(self._total('open_time'))} from there to {until} are in no number here.")
        if negative := sum(record["negative"] for record in self.rows.records()):
            said = f"{plural(negative, 'time')} from the start of a case to its first completion {'is' if negative == 1 else 'are'} negative"
            why = "because work ends before it starts there"
            yield Caveat(f"{said}, {why}, so that shares of the time are too large, even above 100 %; `check` lists these units.")

    def behind(self, record: Record) -> ir.Table:
        """The cases with time charged to one pair of activities (in one group)."""
        these = grouped(self.about.log, self.ranked.charges, self.by)
        of_source = these.activity.isnull() if record["source"] is None else these.activity == record["source"]
        kept = these.filter(of_source, these.next_activity == record["target"])
        return cases_of(kept, record, self.by)


def bottlenecks(
    log: EventLog,
    *,
    rank_by: Rank = "throughput",
    by: str | None = None,
    clock: Clock = "elapsed",
    cluster: str | None = None,
    draws: int = 500,
    seed: int = 1,
) -> Bottlenecks:
    """Where the time goes: what follows what, ranked by its share of all throughput time, of all waiting, or of what time costs.

    Args:
        log: the event log.
        rank_by: by what steps are ranked: the throughput time between two completions, the waiting before the second unit, or the money that the time costs.
        by: an attribute after which the cases are split; shares are then of each group, and ranks have no intervals.
        clock: whether time is elapsed time or the working time of the calendars on the card.
        cluster: an attribute whose cases are not independent of each other (such as vendor); for the intervals of ranks all cases with one value are
            drawn together.
        draws: how often the cases are drawn anew for the intervals of ranks, from 100 to 10,000; 0 for no intervals.
        seed: the seed of these draws.

    Raises:
        NoCalendar: working time was asked for and no calendar can apply to cases.
        NoWaiting: waiting was asked for, and starts of work are not recorded, or only by the day.
        NothingPrices, SeveralCurrencies, NoClockOfMoney: money was asked for, and it is not known, not in one currency, or on the clock of calendars.
        OneCluster: all cases are in one cluster.
    """
    least, most = _DRAWS
    if draws and not least <= draws <= most:
        raise OutOfRange("draws", draws, f"a whole number from {least:,} to {most:,}, or 0 for no intervals")
    if not 0 <= seed <= _LAST_SEED:
        raise OutOfRange("seed", seed, f"a whole number from 0 to {_LAST_SEED:,}")
    ranked = ranked_by(log, rank_by, clock)
    with held_relation(log, "charges", ranked.charges) as charges:
        made = (*ranked.made(), *charges.script)
        wrong = found_wrong_dates(log)
        cases = charged_cases(log, charges.rows, by) if rank_by == "throughput" else cases_with(log, by, "activity", "next_activity")
        edges = log.fetch(charged_edges(log, charges.rows, by, cases, wrong=wrong is not None))
        activities = log.fetch(charged_activities(log, charges.rows))
        ranks = None if by or not draws else ranking(log, charges.rows, cluster, Draws(draws, seed), ranked.noun, made)
    endings = traces(log).group_by(activity="last_activity").aggregate(cases=lambda these: these.count())
    return Bottlenecks(
        about(log, "bottlenecks", {"rank_by": rank_by, "by": by, "clock": clock, "cluster": cluster, "draws": draws, "seed": seed}),
        edges,
        by,
        activities,
        log.fetch(_whole(log, by)),
        log.fetch(endings.order_by("activity")),
        ranks,
        ranked,
        made,
        wrong if wrong and wrong.filter and _doubtful(edges) >= _LEAST_DOUBT else None,
    )


def _whole(log: EventLog, by: str | None) -> ir.Table:
    """The cases (of each group), those that still run, and how long these have been open since their last unit."""
    groups = ["group"] if by else []
    cases = grouped(log, traces(log), by)
    running, since = cases.status == "running", log.facts.extracted - cases.ended
    whole = cases.aggregate(
        by=groups,
        cases=cases.count(),
        running=cases.count(where=running),
        open_time=since.sum(where=running & (since > 0)).cast("decimal(38, 0)"),
    )
    return whole.order_by(groups or ["cases"])


def _doubtful(edges: Rows) -> float:
    """The share of all charges that lies in cases with wrong dates."""
    whole, sound = (sum(int(str(value)) for value in edges.column(name)) for name in ("contribution", "sound"))
    return 1 - sound / whole if whole else 0.0


def _measured(record: dict[str, Any], whole: Record) -> Record:
    time_share = record["contribution"] / whole["total"] if whole["total"] else None
    sound = {"sound_share": record["sound"] / whole["sound"] if whole["sound"] else None} if "sound" in record else {}
    per_case, cases_share = round(record["contribution"] / whole["cases"]), record["cases"] / whole["cases"]
    return {**record, **sound, "time_share": time_share, "contribution_mean": per_case, "cases_share": cases_share}
