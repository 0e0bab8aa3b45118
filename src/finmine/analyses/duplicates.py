"""Duplicates: documents that were probably recorded twice, what that exposes, and on which paths they came through.

Every document of the log is compared with every other that shares a block with it, old ones with old ones too. How reference, amount,
day, vendor, order and company agree gives the chance that two are the same; pairs above the threshold are linked to groups. The exposure
of a group is what its documents add up to, credits taken off, less its largest invoice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import reduce
from math import log as logarithm
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import ibis

from finmine.auditing.duplicate_evidence import AS_SHIPPED
from finmine.auditing.duplicate_groups import by_currency, group_of, pair_of
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.graphs.linked import linked
from finmine.log import EventLog
from finmine.relations.document_pairs import FIELDS, blocks, candidate_pairs, compared, not_compared, with_beat
from finmine.relations.documents import Fields, documents
from finmine.relations.held_relation import HeldRelation, held_relation
from finmine.relations.milestones import Milestones, milestone_times, milestones
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.relations.units import units
from finmine.result import Result, about, opening, table
from finmine.stats.record_linkage import Linkage, learned
from finmine.view import Block, Caveat, Definition, Headline, Prose, Table, View
from finmine.words import money, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_GROUPS = ("document_group", "documents", "vendor", "chance", "amount_sum", "largest_amount", "exposed_amount", "currency", "paid_documents")
_PAIRS = ("document", "other_document", "chance", "document_day", "other_day", "agreement", "what_differs")
_MOST_IN_A_BLOCK, _MOST_PATHS = 500, 10


@dataclass(frozen=True, slots=True, repr=False)
class Duplicates(Result):
    """The pairs above the threshold, and beside them their documents, what could not be compared and the activities on their paths."""

    fields: Fields
    linkage: Linkage
    at_least: float
    resolved: bool
    documents: Rows
    crowded: Rows
    paths: Rows
    counted: Rows
    found: Milestones
    told: tuple[HeldRelation, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The pairs, their documents, the blocks too large to be compared, the activities on their paths, and how many documents there are."""
        return {
            "pairs of documents": self.rows,
            "documents of pairs": self.documents,
            "blocks not compared": self.crowded,
            "activities of documents that repeat another": self.paths,
            "documents": self.counted,
        }

    def looked_up(self) -> tuple[str, ...]:
        """The documents, their blocks, and all pairs with how they agree."""
        return tuple(statement for each in self.told for statement in each.script)

    def pairs(self) -> tuple[Record, ...]:
        """The pairs with their chance, the most certain first, and what agrees and differs, in words."""
        known = {row["case"]: row for row in self.documents.records()}
        made = [pair_of(row, known, self.linkage) for row in self.rows.records()]
        return tuple(sorted(made, key=lambda pair: (-pair["chance"], pair["document"], pair["other_document"])))

    def records(self) -> tuple[Record, ...]:
        """The groups of documents, the largest exposure first; those that credits have made good only where they are asked for."""
        known = {row["case"]: row for row in self.documents.records()}
        certain: dict[int, float] = {}
        for row in self.rows.records():
            chance = self.linkage.chance(row)
            certain |= {case: max(chance, certain.get(case, 0.0)) for case in (row["one"], row["other"])}
        groups = linked((row["one"], row["other"]) for row in self.rows.records())
        every = [group_of([known[case] for case in cases], certain, self.found.knows("paid")) for cases in groups]
        kept = [group for group in every if self.resolved or group["exposed_amount"] is None or group["exposed_amount"] > 0]
        kept.sort(key=lambda group: (-(group["weight"]), group["document_names"]))
        return tuple({**group, "document_group": str(place)} for place, group in enumerate(kept, 1))

    def view(self) -> View:
        """Headlines, the groups with their documents, the pairs and why, the paths, and what was not compared."""
        groups, pairs = self.records(), self.pairs()
        recoverable = ("recoverable_amount",) if self.found.knows("paid") else ()
        blocks: list[Block] = [*opening(self.about), *self._headlines(groups)]
        blocks.append(table("Groups of documents that are probably the same", groups, (*_GROUPS, *recoverable, "document_names")))
        if pairs:
            blocks.append(table("Why: how the documents of each pair agree", pairs, _PAIRS))
            blocks.append(self._paths())
        return View("Duplicates", (*blocks, *self._limits(groups), *_DEFINITIONS), self.about.log.zone)

    def _headlines(self, groups: Sequence[Record]) -> Iterator[Headline | Prose]:
        every = int(str(self.counted.column("compared")[0]))
        if not groups:
            yield Prose(f"Of {plural(every, 'document')} that were compared, no two are the same with a chance of {share(self.at_least)} or more.")
            return
        number = sum(group["documents"] for group in groups)
        formed = (
            "1 group that probably is one document" if len(groups) == 1 else f"{plural(len(groups), 'group')} that probably are one document each"
        )
        yield Headline(f"{plural(number, 'document')} of {every:,} that were compared form {formed}.", number / every)
        for currency, sums in by_currency(groups).items():
            said = f"{money(sums['exposed_amount'], currency)} are exposed: what these documents add up to beyond the largest of each group"
            again = f"; {money(sums['recoverable_amount'], currency)} of it was paid" if self.found.knows("paid") else ""
            yield Headline(f"{said}{again}.", number / every)

    def _paths(self) -> Table:
        repeats, every = (int(str(self.counted.column(name)[0])) for name in ("repeats", "cases"))
        rows = [
            {**row, "repeats_with": row["repeated"] / repeats if repeats else None, "documents_with": row["cases"] / every}
            for row in self.paths.records()
        ]
        rows.sort(key=lambda row: (-abs((row["repeats_with"] or 0) - row["documents_with"]), row["label"]))
        shown = [{**row, "activity": row["label"]} for row in rows[:_MOST_PATHS]]
        return table(
            "Which way they came: activities of the later documents of pairs, and of all documents",
            shown,
            ("activity", "repeated", "repeats_with", "cases", "documents_with"),
        )

    def _limits(self, groups: Sequence[Record]) -> Iterator[Caveat]:
        counted = self.counted.records()[0]
        if left := counted["cases"] - counted["compared"]:
            yield Caveat(f"{plural(left, 'document')} without an amount {'was' if left == 1 else 'were'} not compared.")
        if absent := self.fields.missing():
            names, they = " and no ".join(absent), "it" if len(absent) == 1 else "they"
            declared = f'declare {"it" if len(absent) == 1 else "them"} under [attributes], as in {absent[0]} = "{absent[0]}".'
            yield Caveat(f"The card names no {names}, so that {they} could not be compared: {declared}")
        if self.fields.day is None:
            yield Caveat("The card names no document_date: the day on which a case began stands for it.")
        crowd = self.crowded.records()[0]
        if crowd["blocks"]:
            said = f"{plural(crowd['blocks'], 'block')} of more than {_MOST_IN_A_BLOCK} documents each ({plural(crowd['pairs'], 'pair')})"
            yield Caveat(f"{said} were left out: too many documents agree in amount, reference or vendor to say anything.")
        if several := sum(group["exposed_amount"] is None for group in groups):
            yield Caveat(f"{plural(several, 'group')} of several currencies without rates, or without amounts, have no exposure.")
        yield from map(Caveat, self.found.notes())

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The documents of the group."""
        these = traces(self.about.log)
        return these.filter(these.case.isin(list(record["codes"]))).select("case")


def duplicates(
    log: EventLog,
    *,
    at_least: float = 0.9,
    days: int = 5,
    tax: tuple[str, ...] = ("7", "19", "20", "21"),
    weights: Literal["shipped", "learned"] = "shipped",
    reference: str | None = None,
    vendor: str | None = None,
    resolved: bool = False,
) -> Duplicates:
    """Which documents were probably recorded twice, what that exposes, and on which paths they came through.

    Each case is a document. Reference, vendor, document date, purchase order and company are those that the card names so.

    Args:
        log: the event log.
        at_least: the chance from which on two documents are taken for the same.
        days: how many days apart two documents of the same are at most to count as near.
        tax: the rates of tax, in percent, by which amounts of the same document may differ.
        weights: what each agreement says: the chances that come with finmine, or those learned from the candidates of this log.
        reference: the attribute with the number that the vendor gave; default: the card's reference.
        vendor: the attribute with the vendor; default: the card's vendor.
        resolved: whether groups are listed too that credits have made good.
    """
    if not 0 < at_least < 1:
        raise OutOfRange("at_least", at_least, "above 0 and below 1")
    if days < 0:
        raise OutOfRange("days", days, "a whole number from 0")
    rates = [_percent(rate) for rate in tax]
    fields, found = _fields(log, reference, vendor), milestones(log)
    asked = {"at_least": at_least, "days": days, "tax": ", ".join(tax), "weights": weights, "resolved": resolved}
    asked |= {"reference": reference, "vendor": vendor}
    worth = documents(log, fields)
    with (
        held_relation(log, "documents", with_beat(worth.filter(worth["size"].notnull()))) as held,
        held_relation(log, "blocks", blocks(held.rows, rates, _MOST_IN_A_BLOCK)) as parted,
        held_relation(log, "pairs", compared(candidate_pairs(parted.rows, _MOST_IN_A_BLOCK), held.rows, days, rates)) as pairs,
    ):
        linkage = _learned(log, pairs.rows) if weights == "learned" else AS_SHIPPED
        likely = _likely(pairs.rows, linkage, at_least)
        return Duplicates(
            about(log, "duplicates", asked),
            log.fetch(likely.order_by("one", "other")),
            fields,
            linkage,
            at_least,
            resolved,
            log.fetch(_documents(log, held.rows, likely, found)),
            log.fetch(not_compared(parted.rows, _MOST_IN_A_BLOCK)),
            log.fetch(_activities(log, held.rows, likely)),
            log.fetch(_counted(log, held.rows, likely)),
            found,
            (held, parted, pairs),
        )


def _percent(rate: str) -> Decimal:
    try:
        found = Decimal(rate)
    except InvalidOperation:
        found = Decimal(0)
    if not found.is_finite() or found <= 0:
        raise OutOfRange("tax", rate, "a rate in percent above 0, such as 19")
    return found


def _fields(log: EventLog, reference: str | None, vendor: str | None) -> Fields:
    def named(name: str, given: str | None = None) -> str | None:
        if given is not None:
            log.attribute(given)
            return given
        return name if name in log.attributes else None

    return Fields(named("reference", reference), named("vendor", vendor), named("document_date"), named("purchase_order"), named("company"))


def _learned(log: EventLog, pairs: ir.Table) -> Linkage:
    counted = log.fetch(pairs.group_by(list(FIELDS)).aggregate(number=pairs.count()).order_by(list(FIELDS)))
    return learned([({name: row[name] for name in FIELDS}, row["number"]) for row in counted.records()], AS_SHIPPED)


def _likely(pairs: ir.Table, linkage: Linkage, at_least: float) -> ir.Table:
    """The pairs whose weights, in millionths, add up to the threshold."""

    def weight(field: str, ways: Mapping[str, float]) -> ir.Value:
        return ibis.cases(*((pairs[field] == way, _millionths(value)) for way, value in ways.items()), else_=0)

    odds = reduce(lambda one, other: one + other, (weight(*each) for each in linkage.weights().items()), ibis.literal(_millionths(linkage.start)))
    return pairs.filter(odds >= _millionths(logarithm(at_least / (1 - at_least))))


def _millionths(odds: float) -> int:
    return round(odds * 1_000_000)


def _documents(log: EventLog, these: ir.Table, likely: ir.Table, found: Milestones) -> ir.Table:
    """The documents of the pairs, with whether they were paid."""
    inside = likely.select(case="one").union(likely.select(case="other")).distinct()
    times = milestone_times(log, found)
    kept = these.semi_join(inside, "case").left_join(times.select("case", "paid"), "case")
    names = ("case", "label", "vendor", "reference", "day", "amount", "currency", "reported", "status", "outcome")
    return kept.select(*names, paid=kept.paid.notnull()).order_by("case")


def _later(these: ir.Table, likely: ir.Table) -> ir.Table:
    """The later document of each pair: case."""
    days = these.select("case", "day")
    both = likely.select("one", "other").join(days.rename(one="case", one_day="day"), "one").join(days.rename(other="case", other_day="day"), "other")
    return both.select(case=ibis.ifelse(both.one_day > both.other_day, both.one, both.other)).distinct()


def _activities(log: EventLog, these: ir.Table, likely: ir.Table) -> ir.Table:
    """Each activity with the number of cases that have it, and of those among them that repeat another document."""
    done = units(log).select("case", "activity").distinct()
    again = _later(these, likely).mutate(again=ibis.literal(True))
    both = done.left_join(again, "case")
    counted = both.group_by("activity").aggregate(cases=both.count(), repeated=both.again.fill_null(False).sum())
    return counted.join(activity_labels(log), "activity").select("label", "cases", "repeated").order_by("label")


def _counted(log: EventLog, these: ir.Table, likely: ir.Table) -> ir.Table:
    cases, again = traces(log), _later(these, likely)
    every = cases.aggregate(cases=cases.count())
    return every.cross_join(these.aggregate(compared=these.count())).cross_join(again.aggregate(repeats=again.count()))


_DEFINITIONS = (
    Definition(
        "Chance",
        "prior odds of one in a thousand candidates, times how much likelier each agreement is among documents that are the same than among others",
        "Fellegi and Sunter 1969",
    ),
    Definition("Group", "documents linked by pairs above the threshold; each is in at least one such pair"),
    Definition("Exposure", "the sum of the amounts of a group, credits taken off, less its largest invoice; at least nought"),
    Definition("Recoverable", "the same of those documents of the group that were paid, and its credits"),
    Definition("Regular series", "at least four documents of one vendor and amount at regular gaps of a week or more: rents, rates, licences"),
)
