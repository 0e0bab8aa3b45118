"""How much of a process map is visible: the busiest activities and paths, with nothing left hanging in the air.

A pure function of counts: an explorer in another language can be written from this file and tested against it.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeAlias

from finmine import words
from finmine.view import Map, MapEdge, MapNode

STEPS_SHOWN = 0.95
MOST_PATHS = 100
MOST_ACTIVITIES = 150

_START, _END = "start", "end"
_Place: TypeAlias = int | str  # the key of an activity, or the start or end of all cases
_Link: TypeAlias = tuple[_Place, _Place]


@dataclass(frozen=True, slots=True)
class VisibleMap:
    """The visible part of a process map and what share of the whole it shows.

    ``starts`` and ``ends`` are the keys of the activities joined to the symbols of start and end. ``connecting`` counts the
    visible paths that are there only so that every visible activity is reached from the start and reaches the end. ``limit`` is
    the most activities to draw where more were asked for, else missing; ``apart`` counts the visible activities that are joined
    to the start or the end only through activities for which there was no room.
    Shares are of the whole map: events of visible activities, steps and time (sum of gaps) of visible paths;
    missing where the whole has none.
    """

    whole: Map
    nodes: tuple[MapNode, ...]
    edges: tuple[MapEdge, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    connecting: int
    limit: int | None
    apart: int
    events: float | None
    steps: float | None
    time: float | None

    def sentence(self) -> str:
        """What is visible in words: ``12 of 40 activities, 35 of 210 paths; 95.3 % of the steps, 88.0 % of the time``."""
        activities = f"{len(self.nodes):,} of {words.plural(len(self.whole.nodes), 'activity', 'activities')}"
        paths = f"{len(self.edges):,} of {words.plural(len(self.whole.edges), 'path')}"
        measures = ((f"{self.whole.unit}s", self.events), ("steps", self.steps), ("time", self.time))
        shares = ", ".join(f"{words.share(share)} of the {name}" for name, share in measures if share is not None)
        those = "activities" if self.apart else "every activity"
        joined = f"{words.plural(self.connecting, 'path')} only to keep {those} connected" if self.connecting else ""
        limited = "" if self.limit is None else f"only the {words.plural(self.limit, 'most frequent activity', 'most frequent activities')}"
        apart = f"{words.plural(self.apart, 'activity', 'activities')} joined to start or end only through hidden ones" if self.apart else ""
        return "; ".join(part for part in (f"{activities}, {paths}", limited, shares, joined, apart) if part) + "."


def visible(
    map: Map, activities: float = 1.0, paths: float | None = None, most_paths: int = MOST_PATHS, most_activities: int = MOST_ACTIVITIES
) -> VisibleMap:
    """The part of a map to draw.

    ``activities`` is the share of activities to show, those with most events first (at least one, at most ``most_activities``:
    a picture with thousands of boxes can neither be laid out nor read). ``paths`` is the share of
    the paths between them, strongest first; without it the fewest that carry 95 % of the steps between them, at most
    ``most_paths``. The links to start and end are chosen by the same rule. To these are added, for every visible activity
    not reached from the start (or not reaching the end), the links of its widest way (the one whose weakest link is
    strongest), through visible activities where there is such a way, else through hidden ones, which become visible
    while there are at most ``most_activities`` of all.

    Raises:
        ValueError: a share outside 0 to 1.
    """
    if not 0 <= activities <= 1 or not (paths is None or 0 <= paths <= 1):
        raise ValueError("shares run from 0 to 1")
    strength = _links(map)
    asked, most = max(1, _ceil(activities * len(map.nodes))), max(1, most_activities)
    keys: set[_Place] = {node.key for node in map.nodes[: min(asked, most)]}
    chosen: set[_Link] = set()
    for sources, targets in ((keys, keys), ((_START,), keys), (keys, (_END,))):
        chosen |= _strongest(_between(strength, sources, targets), paths, most_paths)
    linked = _connected(strength, [node.key for node in map.nodes], keys, chosen, most)
    return _summary(map, linked, chosen, keys, most if asked > most else None)


def _links(map: Map) -> dict[_Link, int]:
    """Every link with its strength: steps of paths, cases of starts and ends. A path to itself connects nothing but may be shown."""
    links: dict[_Link, int] = {(edge.source, edge.target): edge.steps for edge in map.edges}
    links |= {(_START, node.key): node.start for node in map.nodes if node.start}
    links |= {(node.key, _END): node.end for node in map.nodes if node.end}
    return links


def _between(strength: dict[_Link, int], sources: Collection[_Place], targets: Collection[_Place]) -> dict[_Link, int]:
    return {link: count for link, count in strength.items() if link[0] in sources and link[1] in targets}


def _strongest(links: dict[_Link, int], share: float | None, most: int) -> set[_Link]:
    """The strongest links, equal ones in the order of the map: that share of them, or as many as carry 95 % of the whole."""
    ranked = sorted(links, key=lambda link: -links[link])
    if share is not None:
        return set(ranked[: _ceil(share * len(ranked))])
    carried, enough = 0, STEPS_SHOWN * sum(links.values())
    for count, link in enumerate(ranked):
        if carried >= enough or count == most:
            return set(ranked[:count])
        carried += links[link]
    return set(ranked)


def _connected(strength: dict[_Link, int], order: Sequence[int], keys: set[_Place], chosen: set[_Link], most: int) -> set[_Link]:
    """The chosen links with those that join every visible activity to the start, then to the end."""
    linked = set(chosen)
    for origin, forward in ((_START, True), (_END, False)):
        for allowed in (_touched(linked, keys), set(order)):
            ways = _widest_ways(_between(strength, {_START, *allowed}, {*allowed, _END}), origin, forward)
            shown = _touched(linked, keys)
            wanted = shown & ways.keys()
            reached = _Reached(linked, origin, forward)
            for key in order:
                if key in wanted and key not in reached.places:
                    way = _way(ways, key, reached.places)
                    fresh = _touched(way, set()) - shown
                    if fresh and len(shown) + len(fresh) > most:
                        continue
                    linked |= way
                    shown |= fresh
                    reached.join(way)
    return linked


def _touched(linked: set[_Link], keys: set[_Place]) -> set[_Place]:
    return keys | {place for link in linked for place in link if place not in (_START, _END)}


class _Reached:
    """The places that links lead to from an origin (backward: from which it is reached), kept up as links are added."""

    def __init__(self, links: Collection[_Link], origin: _Place, forward: bool) -> None:
        self._forward = forward
        self._following: dict[_Place, list[_Place]] = {}
        self.places: set[_Place] = {origin}
        self.join(links)

    def join(self, links: Collection[_Link]) -> None:
        """Adds links and the places now reached over them; no link is followed twice."""
        pairs = [link if self._forward else link[::-1] for link in links]
        for near, far in pairs:
            self._following.setdefault(near, []).append(far)
        for near, far in pairs:
            if near in self.places and far not in self.places:
                self._spread(far)

    def _spread(self, place: _Place) -> None:
        self.places.add(place)
        waiting = [place]
        while waiting:
            fresh = [far for far in self._following.get(waiting.pop(), ()) if far not in self.places]
            self.places.update(fresh)
            waiting.extend(fresh)


def _widest_ways(strength: dict[_Link, int], origin: _Place, forward: bool) -> dict[_Place, _Link]:
    """For every place that can be reached, the link by which its widest way from the origin comes to it (backward: goes on from it)."""
    following: dict[_Place, list[tuple[_Place, _Link]]] = {}
    for link in strength:
        near, far = link if forward else link[::-1]
        following.setdefault(near, []).append((far, link))
    ways: dict[_Place, _Link] = {}
    done: set[_Place] = set()
    # Wider first, then fewer links, then the order of the map: the choice is the same on every machine.
    queue: list[tuple[int, int, int, _Place, _Link | None]] = [(-max(strength.values(), default=0), 0, 0, origin, None)]
    pushed = 0
    while queue:
        width, hops, _, place, came_by = heapq.heappop(queue)
        if place in done:
            continue
        done.add(place)
        if came_by is not None:
            ways[place] = came_by
        for onward, link in following.get(place, ()):
            pushed += 1
            heapq.heappush(queue, (max(width, -strength[link]), hops + 1, pushed, onward, link))
    return ways


def _way(ways: dict[_Place, _Link], place: _Place, reached: set[_Place]) -> set[_Link]:
    """The links from a place back to the first one already reached."""
    links = set()
    while place not in reached:
        link = ways[place]
        links.add(link)
        place = link[0] if link[1] == place else link[1]
    return links


def _summary(map: Map, linked: set[_Link], chosen: set[_Link], keys: set[_Place], limit: int | None) -> VisibleMap:
    shown = _touched(linked, keys)
    nodes = tuple(node for node in map.nodes if node.key in shown)
    edges = tuple(edge for edge in map.edges if (edge.source, edge.target) in linked)
    return VisibleMap(
        whole=map,
        nodes=nodes,
        edges=edges,
        starts=tuple(node.key for node in nodes if (_START, node.key) in linked),
        ends=tuple(node.key for node in nodes if (node.key, _END) in linked),
        connecting=len({(edge.source, edge.target) for edge in edges} - chosen),
        limit=limit,
        apart=len(shown - (_Reached(linked, _START, True).places & _Reached(linked, _END, False).places)),
        events=_share(sum(node.events for node in nodes), sum(node.events for node in map.nodes)),
        steps=_share(sum(edge.steps for edge in edges), sum(edge.steps for edge in map.edges)),
        time=_share(sum(edge.total for edge in edges), sum(edge.total for edge in map.edges)),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def _ceil(number: float) -> int:
    """The next whole number, where 0.07 * 100 counts as 7."""
    return ceil(round(number, 9))
