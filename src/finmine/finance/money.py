"""Money: exact decimals at the scale of their currency, rounded and shared out without losing anything."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

# ISO 4217: how many digits the minor unit has, where it is not two.
_NONE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF")
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")

EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
"""Arithmetic with so many digits that no sum or product of amounts, rates and days is rounded on the way."""


def minor_digits(currency: str | None) -> int:
    """How many decimals the minor unit of a currency has (ISO 4217); two where no currency is named."""
    if currency in _NONE:
        return 0
    return 3 if currency in _THREE else 2


def rounded(amount: Decimal, currency: str | None) -> Decimal:
    """An amount in whole minor units of its currency, halves away from zero."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), context=EXACT)


def shared_out(whole: int, weights: Sequence[int]) -> tuple[int, ...]:
    """A whole number in proportion to weights, in whole numbers that add up to it; without any weight all of it goes to the last.

    The parts are the differences of the running total, rounded down: none is more than one away from its exact share.
    """
    total, running, given = sum(weights), 0, 0
    if total == 0:
        return (*(0,) * (len(weights) - 1), whole)
    parts = []
    for weight in weights:
        running += weight
        parts.append(whole * running // total - given)
        given += parts[-1]
    return tuple(parts)
