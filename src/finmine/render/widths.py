"""How much room the columns of a table need, so that a wide table is set smaller instead of being cut."""

from __future__ import annotations

from collections.abc import Sequence

from finmine.render.characters import columns, visible_characters
from finmine.render.spoken import aligned_right
from finmine.view import Kind, Table

# In ems of the table's letters, generously: pages are read in whatever font there is.
_LETTER, _HEADING, _PADDING = 0.6, 0.64, 1.0
_TEXT, _LONG_TEXT, _BAR, _PARTS, _SQUARE = 6.0, 26.0, 3.0, 9.0, 1.0
LONGEST_WORD = 32
"""Letters of a word from which on it may be broken, such as a hash."""
LONG_TEXT = 80
"""Letters of a text from which on its cell gets more room."""


def least_width(table: Table, shown: Sequence[Sequence[str]], bars: bool = False, parts: int = 0) -> float:
    """The least width of a table in ems of its own letters, given its cells in words: numbers keep to one line, texts break between words.

    ``bars`` says whether bars are drawn in it, ``parts`` of how many parts they are.
    """
    drawn = (_PARTS if parts else _BAR) + _PADDING + parts * _SQUARE if bars else 0.0
    told = list(zip(*shown, strict=True)) or [()] * len(table.columns)
    return drawn + sum(_PADDING + max(_heading(one.title), _cells(cells, one.kind)) for one, cells in zip(table.columns, told, strict=True))


def _heading(title: str) -> float:
    return _HEADING * max(map(columns, visible_characters(title).split()), default=0)


def _cells(cells: Sequence[str], kind: Kind) -> float:
    if aligned_right(kind) or kind in ("instant", "day"):
        return _LETTER * max(map(columns, cells), default=0)
    if any(len(cell) > LONG_TEXT for cell in cells):
        return _LONG_TEXT
    words = (columns(word) for cell in cells for word in cell.split())
    return max(_TEXT, _LETTER * max((word for word in words if word <= LONGEST_WORD), default=0))
