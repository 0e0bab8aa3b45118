"""Reading tables that are in memory: pandas, polars and Arrow."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from finmine.engine import Engine
from finmine.errors import Refusal
from finmine.ingest.parquet import stage_placed
from finmine.ingest.staging import EmptySource, Staged


class NotATable(Refusal):
    """Something was given as a source that is neither a path nor a table."""

    def __init__(self, given: object) -> None:
        super().__init__(f"a log is read from a path or from a pandas, polars or Arrow table, not from {type(given).__name__!r}.")


def stage_frame(engine: Engine, frame: Any) -> Staged:
    """Lay a table in memory before the engine, with the hash of its values as Parquet.

    Raises:
        NotATable: the object is no pandas, polars or Arrow table.
        EmptySource: there is no row.
    """
    import pyarrow.parquet as pq

    library = type(frame).__module__.partition(".")[0]
    table = _arrow(frame, library)
    if table.num_rows == 0:
        raise EmptySource(f"the {library} table")
    target = engine.folder / f"{engine.name('frame')}.parquet"
    pq.write_table(table, target)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    staged = stage_placed(engine, target, f"{library} table", digest, target.stat().st_size, None)
    return replace(staged, format="table", notes=(f"the {library} table was hashed as Parquet",))


def _arrow(frame: Any, library: str) -> Any:
    import pyarrow as pa

    if library == "pandas":
        named = frame.reset_index() if any(name is not None for name in frame.index.names) else frame
        table = pa.Table.from_pandas(named.rename(columns=str), preserve_index=False)
    elif library == "polars":
        table = frame.lazy().collect().to_arrow()
    elif isinstance(frame, pa.Table):
        table = frame
    else:
        raise NotATable(frame)
    fields = [
        pa.field(name, pa.string() if pa.types.is_null(kind) else kind) for name, kind in zip(table.column_names, table.schema.types, strict=True)
    ]
    return table.cast(pa.schema(fields)).replace_schema_metadata(None)
