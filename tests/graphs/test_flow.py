"""The graph of the flow."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from finmine.graphs.flow import END, START, Link, flow, passed_by_all

traces = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=6), min_size=1, max_size=5)


def links(cases: list[list[int]]) -> list[Link]:
    """The links of traces, each step an hour long."""
    paths: list[list[int | str]] = [[START, *trace, END] for trace in cases]
    steps = Counter(pair for path in paths for pair in pairwise(path))
    return [Link(source, target, count, 3600 * count) for (source, target), count in steps.items()]


def test_every_case_passes_what_all_paths_pass() -> None:
    """Create and pay lie on every path and approve does not; they stand in the order in which they are passed."""
    create, approve, reject, pay = range(4)
    graph = flow(links([[create, approve, pay], [create, reject, create, pay]]))
    assert passed_by_all(graph) == (create, pay)


def test_a_graph_that_never_ends_has_nothing_that_all_pass() -> None:
    """Where no path comes to the end, no activity lies on all paths to it."""
    assert passed_by_all(flow([Link(START, 1, 1, 0)])) == ()
    assert passed_by_all(flow([])) == ()


@given(traces)
def test_what_all_paths_pass_is_in_every_trace(cases: list[list[int]]) -> None:
    """What the graph says of all paths is true of all cases."""
    passed = passed_by_all(flow(links(cases)))
    assert all(set(passed) <= set(trace) for trace in cases)


@given(traces)
def test_leaving_out_an_activity_that_all_pass_cuts_the_end_off(cases: list[list[int]]) -> None:
    """An activity lies on all paths if and only if without it the end cannot be reached: the definition, tried one by one."""
    graph = flow(links(cases))
    passed = passed_by_all(graph)
    for activity in set(graph) - {START, END}:
        reached, more = {START}, [START]
        while more:
            following = [target for target in graph.successors(more.pop()) if target != activity and target not in reached]
            reached.update(following)
            more += following
        assert (END not in reached) == (activity in passed)
