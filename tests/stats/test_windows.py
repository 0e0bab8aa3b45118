"""Two windows of time against each other: cases are permuted, not steps."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import chi2_contingency, cramervonmises_2samp

from finmine.stats.sample import Floats, Ints
from finmine.stats.windows import counts_apart, steps_apart, times_apart, total_variation


def loops(rng: np.random.Generator) -> tuple[Ints, Ints, Floats]:
    """Two windows of 200 cases of one process, each of which goes round one of three loops a few times, and the steps of each path."""
    loop, times = rng.integers(0, 3, (2, 200)), rng.geometric(0.5, (2, 200)) - 1
    most = int(times.max()) + 1
    first, second = (np.bincount(one * most + again, minlength=3 * most) for one, again in zip(loop, times, strict=True))
    steps = np.zeros((3 * most, 8))
    steps[:, :2] = 1
    for one in range(3):
        steps[one * most : (one + 1) * most, 2 + 2 * one : 4 + 2 * one] = np.arange(most)[:, None]
    return first, second, steps


def test_total_variation_is_half_of_what_shares_differ_by() -> None:
    """Of (3, 1) and (2, 2) it is a quarter, of the same shares nought, of nothing in common one."""
    assert total_variation(np.array([3.0, 1.0]), np.array([2.0, 2.0])) == 0.25
    assert total_variation(np.array([1.0, 2.0]), np.array([10.0, 20.0])) == pytest.approx(0)
    assert total_variation(np.array([1.0, 0.0]), np.array([0.0, 5.0])) == 1


def test_steps_are_no_cases() -> None:
    """Where a χ² test of the counts calls every third pair of windows of one process different at 5 %, permuting cases calls few so."""
    p = np.empty((100, 2))
    for seed in range(100):
        first, second, steps = loops(np.random.default_rng(seed))
        p[seed] = (
            chi2_contingency(np.stack((first @ steps, second @ steps))).pvalue,
            steps_apart(first, second, steps, rng=np.random.default_rng(seed), draws=99)[1],
        )
    by_counts, by_cases = (p <= 0.05).mean(axis=0)
    assert 0.25 < by_counts < 0.45
    assert by_cases <= 0.1


def test_the_p_of_steps_is_that_of_all_ways_to_give_cases_to_windows() -> None:
    """Of six cases of two paths, p is near the share of all twenty ways that part them as far (brute force)."""
    paths, steps = np.array([0, 0, 0, 1, 1, 1]), np.array([[2.0, 1.0], [1.0, 3.0]])
    apart = []
    for chosen in combinations(range(6), 3):
        first = np.bincount(paths[list(chosen)], minlength=2)
        apart.append(total_variation(first @ steps, (np.array([3, 3]) - first) @ steps))
    found, p = steps_apart(np.array([3, 0]), np.array([0, 3]), steps, rng=np.random.default_rng(1), draws=4000)
    assert found == max(apart)
    assert p == pytest.approx(np.mean([one >= found - 1e-12 for one in apart]), abs=0.02)


def test_the_p_of_times_is_cramer_and_von_mises_s() -> None:
    """Near scipy's exact p for small windows, equal to its limit for large ones, and the same for times in another unit."""
    rng = np.random.default_rng(4)
    for shift in (0.0, 0.8):
        first, second = rng.normal(size=9), rng.normal(size=8) + shift
        exact = cramervonmises_2samp(first, second, method="exact").pvalue
        assert times_apart(first, second, rng=np.random.default_rng(1), draws=3000) == pytest.approx(exact, abs=0.03)
        assert times_apart(60 * first, 60 * second, rng=np.random.default_rng(1), draws=3000) == pytest.approx(exact, abs=0.03)
    first, second = rng.normal(size=2500), rng.normal(size=2500)
    limit = cramervonmises_2samp(first, second, method="asymptotic").pvalue
    assert times_apart(first, second, rng=rng, draws=9) == limit


def test_times_that_are_all_the_same_do_not_differ() -> None:
    """Dates without a clock time give many equal times; where all are equal p is one."""
    assert times_apart(np.ones(12), np.ones(9), rng=np.random.default_rng(1), draws=99) == 1


def test_counts_are_apart_beyond_chance_only_where_they_are() -> None:
    """The distance is that of the sums; two draws of one mix differ as often as chance says, and a mix that turned differs; many cases go in blocks."""
    rng = np.random.default_rng(3)
    first = np.arange(120) < 50
    counts = rng.multinomial(4, (0.5, 0.3, 0.2), 120).astype(float)
    found, p = counts_apart(first, counts, rng=np.random.default_rng(1), draws=199)
    assert found == pytest.approx(total_variation(counts[first].sum(axis=0), counts[~first].sum(axis=0)))
    p_values = [counts_apart(rng.permutation(first), counts, rng=rng, draws=99)[1] for _ in range(100)]
    assert 0 <= sum(one <= 0.05 for one in p_values) <= 12
    turned = np.where(first[:, None], counts, counts[:, ::-1])
    assert counts_apart(first, turned, rng=rng, draws=199)[1] == 1 / 200
    assert p > 0.05
