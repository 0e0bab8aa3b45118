"""Money of time: what it costs that work takes time: discounts lost, interest for late payment, capital, and labour.

Discounts, due dates and amounts come from the log, rates from the card; what neither says is not computed. Sums are never taken
across currencies, but for the reporting currency of the card at its dated rates. What held the documents when their discount date
or due date passed is looked up on the completion clock, and each loss is charged to one step, or split among steps by time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.arrays import Lent
from finmine.engine import Rows
from finmine.finance.meanings import MEANINGS
from finmine.finance.money import rounded
from finmine.finance.terms import annualised_rate, effective_rate
from finmine.log import EventLog
from finmine.payment_lines import RATES, measured, parted, payment_rates, place_of_line
from finmine.relations.groups import grouped
from finmine.relations.held_causes import HeldCauses, held, losses_by_cause
from finmine.relations.labour import PaidWork, knows_labour, labour, labour_by_activity, paid_work
from finmine.relations.milestones import milestones
from finmine.relations.money_lines import CAPITAL, DISCOUNTS, EARLY
from finmine.relations.money_of_time import blamed_steps, losses, money_lines, summed
from finmine.relations.paid_time import labour_gap
from finmine.relations.payments import LATE, LOST, ON_TIME, OVERDUE, TAKEN, Payments, discount_terms, held_payments
from finmine.relations.reporting import in_reporting_currency
from finmine.relations.tables import activity_labels
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Definition, Headline, View
from finmine.words import HOUR, agreeing, count, money, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

CASE_START, OPEN_END = "(start of the case)", "(nothing followed)"
_LINES = ("part", "measure", "currency", "cases", "value", "days_mean", "money")
_BLAME = ("part", "currency", "source_activity", "target_activity", "held_cases", "begun_cases", "blamed", "blamed_share", "split")
_CAUSES = ("part", "currency", "held_by", "held_cases", "blamed", "blamed_share")
_LABOUR = ("activity", "currency", "units", "paid_hours", "labour_cost", "cost_per_unit")
_TERMS = ("discount_rate", "days_earlier", "currency", "cases", "lost_cases", "annualised", "effective")
_MOST_STEPS = 25
_MOST_GROUPS = 3


@dataclass(frozen=True, slots=True, repr=False)
class MoneyOfTime(Result):
    """What the cases are in, and what it costs, by part, measure and currency (in each group)."""

    by: str | None
    paid: Payments
    work: PaidWork
    reported: Rows | None
    blamed: Rows
    causes: HeldCauses | None
    caused: Rows | None
    worked: Rows | None
    terms: Rows
    early: int

    def answers(self) -> Mapping[str, Rows]:
        """The lines, the lines in the reporting currency, the blame, the labour by activity, and the terms of discounts."""
        found = {
            "money by part and measure": self.rows,
            "in the reporting currency": self.reported,
            "what held the documents": self.blamed,
            "what they waited for just then": self.caused,
            "labour by activity": self.worked,
            "terms of discounts": self.terms,
        }
        return {name: rows for name, rows in found.items() if rows is not None}

    def prepared(self) -> tuple[str, ...]:
        """The intervals of the calendars, and the payments."""
        return (*self.work.calendars.script(), *self.paid.script())

    def kernels(self) -> tuple[Lent, ...]:
        """Where shares of work, enabled times, batches and what held the documents come from."""
        return (*self.work.calendars.lent, *self.work.shares, *(self.causes.lent if self.causes else ()))

    def looked_up(self) -> tuple[str, ...]:
        """What the units cost in labour."""
        return self.work.script()

    def records(self) -> tuple[Record, ...]:
        """The lines in the order of their parts and measures; discounts and lateness first, what is not counted last."""
        return tuple(sorted(map(measured, self.rows.records()), key=place_of_line))

    def view(self) -> View:
        """Headlines, the lines, the rates, what held the documents, labour by activity, terms, and what limits the answer."""
        records = self.records()
        blocks: list[Block] = [*opening(self.about), *self._headlines(records), table("Money of time", records, _LINES, self.by)]
        if self.reported is not None:
            blocks.append(table("In the reporting currency", sorted(map(measured, self.reported.records()), key=place_of_line), _LINES, self.by))
        if rates := payment_rates(records):
            blocks.append(table("Discounts captured and payments on time", rates, RATES, self.by))
        blocks += self._blame()
        if self.worked is not None:
            blocks.append(table("Labour by activity", [_labour(record) for record in self.worked.records() if record["currency"]], _LABOUR))
        if terms := self._terms():
            blocks.append(table("What the discounts are worth a year", terms, _TERMS))
        return View(
            "Money of time", (*blocks, *self._caveats(records), *self._definitions({record["part"] for record in records})), self.about.log.zone
        )

    def _headlines(self, records: Sequence[Record]) -> Iterator[Headline]:
        places = list(parted(records, "group", "currency").items())
        if self.by:
            places = sorted(places, key=lambda place: -_lost(place[1]))[:_MOST_GROUPS]
        for (group, currency), lines in places:
            place = f"{self.by} = {group}: " if self.by else ""
            classes = {line["measure"]: line for line in lines if line["part"] == DISCOUNTS}
            lost, taken = (sum(classes[name]["money"] for name in names if name in classes) for names in (LOST, (TAKEN,)))
            if lost:
                where = ", ".join(f"{money(classes[name]['money'])} {name.removeprefix('lost ')}" for name in LOST if name in classes)
                said = f"{place}{money(lost, currency or '')} of {money(lost + taken, currency or '')} of discounts were lost"
                yield Headline(f"{said}: {where}.", float(lost / (lost + taken)))
            late = [line for line in lines if line["measure"] in (LATE, OVERDUE)]
            if due := sum(line["cases"] for line in lines if line["measure"] in (ON_TIME, LATE, OVERDUE)):
                cases, cost = sum(line["cases"] for line in late), sum(line["money"] or 0 for line in late)
                were, was, late_or = agreeing(due, "was", "were"), agreeing(cases, "was", "were"), agreeing(cases, "is", "are")
                owed = f", which costs {money(cost, currency or '')} of interest and fees" if cost else ""
                yield Headline(
                    f"{place}{count(cases)} of {plural(due, 'case')} in {currency or 'one currency'} that {were} due {was} paid late or {late_or} overdue{owed}.",
                    cases / due,
                )
        yield from self._held()

    def _held(self) -> Iterator[Headline]:
        """The step on which most of each kind of loss happened."""
        for (part, currency), lines in parted(self._blamed(), "part", "currency").items():
            whole = sum(line["blamed"] for line in lines)
            if whole and self.by is None:
                worst = max(lines, key=lambda line: line["blamed"])
                lost = "lost discounts" if part == DISCOUNTS else "cost of late payment"
                where = f"{worst['source_activity']} → {worst['target_activity']}"
                yield Headline(f"{share(worst['blamed'] / whole)} of the {lost} in {currency or 'one currency'} fell due on the step {where}.")

    def _blamed(self) -> list[dict[str, Any]]:
        names = self.about.log.activity_names()
        return [
            {
                **record,
                "source_activity": CASE_START if record["source"] is None else names[record["source"]],
                "target_activity": OPEN_END if record["target"] is None else names[record["target"]],
                "split": rounded(record["split"], record["currency"]),
            }
            for record in self._shares(self.blamed)
        ]

    @staticmethod
    def _shares(losses: Rows) -> list[dict[str, Any]]:
        """Losses with their share of all of their kind and currency (in their group)."""
        shared = []
        for lines in parted(losses.records(), "group", "part", "currency").values():
            whole = sum(line["blamed"] for line in lines)
            shared += [{**line, "blamed_share": float(line["blamed"] / whole) if whole else None} for line in lines]
        return shared

    def _blame(self) -> Iterator[Block]:
        records = [record for record in self._blamed() if record["held_cases"] or record["split"]]
        if records:
            names = [name for name in _BLAME if name != "begun_cases" or self.about.log.facts.has_start]
            shown = table("What held the documents when their discount date or due date passed", records[:_MOST_STEPS], names, self.by)
            yield replace(shown, total=len(records)) if len(records) > _MOST_STEPS else shown
        if self.caused is not None and len(self.caused):
            yield table("What they waited for just then", self._shares(self.caused), _CAUSES, self.by)

    def _terms(self) -> list[dict[str, Any]]:
        year = self.about.log.card.money.capital.year if self.about.log.card.money.capital else 365
        return [
            {
                **record,
                "discount_rate": float(record["rate"]) / 1000,
                "annualised": float(annualised_rate(Decimal(int(record["rate"])) / 1000, record["days_earlier"], 0, year)),
                "effective": float(effective_rate(Decimal(int(record["rate"])) / 1000, record["days_earlier"], 0)),
            }
            for record in self.terms.records()
        ]

    def _caveats(self, records: Sequence[Record]) -> Iterator[Caveat]:
        log = self.about.log
        yield from map(Caveat, self.paid.milestones.notes())
        if not self.paid.known:
            yield Caveat(
                'Nobody can say when a case is paid, so nothing is said of discounts, lateness and capital. Declare it on the card: [milestones] paid = ["Pay invoice"].'
            )
        else:
            yield from self._missing_terms(records)
        if self.worked is None:
            yield Caveat(f"What the work itself costs is not known: {labour_gap(log)}.")
        else:
            yield from _unpaid(self.worked.records(), bool(self.work.calendars.calendars), log.facts.has_start, log.facts.unit)
        if log.facts.money_gap is not None or (self.reported is None and len(log.facts.currencies) > 1):
            yield Caveat(log.money_gap)

    def _missing_terms(self, records: Sequence[Record]) -> Iterator[Caveat]:
        log, terms = self.about.log, self.about.log.card.money
        absent = [name for name in ("due_date", "discount_date", "discount") if name not in log.attributes]
        if absent:
            yield Caveat(f"The log has no attribute {', '.join(absent)}: name the columns on the card under [attributes].")
        if not self.paid.milestones.knows("received"):
            yield Caveat("No activity is known for receipt, so that a case counts as received when it starts.")
        if not self.paid.milestones.knows("approved"):
            yield Caveat("No activity is known for approval, so that no discount counts as lost after it.")
        if terms.late_interest is None and any(record["measure"] in (LATE, OVERDUE) for record in records):
            yield Caveat('What lateness costs is not known: declare it on the card: [late_interest] rate = "0.09".')
        if terms.late_interest is not None and terms.late_interest.fee and not log.facts.currencies:
            yield Caveat("The fee of late payment is in no cost, because the log names no currency.")
        if terms.capital is None:
            yield Caveat('What capital costs is not known: declare it on the card: [capital] rate = "0.08".')
        unrated = sum(record["unpriced"] for record in records if record["measure"] in (LATE, OVERDUE)) if terms.late_interest else 0
        if unrated:
            yield Caveat(
                f"{plural(unrated, 'late case has', 'late cases have')} days without a rate of interest and {'is' if unrated == 1 else 'are'} in no cost."
            )

    def _definitions(self, parts: set[str]) -> Iterator[Definition]:
        """What the numbers mean that there are."""
        yield from (Definition(term, meaning) for term, of, meaning in MEANINGS if parts.intersection(of))
        if CAPITAL in parts:
            side = self.about.log.card.money.capital.side if self.about.log.card.money.capital else "payables"
            sign = "a benefit, and below nought" if side == "payables" else "a cost"
            yield Definition(
                "Capital",
                f"amount times days from the document date (or receipt) to payment, or to the extraction where it is still open, times the rate a year; of {side} it is {sign}",
            )
        if EARLY in parts:
            useful = "the discount date where the discount was taken, else the due date"
            yield Definition("Paid early", f"paid more than {plural(self.early, 'day')} before the last useful day: {useful}")

    def behind(self, record: Record) -> ir.Table:
        """The cases of one line: of one part, measure and currency (in one group)."""
        these = grouped(self.about.log, money_lines(self.about.log, self.paid, self.work, self.early), self.by)
        kept = these.filter(these.part == record["part"], these.measure == record["measure"], these.currency.identical_to(_text(record["currency"])))
        return (kept if self.by is None else kept.filter(kept.group == record["group"])).select("case").distinct()


def money_of_time(log: EventLog, *, by: str | None = None, early: int = 5) -> MoneyOfTime:
    """What it costs that work takes time: lost discounts, late interest, capital and labour, and what held the documents.

    Args:
        log: the event log.
        by: an attribute after which the cases are split, such as the company or the vendor.
        early: a payment more than so many days before the last useful day is early.
    """
    paid, work = held_payments(log, milestones(log)), paid_work(log)
    hours = work.calendars
    groups = ["group"] if by else []
    lines = grouped(log, money_lines(log, paid, work, early), by)
    reporting = log.card.amount is not None and log.card.amount.reporting is not None and len(log.facts.currencies) > 1
    reported = log.fetch(summed(in_reporting_currency(log, lines).filter(lambda one: one.rated), groups)) if reporting else None
    blamed = log.fetch(blamed_steps(log, paid, hours, by))
    lost = losses(log, paid)
    causes = held(log, lost, hours) if log.facts.has_start and len(blamed) else None
    caused = log.fetch(losses_by_cause(log, lost, hours, causes, by)) if causes else None
    worked = log.fetch(labour_by_activity(labour(log, work), activity_labels(log))) if knows_labour(log) else None
    asked = about(log, "money-of-time", {"by": by, "early": early})
    rows = log.fetch(summed(lines, groups))
    return MoneyOfTime(asked, rows, by, paid, work, reported, blamed, causes, caused, worked, log.fetch(discount_terms(paid.relation())), early)


def _lost(lines: Sequence[Record]) -> Decimal:
    """What the lines of a group cost by lost discounts and lateness; for order only."""
    return sum((line["money"] or Decimal(0) for line in lines if line["measure"] in (*LOST, LATE, OVERDUE)), Decimal(0))


def _labour(record: Record) -> dict[str, Any]:
    cost = None if record["cost"] is None else rounded(record["cost"], record["currency"])
    hours = None if record["spent"] is None else float(record["spent"]) / HOUR
    return {
        **record,
        "paid_hours": hours,
        "labour_cost": cost,
        "cost_per_unit": None if cost is None else rounded(record["cost"] / record["priced"], record["currency"]),
    }


def _unpaid(records: Sequence[Record], on_calendars: bool, has_start: bool, unit: str) -> Iterator[Caveat]:
    """Units that are in no cost of labour, and why."""
    without = sum(record["unknown"] for record in records)
    unrated = sum(record["units"] for record in records if record["currency"] is None)
    they, their = ("it", "its") if without == 1 else ("they", "their")
    why = f"how long {they} took, or {their} calendar, is not known" if on_calendars else f"how long {they} took is not known"
    if without:
        yield Caveat(f"{plural(without, unit)} {agreeing(without, 'costs', 'cost')} nothing here because {why}.")
    if unrated:
        yield Caveat(
            f"{plural(unrated, unit)} {agreeing(unrated, 'costs', 'cost')} nothing here because no labour rate applies to who did {agreeing(unrated, 'it', 'them')}."
        )
    if not on_calendars and has_start:
        yield Caveat("No calendar is declared: the time from start to completion is paid in full, also where it holds nights and weekends.")


def _text(text: str | None) -> ir.Scalar:
    import ibis

    return ibis.literal(text, "string")
