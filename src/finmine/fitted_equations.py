"""Fitted time equations as they are told: the time of each term, what it is fitted to and how well, and what limits that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from finmine.relations.time_equations import MONTHS, FittedTimes
from finmine.result import table
from finmine.view import Block, Caveat, Definition

Record: TypeAlias = Mapping[str, Any]

_COLUMNS = ("activity", "time_term", "term_time", "fitted_to", "observations", "r_squared", "fit_error")
_LEAST_FIT = 0.5  # the share of variation below which an equation says little


def fitted_equations(found: FittedTimes) -> Iterator[Block]:
    """A row for each term of the equations, and what limits them."""
    yield table("Fitted time equations", [*_terms(found)], _COLUMNS)
    yield from map(Caveat, _limits(found))


def _terms(found: FittedTimes) -> Iterator[Record]:
    for one in found.equations:
        fit = {"fitted_to": one.source, "observations": one.fit.observations, "r_squared": one.fit.r_squared, "fit_error": round(one.fit.error)}
        for term, time in zip(one.equation.terms(), one.times, strict=True):
            yield {"activity": one.equation.activity, "time_term": term, "term_time": time, **fit}


def _limits(found: FittedTimes) -> Iterator[str]:
    if of_months := [one.equation.activity for one in found.equations if one.source == MONTHS]:
        yield (
            f"The unit times of {', '.join(of_months)} are fitted to the practical capacity of months: they take all of it for used by what is told there, "
            "so what was idle, or spent on work of which no time is known, is in them."
        )
    told = [one for one in found.equations if one.equation.drivers or one.source == MONTHS]  # of a mean alone R² is nought
    if weak := [one.equation.activity for one in told if one.fit.r_squared is not None and one.fit.r_squared < _LEAST_FIT]:
        yield f"{', '.join(weak)}: what drives the time there explains less than half of how it varies."
    terms = ((one.equation.activity, term, time) for one in found.equations for term, time in zip(one.equation.terms(), one.times, strict=True))
    if nought := [f"{term} of {activity}" for activity, term, time in terms if not time]:
        yield f"No time is left for {', '.join(nought)}: without the limit of nought it would be below, so the equation says too little of it."


TIME_EQUATION = Definition(
    "Time equation",
    "the time of a unit is a time for each unit and one for each of its drivers, none below nought, with the least squares of what it misses. R² is the share "
    "of the variation of the observed times that it explains, the error the root of the mean squared miss",
    "Kaplan and Anderson 2004; Lawson and Hanson 1974",
)
