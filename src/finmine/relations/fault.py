"""A fault of a log: what is wrong or doubtful, by which rule, and where it occurs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import ibis.expr.types as ir

Severity: TypeAlias = Literal["error", "doubt", "note"]

SEVERITIES: dict[str, str] = {
    "error": "the log contradicts itself, or lacks what a row must have",
    "doubt": "it is probably not what happened, but may be",
    "note": "nothing is wrong, but answers are limited by it",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault: its name, how severe it is, the rule, and ``places``, which lays out a relation with a row for each occurrence.

    The columns of this relation are case (missing where the row is in no case), source, row and what was ``found`` there (text,
    may be missing). An occurrence is what ``counts`` says. Where it is in no larger share of the units than ``chance``, it
    is no fault. It is not ``possible`` where the facts found at reading exclude it, so that nobody need look. Kinds of one
    ``family`` are best looked for together.
    """

    name: str
    severity: Severity
    counts: Literal["rows", "units", "cases"]
    rule: str
    places: Callable[[], ir.Table]
    chance: float = 0.0
    possible: bool = True
    family: str = ""


def placed(these: ir.Table, found: ir.StringValue | None = None) -> ir.Table:
    """The places of units or rows: case, source, row and what was found there."""
    import ibis

    return these.select("case", "source", "row", found=ibis.null("string") if found is None else found)


def first_units(these: ir.Table, cases: ir.Table) -> ir.Table:
    """The first unit of each of the given cases, by which a fault of a whole case is found in the source."""
    return these.filter(these.position == 1).semi_join(cases, "case")
