"""Simulated few cases against many, with and without a wrong date, and money of which much is nothing: what the interval of their shift holds."""

from __future__ import annotations

from functools import cache
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from finmine.stats.differences import median_difference
from finmine.stats.estimate import Estimate
from finmine.stats.replicates import Draws
from finmine.stats.sample import Sample
from finmine.stats.shift_interval import shift_interval

OTHERS = 60  # cases against which few are compared
LATER = 2.0  # days that the few take more
WRONG = 5000  # times as long as it was: a case with a wrong date
WIDER = 3  # times as wide an interval may be beside a wrong date
DEAR, CHEAP = (0.3, 150.0), (0.4, 100.0)  # money of two groups: the share that is nothing, and the median of the rest

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Random = np.random.Generator
Place: TypeAlias = Literal["nowhere", "few", "others"]


def holds(rng: Random, cases: int, wrong: Place = "nowhere") -> bool:
    """Whether the interval of few cases against sixty others holds the planted shift of two days."""
    values, first = _times(rng, cases)
    return _within(LATER, _interval(rng, _spoiled(values, first, wrong), first))


def stays_narrow(rng: Random, cases: int, wrong: Place) -> bool:
    """Whether one wrong date makes the interval at most three times as wide as the same cases have without it."""
    values, first = _times(rng, cases)
    seed = int(rng.integers(1 << 30))
    without, beside = (_width(_interval(np.random.default_rng(seed), these, first)) for these in (values, _spoiled(values, first, wrong)))
    return beside <= WIDER * without


def holds_money(rng: Random, cases: int, others: int) -> bool:
    """Whether the interval of a shift of money, of which much is nothing, holds the true one."""
    first, chances = np.arange(cases + others) < cases, rng.random(cases + others)
    return _within(true_shift_of_money(), _interval(rng, np.where(first, money(chances, *DEAR), money(chances, *CHEAP)), first))


def money(chances: Floats, nothing: float, middle: float) -> Floats:
    """The amounts at these chances where a share is nothing and the rest is lognormal around its median."""
    from scipy.special import ndtri

    amounts: Floats = middle * np.exp(1.2 * ndtri(np.clip((chances - nothing) / (1 - nothing), 1e-12, 1 - 1e-12)))
    return np.where(chances < nothing, 0.0, amounts)


@cache
def true_shift_of_money() -> float:
    """The median of all differences between the two distributions, each in 20,000 parts of the same chance."""
    chances = (np.arange(20_000) + 0.5) / 20_000
    return median_difference(money(chances, *DEAR), money(chances, *CHEAP))


def _times(rng: Random, cases: int) -> tuple[Floats, Flags]:
    """Skewed times of independent cases, of which the first few take two days more."""
    first = np.arange(cases + OTHERS) < cases
    return 10 * np.exp(0.6 * rng.normal(size=len(first))) + LATER * first, first


def _spoiled(values: Floats, first: Flags, wrong: Place) -> Floats:
    """The times with one wrong date among the few, or among the others."""
    if wrong == "nowhere":
        return values
    case = np.flatnonzero(first if wrong == "few" else ~first)[0]
    return np.where(np.arange(len(values)) == case, WRONG * values, values)


def _interval(rng: Random, values: Floats, first: Flags) -> Estimate:
    """The shift as an answer tells it, with as many draws."""
    sample = Sample.of(values)
    return shift_interval(sample, first[sample.order], Draws.of(sample, seed=int(rng.integers(1 << 30))))


def _within(truth: float, found: Estimate) -> bool:
    return found.low is not None and found.high is not None and found.low <= truth <= found.high


def _width(found: Estimate) -> float:
    return np.inf if found.low is None or found.high is None else found.high - found.low
