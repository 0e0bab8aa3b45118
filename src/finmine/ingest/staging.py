"""Putting sources before the engine: every format becomes a table whose columns have plain names and whose rows are numbered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from finmine.engine import Engine, quoted_name, quoted_text
from finmine.errors import Refusal

_ROW_NUMBER = "file_row_number"


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """A row of a source that could not be read into columns, with what was found there."""

    row: int
    found: str


@dataclass(frozen=True, slots=True)
class Staged:
    """A source as the engine sees it.

    ``select`` is a query over the engine's copy with the columns ``row`` and ``c0 … cN``; ``script`` is the
    same query over the source where it lies, for evidence that runs elsewhere (``None`` where plain DuckDB
    cannot read the format). ``types`` holds the SQL type of each column, in order of ``names``. ``faulty`` rows are not in
    the query; ``swallowing`` ones are, and may hold other rows of the file in one of their cells.
    """

    name: str
    format: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    select: str
    script: str | None
    sha256: str
    size: int
    notes: tuple[str, ...] = ()
    faulty: tuple[FaultyRow, ...] = ()
    swallowing: tuple[FaultyRow, ...] = ()
    proposed: Mapping[str, str] = field(default_factory=dict)


class NoSuchFile(Refusal):
    """A source does not exist."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no file or folder {str(path)!r}; give the path of a log (.csv, .tsv, .parquet, .xlsx, .xes, also .gz).")


class EmptySource(Refusal):
    """A source holds no row of data."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} holds no row of data; give a file with a header line and at least one row.")


class UnreadableSource(Refusal):
    """A source is not what its name says."""

    def __init__(self, name: str, found: str, remedy: str) -> None:
        super().__init__(f"{name} cannot be read: {found}; {remedy}")


def from_parquet(engine: Engine, placed: Path, name: str, names: Sequence[str], first_row: int) -> str:
    """The query over a Parquet file that numbers its rows and gives its columns plain names."""
    return parquet_query(quoted_text(escape_pattern(str(placed))), engine_names(engine, placed, len(names), name), first_row)


def parquet_query(file: str, columns: Sequence[str], first_row: int) -> str:
    """A query over a Parquet file (an SQL text) that numbers its rows and gives its columns plain names."""
    renamed = ", ".join(f"{quoted_name(column)} AS c{place}" for place, column in enumerate(columns))
    return f'SELECT {_ROW_NUMBER} + {first_row} AS "row", {renamed} FROM read_parquet({file}, {_ROW_NUMBER} = true)'


def engine_names(engine: Engine, placed: Path, expected: int, name: str) -> list[str]:
    """The names under which the engine knows the columns of a Parquet file (it changes those that differ only in case)."""
    described = engine.describe(f"SELECT * FROM read_parquet({quoted_text(escape_pattern(str(placed)))})")
    for column, _ in described:
        if column.casefold() == _ROW_NUMBER:
            raise UnreadableSource(name, f"the name of its column {column!r} is the engine's own for the number of a row", "rename the column")
    if len(described) != expected:
        raise UnreadableSource(name, f"{expected} columns were expected and {len(described)} found", "write the file again")
    return [column for column, _ in described]


def escape_pattern(path: str) -> str:
    """A path in which the engine sees no pattern."""
    return "".join(f"[{letter}]" if letter in "[*?" else letter for letter in path)
