"""Tolerances: up to which difference, in money or in percent, two amounts are taken to agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import ibis

from finmine.errors import Refusal

if TYPE_CHECKING:
    import ibis.expr.types as ir

_SPELLED = re.compile(r"\s*(?P<one>\d+(?:\.\d{1,6})?)\s*(?P<percent>%?)\s*(?:(?P<how>and|or)\s+(?P<other>\d+(?:\.\d{1,6})?)\s*(?P<of>%?)\s*)?")
_ANY = "any"


class BadTolerance(Refusal):
    """A tolerance cannot be read."""

    def __init__(self, name: str, given: str) -> None:
        super().__init__(
            f"{name} is {given!r}; it must be an amount, a percentage, or both, such as 50.00, 2%, '2% and 50.00' (both hold), '2% or 50.00', or any."
        )


@dataclass(frozen=True, slots=True)
class Tolerance:
    """An amount, a percentage of what is expected, or both, of which all or any must hold; without either every difference is tolerated."""

    said: str
    amount: Decimal | None = None
    percent: Decimal | None = None
    both: Literal["and", "or"] = "and"

    def passed(self, difference: ir.DecimalValue, expected: ir.DecimalValue) -> ir.BooleanValue:
        """Whether a difference (from nought up, to six decimals) is more than is tolerated of what is expected."""
        limits: list[ir.BooleanValue] = []
        if self.amount is not None:
            limits.append(difference > ibis.literal(self.amount, "decimal(18, 6)"))
        if self.percent is not None:
            limits.append(difference * 100 > expected.abs() * ibis.literal(self.percent, "decimal(9, 6)"))
        if not limits:
            return ibis.literal(False)
        return ibis.or_(*limits) if self.both == "and" else ibis.and_(*limits)


def tolerance(name: str, given: str) -> Tolerance:
    """The tolerance of a text.

    Raises:
        BadTolerance: the text is none.
    """
    if given.strip().casefold() == _ANY:
        return Tolerance(_ANY)
    found = _SPELLED.fullmatch(given)
    if found is None or (found["how"] and bool(found["percent"]) == bool(found["of"])):
        raise BadTolerance(name, given)
    parts = [(found["one"], found["percent"]), (found["other"], found["of"])]
    told = {("percent" if percent else "amount"): Decimal(value) for value, percent in parts if value is not None}
    if any(value >= 10**9 for value in told.values()) or told.get("percent", Decimal(0)) >= 1000:
        raise BadTolerance(name, given)
    return Tolerance(given.strip(), told.get("amount"), told.get("percent"), "or" if found["how"] == "or" else "and")
