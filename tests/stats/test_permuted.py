"""Permutation tests: what is permuted, and how often they find something where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from finmine.stats.permuted import permuted
from finmine.stats.sample import Sample


def test_independent_cases_are_permuted_as_mann_and_whitney_do() -> None:
    """One block of all cases gives their test without its correction for continuity."""
    rng = np.random.default_rng(1)
    values, first = rng.integers(0, 9, 80).astype(float), rng.random(80) < 0.4
    made = Sample.of(values)
    found = permuted(made, first[made.order], seed=1)
    expected = stats.mannwhitneyu(values[first], values[~first], method="asymptotic", use_continuity=False).pvalue
    assert found.way == "all cases"
    assert found.p == pytest.approx(expected)


def test_the_moments_inside_clusters_are_those_of_all_permutations() -> None:
    """The p-value inside clusters is near that of drawing the group anew inside each cluster twenty thousand times."""
    rng = np.random.default_rng(2)
    clusters = np.repeat(np.arange(8), 12)
    values = rng.normal(size=8)[clusters] * 3 + rng.normal(size=96)
    first = np.tile([True, False, True, False], 24)
    values[first] += 0.3
    made = Sample.of(values, clusters)
    found = permuted(made, first[made.order], seed=1)
    ranks = stats.rankdata(values).reshape(8, 12)
    given = first.reshape(8, 12)
    away = ranks - ranks.mean(axis=1, keepdims=True)
    drawn = np.array([(rng.permuted(away, axis=1) * given).sum() for _ in range(20_000)])
    assert found.way == "inside clusters"
    assert found.p == pytest.approx(np.mean(np.abs(drawn) >= abs((away * given).sum())), abs=0.012)


def test_whole_clusters_are_permuted_where_they_are_of_one_group() -> None:
    """Of twenty vendors with nothing between the groups, a test at 5 % rejects about as often; one of single cases nearly always."""
    rng = np.random.default_rng(3)
    rejected = {"whole": 0, "single": 0}
    for seed in range(100):
        clusters = np.repeat(np.arange(20), 15)
        values = rng.normal(size=20)[clusters] + rng.normal(size=300)
        first = (rng.permutation(20) < 10)[clusters]
        made = Sample.of(values, clusters)
        found = permuted(made, first[made.order], seed=seed, draws=199)
        assert found.way == "whole clusters"
        rejected["whole"] += found.p <= 0.05
        single = Sample.of(values)
        rejected["single"] += permuted(single, first[single.order], seed=seed).p <= 0.05
    assert rejected["whole"] <= 11
    assert rejected["single"] >= 35


def test_a_few_mixed_clusters_do_not_decide_alone() -> None:
    """Where most of the group lies in clusters of its own, the share of the group is permuted over the clusters."""
    clusters = np.repeat(np.arange(20), 10)
    first = clusters < 10
    first[-5:] = True
    made = Sample.of(np.arange(200.0), clusters)
    assert permuted(made, first[made.order], seed=1, draws=99).way == "means of clusters"
