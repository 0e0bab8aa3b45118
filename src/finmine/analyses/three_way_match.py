"""Three-way match: every invoice held against its order and receipts again, in price and in quantity, with tolerances and partial deliveries.

Each case is an item of an order. For each invoice the price is that of the order at its time, and the quantity what was received and invoiced up to then. The
difference in price and that in quantity are told apart, each with its sign, so that one does not make good the other. What is not recorded makes an
invoice not testable, and is counted; the results add up to all invoices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import ibis

from finmine.auditing.grounds import Grounds, grounds
from finmine.auditing.matched_invoices import RESULTS, Compared, Kind, Tolerances, activities_like, lines, matched
from finmine.auditing.policy import VERDICTS, Policy
from finmine.auditing.policy_file import policy_of
from finmine.auditing.tolerance import tolerance
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.relations.attributes import named_attribute, recorded_case_values
from finmine.relations.held_relation import HeldRelation, held_relation
from finmine.relations.tables import activity_labels, case_table
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Definition, Headline, Prose, Table, View
from finmine.words import money, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_STEPS: dict[Kind, tuple[str, ...]] = {"order": ("order", "order change"), "receipt": ("receipt",), "invoice": ("entry",)}
_NOT_TESTED = ("not testable", "not applicable")
_FINDINGS = (
    "case",
    "match_result",
    "invoiced_quantity",
    "invoiced_amount",
    "ordered_price",
    "received_so_far",
    "invoiced_so_far",
    "price_difference",
)
_MORE = ("quantity_difference", "match_exposed", "currency", "rows_of_source")


@dataclass(frozen=True, slots=True, repr=False)
class ThreeWayMatch(Result):
    """What comes of the invoices; beside it those that do not match, and what was taken for orders, receipts and invoices."""

    ground: Grounds
    activities: Mapping[Kind, tuple[str, ...]]
    reversals: tuple[str, ...]
    compared: Compared
    tolerances: Tolerances
    exempt: tuple[str, ...]
    early: tuple[str, ...]
    findings: Rows
    whole: Rows
    told: tuple[HeldRelation, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The results, the invoices that do not match, and all cases."""
        return {"results": self.rows, "invoices that do not match": self.findings, "all cases": self.whole}

    def prepared(self) -> tuple[str, ...]:
        """The statements that make the tables of persons."""
        return self.ground.script()

    def looked_up(self) -> tuple[str, ...]:
        """The invoices with what comes of each."""
        return tuple(statement for each in self.told for statement in each.script)

    def records(self) -> tuple[Record, ...]:
        """What comes of how many invoices, by currency; breaches first, then what is not testable, and what matches."""
        return tuple({**row, **dict(zip(("match_result", "verdict", "meaning"), RESULTS[row["result"]], strict=True))} for row in self.rows.records())

    def listed(self) -> tuple[Record, ...]:
        """The invoices that do not match as they are listed, the largest exposure first."""
        files = {source.number: source.name for source in self.about.log.provenance.sources}
        return tuple(
            {
                **row,
                "match_result": RESULTS[row["result"]][0],
                "invoiced_quantity": _plain(row["quantity"]),
                "invoiced_amount": row["amount"],
                "ordered_price": _plain(row["ordered"]),
                "received_so_far": _plain(row["got"]),
                "invoiced_so_far": _plain(row["invoiced"]),
                "price_difference": row["price_gap"],
                "quantity_difference": row["quantity_gap"],
                "match_exposed": row["exposed"],
                "rows_of_source": f"{files[row['source']]} row {row['row']}",
            }
            for row in self.findings.records()
        )

    def view(self) -> View:
        """Headlines, what comes of the invoices, those that do not match, what was taken for what, and the definitions."""
        log, found = self.about.log, self.listed()
        blocks: list[Block] = [*opening(self.about), *self._headlines()]
        blocks.append(
            table(
                "What comes of the invoices", self.records(), ("match_result", "verdict", "invoices", "cases", "match_exposed", "currency", "meaning")
            )
        )
        every = self._number("violation", "missing control")
        if every:
            shown = table("Invoices that do not match, the largest exposure first", found, (*_FINDINGS, *_MORE))
            blocks.append(Table(shown.title, shown.columns, shown.rows, every if every > len(found) else None))
        return View("Three-way match", (*blocks, *self._limits(), *self._definitions()), log.zone)

    def _headlines(self) -> Iterator[Block]:
        every, tested = self._number(*VERDICTS), self._number("violation", "missing control", "pass")
        if not every:
            if not self.activities["invoice"]:
                yield Caveat("No activity of the log is known to be the entry of an invoice: say on the card, under [steps] entry, which is.")
            return
        undeclared = self.compared.by_amount and self.compared.amount is None
        if undeclared:
            yield Caveat(
                "Prices and quantities cannot be compared: the card names no quantity, price and line_amount of rows. "
                'Declare them under [attributes], as in quantity = "MENGE".'
            )
        if not tested:
            yield Caveat(f"None of {plural(every, 'invoice')} can be matched: see why below.")
            return
        if not undeclared:
            matching = self._number("pass")
            yield Headline(f"{matching:,} of {plural(tested, 'invoice')} that can be matched ({share(matching / tested)}) match.", tested / every)
        breaches: dict[int, list[Record]] = {}
        for row in sorted(self.records(), key=lambda row: -(row["match_exposed"] or 0)):
            if row["verdict"] in ("violation", "missing control"):
                breaches.setdefault(row["result"], []).append(row)
        for rows in list(breaches.values())[:3]:
            worth = " and ".join(money(row["match_exposed"], row["currency"] or "") for row in rows if row["match_exposed"])
            number = sum(row["invoices"] for row in rows)
            told = f"{plural(number, 'invoice')} of {every:,}: {rows[0]['match_result']} ({rows[0]['meaning']})"
            yield Headline(f"{told}, {worth}." if worth else f"{told}.", number / every)

    def _number(self, *verdicts: str) -> int:
        return sum(row["invoices"] for row in self.records() if row["verdict"] in verdicts)

    def _limits(self) -> Iterator[Block]:
        rows = [{"trade_step": kind, "bound_activities": ", ".join(self.activities[kind]) or None} for kind in _STEPS]
        rows.append({"trade_step": "reversal", "bound_activities": ", ".join(self.reversals) or None})
        yield table("What was taken for orders, receipts and invoices", rows, ("trade_step", "bound_activities"))
        told = (("quantity", self.compared.quantity), ("price", self.compared.price), ("amount", self.compared.amount))
        taken = ", ".join(f"{what} from {column!r}" for what, column in told if column is not None)
        if taken:
            yield Prose(f"What is compared of each row: {taken}.")
        whole = self.whole.records()[0]
        if whole["without"]:
            yield Prose(f"{plural(whole['without'], 'case')} of {whole['cases']:,} have no invoice to match.")
        untested: Counter[str] = Counter()
        for row in self.records():
            untested[row["meaning"]] += row["invoices"] if row["verdict"] == "not testable" else 0
        parts = "; ".join(f"{number:,} because {meaning}" for meaning, number in untested.items() if number)
        if parts:
            yield Caveat(f"Not testable are {plural(self._number('not testable'), 'invoice')}: {parts}.")
        if self.compared.by_amount and self.compared.amount is not None:
            yield Caveat("The card names no quantity, so that amounts are compared alone: a price too high can be made good by a quantity too low.")
        if self.exempt:
            yield Prose(f"Not matched are items of {', '.join(self.exempt)}.")
        if self.early:
            yield Prose(
                f"Invoices may come before receipts for items of {', '.join(self.early)}: these are held against all that was received in the end."
            )

    def _definitions(self) -> Iterator[Definition]:
        told = self.tolerances
        yield Definition(
            "Price difference",
            "the invoiced amount less ordered price times invoiced quantity; the price is that of the last order or change before the invoice",
        )
        yield Definition("Quantity difference", "quantity invoiced so far less quantity received so far, reversals taken off, at the ordered price")
        yield Definition(
            "Tolerances",
            f"price above {told.price_above.said}, below {told.price_below.said}, quantity above {told.quantity_above.said}, order above {told.order_above.said}; "
            "percentages are of the ordered price of as much, or of what was received",
        )

    def behind(self, record: Record) -> ir.Table:
        """The cases with an invoice of this result."""
        told = _told(self.ground, self.activities, self.reversals, self.compared)
        found = matched(told, self.activities, self.tolerances, _category(self.about.log, self.about.parameters["category"], self.exempt, self.early))
        return found.filter(found.result == record["result"]).select("case").distinct()


def three_way_match(
    log: EventLog,
    *,
    policy: str | Policy = "purchase-to-pay",
    quantity: str | None = None,
    price: str | None = None,
    line_amount: str | None = None,
    category: str | None = None,
    unmatched: tuple[str, ...] = ("2-way*", "*consignment*"),
    before_receipt: tuple[str, ...] = ("*invoice before*",),
    reversal: tuple[str, ...] = ("cancel goods receipt*", "return goods*", "cancel invoice receipt*", "reverse *"),
    price_above: str = "0",
    price_below: str = "any",
    quantity_above: str = "0",
    order_above: str = "0",
    most: int = 1000,
) -> ThreeWayMatch:
    """Which invoices match their order and receipts, in price and quantity, and which cannot be tested.

    Each case is an item of an order; quantity, price and line amount are attributes of rows.

    Args:
        log: the event log.
        policy: a policy file, or one of purchase-to-pay, expenses and record-to-report: which activities are order, receipt and entry.
        quantity: the attribute with the quantity of a row; default: the card's quantity.
        price: the attribute with the price of one; default: the card's price.
        line_amount: the attribute with the amount of a row; default: the card's line_amount.
        category: the attribute with the category of the item; default: the card's item_category.
        unmatched: categories whose invoices are not matched (* is any text).
        before_receipt: categories whose invoices may come before the receipt.
        reversal: activities that take receipts or invoices back.
        price_above: how much more than ordered may be invoiced, such as 50.00, 2%, "2% and 50.00" (both hold), "2% or 50.00", or any.
        price_below: how much less.
        quantity_above: how much more than received may be invoiced.
        order_above: how much more than ordered may be invoiced in all.
        most: how many invoices are listed; the counts are always of all.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    tolerances = Tolerances(
        *(
            tolerance(name, said)
            for name, said in (
                ("price_above", price_above),
                ("price_below", price_below),
                ("quantity_above", quantity_above),
                ("order_above", order_above),
            )
        )
    )
    held = policy_of(policy)
    ground = grounds(log, held)
    compared = Compared(_of_rows(log, quantity, "quantity"), _of_rows(log, price, "price"), _of_rows(log, line_amount, "line_amount"))
    named = named_attribute(log, category, "item_category")
    exempt, early = _categories(log, named, unmatched), _categories(log, named, before_receipt)
    names = log.activity_names()
    taken_back = activities_like(names, reversal)
    activities = {
        kind: tuple(each for step in steps if step in held.steps for each in ground.bound.activities[step]) for kind, steps in _STEPS.items()
    }
    activities["receipt"] += tuple(each for each in taken_back if "invoice" not in each.casefold() and each not in activities["receipt"])
    activities["invoice"] += tuple(each for each in taken_back if "invoice" in each.casefold() and each not in activities["invoice"])
    asked: dict[str, object] = {
        "policy": held.file,
        "quantity": quantity,
        "price": price,
        "line_amount": line_amount,
        "category": named,
        "unmatched": ", ".join(unmatched),
    }
    asked |= {"before_receipt": ", ".join(before_receipt), "reversal": ", ".join(reversal), "price_above": price_above, "price_below": price_below}
    asked |= {"quantity_above": quantity_above, "order_above": order_above, "most": most}
    with (
        held_relation(log, "lines", _told(ground, activities, taken_back, compared)) as told,
        held_relation(log, "invoices", matched(told.rows, activities, tolerances, _category(log, named, exempt, early))) as found,
    ):
        cases = traces(log).select("case", "currency")
        answers = (_counted(found.rows, cases), _listed(log, found.rows, most), _whole(found.rows, cases))
        rows, findings, whole = map(log.fetch, answers)
    about_it = about(log, "three-way-match", asked)
    return ThreeWayMatch(about_it, rows, ground, activities, taken_back, compared, tolerances, exempt, early, findings, whole, (told, found))


def _told(ground: Grounds, activities: Mapping[Kind, tuple[str, ...]], reversals: tuple[str, ...], compared: Compared) -> ir.Table:
    names = ground.log.activity_names()
    codes: dict[Kind, list[int]] = {kind: [names.index(each) for each in these] for kind, these in activities.items()}
    return lines(ground, codes, [names.index(each) for each in reversals], compared)


def _of_rows(log: EventLog, given: str | None, usual: str) -> str | None:
    """The attribute, where it can differ within a case: what is one for the whole case says nothing of order and invoice."""
    named = named_attribute(log, given, usual)
    return None if named is None or log.attribute(named).level == "case" else named


def _categories(log: EventLog, named: str | None, patterns: tuple[str, ...]) -> tuple[str, ...]:
    if named is None:
        return ()
    values = recorded_case_values(log, named).select("value").distinct().order_by("value")
    return activities_like([str(value) for value in log.fetch(values).column("value")], patterns)


def _category(log: EventLog, named: object, exempt: tuple[str, ...], early: tuple[str, ...]) -> ir.Table | None:
    if named is None or not (exempt or early):
        return None
    values = recorded_case_values(log, str(named))
    return values.select("case", exempt=values.value.isin(list(exempt or ("",))), early=values.value.isin(list(early or ("",))))


def _counted(found: ir.Table, cases: ir.Table) -> ir.Table:
    these = found.join(cases, "case")
    told = these.group_by(["result", "currency"]).aggregate(invoices=these.count(), cases=these.case.nunique(), match_exposed=these.exposed.sum())
    return told.order_by("result", "currency")


def _listed(log: EventLog, found: ir.Table, most: int) -> ir.Table:
    breaches = [place for place, (_, verdict, _) in enumerate(RESULTS) if verdict in ("violation", "missing control")]
    order = [ibis.desc("exposed", nulls_first=False), "code", "position"]
    first = found.filter(found.result.isin(breaches)).rename(code="case").order_by(order).limit(most)
    cases = case_table(log).select("currency", code="case", case_label="label")
    named = first.join(cases, "code").join(activity_labels(log).rename(activity_label="label"), "activity").order_by(order)
    columns = [name for name in found.columns if name not in ("case", "position", "activity")]
    return named.select(*columns, "currency", activity="activity_label", case="case_label")


def _whole(found: ir.Table, cases: ir.Table) -> ir.Table:
    without = cases.anti_join(found, "case")
    return cases.aggregate(cases=cases.count()).cross_join(without.aggregate(without=without.count()))


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():,f}"
