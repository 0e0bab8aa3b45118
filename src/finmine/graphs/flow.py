"""The graph of the flow: activities between a start and an end, joined by what follows what, with steps and time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

START, END = "start", "end"  # nodes that no activity can be: activities are numbers


@dataclass(frozen=True, slots=True)
class Link:
    """What follows what: an activity (or START) and the next (or END), how many steps lead from one to the other, and their time."""

    source: int | str
    target: int | str
    steps: int
    time: int


def flow(links: Iterable[Link]) -> nx.DiGraph:
    """The directed graph of these links; each edge has its ``steps`` and ``time``."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from((START, END))
    graph.add_edges_from((link.source, link.target, {"steps": link.steps, "time": link.time}) for link in links)
    return graph


def passed_by_all(graph: nx.DiGraph) -> tuple[int, ...]:
    """The activities on every path from start to end, in the order in which they are passed.

    Every case is a path in this graph, so every case passes them. An activity that every case passes can still be
    missing here, because the graph also holds paths that no case took. In terms of graphs they are the dominators of the end.

    Source: K. D. Cooper, T. J. Harvey and K. Kennedy, A simple, fast dominance algorithm, 2001.
    """
    import networkx as nx

    above = nx.immediate_dominators(graph, START)
    passed: list[int] = []
    node = above.get(END, START)
    while node != START:
        passed.insert(0, node)
        node = above[node]
    return tuple(passed)
