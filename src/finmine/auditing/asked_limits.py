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
        super().__init__(f"limit is {given!r}; it must be an amount above 0, such as 1000.00.")


class Limit(NamedTuple):
    """An amount up to which something may be approved, itself allowed, in a currency ("" where the log names none)."""

    amount: Decimal
    currency: str

    def words(self) -> str:
        """The limit as it is shown."""
        return money(self.amount, self.currency)


def asked_limits(log: EventLog, policy: Policy, given: tuple[str, ...]) -> tuple[Limit, ...]:
    """The limits, the lowest first; none where none is given and the policy has none, or the log has no amounts.

    Given ones hold in the reporting currency, or in each currency of the log where there is none.

    Raises:
        BadLimit: a given limit is no amount above 0.
    """
    if given:
        currencies = (log.money.currency,) if log.money else log.facts.currencies
        return tuple(sorted({Limit(_amount(each), currency) for each in given for currency in currencies}))
    return tuple(sorted({Limit(entry.limit, entry.currency) for entry in policy.authorities if entry.limit} if log.facts.currencies else ()))


def _amount(given: str) -> Decimal:
    try:
        found = Decimal(given)
    except InvalidOperation:
        raise BadLimit(given) from None
    if not (found.is_finite() and 0 < found < _MOST):
        raise BadLimit(given)
    return found
