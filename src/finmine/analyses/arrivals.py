"""Arrivals: how many cases begin and end in each day, week or month, and how many are in work at its end.

Work in progress follows from the two counts: what was open at the end of the period before, and what arrived, less what
was completed. A case is completed by its last unit; where end activities are declared on the card only finished cases
are, and a running case stays open. Periods are those of the log's zone; weeks begin on Mondays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

import ibis

from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.log import EventLog
from finmine.relations.groups import grouped
from finmine.relations.instants import local
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Column, Curve, Definition, Headline, Table, View
from finmine.words import DAY, day, instant, moment, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Period: TypeAlias = Literal["day", "week", "month"]

_COLUMNS = ("period", "arrived", "completed", "open_cases")
_UNITS = {"day": "D", "week": "W", "month": "M"}
_MOST_ROWS = 100_000
_MOST_LINES = 6


class TooManyPeriods(Refusal):
    """The log's span holds more periods than an answer has rows."""

    def __init__(self, period: Period, first: date, last: date, rows: int) -> None:
        super().__init__(
            f"from {first} to {last} there are {rows:,} rows of one {period} each and an answer has at most {_MOST_ROWS:,}; "
            "ask for longer periods, or keep the cases of a shorter time: --keep-cases \"started from 2024-01-01 to 2024-12-31\"."
        )


@dataclass(frozen=True, slots=True)
class Arrivals(Result):
    """Every period from the first to the last (for each group) with what arrived, what was completed and what was open at its end."""

    by: str | None
    period: Period
    counted: tuple[Mapping[str, Any], ...]

    def records(self) -> tuple[Mapping[str, Any], ...]:
        """The periods in order, also those in which nothing happened."""
        return self.counted

    def view(self) -> View:
        """Headlines, the curves, the table where the curves do not show all of it, and what limits the answer."""
        log, records = self.about.log, self.counted
        blocks: list[Block] = [*opening(self.about), *self._headlines()]
        if self.by is not None:
            blocks += [*_curve_of_groups(records, self.by), table(f"Each {self.period}", records, _COLUMNS, self.by)]
        elif records:
            drawn = _drawn(records)
            if len(drawn) < len(records):
                blocks.append(table(f"Each {self.period}", records, _COLUMNS))
                said = f"from {self._called(drawn[0])} to {self._called(drawn[-1])}, in which 98 % of the cases arrive and are completed"
                blocks.append(Caveat(f"A few stray dates would stretch the picture: it shows only the time {said}."))
            blocks.append(Curve(table(f"Cases by {self.period}", drawn, _COLUMNS), "period", _COLUMNS[1:]))
        return View("Arrivals and work in progress", (*blocks, *self._caveats(), *_DEFINITIONS), log.zone)

    def _called(self, record: Mapping[str, Any]) -> str:
        first = day(record["period"], self.about.log.zone)
        return {"day": first, "week": f"the week of {first}", "month": first[:7]}[self.period]

    def _headlines(self) -> Iterator[Headline]:
        if self.by is not None or not self.counted:
            return
        cases, drawn = self.about.population.cases, _drawn(self.counted)
        arrived, completed = (sum(record[name] for record in drawn) / len(drawn) for name in ("arrived", "completed"))
        top = max(self.counted, key=lambda record: record["open_cases"])
        average = f"{arrived:,.1f} cases arrive and {completed:,.1f} are completed in a {self.period} on average"
        yield Headline(f"{average}; most are in work at the end of {self._called(top)}: {plural(top['open_cases'], 'case')}.", top["open_cases"] / cases)
        if still := self.counted[-1]["open_cases"]:
            yield Headline(f"{plural(still, 'case')} ({share(still / cases)}) {'is' if still == 1 else 'are'} still in work at the end.", still / cases)

    def _caveats(self) -> Iterator[Caveat]:
        log = self.about.log
        if not log.card.outcomes:
            yield Caveat(f"{log.status_gap} So each case counts as completed with its last unit, and work in progress falls to nought at the end.")
        seen = log.facts.extracted
        if self.counted and self.counted[-1]["period"] < seen < _begin(_next(_local_day(self.counted[-1]["period"], log.zone), self.period), log.zone):
            yield Caveat(f"The last {self.period} is not whole: the log ends {instant(seen, log.zone)}.")

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The cases in work at any time of the period (of one group): open at its beginning, or arrived in it."""
        log = self.about.log
        these = grouped(log, traces(log), self.by)
        after = _begin(_next(_local_day(record["period"], log.zone), self.period), log.zone)
        still = (these.ended >= record["period"]) | (these.status == "running")
        kept = these.filter(these.started < after, still)
        return (kept if self.by is None else kept.filter(kept.group == record["group"])).select("case")


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
    moments = _moments(these, "started", log.zone, chosen, keys, 1).union(_moments(completed, "ended", log.zone, chosen, keys, 0))
    found = moments.group_by(keys).aggregate(arrived=moments.arrived.sum(), completed=moments.completed.sum())
    rows = log.fetch(found.order_by(keys))
    return Arrivals(about(log, "arrivals", {"period": period, "by": by}), rows, by, chosen, tuple(_filled(rows, log, chosen, by)))


def _moments(these: ir.Table, column: str, zone: str, period: Period, keys: Sequence[str], arrived: int) -> ir.Table:
    """One row for each case: the first day of the period (in days since 1970) in which it arrived, or was completed."""
    first = local(these[column], zone).truncate(_UNITS[period]).epoch_seconds().cast("int64") // 86_400
    found = these.mutate(day=first.cast("int64"), arrived=ibis.literal(arrived, "int64"), completed=ibis.literal(1 - arrived, "int64"))
    return found.select(*keys, "arrived", "completed")


def _fitting(log: EventLog) -> Period:
    """The period in which the span of nearly all cases is readable; stray dates at either end do not count."""
    these = traces(log)
    span = log.fetch(these.aggregate(since=these.started.quantile(0.01), until=these.ended.quantile(0.99))).records()[0]
    days = ((span["until"] or 0) - (span["since"] or 0)) / DAY
    return "day" if days <= 62 else "week" if days <= 550 else "month"


def _filled(rows: Rows, log: EventLog, period: Period, by: str | None) -> Iterator[dict[str, Any]]:
    """Every period of every group with its work in progress."""
    counts = {(record.get("group"), _EPOCH + timedelta(days=record["day"])): record for record in rows.records()}
    if not counts:
        return
    first, last = (pick(since for _, since in counts) for pick in (min, max))
    if log.card.outcomes:
        last = max(last, _first_day(_local_day(log.facts.extracted, log.zone), period))
    days = list(_periods(first, last, period, len({group for group, _ in counts})))
    for group in sorted({group for group, _ in counts}, key=str):
        open_cases = 0
        for since in days:
            found = counts.get((group, since), {"arrived": 0, "completed": 0})
            open_cases += found["arrived"] - found["completed"]
            named = {} if by is None else {"group": group}
            yield {**named, "period": _begin(since, log.zone), "arrived": found["arrived"], "completed": found["completed"], "open_cases": open_cases}


_EPOCH = date(1970, 1, 1)


def _periods(first: date, last: date, period: Period, groups: int) -> Iterator[date]:
    rows = groups * ((last - first).days // {"day": 1, "week": 7, "month": 28}[period] + 1)
    if rows > _MOST_ROWS:
        raise TooManyPeriods(period, first, last, rows)
    while first <= last:
        yield first
        first = _next(first, period)


def _next(first: date, period: Period) -> date:
    """The first day of the period after the one that begins on a day."""
    if period == "month":
        return (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first + timedelta(days=7 if period == "week" else 1)


def _first_day(within: date, period: Period) -> date:
    if period == "month":
        return within.replace(day=1)
    return within - timedelta(days=within.weekday() if period == "week" else 0)


def _local_day(micros: int, zone: str) -> date:
    return moment(micros, zone).date()


def _begin(first: date, zone: str) -> int:
    """The instant at which a day begins on the clocks of a zone."""
    since = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone)).astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1)


def _drawn(records: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The periods to be drawn: all, or where that would more than double the axis those from the first to the last hundredth of the cases."""
    arrived, completed = (list(accumulate(record[name] for record in records)) for name in ("arrived", "completed"))
    first = next(place for place, count in enumerate(arrived) if 100 * count >= arrived[-1])
    last = next(place for place, counts in enumerate(zip(arrived, completed, strict=True)) if 100 * counts[0] >= 99 * arrived[-1] and 100 * counts[1] >= 99 * completed[-1])
    return records if 2 * (last - first + 1) >= len(records) else records[first : last + 1]


def _curve_of_groups(records: Sequence[Mapping[str, Any]], by: str) -> Iterator[Curve]:
    """The work in progress of the groups to which most cases arrive, one line each."""
    arrived: dict[str, int] = {}
    for record in records:
        arrived[record["group"]] = arrived.get(record["group"], 0) + record["arrived"]
    drawn = sorted(arrived, key=lambda group: (-arrived[group], group))[:_MOST_LINES]
    lines = {group: [record["open_cases"] for record in records if record["group"] == group] for group in drawn}
    if not drawn:
        return
    periods = [record["period"] for record in records if record["group"] == drawn[0]]
    columns = (Column("period", "Period", "day"), *(Column(f"group_{place}", group, "count") for place, group in enumerate(drawn, 1)))
    most = f" (the {len(drawn)} groups with most cases)" if len(drawn) < len(arrived) else ""
    yield Curve(Table(f"Work in progress by {by}{most}", columns, tuple(zip(periods, *lines.values(), strict=True))), "period", tuple(column.name for column in columns[1:]))


_DEFINITIONS = (
    Definition("Arrived", "cases whose first start or completion lies in the period"),
    Definition("Completed", "cases whose last completion lies in the period; where end activities are declared, only finished cases"),
    Definition("Work in progress", "cases that have arrived and are not completed at the end of the period; it counts from nought, so cases from before the log began are not in it"),
)
