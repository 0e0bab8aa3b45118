"""The flow as a Markov chain: exact where it must be, refused where no time is finite."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.graphs.chain import NeverEnds, NoOtherRoute, Pair, Passage, Timing, chain, outlook, rerouted, retimed
from finmine.graphs.flow import END, START
from finmine.graphs.prospect import prospect

Way = list[tuple[int, int]]
"""A case: its activities, each with the time that leads to it."""

ways = st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 10**12)), min_size=1, max_size=7), min_size=1, max_size=8)


def itself(source: object, target: object) -> Pair:
    """The key of an edge of the chain of single activities."""
    return source, target


def passages(cases: list[Way]) -> list[Passage]:
    """The passages of cases, edge by edge."""
    times: dict[tuple[int | str, int | str], list[int]] = {}
    for case in cases:
        path: list[tuple[int | str, int]] = [(START, 0), *case, (END, 0)]
        for (source, _), (target, time) in pairwise(path):
            times.setdefault((source, target), []).append(time)
    return [Passage(*pair, len(each), sum(each), sum(time * time for time in each)) for pair, each in times.items()]


@settings(max_examples=50)
@given(ways)
def test_mean_and_visits_are_those_of_the_cases(cases: list[Way]) -> None:
    """Of any cases, Markov or not: the mean time to one in 10⁹, and how often a case comes to each activity."""
    found = outlook(chain(passages(cases)))
    assert found.mean == pytest.approx(sum(time for case in cases for _, time in case) / len(cases), rel=1e-9, abs=1e-6)
    visits: Counter[object] = Counter([START] * len(cases) + [activity for case in cases for activity, _ in case])
    assert {node: round(times * len(cases), 6) for node, times in found.visits.items()} == visits


@settings(max_examples=50)
@given(ways, st.floats(0, 3), st.floats(0, 1e12))
def test_changed_times_are_those_of_a_replay(cases: list[Way], factor: float, shift: float) -> None:
    """The times of one edge, changed in the graph, give the mean of the cases in which every such step is changed."""
    edges = passages(cases)
    changed = (edges[0].source, edges[0].target)
    found = outlook(retimed(chain(edges), {changed: Timing(factor, shift)}, itself))
    total = 0.0
    for case in cases:
        path: list[tuple[int | str, int]] = [(START, 0), *case]
        total += sum(factor * time + shift if (source, target) == changed else time for (source, _), (target, time) in pairwise(path))
    assert found.mean == pytest.approx(total / len(cases), rel=1e-9, abs=1e-6)


def test_the_variance_of_a_loop_is_that_of_the_geometric_distribution() -> None:
    """A loop of 2 hours taken with probability one half: mean 2 and variance 4 · (1 − p)/p² = 8; with times of 1 and 3, 9."""
    known = [Passage(START, 0, 8, 0, 0), Passage(0, END, 8, 0, 0)]
    found = outlook(chain([*known, Passage(0, 0, 8, 16, 32)]))
    assert found.mean == pytest.approx(2)
    assert found.variance == pytest.approx(8)
    spread = outlook(chain([*known, Passage(0, 0, 8, 16, 4 * 1 + 4 * 9)]))
    assert spread.mean == pytest.approx(2)
    assert spread.variance == pytest.approx(9)


def test_the_variance_of_a_process_that_forgets_is_that_of_its_cases() -> None:
    """Four equally frequent cases of two independent choices: the variance of the chain is that of the cases."""
    cases = [[(0, 0), (1, first), (2, second)] for first in (1, 5) for second in (2, 10)]
    found = outlook(chain(passages(cases)))
    times = [first + second for first in (1, 5) for second in (2, 10)]
    assert found.mean == pytest.approx(9)
    assert found.variance == pytest.approx(sum((time - 9) ** 2 for time in times) / 4)


def test_routes_share_in_proportion_what_is_left() -> None:
    """Without the route to 1, of which half was, those to 2 and 3 get three quarters and one quarter."""
    cases = [[(0, 0), (1, 9)]] * 4 + [[(0, 0), (2, 1)]] * 3 + [[(0, 0), (3, 5)]]
    found = outlook(rerouted(chain(passages(cases)), {(0, 1): 0.0}, itself))
    assert found.visits == {START: 1, 0: 1, 2: pytest.approx(0.75), 3: pytest.approx(0.25)}
    assert found.mean == pytest.approx(0.75 * 1 + 0.25 * 5)


def test_a_flow_that_cannot_end_is_refused() -> None:
    """Where the only way to the end is cut off, no mean time is finite; where another loop is left, neither."""
    graph = chain(passages([[(0, 1), (1, 1)], [(0, 1), (0, 1), (1, 1)]]))
    with pytest.raises(NeverEnds) as found:
        outlook(rerouted(graph, {(0, 1): 0.0}, itself))
    assert set(found.value.nodes) == {START, 0}
    with pytest.raises(NeverEnds):
        outlook(chain([]))
    for factor in (0.5, 3.0):
        with pytest.raises(NoOtherRoute):
            rerouted(graph, {(1, END): factor}, itself)


def test_a_chain_of_pairs_remembers() -> None:
    """Whoever was reworked goes on the hard way: the chain says 8.82 without rework, the chain of pairs and the cases themselves 7.25."""
    check, rework, easy, hard = range(4)
    simple, worked = [(check, 0), (easy, 725)], [(check, 0), (rework, 300), (check, 100), (hard, 1260)]
    cases = [simple] * 12 + [worked] * 5
    paired: Counter[tuple[int | None, int | str, int | str, int]] = Counter()
    for case in cases:
        path: list[tuple[int | str, int]] = [(START, 0), *case, (END, 0)]
        befores = [None, None, *(activity for activity, _ in case)]
        for before, (source, _), (target, time) in zip(befores, path, path[1:], strict=False):
            paired[before, source, target, time] += 1
    pairs = [(before, Passage(source, target, n, n * time, n * time * time)) for (before, source, target, time), n in paired.items()]
    found = prospect(passages(cases), pairs, {}, {(check, rework): 0.0})
    assert found.rerouted is not None
    assert found.rerouted.mean == pytest.approx(15_000 / 17)
    assert found.remembering == pytest.approx(725)
