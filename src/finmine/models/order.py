"""One order for the parts of a graph, from its structure alone, so that the same model is written the same way every time."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from typing import Any


def stable_order(kinds: Sequence[str], links: Sequence[tuple[int, int]]) -> list[int]:
    """The nodes by their distance from the nodes that nothing leads to, then by their place in the structure.

    Neither the order in which nodes and links are given nor anything but kinds and links has a say (colour refinement;
    among nodes that look alike one is singled out, and the refinement goes on, until all are told apart).
    """
    before: list[list[int]] = [[] for _ in kinds]
    after: list[list[int]] = [[] for _ in kinds]
    for source, target in links:
        after[source].append(target)
        before[target].append(source)
    ranks = _refined(_ranked(kinds), before, after)
    while len(set(ranks)) < len(ranks):
        alike = min(rank for rank in ranks if ranks.count(rank) > 1)
        single = ranks.index(alike)
        ranks = _refined(_ranked([(rank, place != single) for place, rank in enumerate(ranks)]), before, after)
    distances = _distances(before, after)
    return sorted(range(len(kinds)), key=lambda node: (distances[node], ranks[node]))


def _refined(ranks: list[int], before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> list[int]:
    """Ranks in which nodes of one rank have neighbours of the same ranks."""
    classes = 0
    while len(set(ranks)) > classes:
        classes = len(set(ranks))
        looks = [
            (rank, sorted(ranks[other] for other in before[node]), sorted(ranks[other] for other in after[node])) for node, rank in enumerate(ranks)
        ]
        ranks = _ranked([(rank, tuple(into), tuple(out)) for rank, into, out in looks])
    return ranks


def _ranked(looks: Sequence[Hashable]) -> list[int]:
    """For each look its place among all the different looks."""
    values: Any = set(looks)
    places = {look: place for place, look in enumerate(sorted(values))}
    return [places[look] for look in looks]


def _distances(before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> list[int]:
    far = len(before)
    distances = [0 if not into else far for into in before]
    pending = deque(node for node, distance in enumerate(distances) if distance == 0)
    while pending:
        node = pending.popleft()
        for other in after[node]:
            if distances[other] == far:
                distances[other] = distances[node] + 1
                pending.append(other)
    return distances
