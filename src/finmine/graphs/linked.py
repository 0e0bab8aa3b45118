"""Linked: what belongs together because one is linked to another."""

from __future__ import annotations

from collections.abc import Iterable


def linked(pairs: Iterable[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """The sets of nodes that are linked to one another, over others too, each in the order of its nodes: connected components."""
    import networkx as nx

    graph = nx.Graph()
    graph.add_edges_from(pairs)
    return tuple(sorted(tuple(sorted(nodes)) for nodes in nx.connected_components(graph)))
