"""The graph of hand-overs: who hands work to whom, and through whose hands it passes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from finmine.graphs.betweenness import betweenness

if TYPE_CHECKING:
    import networkx as nx


class Handing(NamedTuple):
    """How often work goes from some hands to others (or stays, where both are the same), and the time of it."""

    source: str
    target: str
    times: int
    time: int


class Part(NamedTuple):
    """The part that one node has: what it hands over, receives and keeps, with how many others, and how much passes through it."""

    name: str
    handed_over: int
    received: int
    kept: int
    receivers: int
    givers: int
    between: float | None


def handover_graph(handings: Iterable[Handing]) -> nx.DiGraph:
    """The directed graph of all hands; each edge has its ``times`` and ``time``, and work that is kept is a loop."""
    import networkx as nx

    graph = nx.DiGraph()
    for source, target, times, time in handings:
        graph.add_edge(source, target, times=times, time=time)
    return graph


def parts(graph: nx.DiGraph) -> tuple[Part, ...]:
    """The part of each node, most hand-overs first.

    ``between`` is betweenness: of the shortest ways in the graph between two others, the share that passes through the node,
    on average over all pairs; it does not weigh how often a way is taken. Missing in a graph of fewer than three nodes.

    Source: L. C. Freeman, A set of measures of centrality based on betweenness, 1977.
    """
    through = betweenness(graph) if len(graph) > 2 else {}
    found = [_part(graph, node, through.get(node)) for node in graph]
    return tuple(sorted(found, key=lambda part: (-part.handed_over - part.received, part.name)))


def _part(graph: nx.DiGraph, node: str, between: float | None) -> Part:
    given = {target: times for _, target, times in graph.out_edges(node, data="times") if target != node}
    taken = {source: times for source, _, times in graph.in_edges(node, data="times") if source != node}
    kept = graph.edges[node, node]["times"] if graph.has_edge(node, node) else 0
    return Part(node, sum(given.values()), sum(taken.values()), kept, len(given), len(taken), between)
