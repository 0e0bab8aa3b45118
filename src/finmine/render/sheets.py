"""A large picture on paper: cut into sheets that can be read, each with a rim of its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from xml.etree import ElementTree as ET

from finmine.render.svg import plain

WIDE, HIGH = 510.0, 620.0
"""The room of a sheet of A4 within its margins, less a heading, in points."""
LEAST = 0.52
"""How far a picture may be reduced on paper: letters of 11 points are then of just under 6."""
MOST_SHEETS = 9
_RIM = 45.0  # points of the picture that two neighbouring sheets both show, so that each box is whole on one of them


@dataclass(frozen=True, slots=True)
class Sheet:
    """A part of a picture: the part of its view box that is shown, the size on paper in points, and which part it is, in words."""

    view: str
    width: int
    height: int
    words: str


def scale(width: float) -> float:
    """How far a picture of this width (in points) is reduced on paper: so that the fewest columns of sheets hold it and it can be read."""
    columns = 1
    while (reduced := WIDE * columns / (width + (columns - 1) * _RIM)) < LEAST:
        columns += 1
    return min(1.0, reduced)


def windows(width: float, height: float) -> list[list[tuple[float, float, float, float]]]:
    """The sheets of a picture of this size, row by row: left, top, width and height of what each shows; one where that holds all."""
    wide, high = (room / scale(width) for room in (WIDE, HIGH))
    lefts, tops = _starts(width, wide), _starts(height, high)
    return [[(left, top, min(wide, width - left), min(high, height - top)) for left in lefts] for top in tops]


def _starts(length: float, room: float) -> list[float]:
    """Where sheets of a room begin that together show a length, each with a rim of the one before."""
    count = 1 if length <= room else ceil((length - _RIM) / (room - _RIM) - 1e-9)
    return [number * (room - _RIM) for number in range(count)]


def cut(svg: str, name: str) -> tuple[str, tuple[Sheet, ...]]:
    """A tamed picture of Graphviz whose content can be shown again under a name, and its sheets; none where one holds it, or too many would be needed."""
    root = plain(svg)
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    rows = windows(width, height)
    if not 1 < sum(map(len, rows)) <= MOST_SHEETS:
        return svg, ()
    whole = ET.Element("g", {"id": name})
    whole.extend(list(root))
    root[:] = [whole]
    places = [(row, column, part) for row, line in enumerate(rows, 1) for column, part in enumerate(line, 1)]
    sheets = []
    for number, (row, column, (x, y, wide, high)) in enumerate(places, 1):
        beside = f", column {column} of {len(rows[0])}" if len(rows[0]) > 1 else ""
        words = f"Part {number} of {len(places)}: row {row} of {len(rows)}{beside}"
        size = round(wide * scale(width)), round(high * scale(width))
        sheets.append(Sheet(f"{left + x:.2f} {top + y:.2f} {wide:.2f} {high:.2f}", *size, words))
    return ET.tostring(root, encoding="unicode"), tuple(sheets)
