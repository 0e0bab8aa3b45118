"""Work tracking: beside what the work of a row costs, how well it goes: first-pass yield, payments on time, and the trend of its unit time.

This is the activity tracking of time-driven activity-based costing (Kaplan and Anderson 2007). A trend is that of recorded times alone:
a declared time sets a standard, and cannot tell that work takes longer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.log import EventLog
from finmine.relations.costs import Level, coded_units
from finmine.relations.milestones import milestones
from finmine.relations.paid_time import asks_for_time
from finmine.relations.payments import Payments, held_payments
from finmine.relations.tracked import recorded_by_month, tracked
from finmine.result import table
from finmine.stats.trends import LEAST_PLACES, trend
from finmine.view import Block, Caveat, Definition
from finmine.words import plural

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

TRACKED: tuple[Level, ...] = ("log", "activity", "resource", "role", "month")
"""The levels at which work is tracked."""
_COLUMNS = ("units", "unit_time", "unit_time_trend", "trend_low", "trend_high", "first_pass_yield", "closed_passes", "on_time_share", "due_cases")
_SHARE_OF = {"closed_passes": "first_pass_yield", "due_cases": "on_time_share"}
_LEAST_UNITS = 5  # that a month must have for its mean to count in a trend (a proposal)


class NotTracked(Refusal):
    """Single cases or paths were to be tracked like repeated work."""

    def __init__(self, level: str) -> None:
        super().__init__(f"work is tracked by {', '.join(TRACKED[:-1])} or {TRACKED[-1]}, not by {level}: say --level {TRACKED[1]}.")


@dataclass(frozen=True, slots=True)
class WorkTracking:
    """How well the work of each row goes, and its recorded times by month."""

    log: EventLog
    level: Level
    paid: Payments
    quality: Rows
    months: Rows

    def measures(self) -> dict[tuple[Any, Any], Record]:
        """What is told of each row, by its group and code; missing where nothing is decided, or too little is recorded for a trend."""
        trends = self._trends()
        return {_key(record): {**_shares(record, known=self.paid.known), **trends.get(_key(record), _NO_TREND)} for record in self.quality.records()}

    def _trends(self) -> dict[tuple[Any, Any], Record]:
        if self.level == "month":
            return {}
        means: dict[tuple[Any, Any], dict[int, float]] = defaultdict(dict)
        for record in self.months.records():
            if record["units"] >= _LEAST_UNITS:
                year, month = divmod(int(record["month"]), 100)
                means[_key(record)][12 * year + month] = int(record["spent"]) / int(record["units"])
        found = {key: trend([*told], [*told.values()]) for key, told in means.items()}
        return {
            key: {"unit_time_trend": round(one.slope), "trend_low": round(one.low), "trend_high": round(one.high)}
            for key, one in found.items()
            if one is not None
        }

    def blocks(self, records: Sequence[Record], name: str | None, by: str | None) -> Iterator[Block]:
        """A row for each row of costs, and what limits it."""
        told = [column for column in _COLUMNS if any(record.get(_SHARE_OF.get(column, column)) is not None for record in records)]
        yield table("Work tracking" if name is None else f"Work tracking by {self.level}", records, [*([name] if name else []), *told], by)
        yield from map(Caveat, self._limits(records))
        yield from _DEFINITIONS

    def _limits(self, records: Sequence[Record]) -> Iterator[str]:
        if not self.paid.known:
            yield 'The share on time is not known: nobody can say when a case is paid ([milestones] paid = ["Pay invoice"]).'
        elif not any(record["due_cases"] for record in records):
            why = (
                "no payment was due that counts" if "due_date" in self.log.attributes else "the log has no due_date ([attributes] due_date = COLUMN)"
            )
            yield f"The share on time is not known: {why}."
        if self.level != "month" and all(record["unit_time_trend"] is None for record in records):
            yield f"The trend of the unit time is not told: {_FEW if len(self.months) else self._untimed()}."
        costs = self.log.card.costs
        if not costs.capacity:
            yield 'The efficiency index is not told: no capacity is declared ([[capacity]] role = "Clerk", hours = "640").'
        elif not costs.sets_standard:
            yield 'The efficiency index is not told: no unit time is declared, so that there is no standard ([unit_times] "Post invoice" = "4min").'
        if not self.log.card.outcomes:
            yield self.log.status_gap

    def _untimed(self) -> str:
        if not asks_for_time(self.log):
            return "no labour rate and no capacity is declared, so that nothing is paid for"
        return "no start of the work is recorded, and a declared time does not change"


def work_tracking(log: EventLog, these: ir.Table, level: Level, groups: Sequence[str]) -> WorkTracking:
    """How well the work of each row at a level (of each group) goes, of units as ``relations.costs.unit_costs`` gives them.

    Raises:
        NotTracked: rows are cases or variants.
    """
    if level not in TRACKED:
        raise NotTracked(level)
    coded, keys, paid = coded_units(log, these, level), [*groups, "code"], held_payments(log, milestones(log))
    return WorkTracking(log, level, paid, log.fetch(tracked(log, coded, keys, paid)), log.fetch(recorded_by_month(coded, keys)))


def _key(record: Record) -> tuple[Any, Any]:
    return record.get("group"), record["code"]


def _shares(record: Record, *, known: bool) -> Record:
    timed, closed, due = record["timed_units"], record["closed_passes"], record["due_cases"] if known else None
    return {
        "timed_units": timed,
        "unit_time": int(record["known_time"]) // timed if timed else None,
        "closed_passes": closed,
        "first_pass_yield": record["first_passes"] / closed if closed else None,
        "due_cases": due,
        "on_time_share": record["on_time_cases"] / due if due else None,
    }


_NO_TREND: Record = {"unit_time_trend": None, "trend_low": None, "trend_high": None}
_FEW = f"it takes {plural(LEAST_PLACES, 'month')} with at least {plural(_LEAST_UNITS, 'unit')} of recorded time each"
_DEFINITIONS = (
    Definition("Time of a unit", "the paid time of the units of which it is known (recorded, declared or fitted), divided by their number"),
    Definition(
        "Trend",
        "by how much the mean recorded time of a unit changes from month to month: the median of the slopes between all pairs of months of completion with at "
        f"least {_LEAST_UNITS} units (of {LEAST_PLACES} months or more), with its 95 % interval if months are independent; of twenty such intervals one misses by chance",
        "Theil 1950; Sen 1968",
    ),
    Definition(
        "First-pass yield",
        "of the activities of cases that do not run any more (each activity of a case once) on which the row worked, those done exactly once and not sent back later",
    ),
    Definition(
        "On time", "of the cases on which the row worked and whose payment was due, those paid by the due date; what is overdue and open is late"
    ),
)
