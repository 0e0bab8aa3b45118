"""SVG that may stand in any page: nothing in it runs, loads or links, and its identifiers meet no others."""

from __future__ import annotations

import hashlib
import re
from xml.etree import ElementTree as ET

FONTS = "Liberation Sans, Arial, sans-serif"  # the same widths in every viewer; the first comes with vl-convert

_SVG = "{http://www.w3.org/2000/svg}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_TITLE = "{http://www.w3.org/1999/xlink}title"
_SHAPES = frozenset(("path", "polygon", "polyline", "ellipse", "circle", "rect", "line"))
_DRAWN = _SHAPES | {"svg", "g", "text", "tspan", "title", "desc", "defs", "clipPath", "linearGradient", "stop"}
_REFERENCE = re.compile(r"url\(\s*#([\w-]+)\s*\)")
_PLAIN_STYLE = re.compile(r"[\w\s:;,.#%-]*")


def tame(svg: str) -> str:
    """The same picture made only of shapes, text and tooltips.

    Everything else (scripts, links, images, styles from elsewhere, handlers) is left out; the tooltip of a link stays as a
    title. Identifiers get a prefix made from the picture, so that several pictures can stand in one page. Text is set in
    one family of fonts, because a picture whose font is missing loses its text without a word.
    """
    root = ET.fromstring(svg[svg.index("<svg") :])  # noqa: S314 - written by Graphviz or Vega, not by strangers
    prefix = f"p{hashlib.sha256(svg.encode()).hexdigest()[:10]}-"
    tamed = _tamed(root, prefix)
    tamed.set("xmlns", _SVG.strip("{}"))
    return ET.tostring(tamed, encoding="unicode")


def width(svg: str) -> int:
    """The width of a tamed picture in pixels of a screen (Graphviz counts in points, of which 72 make 96 pixels)."""
    given = ET.fromstring(svg).attrib["width"]  # noqa: S314 - tamed before
    return round(float(given.removesuffix("pt")) * 4 / 3) if given.endswith("pt") else round(float(given.removesuffix("px")))


def plain(svg: str) -> ET.Element:
    """A tamed picture with names of elements that have no prefix, so that more can be drawn into it."""
    root = ET.fromstring(svg)  # noqa: S314 - tamed before
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
    root.set("xmlns", _SVG.strip("{}"))
    return root


def _tamed(element: ET.Element, prefix: str) -> ET.Element:
    kept = ET.Element(element.tag.removeprefix(_SVG))
    kept.attrib.update(_attributes(element, prefix))
    kept.text, kept.tail = element.text, element.tail
    children = list(element)
    if any(child.get(_TITLE) for child in children):
        children = [child for child in children if child.tag != f"{_SVG}title"]
    for child in children:
        name = child.tag.removeprefix(_SVG)
        if name == "a":
            kept.append(_unlinked(child, prefix))
        elif name in _DRAWN:
            kept.append(_tamed(child, prefix))
    return kept


def _unlinked(link: ET.Element, prefix: str) -> ET.Element:
    group = ET.Element(f"{_SVG}g", {key: value for key, value in link.attrib.items() if key == "id"})
    tooltip = link.get(_TITLE)
    if tooltip:
        ET.SubElement(group, f"{_SVG}title").text = tooltip
    group.extend(link)
    return _tamed(group, prefix)


def _attributes(element: ET.Element, prefix: str) -> dict[str, str]:
    kept = {}
    for name, value in element.attrib.items():
        if name == "id":
            kept[name] = prefix + value
        elif name == "font-family":
            kept[name] = FONTS
        elif name == "style":
            kept |= {name: value} if _PLAIN_STYLE.fullmatch(value) else {}
        elif name == _SPACE or not (name.startswith("{") or name.lower().startswith("on") or name == "href"):
            rest = _REFERENCE.sub("", value)
            kept |= {name: _REFERENCE.sub(lambda found: f"url(#{prefix}{found[1]})", value)} if "url(" not in rest.lower() else {}
    return kept
