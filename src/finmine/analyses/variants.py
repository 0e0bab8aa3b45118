"""Variants: the distinct sequences of activities, and how much of the cases, money and time each covers.

A variant is the sequence of activities of a case in the one total order of its units. The coverage curves of cases,
money and time all run in the same order, most cases first, so that the gap between them can be read. Money counts
each case once; credits count by their absolute value, the signed sum stands beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import ibis

from finmine.doubtful_units import doubtful_dates
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.relations.groups import cases_of, grouped
from finmine.relations.traces import VARIANT_KEY, prove_keys, spelled_traces, trace_facts, trace_labels, traces, written
from finmine.relations.units import units
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Curve, Definition, Headline, Prose, Table, View
from finmine.words import agreeing, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

_COLUMNS = ("variant", "cases", "cases_share", "cases_coverage", "median", "length", "trace")
_TIME = ("variant", "cases", "total", "time_share", "time_coverage")
_MONEY = ("value", "value_share", "value_coverage")


@dataclass(frozen=True, slots=True, repr=False)
class Variants(Result):
    """The variants, most cases first, with the trace of each; ``totals`` counts all of them, also those that are not listed."""

    by: str | None
    listed: tuple[Mapping[str, Any], ...]
    spelled: Rows
    totals: Rows

    def records(self) -> tuple[Mapping[str, Any], ...]:
        """The listed variants with their rank, shares, coverage and trace."""
        return self.listed

    def answers(self) -> Mapping[str, Rows]:
        """The variants, the traces of one representative case of each, and the totals."""
        return {"variants": self.rows, "traces of one case of each": self.spelled, "totals": self.totals}

    def view(self) -> View:
        """Headline, coverage curves, table and definition."""
        log = self.about.log
        total = sum(record["variants"] for record in self.totals.records())
        shown = self._table("Variants", _COLUMNS, total)
        burden = self._table("Time and money by variant", (*_TIME, *(_MONEY if log.money else ())), total)
        blocks: list[Block] = [*opening(self.about), *doubtful_dates(log), *self._headlines()]
        if self.by is None:
            blocks.append(Curve(_curve(shown, burden, _lines(log.money is not None)), "variant", _lines(log.money is not None), steps=True))
        blocks += [shown, burden]
        blocks += map(Caveat, self._limits())
        blocks.append(Definition("Variant", "the sequence of activities of a case, in the order of completion, start, declared rank, file and row"))
        return View("Variants", tuple(blocks), log.zone)

    def _table(self, title: str, names: Sequence[str], total: int) -> Table:
        currency = self.about.log.money.currency if self.about.log.money else ""
        return replace(table(title, self.listed, names, self.by, currency), total=total if total > len(self.listed) else None)

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
        running, unknown = (sum(record[name] or 0 for record in self.totals.records()) for name in ("running", "without_amount"))
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


def variants(log: EventLog, *, by: str | None = None, most: int = 1000) -> Variants:
    """The distinct paths, and how much of the cases, money and time they cover.

    Variants with equally many cases stand in the order of the names of their first cases.

    Args:
        log: the event log.
        by: an attribute after which the cases are split; shares are then of each group.
        most: how many variants (of each group) are listed; shares and coverage are always of all.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    if log.edited:
        prove_keys(log, units(log), trace_facts(units(log)))
    groups = ["group"] if by else []
    found = _ranked(grouped(log, traces(log), by), groups)
    listed = found.filter(found.variant <= most)
    rows = log.fetch(listed.order_by([*groups, "variant"]))
    spelled = log.fetch(spelled_traces(log, listed.select(case=listed.representative).distinct()))
    counts = {"variants": found.count(), "once": (found.cases == 1).sum(), "enough": found.variant.min(where=found.cases_coverage >= 0.8)}
    counts |= {name: found[name].sum() for name in ("running", "without_amount")}
    totals = log.fetch(found.aggregate(by=groups, **counts).order_by(groups or ["variants"]))
    labels = trace_labels(spelled)
    written_out = tuple({**record, "trace": written(labels[record["representative"]])} for record in rows.records())
    return Variants(about(log, "variants", {"by": by, "most": most}), rows, by, written_out, spelled, totals)


def _ranked(these: ir.Table, groups: Sequence[str]) -> ir.Table:
    """One row for each variant (and group) with its rank, and its shares and coverage of cases, time and money."""
    found = these.group_by([*VARIANT_KEY, *groups]).aggregate(
        cases=these.count(),
        total=these.throughput.cast("decimal(38, 0)").sum(),
        median=these.throughput.quantile(0.5).round().cast("int64"),
        value=these.money.sum(),
        absolute=these.money.abs().sum(),
        representative=these.case.min(),
        running=these.count(where=these.status == "running"),
        without_amount=these.count(where=these.money.isnull()),
    )
    order = [ibis.desc("cases"), "representative"]
    within = ibis.window(group_by=groups)
    upto = ibis.window(group_by=groups, order_by=order, preceding=None, following=0)

    def of(window: Any, measure: str) -> ir.FloatingColumn:
        part = found[measure].cast("float64") if window is None else found[measure].sum().over(window).cast("float64")
        return part / found[measure].sum().over(within).cast("float64").nullif(0)

    measures = {"cases": "cases", "time": "total", "value": "absolute"}
    shares = {f"{name}_share": of(None, measure) for name, measure in measures.items()}
    coverages = {f"{name}_coverage": of(upto, measure) for name, measure in measures.items()}
    rank = (ibis.row_number().over(ibis.window(group_by=groups, order_by=order)) + 1).cast("int64")
    return found.mutate(variant=rank, **shares, **coverages)


def _lines(money: bool) -> tuple[str, ...]:
    return ("cases_coverage", "time_coverage", *(("value_coverage",) if money else ()))


def _curve(shown: Table, burden: Table, lines: Sequence[str]) -> Table:
    names = ("variant", *lines)
    columns = {column.name: (column, held.column(column.name)) for held in (burden, shown) for column in held.columns if column.name in names}
    return Table(
        "Coverage by variants, most cases first",
        tuple(columns[name][0] for name in names),
        tuple(zip(*(columns[name][1] for name in names), strict=True)),
    )
