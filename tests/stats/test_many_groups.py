"""Several groups compared, against scipy and the formula."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from finmine.stats.many_groups import many_groups, pairs, permuted_clusters
from finmine.stats.sample import Ints, Sample
from finmine.stats.two_groups import compare

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


@settings(max_examples=40)
@given(GROUPS)
def test_pairs_are_compared_by_dunns_formula(groups: list[list[int]]) -> None:
    """Z is the difference of mean ranks over √((N(N+1)/12 − Σ(t³−t)/(12(N−1)))(1/n + 1/m)), as Dunn gives it; q is adjusted over all pairs."""
    values = [value for group in groups for value in group]
    n = len(values)
    if len(set(values)) == 1:
        return
    ties = sum(float(count**3 - count) for count in np.unique(values, return_counts=True)[1])
    variance = n * (n + 1) / 12 - ties / (12 * (n - 1))
    parts = np.split(stats.rankdata(values), np.cumsum([len(group) for group in groups])[:-1])
    found = pairs(*sample(groups))
    assert [(pair.first, pair.second) for pair in found] == [*combinations(range(len(groups)), 2)]
    for pair in found:
        one, other = parts[pair.first], parts[pair.second]
        z = (one.mean() - other.mean()) / np.sqrt(variance * (1 / len(one) + 1 / len(other)))
        assert pair.p == pytest.approx(2 * stats.norm.sf(abs(z)), abs=1e-12)
        assert pair.compared.delta == pytest.approx(np.mean(np.sign(np.subtract.outer(groups[pair.first], groups[pair.second]))))
    assert [pair.q for pair in found] == pytest.approx(stats.false_discovery_control([pair.p for pair in found]))


def test_equal_values_differ_in_nothing() -> None:
    """Where all values are the same, or there is one group, no group differs."""
    for groups in ([[1, 1], [1, 1, 1]], [[1, 2, 3]]):
        found = many_groups(*sample(groups))
        assert (found.statistic, found.p, found.epsilon_squared) == (0, 1, 0)
    assert [pair.p for pair in pairs(*sample([[1], [1]]))] == [1.0]


def of_vendors(rng: np.random.Generator, effect: float) -> tuple[Sample, Ints]:
    """Forty vendors of eight cases, whose cases share half of their variance, in four groups of vendors; the first may take longer."""
    clusters = np.repeat(np.arange(40), 8)
    codes = (rng.permutation(40) % 4)[clusters]
    values = rng.normal(size=40)[clusters] + rng.normal(size=320) + effect * (codes == 0)
    made = Sample.of(values, clusters)
    return made, codes[made.order]


def test_whole_clusters_are_given_anew() -> None:
    """Where groups of vendors differ in nothing, about one in twenty tests says they do; taking cases as independent many do. A real effect is seen."""
    tested = [
        (permuted_clusters(*made, seed=1)[0], many_groups(*made).p) for made in (of_vendors(np.random.default_rng(seed), 0) for seed in range(30))
    ]
    assert sum(p <= 0.05 for p, _ in tested) <= 4
    assert sum(p <= 0.05 for _, p in tested) >= 9
    p, draws = permuted_clusters(*of_vendors(np.random.default_rng(1), 3.0), seed=1)
    assert (p, draws) == (0.001, 999)


def test_pairs_of_clusters_are_compared_by_whole_clusters() -> None:
    """In clusters, the p-value of a pair is that of the robust test of the two alone."""
    made, codes = of_vendors(np.random.default_rng(3), 1.0)
    places = np.flatnonzero((codes == 1) | (codes == 2))
    alone = Sample.of(made.values[places], np.unique(made.clusters[places], return_inverse=True)[1])
    (found,) = (pair for pair in pairs(made, codes) if (pair.first, pair.second) == (1, 2))
    assert found.p == compare(alone, codes[places][alone.order] == 1).p
