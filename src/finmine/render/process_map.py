"""The process map as DOT source: activities coloured by how often they happen, paths as wide as what flows or waits on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Literal, TypeAlias

from finmine import words
from finmine.render.characters import columns, shorten, shorten_apart, visible_characters, wrapped
from finmine.render.spoken import spoken
from finmine.render.visible import MOST_ACTIVITIES, MOST_PATHS, VisibleMap
from finmine.view import Clock, Kind, Map, MapEdge, MapNode

if TYPE_CHECKING:
    from graphviz import Digraph

Overlay: TypeAlias = Literal["frequency", "time"]

FONT = "Liberation Sans"  # the one name whose widths Graphviz knows and whose letters vl-convert brings along

_INK, _PAPER, _QUIET = "#1b2733", "#ffffff", "#5a6673"
# One hue from light to dark, so that the order survives grey printing and every kind of colour blindness.
_BLUES = ((0xEA, 0xF2, 0xFA), (0x6B, 0xAE, 0xD6), (0x08, 0x45, 0x94))
_PATHS = {
    "frequency": ((0xAD, 0xB7, 0xC2), (0x6A, 0x78, 0x88), (0x26, 0x32, 0x3F)),
    "time": ((0xC9, 0xBF, 0xB4), (0xD9, 0x8A, 0x3D), (0x9A, 0x3E, 0x00)),
}
_GRAPH = {"rankdir": "TB", "nodesep": "0.25", "ranksep": "0.4", "bgcolor": _PAPER, "fontname": FONT, "fontsize": "10", "fontcolor": _QUIET}
_BOX = {"shape": "box", "style": "rounded,filled", "fontname": FONT, "fontsize": "11", "color": "#7f93a8", "penwidth": "0.8", "margin": "0.16,0.08"}
_ARROW = {"fontname": FONT, "fontsize": "9", "fontcolor": _INK, "arrowsize": "0.6"}
_DASHED = {"style": "dashed", "color": "#8a97a5", "fontcolor": _QUIET, "penwidth": "0.9"}
_CIRCLE = {"shape": "circle", "style": "filled", "fixedsize": "true", "width": "0.46", "fontsize": "9", "color": _INK}
_START = {**_CIRCLE, "fillcolor": _PAPER, "fontcolor": _INK}
_END = {**_CIRCLE, "fillcolor": _INK, "fontcolor": _PAPER}

_NAME_WIDTH, _NAME_LENGTH = 24, 60  # columns in a line and in all of an activity's name
_POINTS_PER_COLUMN = 6.1  # of a letter in a box, generously: what a box needs for letters whose width Graphviz guesses


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
    the more time is spent on them altogether). Start and end are circles whose identifiers no activity can have:
    activities are identified by their keys, never by their names.
    """
    from graphviz import Digraph

    dot = Digraph("process_map", graph_attr=_GRAPH, node_attr=_BOX, edge_attr=_ARROW)
    dot.attr("graph", splines="polyline" if straight else "true")
    if caption:
        dot.attr("graph", label=_label(wrapped(visible_characters(caption), 100)), labelloc="b")
    _draw_circles(dot, shown)
    _draw_boxes(dot, shown)
    _draw_links(dot, shown)
    _draw_paths(dot, shown, overlay)
    return str(dot.source)


def legend(overlay: Overlay, unit: str, clock: Clock = "elapsed") -> str:
    """How to read a map with this overlay, in one sentence."""
    boxes = f"boxes show the number of {unit}s, darker the more there are"
    if overlay == "time":
        gap = "median gap between two completions" if clock == "elapsed" else "median working time between two completions"
        return f"Time: paths show the {gap}, wider and browner the more time is spent on them altogether; {boxes}."
    return f"Frequency: paths show the number of steps, wider and darker the more there are; {boxes}."


def _draw_circles(dot: Digraph, shown: VisibleMap) -> None:
    """Start and end; the start comes first because Graphviz follows the flow from what it meets first."""
    for name, rank, look, keys in (("start", "source", _START, shown.starts), ("end", "sink", _END, shown.ends)):
        if keys:
            with dot.subgraph(graph_attr={"rank": rank}) as level:
                level.node(name, id=name, tooltip=f"{name} of the cases", **look)


def _draw_boxes(dot: Digraph, shown: VisibleMap) -> None:
    most = max(node.events for node in shown.whole.nodes) if shown.nodes else 1
    names = [_name(node) for node in shown.nodes]
    for node, name, short in zip(shown.nodes, names, shorten_apart(names, _NAME_LENGTH), strict=True):
        lines = wrapped(short, _NAME_WIDTH)
        fill = _shade(_BLUES, sqrt(node.events / max(1, most)))
        dot.node(
            _place(node.key),
            _label([*lines, f"{node.events:,}"]),
            id=f"activity-{node.key}",
            tooltip=_tooltip(f"{shorten(name, 400)}: {words.plural(node.events, shown.whole.unit)} in {words.plural(node.cases, 'case')}"),
            fillcolor=fill,
            fontcolor=_legible(fill),
            width=f"{_inches(lines):.2f}",
        )


def _draw_links(dot: Digraph, shown: VisibleMap) -> None:
    """Dashed links that tell in how many cases an activity comes first or last."""
    nodes = {node.key: node for node in shown.nodes}
    for key in sorted(shown.starts, key=lambda key: -nodes[key].start):
        count = nodes[key].start
        about = f"first in {words.plural(count, 'case')}"
        dot.edge("start", _place(key), _beside(f"{count:,}"), tooltip=about, weight=_weight(count, shown.whole), **_DASHED)
    for key in shown.ends:
        count = nodes[key].end
        about = f"last in {words.plural(count, 'case')}"
        dot.edge(_place(key), "end", _beside(f"{count:,}"), tooltip=about, weight=_weight(count, shown.whole), **_DASHED)


def _draw_paths(dot: Digraph, shown: VisibleMap, overlay: Overlay) -> None:
    names = {node.key: shorten(_name(node), 200) for node in shown.nodes}
    kind: Kind = "working" if shown.whole.clock == "working" else "duration"
    most = max((_flow(edge, overlay) for edge in shown.whole.edges), default=1)
    for edge in shown.edges:
        depth = sqrt(max(0, _flow(edge, overlay)) / max(1, most))
        counts = f"{words.plural(edge.steps, 'step')} in {words.plural(edge.cases, 'case')}"
        median, total = (spoken(time, kind) for time in (edge.median, edge.total))
        times = f"median {median}, all {total}{' in working time' if kind == 'working' else ''}"
        dot.edge(
            _place(edge.source),
            _place(edge.target),
            _beside(median if overlay == "time" else f"{edge.steps:,}"),
            id=f"path-{edge.source}-{edge.target}",
            tooltip=_tooltip(f"{names[edge.source]} → {names[edge.target]}: {counts}, {times}"),
            color=_shade(_PATHS[overlay], depth),
            penwidth=f"{0.7 + 4.3 * depth:.2f}",
            weight=_weight(edge.steps, shown.whole),
        )


def _flow(edge: MapEdge, overlay: Overlay) -> int:
    return edge.total if overlay == "time" else edge.steps


def _weight(count: int, whole: Map) -> str:
    """How much a link pulls itself straight: the main way through stays a line."""
    return str(1 + round(20 * count / max(1, whole.cases)))


def _beside(text: str) -> str:
    """A label with blanks that keep it off its line."""
    return f"\u00a0\u00a0{text}\u00a0"


def _place(key: int) -> str:
    return f"a{key}"


def _name(node: MapNode) -> str:
    return visible_characters(node.label)


def _label(lines: Sequence[str]) -> str:
    """Lines as one Graphviz label that shows exactly these characters: no escape sequence, entity or HTML of theirs is obeyed."""
    from graphviz import escape, nohtml

    return str.__str__(nohtml("\\n".join(escape(line.replace("&", "&amp;")) for line in lines)))


def _tooltip(text: str) -> str:
    """As ``_label``, for tooltips, whose escape sequences Graphviz obeys twice."""
    return _label([text.replace("\\", "\\\\")])


def _inches(lines: Sequence[str]) -> float:
    """The least width of a box with letters that Graphviz takes for narrower than they are, else none."""
    if all(line.isascii() for line in lines):
        return 0.0
    return (max(map(columns, lines)) * _POINTS_PER_COLUMN + 23) / 72


def _shade(scale: tuple[tuple[int, int, int], ...], depth: float) -> str:
    """A colour between the light (0) and the dark (1) end of a scale."""
    place = min(max(depth, 0.0), 1.0) * (len(scale) - 1)
    low = min(int(place), len(scale) - 2)
    mixed = (round(a + (b - a) * (place - low)) for a, b in zip(scale[low], scale[low + 1], strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _legible(fill: str) -> str:
    """The ink or paper that stands out more on a colour, by WCAG 2 relative luminance."""
    ink, paper, ground = (_luminance(colour) + 0.05 for colour in (_INK, _PAPER, fill))
    return _PAPER if paper / ground > ground / ink else _INK


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
