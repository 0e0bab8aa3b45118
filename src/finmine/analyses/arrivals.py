"""Arrivals: how many cases begin and end in each day, week or month, and how many are in work at its end.

Work in progress follows from the two counts: what was open at the end of the period before, and what arrived, less what
was completed. A case is completed by its last unit; where end activities are declared on the card only finished cases
are, and a running case stays open. Periods are those of the log's zone; weeks begin on Mondays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import ibis

from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.filters.times import midnight
from finmine.log import EventLog
from finmine.relations.groups import cases_of, grouped
from finmine.relations.instants import local
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Column, Curve, Definition, Headline, Table, View
from finmine.words import DAY, count, day, instant, moment, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Period: TypeAlias = Literal["day", "week", "month"]
Record: TypeAlias = Mapping[str, Any]

_COLUMNS = ("period", "arrived", "completed", "open_cases")
_UNITS = {"day": "D", "week": "W", "month": "M"}
_EPOCH = date(1970, 1, 1)
_MOST_ROWS = 100_000
_MOST_LINES = 6


class TooManyPeriods(Refusal):
    """The log's span holds more periods than an answer has rows."""

    def __init__(self, period: Period, first: date, last: date, rows: int) -> None:
        super().__init__(
            f"from {first} to {last} there are {rows:,} rows of one {period} each and an answer has at most {_MOST_ROWS:,}; "
            "ask for longer periods, or keep the cases of a shorter time: --keep-cases 'started between 2024-01-01 and 2024-12-31'."
        )


@dataclass(frozen=True, slots=True, repr=False)
class Arrivals(Result):
    """Every period from the first to the last (for each group) with what arrived, what was completed and what was open at its end.

    ``rows`` holds the periods in which something happened. Periods beyond the few stray dates that would stretch the
    answer are not listed; what arrived before is brought forward in the work in progress.
    """

    by: str | None
    period: Period
    listed: tuple[Record, ...]

    def records(self) -> tuple[Record, ...]:
        """The periods in order, also those in which nothing happened."""
        return self.listed

    def view(self) -> View:
        """Headlines, the curves with their table, and what limits the answer."""
        blocks: list[Block] = [*opening(self.about), *self._headlines()]
        if self.by is not None:
            blocks += [*_curve_of_groups(self.listed, self.by), table(f"Cases by {self.period}", self.listed, _COLUMNS, self.by)]
        elif self.listed:
            blocks.append(Curve(table(f"Cases by {self.period}", self.listed, _COLUMNS), "period", _COLUMNS[1:]))
        return View("Arrivals and work in progress", (*blocks, *self._caveats(), *_DEFINITIONS), self.about.log.zone)

    def _headlines(self) -> Iterator[Headline]:
        if self.by is not None or not self.listed:
            return
        cases, periods = self.about.population.cases, len(self.listed)
        arrived, completed = (sum(record[name] for record in self.listed) / periods for name in ("arrived", "completed"))
        top = max(self.listed, key=lambda record: record["open_cases"])
        average = f"{arrived:,.1f} cases arrive and {completed:,.1f} are completed in a {self.period} on average"
        most = f"most are in work at the end of {self._called(top)}: {plural(top['open_cases'], 'case')}"
        yield Headline(f"{average}; {most}.", top["open_cases"] / cases)
        if still := self.listed[-1]["open_cases"]:
            said = f"{plural(still, 'case')} ({share(still / cases)}) {'is' if still == 1 else 'are'} still in work at the end"
            yield Headline(f"{said}.", still / cases)

    def _called(self, record: Record) -> str:
        first = day(record["period"], self.about.log.zone)
        return {"day": first, "week": f"the week of {first}", "month": first[:7]}[self.period]

    def _caveats(self) -> Iterator[Caveat]:
        log = self.about.log
        counted, listed = (sum(record["arrived"] + record["completed"] for record in records) for records in (self.rows.records(), self.listed))
        if counted > listed:
            span = f"{self._called(self.listed[0])} to {self._called(self.listed[-1])}"
            said = f"{count(counted - listed)} of {count(counted)} arrivals and completions lie far outside {span} and are not listed"
            yield Caveat(f"{said}; what arrived before is brought forward as work in progress. `check` lists doubtful dates.")
        if not log.card.outcomes:
            yield Caveat(f"{log.status_gap} So each case counts as completed with its last unit, and work in progress falls to nought at the end.")
        if self.listed and self.listed[-1]["period"] < log.facts.extracted < self._end(self.listed[-1]):
            yield Caveat(f"The last {self.period} is not whole: the log ends {instant(log.facts.extracted, log.zone)}.")

    def _end(self, record: Record) -> int:
        """The instant at which the period of a row ends, and the next one begins."""
        zone = self.about.log.zone
        return midnight(_next(moment(record["period"], zone).date(), self.period), zone)

    def behind(self, record: Record) -> ir.Table:
        """The cases in work at any time of the period (of one group): open at its beginning, or arrived in it."""
        log = self.about.log
        these = grouped(log, traces(log), self.by)
        still = (these.ended >= record["period"]) | (these.status == "running")
        kept = these.filter(these.started < self._end(record), still)
        return cases_of(kept, record, self.by)


def arrivals(log: EventLog, *, period: Literal["auto", "day", "week", "month"] = "auto", by: str | None = None) -> Arrivals:
    """Cases that arrive and complete over time, and the work in progress.

    Args:
        log: the event log.
        period: what is counted together; auto takes days for up to two months, weeks for up to a year and a half, else months.
        by: an attribute after which the cases are split.

    Raises:
        TooManyPeriods: the answer would have more than 100,000 rows.
    """
    chosen = _fitting(log) if period == "auto" else period
    keys = ["day", *(["group"] if by else [])]
    these = grouped(log, traces(log), by)
    completed = these.filter(these.status == "finished") if log.card.outcomes else these
    moments = _moments(these, "started", log.zone, chosen, keys).union(_moments(completed, "ended", log.zone, chosen, keys))
    found = moments.group_by(keys).aggregate(arrived=moments.arrived.sum(), completed=(1 - moments.arrived).sum())
    rows = log.fetch(found.order_by(keys))
    return Arrivals(about(log, "arrivals", {"period": period, "by": by}), rows, by, chosen, tuple(_filled(rows, log, chosen, by)))


def _moments(these: ir.Table, column: str, zone: str, period: Period, keys: Sequence[str]) -> ir.Table:
    """One row for each case: the first day of the period (in days since 1970) in which it arrived, or was completed."""
    first = local(these[column], zone).truncate(_UNITS[period]).epoch_seconds() // 86_400
    arrived = ibis.literal(1 if column == "started" else 0, "int64")
    return these.mutate(day=first.cast("int64"), arrived=arrived).select(*keys, "arrived")


def _fitting(log: EventLog) -> Period:
    """The period in which the span of nearly all cases is readable; stray dates at either end do not count."""
    these = traces(log)
    span = log.fetch(these.aggregate(since=these.started.quantile(0.01), until=these.ended.quantile(0.99))).records()[0]
    days = ((span["until"] or 0) - (span["since"] or 0)) / DAY
    return "day" if days <= 62 else "week" if days <= 550 else "month"


def _filled(rows: Rows, log: EventLog, period: Period, by: str | None) -> Iterator[dict[str, Any]]:
    """Every listed period of every group with its work in progress."""
    counts = {(record.get("group"), _EPOCH + timedelta(days=record["day"])): (record["arrived"], record["completed"]) for record in rows.records()}
    groups = sorted({group for group, _ in counts}, key=str)
    days = list(_listed(counts, log, period, len(groups)))
    brought: dict[Any, int] = dict.fromkeys(groups, 0)
    for (group, since), (arrived, completed) in counts.items():
        brought[group] += arrived - completed if since < days[0] else 0
    for group in groups:
        open_cases = brought[group]
        for since in days:
            arrived, completed = counts.get((group, since), (0, 0))
            open_cases += arrived - completed
            named = {} if by is None else {"group": group}
            yield {**named, "period": midnight(since, log.zone), "arrived": arrived, "completed": completed, "open_cases": open_cases}


def _listed(counts: Mapping[tuple[Any, date], tuple[int, int]], log: EventLog, period: Period, groups: int) -> Iterator[date]:
    """The first days of all periods from the first to the last, but for stray ones."""
    busy: dict[date, int] = {}
    for (_, since), (arrived, completed) in counts.items():
        busy[since] = busy.get(since, 0) + arrived + completed
    moments = sorted((since.toordinal(), moments) for since, moments in busy.items())
    if not moments:
        return
    first = date.fromordinal(_without_strays(moments))
    last = date.fromordinal(-_without_strays([(-since, weight) for since, weight in reversed(moments)]))
    seen = _first_day(moment(log.facts.extracted, log.zone).date(), period)
    if log.card.outcomes and (log.facts.extracted_declared or seen - last <= last - first):
        last = max(last, seen)  # what still runs is open until then
    rows = groups * ((last - first).days // {"day": 1, "week": 7, "month": 28}[period] + 1)
    if rows > _MOST_ROWS:
        raise TooManyPeriods(period, first, last, rows)
    while first <= last:
        yield first
        first = _next(first, period)


def _without_strays(moments: Sequence[tuple[int, int]]) -> int:
    """The first of these days; or the first after a gap, where the gap is longer than all that follows and at most a hundredth lies before it."""
    total, seen, gap, first = sum(weight for _, weight in moments), 0, 0, moments[0][0]
    for (before, weight), (after, _) in pairwise(moments):
        seen += weight
        if 100 * seen > total:
            break
        if after - before > gap:
            gap, first = after - before, after
    return first if gap > moments[-1][0] - first else moments[0][0]


def _next(first: date, period: Period) -> date:
    """The first day of the period after the one that begins on a day."""
    if period == "month":
        return _first_day(first + timedelta(days=31), "month")
    return first + timedelta(days=7 if period == "week" else 1)


def _first_day(within: date, period: Period) -> date:
    if period == "month":
        return within.replace(day=1)
    return within - timedelta(days=within.weekday() if period == "week" else 0)


def _curve_of_groups(records: Sequence[Record], by: str) -> Iterator[Curve]:
    """The work in progress of the groups to which most cases arrive, one line each."""
    arrived: dict[str, int] = {}
    for record in records:
        arrived[record["group"]] = arrived.get(record["group"], 0) + record["arrived"]
    drawn = sorted(arrived, key=lambda group: (-arrived[group], group))[:_MOST_LINES]
    if not drawn:
        return
    lines = [[record["open_cases"] for record in records if record["group"] == group] for group in drawn]
    periods = [record["period"] for record in records if record["group"] == drawn[0]]
    columns = (Column("period", "Period", "day"), *(Column(f"group_{place}", group, "count") for place, group in enumerate(drawn, 1)))
    most = f" (the {len(drawn)} groups with most cases)" if len(drawn) < len(arrived) else ""
    shown = Table(f"Work in progress by {by}{most}", columns, tuple(zip(periods, *lines, strict=True)))
    yield Curve(shown, "period", tuple(column.name for column in columns[1:]))


_DEFINITIONS = (
    Definition("Arrived", "cases whose first start or completion lies in the period"),
    Definition("Completed", "cases whose last completion lies in the period; where end activities are declared, only finished cases"),
    Definition(
        "Work in progress",
        "cases that have arrived and are not completed at the end of the period; it counts from nought, without cases from before the log began",
    ),
)
