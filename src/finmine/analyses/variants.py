"""Variants: the distinct sequences of activities, and how much of the cases, money and time each covers.

A variant is the sequence of activities of a case in the one total order of its units. The coverage curves of cases,
money and time all run in the same order, most cases first, so that the gap between them can be read. Money counts
each case once; credits count by their absolute value, the signed sum stands beside. With ``waiting`` there is a curve of the
waiting in opening hours, too: of each unit whose start is known, what of the time from when it was enabled lies in the calendar.

Cases that still run are in the variants with the path so far. Where end activities are declared it is said of each variant how many of its
cases still run, and what all of them, and all that have ended, hold of the cases, the time and the money.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import ibis

from finmine.arrays import Lent
from finmine.calendar_fit import in_days
from finmine.doubtful_units import doubtful_dates
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.ranked_by import RankedBy, ranked_by
from finmine.relations.groups import cases_of, grouped
from finmine.relations.traces import VARIANT_KEY, prove_keys, spelled_traces, trace_facts, trace_labels, traces, written
from finmine.relations.units import units
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Curve, Definition, Headline, Prose, Table, View
from finmine.words import agreeing, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

_COLUMNS = ("variant", "cases", "cases_share", "cases_coverage")
_PATH = ("median", "length", "trace")
_TIME = ("variant", "cases", "total", "time_share", "time_coverage")
_MONEY = ("value", "value_share", "value_coverage")
_WAITING = ("open_waiting", "waiting_share", "waiting_coverage")
_SHARES = {"cases_share": "cases", "time_share": "total", "value_share": "absolute", "waiting_share": "open_waiting"}
"""What each share is a share of."""
_WAITED = Definition(
    "Waiting in opening hours",
    "of each unit, what of the time from when it was enabled to its start lies in the calendar of who did it; a sum over units, as in `bottlenecks --rank-by "
    "waiting --clock working`. Units that wait side by side each count",
)


@dataclass(frozen=True, slots=True, repr=False)
class Variants(Result):
    """The variants, most cases first, with the trace of each; ``totals`` counts all of them, also those that are not listed."""

    by: str | None
    listed: tuple[Mapping[str, Any], ...]
    spelled: Rows
    totals: Rows
    waited: RankedBy | None

    def records(self) -> tuple[Mapping[str, Any], ...]:
        """The listed variants with their rank, shares, coverage and trace."""
        return self.listed

    def answers(self) -> Mapping[str, Rows]:
        """The variants, the traces of one representative case of each, and the totals."""
        told = {"variants": self.rows, "traces of one case of each": self.spelled, "totals": self.totals}
        return told | ({"calendar fit": self.waited.fit.rows} if self.waited and self.waited.fit else {})

    def prepared(self) -> tuple[str, ...]:
        """The calendars, where waiting is told."""
        return self.waited.prepared() if self.waited else ()

    def kernels(self) -> tuple[Lent, ...]:
        """Where waiting comes from, where it is told."""
        return self.waited.kernels() if self.waited else ()

    def view(self) -> View:
        """Headline, coverage curves, the tables, what of it still runs, and definitions."""
        log = self.about.log
        money = _MONEY if log.money else ()
        shown = self._table("Variants", (*_COLUMNS, *(("running",) if self._sum("running") else ()), *_PATH))
        burden = [self._table("Time and money by variant", (*_TIME, *money))]
        burden += [self._table("Waiting in opening hours by variant", ("variant", "cases", *_WAITING))] if self.waited else []
        blocks: list[Block] = [*opening(self.about), *doubtful_dates(log), *self._headlines()]
        if self.by is None:
            curve = _curve([shown, *burden])
            blocks.append(Curve(curve, "variant", tuple(column.name for column in curve.columns[1:]), steps=True))
        blocks += [shown, *burden, *self._running(money), *map(Caveat, self._limits())]
        blocks += self.waited.limits(self._sum("waiting_unknown")) if self.waited else ()
        blocks.append(Definition("Variant", "the sequence of activities of a case, in the order of completion, start, declared rank, file and row"))
        blocks += [_WAITED] if self.waited else []
        return View("Variants", tuple(blocks), log.zone)

    def _table(self, title: str, names: Sequence[str]) -> Table:
        total = self._sum("variants")
        return replace(self._told(title, self.listed, names), total=total if total > len(self.listed) else None)

    def _told(self, title: str, records: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Table:
        """A table of these columns; waiting is told in the working day of the calendars."""
        currency = self.about.log.money.currency if self.about.log.money else ""
        waiting = [name for name in names if name == "open_waiting"]
        told = [{**record, **in_days(record, waiting, self.waited.day)} for record in records] if self.waited else records
        return table(title, told, names, self.by, currency)

    def _sum(self, name: str) -> int:
        """What the totals of all groups are together."""
        return sum(record[name] or 0 for record in self.totals.records())

    def _running(self, money: Sequence[str]) -> Iterable[Block]:
        """What the cases that have ended, and those that still run, hold of all (in each group), where any runs."""
        if not self._sum("running"):
            return
        names = ["status", "variants", "cases", "cases_share", "total", "time_share", *money[:2], *(_WAITING[:2] if self.waited else ())]
        yield self._told(
            "Cases that have ended, and that still run", [line for record in self.totals.records() for line in _by_status(record)], names
        )

    def _headlines(self) -> Iterable[Block]:
        if self.by is not None or not self.listed:
            return
        totals, first = self.totals.records()[0], self.listed[0]
        yield Headline(
            f"The most frequent of {plural(totals['variants'], 'variant')} covers {share(first['cases_share'])} of the cases.", first["cases_share"]
        )
        once = plural(totals["once"], "variant occurs", "variants occur") if totals["once"] else "none occurs"
        yield Prose(f"{plural(totals['enough'], 'variant covers', 'variants cover')} 80 % of the cases; {once} once.")

    def _limits(self) -> Iterable[str]:
        """Which cases are in the variants with a part of their path, and which are in no amount."""
        log = self.about.log
        running, unknown = self._sum("running"), self._sum("without_amount")
        if running:
            yield (
                f"{plural(running, 'case still runs', 'cases still run')}, and {agreeing(running, 'is', 'are')} counted with the path so far, which may be the "
                "beginning of another: --keep-cases \"status = 'finished'\" leaves them out."
            )
        if log.money is None:
            yield log.money_gap
        elif unknown:
            yield f"Of {plural(unknown, 'case')} no amount is known; {agreeing(unknown, 'it is', 'they are')} in no amount, and in all cases and times."

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The cases of one variant (of one group)."""
        these = grouped(self.about.log, traces(self.about.log), self.by)
        kept = these.filter([these[name] == record[name] for name in VARIANT_KEY])
        return cases_of(kept, record, self.by)


def variants(log: EventLog, *, by: str | None = None, waiting: bool = False, most: int = 1000) -> Variants:
    """The distinct paths, and how much of the cases, money and time they cover.

    Variants with equally many cases stand in the order of the names of their first cases.

    Args:
        log: the event log.
        by: an attribute after which the cases are split; shares are then of each group.
        waiting: whether it is told too how much of the waiting in opening hours they cover.
        most: how many variants (of each group) are listed; shares and coverage are always of all.

    Raises:
        NoCalendar: waiting was asked for and no calendar can apply to cases.
        NoWaiting: waiting was asked for, and starts of work are not recorded, or only by the day.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    if log.edited:
        prove_keys(log, units(log), trace_facts(units(log)))
    groups = ["group"] if by else []
    waited = ranked_by(log, "waiting", "working") if waiting else None
    found = _ranked(grouped(log, _measured(log, waited), by), groups)
    listed = found.filter(found.variant <= most)
    rows = log.fetch(listed.order_by([*groups, "variant"]))
    spelled = log.fetch(spelled_traces(log, listed.select(case=listed.representative).distinct()))
    totals = log.fetch(found.aggregate(by=groups, **_sums(found)).order_by(groups or ["variants"]))
    labels = trace_labels(spelled)
    written_out = tuple({**record, "trace": written(labels[record["representative"]])} for record in rows.records())
    return Variants(about(log, "variants", {"by": by, "waiting": waiting, "most": most}), rows, by, written_out, spelled, totals, waited)


def _measured(log: EventLog, waited: RankedBy | None) -> ir.Table:
    """The cases, as ``traces`` gives them, where it is asked for with what their units waited in opening hours, and of how many units that is not known."""
    these = traces(log)
    if waited is None:
        return these
    units_of = waited.charges.group_by("case")
    found = units_of.aggregate(
        open_waiting=waited.charges.charge.cast("decimal(38, 0)").sum(), waiting_unknown=waited.charges.charge.isnull().sum().cast("int64")
    )
    return these.join(found, "case")


def _ranked(these: ir.Table, groups: Sequence[str]) -> ir.Table:
    """One row for each variant (and group) with its rank, and its shares and coverage of cases, time, money and waiting."""
    runs = these.status == "running"
    found = these.group_by([*VARIANT_KEY, *groups]).aggregate(
        cases=these.count(),
        **_held(these),
        median=these.throughput.quantile(0.5).round().cast("int64"),
        representative=these.case.min(),
        running=these.count(where=runs),
        **{f"running_{name}": amount for name, amount in _held(these, runs).items()},
        without_amount=these.count(where=these.money.isnull()),
        **({"waiting_unknown": these.waiting_unknown.sum()} if "waiting_unknown" in these.columns else {}),
    )
    order = [ibis.desc("cases"), "representative"]
    within = ibis.window(group_by=groups)
    upto = ibis.window(group_by=groups, order_by=order, preceding=None, following=0)
    told = {name: held for name, held in _SHARES.items() if held in found.columns}
    whole = {held: found[held].sum().over(within).cast("float64").nullif(0) for held in told.values()}
    shares = {name: found[held].cast("float64") / whole[held] for name, held in told.items()}
    coverages = {
        name.replace("_share", "_coverage"): found[held].sum().over(upto).fill_null(0).cast("float64") / whole[held] for name, held in told.items()
    }
    rank = (ibis.row_number().over(ibis.window(group_by=groups, order_by=order)) + 1).cast("int64")
    return found.mutate(variant=rank, **shares, **coverages)


def _held(these: ir.Table, where: ir.BooleanValue | None = None) -> dict[str, ir.Value]:
    """The time, the money (with its sign, and without) and the waiting of cases."""
    waiting = {"open_waiting": these.open_waiting.sum(where=where)} if "open_waiting" in these.columns else {}
    return {
        "total": these.throughput.cast("decimal(38, 0)").sum(where=where),
        "value": these.money.sum(where=where),
        "absolute": these.money.abs().sum(where=where),
        **waiting,
    }


def _sums(found: ir.Table) -> dict[str, ir.Value]:
    """What all variants are and hold together, and what of it still runs."""
    held = ("cases", "running", *(f"{runs}{name}" for runs in ("", "running_") for name in ("total", "value", "absolute", "open_waiting")))
    added = [name for name in (*held, "without_amount", "waiting_unknown") if name in found.columns]
    return {
        "variants": found.count(),
        "once": (found.cases == 1).sum(),
        "enough": found.variant.min(where=found.cases_coverage >= 0.8),
        "ended_variants": (found.cases > found.running).sum(),
        "running_variants": (found.running > 0).sum(),
        **{name: found[name].sum() for name in added},
    }


def _by_status(record: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The lines of the cases that have ended, and that still run, of the totals (of a group): what they hold and which share of all it is."""
    running = {name.removeprefix("running_"): amount for name, amount in record.items() if name.startswith("running_")} | {"cases": record["running"]}
    variants_of = {"running": running.pop("variants"), "finished": record["ended_variants"]}
    ended = {name: None if record[name] is None else record[name] - (amount or 0) for name, amount in running.items()}
    for status, held in (("finished", ended), ("running", running)):
        shares = {name: float(held[of] or 0) / float(record[of]) if record[of] else None for name, of in _SHARES.items() if of in held}
        if held["cases"]:
            yield {**record, **held, **shares, "status": status, "variants": variants_of[status]}


def _curve(tables: Sequence[Table]) -> Table:
    """The columns of coverage of the tables of variants, beside the rank that they share."""
    columns = {column: held.column(column.name) for held in tables for column in held.columns if column.name.endswith("_coverage")}
    ranks = tables[0].column("variant")
    rank = next(column for column in tables[0].columns if column.name == "variant")
    return Table("Coverage by variants, most cases first", (rank, *columns), tuple(zip(ranks, *columns.values(), strict=True)))
