"""Bands of amounts: what an approver may sign depends on the amount, so what approvers did is told apart by it.

Bands are of absolute amounts. An amount that equals a limit is within it, so a band holds its upper bound: "above 1,000 up to 10,000".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import ibis

from finmine.errors import Refusal

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.policy import Policy
    from finmine.log import EventLog

NOT_KNOWN = "amount not known"
_MOST = Decimal(10) ** 20


class BadBands(Refusal):
    """The bounds of bands cannot be read."""

    def __init__(self, given: str) -> None:
        super().__init__(f"bands are {given!r}; they must be amounts above 0 in rising order, separated by commas, such as 1000,10000.")


@dataclass(frozen=True, slots=True)
class Bands:
    """The bounds between bands: the same for amounts of every currency, or those of the policy's limits, by their currency."""

    every: tuple[Decimal, ...] = ()
    by_currency: Mapping[str, tuple[Decimal, ...]] | None = None

    @property
    def asked(self) -> bool:
        """Whether there is more than one band."""
        return bool(self.every or self.by_currency)

    def of(self, currency: str | None) -> tuple[Decimal, ...]:
        """The bounds for amounts of a currency; where the log names none, those of the only one that the policy has."""
        if self.by_currency is None:
            return self.every
        only = next(iter(self.by_currency.values())) if len(self.by_currency) == 1 and not currency else ()
        return self.by_currency.get(currency or "", only)

    def words(self, band: int | None, currency: str | None) -> str:
        """A band in words, with its currency."""
        if band is None:
            return NOT_KNOWN
        bounds = self.of(currency)
        above = f"above {bounds[band - 1]:,f}" if band else ""
        upto = f"up to {bounds[band]:,f}" if band < len(bounds) else ""
        return " ".join(part for part in (above, upto, "" if above or upto else "all amounts", currency or "") if part)


def bands(given: str | None, policy: Policy) -> Bands:
    """The bands that were asked for, or those between the limits of the policy's matrix of authority.

    Raises:
        BadBands: the text is not a list of rising amounts.
    """
    if given is not None:
        return Bands(_bounds(given))
    limits: dict[str, set[Decimal]] = {}
    for entry in policy.authorities:
        if entry.limit:
            limits.setdefault(entry.currency, set()).add(entry.limit)
    return Bands(by_currency={currency: tuple(sorted(bounds)) for currency, bounds in limits.items()})


def banded(log: EventLog, cases: ir.Table, these: Bands) -> ir.Table:
    """Cases with ``worth`` (their amount), its ``worth_currency``, and ``band``: how many bounds lie below the absolute amount; missing where there is none."""
    if log.money:
        named = cases.mutate(worth=cases.money, worth_currency=ibis.literal(log.money.currency, "string"))
    else:
        named = cases.mutate(worth=cases.amount, worth_currency=cases.currency)
    currency = named.worth_currency.fill_null("")
    known = sorted({*log.facts.currencies, *([log.money.currency] if log.money else [])})
    band: ir.Value = ibis.literal(0)
    for each in known:
        for bound in these.of(each):
            band += ((named.worth.abs() > ibis.literal(bound, "decimal(38, 6)")) & (currency == each)).cast("int32")
    return named.mutate(band=ibis.ifelse(named.worth.isnull(), ibis.null("int32"), band.cast("int32")))


def _bounds(given: str) -> tuple[Decimal, ...]:
    try:
        found = tuple(Decimal(part.strip()) for part in given.split(","))
    except InvalidOperation:
        raise BadBands(given) from None
    if not all(bound.is_finite() and 0 < bound < _MOST for bound in found) or list(found) != sorted(set(found)):
        raise BadBands(given)
    return found
