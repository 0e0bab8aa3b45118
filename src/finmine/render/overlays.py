"""What the paths of a process map tell: how often, how long, what is done again, what is waited for, or what it costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from finmine import words
from finmine.render.dot import BLUES, GREYS, PURPLES, shade
from finmine.render.spoken import spoken
from finmine.view import Clock, Kind, Map, MapEdge, MapNode

Overlay: TypeAlias = Literal["frequency", "time", "rework", "waiting", "money"]
Scale: TypeAlias = tuple[tuple[int, int, int], ...]

_BROWNS = ((0xC9, 0xBF, 0xB4), (0xD9, 0x8A, 0x3D), (0x9A, 0x3E, 0x00))
_PURPLE_BOXES = ((0xF7, 0xF2, 0xF6), (0xC9, 0x85, 0xB7), (0x7A, 0x0F, 0x5C))
_REDS = ((0xC9, 0xC0, 0xC0), (0xD0, 0x6A, 0x6A), (0x8E, 0x0B, 0x1C))
_NOTHING = "#c3cad1"
CAUSES = {
    "batching": "#0072b2",
    "contention": "#d55e00",
    "prioritisation": "#b45a94",
    "unavailability": "#00805e",
    "unknown": "#777f88",
    "extraneous": "#c78500",
}
"""The colour of each cause of waiting: Okabe and Ito's, darkened where a line of text in it would be too pale."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a map is drawn with one overlay: the colours of paths and boxes from light to dark."""

    scale: Scale = GREYS
    boxes: Scale = BLUES

    def flow(self, edge: MapEdge) -> float:
        """What makes a path wide and dark."""
        return edge.steps

    def beside(self, edge: MapEdge, clock: Clock) -> tuple[str, ...]:
        """The lines that stand beside a path."""
        return (f"{edge.steps:,}",)

    def colour(self, edge: MapEdge, depth: float) -> str:
        """The colour of a path at a depth from 0 to 1."""
        return shade(self.scale, depth)

    def size(self, node: MapNode) -> int:
        """What makes a box dark."""
        return node.events

    def box(self, node: MapNode, depth: float) -> str:
        """The colour of a box at a depth from 0 to 1."""
        return shade(self.boxes, depth)

    def counted(self, node: MapNode) -> str:
        """The numbers in a box."""
        return f"{node.events:,}"

    def held(self, whole: float) -> str:
        """What flows in all, of which the visible paths hold a part; nothing where that is said of every map."""
        return ""


class _Time(Look):
    """The median gap beside a path, all gaps as its width."""

    def flow(self, edge: MapEdge) -> float:
        return edge.total

    def beside(self, edge: MapEdge, clock: Clock) -> tuple[str, ...]:
        kind: Kind = "working" if clock == "working" else "duration"
        return (spoken(edge.median, kind),)


class _Rework(Look):
    """How many of the steps lead back, where some do; and how often activities are done again."""

    def flow(self, edge: MapEdge) -> float:
        return edge.back or 0

    def beside(self, edge: MapEdge, clock: Clock) -> tuple[str, ...]:
        return (f"{edge.back:,} of {edge.steps:,}" if edge.back else f"{edge.steps:,}",)

    def size(self, node: MapNode) -> int:
        return node.events - node.cases

    def counted(self, node: MapNode) -> str:
        return f"{self.size(node):,} of {node.events:,}"

    def held(self, whole: float) -> str:
        return f"{words.plural(int(whole), 'step')} back"


class _Waiting(Look):
    """The waiting of all steps, with the largest cause as its colour and how much of it that has."""

    def flow(self, edge: MapEdge) -> float:
        return edge.waiting

    def beside(self, edge: MapEdge, clock: Clock) -> tuple[str, ...]:
        if not edge.waits:
            return ()
        cause, time = edge.waits[0]
        return words.duration(edge.waiting), f"{cause} {words.share(time / edge.waiting)}"

    def colour(self, edge: MapEdge, depth: float) -> str:
        return CAUSES[edge.waits[0][0]] if edge.waits else _NOTHING

    def held(self, whole: float) -> str:
        return "waiting on paths"


class _Money(Look):
    """What the time on a path costs, where it costs something."""

    def flow(self, edge: MapEdge) -> float:
        return float(edge.cost or 0)

    def beside(self, edge: MapEdge, clock: Clock) -> tuple[str, ...]:
        return (words.money(edge.cost),) if edge.cost else ()

    def held(self, whole: float) -> str:
        return "cost on paths"


LOOKS: dict[Overlay, Look] = {
    "frequency": Look(),
    "time": _Time(_BROWNS),
    "rework": _Rework(PURPLES, _PURPLE_BOXES),
    "waiting": _Waiting(),
    "money": _Money(_REDS),
}


def overlays_of(whole: Map) -> tuple[Overlay, ...]:
    """The overlays of which a map tells something: how often and how long, and what else its paths have."""
    more: dict[Overlay, bool] = {
        "rework": any(edge.back for edge in whole.edges),
        "waiting": any(edge.waits for edge in whole.edges),
        "money": any(edge.cost for edge in whole.edges),
    }
    return ("frequency", "time", *(overlay for overlay, told in more.items() if told))


def legend(overlay: Overlay, unit: str, clock: Clock = "elapsed", currency: str = "") -> str:
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
    if overlay == "waiting":
        return f"Waiting: paths show how long their steps waited altogether, wider the longer, with the largest cause as their colour and its share; {boxes}."
    if overlay == "money":
        of = f" in {currency}" if currency else ""
        return f"Money: paths show what the time on them costs{of}, wider and redder the more; {boxes}."
    return f"Frequency: paths show the number of steps, wider and darker the more there are; {boxes}."


def colours(overlay: Overlay, edges: Iterable[MapEdge]) -> dict[str, str]:
    """What the colours of the visible paths mean, where they are more than shades: the causes that are the largest of one."""
    if overlay != "waiting":
        return {}
    shown = list(edges)
    found = {edge.waits[0][0] for edge in shown if edge.waits}
    nothing = {} if all(edge.waits for edge in shown) else {"no waiting": _NOTHING}
    return {cause: colour for cause, colour in CAUSES.items() if cause in found} | nothing
