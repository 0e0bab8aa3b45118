"""What pictures in DOT have in common: ink, paper and boxes, and labels that show exactly their characters."""

from __future__ import annotations

from collections.abc import Sequence

from finmine.render.characters import columns

FONT = "Liberation Sans"  # the one name whose widths Graphviz knows and whose letters vl-convert brings along
INK, PAPER, QUIET = "#1b2733", "#ffffff", "#5a6673"
# One hue from light to dark, so that the order survives grey printing and every kind of colour blindness.
BLUES = ((0xEA, 0xF2, 0xFA), (0x6B, 0xAE, 0xD6), (0x08, 0x45, 0x94))
GREYS = ((0xAD, 0xB7, 0xC2), (0x6A, 0x78, 0x88), (0x26, 0x32, 0x3F))
PURPLES = ((0xC6, 0xC2, 0xC9), (0xB8, 0x6A, 0xA4), (0x7A, 0x0F, 0x5C))
GRAPH = {"rankdir": "TB", "nodesep": "0.25", "ranksep": "0.4", "bgcolor": PAPER, "fontname": FONT, "fontsize": "10", "fontcolor": QUIET}
BOX = {"shape": "box", "style": "rounded,filled", "fontname": FONT, "fontsize": "11", "color": "#7f93a8", "penwidth": "0.8", "margin": "0.16,0.08"}
ARROW = {"fontname": FONT, "fontsize": "9", "fontcolor": INK, "arrowsize": "0.6"}

_POINTS_PER_COLUMN = 6.1  # of a letter in a box, generously: what a box needs for letters whose width Graphviz guesses


def beside(text: str) -> str:
    """A label with blanks that keep it off its line."""
    return f"\u00a0\u00a0{text}\u00a0"


def label(lines: Sequence[str]) -> str:
    """Lines as one Graphviz label that shows exactly these characters: no escape sequence, entity or HTML of theirs is obeyed."""
    from graphviz import escape, nohtml

    exactly: str = nohtml("\\n".join(escape(line.replace("&", "&amp;")) for line in lines))
    return exactly


def quoted(text: str) -> str:
    """A DOT string that stands for exactly this text: no escape, entity or HTML in it is obeyed."""
    plain = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'


def tooltip(text: str) -> str:
    """As ``label``, for tooltips, whose escape sequences Graphviz obeys twice."""
    return label([text.replace("\\", "\\\\")])


def inches(lines: Sequence[str]) -> float:
    """The least width of a box with letters that Graphviz takes for narrower than they are, else none."""
    if all(line.isascii() for line in lines):
        return 0.0
    return (max(map(columns, lines)) * _POINTS_PER_COLUMN + 23) / 72


def shade(scale: tuple[tuple[int, int, int], ...], depth: float) -> str:
    """A colour between the light (0) and the dark (1) end of a scale."""
    place = min(max(depth, 0.0), 1.0) * (len(scale) - 1)
    low = min(int(place), len(scale) - 2)
    mixed = (round(a + (b - a) * (place - low)) for a, b in zip(scale[low], scale[low + 1], strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def legible(fill: str) -> str:
    """The ink or paper that stands out more on a colour, by WCAG 2 relative luminance."""
    ink, paper, ground = (_luminance(colour) + 0.05 for colour in (INK, PAPER, fill))
    return PAPER if paper / ground > ground / ink else INK


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
