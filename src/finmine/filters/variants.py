"""Filters by variants: those that cover a share of the cases, and those of given ranks."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from finmine.errors import Refusal
from finmine.filters import spelling
from finmine.filters.comparison import decimal
from finmine.filters.condition import Condition, facts
from finmine.log import EventLog
from finmine.relations.traces import VARIANT_KEY

if TYPE_CHECKING:
    import ibis.expr.types as ir


class BadCoverage(Refusal):
    """A share of cases, or the rank of a variant, cannot be."""

    def __init__(self, given: object, expected: str) -> None:
        super().__init__(f"{given} cannot be; give {expected}.")


@dataclass(frozen=True, slots=True)
class _ByVariant(Condition):
    """A condition on the rank of the case's variant: most cases first, equal ones by the names of their first cases, as the question ``variants`` ranks them."""

    @abstractmethod
    def _wanted(self, ranked: ir.Table) -> ir.BooleanValue:
        """Whether a variant is wanted: by its ``rank``, its ``cases``, those of all variants ``before`` it, and in ``total``."""

    def matching(self, log: EventLog, units: ir.Table) -> ir.Table:
        import ibis

        these = facts(log, units) if log.edited else facts(log, units).semi_join(units, "case")
        found = these.group_by(list(VARIANT_KEY)).aggregate(cases=these.count(), representative=these.case.min())
        order = [found.cases.desc(), found.representative]
        ranked = found.select(
            *VARIANT_KEY,
            rank=ibis.row_number().over(order_by=order) + 1,
            before=found.cases.sum().over(order_by=order, rows=(None, 0)) - found.cases,
            total=found.cases.sum().over(),
        )
        return these.semi_join(ranked.filter(self._wanted(ranked)), VARIANT_KEY).select("case")


@dataclass(frozen=True, slots=True)
class Covering(_ByVariant):
    """The variant is one of the fewest that together cover at least a share (in percent) of the cases."""

    percent: Decimal

    def __post_init__(self) -> None:
        if not 0 < self.percent <= 100:
            raise BadCoverage(f"a coverage of {self.percent}%", "more than 0% and at most 100%")

    def words(self) -> str:
        return f"variants covering {spelling.number(self.percent)}%"

    def _wanted(self, ranked: ir.Table) -> ir.BooleanValue:
        share = Fraction(self.percent) / 100
        return ranked.before * share.denominator < ranked.total * share.numerator


@dataclass(frozen=True, slots=True)
class Ranked(_ByVariant):
    """The variant has a rank from the first to the last."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 1 <= self.first <= self.last < 2**63:
            raise BadCoverage(f"variants {self.first} to {self.last}", "ranks from 1, the lower first")

    def words(self) -> str:
        return f"variant {self.first}" if self.first == self.last else f"variants {self.first} to {self.last}"

    def _wanted(self, ranked: ir.Table) -> ir.BooleanValue:
        return ranked.rank.between(self.first, self.last)


def variants_covering(percent: Decimal | int | str) -> Condition:
    """Cases of the fewest variants, most cases first, that cover at least this percentage of the cases."""
    return Covering(decimal(percent))


def variants_ranked(first: int, last: int | None = None) -> Condition:
    """Cases of the variants of these ranks, as the question ``variants`` numbers them."""
    return Ranked(first, first if last is None else last)
