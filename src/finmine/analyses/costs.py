"""Costs: what the work costs, in labour and beside it, and whether the capacity that is paid for is used.

The labour of a unit is its paid time at the rate of who did it. Where starts are recorded that is **recorded** time (working time
where calendars are declared; of work that one resource does at once each unit has its share, so that no hour counts twice). Elsewhere
it is the unit time that the card has **declared**, by itself or by the times of its drivers (a time equation), or one **fitted** to the
drivers that the card declares. The answer says for each activity which, how well it fits, and how many units have no cost and why.
Beside labour stand the fixed costs of activities. Used and unused capacity add up to the practical capacity (time-driven activity-based costing), and price, time and volume
to any difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.arrays import Lent
from finmine.cost_limits import CostLimits
from finmine.cost_variances import STANDARD, CostVariances, cost_variances
from finmine.engine import Rows
from finmine.errors import OutOfRange, Refusal
from finmine.finance.money import rounded
from finmine.finance.periods import Period, period
from finmine.finance.variances import Split
from finmine.fitted_equations import TIME_EQUATION, fitted_equations
from finmine.log import EventLog
from finmine.relations.costs import (
    BASES,
    MACHINE,
    NO_EXCHANGE,
    NO_RATE,
    NO_TIME,
    Level,
    by_basis,
    cost_currency,
    costs_by,
    exchange_note,
    sums,
    unit_costs,
    units_of,
)
from finmine.relations.groups import cases_of, grouped
from finmine.relations.labour import PaidWork, paid_work
from finmine.relations.paid_time import DECLARED, FITTED, RECORDED
from finmine.relations.tables import activity_labels
from finmine.relations.traces import VARIANT_KEY, spelled_traces, trace_labels, written
from finmine.relations.unrated import unrated
from finmine.result import Result, about, opening, table
from finmine.used_capacity import UsedCapacity, used_capacity, whole_hours
from finmine.view import Bars, Block, Caveat, Definition, Headline, Table, View
from finmine.words import HOUR, money, plural, share
from finmine.work_tracking import WorkTracking, work_tracking

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

NOBODY = "(not recorded)"
_NAMES = {"case": "case", "variant": "trace", "activity": "activity", "resource": "resource", "role": "team", "month": "ledger_month"}
_COLUMNS = ("units", "cases", "unknown_units", "paid_hours", "labour_cost", "fixed_cost", "cost", "cost_share", "cost_per_unit", "cost_per_case")
_BASIS = {
    RECORDED: "time_recorded",
    DECLARED: "time_declared",
    FITTED: "time_fitted",
    MACHINE: "of_machines",
    NO_TIME: "time_unknown",
    NO_RATE: "rate_unknown",
    NO_EXCHANGE: "exchange_unknown",
}


class NoMonths(Refusal):
    """A base of months needs the months that are compared with it."""

    def __init__(self, base: str) -> None:
        super().__init__(f"the base is {base!r} and no period is named; say --period 2024-07..2024-12, or --base standard for the card's unit times.")


@dataclass(frozen=True, slots=True, repr=False)
class Costs(Result):
    """The costs at one level, those of all, what they rest on, the capacity that was used, and the variances."""

    by: str | None
    level: Level
    currency: str | None
    during: Period | None
    work: PaidWork
    whole: Rows
    basis: Rows
    unrated: Rows
    spelled: Rows | None
    capacity: UsedCapacity | None
    variance: CostVariances | None
    tracking: WorkTracking | None

    def answers(self) -> Mapping[str, Rows]:
        """The costs by row and in all, what they rest on, and what capacity and variances are made of."""
        told: dict[str, Rows | None] = {f"costs by {self.level}": self.rows, "all costs": self.whole, "what costs rest on": self.basis}
        told["units without a rate"] = self.unrated if len(self.unrated) else None
        told["traces"] = self.spelled
        if self.work.fitted is not None:
            told |= dict(self.work.fitted.observed)
        if self.capacity is not None:
            told |= {"used capacity": self.capacity.used, "units by month": self.capacity.completed, "units told by month": self.capacity.asked}
        if self.tracking is not None:
            told |= {"how well work goes": self.tracking.quality, "recorded times by month": self.tracking.months}
        if self.variance is not None:
            told |= {"spent in the base": self.variance.base, "spent": self.variance.actual}
        return {name: rows for name, rows in told.items() if rows is not None}

    def prepared(self) -> tuple[str, ...]:
        """The calendars by which work is paid, and the payments where work is tracked."""
        return (*self.work.calendars.script(), *(self.tracking.paid.script() if self.tracking else ()))

    def kernels(self) -> tuple[Lent, ...]:
        """The shares of work that one resource does at once."""
        return self.work.shares

    def looked_up(self) -> tuple[str, ...]:
        """What the units cost in labour."""
        return self.work.script()

    def records(self) -> tuple[Record, ...]:
        """The rows with their names and money in whole minor units."""
        wholes = {record.get("group"): record["cost"] for record in self.whole.records()}
        labels = trace_labels(self.spelled) if self.spelled else {}
        tracked = self.tracking.measures() if self.tracking else {}
        return tuple(
            {**self._record(record, labels, wholes[record.get("group")]), **tracked.get((record.get("group"), record["code"]), {})}
            for record in self.rows.records()
        )

    def _record(self, record: Record, labels: Mapping[int, tuple[str, ...]], whole: Decimal | None) -> Record:
        cost = record["cost"]
        named = {} if self.level == "log" else {_NAMES[self.level]: record["label"] or NOBODY}
        if self.level == "variant":
            named = {"trace": written(labels[record["code"]])}
        return {
            **record,
            **named,
            **{name: _minor(record[name], self.currency) for name in ("labour_cost", "fixed_cost", "cost")},
            "paid_hours": None if record["spent"] is None else float(record["spent"]) / HOUR,
            "cost_share": float(cost / whole) if cost is not None and whole else None,
            "cost_per_unit": _per(cost, record["priced_units"], self.currency),
            "cost_per_case": _per(cost, record["cases"], self.currency),
        }

    def view(self) -> View:
        """Headlines, the costs, what they rest on, variances and capacity, and what limits the answer."""
        records = self.records()
        blocks: list[Block] = [*opening(self.about), *self._headlines(records), *(self.variance.opening() if self.variance else ())]
        shown = self._table(records)
        drawn = self.level not in ("log", "case", "variant") and self.by is None and any(record["cost"] for record in records)
        blocks.append(Bars(shown, _NAMES[self.level], "cost") if drawn else shown)
        blocks += self.variance.blocks() if self.variance else ()
        if self.about.log.card.labour_rates and any(record["units"] for record in self.basis.records()):
            bare = {NO_EXCHANGE: not exchange_note(self.about.log), FITTED: self.work.fitted is None, MACHINE: not self._counted()[MACHINE]}
            columns = [column for basis, column in _BASIS.items() if not bare.get(basis)]
            blocks.append(table("What the costs of each activity rest on", self._rests(), ("activity", "units", *columns)))
        blocks += [
            *(self.tracking.blocks(records, _NAMES.get(self.level), self.by) if self.tracking else ()),
            *(fitted_equations(self.work.fitted) if self.work.fitted else ()),
            *(self.capacity.blocks() if self.capacity else ()),
            *map(Caveat, self._limits().sentences()),
            *self._definitions(),
        ]
        return View("Costs", tuple(blocks), self.about.log.zone)

    def _table(self, records: Sequence[Record]) -> Table:
        names = [name for name in _COLUMNS if name not in ("labour_cost", "fixed_cost") or self.about.log.card.costs.fixed]
        if self.level == "activity" or not any(record["unknown_units"] for record in records):  # of activities another table tells them by reason
            names.remove("unknown_units")
        alone = {"log": (), "case": ("cases", "cost_per_unit", "cost_per_case"), "variant": ("cost_per_unit",), "activity": ("cost_per_case",)}
        names = [name for name in names if name not in alone.get(self.level, ("cost_per_case",))]
        title = "Costs" if self.level == "log" else f"Costs by {self.level}"
        title += f" in {self.during.words()}" if self.during else ""
        shown = table(title, records, [*([_NAMES[self.level]] if self.level != "log" else []), *names], self.by, self.currency or "")
        there = sum({record.get("group"): record["of_rows"] for record in self.rows.records()}.values()) if self.level in ("case", "variant") else 0
        return Table(shown.title, shown.columns, shown.rows, there if there > len(records) else None)

    def _rests(self) -> list[Record]:
        return [{**record, **{column: record[basis] for basis, column in _BASIS.items()}} for record in self.basis.records()]

    def _counted(self) -> Counter[str]:
        return Counter({name: sum(record[name] for record in self.basis.records()) for name in (*BASES, "timeless")})

    def _headlines(self, records: Sequence[Record]) -> Iterator[Headline]:
        for whole in self.whole.records()[:3] if self.by else self.whole.records():
            if whole["cost"]:
                place = f"{self.by} = {whole['group']}: the" if self.by else "The"
                cost = _minor(whole["cost"], self.currency)
                each = _per(whole["cost"], whole["cases"], self.currency)
                least = "at least " if whole["unknown_units"] else ""
                said = f"{place} work on {plural(whole['cases'], 'case')} costs {least}{money(cost, self.currency or '')}"
                yield Headline(f"{said}, {money(each, self.currency or '')} a case, for {whole_hours(whole['spent'])} of paid time.")
        if self.by is None and self.level not in ("log", "case", "month") and len(records) > 1 and records[0]["cost_share"]:
            first = records[0]
            yield Headline(f"{share(first['cost_share'])} of the cost is {first[_NAMES[self.level]]}.", first["cost_share"])
        yield from self.capacity.headlines() if self.capacity else ()

    def _limits(self) -> CostLimits:
        return CostLimits(self.about.log, self.work, self._counted(), self.whole.records(), self.unrated.records(), self.capacity, self.during)

    def _definitions(self) -> Iterator[Definition]:
        yield Definition(
            "Cost", "of a unit, its paid time times the rate of who did it on the day of its completion, and the fixed cost of its activity"
        )
        yield Definition(
            "Paid time",
            "from start to completion less suspensions, in working time where calendars are declared; while a resource works on k units at once, each has a k-th "
            "of the time. Where that is not recorded, the declared unit time (by itself or by a time equation), or that of a fitted equation",
        )
        if declared := [one.words() for one in self.about.log.card.costs.equations if one.times]:
            yield Definition("Declared time equations", "; ".join(declared))
        if self.work.fitted is not None:
            yield TIME_EQUATION
        if self.capacity is not None:
            yield Definition(
                "Capacity",
                "practical capacity is the practical share of the paid hours; unused capacity is what of it was not used, and is spread onto no case; the capacity cost rate "
                "is the cost of the capacity divided by its practical hours",
                "Kaplan and Anderson 2004",
            )

    def behind(self, record: Record) -> ir.Table:
        """The cases with units in one row (of one group)."""
        log = self.about.log
        these = unit_costs(log, self.work, period=self.during)
        key = {name: record[name] for name in VARIANT_KEY} if self.level == "variant" else None
        return cases_of(grouped(log, units_of(log, these, self.level, record["code"], key), self.by), record, self.by)


def costs(
    log: EventLog,
    *,
    level: Level = "activity",
    by: str | None = None,
    period: str | None = None,
    base: str | None = None,
    split: Split = "ordered",
    most: int = 100,
    track: bool = False,
) -> Costs:
    """What the work costs, what that rests on, and what changed it.

    Args:
        log: the event log.
        level: whose costs are told.
        by: an attribute after which the cases are split.
        period: only units completed in these months, such as 2024-03 or 2024-07..2024-12.
        base: what the costs are compared with: the months of another period, or "standard", the card's unit times and standard rates.
        split: whether price, time and volume change in this order, or each in the mean over all orders.
        most: how many cases or variants are listed at most (of each group), those that cost most first.
        track: whether it is told how well the work of each row goes, too: first-pass yield, payments on time, and the trend of its unit time.

    Raises:
        NotTracked: cases or variants are to be tracked.
        SeveralCurrencies: the card states costs in more than one currency, and has no reporting currency.
        MissingFact: rows are roles or resources, and the log does not know them.
        TooFewTimes, CollinearDrivers: the time equations of the card cannot be fitted.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    if level in ("resource", "role"):
        log.require(level)
    currency, during = cost_currency(log), months_of(period, "period")
    before = None if base is None or base == STANDARD else months_of(base, "base")
    if before is not None and during is None:
        raise NoMonths(str(base))
    work, groups = paid_work(log), ["group"] if by else []
    these = unit_costs(log, work, period=during)
    of_groups = grouped(log, these, by)
    rows = log.fetch(costs_by(log, of_groups, level, groups, most))
    whole = of_groups.group_by(groups).aggregate(**sums(of_groups)) if by else of_groups.aggregate(**sums(of_groups))
    variance = None
    if base is not None:
        variance = cost_variances(log, work, these, base=before, during=during, split=split, currency=currency)
    asked = {"level": level, "by": by, "period": period, "base": base, "split": split, "most": most, "track": track}
    return Costs(
        about(log, "costs", asked),
        rows,
        by,
        level,
        currency,
        during,
        work,
        log.fetch(whole.order_by([whole.cost.desc(nulls_first=False), *groups])),
        log.fetch(by_basis(these, activity_labels(log))),
        log.fetch(unrated(log, these)),
        _spelled(log, rows) if level == "variant" else None,
        used_capacity(log, these, work, during) if log.card.costs.capacity else None,
        variance,
        work_tracking(log, of_groups, level, groups) if track else None,
    )


def months_of(said: str | None, name: str) -> Period | None:
    """The period of an option, where it is given."""
    return None if said is None else period(said, name)


def _spelled(log: EventLog, rows: Rows) -> Rows:
    from finmine.relations.traces import traces

    cases = traces(log)
    return log.fetch(spelled_traces(log, cases.filter(cases.case.isin([int(str(code)) for code in rows.column("code")])).select("case")))


def _minor(amount: Decimal | None, currency: str | None) -> Decimal | None:
    return None if amount is None else rounded(amount, currency)


def _per(amount: Decimal | None, number: int, currency: str | None) -> Decimal | None:
    return None if amount is None or not number else rounded(amount / number, currency)
