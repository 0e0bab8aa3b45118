"""Where a cell stands and what it says: what a refusal needs to point at the first cell of its kind."""

from __future__ import annotations

from dataclasses import dataclass

from finmine.engine import Engine
from finmine.ingest.sources import Raw

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell, with the file and row in which it stands."""

    file: str
    row: int
    text: str

    def place(self, column: str) -> str:
        """File, row and column in words."""
        return f"{self.file} row {self.row:,}, column {column!r}"

    @property
    def shown(self) -> str:
        """The text in quotes, cut where it is long."""
        return repr(self.text if len(self.text) <= _LONGEST else f"{self.text[:_LONGEST]}…")


def first_cells(engine: Engine, raw: Raw, text: str, condition: str, most: int = 1) -> list[Cell]:
    """The first cells, in the order of files and rows, whose text (SQL over the raw table) meets a condition on ``v``."""
    found = engine.rows(
        f'SELECT "source", "row", v FROM (SELECT "source", "row", {text} AS v FROM "{raw.table}") WHERE {condition} ORDER BY 1, 2 LIMIT {most}'
    )
    return [Cell(raw.staged[source].name, int(row), str(value)) for source, row, value in found]
