"""The process map as DOT source: activities coloured by how often they happen, paths as wide as what flows or waits on them."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Literal, TypeAlias

from finmine import words
from finmine.render.characters import shorten, shorten_apart, visible_characters, wrapped
from finmine.render.dot import ARROW, BLUES, BOX, GRAPH, GREYS, INK, PAPER, QUIET, beside, inches, label, legible, shade, tooltip
from finmine.render.spoken import spoken
from finmine.render.visible import MOST_ACTIVITIES, MOST_PATHS, VisibleMap
from finmine.view import Clock, Kind, Map, MapEdge, MapNode

if TYPE_CHECKING:
    from graphviz import Digraph

Overlay: TypeAlias = Literal["frequency", "time", "rework"]

_PATHS = {
    "frequency": GREYS,
    "time": ((0xC9, 0xBF, 0xB4), (0xD9, 0x8A, 0x3D), (0x9A, 0x3E, 0x00)),
    "rework": ((0xC6, 0xC2, 0xC9), (0xB8, 0x6A, 0xA4), (0x7A, 0x0F, 0x5C)),
}
_PURPLES = ((0xF7, 0xF2, 0xF6), (0xC9, 0x85, 0xB7), (0x7A, 0x0F, 0x5C))
_BOXES = {"frequency": BLUES, "time": BLUES, "rework": _PURPLES}
_DASHED = {"style": "dashed", "color": "#8a97a5", "fontcolor": QUIET, "penwidth": "0.9"}
_CIRCLE = {"shape": "circle", "style": "filled", "fixedsize": "true", "width": "0.46", "fontsize": "9", "color": INK}
_START = {**_CIRCLE, "fillcolor": PAPER, "fontcolor": INK}
_END = {**_CIRCLE, "fillcolor": INK, "fontcolor": PAPER}

_NAME_WIDTH, _NAME_LENGTH = 24, 60  # columns in a line and in all of an activity's name


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


def process_map(shown: VisibleMap, overlay: Overlay = "frequency", straight: bool = False, caption: str = "") -> str:
    """The DOT source of the visible part of a map.

    Activities are boxes with their name and number of events, darker the more there are. Paths carry their number of steps
    (``frequency``: wider and darker the more steps) or the median gap between two completions (``time``: wider and browner
    the more time is spent on them altogether) or the steps to what was done before in the case (``rework``, wider and more purple
    the more there are; boxes then tell how often the activity is done again), measured against the most that a visible path has.
    Start and end are circles whose identifiers no activity can have: activities are identified by their keys, never by their names.
    """
    from graphviz import Digraph

    dot = Digraph("process_map", graph_attr=GRAPH, node_attr=BOX, edge_attr=ARROW)
    dot.attr("graph", splines="polyline" if straight else "true")
    if caption:
        dot.attr("graph", label=label(wrapped(visible_characters(caption), 100)), labelloc="b")
    _draw_circles(dot, shown)
    _draw_boxes(dot, shown, overlay)
    _draw_links(dot, shown)
    _draw_paths(dot, shown, overlay)
    return str(dot.source)


def legend(overlay: Overlay, unit: str, clock: Clock = "elapsed") -> str:
    """How to read a map with this overlay, in one sentence."""
    boxes = f"boxes show the number of {unit}s, darker the more there are"
    if overlay == "time":
        gap = "median gap between two completions" if clock == "elapsed" else "median working time between two completions"
        return f"Time: paths show the {gap}, wider and browner the more time is spent on them altogether; {boxes}."
    if overlay == "rework":
        again = f"boxes show how many {unit}s repeat their activity in the case, more purple the more there are"
        return (
            f"Rework: paths show how many of their steps lead to what was done before in the case, wider and more purple the more there are; {again}."
        )
    return f"Frequency: paths show the number of steps, wider and darker the more there are; {boxes}."


def _draw_circles(dot: Digraph, shown: VisibleMap) -> None:
    """Start and end; the start comes first because Graphviz follows the flow from what it meets first."""
    for name, rank, look, keys in (("start", "source", _START, shown.starts), ("end", "sink", _END, shown.ends)):
        if keys:
            with dot.subgraph(graph_attr={"rank": rank}) as level:
                level.node(name, id=name, tooltip=f"{name} of the cases", **look)


def back_shown(shown: VisibleMap) -> str:
    """How much of all rework the visible paths hold, in a sentence; nothing where there is none."""
    every, seen = (sum(edge.back or 0 for edge in edges) for edges in (shown.whole.edges, shown.edges))
    return f"Visible paths hold {words.share(seen / every)} of the {words.plural(every, 'step')} back. " if every else ""


def _draw_boxes(dot: Digraph, shown: VisibleMap, overlay: Overlay) -> None:
    most = max(_size(node, overlay) for node in shown.whole.nodes) if shown.nodes else 1
    names = [_name(node) for node in shown.nodes]
    for node, name, short in zip(shown.nodes, names, shorten_apart(names, _NAME_LENGTH), strict=True):
        lines = wrapped(short, _NAME_WIDTH)
        fill = shade(_BOXES[overlay], sqrt(_size(node, overlay) / max(1, most)))
        again = f"{_size(node, overlay):,} of " if overlay == "rework" else ""
        dot.node(
            _place(node.key),
            label([*lines, f"{again}{node.events:,}"]),
            id=f"activity-{node.key}",
            tooltip=tooltip(f"{shorten(name, 400)}: {words.plural(node.events, shown.whole.unit)} in {words.plural(node.cases, 'case')}"),
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
    names = {node.key: shorten(_name(node), 200) for node in shown.nodes}
    kind: Kind = "working" if shown.whole.clock == "working" else "duration"
    most = max((_flow(edge, overlay) for edge in shown.edges), default=1)
    for edge in shown.edges:
        depth = sqrt(max(0, _flow(edge, overlay)) / max(1, most))
        counts = f"{words.plural(edge.steps, 'step')} in {words.plural(edge.cases, 'case')}"
        median, total = (spoken(time, kind) for time in (edge.median, edge.total))
        times = f"median {median}, all {total}{' in working time' if kind == 'working' else ''}"
        dot.edge(
            _place(edge.source),
            _place(edge.target),
            beside(_told(edge, overlay, median)),
            id=f"path-{edge.source}-{edge.target}",
            tooltip=tooltip(f"{names[edge.source]} → {names[edge.target]}: {counts}, {times}"),
            color=shade(_PATHS[overlay], depth),
            penwidth=f"{0.7 + 4.3 * depth:.2f}",
            weight=_weight(edge.steps, shown.whole),
        )


def _flow(edge: MapEdge, overlay: Overlay) -> int:
    return {"frequency": edge.steps, "time": edge.total, "rework": edge.back or 0}[overlay]


def _told(edge: MapEdge, overlay: Overlay, median: str) -> str:
    """What stands beside a path; of rework how many of its steps lead back, where some do."""
    if overlay == "rework":
        return f"{edge.back:,} of {edge.steps:,}" if edge.back else f"{edge.steps:,}"
    return median if overlay == "time" else f"{edge.steps:,}"


def _size(node: MapNode, overlay: Overlay) -> int:
    """What makes a box dark: its events, or those that repeat the activity in their case."""
    return node.events - node.cases if overlay == "rework" else node.events


def _weight(count: int, whole: Map) -> str:
    """How much a link pulls itself straight: the main way through stays a line."""
    return str(1 + round(20 * count / max(1, whole.cases)))


def _place(key: int) -> str:
    return f"a{key}"


def _name(node: MapNode) -> str:
    return visible_characters(node.label)
