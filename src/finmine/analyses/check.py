"""Check: what is wrong or doubtful in the log, with the cases and the money affected.

Nothing is repaired, renamed or dropped. Each kind of fault is counted by its own rule, with one place where it occurs;
errors stand before doubts and doubts before notes, and within them what affects most cases first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from finmine.engine import Rows
from finmine.log import EventLog
from finmine.relations.fault import SEVERITIES, Fault
from finmine.relations.faults import faults_of, untested
from finmine.relations.groups import NOT_RECORDED, cases_of, grouped
from finmine.relations.held_places import HeldPlaces, held_places
from finmine.relations.tables import case_table, faults_table
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Definition, Headline, Prose, Table, View
from finmine.words import money, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

_COLUMNS = ("severity", "fault", "number", "counted", "cases", "cases_share")
_MOST_LEFT_OUT = 1000
# Files have at most a trillion rows, so a source's number and a row make one number that orders all rows.
_ROWS_OF_A_SOURCE = 10**12


@dataclass(frozen=True, slots=True, repr=False)
class Check(Result):
    """The faults that were found, the worst first; ``wrong`` sums up the errors, ``sums`` gives money by currency.

    ``split`` counts the faults in each group of cases by the attribute ``by``.
    """

    by: str | None
    split: Rows | None
    kinds: Mapping[str, Fault]
    listed: tuple[Mapping[str, Any], ...]
    sums: Rows
    wrong: Rows
    left_out: Rows
    places: HeldPlaces

    def records(self) -> tuple[Mapping[str, Any], ...]:
        """The faults in order, with severity, rule, share of cases, money and the first place where each occurs; or those of each group."""
        if self.split is None:
            return self.listed
        order = [record["fault"] for record in self.listed]
        severities = {record["fault"]: record["severity"] for record in self.listed}
        found = [
            {**record, "severity": severities[record["fault"]], "counted": self.kinds[record["fault"]].counts} for record in self.split.records()
        ]
        return tuple(sorted(found, key=lambda record: (record["group"], order.index(record["fault"]))))

    def answers(self) -> Mapping[str, Rows]:
        """The counts of the faults, the money affected, the sum of the errors, and the rows left out."""
        return {
            "faults": self.rows,
            **({} if self.split is None else {"faults of each group": self.split}),
            "money of the cases affected": self.sums,
            "cases with any error": self.wrong,
            "rows left out": self.left_out,
        }

    def prepared(self) -> tuple[str, ...]:
        """The table of the places of all faults, on which all numbers rest."""
        return self.places.script

    def view(self) -> View:
        """What is worst, all faults found, what was looked for in vain, and what could not be looked for."""
        log = self.about.log
        blocks: list[Block] = [*opening(self.about), *self._headlines()]
        names = (*_COLUMNS, *(("value",) if log.money else ()))
        blocks.append(table("Faults", self.records(), names, self.by, log.money.currency if log.money else ""))
        blocks += self._without_money()
        if self.listed:
            blocks.append(table("The first place of each", self.listed, ("fault", "case", "file", "row", "found")))
        if log.money is None and len(self.sums):
            blocks.append(table("Amounts of the cases affected", self.sums, ("fault", "currency", "cases", "value")))
        if len(self.left_out):
            blocks.append(self._rows_left_out())
        blocks += self._silence()
        return View("Check", (*blocks, *self._definitions()), log.zone)

    def _headlines(self) -> Iterable[Block]:
        errors = [record for record in self.listed if record["severity"] == "error"]
        if not self.listed:
            yield Prose("No fault was found.")
        if not errors:
            return
        log, wrong = self.about.log, self.wrong.records()[0]
        part = wrong["cases"] / self.about.population.cases if self.about.population.cases else 0.0
        weight = float(wrong["absolute"] / wrong["every"]) if wrong["absolute"] and wrong["every"] else None
        held = f" with {money(wrong['absolute'], log.money.currency)} in absolute amounts" if log.money and wrong["absolute"] is not None else ""
        worst = errors[0]
        yield Headline(
            f"Errors of the log touch {plural(wrong['cases'], 'case')} ({share(part)}){held}. "
            f"Most common: {worst['fault']} ({plural(worst['number'], worst['counted'][:-1])} in {plural(worst['cases'], 'case')}).",
            part if weight is None else weight,
            "cases" if weight is None else "money",
        )

    def _without_money(self) -> Iterable[Block]:
        """Of how many cases the amounts are, where these are not all that a fault touches."""
        money = self.about.log.money
        if money is None:
            return
        known = {record["fault"]: record["cases"] for record in self.sums.records()}
        fewer = [(record, known.get(record["fault"], 0)) for record in self.listed if known.get(record["fault"], 0) < record["cases"]]
        if fewer:
            said = "; ".join(f"{record['fault']} {cases:,} of {record['cases']:,}" for record, cases in fewer)
            yield Caveat(f"Not every case has an amount in {money.currency or 'one currency'}. The amounts are of: {said}.")

    def _rows_left_out(self) -> Table:
        names = {source.number: source.name for source in self.about.log.provenance.sources}
        rows = [{**record, "file": names[record["source"]]} for record in self.left_out.records()]
        total = sum(record["number"] for record in self.listed if record["fault"] in {row["fault"] for row in rows})
        shown = table("Rows left out at reading", rows, ("fault", "file", "row", "column", "found"))
        return Table(shown.title, shown.columns, shown.rows, total if total > len(rows) else None)

    def _silence(self) -> Iterable[Block]:
        found = {record["fault"] for record in self.listed}
        sound = [name for name in self.kinds if name not in found]
        if sound:
            yield Prose(f"Looked for and not found: {'; '.join(sound)}.")
        log = self.about.log
        if untested(log):
            yield Caveat(f"Not looked for: {'; '.join(untested(log))}.")
        if log.money is None and "amount" in log.card.roles and not log.facts.currencies:
            yield Caveat(log.money_gap)

    def _definitions(self) -> Iterable[Block]:
        severities = dict.fromkeys(record["severity"] for record in self.listed)
        yield from (Definition(severity, SEVERITIES[severity]) for severity in severities)
        yield from (Definition(record["fault"], self.kinds[record["fault"]].rule) for record in self.listed)

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The cases in which one kind of fault occurs (in one group)."""
        places = self.kinds[record["fault"]].places()
        return cases_of(grouped(self.about.log, places.filter(places.case.notnull()).select("case"), self.by), record, self.by)


def check(log: EventLog, *, by: str | None = None) -> Check:
    """What is wrong or doubtful in the log, with the cases and money affected.

    Args:
        log: the event log.
        by: an attribute after which the cases are split; shares are then of each group.
    """
    kinds = {fault.name: fault for fault in faults_of(log)}
    asked = about(log, "check", {"by": by})
    with held_places(log, [fault for fault in kinds.values() if fault.possible]) as held:
        places = held.relation()
        rows = log.fetch(_counts(log, places))
        counted = [record for record in rows.records() if record["number"] > kinds[record["fault"]].chance * asked.population.units]
        found = _of(places, [record["fault"] for record in counted])
        sums = log.fetch(_sums(log, found))
        wrong = log.fetch(_wrong(log, _of(places, [record["fault"] for record in counted if kinds[record["fault"]].severity == "error"])))
        split = log.fetch(_split(log, found, by)) if by else None
    affected = {record["fault"]: record["value"] for record in sums.records()} if log.money else {}
    listed = [
        _described(log, kinds[record["fault"]], record, asked.population.cases) | {"value": affected.get(record["fault"])} for record in counted
    ]
    order = list(SEVERITIES)
    listed.sort(key=lambda record: (order.index(record["severity"]), -record["cases"], -record["number"], record["fault"]))
    left = faults_table(log).filter(lambda these: ~these.kept).order_by("source", "row", "fault").limit(_MOST_LEFT_OUT)
    return Check(asked, rows, by, split, kinds, tuple(listed), sums, wrong, log.fetch(left), held)


def _of(places: ir.Table, faults: Sequence[str]) -> ir.Table:
    """The places of the named faults."""
    return places.filter(places.fault.isin(list(faults)) if faults else ibis.literal(False))


def _described(log: EventLog, fault: Fault, record: Mapping[str, Any], cases: int) -> dict[str, Any]:
    return {
        **record,
        "severity": fault.severity,
        "counted": fault.counts,
        "rule": fault.rule,
        "cases_share": record["cases"] / cases if cases else None,
        "file": next(source.name for source in log.provenance.sources if source.number == record["source"]),
    }


def _counts(log: EventLog, places: ir.Table) -> ir.Table:
    """For each kind that occurs: how often, in how many cases, and its first place."""
    placed = places.mutate(place=places.source.cast("int64") * _ROWS_OF_A_SOURCE + places.row)
    found = placed.group_by("fault").aggregate(
        number=placed.count(),
        cases=placed.case.nunique(),
        source=(placed.place.min() // _ROWS_OF_A_SOURCE).cast("int16"),
        row=(placed.place.min() % _ROWS_OF_A_SOURCE).cast("int64"),
        first_case=placed.case.argmin(placed.place),
        found=placed.found.argmin(placed.place),
    )
    labels = case_table(log).select("case", "label")
    named = found.left_join(labels, found.first_case == labels.case)
    return named.select("fault", "number", "cases", "source", "row", "found", case=named.label).order_by("fault")


def _sums(log: EventLog, places: ir.Table) -> ir.Table:
    """The money of the cases in which each kind occurs, by currency; credits keep their sign."""
    cases = traces(log)
    amount, currency = (cases.money, ibis.literal(log.money.currency)) if log.money else (cases.amount, cases.currency)
    priced = cases.select("case", value=amount, currency=currency).filter(lambda these: these.value.notnull())
    every = places.select("fault", "case").distinct().join(priced, "case")
    found = every.group_by(["fault", "currency"]).aggregate(cases=every.count(), value=every.value.sum())
    return found.order_by("fault", "currency")


def _split(log: EventLog, every: ir.Table, by: str) -> ir.Table:
    """For each group and kind: how often, in how many cases, their share of the group's cases, and their money."""
    cases = grouped(log, traces(log), by).select("case", "group", "money")
    found = every.left_join(cases.select("case", "group"), "case").select("case", "fault", group=lambda one: one.group.coalesce(NOT_RECORDED))
    counted = found.group_by(["group", "fault"]).aggregate(number=found.count(), cases=found.case.nunique())
    touched = found.select("case", "fault").distinct().join(cases, "case")
    money = touched.group_by(["group", "fault"]).aggregate(value=touched.money.sum())
    sizes = cases.group_by("group").aggregate(all_cases=cases.count())
    joined = counted.left_join(money, ["group", "fault"]).left_join(sizes, "group")
    part = joined.cases.cast("float64") / joined.all_cases.cast("float64")
    return joined.select("group", "fault", "number", "cases", "value", cases_share=part).order_by("group", "fault")


def _wrong(log: EventLog, errors: ir.Table) -> ir.Table:
    """The cases in which any error occurs, each once, and their money in absolute amounts beside that of all cases."""
    every = traces(log)
    kept = every.semi_join(errors, "case")
    return kept.aggregate(cases=kept.count(), absolute=kept.money.abs().sum()).cross_join(every.aggregate(every=every.money.abs().sum()))
