"""The squares of a matrix: which labels stand on its sides, in which order, and how much of it there is room for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finmine.view import Cell, Matrix
from finmine.words import plural, share

MOST_LABELS = 30  # on a side of a picture: more cannot be read


@dataclass(frozen=True, slots=True)
class Squares:
    """The visible part of a matrix: labels of both sides, and the value of each square that has one, by its places.

    ``of_rows`` and ``of_columns`` count the labels there are; ``held`` is the visible part of the sum of all values, missing
    where they do not add up to something above nought.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Mapping[tuple[int, int], Cell]
    of_rows: int
    of_columns: int
    held: float | None

    def sentence(self) -> str:
        """What is not visible, in words; nothing where all is."""
        if len(self.rows) == self.of_rows and len(self.columns) == self.of_columns:
            return ""
        shown = f"The first {len(self.rows):,} of {plural(self.of_rows, 'row')} and {len(self.columns):,} of {plural(self.of_columns, 'column')}"
        return f"{shown}." if self.held is None else f"{shown}, with {share(self.held)} of the whole."


def squares(matrix: Matrix, most_rows: int = MOST_LABELS, most_columns: int = MOST_LABELS) -> Squares:
    """The visible part of a matrix, at most so many rows and columns of it."""
    pairs = [(str(row), str(column)) for row, column in zip(matrix.table.column(matrix.row), matrix.table.column(matrix.column), strict=True)]
    cells = dict(zip(pairs, matrix.table.column(matrix.value), strict=True))
    rows, columns = (_labels([pair[side] for pair in pairs], matrix.order) for side in (0, 1))
    places = {label: place for place, label in enumerate(rows[:most_rows])}, {label: place for place, label in enumerate(columns[:most_columns])}
    values = {(places[0][row], places[1][column]): cell for (row, column), cell in cells.items() if row in places[0] and column in places[1]}
    return Squares(rows[:most_rows], columns[:most_columns], values, len(rows), len(columns), _part(list(values.values()), list(cells.values())))


def size(cell: Cell) -> float | None:
    """A cell as a number, missing for texts and what is no number."""
    return float(cell) if isinstance(cell, (int, float, Decimal)) and math.isfinite(cell) else None


def _labels(found: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    there = dict.fromkeys(found)
    known = [label for label in dict.fromkeys(order) if label in there]
    return (*known, *(label for label in there if label not in set(known)))


def _part(some: Sequence[Cell], every: Sequence[Cell]) -> float | None:
    whole = sum(size(cell) or 0 for cell in every)
    return sum(size(cell) or 0 for cell in some) / whole if whole > 0 else None
