"""Summary: what is in the log, where it comes from, what was assumed, and whether it agrees with the ledger.

Numbers of the log follow its filters. Control totals are of the log as read, because the ledger knows no filters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from finmine import reconciliation
from finmine.engine import Rows
from finmine.log import EventLog
from finmine.reconciliation import Line, name, spoken
from finmine.relations.groups import cases_of, grouped
from finmine.relations.totals import group_sizes, money_by_currency, money_by_month, readings, reported_money, sizes, statuses
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Cell, Definition, Facts, Headline, Kind, Prose, View
from finmine.words import instant, plural

if TYPE_CHECKING:
    import ibis.expr.types as ir

_PAIRING = {
    "instances": "Instances",
    "without_start": "Completions without start",
    "without_end": "Starts without completion (no units)",
    "aborted": "Aborted instances",
    "withdrawn": "Withdrawn instances",
    "suspended": "Instances that were suspended",
    "loose": "Instances with suspensions that do not pair (not taken off)",
    "other_transitions": "Rows of other transitions (not paired)",
}
_NUMBERS = ("number", "ledger_number", "difference_number")
_AMOUNTS = ("value", "ledger", "difference")
_MOST_SPOKEN = 5
_RESOLUTIONS = {
    "microsecond": "fractions of a second",
    "second": "the second",
    "minute": "the minute",
    "day": "the day (hours, and the order within a day, say nothing)",
}


@dataclass(frozen=True, slots=True, repr=False)
class Summary(Result):
    """The cases (of each group) by status and outcome, with the sizes, readings, money and control totals of the log."""

    by: str | None
    groups: Rows | None
    size: Rows
    either: Rows
    currencies: Rows
    reported: Rows | None
    read: Rows
    months: Rows

    def answers(self) -> Mapping[str, Rows]:
        """The statuses, sizes, readings, money by currency, money as read, and control totals by month."""
        return {
            "cases by status and outcome": self.rows,
            **({} if self.groups is None else {"groups": self.groups}),
            "sizes": self.size,
            "either way to read the rows": self.either,
            "money by currency": self.currencies,
            **({} if self.reported is None else {"money in the reporting currency": self.reported}),
            "money by currency, as read": self.read,
            "control totals by month, as read": self.months,
        }

    def view(self) -> View:
        """The log in facts, its cases, money, control totals, sources, and what was assumed."""
        log = self.about.log
        blocks: list[Block] = [
            *opening(self.about),
            *self._claims(),
            self._log(),
            *self._cases(),
            *self._groups(),
            *self._readings(),
            *self._money(),
            *self._control(),
            *self._origin(),
        ]
        return View("Summary", tuple(blocks), log.zone)

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The cases of one status and outcome (in one group)."""
        these = grouped(self.about.log, traces(self.about.log), self.by)
        kept = these.filter(these.status == record["status"], these.outcome.identical_to(record["outcome"]))
        return cases_of(kept, record, self.by)

    def _claims(self) -> Iterable[Block]:
        lines, months = self._numbers() + self._amounts(), [line for line in self._by_month() if line["ledger"] is not None]
        if not lines:
            return
        differing = [line for line in lines if line["difference"] != 0] or [line for line in months if line["difference"] != 0]
        if differing:
            more = f"; and in {plural(len(differing) - _MOST_SPOKEN, 'more total')}" if len(differing) > _MOST_SPOKEN else ""
            yield Headline(f"The log differs from the ledger: {'; '.join(map(spoken, differing[:_MOST_SPOKEN]))}{more}.", 1.0)
        else:
            by_month = ", and by month" if months else ""
            yield Prose(f"The log agrees with the ledger: {', '.join(map(name, lines))}{by_month}.")

    def _resources(self, size: Mapping[str, Any]) -> list[tuple[str, Cell, Kind]]:
        return [("Resources", size["resources"], "count")] if self.about.log.facts.has_resource else []

    def _log(self) -> Facts:
        log, size = self.about.log, self.size.records()[0]
        facts = log.facts
        order = "their starts, then " if facts.has_start else ""
        order += f"the declared rank ({log.card.role('rank')}), then " if "rank" in log.card.roles else ""
        ties = (
            f"{plural(size['ties'], 'unit')} completed at the same time as the next unit of the case, ordered by {order}file and row"
            if size["ties"]
            else "none"
        )
        said: list[tuple[str, Cell, Kind]] = [
            ("Cases", self.about.population.cases, "count"),
            (f"{facts.unit.capitalize()}s", size["units"] or 0, "count"),
            ("Variants", size["variants"], "count"),
            ("Activities", size["activities"], "count"),
            *self._resources(size),
            ("First stamp", size["first"], "instant"),
            ("Last stamp", size["last"], "instant"),
            ("Time zone", log.provenance.zone or "unknown; stamps are shown as in the file, or in UTC where they carry an offset", "text"),
            ("Stamps are exact to", _RESOLUTIONS[facts.resolution], "text"),
            ("Ties", ties, "text"),
            ("Extracted", f"{instant(facts.extracted, log.zone)} ({'declared' if facts.extracted_declared else 'assumed: the last stamp'})", "text"),
            ("People are shown", {"names": "by name", "pseudonyms": "under pseudonyms", "roles": "as their roles"}[facts.people], "text"),
        ]
        return Facts("The log", tuple(said))

    def _readings(self) -> Iterable[Block]:
        if len(self.either) > 1:
            yield table("Either way to read the rows", self.either, ("reading", "units", "cases", "variants"))
        if self.about.log.facts.pairing is not None:
            yield Facts(
                "Pairing of start and complete", tuple((_PAIRING[name], number, "count") for name, number in self.about.log.facts.pairing.items())
            )

    def _groups(self) -> Iterable[Block]:
        money = self.about.log.money
        if self.groups is not None:
            names = ("cases", "cases_share", "units", "variants", "median", *(("value",) if money else ()))
            yield table(f"Cases by {self.by}, with their median throughput time", self.groups, names, self.by, money.currency if money else "")

    def _cases(self) -> Iterable[Block]:
        log = self.about.log
        names = ("status", "outcome", "cases", "cases_share", *(("value",) if log.money else ()))
        yield table("Cases by status and outcome", self.rows, names, self.by, log.money.currency if log.money else "")
        if not log.card.outcomes:
            yield Caveat(
                "No end activities are declared, so nobody can say which cases are finished. "
                'Declare them on the card: [outcomes] paid = ["Pay invoice"].'
            )
        elif not log.facts.extracted_declared:
            yield Caveat(
                "The time of extraction is not declared: running is what had not come to a declared end activity at the last stamp of the log."
            )

    def _money(self) -> Iterable[Block]:
        log = self.about.log
        if log.facts.money_gap is not None:
            yield Caveat(log.money_gap)
            return
        sums = self.currencies.records()
        known = [record for record in sums if record["has_amount"]]
        if self.reported is not None and log.money is not None:
            known += [{**record, "currency": f"in all, in {log.money.currency}"} for record in self.reported.records() if record["has_amount"]]
            known.sort(key=lambda record: str(record.get("group", "")))
        yield table("Money", known, ("currency", "cases", "value", "credit_cases", "credit_value"), self.by)
        missing = sum(record["cases"] for record in sums if not record["has_amount"])
        if missing:
            yield Caveat(f"{plural(missing, 'case has no amount and is', 'cases have no amount and are')} in no sum of money.")
        unrated = sum(record["cases"] for record in self.reported.records() if not record["has_amount"]) if self.reported is not None else 0
        if unrated:
            without = plural(unrated, "case has an amount but no rate and is", "cases have an amount but no rate and are")
            yield Caveat(f"{without} in no sum in the reporting currency.")
        if any(record["currency"] is None for record in known):
            yield Caveat('The currency is not named: say it with --currency COLUMN or on the card: [amount] level = "case", currency = "EUR".')
        elif log.money is None:
            yield Caveat(log.money_gap)

    def _control(self) -> Iterable[Block]:
        log = self.about.log
        cases, money = self._by_month("cases"), self._by_month("amounts")
        if shown := self._numbers():
            yield table("Numbers as read, against the ledger", shown, ("measure", *_NUMBERS, "unexplained_number"))
        if cases:
            yield table("Cases by month of the start, against the ledger", cases, ("months", *_NUMBERS))
        if amounts := self._amounts():
            yield table("Amounts as read, against the ledger", amounts, ("currency", *_AMOUNTS, "unexplained"))
            if log.facts.money_gap is not None:
                yield Caveat("The amounts of the log cannot be compared with the ledger while the money of its cases is not declared.")
        if money:
            yield table("Amounts by month of the start, against the ledger", money, ("months", "currency", *_AMOUNTS))
        if not shown and not amounts:
            yield Caveat(
                "No control totals of the ledger are given, so nobody can say whether the log is complete. "
                "Declare them on the card: [ledger] rows, cases, amount, months."
            )

    def _numbers(self) -> list[Line]:
        """The numbers of rows and cases for which the ledger has one, with the difference and what no month explains of it."""
        log = self.about.log
        rows = sum(source.rows for source in log.provenance.sources if not source.format.startswith("case table"))
        return reconciliation.numbers(log.card.ledger, rows, log.facts.cases, self.months.records())

    def _amounts(self) -> list[Line]:
        """The amounts for which the ledger has one, with the difference and what no month explains of it."""
        return reconciliation.amounts(self.about.log.card.ledger, self._sums(), self.months.records())

    def _by_month(self, of: Literal["cases", "amounts", "both"] = "both") -> list[Line]:
        ledger, months = self.about.log.card.ledger, self.months.records()
        if ledger is None:
            return []
        cases = reconciliation.cases_by_month(ledger, months) if of != "amounts" else []
        return cases + (reconciliation.amounts_by_month(ledger, self._sums(), months) if of != "cases" else [])

    def _sums(self) -> dict[str | None, Decimal] | None:
        """The amounts of the log as read by currency; nothing where it has no money of cases."""
        if self.about.log.facts.money_gap is not None:
            return None
        return {record["currency"]: record["value"] for record in self.read.records() if record["has_amount"]}

    def _origin(self) -> Iterable[Block]:
        log = self.about.log
        sources = [
            {"file": one.name, "format": one.format, "rows": one.rows, "faulty_rows": one.faulty, "sha256": one.sha256}
            for one in log.provenance.sources
        ]
        yield table("Sources", sources, ("file", "format", "rows", "faulty_rows", "sha256"))
        if log.facts.left_out:
            yield Caveat(
                f"{plural(log.facts.left_out, 'row of the sources was', 'rows of the sources were')} left out at reading; `finmine check` lists them."
            )
        facts = [{"fact": name, "stated": value, "origin": origin} for name, value, origin in log.card.echo()]
        yield table("Facts in use, and who gave them", facts, ("fact", "stated", "origin"))
        if log.provenance.assumptions:
            yield table("Assumed or found at reading", [{"note": note} for note in log.provenance.assumptions], ("note",))
        names = ("months", "currency", "cases", "value") if log.facts.currencies else ("months", "cases")
        yield table("Control totals by month of the start, as read", self.months, names)
        yield Definition("Variant", "the sequence of activities of a case, in the order of completion, start, declared rank, file and row")


def summary(log: EventLog, *, by: str | None = None) -> Summary:
    """What is in the log: cases, events, variants, period, money, sources and control totals.

    Args:
        log: the event log.
        by: an attribute after which the cases, their status and their money are split; shares of a status are then of each group.
    """
    whole = log.as_read()
    asked = about(log, "summary", {"by": by})
    groups = log.fetch(group_sizes(log, by)) if by else None
    size, either, currencies = log.fetch(sizes(log)), log.fetch(readings(log)), log.fetch(money_by_currency(log, by))
    reporting = log.card.amount is not None and log.card.amount.reporting is not None and log.facts.money_gap is None
    reported = log.fetch(reported_money(log, by)) if reporting else None
    read = log.fetch(money_by_currency(whole)) if log.filters or by else currencies
    return Summary(asked, log.fetch(statuses(log, by)), by, groups, size, either, currencies, reported, read, log.fetch(money_by_month(whole)))
