"""Tables that an auditor fills in: CSV files with named columns, as a spreadsheet writes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from finmine.errors import Refusal, nearest


class BadTable(Refusal):
    """A table that was filled in cannot be what it should be; ``row`` counts from 1, the header, and is missing where it is about the whole."""

    def __init__(self, name: str, row: int | None, problem: str) -> None:
        super().__init__(f"{name}{f', row {row}' if row else ''}: {problem}")


def filled_in(name: str, data: bytes, columns: Sequence[str], refusal: type[BadTable], also: Sequence[str] = ()) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV with these columns, and those of ``also`` that it has, each with its number.

    Commas, semicolons or tabs stand between them; other columns are passed over.

    Raises:
        BadTable: it is not text in UTF-8, or a column is missing.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refusal(name, None, "it is not text in UTF-8") from None
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = {column.strip().casefold(): column for column in rows.fieldnames or []}
    for wanted in columns:
        if wanted not in names:
            raise refusal(name, 1, f"there is no column {wanted!r}.{nearest(wanted, names)}")
    taken = (*columns, *(column for column in also if column in names))
    return [(row, {column: record[names[column]] or "" for column in taken}) for row, record in enumerate(rows, 2)]
