"""Filters by the amount of money of a case or an event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from finmine.errors import Refusal, UnknownWord
from finmine.filters import spelling
from finmine.filters.comparison import Comparison, Exact, Operator, compare, decimal
from finmine.filters.condition import Condition, Keeps
from finmine.log import EventLog, MissingFact
from finmine.relations.attributes import unit_values
from finmine.relations.numbers import number_of
from finmine.relations.tables import case_table

if TYPE_CHECKING:
    import ibis.expr.types as ir


class NoOneCurrency(Refusal):
    """Amounts in several currencies are compared with one number."""

    def __init__(self, currencies: tuple[str, ...]) -> None:
        known = ", ".join(currencies)
        super().__init__(f"amounts are in {known}, and a number means something else in each; name the currency: amount >= 1000 {currencies[0]}.")


class NoCaseAmount(Refusal):
    """Cases have no amount."""

    def __init__(self, gap: str) -> None:
        super().__init__(gap)


@dataclass(frozen=True, slots=True)
class AmountIs(Condition):
    """The amount compares as given, or is recorded at all.

    The amount of a case is that of the card's rule, in its own currency; the reporting currency means the amount
    converted into it. The amount of an event is that of its row.
    """

    comparison: Comparison | None
    currency: str | None = None
    keeps: Keeps = field(default="cases", kw_only=True)

    def words(self) -> str:
        return f"amount is recorded{self._in()}" if self.comparison is None else f"amount {self.comparison.words(spelling.number)}{self._in()}"

    def negated_words(self) -> str:
        if self.comparison is None:
            return f"amount is missing{self._in()}"
        own = self.comparison.words(spelling.number, negated=True)
        return f"not {self.words()}" if own is None else f"amount {own}{self._in()}"

    def _in(self) -> str:
        return "" if self.currency is None else f" {spelling.currency(self.currency)}"

    def keys(self) -> tuple[str, ...]:
        return ("case",) if self.keeps == "cases" else ("case", "position")

    def check(self, log: EventLog) -> None:
        if "amount" not in log.card.roles:
            raise MissingFact("amount", log.card.roles)
        if self.keeps == "cases" and log.facts.money_gap is not None:
            raise NoCaseAmount(log.money_gap)
        reporting = (log.money.currency,) if log.money and self.keeps == "cases" else ()
        known = (*log.facts.currencies, *reporting)
        if self.currency is not None and known and self.currency not in known:
            raise UnknownWord("currency", self.currency, filter(None, known))
        if self.currency is None and self.comparison is not None and len(log.facts.currencies) > 1 and not reporting:
            raise NoOneCurrency(log.facts.currencies)

    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        amounts = self._of_cases(log) if self.keeps == "cases" else self._of_units(log, units)
        holds = amounts.amount.notnull() if self.comparison is None else self.comparison.holds(amounts.amount)
        return amounts.filter(holds).select(self.keys())

    def _of_cases(self, log: EventLog) -> ir.Table:
        cases = case_table(log)
        if log.money is not None and self.currency in (None, log.money.currency):
            return cases.select("case", amount=cases[log.money.column])
        own = cases if self.currency is None else cases.filter(cases.currency == self.currency)
        return own.select("case", "amount")

    def _of_units(self, log: EventLog, units: ir.Table) -> ir.Table:
        column = str(log.card.role("amount"))
        rows = unit_values(log, column, units)
        amounts = rows.select("case", "position", amount=number_of(log, column, rows.value))
        named = log.card.role("currency")
        if self.currency is None or named is None:
            return amounts
        currencies = unit_values(log, named, units)
        return amounts.semi_join(currencies.filter(currencies.value.strip() == self.currency), ["case", "position"])


def amount_is(comparison: Operator, bound: Exact, upper: Exact | None = None, *, currency: str | None = None, keeps: Keeps = "cases") -> Condition:
    """Cases (or events) whose amount compares with a number: ``amount_is(">=", "1000.00", currency="EUR")``."""
    return AmountIs(compare(comparison, decimal, bound, upper), currency, keeps=keeps)


def amount_recorded(*, keeps: Keeps = "cases") -> Condition:
    """Cases (or events) that have an amount."""
    return AmountIs(None, keeps=keeps)
