"""The flow as an absorbing Markov chain: how often a case comes to each node, and how long it takes from start to end.

From a node the next one is drawn by the shares of its edges, whatever came before, until the end. With Q the shares between
nodes other than the end, the visits v from the start solve (I − Q)ᵀv = e, and the mean time to the end t solves (I − Q)t = r,
where r holds the mean time of the step out of each node.

Where shares and mean times are those of a set of whole cases, visits and mean time are exactly those of the cases, Markov or
not, since as many steps come to each node as leave it. The variance is exact only if the cases do forget how they came.

Source: J. G. Kemeny and J. L. Snell, Finite Markov Chains, 1960, chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from finmine.graphs.flow import END, START

if TYPE_CHECKING:
    import networkx as nx

Node: TypeAlias = Hashable
Pair: TypeAlias = tuple[Node, Node]


class NeverEnds(Exception):
    """From some nodes to which a case can come the end cannot be reached, so that no time to it is finite."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        super().__init__("the end cannot be reached")
        self.nodes = tuple(nodes)


class NoOtherRoute(Exception):
    """The shares of the edges out of a node can no longer add up to one."""

    def __init__(self, node: Node) -> None:
        super().__init__("there is no other route")
        self.node = node


@dataclass(frozen=True, slots=True)
class Passage:
    """Passages of an edge: how many, the sum of their times and of the squares of these."""

    source: Node
    target: Node
    steps: int
    time: int
    squares: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """How often a case comes to each node, and the mean and the variance of its time from start to end."""

    visits: Mapping[Node, float]
    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Timing:
    """What becomes of each time t of an edge: ``factor`` · t + ``shift``."""

    factor: float = 1.0
    shift: float = 0.0


def chain(passages: Iterable[Passage]) -> nx.DiGraph:
    """The graph whose edges have the ``share`` of the passages out of their source, and the ``mean`` and ``mean_square`` of their times."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from((START, END))
    leaving: dict[Node, int] = {}
    known = list(passages)
    for one in known:
        leaving[one.source] = leaving.get(one.source, 0) + one.steps
    for one in known:
        share = one.steps / leaving[one.source]
        graph.add_edge(one.source, one.target, share=share, mean=one.time / one.steps, mean_square=one.squares / one.steps)
    return graph


def outlook(graph: nx.DiGraph) -> Outlook:
    """What the chain says of a case that starts.

    Raises:
        NeverEnds: a case can come to where the end cannot be reached.
    """
    import networkx as nx
    import numpy as np

    taken = nx.subgraph_view(graph, filter_edge=lambda source, target: graph.edges[source, target]["share"] > 0)
    reached = {START, *nx.descendants(taken, START)}
    lost = reached - nx.ancestors(taken, END) - {END}
    if lost or END not in reached:
        raise NeverEnds(node for node in graph if node in lost)
    states = [node for node in graph if node in reached and node != END]
    place = {node: number for number, node in enumerate(states)}
    going, once, square = np.eye(len(states)), np.zeros(len(states)), np.zeros(len(states))
    onward = np.zeros((len(states), len(states)))  # share times mean time, for the cross term of the square
    for source, target, edge in taken.edges(states, data=True):
        here, time = place[source], edge["share"] * edge["mean"]
        once[here] += time
        square[here] += edge["share"] * edge["mean_square"]
        if target != END:
            going[here, place[target]] -= edge["share"]
            onward[here, place[target]] += time
    start = np.zeros(len(states))
    start[place[START]] = 1.0
    visits = np.linalg.solve(going.T, start)
    left = np.linalg.solve(going, once)
    mean, second = float(visits @ once), float(visits @ (square + 2 * onward @ left))
    return Outlook(dict(zip(states, visits.tolist(), strict=True)), mean, max(0.0, second - mean * mean))


def retimed(graph: nx.DiGraph, timings: Mapping[Pair, Timing], pair: Callable[[Node, Node], Pair]) -> nx.DiGraph:
    """The graph with the times of some edges changed; ``pair`` says under which key an edge is looked up."""
    made = graph.copy()
    for source, target, edge in made.edges(data=True):
        if timing := timings.get(pair(source, target)):
            factor, shift, mean = timing.factor, timing.shift, edge["mean"]
            edge["mean_square"] = factor * factor * edge["mean_square"] + 2 * factor * shift * mean + shift * shift
            edge["mean"] = factor * mean + shift
    return made


def rerouted(graph: nx.DiGraph, factors: Mapping[Pair, float], pair: Callable[[Node, Node], Pair]) -> nx.DiGraph:
    """The graph with the shares of some edges multiplied; the other edges out of the same node share what is left in proportion.

    Raises:
        NoOtherRoute: the changed shares out of a node pass one, or are less and there is no other edge.
    """
    made = graph.copy()
    for node in graph:
        edges = [(edge, factors.get(pair(source, target))) for source, target, edge in made.out_edges(node, data=True)]
        others = sum(edge["share"] for edge, factor in edges if factor is None)
        changed = sum(edge["share"] * factor for edge, factor in edges if factor is not None)
        if all(factor is None for _, factor in edges):
            continue
        left = 1 - changed
        if left < -1e-12 or (others == 0 and 1e-12 < changed < 1 - 1e-12):
            raise NoOtherRoute(node)
        for edge, factor in edges:
            edge["share"] *= max(0.0, left) / others if factor is None else factor
    return made
