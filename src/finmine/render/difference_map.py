"""How a process map tells of the differences between two sides: two colours by sign, wider the larger, grey where chance could do it."""

from __future__ import annotations

from math import sqrt

from finmine.render.characters import shorten, visible_characters
from finmine.render.dot import shade
from finmine.render.overlays import Look
from finmine.view import Clock, Contrast, Map, MapEdge, MapNode
from finmine.words import share

SURE = 0.05
"""The largest q of what counts as a difference."""
_MORE_FIRST = ((0xC5, 0xDD, 0xEE), (0x4A, 0x9A, 0xCB), (0x00, 0x4F, 0x86))
_MORE_SECOND = ((0xF6, 0xD9, 0xC2), (0xE5, 0x8A, 0x45), (0xA8, 0x47, 0x00))
_SAME, _SAME_BOX = "#b4bcc4", "#f3f5f7"
_SIDE = 60  # columns of a side's name


class Differences(Look):
    """The difference of the shares beside a path and in a box, in points; colours are the same in all maps, so that two of them compare."""

    def flow(self, edge: MapEdge) -> float:
        return abs(edge.contrast.difference) if edge.contrast else 0.0

    def beside(self, edge: MapEdge, clock: Clock) -> tuple[str, ...]:
        return (_points(edge.contrast),)

    def colour(self, edge: MapEdge, depth: float) -> str:
        return _coloured(edge.contrast, _SAME)

    def box(self, node: MapNode, depth: float) -> str:
        return _coloured(node.contrast, _SAME_BOX)

    def counted(self, node: MapNode) -> str:
        return _points(node.contrast)


DIFFERENCES = Differences()


def about(contrast: Contrast | None) -> str:
    """Both shares in words, and how sure their difference is."""
    if contrast is None:
        return "not compared"
    told = "not tested: too few cases" if contrast.q is None else f"q {contrast.q:.2g}"
    return f"{share(contrast.first)} against {share(contrast.second)} of the cases, {told}"


def sides_legend(whole: Map) -> str:
    """How to read such a map, in one sentence."""
    first, second = (shorten(visible_characters(side), _SIDE) for side in whole.sides or ("", ""))
    return (
        f"Differences: blue is in a larger share of the cases of the first side ({first}), orange in a larger share of those of the second ({second}), wider "
        "and darker the larger the difference; numbers are percentage points (those from the start and to the end count cases of both sides); "
        "grey is no difference beyond chance (q above 5 %)."
    )


def _points(contrast: Contrast | None) -> str:
    """The difference in percentage points, with its sign."""
    if contrast is None:
        return ""
    said = f"{contrast.difference * 100:+.1f}"
    return said.replace("-", "\N{MINUS SIGN}") if float(said) else "0"


def _coloured(contrast: Contrast | None, otherwise: str) -> str:
    if contrast is None or contrast.q is None or contrast.q > SURE:
        return otherwise
    return shade(_MORE_FIRST if contrast.difference > 0 else _MORE_SECOND, sqrt(abs(contrast.difference)))
