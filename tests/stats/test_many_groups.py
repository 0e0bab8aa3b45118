"""Several groups compared, against scipy and the formula."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from finmine.stats.many_groups import dunn, many_groups
from finmine.stats.sample import Ints, Sample

GROUPS = st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=15), min_size=2, max_size=5)


def sample(groups: list[list[int]]) -> tuple[Sample, Ints]:
    """The sample of groups, and the group of each value."""
    made = Sample.of(np.array([value for group in groups for value in group], dtype=float))
    return made, np.repeat(np.arange(len(groups)), [len(group) for group in groups])[made.order]


@settings(max_examples=50)
@given(GROUPS)
def test_groups_are_compared_as_by_scipy(groups: list[list[int]]) -> None:
    """The statistic and its p-value are scipy's, ties corrected, and ε² is the share of the variation of ranks between groups."""
    if len({value for group in groups for value in group}) == 1:
        return
    found, oracle = many_groups(*sample(groups)), stats.kruskal(*groups)
    assert found.statistic == pytest.approx(oracle.statistic, abs=1e-9)
    assert found.p == pytest.approx(oracle.pvalue, abs=1e-12)
    ranks = stats.rankdata([value for group in groups for value in group])
    parts = np.split(ranks, np.cumsum([len(group) for group in groups])[:-1])
    between = sum(len(part) * (part.mean() - ranks.mean()) ** 2 for part in parts)
    assert found.epsilon_squared == pytest.approx(between / np.sum((ranks - ranks.mean()) ** 2))


@settings(max_examples=50)
@given(GROUPS)
def test_pairs_are_compared_by_dunns_formula(groups: list[list[int]]) -> None:
    """Z is the difference of mean ranks over √((N(N+1)/12 − Σ(t³−t)/(12(N−1)))(1/n + 1/m)), as Dunn gives it."""
    values = [value for group in groups for value in group]
    n = len(values)
    if len(set(values)) == 1:
        return
    ties = sum(float(count**3 - count) for count in np.unique(values, return_counts=True)[1])
    variance = n * (n + 1) / 12 - ties / (12 * (n - 1))
    parts = np.split(stats.rankdata(values), np.cumsum([len(group) for group in groups])[:-1])
    made, codes = sample(groups)
    found = dunn(many_groups(made, codes), made.spread)
    assert [pair[:2] for pair in found] == [*combinations(range(len(groups)), 2)]
    for one, other, p in found:
        z = (parts[one].mean() - parts[other].mean()) / np.sqrt(variance * (1 / len(parts[one]) + 1 / len(parts[other])))
        assert p == pytest.approx(2 * stats.norm.sf(abs(z)), abs=1e-12)


def test_equal_values_differ_in_nothing() -> None:
    """Where all values are the same, or there is one group, no group differs."""
    for groups in ([[1, 1], [1, 1, 1]], [[1, 2, 3]]):
        found = many_groups(*sample(groups))
        assert (found.statistic, found.p, found.epsilon_squared) == (0, 1, 0)
    assert dunn(many_groups(*sample([[1], [1]])), 0.0) == [(0, 1, 1.0)]
