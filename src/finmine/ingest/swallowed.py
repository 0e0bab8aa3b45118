"""Rows that may be hidden in another row of delimited text: a quote was opened by mistake, and a later one happens to close it."""

from __future__ import annotations

from finmine.engine import Engine, quoted_text
from finmine.ingest.staging import FaultyRow

FAULT = "row that may hold others"
_LEAST_COLUMNS = 3
_MOST_SHOWN = 60


def swallowing(engine: Engine, select: str, columns: int, delimiter: str) -> tuple[FaultyRow, ...]:
    """The rows with a cell of several lines of which one, after the first, has as many delimiters as a whole row of the file.

    Text of several lines may look like that for once, so such a row is doubtful and no more.
    """
    if columns < _LEAST_COLUMNS:
        return ()
    names = [f"c{place}" for place in range(columns)]
    broken = " OR ".join(f"contains({name}, chr(10))" for name in names)
    like_a_row = f"lambda line: length(line) - length(replace(line, {quoted_text(delimiter)}, '')) = {columns - 1}"
    found = engine.rows(
        f'SELECT "row", min(cell) FROM (SELECT "row", unnest([{", ".join(names)}]) AS cell FROM ({select}) WHERE {broken}) '
        f'WHERE len(list_filter(string_split(cell, chr(10))[2:], {like_a_row})) > 0 GROUP BY "row" ORDER BY "row"'
    )
    return tuple(FaultyRow(int(row), text[:_MOST_SHOWN]) for row, text in found)
