"""The earth mover's distance between mixes of paths: by definition, against other programmes, and when nothing is different."""

from __future__ import annotations

import warnings
from functools import cache
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.stats.transport import Transport, apart, ground_distances, transport

TRACES = st.lists(st.lists(st.sampled_from("abcd"), max_size=5).map(tuple), min_size=1, max_size=5)


def edits(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Levenshtein's distance by its definition."""

    @cache
    def rest(i: int, j: int) -> int:
        if i == len(one) or j == len(other):
            return len(one) - i + len(other) - j
        return min(rest(i + 1, j) + 1, rest(i, j + 1) + 1, rest(i + 1, j + 1) + (one[i] != other[j]))

    return rest(0, 0)


def moved(first: list[tuple[str, ...]], second: list[tuple[str, ...]]) -> Transport:
    """The distance of two mixes of traces, each trace given as often as it occurs."""
    traces = sorted({*first, *second})
    ours, theirs = (np.array([float(mix.count(trace)) for trace in traces]) for mix in (first, second))
    return transport(ours, theirs, ground_distances(traces))


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=7).map(tuple), min_size=1, max_size=6))
def test_ground_distances_are_levenshteins(traces: list[tuple[str, ...]]) -> None:
    """Every pair has the edits of the definition, divided by the longer trace; of two empty traces the distance is nought."""
    found = ground_distances(traces)
    for i, one in enumerate(traces):
        for j, other in enumerate(traces):
            assert found[i, j] == edits(one, other) / max(len(one), len(other), 1)


@settings(max_examples=25)
@given(st.integers(1, 5).flatmap(lambda size: st.tuples(*[st.lists(st.text("abc", max_size=4).map(tuple), min_size=size, max_size=size)] * 2)))
def test_the_distance_is_that_of_the_best_matching(mixes: tuple[list[tuple[str, ...]], list[tuple[str, ...]]]) -> None:
    """Of as many traces on either side it is the mean distance of the best of all ways to pair them (Birkhoff and von Neumann)."""
    first, second = mixes
    cost = {(one, other): edits(one, other) / max(len(one), len(other), 1) for one in first for other in second}
    best = min(sum(cost[pair] for pair in zip(first, order, strict=True)) for order in permutations(second)) / len(first)
    assert moved(first, second).distance == pytest.approx(best, abs=1e-9)


@settings(max_examples=20)
@given(TRACES, TRACES)
def test_laws_of_the_distance(first: list[tuple[str, ...]], second: list[tuple[str, ...]]) -> None:
    """It is nought to itself, the same from either side, from 0 to 1, and its plan takes all of the one mix to all of the other."""
    there, back = moved(first, second), moved(second, first)
    assert moved(first, first).distance == pytest.approx(0, abs=1e-12)
    assert there.distance == pytest.approx(back.distance, abs=1e-9)
    assert 0 <= there.distance <= 1
    traces = sorted({*first, *second})
    for mix, end in ((first, "source"), (second, "target")):
        for place, trace in enumerate(traces):
            carried = sum(flow.share for flow in there.flows if getattr(flow, end) == place)
            assert carried == pytest.approx(mix.count(trace) / len(mix), abs=1e-8)
    assert sum(flow.share * flow.distance for flow in there.flows) == pytest.approx(there.distance, abs=1e-8)


def test_the_distance_is_that_of_pm4py() -> None:
    """Of two stochastic languages pm4py finds the same distance."""
    first = {("a", "b", "c"): 0.5, ("a", "c"): 0.3, ("a", "b", "b", "c"): 0.2}
    second = {("a", "b", "c"): 0.2, ("a", "c"): 0.5, ("d", "c"): 0.3}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = pytest.importorskip("pm4py.algo.evaluation.earth_mover_distance.algorithm")
        theirs = peer.apply(first, second)
    traces = sorted({*first, *second})
    one, other = (np.array([mix.get(trace, 0.0) for trace in traces]) for mix in (first, second))
    ours = transport(one, other, ground_distances(traces)).distance
    assert ours == pytest.approx(theirs, abs=1e-9)
    assert ours == pytest.approx(17 / 60)


def test_sides_drawn_from_one_mix_are_not_told_apart() -> None:
    """Of forty logs without a difference at most four have a permutation p up to 5 %, and a planted one is found."""
    costs, rng = ground_distances([("a", "b"), ("a", "c", "b"), ("a", "b", "b")]), np.random.default_rng(5)
    p = []
    for seed in range(40):
        traces, first = rng.choice(3, 80, p=[0.6, 0.3, 0.1]), rng.random(80) < 0.5
        p.append(apart(traces, first, costs, None, seed=seed, draws=39).p or 0.0)
    assert sum(one <= 0.05 for one in p) <= 4
    traces = np.concatenate((rng.choice(3, 60, p=[0.7, 0.2, 0.1]), rng.choice(3, 60, p=[0.2, 0.7, 0.1])))
    found = apart(traces, np.arange(120) < 60, costs, None, seed=1, draws=99)
    assert found.p == 0.01
    assert found.by_chance is not None
    assert found.by_chance < found.transport.distance / 2


def test_whole_clusters_are_given_to_the_sides() -> None:
    """Twelve vendors that each do one thing: by case they differ wildly, by vendor that is chance; inside vendors nothing is left."""
    costs = ground_distances([("a", "b"), ("a", "c")])
    vendors = np.repeat(np.arange(12), 20)
    traces = np.isin(vendors, (0, 1, 2, 3, 6, 7)).astype(np.int64)
    first = vendors < 6
    assert (apart(traces, first, costs, None, seed=1, draws=99).p or 1) == 0.01
    whole = apart(traces, first, costs, vendors, seed=1, draws=99)
    assert whole.way == "whole clusters"
    assert (whole.p or 0) > 0.3
    inside = apart(traces, np.arange(240) % 2 == 0, costs, vendors, seed=1, draws=19)
    assert (inside.way, inside.p, inside.by_chance) == ("inside clusters", 1.0, 0.0)


def test_clusters_that_cannot_be_permuted_give_no_p() -> None:
    """Some clusters on both sides and some on one, or fewer than five on a side: there is a distance and no p, and it is said why."""
    costs, traces = ground_distances([("a",), ("b",)]), np.tile([0, 1], 40)
    mixed = apart(traces, np.arange(80) < 36, costs, np.arange(80) // 8, seed=1)
    assert (mixed.p, mixed.way) == (None, "not permuted: some clusters are on both sides")
    few = apart(traces, np.arange(80) < 20, costs, np.arange(80) // 10, seed=1)
    assert (few.p, few.way) == (None, "not permuted: too few clusters")
