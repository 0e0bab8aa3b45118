"""Throughput time: how long cases take from their first start (or completion) to their last completion.

The median is told with an interval, because the cases that were seen are a sample of how the process works; of the cases
in the log every number is a complete count. A case that still runs is not a short case: where end activities are declared
on the card, finished and running cases are told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import ibis

from finmine.engine import Rows
from finmine.log import EventLog
from finmine.relations.groups import cases_of, grouped
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.stats.median_interval import interval_ranks
from finmine.view import Bars, Block, Caveat, Definition, Headline, Table, View
from finmine.words import DAY, HOUR, MINUTE, SECOND, count, duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

ALL = "all"
_STATUSES = (ALL, "finished", "running")

_COLUMNS = ("cases", "mean", "median", "median_low", "median_high", "median_case", "p90", "shortest", "longest", "total")
_MOST_BARS = 24
_WIDTHS = (
    *(part * SECOND // 1000 for part in (1, 10, 100)),
    *(part * SECOND for part in (1, 5, 15, 30)),
    *(part * MINUTE for part in (1, 5, 15, 30)),
    *(part * HOUR for part in (1, 3, 6, 12)),
    *(part * DAY for part in (1, 2, 3, 5, 7, 14, 30, 60, 90, 180, 365)),
)


@dataclass(frozen=True, slots=True, repr=False)
class ThroughputTime(Result):
    """The throughput times of all cases, and of the finished and the running ones (of each group, most time first)."""

    by: str | None
    ordered: Rows
    ranges: Rows
    width: int

    def answers(self) -> Mapping[str, Rows]:
        """The measures, the values at certain ranks, and the number of cases in each range."""
        return {"throughput times": self.rows, "values at certain ranks": self.ordered, "cases in each range": self.ranges}

    def records(self) -> tuple[Record, ...]:
        """The measures with the interval of the median, the case in the middle and the share of all time."""
        at_ranks = {_key(record): record for record in self.ordered.records()}
        totals = {record.get("group"): record["total"] for record in self.rows.records() if record["status"] == ALL}
        whole = sum(totals.values())
        merged = [{**at_ranks[_key(record)], **record, "time_share": record["total"] / whole if whole else None} for record in self.rows.records()]
        return tuple(sorted(merged, key=lambda one: (-totals[one.get("group")], one.get("group", ""), _STATUSES.index(one["status"]))))

    def view(self) -> View:
        """Headlines, the measures, how the cases are spread, and what limits the answer."""
        records = self.records()
        split = bool(self.about.log.card.outcomes)
        names = (*(("status",) if split else ()), *_COLUMNS, *(("time_share",) if split or self.by else ()))
        blocks: list[Block] = [*opening(self.about), *self._headlines(records), table("Throughput time", records, names, self.by)]
        if records:
            blocks.append(_medians(self._main(records), self.by) if self.by else self._spread(self._main(records)[0]))
        return View("Throughput time", (*blocks, *self._caveats(records), *_DEFINITIONS), self.about.log.zone)

    def _main(self, records: Sequence[Record]) -> list[Record]:
        """The rows that tell how long cases take: of the finished ones where there are any, else of all."""
        status = "finished" if any(record["status"] == "finished" for record in records) else ALL
        return [record for record in records if record["status"] == status]

    def _headlines(self, records: Sequence[Record]) -> Iterator[Headline]:
        if self.by is not None:
            for record in records[:1]:
                place = f"{self.by} = {record['group']} holds {share(record['time_share'])} of all throughput time"
                said = f"{place}: {plural(record['cases'], 'case')}, half of them take {duration(record['median'])} or less."
                yield Headline(said, record["time_share"] or 0.0)
            return
        for record in self._main(records):
            cases = plural(record["cases"], "case" if record["status"] == ALL else "finished case")
            if record["cases"] > 1:
                said = f"Half of {cases} take {duration(record['median'])} or less{_interval(record)}"
                yield Headline(f"{said}; one in ten takes {duration(record['p90'])} or more.", 1.0)
            if record["cases"] >= 10 and record["total"] > 0:
                weight = record["slowest_total"] / record["total"]
                yield Headline(f"The slowest tenth of {cases} ({record['slowest']:,}) holds {share(weight)} of their time.", weight)

    def _spread(self, record: Record) -> Bars:
        """How many cases fall into each range of time, the ranges being equally wide but for the last."""
        counts = {found["place"]: found["cases"] for found in self.ranges.records()}
        places = range(min(0, *counts), max(counts) + 1)
        rows = [{"range": _range(place, self.width), "cases": counts.get(place, 0)} for place in places]
        shares = [row | {"cases_share": row["cases"] / record["cases"]} for row in rows]
        title = "Cases by throughput time" if record["status"] == ALL else "Finished cases by throughput time"
        return Bars(table(title, shares, ("range", "cases", "cases_share")), "range", "cases")

    def _caveats(self, records: Sequence[Record]) -> Iterator[Caveat]:
        log = self.about.log
        everything = [record for record in records if record["status"] == ALL]
        cases, whole = (sum(record[name] for record in everything) for name in ("cases", "total"))
        longest = max((record["longest"] for record in everything), default=0)
        if cases >= 100 and 20 * longest > whole:
            said = f"One case alone takes {duration(longest)} and holds {share(longest / whole)} of all throughput time"
            advice = "`check` lists doubtful dates, and a filter such as --keep-cases 'throughput <= 365d' leaves such cases out"
            yield Caveat(f"{said}. A wrong date may be the cause: {advice}.")
        if not log.card.outcomes:
            yield Caveat(log.status_gap)
        elif running := sum(record["cases"] for record in records if record["status"] == "running"):
            verb = "case still runs; it stands" if running == 1 else "cases still run; each stands"
            yield Caveat(f"{count(running)} {verb} with the time up to its last unit, which is not how long it takes.")
        if negative := sum(record["negative"] for record in everything):
            said = f"The throughput time of {plural(negative, 'case')} is negative, because work ends before it starts there"
            yield Caveat(f"{said}; `check` lists these units.")

    def behind(self, record: Record) -> ir.Table:
        """The cases of one row: of a status (in one group)."""
        these = grouped(self.about.log, traces(self.about.log), self.by)
        kept = these if record["status"] == ALL else these.filter(these.status == record["status"])
        return cases_of(kept, record, self.by)


def throughput_time(log: EventLog, *, by: str | None = None) -> ThroughputTime:
    """How long cases take, and how that is distributed.

    Args:
        log: the event log.
        by: an attribute after which the cases are split; shares are of the time of all cases.
    """
    keys = ["status", *(["group"] if by else [])]
    these = _by_status(log, grouped(log, traces(log), by).select("case", "label", "throughput", *keys))
    measures = these.group_by(keys).aggregate(
        cases=these.count(),
        mean=(these.throughput.cast("decimal(38, 0)").sum() / these.count()).round().cast("int64"),
        median=these.throughput.quantile(0.5).round().cast("int64"),
        p90=these.throughput.quantile(0.9).round().cast("int64"),
        shortest=these.throughput.min(),
        longest=these.throughput.max(),
        total=these.throughput.cast("decimal(38, 0)").sum(),
        negative=these.count(where=these.throughput < 0),
    )
    rows = log.fetch(measures.order_by(keys))
    ordered = log.fetch(_at_ranks(these, keys, {int(str(cases)) for cases in rows.column("cases")}).order_by(keys))
    measured = {record["status"]: record["p90"] for record in rows.records()}
    status = "finished" if "finished" in measured else ALL
    width = next((width for width in _WIDTHS if 3 * measured.get(status, 0) <= 2 * width * _MOST_BARS), _WIDTHS[-1])
    kept = these.filter(these.status == status)
    place = ibis.greatest(-1, ibis.least(_MOST_BARS, kept.throughput // width)).cast("int64")
    ranges = kept.group_by(place=place).aggregate(cases=kept.count())
    return ThroughputTime(about(log, "throughput-time", {"by": by}), rows, by, ordered, log.fetch(ranges.order_by("place")), width)


def _by_status(log: EventLog, these: ir.Table) -> ir.Table:
    """Each case once among all, and where end activities are declared once more among those of its status."""
    everything = these.mutate(status=ibis.literal(ALL)).cast(these.schema())
    return everything.union(these) if log.card.outcomes else everything


def _at_ranks(these: ir.Table, keys: Sequence[str], sizes: set[int]) -> ir.Table:
    """The limits of the median's interval, the case in the middle, and the number and time of the slowest tenth, for groups of these sizes."""
    ranks = [dict(zip(("cases", "low", "high"), (size, *(interval_ranks(size) or (None, None))), strict=True)) for size in sorted(sizes)]
    of_size = ibis.literal(ranks, type="array<struct<cases: int64, low: int64, high: int64>>").unnest().name("rank").as_table()
    of_size = of_size.select(cases=of_size.rank["cases"], low=of_size.rank["low"], high=of_size.rank["high"])
    place = ibis.row_number().over(ibis.window(group_by=keys, order_by=["throughput", "case"])) + 1
    placed = these.mutate(place=place.cast("int64"), cases=these.count().over(ibis.window(group_by=keys))).join(of_size, "cases")
    slowest = placed.place * 10 > placed.cases * 9
    return placed.group_by(keys).aggregate(
        median_low=placed.throughput.max(where=placed.place == placed.low),
        median_high=placed.throughput.max(where=placed.place == placed.high),
        median_case=placed.label.max(where=placed.place == (placed.cases + 1) // 2),
        slowest=placed.count(where=slowest),
        slowest_total=placed.throughput.cast("decimal(38, 0)").sum(where=slowest),
    )


def _key(record: Record) -> tuple[Any, ...]:
    return record["status"], record.get("group")


def _interval(record: Record) -> str:
    return "" if record["median_low"] is None else f" (95 % interval {duration(record['median_low'])} to {duration(record['median_high'])})"


def _range(place: int, width: int) -> str:
    if place < 0:
        return "below 0 s"
    if place == _MOST_BARS:
        return f"{duration(place * width)} or more"
    return f"{duration(place * width)} – {duration((place + 1) * width)}" if place else f"under {duration(width)}"


def _medians(records: Sequence[Record], by: str) -> Bars:
    drawn = records[:_MOST_BARS]
    shown = table(f"Median by {by}, most time first", drawn, ("median", "cases"), by)
    return Bars(Table(shown.title, shown.columns, shown.rows, len(records) if len(drawn) < len(records) else None), "group", "median")


_DEFINITIONS = (
    Definition(
        "Throughput time",
        "from the first start of a case (or its first completion, where starts are not recorded) to its last completion, in calendar time",
    ),
    Definition(
        "Interval of the median",
        "two throughput times that occurred, between which the median of the process lies with 95 % confidence if cases are independent; "
        "from six cases on. For the cases in the log the median is a complete count",
        "order statistics, no distribution assumed",
    ),
    Definition("Median case", "the case in the middle of all, ordered by throughput time and then by name"),
)
