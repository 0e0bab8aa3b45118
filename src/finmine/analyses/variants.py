"""Variants: the distinct sequences of activities, and how much of the cases, money and time each covers.

A variant is the sequence of activities of a case in the one total order of its units. The coverage curves of cases,
money and time all run in the same order, most cases first, so that the gap between them can be read. Money counts
each case once; credits count by their absolute value, the signed sum stands beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.log import EventLog
from finmine.relations.groups import grouped
from finmine.relations.traces import VARIANT_KEY, collisions, spelled_traces, trace_facts, trace_labels, traces
from finmine.relations.units import units
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Curve, Definition, Headline, Prose, Table, View
from finmine.words import plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

_COLUMNS = ("variant", "cases", "cases_share", "cases_coverage", "time_share", "time_coverage", "median", "length", "trace")
_MONEY = ("value", "value_share", "value_coverage")


class VariantsCollide(Refusal):
    """Two different traces have one key after an event filter; no answer about variants would be right."""

    def __init__(self) -> None:
        super().__init__("two different traces got the same variant key; please report this log's filters as a fault of finmine.")


@dataclass(frozen=True, slots=True)
class Variants(Result):
    """The variants, most cases first; ``traces`` holds the written-out trace of each variant."""

    by: str | None
    covered: tuple[Mapping[str, Any], ...]
    spelled: Rows

    def records(self) -> tuple[Mapping[str, Any], ...]:
        """The variants with their rank, shares, coverage and trace."""
        return self.covered

    def answers(self) -> tuple[Rows, ...]:
        """The variants, and the traces of one representative case of each."""
        return (self.rows, self.spelled)

    def view(self) -> View:
        """Headline, coverage curves, table and definition."""
        log = self.about.log
        names = _COLUMNS if log.money is None else (*_COLUMNS[:4], *_MONEY, *_COLUMNS[4:])
        shown = table("Variants", self.covered, names, self.by)
        blocks: list[Block] = [*opening(self.about), *self._headlines()]
        if self.by is None:
            blocks.append(Curve(_curve(shown, log.money is not None), "variant", _lines(log.money is not None), steps=True))
        blocks.append(shown)
        if log.money is None:
            blocks.append(Caveat(log.money_gap))
        blocks.append(Definition("Variant", "the sequence of activities of a case, in the order of completion, start, declared rank, source and row"))
        return View("Variants", tuple(blocks), log.zone)

    def _headlines(self) -> Iterable[Block]:
        if self.by is not None or not self.covered:
            return
        first = self.covered[0]
        yield Headline(f"The most frequent of {plural(len(self.covered), 'variant')} covers {share(first['cases_share'])} of the cases.", first["cases_share"])
        enough = next(place for place, record in enumerate(self.covered, 1) if record["cases_coverage"] >= 0.8)
        yield Prose(f"{plural(enough, 'variant')} cover 80 % of the cases; {sum(record['cases'] == 1 for record in self.covered):,} occur once.")

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The cases of one variant (of one group)."""
        these = grouped(self.about.log, traces(self.about.log), self.by)
        kept = these.filter([these[name] == record[name] for name in VARIANT_KEY])
        return (kept if self.by is None else kept.filter(kept.group == record["group"])).select("case")


def variants(log: EventLog, *, by: str | None = None) -> Variants:
    """The distinct paths, and how much of the cases, money and time they cover.

    Args:
        log: the event log.
        by: an attribute after which the cases are split; shares are then of each group.
    """
    if log.edited:
        _prove(log)
    these = grouped(log, traces(log), by)
    keys = [*VARIANT_KEY, *(["group"] if by else [])]
    found = these.group_by(keys).aggregate(
        cases=these.count(),
        total=these.throughput.cast("decimal(38, 0)").sum(),
        median=these.throughput.quantile(0.5).round().cast("int64"),
        value=these.money.sum(),
        absolute=these.money.abs().sum(),
        representative=these.case.min(),
    )
    rows = log.fetch(found)
    spelled = log.fetch(spelled_traces(log, found.select(case=found.representative).distinct()))
    return Variants(about(log, "variants", {"by": by}), rows, by, tuple(_covered(rows, spelled, by)), spelled)


def written(labels: tuple[str, ...]) -> str:
    """A trace in a line; immediate repeats are folded and counted."""
    parts = []
    for label, repeats in groupby(labels):
        times = len(list(repeats))
        parts.append(f"{label} × {times}" if times > 1 else label)
    return " → ".join(parts)


def _covered(rows: Rows, spelled: Rows, by: str | None) -> list[dict[str, Any]]:
    labels = trace_labels(spelled)
    records = [{**record, "labels": labels[record["representative"]]} for record in rows.records()]
    records.sort(key=lambda record: (record.get("group", ""), -record["cases"], record["labels"]))
    covered = []
    for _, group in groupby(records, key=lambda record: record.get("group", "")):
        members = list(group)
        sums = {name: sum(record[name] or 0 for record in members) for name in ("cases", "total", "absolute")}
        running = dict.fromkeys(sums, 0)
        for place, record in enumerate(members, 1):
            running = {name: running[name] + (record[name] or 0) for name in sums}
            of = {name: float(running[name] / sums[name]) if sums[name] else None for name in sums}
            own = {name: float((record[name] or 0) / sums[name]) if sums[name] else None for name in sums}
            shares = {"cases_share": own["cases"], "time_share": own["total"], "value_share": own["absolute"]}
            coverages = {"cases_coverage": of["cases"], "time_coverage": of["total"], "value_coverage": of["absolute"]}
            covered.append({**record, "variant": place, **shares, **coverages, "trace": written(record["labels"])})
    return covered


def _lines(money: bool) -> tuple[str, ...]:
    return ("cases_coverage", "time_coverage", *(("value_coverage",) if money else ()))


def _curve(shown: Table, money: bool) -> Table:
    names = ("variant", *_lines(money))
    columns = tuple(column for column in shown.columns if column.name in names)
    rows = tuple(tuple(row[shown.columns.index(column)] for column in columns) for row in shown.rows)
    return Table("Coverage by variants, most cases first", columns, rows)


def _prove(log: EventLog) -> None:
    these = units(log)
    if log.fetch(collisions(these, trace_facts(these))).column("collisions")[0]:
        raise VariantsCollide
