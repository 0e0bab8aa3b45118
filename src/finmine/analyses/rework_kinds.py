"""Kinds of rework: what each repeat is by what the log card declares, and how long the cases are held by it.

Every unit whose activity occurred before in its case has exactly one kind (see ``relations.repeat_kinds``), so that the kinds
add up to all repeats. What is not declared on the card is not guessed: the answer says which kinds cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.arrays import Lent
from finmine.doubtful_units import doubtful_dates
from finmine.engine import Rows
from finmine.errors import nearest
from finmine.finance.money import rounded
from finmine.log import EventLog
from finmine.relations.attributes import varying
from finmine.relations.groups import cases_of, grouped
from finmine.relations.held_relation import HeldRelation, held_relation
from finmine.relations.labour import PaidWork, knows_labour, paid_work
from finmine.relations.money_lines import CAPITAL, LABOUR
from finmine.relations.paid_time import labour_gap
from finmine.relations.processing import processed
from finmine.relations.repeat_kinds import KINDS, repeats
from finmine.relations.rework_cost import repeat_capital, repeat_labour
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, Prose, View
from finmine.words import agreeing, count, money, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_KINDS = ("kind", "repeats", "repeats_share", "repeat_cases", "delay_total")
_COSTS = ("part", "kind", "currency", "repeats", "spent", "delay_total", "money")
_LATER = "Paying later by the delays of repeats is worth {} of capital"
_ACTIVITIES = ("activity", "kind", "repeats", "repeats_share", "repeat_cases", "delay_median", "delay_total")


@dataclass(frozen=True, slots=True, repr=False)
class ReworkKinds(Result):
    """The repeats by activity and kind, most first, and beside them the kinds and all cases."""

    by: str | None
    kinds: Rows
    whole: Rows
    constant: tuple[str, ...]
    paid: PaidWork
    worked: Rows | None
    held: Rows | None
    told: HeldRelation

    def answers(self) -> Mapping[str, Rows]:
        """The repeats by activity and kind, by kind alone, all cases, and what the card says the cost of: labour, and capital."""
        found = {
            "repeats by activity and kind": self.rows,
            "repeats by kind": self.kinds,
            "all cases": self.whole,
            "labour of repeats": self.worked,
            "capital held by delays": self.held,
        }
        return {name: rows for name, rows in found.items() if rows is not None}

    def prepared(self) -> tuple[str, ...]:
        """The intervals of the calendars in which labour is paid."""
        return self.paid.calendars.script() if self.worked is not None else ()

    def kernels(self) -> tuple[Lent, ...]:
        """The shares of work that one resource does at once."""
        return self.paid.shares if self.worked is not None else ()

    def looked_up(self) -> tuple[str, ...]:
        """What the units cost in labour, and all repeats with their kinds."""
        return (*(self.paid.script() if self.worked is not None else ()), *self.told.script)

    def costs(self) -> tuple[Record, ...]:
        """What the repeats of each kind cost in labour and in capital, in each currency (of each group), in whole minor units."""
        worked, held = (rows.records() if rows is not None else () for rows in (self.worked, self.held))
        labour = [_line(record, LABOUR, rounded(record["cost"], record["currency"])) for record in worked if record["priced"]]
        terms = self.about.log.card.money.capital
        if terms is None:
            return tuple(labour)
        capital = [_line(record, CAPITAL, terms.delayed(Decimal(record["held"]).scaleb(-6), record["currency"])) for record in held]
        return (*labour, *capital)

    def records(self) -> tuple[Record, ...]:
        """The repeats of each activity and kind with their share of all repeats (of the group)."""
        return _shared(self.rows.records())

    def view(self) -> View:
        """Headlines, the activities with their kinds, the kinds, and what cannot be told apart."""
        records, kinds = self.records(), _shared(self.kinds.records())
        worked = ("repeat_processing",) if self.about.log.facts.has_start else ()
        blocks: list[Block] = [*opening(self.about), *doubtful_dates(self.about.log), *self._headlines(records, kinds)]
        if kinds and self.by is None:
            blocks.append(Bars(table("What repeats are", kinds, ("kind", "repeats")), "kind", "repeats"))
        blocks.append(table("Repeats by activity and kind", records, (*_ACTIVITIES, *worked), self.by))
        if kinds:
            blocks.append(table("Repeats by kind", kinds, (*_KINDS, *worked), self.by))
        if costs := self.costs():
            blocks.append(table("What rework costs", costs, _COSTS, self.by))
        return View("Kinds of rework", (*blocks, *self._limits(), *_DEFINITIONS), self.about.log.zone)

    def _headlines(self, records: Sequence[Record], kinds: Sequence[Record]) -> Iterator[Headline | Prose]:
        every, cases = sum(record["repeats"] for record in kinds), self._total("cases")
        if not every:
            yield Prose("No activity occurs more than once in a case.")
            return
        parts = {kind: sum(record["repeats"] for record in kinds if record["kind"] == kind) for kind in KINDS}
        told = ", ".join(f"{kind} {count(part)}" for kind, part in sorted(parts.items(), key=lambda part: -part[1]) if part)
        delay, total = sum(record["delay_total"] for record in kinds), self._total("throughput")
        repeating = self._total("repeat_cases")
        these = agreeing(repeating, "this case", "these cases")
        held = f"; the delays hold {these} for {share(delay / total)} of all throughput time, each hour of a case counted once" if total > 0 else ""
        yield Headline(f"{plural(every, 'repeat')} in {plural(repeating, 'case')}: {told}{held}.", repeating / cases)
        if self.by is None and (most := records[0])["kind"] != "not told apart":
            said = f"{most['activity']} is done again {plural(most['repeats'], 'time')} in {plural(most['repeat_cases'], 'case')}"
            yield Headline(f"Most common: {said}, as {most['kind']}.", most["repeat_cases"] / cases)
        yield from self._priced(delay / total if total > 0 else 0)

    def _priced(self, weight: float) -> Iterator[Headline]:
        sums: dict[tuple[str, str | None], Decimal] = {}
        for record in self.costs():
            place = (record["part"], record["currency"])
            sums[place] = sums.get(place, Decimal(0)) + record["money"]
        for part, sign, said in (
            (LABOUR, 1, "The work on repeats costs {}"),
            (CAPITAL, 1, "The delays of repeats cost {} of capital"),
            (CAPITAL, -1, _LATER),
        ):
            costs = [money(abs(cost), currency or "") for (of, currency), cost in sums.items() if of == part and cost * sign > 0]
            if costs:
                yield Headline(f"{said.format(' and '.join(costs))}.", weight)

    def _total(self, measure: str) -> int:
        return sum(record[measure] or 0 for record in self.whole.records())

    def _limits(self) -> Iterator[Caveat]:
        rules = self.about.log.card.rework
        missing = [said for said, declared in _TOLD_BY.items() if not any(getattr(rules, key) for key in declared)]
        if missing:
            said = f"Not declared on the card under [rework], so that nobody can say which repeats are such: {'; '.join(missing)}"
            yield Caveat(f"{said}. They count as another kind, or as not told apart.")
        known = self.about.log.activity_names()
        for key, name in rules.activities():
            if name not in known:
                yield Caveat(f"The activity {name!r} ([rework] {key} on the card) does not occur in the log.{nearest(name, known)}")
        yield from self._unpriced()
        for name in self.constant:
            yield Caveat(f"{name!r} ([rework] tracked on the card) differs within no case, so that it cannot tell a correction.")
        apart = sum(record["repeats"] for record in self.kinds.records() if record["kind"] == "not told apart")
        if apart and rules.tracked:
            yield Caveat(
                f"{plural(apart, 'repeat')} cannot be told apart: of the tracked attributes none is recorded, or one only for one of the two units."
            )

    def _unpriced(self) -> Iterator[Caveat]:
        terms = self.about.log.card.money
        if self.worked is None:
            yield Caveat(f"What the work on repeats costs is not known: {labour_gap(self.about.log)}.")
        elif without := sum(record["repeats"] - record["priced"] for record in self.worked.records()):
            costs, they, them = ("costs", "it", "it") if without == 1 else ("cost", "they", "them")
            yield Caveat(
                f"{plural(without, 'repeat')} {costs} no labour here: how long {they} took is not known, or no calendar or no rate applies to {them}."
            )
        if self.held is None:
            why = "no amount could be read" if terms.capital else 'no cost of capital is declared ([capital] rate = "0.08")'
            yield Caveat(f"What the delays cost in capital is not known: {why}.")

    def behind(self, record: Record) -> ir.Table:
        """The cases with repeats of the activity and kind (of one group)."""
        these = grouped(self.about.log, repeats(self.about.log), self.by)
        return cases_of(these.filter(these.activity == record["code"], these.kind == record["kind"]), record, self.by)


def rework_kinds(log: EventLog, *, by: str | None = None) -> ReworkKinds:
    """What each repeat is by what the card declares: correction, return, another try, a part, or done for nothing.

    Args:
        log: the event log.
        by: an attribute after which the cases are split; shares are then of each group.

    Raises:
        UnknownWord: the card names an attribute that the log does not have.
        ConstantAttribute: the card tells repeats apart by an attribute of cases.
    """
    import ibis

    groups = ["group"] if by else []
    with held_relation(log, "repeats", processed(repeats(log))) as told:
        these = grouped(log, told.rows, by)
        found = _counted(these, ["activity", "kind", *groups]).join(activity_labels(log), "activity").rename(code="activity", activity="label")
        rows = log.fetch(found.order_by([*groups, ibis.desc("repeats"), "activity", "kind"]))
        kinds = log.fetch(_counted(these, ["kind", *groups]).order_by([*groups, ibis.desc("repeats"), "kind"]))
        cases = grouped(log, traces(log), by)
        marked = cases.mutate(repeated=cases.case.isin(told.rows.case))
        whole = marked.aggregate(
            by=groups,
            cases=marked.count(),
            repeat_cases=marked.count(where=marked.repeated),
            throughput=marked.throughput.cast("decimal(38, 0)").sum(),
        )
        every = log.fetch(whole.order_by(groups or ["cases"]))
    terms, paid = log.card.money, paid_work(log)
    worked = log.fetch(repeat_labour(log, paid, by)) if knows_labour(log) else None
    held = log.fetch(repeat_capital(log, by)) if terms.capital and log.facts.currencies else None
    constant = tuple(name for name in log.card.rework.tracked if not _differs(log, name))
    return ReworkKinds(about(log, "rework-kinds", {"by": by}), rows, by, kinds, every, constant, paid, worked, held, told)


def _differs(log: EventLog, name: str) -> bool:
    several = varying(log, name)
    return several is not None and bool(log.fetch(several).column("cases")[0])


def _counted(these: ir.Table, keys: Sequence[str]) -> ir.Table:
    return these.group_by(keys).aggregate(
        repeats=these.count(),
        repeat_cases=these.case.nunique(),
        delay_median=these.delay.quantile(0.5).round().cast("int64"),
        delay_total=these.delay_once.cast("decimal(38, 0)").sum(),
        repeat_processing=these.processing.cast("decimal(38, 0)").sum(),
    )


def _line(record: Record, part: str, cost: Decimal) -> Record:
    return {"spent": None, "delay_total": None, **record, "part": part, "money": cost}


def _shared(records: Sequence[Record]) -> tuple[Record, ...]:
    every: dict[str | None, int] = {}
    for record in records:
        every[record.get("group")] = every.get(record.get("group"), 0) + record["repeats"]
    return tuple({**record, "repeats_share": record["repeats"] / every[record.get("group")]} for record in records)


_TOLD_BY: dict[str, tuple[str, ...]] = {
    'correction and no-change (tracked = ["amount"], changes = ["Change price"])': ("tracked", "changes"),
    'return (returns = ["Reject invoice"])': ("returns",),
    'retry (failed = { result = ["failed"] }, blocks = ["Block invoice"])': ("failed", "blocks"),
    'partial (item = "item")': ("item",),
    'legitimate (allowed = ["Second approval"])': ("allowed",),
}
_DEFINITIONS = (
    Definition(
        "Repeat",
        "a unit whose activity occurred before in the case; it is compared with the previous occurrence and is of the first kind that holds",
    ),
    Definition("Legitimate", "the activity comes several times by design, as the card allows"),
    Definition("Partial", "it is on an item on which the activity was not done before in the case"),
    Definition("Return", "an activity that sends work back lies between, or is the previous occurrence"),
    Definition("Retry", "the previous occurrence failed, or an activity that blocks lies between"),
    Definition("Correction", "a tracked attribute has another value, or an activity that changes one lies between"),
    Definition("No-change", "none of the tracked attributes has another value: perhaps done for nothing"),
    Definition(
        "Delay",
        "from the completion of the previous occurrence to that of the repeat, in elapsed time; partial and legitimate repeats have none. In "
        "sums, but not in medians, what several delays of a case share is charged once, to the one that begins first",
    ),
    Definition(
        "Cost",
        "labour: paid time of the repeats times the rate of who did them; capital: amount times the yearly rate times the delay, each hour of a "
        "case once, below nought for payables, which are paid later; without partial and legitimate repeats",
    ),
)
