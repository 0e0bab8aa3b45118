"""Limits of amounts that a question is asked about: those that are given, or those of the policy's matrix of authority."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from finmine.errors import Refusal
from finmine.words import money

if TYPE_CHECKING:
    from finmine.auditing.policy import Policy
    from finmine.log import EventLog

_MOST = Decimal(10) ** 13


class BadLimit(Refusal):
    """A limit cannot be read."""

    def __init__(self, given: str) -> None:
        super().__init__(f"limit is {given!r}; it must be an amount above 0, such as 1000.00, with a currency or without: '1000.00 USD'.")


class OtherCurrency(Refusal):
    """A limit is in a currency in which the log has no amount."""

    def __init__(self, given: str, known: tuple[str, ...]) -> None:
        super().__init__(f"limit is {given!r}; amounts of the log are known in {', '.join(known)}.")


class Limit(NamedTuple):
    """An amount up to which something may be approved, itself allowed, in a currency ("" where the log names none)."""

    amount: Decimal
    currency: str

    def words(self) -> str:
        """The limit as it is shown."""
        return money(self.amount, self.currency)


def asked_limits(log: EventLog, policy: Policy, given: tuple[str, ...]) -> tuple[Limit, ...]:
    """The limits, the lowest first; none where none is given and the policy has none, or the log has no amounts.

    Given ones hold in the currency that they name, else in the reporting currency, or in each currency of the log where there is none.

    Raises:
        BadLimit: a given limit is no amount above 0.
        OtherCurrency: it names a currency in which the log has no amount.
    """
    if given:
        return tuple(sorted({limit for each in given for limit in _in_currencies(log, each)}))
    return tuple(sorted({Limit(entry.limit, entry.currency) for entry in policy.authorities if entry.limit} if log.facts.currencies else ()))


def held_against(log: EventLog, limits: tuple[Limit, ...]) -> str:
    """What becomes of amounts in other currencies than those of the limits, as a sentence; nothing where there are none."""
    reporting = log.card.amount.reporting if log.card.amount else None
    others = ", ".join(each for each in log.facts.currencies if each and each not in {limit.currency for limit in limits})
    if not others or not limits:
        return ""
    if reporting in {limit.currency for limit in limits}:
        return f"Purchases in {others} count in {reporting}, at the rates of the card."
    return f"Purchases in {others} are held against no limit, since none is in their currency."


def _in_currencies(log: EventLog, given: str) -> tuple[Limit, ...]:
    """A given limit in the currency that it names, else in those that are meant without one."""
    amount, _, named = given.strip().partition(" ")
    reporting = (log.card.amount.reporting,) if log.card.amount and log.card.amount.reporting else ()
    known = tuple(dict.fromkeys((*reporting, *log.facts.currencies)))
    if named and named not in known:
        raise OtherCurrency(given, known)
    currencies = (named,) if named else (log.money.currency,) if log.money else log.facts.currencies
    return tuple(Limit(_amount(amount, given), currency) for currency in currencies)


def _amount(written: str, given: str) -> Decimal:
    try:
        found = Decimal(written)
    except InvalidOperation:
        raise BadLimit(given) from None
    if not (found.is_finite() and 0 < found < _MOST):
        raise BadLimit(given)
    return found
