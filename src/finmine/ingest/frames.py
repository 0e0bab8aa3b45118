"""Reading tables that are in memory: pandas, polars and Arrow."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from finmine.engine import Engine
from finmine.errors import Refusal
from finmine.ingest.csv import numbered, unique_names
from finmine.ingest.parquet import stage_placed
from finmine.ingest.staging import EmptySource, Staged


class NotATable(Refusal):
    """Something was given as a source that is neither a path nor a table."""

    def __init__(self, given: object) -> None:
        super().__init__(f"a log is read from a path or from a pandas, polars or Arrow table, not from {type(given).__name__!r}.")


class BadFrame(Refusal):
    """A table in memory holds what cannot be laid before the engine."""

    def __init__(self, column: str | None, found: str) -> None:
        where = "the table" if column is None else f"the column {column!r} of the table"
        super().__init__(
            f"{where} cannot be read: {found.splitlines()[0] if found else 'no reason is given'}; convert it to text, numbers or stamps."
        )


def stage_frame(engine: Engine, frame: Any) -> Staged:
    """Lay a table in memory before the engine, with the hash of its values as Parquet.

    Raises:
        NotATable: the object is no pandas, polars or Arrow table.
        BadFrame: a column cannot be converted.
        EmptySource: there is no row.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    library = type(frame).__module__.partition(".")[0]
    target = engine.folder / f"{engine.name('frame')}.parquet"
    try:
        table = _arrow(frame, library)
        if table.num_rows == 0:
            raise EmptySource(f"the {library} table")
        notes = (f"the {library} table was hashed as Parquet", *numbered(f"the {library} table", table.column_names))
        pq.write_table(table.rename_columns(unique_names(table.column_names)), target)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise BadFrame(None, str(error)) from None
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    staged = stage_placed(engine, target, f"{library} table", digest, target.stat().st_size, None)
    return replace(staged, format="table", notes=notes)


def _arrow(frame: Any, library: str) -> Any:
    import pyarrow as pa

    if library == "pandas" and hasattr(frame, "columns"):
        table = _from_pandas(frame)
    elif library == "polars" and hasattr(frame, "lazy"):
        table = frame.lazy().collect().to_arrow()
    elif isinstance(frame, pa.Table):
        table = frame
    else:
        raise NotATable(frame)
    columns = [column.cast(pa.string()) if pa.types.is_null(column.type) else column for column in table.columns]
    return pa.table(columns, names=table.column_names)


def _from_pandas(frame: Any) -> Any:
    """The columns of a pandas frame, its index first where that has a name; a name that is taken is numbered."""
    import pyarrow as pa

    levels = [(str(name), frame.index.get_level_values(place)) for place, name in enumerate(frame.index.names) if name is not None]
    columns = [(str(name), frame.iloc[:, place]) for place, name in enumerate(frame.columns)]
    taken = {name for name, _ in columns}
    first = [(name, values) for name, values in levels if name not in taken]
    last = [(name, values) for name, values in levels if name in taken]
    named = [*first, *columns, *last]
    return pa.Table.from_arrays([_array(name, values) for name, values in named], names=[name for name, _ in named])


def _array(name: str, values: Any) -> Any:
    """A pandas column as Arrow; a column of mixed types as text."""
    import pyarrow as pa

    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        if str(values.dtype) not in ("object", "category"):
            raise BadFrame(name, str(error)) from None
    try:
        missing = values.isna()
        return pa.array([None if gone else str(value) for value, gone in zip(values, missing, strict=True)], pa.string())
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise BadFrame(name, str(error)) from None
