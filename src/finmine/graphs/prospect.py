"""What changes of times and routes do to the mean time of a flow, read from its Markov chains of the first and the second order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from finmine.graphs.chain import NeverEnds, Node, NoOtherRoute, Outlook, Pair, Passage, Timing, chain, outlook, rerouted, retimed
from finmine.graphs.flow import END, START

if TYPE_CHECKING:
    import networkx as nx

Before: TypeAlias = int | None
"""The activity before the source of a passage; none at the first activity of a case, nor at its start."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """The flow as it is, with its times changed (exact), and with its routes changed too (an approximation, by chains of either order).

    ``remembering`` is the mean time by the chain of pairs of activities; missing where that chain does not know where cases would go instead.
    """

    now: Outlook
    retimed: Outlook
    rerouted: Outlook | None
    remembering: float | None
    edges: nx.DiGraph


def prospect(
    passages: Sequence[Passage], pairs: Sequence[tuple[Before, Passage]], timings: Mapping[Pair, Timing], factors: Mapping[Pair, float]
) -> Prospect:
    """What becomes of a flow when the times of some edges and the shares of some routes change.

    Args:
        passages: the edges of the flow, between START and END.
        pairs: the same passages by the activity before their source; needed only where routes change.
        timings: the change of the times of edges.
        factors: by how much the shares of routes are multiplied.

    Raises:
        NeverEnds: with these routes a case can come to where the end cannot be reached.
        NoOtherRoute: the shares out of a node no longer add up.
    """
    graph = chain(passages)
    timed = retimed(graph, timings, _itself)
    now, exact = outlook(graph), outlook(timed)
    if not factors:
        return Prospect(now, exact, None, None, timed)
    changed = rerouted(timed, factors, _itself)
    return Prospect(now, exact, outlook(changed), _remembered(pairs, timings, factors), changed)


def mean_without(known: Prospect, edge: Pair) -> float | None:
    """The mean time if one edge were never taken; missing where cases would then never end."""
    try:
        return outlook(rerouted(known.edges, {edge: 0.0}, _itself)).mean
    except (NeverEnds, NoOtherRoute):
        return None


def _remembered(pairs: Sequence[tuple[Before, Passage]], timings: Mapping[Pair, Timing], factors: Mapping[Pair, float]) -> float | None:
    """The mean time by the chain that knows where a case is and where it was before."""
    graph = chain(Passage(*_ends(before, one), one.steps, one.time, one.squares) for before, one in pairs)
    try:
        return outlook(rerouted(retimed(graph, timings, _last), factors, _last)).mean
    except (NeverEnds, NoOtherRoute):
        return None


def _ends(before: Before, one: Passage) -> Pair:
    """A passage as one from where a case is and was, to where it is and was then."""
    source = START if one.source == START else (before, one.source)
    return source, END if one.target == END else (None if one.source == START else one.source, one.target)


def _itself(source: Node, target: Node) -> Pair:
    return source, target


def _last(source: Node, target: Node) -> Pair:
    """The activities that a case is at, before and after a passage between pairs."""
    return (source[1] if isinstance(source, tuple) else source), (target[1] if isinstance(target, tuple) else target)
