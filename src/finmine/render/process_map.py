"""The process map as DOT source: activities coloured by how often they happen, paths as wide as what flows, waits or costs on them."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from finmine import words
from finmine.render.characters import shorten, shorten_apart, visible_characters, wrapped
from finmine.render.difference_map import DIFFERENCES, about
from finmine.render.dot import ARROW, BOX, GRAPH, INK, PAPER, QUIET, beside, inches, label, legible, tooltip
from finmine.render.overlays import LOOKS, Look, Overlay
from finmine.render.spoken import spoken
from finmine.render.visible import MOST_ACTIVITIES, MOST_PATHS, VisibleMap
from finmine.view import Kind, Map, MapEdge, MapNode

if TYPE_CHECKING:
    from graphviz import Digraph

_DASHED = {"style": "dashed", "color": "#8a97a5", "fontcolor": QUIET, "penwidth": "0.9"}
_CIRCLE = {"shape": "circle", "style": "filled", "fixedsize": "true", "width": "0.46", "fontsize": "9", "color": INK}
_START = {**_CIRCLE, "fillcolor": PAPER, "fontcolor": INK}
_END = {**_CIRCLE, "fillcolor": INK, "fontcolor": PAPER}

_NAME_WIDTH, _NARROW_NAME, _NAME_LENGTH = 24, 14, 60  # columns in a line, in a line of a narrow map, and in all of an activity's name
_CLOSE = {"nodesep": "0.15"}


@dataclass(frozen=True, slots=True)
class Lens:
    """How a process map is looked at: what its paths tell, how much of it is visible (see ``visible``), and straight or curved lines."""

    overlay: Overlay = "frequency"
    activities: float = 1.0
    paths: float | None = None
    most_paths: int = MOST_PATHS
    most_activities: int = MOST_ACTIVITIES
    straight: bool = False


WHOLE = Lens()


def process_map(shown: VisibleMap, overlay: Overlay = "frequency", straight: bool = False, caption: str = "", narrow: bool = False) -> str:
    """The DOT source of the visible part of a map; ``narrow`` writes names in more and shorter lines, and puts less room between boxes.

    Activities are boxes with their name and number of events, darker the more there are (with ``rework``: how often the activity is done
    again). What paths carry is said by the overlay (see ``overlays``), and they are the wider the more of it they have, measured against the
    most that a visible path has. Where the map compares two sides it tells of their differences, whatever the overlay (see ``difference_map``).
    Start and end are circles whose identifiers no activity can have: activities are identified by their keys, never by their names.
    """
    from graphviz import Digraph

    dot = Digraph("process_map", graph_attr=GRAPH, node_attr=BOX, edge_attr=ARROW)
    dot.attr("graph", splines="polyline" if straight else "true", **(_CLOSE if narrow else {}))
    if caption:
        dot.attr("graph", label=label(wrapped(visible_characters(caption), 100)), labelloc="b")
    _draw_circles(dot, shown)
    _draw_boxes(dot, shown, overlay, _NARROW_NAME if narrow else _NAME_WIDTH)
    _draw_links(dot, shown)
    _draw_paths(dot, shown, overlay)
    return str(dot.source)


def _draw_circles(dot: Digraph, shown: VisibleMap) -> None:
    """Start and end; the start comes first because Graphviz follows the flow from what it meets first."""
    for name, rank, look, keys in (("start", "source", _START, shown.starts), ("end", "sink", _END, shown.ends)):
        if keys:
            with dot.subgraph(graph_attr={"rank": rank}) as level:
                level.node(name, id=name, tooltip=f"{name} of the cases", **look)


def held_shown(shown: VisibleMap, overlay: Overlay) -> str:
    """How much of what an overlay tells the visible paths hold, in a sentence; nothing where that is said of all maps, or there is none."""
    look = _look(shown.whole, overlay)
    every, seen = (sum(map(look.flow, edges)) for edges in (shown.whole.edges, shown.edges))
    held = look.held(every)
    return f"Visible paths hold {words.share(seen / every)} of the {held}. " if held and every else ""


def _draw_boxes(dot: Digraph, shown: VisibleMap, overlay: Overlay, columns: int) -> None:
    look = _look(shown.whole, overlay)
    most = max(map(look.size, shown.whole.nodes)) if shown.nodes else 1
    names = [_name(node) for node in shown.nodes]
    for node, name, short in zip(shown.nodes, names, shorten_apart(names, _NAME_LENGTH), strict=True):
        lines = wrapped(short, columns)
        fill = look.box(node, sqrt(look.size(node) / max(1, most)))
        told = f"{words.plural(node.events, shown.whole.unit)} in {words.plural(node.cases, 'case')}"
        told += f", {about(node.contrast)}" if shown.whole.sides else ""
        dot.node(
            _place(node.key),
            label([*lines, look.counted(node)]),
            id=f"activity-{node.key}",
            tooltip=tooltip(f"{shorten(name, 400)}: {told}"),
            fillcolor=fill,
            fontcolor=legible(fill),
            width=f"{inches(lines):.2f}",
        )


def _draw_links(dot: Digraph, shown: VisibleMap) -> None:
    """Dashed links that tell in how many cases an activity comes first or last."""
    nodes = {node.key: node for node in shown.nodes}
    for key in sorted(shown.starts, key=lambda key: -nodes[key].start):
        count = nodes[key].start
        about = f"first in {words.plural(count, 'case')}"
        dot.edge("start", _place(key), beside(f"{count:,}"), tooltip=about, weight=_weight(count, shown.whole), **_DASHED)
    for key in shown.ends:
        count = nodes[key].end
        about = f"last in {words.plural(count, 'case')}"
        dot.edge(_place(key), "end", beside(f"{count:,}"), tooltip=about, weight=_weight(count, shown.whole), **_DASHED)


def _draw_paths(dot: Digraph, shown: VisibleMap, overlay: Overlay) -> None:
    look, names = _look(shown.whole, overlay), {node.key: shorten(_name(node), 200) for node in shown.nodes}
    most = max(map(look.flow, shown.edges), default=1)
    for edge in shown.edges:
        depth = sqrt(max(0, look.flow(edge)) / max(1, most))
        lines = look.beside(edge, shown.whole.clock)
        dot.edge(
            _place(edge.source),
            _place(edge.target),
            label([beside(line) for line in lines]),
            id=f"path-{edge.source}-{edge.target}",
            tooltip=tooltip(f"{names[edge.source]} → {names[edge.target]}: {_about(edge, shown.whole)}"),
            color=look.colour(edge, depth),
            penwidth=f"{0.7 + 4.3 * depth:.2f}",
            weight=_weight(edge.steps, shown.whole),
        )


def _about(edge: MapEdge, whole: Map) -> str:
    """All that is known of a path: its counts, times, waiting by cause and cost; or the shares of the two sides that the map compares."""
    kind: Kind = "working" if whole.clock == "working" else "duration"
    median, total = (spoken(time, kind) for time in (edge.median, edge.total))
    said = [f"{words.plural(edge.steps, 'step')} in {words.plural(edge.cases, 'case')}"]
    if whole.sides:
        return f"{said[0]}, {about(edge.contrast)}"
    said.append(f"median {median}, all {total}{' in working time' if kind == 'working' else ''}")
    if edge.waits:
        causes = ", ".join(f"{cause} {words.duration(time)}" for cause, time in edge.waits)
        said.append(f"waiting {words.duration(edge.waiting)} ({causes})")
    if edge.cost is not None:
        said.append(f"cost {words.money(edge.cost, whole.currency)}")
    return ", ".join(said)


def _look(whole: Map, overlay: Overlay) -> Look:
    return DIFFERENCES if whole.sides else LOOKS[overlay]


def _weight(count: int, whole: Map) -> str:
    """How much a link pulls itself straight: the main way through stays a line."""
    return str(1 + round(20 * count / max(1, whole.cases)))


def _place(key: int) -> str:
    return f"a{key}"


def _name(node: MapNode) -> str:
    return visible_characters(node.label)
