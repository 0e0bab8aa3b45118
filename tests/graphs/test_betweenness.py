"""Betweenness, against networkx."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.graphs import betweenness as of

EDGES = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=40)


@settings(max_examples=50)
@given(edges=EDGES, at_once=st.sampled_from([2, 512]))
def test_betweenness_is_that_of_networkx(edges: list[tuple[int, int]], at_once: int) -> None:
    """On any directed graph of nine nodes, with loops and parts that do not meet, however many sources are taken at once."""
    graph: nx.DiGraph = nx.DiGraph()
    graph.add_nodes_from(map(str, range(9)))
    graph.add_edges_from((str(source), str(target)) for source, target in edges)
    expected = nx.betweenness_centrality(graph)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of, "_AT_ONCE", at_once)
        assert of.betweenness(graph) == pytest.approx(expected, abs=1e-11)


def test_many_shortest_ways_are_counted_exactly() -> None:
    """In a chain of forks the number of shortest ways doubles with each, and the middle of each fork has its half."""
    graph: nx.DiGraph = nx.DiGraph()
    for fork in range(30):
        for way in "ab":
            graph.add_edge(f"{fork}", f"{fork}{way}")
            graph.add_edge(f"{fork}{way}", f"{fork + 1}")
    assert of.betweenness(graph) == pytest.approx(nx.betweenness_centrality(graph), abs=1e-11)
