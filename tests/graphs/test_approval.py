"""The graph of approvals against trying everything: who approve for each other, who in a circle, and which circle is a shortest one."""

from __future__ import annotations

from itertools import permutations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from finmine.graphs.approval import Approved, approval_graph, circles, reciprocal

PEOPLE = "abcdef"
EDGES = st.dictionaries(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)), st.integers(1, 9), max_size=16)


@given(EDGES)
def test_pairs_and_circles_are_those_that_trying_everything_finds(edges: dict[tuple[str, str], int]) -> None:
    """Reciprocal pairs both ways, components by reachability, and the length of the shortest circle of at least three, which is one."""
    graph = approval_graph(Approved(*edge, cases) for edge, cases in edges.items())
    found = {frozenset((pair.one, pair.other)): {pair.one: pair.for_other, pair.other: pair.for_one} for pair in reciprocal(graph)}
    mutual = {frozenset((one, other)) for one, other in edges if one != other and (other, one) in edges}
    assert found == {pair: {who: edges[next(iter(pair - {who})), who] for who in pair} for pair in mutual}
    reach = {(one, other) for one in graph for other in nx.descendants(graph, one)}
    together = {frozenset(other for other in graph if other == one or {(one, other), (other, one)} <= reach) for one in graph}
    assert {frozenset(circle.people) for circle in circles(graph)} == {people for people in together if len(people) >= 3}
    for circle in circles(graph):
        inner = {edge: cases for edge, cases in edges.items() if set(edge) <= set(circle.people) and edge[0] != edge[1]}
        assert circle.cases == sum(inner.values())
        rings = [
            ring
            for size in range(3, len(circle.people) + 1)
            for ring in permutations(circle.people, size)
            if all(step in inner for step in zip(ring, (*ring[1:], ring[0]), strict=True))
        ]
        assert len(circle.shortest) == (len(rings[0]) if rings else 0)
        assert not rings or circle.shortest in rings


def test_nobody_goes_round_alone_or_in_pairs() -> None:
    """Who approves for himself is in no circle, nor are two who approve for each other; three who do so in pairs have no circle of three."""
    graph = approval_graph([Approved("a", "a", 3), Approved("a", "b", 1), Approved("b", "a", 2)])
    assert circles(graph) == ()
    assert [tuple(pair) for pair in reciprocal(graph)] == [("a", "b", 2, 1)]
    graph = approval_graph([Approved(one, other, 1) for one, other in ("ab", "ba", "bc", "cb")])
    assert [(circle.people, circle.shortest) for circle in circles(graph)] == [(("a", "b", "c"), ())]
