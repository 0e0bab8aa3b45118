"""Payment terms: which discounts were captured or lost, and which payments were on time, in cases and money.

Discounts, due dates and amounts come from the log; a day counts whole, in the log's zone. What lateness costs, and what held the
documents, tells the money of time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.finance.meanings import MEANINGS
from finmine.log import EventLog
from finmine.payment_lines import RATES, measured, payment_rates, place_of_line
from finmine.relations.groups import grouped
from finmine.relations.milestones import milestones
from finmine.relations.money_lines import DISCOUNTS, LATENESS, class_lines
from finmine.relations.money_of_time import summed
from finmine.relations.payments import LATE, LOST, ON_TIME, OVERDUE, TAKEN, Payments, held_payments
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Definition, Headline, View
from finmine.words import count, money, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

TERMS = ("due_date", "discount_date", "discount")
"""The attributes of a log that hold its payment terms."""
_LINES = ("part", "measure", "currency", "cases", "value", "money")
_MEANT = ("Classes of discounts", "Discounts captured, payments on time", "Received, approved, paid")


@dataclass(frozen=True, slots=True, repr=False)
class PaymentTerms(Result):
    """In which class the discount and the payment of each case is, by part, measure and currency (in each group)."""

    by: str | None
    paid: Payments

    def prepared(self) -> tuple[str, ...]:
        """The payments."""
        return self.paid.script()

    def records(self) -> tuple[Record, ...]:
        """The lines of discounts, then those of payments, in the order of their measures; what is not counted last."""
        return tuple(sorted(map(measured, self.rows.records()), key=place_of_line))

    def view(self) -> View:
        """Headlines, the rates, the lines, and what limits the answer."""
        records = self.records()
        blocks: list[Block] = [*opening(self.about)]
        if self.by is None:
            blocks += [*_lost(records), *_late(records)]
        if rates := payment_rates(records):
            blocks.append(table("Discounts captured and payments on time", rates, RATES, self.by))
        blocks += [table("Payments by their terms", records, _LINES, self.by), *self._caveats()]
        meant = (Definition(term, meaning) for term, _, meaning in MEANINGS if records and term in _MEANT)
        return View("Payment terms", (*blocks, *meant), self.about.log.zone)

    def _caveats(self) -> Iterator[Caveat]:
        log, known = self.about.log, self.paid.milestones
        if self.paid.known:
            yield from map(Caveat, known.notes())
        else:
            yield Caveat('Nobody can say when a case is paid. Declare it on the card: [milestones] paid = ["Pay invoice"].')
        if absent := [name for name in TERMS if name not in log.attributes]:
            yield Caveat(
                f"The log has no {' and no '.join(absent)}: name {'the column' if len(absent) == 1 else 'the columns'} on the card under [attributes]."
            )
        if len(self.rows):
            yield Caveat("What lateness costs, and on which steps discounts and due dates were lost, tells `money-of-time`.")

    def behind(self, record: Record) -> ir.Table:
        """The cases of one line: of one part, measure and currency (in one group)."""
        import ibis

        these = grouped(self.about.log, class_lines(self.paid.relation()), self.by)
        currency = ibis.literal(record["currency"], "string")
        kept = these.filter(these.part == record["part"], these.measure == record["measure"], these.currency.identical_to(currency))
        return (kept if self.by is None else kept.filter(kept.group == record["group"])).select("case").distinct()


def payment_terms(log: EventLog, *, by: str | None = None) -> PaymentTerms:
    """Which discounts were captured or lost, and which payments were on time, by currency.

    Args:
        log: the event log.
        by: an attribute after which the cases are split, such as the company or the vendor.
    """
    paid = held_payments(log, milestones(log))
    lines = grouped(log, class_lines(paid.relation() if paid.known else paid.relation().limit(0)), by)
    rows = log.fetch(summed(lines, ["group"] if by else []))
    return PaymentTerms(about(log, "payment-terms", {"by": by}), rows, by, paid)


def _lost(records: Sequence[Record]) -> Iterator[Headline]:
    """What of the decided discounts was lost, each currency by itself."""
    lost, decided = ([line for line in records if line["part"] == DISCOUNTS and line["measure"] in names] for names in (LOST, (TAKEN, *LOST)))
    if lost:
        told = " and ".join(f"{_sum(lost, currency).removesuffix(f' {currency}')} of {_sum(decided, currency)}" for currency in _currencies(lost))
        yield Headline(
            f"{told} of discounts were lost, in {count(_cases(lost))} of {plural(_cases(decided), 'case')}.", _cases(lost) / _cases(decided), "money"
        )


def _late(records: Sequence[Record]) -> Iterator[Headline]:
    """What of the payments that were due was late, each currency by itself."""
    late, due = (
        [line for line in records if line["part"] == LATENESS and line["measure"] in names] for names in ((LATE, OVERDUE), (ON_TIME, LATE, OVERDUE))
    )
    if late:
        part = _cases(late) / _cases(due)
        names = _currencies(late)
        worth = " and ".join(
            _sum(late, currency, "value") + (" in no known currency" if currency is None and len(names) > 1 else "") for currency in names
        )
        yield Headline(
            f"{count(_cases(late))} of {plural(_cases(due), 'payment')} that were due ({share(part)}) were late or are overdue: {worth}.",
            part,
            "money",
        )


def _cases(lines: Sequence[Record]) -> int:
    return sum(line["cases"] for line in lines)


def _currencies(lines: Sequence[Record]) -> list[str | None]:
    return sorted({line["currency"] for line in lines}, key=lambda currency: currency or "")


def _sum(lines: Sequence[Record], currency: str | None, what: str = "money") -> str:
    return money(sum((line[what] or Decimal(0) for line in lines if line["currency"] == currency), Decimal(0)), currency or "")
