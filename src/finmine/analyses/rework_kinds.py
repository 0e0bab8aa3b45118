"""Kinds of rework: what each repeat is by what the log card declares, and how long the cases are held by it.

Every unit whose activity occurred before in its case has exactly one kind (see ``relations.repeat_kinds``), so that the kinds
add up to all repeats. What is not declared on the card is not guessed: the answer says which kinds cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.engine import Rows
from finmine.errors import nearest
from finmine.log import EventLog
from finmine.relations.attributes import varying
from finmine.relations.groups import cases_of, grouped
from finmine.relations.processing import processed
from finmine.relations.repeat_kinds import KINDS, repeats
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, Prose, View
from finmine.words import count, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_KINDS = ("kind", "repeats", "repeats_share", "repeat_cases", "delay_total")
_ACTIVITIES = ("activity", "kind", "repeats", "repeats_share", "repeat_cases", "delay_median", "delay_total")


@dataclass(frozen=True, slots=True, repr=False)
class ReworkKinds(Result):
    """The repeats by activity and kind, most first, and beside them the kinds and all cases."""

    by: str | None
    kinds: Rows
    whole: Rows
    constant: tuple[str, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The repeats by activity and kind, by kind alone, and all cases."""
        return {"repeats by activity and kind": self.rows, "repeats by kind": self.kinds, "all cases": self.whole}

    def records(self) -> tuple[Record, ...]:
        """The repeats of each activity and kind with their share of all repeats (of the group)."""
        return _shared(self.rows.records())

    def view(self) -> View:
        """Headlines, the activities with their kinds, the kinds, and what cannot be told apart."""
        records, kinds = self.records(), _shared(self.kinds.records())
        worked = ("repeat_processing",) if self.about.log.facts.has_start else ()
        blocks: list[Block] = [*opening(self.about), *self._headlines(records, kinds)]
        if kinds and self.by is None:
            blocks.append(Bars(table("What repeats are", kinds, ("kind", "repeats")), "kind", "repeats"))
        if kinds:
            blocks.append(table("Repeats by activity and kind", records, (*_ACTIVITIES, *worked), self.by))
            blocks.append(table("Repeats by kind", kinds, (*_KINDS, *worked), self.by))
        return View("Kinds of rework", (*blocks, *self._limits(), *_DEFINITIONS), self.about.log.zone)

    def _headlines(self, records: Sequence[Record], kinds: Sequence[Record]) -> Iterator[Headline | Prose]:
        every, cases = sum(record["repeats"] for record in kinds), self._total("cases")
        if not every:
            yield Prose("No activity occurs more than once in a case.")
            return
        parts = {kind: sum(record["repeats"] for record in kinds if record["kind"] == kind) for kind in KINDS}
        told = ", ".join(f"{kind} {count(part)}" for kind, part in sorted(parts.items(), key=lambda part: -part[1]) if part)
        yield Headline(f"{plural(every, 'repeat')} in {plural(self._total('repeat_cases'), 'case')}: {told}.", self._total("repeat_cases") / cases)
        delay, total = sum(record["delay_total"] for record in kinds), self._total("throughput")
        if total > 0:
            yield Headline(
                f"Their delays hold the cases for {share(delay / total)} of all throughput time, each hour of a case counted once.", delay / total
            )
        if self.by is None and (most := records[0])["kind"] != "not told apart":
            said = f"{most['activity']} is done again {plural(most['repeats'], 'time')} in {plural(most['repeat_cases'], 'case')}"
            yield Headline(f"Most common: {said}, as {most['kind']}.", most["repeat_cases"] / cases)

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
        for name in self.constant:
            yield Caveat(f"{name!r} ([rework] tracked on the card) differs within no case, so that it cannot tell a correction.")
        apart = sum(record["repeats"] for record in self.kinds.records() if record["kind"] == "not told apart")
        if apart and rules.tracked:
            yield Caveat(
                f"{plural(apart, 'repeat')} cannot be told apart: of the tracked attributes none is recorded, or one only for one of the two units."
            )

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
    these = grouped(log, processed(repeats(log)), by)
    found = _counted(these, ["activity", "kind", *groups]).join(activity_labels(log), "activity").rename(code="activity", activity="label")
    rows = log.fetch(found.order_by([*groups, ibis.desc("repeats"), "activity", "kind"]))
    kinds = log.fetch(_counted(these, ["kind", *groups]).order_by([*groups, ibis.desc("repeats"), "kind"]))
    cases = grouped(log, traces(log), by)
    marked = cases.mutate(repeated=cases.case.isin(repeats(log).case))
    whole = marked.aggregate(
        by=groups,
        cases=marked.count(),
        repeat_cases=marked.count(where=marked.repeated),
        throughput=marked.throughput.cast("decimal(38, 0)").sum(),
    )
    constant = tuple(name for name in log.card.rework.tracked if not _differs(log, name))
    return ReworkKinds(about(log, "rework-kinds", {"by": by}), rows, by, kinds, log.fetch(whole.order_by(groups or ["cases"])), constant)


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
        "from the completion of the previous occurrence to that of the repeat, in elapsed time; partial and legitimate repeats have none",
    ),
)
