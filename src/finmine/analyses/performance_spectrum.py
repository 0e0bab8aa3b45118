"""The performance spectrum: every case on a step between two activities as a line from when it enters to when it leaves.

What an average hides shows in the lines: slow ones among quick ones, lines that cross (somebody was overtaken, so first in was
not first out), lines that end together (work is collected), and lines that lean more as time goes by (the step gets slower).
All numbers are of all passages; only what is drawn is a seeded draw of them where there are many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import ibis

from finmine.arrays import Lent, through
from finmine.doubtful_units import WrongDates, doubtful_dates, found_wrong_dates
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.filters.changes import read_step
from finmine.graphs.flow import END, START
from finmine.kernels.spectrum import Spectrum, spectrum
from finmine.log import EventLog
from finmine.relations.doubtful_units import doubtful_cases
from finmine.relations.groups import cases_of, grouped
from finmine.relations.tables import activity_labels
from finmine.relations.units import steps
from finmine.result import Result, about, opening, table
from finmine.stats.median_interval import interval_ranks
from finmine.view import Block, Caveat, Column, Definition, Headline, Prose, Spans, Table, View
from finmine.words import MINUTE, count, duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_COLUMNS = (
    *(
        "source_activity",
        "target_activity",
        "steps",
        "cases",
        "median",
        "p90",
        "overtaken",
        "overtaken_share",
        "together",
        "together_share",
        "leavings",
    ),
    *("first_median", "last_median", "speed"),
)
_MOST_SEGMENTS = 3  # where none is named
_LEAST_BATCH = 3
_CLASSES = ("1 quickest quarter", "2 second quarter", "3 third quarter", "4 slowest quarter")


@dataclass(frozen=True, slots=True, repr=False)
class PerformanceSpectrum(Result):
    """Segments with how many of their passages were overtaken or left together, and how their speed changed; and the lines that are drawn."""

    by: str | None
    how: Spectrum
    lines: Rows
    limits: Rows
    lent: Lent
    wrong: WrongDates | None

    def answers(self) -> Mapping[str, Rows]:
        """The segments, the passages that are drawn, and the middle passages of the first and the last third of each segment."""
        return {"segments": self.rows, "passages drawn": self.lines, "middle passages": self.limits}

    def kernels(self) -> tuple[Lent, ...]:
        """What was found of each passage."""
        return (self.lent,)

    def records(self) -> tuple[Record, ...]:
        """The segments, most time first in each group."""
        return tuple(self._measured(record) for record in self.rows.records())

    def _measured(self, record: dict[str, Any]) -> dict[str, Any]:
        known = {(one["third"], one["place"]): one["spent"] for one in self.limits.records() if one["segment"] == record["segment"]}
        first, last = (_interval(known, third, record[f"third_{third}"]) for third in (0, 2))
        speed = (
            None if first is None or last is None else "slower" if last[0] > first[1] else "faster" if last[1] < first[0] else "no change to speak of"
        )
        shares = {f"{name}_share": record[name] / record["steps"] for name in ("overtaken", "together")}
        return {**record, **shares, "speed": speed}

    def view(self) -> View:
        """What the lines show, the lines themselves, the segments in numbers, and what the numbers mean."""
        records = self.records()
        told = "what passes in these cases is in all numbers, but it is not drawn, nor counted for which steps hold most time"
        blocks: list[Block] = [
            *opening(self.about),
            *([self.wrong.caveat(told)] if self.wrong else doubtful_dates(self.about.log)),
            *self._headlines(records),
        ]
        if records:
            blocks += [Prose(self._drawn(records)), self._spans(records)]
        blocks.append(table("Segments", records, _COLUMNS, self.by))
        caveats = (Caveat("A line runs from completion to completion: it holds waiting and work alike."),) if records else ()
        return View("Performance spectrum", (*blocks, *caveats, *self._definitions()), self.about.log.zone)

    def _headlines(self, records: Sequence[Record]) -> Iterator[Headline]:
        for record in records[:_MOST_SEGMENTS]:
            name = f"{record['source_activity']} → {record['target_activity']}"
            where = name if self.by is None else f"{name} ({self.by} = {record['group']})"
            are, leave = ("is", "leaves") if record["steps"] == 1 else ("are", "leave")
            said = f"{where}: {share(record['overtaken_share'])} of {plural(record['steps'], 'passage')} {are} overtaken by one that entered later"
            together = f"{share(record['together_share'])} {leave} together with at least two others"
            yield Headline(f"{said}, {together}{_speed(record)}.", record["overtaken_share"])

    def _drawn(self, records: Sequence[Record]) -> str:
        every, drawn = sum(record["steps"] for record in records), len(self.lines)
        if drawn == every:
            return f"{'The passage is' if every == 1 else f'All {count(every)} passages are'} drawn, coloured by quarter of their segment."
        chosen = f"at most {self.how.most:,} of a segment, by a draw with the seed {self.how.seed}"
        return (
            f"Of {count(every)} passages {count(drawn)} are drawn ({chosen}), coloured by quarter of their segment; all numbers are of all passages."
        )

    def _spans(self, records: Sequence[Record]) -> Spans:
        lanes = {record["segment"]: f"{record['source_activity']} → {record['target_activity']}" for record in records}
        if self.by is not None:
            lanes = {record["segment"]: f"{record['group']}: {lanes[record['segment']]}" for record in records}
        rows = tuple((lanes[one["segment"]], one["entered"], one["left"], _CLASSES[one["class"]]) for one in self.lines.records())
        columns = (Column("segment", "Segment", "text"), Column("entered", "Entered", "instant"), Column("left", "Left", "instant"))
        shown = Table("Passages from entering (top) to leaving (bottom)", (*columns, Column("quarter", "Quarter", "text")), rows)
        return Spans(shown, "segment", "entered", "left", "quarter", slanted=True)

    def _definitions(self) -> tuple[Definition, ...]:
        together = f"passages that leave in a batch of at least {_LEAST_BATCH}: a run of leavings, each at most {duration(self.how.apart)} after the one before"
        return (
            Definition("Overtaken", "passages for which one that entered the segment later left it earlier; first in was not first out"),
            Definition("Left together", together, "Denisov, Fahland and van der Aalst, BPM 2018"),
            Definition(
                "Speed",
                "of the first third of the passages by when they entered, against the last third: slower or faster only where the 95 % intervals of their "
                "medians (order statistics) lie apart, and missing where a third has fewer than six",
            ),
        )

    def behind(self, record: Record) -> ir.Table:
        """The cases that take a segment (in one group)."""
        these = grouped(self.about.log, steps(self.about.log), self.by)
        return cases_of(these.filter(these.activity == record["source"], these.next_activity == record["target"]), record, self.by)


def performance_spectrum(
    log: EventLog, *, segment: tuple[str, ...] = (), together: float = 1.0, lines: int = 600, seed: int = 1, by: str | None = None
) -> PerformanceSpectrum:
    """Every case on a step as a line from when it enters to when it leaves: who is overtaken, what ends together, whether it gets slower.

    Args:
        log: the event log.
        segment: the steps to look at, such as "'Approve' -> 'Pay'"; several are allowed; default: the three that hold most time.
        together: how many minutes the leavings of one batch lie apart at most.
        lines: how many passages of a segment are drawn at most, from 1 to 5,000; all numbers are of all passages.
        seed: the seed of the draw of the lines.
        by: an attribute after which the cases are split.

    Raises:
        UnreadableChange, UnknownWord, NoSuchStep: a segment cannot be read, or names what the log does not have.
    """
    for name, given, most in (("together", together, 1e6), ("lines", lines, 5000), ("seed", seed, 2**31 - 1)):
        if not (name == "lines") <= given <= most:
            raise OutOfRange(name, given, f"from {int(name == 'lines')} to {most:,.0f}")
    how = Spectrum(round(together * MINUTE), lines, seed)
    these, found_wrong = steps(log), found_wrong_dates(log)
    wrong = found_wrong if found_wrong and found_wrong.filter else None
    pairs = _chosen(log, segment, these.anti_join(doubtful_cases(log), "case") if wrong and not segment else these)
    chosen = grouped(
        log, these.filter(ibis.or_(ibis.literal(False), *((these.activity == one) & (these.next_activity == two) for one, two in pairs))), by
    )
    keys = ["source", "target", *(["group"] if by else [])]
    named = {"source": chosen.activity, "target": chosen.next_activity, "entered": chosen.time, "left": chosen.next_time}
    passages = chosen.select(*keys[2:], "case", **named)
    segments = passages.group_by(keys).aggregate(total=(passages.left - passages.entered).sum().cast("decimal(38, 0)"))
    order = [*(["group"] if by else []), segments.total.desc(), "source", "target"]
    segments = segments.mutate(segment=ibis.row_number().over(ibis.window(order_by=order)).cast("int64"))
    numbered = passages.join(segments, [passages[key].identical_to(segments[key]) for key in keys]).select("segment", "case", "entered", "left")
    numbered = numbered.cast({"case": "int64"})
    kernel = partial(spectrum, how=how)
    lent = through(log.engine, numbered, kernel, by=["segment"], order=["entered", "left", "case"], noun="spectrum", said=how.said())
    found = lent.table.mutate(spent=lent.table.left - lent.table.entered)
    labels = activity_labels(log)
    before, after = labels.rename(source_activity="label", source="activity"), labels.rename(target_activity="label", target="activity")
    measured = found.group_by("segment").aggregate(**_measures(found))
    measured = measured.join(segments, "segment").select(*measured.columns, *keys)
    measured = measured.join(before, "source").select(*measured.columns, "source_activity")
    measured = measured.join(after, "target").select(*measured.columns, "target_activity")
    rows = log.fetch(measured.order_by("segment"))
    drawn = found.filter(found.drawn == 1)
    if wrong:
        drawn = drawn.anti_join(doubtful_cases(log).cast({"case": "int64"}), "case")
    drawn = drawn.select("segment", "entered", "left", "class")
    asked = {"segment": "; ".join(segment) or None, "together": together, "lines": lines, "seed": seed, "by": by}
    return PerformanceSpectrum(
        about(log, "performance-spectrum", asked),
        rows,
        by,
        how,
        log.fetch(drawn.order_by("segment", "entered", "left", "class")),
        log.fetch(_middle(found, rows).order_by("segment", "third", "place")),
        lent,
        wrong,
    )


def _chosen(log: EventLog, segment: Sequence[str], these: ir.Table) -> list[tuple[Any, Any]]:
    """The pairs of activities of the segments that are asked for, or of those that hold most time in these steps."""
    summed = these.group_by(source="activity", target="next_activity").aggregate(total=these.gap.sum().cast("decimal(38, 0)"))
    taken = [(record["source"], record["target"]) for record in log.fetch(summed.order_by([summed.total.desc(), "source", "target"])).records()]
    if not segment:
        return taken[:_MOST_SEGMENTS]
    pairs = [pair for text in segment for pair in read_step(text).pairs(log, taken)]
    return [pair for pair in dict.fromkeys(pairs) if START not in pair and END not in pair]


def _measures(found: ir.Table) -> dict[str, ir.Scalar]:
    """What is counted and measured of the passages of a segment."""
    batched = found.together >= _LEAST_BATCH
    thirds = {f"third_{third}": found.count(where=found.third == third) for third in (0, 2)}
    medians = {
        name: found.spent.quantile(0.5, where=found.third == third).round().cast("int64") for name, third in (("first_median", 0), ("last_median", 2))
    }
    return {
        "steps": found.count(),
        "cases": found.case.nunique(),
        "median": found.spent.quantile(0.5).round().cast("int64"),
        "p90": found.spent.quantile(0.9).round().cast("int64"),
        "overtaken": found.overtaken.sum().cast("int64"),
        "together": found.count(where=batched),
        # each passage of a batch of n is one n-th of it
        "leavings": (1.0 / found.together).sum(where=batched).coalesce(0.0).round().cast("int64"),
        **thirds,
        **medians,
    }


def _middle(found: ir.Table, rows: Rows) -> ir.Table:
    """The passages of the first and the last third of each segment between which the median lies."""
    wanted = [
        {"segment": record["segment"], "third": third, "place": place}
        for record in rows.records()
        for third in (0, 2)
        for place in dict.fromkeys(interval_ranks(record[f"third_{third}"]) or ())
    ]
    listed = ibis.literal(wanted, type="array<struct<segment: int64, third: int64, place: int64>>").unnest().name("rank").as_table()
    ranks = listed.select(segment=listed.rank["segment"], third=listed.rank["third"], place=listed.rank["place"])
    return found.join(ranks, ["segment", "third", "place"]).select("segment", "third", "place", "spent")


def _interval(known: Mapping[tuple[int, int], int], third: int, size: int) -> tuple[int, int] | None:
    """The 95 % interval of the median of a third."""
    ranks = interval_ranks(size)
    return None if ranks is None else (known[third, ranks[0]], known[third, ranks[1]])


def _speed(record: Record) -> str:
    if record["speed"] in ("slower", "faster"):
        return f", and it got {record['speed']}: half took {duration(record['first_median'])} or less at first, {duration(record['last_median'])} at last"
    return ""
