"""Hand-overs: who hands work to whom, how long it lies in between, and what goes back and forth.

A hand-over is a step from one unit of a case to the next that changes hands: between people (and technical users) as they
are shown, or between roles. Steps within the same hands are kept apart, steps with an unrecorded side are counted and left
out. The time of a hand-over is its gap, from completion to completion; where starts are recorded, the time until the start too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.doubtful_units import doubtful_dates
from finmine.engine import Rows
from finmine.graphs.handover import Handing, Part, handover_graph, parts
from finmine.log import EventLog
from finmine.relations.groups import cases_of, grouped
from finmine.relations.hands import Between, came_back, hand_labels, hand_steps
from finmine.relations.traces import traces
from finmine.render.link_graph import Link, Named, link_graph
from finmine.result import Result, about, opening, table
from finmine.stats.concentration import fewest
from finmine.view import Block, Caveat, Column, Definition, Headline, Matrix, Table, View
from finmine.words import agreeing, count, duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import networkx as nx

Record: TypeAlias = Mapping[str, Any]

MOST_OF_THEM = 0.8
_FEW = 0.01  # the share of all cases below which a pair of hands tells of single cases, not of the process
_STARTS = ("until_start_median", "overlapping")
_PARTS = ("hands", "handed_over", "received", "kept", "receivers", "givers", "betweenness")
_BACK = ("hands", "other_hands", "ping_pongs", "cases", "away_median", "away_total")
_NOUNS = {"resource": "resource", "role": "role"}


@dataclass(frozen=True, slots=True, repr=False)
class Handovers(Result):
    """The hand-overs from some hands to others, most first, and work that is kept; beside them ping-pong and all steps."""

    by: str | None
    between: Between
    pairs: int
    back: Rows
    whole: Rows

    def answers(self) -> Mapping[str, Rows]:
        """The pairs of hands, what came straight back, and all steps with their time."""
        return {"pairs of hands": self.rows, "work that comes straight back": self.back, "all steps and cases": self.whole}

    def records(self) -> tuple[Record, ...]:
        """The hand-overs with their share of all hand-overs (of the group); what is kept is not among them."""
        all_of: dict[str | None, int] = {}
        changed = [record for record in self.rows.records() if not record["same"]]
        for record in changed:
            all_of[record.get("group")] = all_of.get(record.get("group"), 0) + record["handovers"]
        return tuple({**record, "handovers_share": record["handovers"] / all_of[record.get("group")]} for record in changed)

    def graph(self) -> nx.DiGraph:
        """The graph of all groups; each edge has its ``times`` and ``time``, and work that is kept is a loop."""
        added: dict[tuple[str, str], tuple[int, int]] = {}
        for record in self.rows.records():
            pair = (record["source_hands"], record["target_hands"])
            times, time = added.get(pair, (0, 0))
            added[pair] = (times + record["handovers"], time + record["total"])
        return handover_graph(Handing(*pair, *sums) for pair, sums in added.items())

    def view(self) -> View:
        """Headlines, the graph and the matrix, every pair, the part of each, and what goes back and forth."""
        records = self.records()
        blocks: list[Block] = [*opening(self.about), *doubtful_dates(self.about.log), *self._headlines(records)]
        if self.by is None and records:
            found = parts(self.graph())
            blocks += [self._diagram(records, found), self._matrix(records, found)]
        times = ("median", "p90", "total", *(_STARTS if self.about.log.facts.has_start else ()))
        blocks.append(
            table("Hand-overs", records, ("source_hands", "target_hands", "handovers", "handovers_share", "handover_cases", *times), self.by)
        )
        if self.by is None and records:
            each = [{**part._asdict(), "hands": part.name, "betweenness": part.between} for part in found]
            blocks.append(table(f"The part of each {_NOUNS[self.between]}", each, _PARTS))
        if len(self.back):
            blocks.append(table("Work that comes straight back", self.back, _BACK, self.by))
        return View("Hand-overs", (*blocks, *self._limits(), *self._definitions()), self.about.log.zone)

    def _diagram(self, records: tuple[Record, ...], found: tuple[Part, ...]) -> Block:
        sizes = {part.name: part.handed_over + part.received for part in found}
        kept = {part.name: part.kept for part in found}
        named = {
            name: Named(name, size, f"{count(size)} hand-overs from or to it, {plural(kept[name], 'step')} within the same hands")
            for name, size in sizes.items()
        }
        links = [
            Link(record["source_hands"], record["target_hands"], record["handovers"], count(record["handovers"]), _told(record)) for record in records
        ]
        return link_graph(f"Who hands over to whom, by {_NOUNS[self.between]}", named, links, "hand-overs", self.pairs)

    def _matrix(self, records: tuple[Record, ...], found: tuple[Part, ...]) -> Matrix:
        kept = [record for record in self.rows.records() if record["same"]]
        shown = table(
            "From whom (rows) to whom (columns), what is kept on the diagonal", [*records, *kept], ("source_hands", "target_hands", "handovers")
        )
        return Matrix(_titled(shown), "source_hands", "target_hands", "handovers", tuple(part.name for part in found))

    def _headlines(self, records: tuple[Record, ...]) -> Iterator[Headline]:
        changed, steps = sum(record["handovers"] for record in records), self._total("known")
        if not changed:
            return
        time, all_time = sum(record["total"] for record in records), self._total("gap")
        change = "changes" if changed == 1 else "change"
        said = (
            f"{count(changed)} of {plural(steps, 'step')} with known hands ({share(changed / steps)}) {change} hands between {_NOUNS[self.between]}s"
        )
        yield Headline(f"{said}; {share(time / all_time)} of the time between units lies there." if all_time > 0 else f"{said}.", changed / steps)
        pairs: dict[tuple[str, str], int] = {}
        for record in records:
            pair = (record["source_hands"], record["target_hands"])
            pairs[pair] = pairs.get(pair, 0) + record["handovers"]
        few = fewest(pairs.values(), MOST_OF_THEM)
        if few < len(pairs):
            carried = sum(sorted(pairs.values(), reverse=True)[:few]) / changed
            yield Headline(
                f"{count(few)} of {plural(len(pairs), 'pair')} {agreeing(few, 'carries', 'carry')} {share(carried)} of the hand-overs.",
                carried - few / len(pairs),
            )
        if self.by is None:
            common = (record for record in records if record["handover_cases"] >= _FEW * self._total("cases"))
            slow = max(common, key=lambda record: record["total"], default=None)
            if slow is not None and slow["total"] > 0:
                yield Headline(f"{share(slow['total'] / all_time)} of the time between units passes {_told(slow)}.", slow["total"] / all_time, "time")
        yield from self._back()

    def _back(self) -> Iterator[Headline]:
        rows, cases = self.back.records(), self._total("cases")
        back, having = (sum(row[name] for row in rows) for name in ("ping_pongs", "earliest"))
        if not back:
            return
        most = max(rows, key=lambda row: row["ping_pongs"])
        group = "" if self.by is None else f" ({self.by} = {most['group']})"
        away, total = sum(row["away_once"] for row in rows), self._total("throughput")
        time = f", and is away for {share(away / total)} of all throughput time" if total > 0 else ""
        where = f"In {plural(having, 'case')} ({share(having / cases)}) work that was handed over comes straight back, {plural(back, 'time')} in all{time}"
        often = f"most often from {most['hands']} to {most['other_hands']} and back{group}: {plural(most['ping_pongs'], 'time')}"
        yield Headline(f"{where}; {often}.", having / cases)

    def _total(self, measure: str) -> int:
        return sum(record[measure] or 0 for record in self.whole.records())

    def _limits(self) -> Iterator[Caveat]:
        unknown, known = self._total("unknown"), self._total("known")
        if unknown:
            part = share(unknown / (unknown + known))
            said = f"{plural(unknown, f'step ({part}) has', f'steps ({part}) have')} no recorded {_NOUNS[self.between]} on at least one side"
            yield Caveat(
                f"{said} and {'is' if unknown == 1 else 'are'} in no row; where {'it lies' if unknown == 1 else 'they lie'}, nobody can say whether work came back."
            )
        if self.between == "resource" and self.about.log.facts.people == "roles":
            yield Caveat("People are shown as their roles: a row is a role, and what people of one role hand to one another counts as kept.")
        if not self.about.log.facts.has_start:
            yield Caveat("The log records no starts, so a gap holds waiting and work alike, and nobody can say when the next began.")
        if self.by is not None:
            yield Caveat("The graph and the matrix are drawn only without `by`.")

    def _definitions(self) -> Iterator[Definition]:
        yield Definition(
            "Hand-over",
            "two units that follow one another directly in a case and are of different hands; its time is the gap from completion to completion",
            "van der Aalst, Reijers and Song 2005",
        )
        yield Definition(
            "Ping-pong",
            "work that goes from A to B and from B straight back to A; it is away from the last completion by A before to the first by A after",
        )
        if self.about.log.facts.has_start:
            yield Definition(
                "Until the start", "from the completion to the start of the next unit; where that began earlier, it overlaps and is counted apart"
            )

    def behind(self, record: Record) -> ir.Table:
        """The cases in which work went from these hands to the others (of one group)."""
        these = grouped(self.about.log, hand_steps(self.about.log, self.between), self.by)
        kept = these.filter(these.hand == record["source"], these.next_hand == record["target"])
        return cases_of(kept, record, self.by)


def handovers(log: EventLog, *, between: Between = "resource", pairs: int = 40, by: str | None = None) -> Handovers:
    """Who hands work to whom, how long it lies in between, and what goes back and forth.

    Args:
        log: the event log.
        between: whether hands are those of resources or of roles.
        pairs: how many pairs of hands are drawn at most, the strongest first.
        by: an attribute after which the cases are split; shares are then of each group.

    Raises:
        MissingFact: no column plays the role of the resource, or of the role.
    """
    import ibis

    log.require(between)
    groups = ["group"] if by else []
    these = grouped(log, hand_steps(log, between), by)
    known = these.filter(these.hand.notnull(), these.next_hand.notnull())
    found = known.group_by(["hand", "next_hand", *groups]).aggregate(
        handovers=known.count(),
        handover_cases=known.case.nunique(),
        median=known.gap.quantile(0.5).round().cast("int64"),
        p90=known.gap.quantile(0.9).round().cast("int64"),
        total=known.gap.sum().cast("decimal(38, 0)"),
        until_start_median=known.until_start.quantile(0.5, where=known.until_start >= 0).round().cast("int64"),
        overlapping=ibis.ifelse(known.until_start.count() > 0, known.count(where=known.until_start < 0), None),
    )
    labels = hand_labels(log, between)
    before, after = labels.rename(source_hands="label"), labels.rename(target_hands="label", next_hand="hand")
    named = found.join(before, "hand").join(after, "next_hand").rename(source="hand", target="next_hand")
    named = named.mutate(same=named.source == named.target)
    rows = log.fetch(named.order_by([*groups, ibis.desc("handovers"), "source_hands", "target_hands"]))
    asked = about(log, "handovers", {"between": between, "pairs": pairs, "by": by})
    return Handovers(asked, rows, by, between, pairs, log.fetch(_back(log, between, by)), log.fetch(_whole(log, between, by)))


def _back(log: EventLog, between: Between, by: str | None) -> ir.Table:
    """What came straight back, by the hands that handed it over and those that had it: counts, cases and times."""
    import ibis

    groups = ["group"] if by else []
    found = came_back(log, between)
    found = found.mutate(first=ibis.row_number().over(group_by="case", order_by="position") == 0)
    these = grouped(log, found, by)
    counted = these.group_by(["hand", "other", *groups]).aggregate(
        ping_pongs=these.count(),
        cases=these.case.nunique(),
        earliest=these.count(where=these.first),
        away_median=these.away.quantile(0.5).round().cast("int64"),
        away_total=these.away.sum().cast("decimal(38, 0)"),
        away_once=these.away_once.sum().cast("decimal(38, 0)"),
    )
    labels = hand_labels(log, between)
    named = counted.join(labels.rename(hands="label"), "hand").join(labels.rename(other_hands="label", other="hand"), "other")
    return named.order_by([*groups, ibis.desc("ping_pongs"), "hands", "other_hands"])


def _whole(log: EventLog, between: Between, by: str | None) -> ir.Table:
    """All steps whose hands are known on both sides and those that are not, the gaps of the first, and the cases with their time."""
    groups = ["group"] if by else []
    these = grouped(log, hand_steps(log, between), by)
    both = these.hand.notnull() & these.next_hand.notnull()
    steps = these.aggregate(
        by=groups, known=these.count(where=both), unknown=these.count(where=~both), gap=these.gap.sum(where=both).cast("decimal(38, 0)")
    )
    cases = grouped(log, traces(log), by)
    every = cases.aggregate(by=groups, cases=cases.count(), throughput=cases.throughput.sum().cast("decimal(38, 0)"))
    if not groups:
        return steps.cross_join(every)
    return every.left_join(steps, "group").select("group", "cases", "throughput", "known", "unknown", "gap").order_by("group")


def _told(record: Record) -> str:
    once = record["handovers"] == 1
    half = f"it takes {duration(record['median'])}" if once else f"half of them take {duration(record['median'])} or more"
    return f"from {record['source_hands']} to {record['target_hands']}: {plural(record['handovers'], 'hand-over')} in {plural(record['handover_cases'], 'case')}, {half}"


def _titled(shown: Table) -> Table:
    """The table with headings that tell what its number is, kept work among it."""
    first, second, last = shown.columns
    return Table(shown.title, (first, second, Column(last.name, "Steps", last.kind)), shown.rows)
