"""Columns of text that fit a width: numbers whole and under one another, long labels on a few lines, what is too wide in bands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile, zip_longest

from finmine.render.characters import columns, shorten_apart, wrapped

_GAP = "  "
_LEAST = 16  # columns to which labels are narrowed before the table is split into bands
_LINES = 3  # on which a narrowed label stands before it is shortened


@dataclass(frozen=True, slots=True)
class Strip:
    """One column of a grid: heading, cells in words (of one or more lines), whether they are numbers, aligned at the right, or sentences, never shortened."""

    heading: str
    cells: tuple[str, ...]
    right: bool
    sentences: bool = False

    def needs(self) -> int:
        """The least width that shows every cell whole and breaks no word of the heading."""
        lines = (line for cell in self.cells for line in cell.split("\n"))
        return max(map(columns, (*lines, *self.heading.split(" "))), default=0)

    def room(self, lines: int) -> int:
        """The least width that also puts the heading on at most so many lines, where its words allow it."""
        return next((width for width in range(self.needs(), columns(self.heading)) if len(wrapped(self.heading, width)) <= lines), self.likes())

    def likes(self) -> int:
        """The width that shows the heading on one line too."""
        return max(self.needs(), columns(self.heading))


def grid(strips: Sequence[Strip], width: int) -> list[str]:
    """The lines of a table with a rule under its headings, none wider than ``width`` unless labels and one number are.

    Labels are narrowed first. What still does not fit goes into further bands below, each beginning with the first columns.
    """
    if not strips:
        return []
    limit = _limit(strips, width)
    lines: list[str] = []
    for band in _bands([_narrowed(strip, limit) for strip in strips], width):
        lines += ([""] if lines else []) + _band(band, width)
    return lines


def _limit(strips: Sequence[Strip], width: int) -> int:
    """The width to which labels are narrowed so that all fill the room that numbers leave, and short ones keep what they need."""
    room = width - len(_GAP) * (len(strips) - 1) - sum(strip.needs() for strip in strips if strip.right)
    needs = sorted(strip.needs() for strip in strips if not strip.right)
    for place, need in enumerate(needs):
        part = room // (len(needs) - place)
        if need > part:
            return max(_LEAST, part)
        room -= need
    return max(_LEAST, *needs, 0)


def _narrowed(strip: Strip, limit: int) -> Strip:
    if strip.right or strip.needs() <= limit:
        return strip
    short = strip.cells if strip.sentences else shorten_apart(strip.cells, limit * _LINES - limit // 2)
    heading = " ".join(wrapped(strip.heading, limit))
    return replace(strip, heading=heading, cells=tuple("\n".join(wrapped(cell, limit)) for cell in short))


def _bands(strips: Sequence[Strip], width: int) -> Iterator[list[Strip]]:
    head = [strips[0], *takewhile(lambda strip: not strip.right, strips[1:])]
    band = list(head)
    for strip in strips[len(head) :]:
        if _together([*band, strip]) > width and len(band) > len(head):
            yield band
            band = list(head)
        band.append(strip)
    yield band


def _together(strips: Sequence[Strip]) -> int:
    return sum(strip.needs() for strip in strips) + len(_GAP) * (len(strips) - 1)


def _band(strips: Sequence[Strip], width: int) -> list[str]:
    tallest = max(len(strip.heading.split(" ")) for strip in strips)
    rooms = ([strip.room(lines) for strip in strips] for lines in range(1, tallest + 1))
    widths = next((room for room in rooms if sum(room) + len(_GAP) * (len(strips) - 1) <= width), [strip.needs() for strip in strips])
    headings = [wrapped(strip.heading, room) for strip, room in zip(strips, widths, strict=True)]
    height = max(map(len, headings))
    heads = zip(*([""] * (height - len(lines)) + lines for lines in headings), strict=True)
    rows = (row for cells in zip(*(strip.cells for strip in strips), strict=True) for row in _stacked(cells))
    return [_line(row, strips, widths) for row in (*heads, ["─" * room for room in widths], *rows)]


def _stacked(cells: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip_longest(*(cell.split("\n") for cell in cells), fillvalue="")


def _line(cells: Sequence[str], strips: Sequence[Strip], widths: Sequence[int]) -> str:
    padded = (_padded(cell, room, strip.right) for cell, strip, room in zip(cells, strips, widths, strict=True))
    return _GAP.join(padded).rstrip()


def _padded(cell: str, room: int, right: bool) -> str:
    blanks = " " * max(0, room - columns(cell))
    return blanks + cell if right else cell + blanks
