"""What the colours of a drawn graph mean: a row of lines with their names above the picture."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from finmine.render.characters import columns
from finmine.render.dot import INK, PAPER
from finmine.render.svg import FONTS, plain

_HEIGHT, _LINE, _GAP, _LETTER, _SIZE = 26.0, 22.0, 6.0, 5.4, 10  # points; a letter is as wide as in the names of causes


def with_swatches(svg: str, colours: Mapping[str, str]) -> str:
    """A tamed picture of Graphviz (in points) with its colours named above it; without colours, the picture as it is."""
    if not colours:
        return svg
    root = plain(svg)
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    wide = max(width, sum(map(_width, colours)) + _GAP)
    root.set("viewBox", f"{left:.2f} {top - _HEIGHT:.2f} {wide:.2f} {height + _HEIGHT:.2f}")
    root.set("width", f"{wide:.0f}pt")
    root.set("height", f"{height + _HEIGHT:.0f}pt")
    row = ET.Element("g", {"class": "colours"})
    ground = {"x": f"{left:.2f}", "y": f"{top - _HEIGHT:.2f}", "width": f"{wide:.2f}", "height": f"{height + _HEIGHT:.2f}", "fill": PAPER}
    ET.SubElement(row, "rect", ground)
    place, middle = left + _GAP, top - _HEIGHT / 2
    for name, colour in colours.items():
        line = {"x1": f"{place:.2f}", "x2": f"{place + _LINE:.2f}", "y1": f"{middle:.2f}", "y2": f"{middle:.2f}"}
        ET.SubElement(row, "line", {**line, "stroke": colour, "stroke-width": "4"})
        at = {"x": f"{place + _LINE + _GAP:.2f}", "y": f"{middle + 3.5:.2f}", "font-family": FONTS, "font-size": str(_SIZE), "fill": INK}
        ET.SubElement(row, "text", at).text = name
        place += _width(name)
    root.insert(0, row)
    return ET.tostring(root, encoding="unicode")


def _width(name: str) -> float:
    """The room of one colour and its name."""
    return _LINE + 3 * _GAP + _LETTER * columns(name)
