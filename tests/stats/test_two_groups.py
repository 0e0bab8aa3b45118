"""Two groups compared: sizes and tests against named oracles, and intervals against simulated truths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from finmine.stats.replicates import Draws, crossings, interval_of
from finmine.stats.sample import Flags, Floats, Sample
from finmine.stats.shift_interval import shift_interval
from finmine.stats.two_groups import compare, rank_test, rough_shift, shift, size_of

GROUPS = st.tuples(st.lists(st.integers(-20, 20), min_size=5, max_size=40), st.lists(st.integers(-20, 20), min_size=5, max_size=40))


def sample(x: list[int], y: list[int]) -> tuple[Sample, Flags]:
    """The sample of two groups of independent values, and who is in the first."""
    made = Sample.of(np.array([*x, *y], dtype=float))
    return made, np.repeat([True, False], [len(x), len(y)])[made.order]


@settings(max_examples=50)
@given(GROUPS)
def test_sizes_are_those_of_all_differences(groups: tuple[list[int], list[int]]) -> None:
    """Cliff's δ and the shift are those of the table of all differences, and changing sides changes their sign."""
    x, y = groups
    differences = np.subtract.outer(x, y)
    made, first = sample(x, y)
    assert compare(made, first).delta == pytest.approx(np.mean(np.sign(differences)))
    assert shift(made, first) == pytest.approx(np.median(differences), abs=1e-9)
    assert rough_shift(made, np.flatnonzero(first)) == shift(made, first)
    assert compare(made, ~first).delta == pytest.approx(-compare(made, first).delta)
    assert shift(made, ~first) == pytest.approx(-shift(made, first), abs=1e-9)


@settings(max_examples=40)
@given(GROUPS)
def test_independent_values_are_tested_as_by_scipy(groups: tuple[list[int], list[int]]) -> None:
    """Where each value is a cluster of its own, p is Brunner and Munzel's or Mann and Whitney's, whichever is larger."""
    x, y = groups
    made, first = sample(x, y)
    if max(x) < min(y) or max(y) < min(x) or len({*x, *y}) == 1:
        return
    by_ranks = stats.mannwhitneyu(x, y, method="asymptotic", use_continuity=False).pvalue
    assert compare(made, first).p == pytest.approx(max(stats.brunnermunzel(x, y).pvalue, by_ranks), rel=1e-6, abs=1e-12)
    assert rank_test(made, first) == pytest.approx(stats.mannwhitneyu(x, y).pvalue)


def test_groups_that_do_not_overlap_have_the_p_of_all_ways_to_part_them() -> None:
    """Of the 252 ways to give five of ten places away, two part the groups so far; equal values differ in nothing."""
    assert compare(*sample([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])).p == pytest.approx(2 / 252)
    assert compare(*sample([3] * 5, [3] * 6)).p == 1


def test_large_groups_are_compared_exactly() -> None:
    """The shift of two thousand and three thousand values is the median of their six million differences."""
    rng = np.random.default_rng(3)
    x, y = rng.lognormal(3, 1, 2001), rng.lognormal(2.8, 1, 3001)
    made = Sample.of(np.concatenate((x, y)))
    first = (np.arange(5002) < 2001)[made.order]
    assert shift(made, first) == pytest.approx(np.median(np.subtract.outer(x, y)), rel=1e-12)
    assert rough_shift(made, np.flatnonzero(first)) == pytest.approx(shift(made, first), rel=0.02)


def test_words_for_sizes() -> None:
    """The limits are .147, .33 and .474, whatever the sign."""
    assert [size_of(delta) for delta in (0.146, -0.147, 0.33, -0.474)] == ["negligible", "small", "medium", "large"]


def clustered(rng: np.random.Generator, of_group: bool) -> tuple[Floats, Flags, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Forty vendors of ten cases each, whose cases share half of their variance; the group is the vendor's or the case's."""
    clusters = np.repeat(np.arange(40), 10)
    values = rng.normal(size=40)[clusters] + rng.normal(size=400)
    first = np.repeat(rng.permutation(40) < 20, 10) if of_group else rng.random(400) < 0.5
    return values, first, clusters


def test_intervals_of_whole_clusters_hold_the_truth() -> None:
    """Where the group is the same throughout a vendor, whole clusters cover a true shift of 0 as often as they say; single cases do not."""
    rng = np.random.default_rng(7)
    held = {True: 0, False: 0}
    for seed in range(30):
        values, first, clusters = clustered(rng, of_group=True)
        for whole in held:
            made = Sample.of(values, clusters if whole else None)
            found = shift_interval(made, first[made.order], Draws.of(made, seed=seed, replicates=200))
            assert found.low is not None
            assert found.high is not None
            held[whole] += found.low <= 0 <= found.high
    assert held[True] >= 26
    assert held[False] <= 24


def test_the_interval_of_many_values_is_that_of_theory() -> None:
    """For two normal groups of 15,000 values it reaches 1.96 times the known error of the shift, √(π/3 · 2/n)."""
    rng = np.random.default_rng(5)
    values = np.concatenate((rng.normal(1, 1, 15_000), rng.normal(0, 1, 15_000)))
    made = Sample.of(values)
    found = shift_interval(made, (np.arange(30_000) < 15_000)[made.order], Draws.of(made, seed=1))
    error = np.sqrt(np.pi / 3 * 2 / 15_000)
    assert found.low == pytest.approx(found.value - 1.96 * error, abs=0.15 * error)
    assert found.high == pytest.approx(found.value + 1.96 * error, abs=0.15 * error)
    assert found.value == pytest.approx(1, abs=4 * error)


@pytest.mark.parametrize("size", [6, 8, 12])
def test_one_value_far_from_all_others_hardly_moves_the_limits_of_few(size: int) -> None:
    """A placeholder date among the others, ten thousand times as far as the rest, leaves an interval of days around few cases."""
    rng = np.random.default_rng(1)
    values, first = 10 * np.exp(0.6 * rng.normal(size=600)), np.zeros(600, dtype=bool)
    first[rng.permutation(600)[:size]] = True
    far = values.copy()
    far[np.argmax(np.where(first, 0, values))] = 1e6
    found = []
    for these in (values, far):
        sample = Sample.of(these, np.arange(600) % 60)
        found.append(shift_interval(sample, first[sample.order], Draws.of(sample, seed=1)))
    assert (found[1].low, found[1].high) == pytest.approx((found[0].low, found[0].high), abs=0.5)


@pytest.mark.parametrize("size", [8, 12, 20])
def test_a_wrong_date_among_few_leaves_an_interval_of_days(size: int) -> None:
    """It is at most three times as wide as without, and holds what the same equations give on a grid of every difference."""
    rng = np.random.default_rng(size)
    first = np.arange(size + 60) < size
    values = 10 * np.exp(0.6 * rng.normal(size=len(first))) + 2 * first
    far = values.copy()
    far[0] *= 5000
    widths = []
    for these in (values, far):
        made = Sample.of(these)
        flags, draws = first[made.order], Draws.of(made, seed=1)
        found, exact = shift_interval(made, flags, draws), on_every_difference(made, flags, draws)
        assert found.low is not None
        assert found.high is not None
        widths.append(found.high - found.low)
        assert (found.low, found.high) == pytest.approx(exact, abs=0.05 * widths[0])
    assert widths[1] <= 3 * widths[0]


def on_every_difference(made: Sample, first: Flags, draws: Draws) -> tuple[float, float]:
    """The limits where each replicate's linearised equation is looked at between all neighbouring differences of two values."""
    x, y = made.values[first], made.values[~first]
    every = np.unique(np.subtract.outer(x, y))
    grid = np.sort(np.concatenate((every - 1e-9, every + 1e-9)))
    above = np.array([(x[:, None] - moved > y).mean(axis=1) for moved in grid])
    below = np.array([(x[:, None] - moved > y).mean(axis=0) for moved in grid])
    of_x, of_y = draws.drawn[:, draws.clusters[first]], draws.drawn[:, draws.clusters[~first]]
    both = (of_x.sum(1) > 0) & (of_y.sum(1) > 0)
    of_x, of_y = of_x[both], of_y[both]
    chances = above @ of_x.T / of_x.sum(1) + below @ of_y.T / of_y.sum(1) - above.mean(axis=1)[:, None]
    return interval_of(shift(made, first), crossings(grid, chances, 0.5), min(len(x), len(y)))


def test_one_cluster_gives_no_interval() -> None:
    """Where a group lies in one cluster nobody can say how far another would lie."""
    made = Sample.of(np.arange(10.0), np.array([0] * 5 + [1] * 5))
    assert shift_interval(made, made.clusters == 0, Draws.of(made, seed=1)).low is None


def test_rates_are_compared_by_their_difference() -> None:
    """Of values that are 0 or 1, δ is the difference of the rates, and its interval holds it."""
    made, first = sample([1] * 30 + [0] * 10, [1] * 10 + [0] * 30)
    found = compare(made, first).interval()
    assert found.value == pytest.approx(0.5)
    assert found.low == pytest.approx(0.5 - 1.99 * np.sqrt(2 * 0.1875 / 39), abs=0.01)
