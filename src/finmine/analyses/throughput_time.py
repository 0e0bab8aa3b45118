"""Throughput time: how long cases take from their first start (or completion) to their last completion.

The median is told with an interval, because the cases that were seen are a sample of how the process works; of the cases
in the log every number is a complete count. A case that still runs is not a short case: where end activities are declared
on the card, finished and running cases are told apart. With ``clock = working`` only the time counts in which the calendar of
the case is open, told in its working days, and the fit of the calendars to the work stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import ibis

from finmine.calendar_fit import UNKNOWN, CalendarFit, calendar_fit, calendars_of_cases, in_days
from finmine.doubtful_units import doubtful_dates
from finmine.engine import Rows
from finmine.log import EventLog
from finmine.relations.calendars import Calendars, case_calendars
from finmine.relations.groups import cases_of, grouped
from finmine.relations.traces import traces
from finmine.relations.working_time import working_time
from finmine.result import Result, about, opening, table
from finmine.stats.median_interval import interval_ranks
from finmine.view import Bars, Block, Caveat, Clock, Definition, Headline, Table, View
from finmine.words import DAY, HOUR, MINUTE, SECOND, count, duration, plural, share, working_duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

ALL = "all"
_STATUSES = (ALL, "finished", "running")

_COLUMNS = ("cases", "mean", "median", "median_low", "median_high", "median_case", "p90", "shortest", "longest", "total")
_TIMES = ("mean", "median", "median_low", "median_high", "p90", "shortest", "longest", "total")
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
    fit: CalendarFit | None

    def answers(self) -> Mapping[str, Rows]:
        """The measures, the values at certain ranks, the number of cases in each range, and the fit where working time is told."""
        told = {"throughput times": self.rows, "values at certain ranks": self.ordered, "cases in each range": self.ranges}
        return told | ({"calendar fit": self.fit.rows} if self.fit else {})

    def prepared(self) -> tuple[str, ...]:
        """The intervals of the calendars, where working time is told."""
        return self.fit.found.script() if self.fit else ()

    @property
    def day(self) -> int | None:
        """The working day in which working times are told, where there is one."""
        return self.fit.found.day_of_cases(self.about.log.card.calendar_of) if self.fit else None

    def told(self, time: int | None) -> str:
        """A time in words: as a duration, or in working days."""
        return working_duration(time, self.day) if self.fit else duration(time)

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
        shown = self._table("Throughput time", records, names)
        doubt = () if self.fit else tuple(doubtful_dates(self.about.log))
        blocks: list[Block] = [
            *opening(self.about),
            *doubt,
            *self._headlines(records, spoiled=bool(doubt)),
            *(self.fit.blocks() if self.fit else ()),
            shown,
        ]
        if records:
            blocks.append(self._medians(self._main(records)) if self.by else self._spread(self._main(records)[0]))
        meant = _WORKING if self.fit else _THROUGHPUT
        return View("Throughput time", (*blocks, *self._caveats(records), meant, *_DEFINITIONS), self.about.log.zone)

    def _table(self, title: str, records: Sequence[Record], names: Sequence[str]) -> Table:
        """A table of these columns; those that hold times are named and told after the clock."""
        if self.fit is None:
            return table(title, records, names, self.by)
        working = [{**record, **{f"working_{name}": time for name, time in in_days(record, _TIMES, self.day).items()}} for record in records]
        return table(title, working, [f"working_{name}" if name in _TIMES else name for name in names], self.by)

    def _main(self, records: Sequence[Record]) -> list[Record]:
        """The rows that tell how long cases take: of the finished ones where there are any, else of all."""
        status = "finished" if any(record["status"] == "finished" for record in records) else ALL
        return [record for record in records if record["status"] == status]

    def _headlines(self, records: Sequence[Record], *, spoiled: bool) -> Iterator[Headline]:
        if self.by is not None:
            for record in records[:1]:
                place = f"{self.by} = {record['group']} holds {share(record['time_share'])} of all throughput time"
                said = f"{place}: {plural(record['cases'], 'case')}, half of them take {self.told(record['median'])} or less."
                yield Headline(said, record["time_share"] or 0.0, "time")
            return
        for record in self._main(records):
            cases = plural(record["cases"], "case" if record["status"] == ALL else "finished case")
            if record["cases"] > 1:
                said = f"Half of {cases} take {self.told(record['median'])} or less{self._interval(record)}"
                yield Headline(f"{said}; one in ten takes {self.told(record['p90'])} or more.", 1.0, "time")
            if record["cases"] >= 10 and record["total"] > 0 and not spoiled:  # with wrong dates it says what these hold
                weight = record["slowest_total"] / record["total"]
                yield Headline(f"The slowest tenth of {cases} ({record['slowest']:,}) holds {share(weight)} of their time.", weight, "time")

    def _spread(self, record: Record) -> Bars:
        """How many cases fall into each range of time, the ranges being equally wide but for the last."""
        counts = {found["place"]: found["cases"] for found in self.ranges.records()}
        places = range(min(0, *counts), max(counts) + 1)
        rows = [{"range": self._range(place), "cases": counts.get(place, 0)} for place in places]
        shares = [row | {"cases_share": row["cases"] / record["cases"]} for row in rows]
        title = "Cases by throughput time" if record["status"] == ALL else "Finished cases by throughput time"
        return Bars(table(title, shares, ("range", "cases", "cases_share")), "range", "cases")

    def _range(self, place: int) -> str:
        if place < 0:
            return "below 0 s"
        if place == _MOST_BARS:
            return f"{self.told(place * self.width)} or more"
        since, until = (self.told(each * self.width) for each in (place, place + 1))
        unit = " working days"
        return f"{since.removesuffix(unit) if until.endswith(unit) else since} – {until}" if place else f"under {until}"

    def _interval(self, record: Record) -> str:
        return "" if record["median_low"] is None else f" (95 % interval {self.told(record['median_low'])} to {self.told(record['median_high'])})"

    def _medians(self, records: Sequence[Record]) -> Bars:
        drawn = records[:_MOST_BARS]
        shown = self._table(f"Median by {self.by}, most time first", drawn, ("median", "cases"))
        every = len(records) if len(drawn) < len(records) else None
        return Bars(Table(shown.title, shown.columns, shown.rows, every), "group", "working_median" if self.fit else "median")

    def _caveats(self, records: Sequence[Record]) -> Iterator[Caveat]:
        log = self.about.log
        everything = [record for record in records if record["status"] == ALL]
        cases, whole = (sum(record[name] for record in everything) for name in ("cases", "total"))
        longest = max((record["longest"] for record in everything), default=0)
        if cases >= 100 and 20 * longest > whole:
            said = f"One case alone takes {self.told(longest)} and holds {share(longest / whole)} of all throughput time"
            advice = "`check` lists doubtful dates, and a filter such as --keep-cases 'throughput <= 365d' leaves such cases out"
            yield Caveat(f"{said}. A wrong date may be the cause: {advice}.")
        if self.fit and (unknown := self.about.population.cases - cases):
            yield Caveat(f"The working time of {plural(unknown, 'case')} is not known and in no number: {UNKNOWN}.")
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
        these = grouped(self.about.log, _cases(self.about.log, self.fit.found if self.fit else None), self.by)
        kept = these if record["status"] == ALL else these.filter(these.status == record["status"])
        return cases_of(kept, record, self.by)


def throughput_time(log: EventLog, *, by: str | None = None, clock: Clock = "elapsed") -> ThroughputTime:
    """How long cases take, and how that is distributed.

    Args:
        log: the event log.
        by: an attribute after which the cases are split; shares are of the time of all cases.
        clock: whether cases are told in elapsed time or in the working time of the calendars on the card.

    Raises:
        NoCalendar: working time was asked for and no calendar can apply to cases.
    """
    hours = calendars_of_cases(log) if clock == "working" else None
    keys = ["status", *(["group"] if by else [])]
    these = _by_status(log, grouped(log, _cases(log, hours), by).select("case", "label", "throughput", *keys))
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
    fit = calendar_fit(log, hours) if hours else None
    widths = _widths(hours.day_of_cases(log.card.calendar_of)) if hours else _WIDTHS
    width = next((width for width in widths if 3 * measured.get(status, 0) <= 2 * width * _MOST_BARS), widths[-1])
    kept = these.filter(these.status == status)
    place = ibis.greatest(-1, ibis.least(_MOST_BARS, kept.throughput // width)).cast("int64")
    ranges = kept.group_by(place=place).aggregate(cases=kept.count())
    asked = about(log, "throughput-time", {"by": by, "clock": clock})
    return ThroughputTime(asked, rows, by, ordered, log.fetch(ranges.order_by("place")), width, fit)


def _cases(log: EventLog, hours: Calendars | None) -> ir.Table:
    """The cases with the throughput time of the clock; in working time without those of which it is not known."""
    if hours is None:
        return traces(log)
    cases = traces(log).join(case_calendars(log, hours).select("case", "calendar"), "case")
    worked = working_time(cases, hours, "started", "ended")
    return worked.mutate(throughput=worked.worked).drop("calendar").drop("worked").filter(lambda these: these.throughput.notnull())


def _widths(day: int | None) -> tuple[int, ...]:
    """The widths of ranges of working time: parts of an hour, hours, and working days where all are of one length."""
    unit = day or 8 * HOUR
    return (*(width for width in _WIDTHS if width < unit // 2), *(part * unit // 2 for part in (1, 2, 4, 10, 20, 40, 120, 250, 500)))


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


_THROUGHPUT = Definition(
    "Throughput time",
    "from the first start of a case (or its first completion, where starts are not recorded) to its last completion, in calendar time",
)
_DEFINITIONS = (
    Definition(
        "Interval of the median",
        "two throughput times that occurred, between which the median of the process lies with 95 % confidence if cases are independent; "
        "from six cases on. For the cases in the log the median is a complete count",
        "order statistics, no distribution assumed",
    ),
    Definition("Median case", "the case in the middle of all, ordered by throughput time and then by name"),
)
_WORKING = Definition(
    "Working time",
    "of a case, from its first start (or its first completion) to its last completion, the time in which the calendar is open that its attributes, "
    "or the default, give to it",
)
