"""A matrix for terminals: its rows are numbered, and its columns stand under the numbers."""

from __future__ import annotations

from finmine.render.characters import columns, shorten_apart, visible_characters, wrapped
from finmine.render.grid import Strip, grid
from finmine.render.spoken import spoken
from finmine.render.squares import Squares, squares
from finmine.view import Matrix

_MOST_ROWS = 20
_LABEL = 28
_EMPTY = "·"


def matrix_lines(matrix: Matrix, zone: str, width: int) -> list[str]:
    """The squares in words under numbered columns, as many as fit; what the numbers mean, and what there is no room for."""
    if not matrix.table.rows:
        return ["(no rows)"]
    kind = matrix.table.kind(matrix.value)
    cells = [spoken(cell, kind, zone) for cell in matrix.table.column(matrix.value)]
    wide = max(3, *map(columns, cells))
    shown = squares(matrix, _MOST_ROWS, max(1, (width - _LABEL - 5) // (wide + 2)))
    titles = {column.name: visible_characters(column.title) for column in matrix.table.columns}
    names = shorten_apart([visible_characters(label) for label in shown.rows], _LABEL)
    head = Strip(f"{titles[matrix.row]} ↓ {titles[matrix.column]} →", tuple(f"{place} {name}" for place, name in enumerate(names, 1)), False)
    strips = [
        Strip(
            str(place + 1),
            tuple(spoken(shown.values[row, place], kind, zone) if (row, place) in shown.values else _EMPTY for row in range(len(shown.rows))),
            True,
        )
        for place in range(len(shown.columns))
    ]
    left_out = shown.sentence()
    return [*grid([head, *strips], width), *_legend(shown, titles[matrix.column], width), *(wrapped(left_out, width) if left_out else ())]


def _legend(shown: Squares, title: str, width: int) -> list[str]:
    """What the numbers of the columns mean, where they are not those of the rows."""
    if shown.columns == shown.rows[: len(shown.columns)]:
        return []
    names = shorten_apart([visible_characters(label) for label in shown.columns], _LABEL)
    return wrapped(f"{title}: {', '.join(f'{place} {name}' for place, name in enumerate(names, 1))}", width)
