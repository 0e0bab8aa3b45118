"""Regions: activities between which a case can go round and round."""

from __future__ import annotations

from collections.abc import Collection, Iterable


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


def entrances(edges: Iterable[tuple[int, int, int]], nodes: Collection[int]) -> tuple[tuple[int, int, int], ...]:
    """The edges that lead into a set of activities from outside, those that most steps take first: source, target and steps."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_weighted_edges_from(edges, weight="steps")
    outside = set(graph) - set(nodes)
    return tuple(sorted(nx.edge_boundary(graph, outside, nodes, data="steps"), key=lambda edge: (-edge[2], edge[:2])))
