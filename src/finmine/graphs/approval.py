"""The graph of approvals: who approves for whom, who do so for one another, and where approvals go round in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import networkx as nx


class Approved(NamedTuple):
    """In how many cases somebody approved what somebody else (or he himself) had requested."""

    requester: str
    approver: str
    cases: int


class Reciprocal(NamedTuple):
    """Two who approve for each other: in how many cases the first for the second, and the second for the first."""

    one: str
    other: str
    for_other: int
    for_one: int


class Circle(NamedTuple):
    """People who can all be reached from each other along approvals, the cases on the edges between them, and a shortest circle of at least three."""

    people: tuple[str, ...]
    cases: int
    shortest: tuple[str, ...]


def approval_graph(edges: Iterable[Approved]) -> nx.DiGraph:
    """The directed graph from requesters to approvers, each edge with its ``cases``; who approves for himself has a loop."""
    import networkx as nx

    graph = nx.DiGraph()
    for requester, approver, cases in edges:
        graph.add_edge(requester, approver, cases=cases)
    return graph


def reciprocal(graph: nx.DiGraph) -> tuple[Reciprocal, ...]:
    """Pairs who approve for each other, those first for whom the rarer direction has most cases."""
    pairs = sorted({(min(edge), max(edge)) for edge in graph.edges if graph.has_edge(*reversed(edge)) and edge[0] != edge[1]})
    found = [Reciprocal(one, other, graph.edges[other, one]["cases"], graph.edges[one, other]["cases"]) for one, other in pairs]
    return tuple(sorted(found, key=lambda pair: (-min(pair.for_other, pair.for_one), -pair.for_other - pair.for_one, pair)))


def circles(graph: nx.DiGraph) -> tuple[Circle, ...]:
    """The strongly connected components of at least three people, largest first.

    Source: R. Tarjan, Depth-first search and linear graph algorithms, 1972.
    """
    import networkx as nx

    found = []
    for people in nx.strongly_connected_components(graph):
        if len(people) < 3:
            continue
        inner = graph.subgraph(people)
        cases = sum(cases for one, other, cases in inner.edges(data="cases") if one != other)
        found.append(Circle(tuple(sorted(people)), cases, _shortest(inner)))
    return tuple(sorted(found, key=lambda circle: (-len(circle.people), -circle.cases, circle.people)))


def _shortest(graph: nx.DiGraph) -> tuple[str, ...]:
    """A shortest circle of at least three, from its first in the order of names; nothing where people only approve for each other in pairs."""
    best: tuple[str, ...] = ()
    for one in sorted(graph):
        for other in sorted(graph.successors(one)):
            way = _way(graph, other, one) if other != one else ()
            if way and (not best or len(way) < len(best)):
                best = (one, *way[:-1])
            if len(best) == 3:
                return best
    return best


def _way(graph: nx.DiGraph, source: str, target: str) -> tuple[str, ...]:
    """The shortest way of at least two edges, in breadth-first order; nothing where there is none."""
    before: dict[str, str | None] = {source: None}
    layer = [source]
    while layer and target not in before:
        following: list[str] = []
        for node in layer:
            for reached in sorted(graph.successors(node)):
                if reached not in before and (node, reached) != (source, target):
                    before[reached] = node
                    following.append(reached)
        layer = following
    way: list[str] = []
    at = target if target in before else None
    while at is not None:
        way.append(at)
        at = before[at]
    return tuple(reversed(way))


def sums_by(records: Iterable[Mapping[str, Any]], side: str, what: str = "approvals") -> dict[str, Any]:
    """The sum of a number over the edges with the same person on one side."""
    sums: dict[str, Any] = {}
    for record in records:
        sums[record[side]] = sums.get(record[side], 0) + (record[what] or 0)
    return sums
