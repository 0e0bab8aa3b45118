"""Where the parts of a picture stand, read back from the SVG that Graphviz laid out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import dist
from typing import TypeAlias
from xml.etree import ElementTree as ET

Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]

_SVG = "{http://www.w3.org/2000/svg}"
_POINT = re.compile(r"(-?[\d.]+),(-?[\d.]+)")


@dataclass(frozen=True, slots=True)
class Positions:
    """Boxes (left, top, width, height) of nodes and points of lines by their identifiers, in points, from the top left corner."""

    boxes: dict[str, Box]
    lines: dict[str, tuple[Point, ...]]


def positions(svg: str) -> Positions:
    """The positions in a picture whose nodes and edges carry identifiers; what comes before ``-`` in these is left off."""
    boxes: dict[str, Box] = {}
    lines: dict[str, tuple[Point, ...]] = {}
    groups = [group for group in ET.fromstring(svg).iter(f"{_SVG}g") if group.get("class") in {"node", "edge"}]  # noqa: S314 - our own picture
    left, top = (min(values) for values in zip(*(point for group in groups for point in _outline(group)), strict=True))
    for group in groups:
        name = group.get("id", "").rpartition("-")[2]
        outline = [(x - left, y - top) for x, y in _outline(group)]
        if group.get("class") == "edge":
            lines[name] = _line(outline, arrow=len(_points(group.find(f"{_SVG}polygon"), "points")))
        else:
            (x, y), (right, bottom) = (tuple(map(side, zip(*outline, strict=True))) for side in (min, max))
            boxes[name] = x, y, right - x, bottom - y
    return Positions(boxes, lines)


def _outline(group: ET.Element) -> list[Point]:
    """All points of a node's or edge's shapes, which may stand in a tooltip's group; those of a line come before those of its arrow head."""
    points: list[Point] = []
    for path in group.iter(f"{_SVG}path"):
        points += _points(path, "d")
    for polygon in group.iter(f"{_SVG}polygon"):
        points += _points(polygon, "points")
    for ellipse in group.iter(f"{_SVG}ellipse"):
        x, y, across, down = (float(ellipse.attrib[name]) for name in ("cx", "cy", "rx", "ry"))
        points += [(x - across, y - down), (x + across, y + down)]
    return points


def _points(shape: ET.Element | None, attribute: str) -> list[Point]:
    return [] if shape is None else [(float(x), float(y)) for x, y in _POINT.findall(shape.get(attribute, ""))]


def _line(points: Sequence[Point], arrow: int) -> tuple[Point, ...]:
    """The points through which a curve passes (every third; the others bend it), to the tip of its arrow."""
    curve, head = points[: len(points) - arrow], points[len(points) - arrow :]
    through = list(curve[::3])
    if head:
        through.append(max(head, key=lambda point: dist(point, through[-1])))
    return tuple(through)
