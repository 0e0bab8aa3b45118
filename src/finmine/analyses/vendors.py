"""Vendors: who was paid once only, who with and without orders, again and again without, who shares something with an employee, and amounts far from the vendor's own.

Each case is a document. It has an order where the card's purchase_order says one, or, where no attribute does, where it has a step of ordering. Vendors are taken
for one where they are spelled alike without words of legal form. Nothing of it is wrong by itself: it says where to look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.auditing.bound_steps import bound_steps
from finmine.auditing.employees import NAME, SHARED, Employees, compared, in_common, load_employees, persons_of, spellings
from finmine.auditing.policy import Policy
from finmine.auditing.policy_file import policy_of
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.relations.attributes import named_attribute
from finmine.relations.documents import Fields
from finmine.relations.held_relation import HeldRelation, held_relation
from finmine.relations.traces import traces
from finmine.relations.vendors import by_vendor, outlying, vendor_documents
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Definition, Headline, Prose, Table, View
from finmine.words import plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

KINDS = ("one-time", "with and without orders", "recurring without order", "outlying amounts", "shares with an employee")
_COLUMNS = ("vendor_name", "vendor_kind", "vendor_documents", "with_order", "without_order", "outliers", "vendor_days")


@dataclass(frozen=True, slots=True, repr=False)
class Vendors(Result):
    """All vendors; beside them the documents with outlying amounts, and how many documents have no vendor."""

    fields: Fields
    orders: tuple[str, ...]
    recurring: int
    least: int
    limit: float
    most: int
    employees: tuple[Employees, ...]
    common: Mapping[str, str]
    outlying: Rows
    spelled: Rows
    whole: Rows
    told: tuple[HeldRelation, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The vendors, the documents with outlying amounts, what is compared with employees, and all documents."""
        return {"vendors": self.rows, "outlying amounts": self.outlying, "compared with employees": self.spelled, "all documents": self.whole}

    def looked_up(self) -> tuple[str, ...]:
        """The documents of vendors."""
        return tuple(statement for each in self.told for statement in each.script)

    @property
    def knows_orders(self) -> bool:
        """Whether anything says which documents have an order."""
        return self.fields.order is not None or bool(self.orders)

    def records(self) -> tuple[Record, ...]:
        """The vendors of whom something is said: first those who share something with an employee, then the most documents without order."""
        made = [{**row, **self._shown(row, kinds)} for row in self.rows.records() if (kinds := self._kinds(row))]
        return tuple(sorted(made, key=lambda row: (row["shared_with"] is None, -row["without_order"], -row["documents"], row["vendor_key"])))

    def _shown(self, row: Record, kinds: tuple[str, ...]) -> Record:
        days = sorted({str(row["first"]), str(row["last"])})
        said = {"vendor_name": row["vendor"], "vendor_kind": ", ".join(kinds), "shared_with": self.common.get(row["vendor_key"])}
        return {**said, "vendor_documents": row["documents"], "vendor_days": " to ".join(days)}

    def _kinds(self, row: Record) -> tuple[str, ...]:
        holds = (
            row["documents"] == 1,
            self.knows_orders and row["with_order"] > 0 and row["without_order"] > 0,
            self.knows_orders and row["sundry_days"] >= self.recurring,
            row["outliers"] > 0,
            row["vendor_key"] in self.common,
        )
        return tuple(kind for kind, held in zip(KINDS, holds, strict=True) if held)

    def summed(self) -> tuple[Record, ...]:
        """For each kind how many vendors it is said of, their documents of which it is, and the absolute amounts of these."""
        whole, without = ("documents", "value"), ("without_order", "value_without")
        parts = (whole, without, without, ("outliers", "value_far"), whole)
        told = []
        for kind, (number, value) in zip(KINDS, parts, strict=True):
            these = [row for row in self.rows.records() if kind in self._kinds(row)]
            known = [row[value] for row in these if row[value] is not None]
            told.append(
                {"vendor_kind": kind, "vendors": len(these), "said_of": sum(row[number] for row in these), "value": sum(known) if known else None}
            )
        return tuple(told)

    def listed(self) -> tuple[Record, ...]:
        """The documents with outlying amounts, the farthest first."""
        files = {source.number: source.name for source in self.about.log.provenance.sources}
        return tuple(
            {**row, "vendor_name": row["vendor"], "outlier_score": row["score"], "rows_of_source": f"{files[row['source']]} row {row['row']}"}
            for row in self.outlying.records()
        )

    def view(self) -> View:
        """Headlines, the vendors of whom something is said, how many there are of each kind, outlying amounts, and the definitions."""
        log, found = self.about.log, self.records()
        money = log.money.currency if log.money else ""
        value = ("value",) if log.money else ()
        blocks: list[Block] = [*opening(self.about), *self._headlines()]
        first = "those who share something with an employee, then " if self.common else ""
        columns = (*_COLUMNS, *(("shared_with",) if self.common else ()))
        shown = table(f"Vendors of whom something is said, {first}most documents without order first", found[: self.most], columns)
        blocks.append(Table(shown.title, shown.columns, shown.rows, len(found) if len(found) > self.most else None))
        blocks.append(table("How many there are of each kind", self.summed(), ("vendor_kind", "vendors", "said_of", *value), None, money))
        if len(self.outlying):
            names = ("case", "vendor_name", "amount", "currency", "median_amount", "outlier_score", "rows_of_source")
            far = table("Amounts far from the others of their vendor, the farthest first", self.listed(), names)
            every = sum(row["outliers"] for row in self.rows.records())
            blocks.append(Table(far.title, far.columns, far.rows, every if every > len(far.rows) else None))
        return View("Vendors", (*blocks, *self._limits(), *self._definitions()), log.zone)

    def _headlines(self) -> Iterator[Headline]:
        for row in self.summed():
            if row["vendors"]:
                part = row["vendors"] / len(self.rows)
                yield Headline(
                    f"{row['vendors']:,} of {plural(len(self.rows), 'vendor')} ({share(part)}): {row['vendor_kind']}, {plural(row['said_of'], 'document')}.",
                    part,
                )

    def _limits(self) -> Iterator[Block]:
        whole = self.whole.records()[0]
        if self.fields.vendor is None:
            yield Caveat('The card names no vendor: declare it under [attributes], as in vendor = "LIFNR".')
        elif whole["nobody"]:
            yield Caveat(f"{plural(whole['nobody'], 'document')} without a vendor {'is' if whole['nobody'] == 1 else 'are'} in no number.")
        if self.fields.order is not None:
            yield Prose(f"A document has an order where {self.fields.order} is recorded.")
        elif self.orders:
            yield Prose(f"A document has an order where it has one of: {', '.join(self.orders)}.")
        else:
            yield Caveat("Nothing says which documents have an order: the card names no purchase_order, and no activity is known to be one.")

        yield from self._compared()

    def _compared(self) -> Iterator[Block]:
        """With which employees vendors were compared, and by what."""
        log, columns = self.about.log, compared(self.about.log, self.employees)
        if not columns:
            yield Prose("Vendors were compared with no employees: give a CSV of them with --employees, with columns such as name and bank_account.")
            return
        people = [
            plural(each.number, "employee") + f" of {each.source}"
            if each.source
            else f"{plural(each.number, 'resource')} of the log with a name of two words or more"
            for each in self.employees
            if each.number
        ]
        yield Prose(f"Vendors were compared by {', '.join(SHARED[column] for column in columns)} with {' and '.join(people)}.")
        absent = [column for each in self.employees if each.source for column in each.known if column not in (*log.attributes, NAME)]
        if absent:
            yield Caveat(
                f"The employees have {', '.join(absent)}, and the log no such attribute of vendors: declare it on the card under [attributes]."
            )

    def _definitions(self) -> Iterator[Definition]:
        yield Definition("One-time", "a single document in the whole log")
        yield Definition("Recurring without order", f"documents without an order on {self.recurring} days or more")
        yield Definition(
            "Outlying",
            f"a modified z-score of the logarithm of the amount above {self.limit:g}, among {self.least} amounts or more of one vendor and currency; none where most are alike",
            "Iglewicz and Hoaglin 1993",
        )
        yield Definition(
            "Shares with an employee",
            "the letters and digits of an account, address or number are the same, or the words of a name, two at least, in any order and without words of legal form",
        )

    def behind(self, record: Record) -> ir.Table:
        """The documents of the vendor."""
        names = self.about.log.activity_names()
        these = vendor_documents(self.about.log, self.fields, [names.index(each) for each in self.orders])
        return these.filter(these.vendor_key == record["vendor_key"]).select("case")


def vendors(
    log: EventLog,
    *,
    policy: str | Policy = "purchase-to-pay",
    vendor: str | None = None,
    order: str | None = None,
    employees: Path | None = None,
    recurring: int = 3,
    least: int = 10,
    outlier: float = 3.5,
    most: int = 100,
) -> Vendors:
    """Which vendors have one document only, some with and some without orders, or again and again none; and which amounts lie far from the vendor's own.

    Which share something with an employee is told, too.

    Args:
        log: the event log.
        policy: a policy file, or one of purchase-to-pay, expenses and record-to-report: which activities order, where no attribute says it.
        vendor: the attribute with the vendor; default: the card's vendor.
        order: the attribute with the number of the order; default: the card's purchase_order.
        employees: a CSV of employees with columns of name, bank_account, address, tax_number, phone and email; vendors are compared by name and the attributes so named.
        recurring: on how many days a vendor has documents without an order to be recurring.
        least: how many amounts of one vendor it takes to call one outlying.
        outlier: the modified z-score above which an amount is outlying.
        most: how many vendors, and how many outlying amounts, are listed; the counts are always of all.
    """
    for name, value, lowest in (("recurring", recurring, 2), ("least", least, 3), ("most", most, 1)):
        if value < lowest:
            raise OutOfRange(name, value, f"a whole number from {lowest}")
    if not outlier > 0:
        raise OutOfRange("outlier", outlier, "a number above 0")
    day = named_attribute(log, None, "document_date")
    fields = Fields(None, named_attribute(log, vendor, "vendor"), day, named_attribute(log, order, "purchase_order"), None)
    held = policy_of(policy)
    orders = () if fields.order or "order" not in held.steps else bound_steps(log, held).activities["order"]
    people = (*((load_employees(employees),) if employees else ()), persons_of(log))
    asked: dict[str, Any] = {"policy": held.file, "vendor": vendor, "order": order, "employees": employees.name if employees else None}
    asked |= {"recurring": recurring, "least": least, "outlier": outlier, "most": most}
    names = log.activity_names()
    with held_relation(log, "documents", vendor_documents(log, fields, [names.index(each) for each in orders])) as these:
        every = traces(log)
        told = every.aggregate(cases=every.count()).cross_join(these.rows.aggregate(known=these.rows.count()))
        whole = told.select("cases", nobody=told.cases - told.known)
        columns = compared(log, people)
        spelled = spellings(log, these.rows, columns)
        answers = (by_vendor(these.rows, outlier, least), outlying(log, these.rows, outlier, least, most), spelled, whole)
        rows, far, said, counted = map(log.fetch, answers)
    common = in_common(said, columns, people)
    return Vendors(about(log, "vendors", asked), rows, fields, orders, recurring, least, outlier, most, people, common, far, said, counted, (these,))
