"""Quantile regression on a group with a level for each stratum: the linear programme as oracle, two samples, and planted shifts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from finmine.stats.quantile_shift import quantile_shift
from finmine.stats.replicates import Draws
from finmine.stats.sample import Flags, Floats, Sample

Ints = npt.NDArray[np.int64]


def shifted(values: Floats, first: Flags, strata: Ints, tau: float, clusters: Ints | None = None) -> tuple[float, float, float]:
    """The shift with its limits."""
    sample = Sample.of(values, clusters)
    found = quantile_shift(sample, first[sample.order], strata[sample.order], tau, Draws.of(sample, seed=1, replicates=300))
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    return found.value, found.low, found.high


def cost(values: Floats, first: Flags, strata: Ints, tau: float, shift: float) -> float:
    """The least sum of τ-weighted rests for a shift, the level of each stratum being its τ-quantile."""
    rests = values - shift * first
    levels = np.array([np.quantile(rests[strata == code], tau, method="inverted_cdf") for code in range(strata.max() + 1)])
    rests = rests - levels[strata]
    return float(np.sum(rests * (tau - (rests < 0))))


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([0.25, 0.5, 0.9]))
def test_the_shift_solves_the_linear_programme(seed: int, tau: float) -> None:
    """No shift and no levels have a smaller sum than ours: it is the optimum of the dual, whose multipliers are a solution."""
    rng = np.random.default_rng(seed)
    strata, first = np.arange(160) % 3, rng.random(160) < 0.5
    values = rng.integers(0, 60, 160) + 10.0 * strata + 7.0 * first
    design = np.column_stack([first, *(strata == code for code in range(3))]).astype(float)
    dual = linprog(-values, A_eq=design.T, b_eq=(1 - tau) * design.sum(axis=0), bounds=(0, 1), method="highs")
    best = -dual.fun - (1 - tau) * values.sum()
    found, low, high = shifted(values, first, strata, tau)
    assert cost(values, first, strata, tau, found) == pytest.approx(best)
    assert cost(values, first, strata, tau, float(-dual.eqlin.marginals[0])) == pytest.approx(best)
    assert low <= found <= high


@pytest.mark.parametrize("tau", [0.5, 0.9])
def test_of_two_samples_it_is_the_difference_of_their_quantiles(tau: float) -> None:
    """Where there is one stratum, each side's quantile is fitted by itself (R. Koenker, Quantile Regression, 2005, section 2.1)."""
    rng = np.random.default_rng(2)
    x, y = rng.exponential(9, 101), rng.exponential(5, 151)
    found, *_ = shifted(np.concatenate((x, y)), np.arange(252) < 101, np.zeros(252, dtype=np.int64), tau)
    assert found == pytest.approx(np.quantile(x, tau, method="inverted_cdf") - np.quantile(y, tau, method="inverted_cdf"))


def confounded(seed: int) -> tuple[Floats, Flags, Ints]:
    """A group that takes three days less and is mostly found where everything takes ten days longer."""
    rng = np.random.default_rng(seed)
    strata = rng.integers(0, 3, 400)
    first = rng.random(400) < np.array([0.15, 0.5, 0.85])[strata]
    return 10 * np.exp(0.6 * rng.normal(size=400)) + 10.0 * strata - 3.0 * first, first, strata


def test_a_planted_shift_is_found_where_the_raw_one_has_the_wrong_sign() -> None:
    """Of twenty intervals at the median and at the 90th percentile nearly all hold the planted three days less."""
    held = {tau: sum(low <= -3 <= high for _, low, high in (shifted(*confounded(seed), tau) for seed in range(20))) for tau in (0.5, 0.9)}
    assert min(held.values()) >= 17
    values, first, _ = confounded(1)
    assert np.median(values[first]) > np.median(values[~first])


def test_levels_of_strata_change_nothing() -> None:
    """What is added to all values of a stratum falls out; what is added to the group is added to the shift and its limits."""
    values, first, strata = confounded(3)
    clusters = np.arange(400)  # so that the same cases are drawn however their values stand in order
    found = shifted(values, first, strata, 0.5, clusters)
    moved = shifted(values + np.array([5.0, -8.0, 100.0])[strata], first, strata, 0.5, clusters)
    more = shifted(values + 4.0 * first, first, strata, 0.5, clusters)
    assert (moved[0], more[0] - 4) == pytest.approx((found[0], found[0]), abs=1e-6)
    assert (*moved, *more) == pytest.approx((*found, *(size + 4 for size in found)), abs=0.02)


@pytest.mark.parametrize("tau", [0.5, 0.9])
def test_one_value_far_from_all_others_hardly_moves_the_limits(tau: float) -> None:
    """A placeholder date of a case outside of the group, ten thousand times as far as the rest, leaves limits of days, not of years."""
    values, first, strata = confounded(5)
    far = values.copy()
    far[np.flatnonzero(~first)[np.argmax(values[~first])]] = 1e6
    clusters = np.arange(400)
    assert shifted(far, first, strata, tau, clusters) == pytest.approx(shifted(values, first, strata, tau, clusters), abs=0.5)


def test_strata_with_one_side_say_nothing() -> None:
    """They are in no number; where five cases of a side do not lie beyond the quantile there is no shift, and of one cluster no interval."""
    values, first, strata = confounded(4)
    more = np.concatenate((values, np.arange(50.0))), np.concatenate((first, np.ones(50, dtype=bool))), np.concatenate((strata, np.full(50, 3)))
    sample = Sample.of(more[0])
    whole = quantile_shift(sample, more[1][sample.order], more[2][sample.order], 0.5, Draws.of(sample, seed=1))
    assert whole is not None
    assert whole.n == 400
    assert whole.value == pytest.approx(shifted(values, first, strata, 0.5)[0])
    few = np.arange(400) < 45
    made = Sample.of(values, few.astype(np.int64))
    draws = Draws.of(made, seed=1)
    assert quantile_shift(made, few[made.order], np.zeros(400, dtype=np.int64), 0.9, draws) is None
    at_median = quantile_shift(made, few[made.order], np.zeros(400, dtype=np.int64), 0.5, draws)
    assert at_median is not None
    assert at_median.low is None


@pytest.mark.parametrize("tau", [0.5, 0.9])
def test_large_values_that_are_all_tied_have_their_difference(tau: float) -> None:
    """Where every value of a side is the same, however large, the shift is the difference of the two (numbers as large lie further apart than the search asks)."""
    first = np.arange(120) < 60
    found, low, high = shifted(np.where(first, 17_000_000.0, 5_000_000.0), first, np.arange(120) % 3, tau, np.arange(120) % 20)
    assert (found, low, high) == pytest.approx((12_000_000.0,) * 3)
