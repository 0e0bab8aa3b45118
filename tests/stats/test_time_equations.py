"""Time equations: against scipy's bounded least squares, planted times, and terms that nobody can tell apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from finmine.stats.time_equations import entangled, fitted_times


def squares(times: np.ndarray) -> float:
    """The squares of times about their mean."""
    return float(((times - times.mean()) ** 2).sum())


@pytest.mark.parametrize("seed", range(3))
def test_the_times_are_those_of_bounded_least_squares(seed: int) -> None:
    """Single observations and the same ones counted by kind give the times, R² and error that scipy's lsq_linear gives within bounds."""
    rng = np.random.default_rng(seed)
    kinds = np.column_stack([np.ones(12), rng.integers(0, 9, 12), rng.integers(0, 2, 12)]).astype(float)
    counts = rng.integers(1, 6, 12)
    terms = np.repeat(kinds, counts, axis=0)
    observed = terms @ [4.0, 1.5, -3.0] + rng.normal(0, 2, len(terms)) + 5
    oracle = lsq_linear(terms, observed, (0, np.inf))
    single = fitted_times(terms, observed, np.ones(len(terms)), squares(observed))
    means = np.array([part.mean() for part in np.split(observed, np.cumsum(counts)[:-1])])
    grouped = fitted_times(kinds, means, counts.astype(float), squares(observed))
    for one in (single, grouped):
        assert one.times == pytest.approx(oracle.x.tolist(), abs=1e-6)
        assert one.error == pytest.approx(np.sqrt(2 * oracle.cost / len(terms)))
        assert one.r_squared == pytest.approx(1 - 2 * oracle.cost / squares(observed))
        assert one.observations == len(terms)
    assert single.times[2] == 0


def test_planted_times_are_recovered() -> None:
    """Without noise the times are those that were planted, and all variation is explained; times that do not vary have no R²."""
    rng = np.random.default_rng(5)
    terms = np.column_stack([np.ones(40), rng.integers(0, 9, 40), rng.integers(0, 2, 40)]).astype(float)
    observed = terms @ [4.0, 1.5, 6.0]
    found = fitted_times(terms, observed, np.ones(40), squares(observed))
    assert found.times == pytest.approx((4.0, 1.5, 6.0))
    assert found.r_squared == pytest.approx(1)
    assert found.error == pytest.approx(0, abs=1e-9)
    assert fitted_times(np.ones((3, 1)), np.full(3, 2.0), np.ones(3), 0.0).r_squared is None


def test_terms_that_go_together_are_named() -> None:
    """One term made of two others, one that is nought everywhere, and fewer kinds than terms; terms that differ are told apart."""
    rng = np.random.default_rng(6)
    ones, lines, pages = np.ones(40), rng.integers(0, 9, 40).astype(float), rng.integers(0, 9, 40).astype(float)
    assert entangled(np.column_stack([ones, lines, pages]), ones) == ()
    assert entangled(np.column_stack([ones, lines, pages, lines + pages]), ones) == (1, 2, 3)
    assert entangled(np.column_stack([ones, 0 * lines, pages]), ones) == (1,)
    assert entangled(np.array([[1.0, 2.0]]), np.ones(1)) == (0, 1)
