"""Regions: activities between which a case can go round and round."""

from __future__ import annotations

from collections.abc import Iterable


def regions(edges: Iterable[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """The sets of two and more activities in which each can be reached from each other, the largest first.

    In terms of graphs they are the strongly connected components of more than one node. An activity that only follows itself
    is in none: it goes round on its own.

    Source: R. E. Tarjan, Depth-first search and linear graph algorithms, 1972.
    """
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_edges_from(edges)
    found = [tuple(sorted(nodes)) for nodes in nx.strongly_connected_components(graph) if len(nodes) > 1]
    return tuple(sorted(found, key=lambda nodes: (-len(nodes), nodes)))
