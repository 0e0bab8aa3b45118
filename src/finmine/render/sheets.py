"""A large picture on paper: cut into sheets that can be read, each with a rim of its neighbours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from xml.etree import ElementTree as ET

from finmine.render.svg import plain

WIDE, HIGH = 510.0, 620.0
"""The room of a sheet of A4 within its margins, less a heading, in points."""
LEAST = 0.52
"""How far a picture may be reduced on paper: letters of 11 points are then of just under 6. Only one that needs too many sheets is reduced further."""
_WORTH = 0.7  # of its size is what a picture keeps at least when a row of sheets is spared
MOST_SHEETS = 9
"""More sheets nobody lays side by side."""
_LETTERS = 80.0  # points about the place of a text that its letters may take
_RIM = 45.0  # points of the picture that two neighbouring sheets both show, so that each box is whole on one of them


@dataclass(frozen=True, slots=True)
class Sheet:
    """A part of a picture: which part it is, in words, and its SVG in the size that it has on paper."""

    words: str
    svg: str


def scale(width: float, height: float) -> float:
    """How far a picture of this size (in points) is reduced on paper.

    It can be read on the fewest columns of sheets, its last row is no small rest, and it never needs too many.
    """
    columns = 1
    while (reduced := _fit(width, columns, WIDE)) < LEAST:
        columns += 1
    reduced = _without_a_rest(height, min(1.0, reduced))
    if columns * len(_starts(height, HIGH / reduced)) <= MOST_SHEETS:
        return reduced
    return max(min(1.0, _fit(width, across, WIDE), _fit(height, MOST_SHEETS // across, HIGH)) for across in range(1, MOST_SHEETS + 1))


def _without_a_rest(height: float, reduced: float) -> float:
    """As reduced, or a little further where one row of sheets fewer then holds the height."""
    rows = len(_starts(height, HIGH / reduced))
    fewer = _fit(height, rows - 1, HIGH) if rows > 1 else 0.0
    return fewer if fewer >= max(LEAST, _WORTH * reduced) else reduced


def _fit(length: float, count: int, room: float) -> float:
    """How far a length is reduced so that so many sheets of a room show it."""
    return room * count / (length + (count - 1) * _RIM)


def windows(width: float, height: float) -> list[list[tuple[float, float, float, float]]]:
    """The sheets of a picture of this size, row by row: left, top, width and height of what each shows; one where that holds all."""
    reduced = scale(width, height)
    wide, high = WIDE / reduced, HIGH / reduced
    lefts, tops = _starts(width, wide), _starts(height, high)
    return [[(left, top, min(wide, width - left), min(high, height - top)) for left in lefts] for top in tops]


def _starts(length: float, room: float) -> list[float]:
    """Where sheets of a room begin that together show a length, each with a rim of the one before."""
    count = 1 if length <= room else ceil((length - _RIM) / (room - _RIM) - 1e-9)
    return [number * (room - _RIM) for number in range(count)]


def sheets(svg: str) -> tuple[Sheet, ...]:
    """The sheets of a tamed picture of Graphviz; none where one holds it."""
    root = plain(svg)
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    rows = windows(width, height)
    count = sum(map(len, rows))
    if count == 1:
        return ()
    found: list[Sheet] = []
    for row, line in enumerate(rows, 1):
        for column, (x, y, wide, high) in enumerate(line, 1):
            beside = f", column {column} of {len(line)}" if len(line) > 1 else ""
            part = _part(root, (left + x, top + y, wide, high), scale(width, height))
            found.append(Sheet(f"Part {len(found) + 1} of {count}: row {row} of {len(rows)}{beside}", part))
    return tuple(found)


def _part(root: ET.Element, window: tuple[float, float, float, float], reduced: float) -> str:
    """What of a picture can be seen through a window, in the size that it has on paper; without identifiers and tooltips."""
    x, y, wide, high = window
    size = {"width": f"{wide * reduced:.0f}pt", "height": f"{high * reduced:.0f}pt", "viewBox": f"{x:.2f} {y:.2f} {wide:.2f} {high:.2f}"}
    part = ET.Element("svg", {"xmlns": root.attrib["xmlns"], **size})
    for child in root:
        moved = re.search(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)", child.get("transform", ""))
        dx, dy = map(float, moved.groups()) if moved else (0.0, 0.0)
        kept = ET.SubElement(part, child.tag, {name: value for name, value in child.attrib.items() if name != "id"})
        kept.text = child.text
        kept.extend(_bare(one) for one in child if _seen(one, (x - dx, y - dy, wide, high)))
    return ET.tostring(part, encoding="unicode")


def _seen(element: ET.Element, window: tuple[float, float, float, float]) -> bool:
    """Whether the points of an element, and the letters about them, reach into a window."""
    points = [point for one in element.iter() for point in _points(one)]
    if not points:
        return True
    x, y, wide, high = window
    across, down = ([point[axis] for point in points] for axis in (0, 1))
    return min(across) - _LETTERS <= x + wide and max(across) + _LETTERS >= x and min(down) - _LETTERS <= y + high and max(down) + _LETTERS >= y


def _points(element: ET.Element) -> list[tuple[float, float]]:
    drawn = element.get("d") or element.get("points") or ""
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", drawn)]
    alone = [
        (float(element.attrib[x]), float(element.attrib[y])) for x, y in (("x", "y"), ("cx", "cy")) if x in element.attrib and y in element.attrib
    ]
    return [*zip(numbers[::2], numbers[1::2], strict=False), *alone]


def _bare(element: ET.Element) -> ET.Element:
    kept = ET.Element(element.tag, {name: value for name, value in element.attrib.items() if name != "id"})
    kept.text, kept.tail = element.text, element.tail
    kept.extend(_bare(child) for child in element if child.tag != "title")
    return kept
