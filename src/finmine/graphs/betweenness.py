"""Betweenness of the nodes of a directed graph: of the shortest ways between two others, the share that passes through each.

Brandes's sums, for many sources at once as products of matrices: exact counts of ways forward, shares of them backward. A graph
in which nearly everybody hands over to nearly everybody, as teams do, takes a hundredth of the time of walking it node by node.

Source: U. Brandes, A faster algorithm for betweenness centrality, Journal of Mathematical Sociology 25, 2001.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import networkx as nx

Floats: TypeAlias = npt.NDArray[np.float64]

_AT_ONCE = 512  # sources
_DIGITS = 12  # beyond them sums depend on their order


def betweenness(graph: nx.DiGraph) -> dict[str, float]:
    """The betweenness of each node, as a share of all pairs of others; of a graph of at least three nodes, loops not counted."""
    places = {node: place for place, node in enumerate(graph)}
    number = len(places)
    steps = np.zeros((number, number))
    for source, target in graph.edges:
        if source != target:
            steps[places[source], places[target]] = 1
    through = np.zeros(number)
    for first in range(0, number, _AT_ONCE):
        through += _from_sources(steps, np.arange(first, min(first + _AT_ONCE, number)))
    shares = np.round(through / ((number - 1) * (number - 2)), _DIGITS)
    return {node: float(shares[place]) for node, place in places.items()}


def _from_sources(steps: Floats, sources: npt.NDArray[np.intp]) -> Floats:
    """The shares of the shortest ways from these sources that pass through each node, summed over the targets."""
    rows = np.arange(len(sources))
    ways = np.zeros((len(sources), len(steps)))
    ways[rows, sources] = 1
    far = np.where(ways > 0, 0, -1)
    reached, length = ways, 0
    while reached.any():
        length += 1
        reached = np.where(far < 0, reached @ steps, 0)
        far[reached > 0] = length
        ways += reached
    passing = np.zeros_like(ways)
    for end in range(length - 1, 1, -1):
        shares = np.divide(1 + passing, ways, out=np.zeros_like(ways), where=far == end)
        passing += np.where(far == end - 1, ways * (shares @ steps.T), 0)
    found: Floats = passing.sum(axis=0)
    return found
