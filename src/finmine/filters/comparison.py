"""Comparisons of a number, an amount or a length of time with one bound or two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, get_args

from finmine.errors import Refusal, UnknownWord
from finmine.relations.numbers import DECIMAL
from finmine.words import parse_duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

Operator: TypeAlias = Literal["=", "<", "<=", ">", ">=", "between"]
Number: TypeAlias = int | Decimal
Exact: TypeAlias = int | Decimal | str
Given = TypeVar("Given", int, str, int | Decimal | str)

_LARGEST = 2**63
_SIX_DECIMALS, _EXACTLY = Decimal("0.000001"), Context(prec=38)


class BadBound(Refusal):
    """A bound of a comparison cannot be."""

    def __init__(self, given: object, expected: str) -> None:
        super().__init__(f"a comparison has the bound {given!r}; it must be {expected}.")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison with ``bound``, or that a value lies between ``bound`` and ``upper``, both included."""

    operator: Operator
    bound: Number
    upper: Number | None = None

    def __post_init__(self) -> None:
        if self.operator not in get_args(Operator):
            raise UnknownWord("comparison", self.operator, get_args(Operator))
        if (self.upper is not None) != (self.operator == "between"):
            raise BadBound(self.upper, "a second bound for 'between', and one bound for every other comparison")
        if self.upper is not None and self.upper < self.bound:
            raise BadBound(self.upper, f"at least the first bound {self.bound}")

    def holds(self, value: ir.NumericValue) -> ir.BooleanValue:
        """Whether the comparison holds; missing where the value is missing."""
        bound, upper = _literal(self.bound), _literal(self.upper)
        if self.operator == "between":
            return value.between(bound, upper)
        comparisons = {"=": value == bound, "<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}
        return comparisons[self.operator]

    def words(self, spell: Callable[[Number], str], negated: bool = False) -> str | None:
        """The comparison in words; the negated one only where it has words of its own."""
        if negated:
            return f"!= {spell(self.bound)}" if self.operator == "=" else None
        return f"{self.operator} {spell(self.bound)}" + (f" and {spell(self.upper)}" if self.upper is not None else "")


def compare(operator: Operator, bound_of: Callable[[Given], Number], bound: Given, upper: Given | None) -> Comparison:
    """A comparison with bounds as they are given."""
    return Comparison(operator, bound_of(bound), None if upper is None else bound_of(upper))


def decimal(given: Exact) -> Decimal:
    """An exact number with at most six decimals.

    Raises:
        BadBound: it is no such number.
    """
    try:
        value = Decimal(str(given))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value.copy_abs() >= 10**32 or value != value.quantize(_SIX_DECIMALS, context=_EXACTLY):
        raise BadBound(given, "a number of at most six decimals such as '1000.00'")
    return value


def whole(given: int) -> int:
    """A count that the engine can hold."""
    if not 0 <= given < _LARGEST:
        raise BadBound(given, "a count from nought")
    return given


def duration(given: str) -> int:
    """Microseconds of a length of time such as ``30d 4h``.

    Raises:
        BadBound: it is no length of time, or longer than the engine can hold.
    """
    try:
        micros = parse_duration(given)
    except ValueError:
        micros = _LARGEST
    if micros >= _LARGEST:
        raise BadBound(given, "a length of time such as '30d 4h', '90min' or '2s'")
    return micros


def _literal(bound: Number | None) -> ir.NumericScalar | None:
    import ibis

    return None if bound is None else ibis.literal(bound, DECIMAL if isinstance(bound, Decimal) else "int64")
