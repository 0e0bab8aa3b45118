"""Reading Parquet files where they are."""

from __future__ import annotations

from pathlib import Path

from finmine.engine import Engine, EngineFailure, quoted_text
from finmine.ingest.csv import numbered, unique_names
from finmine.ingest.staging import EmptySource, Staged, UnreadableSource, engine_names, escape_pattern, parquet_query

FIRST_ROW = 1
_REMEDY = "write it again"


def stage_parquet(engine: Engine, path: Path, sha256: str, origin: str | None = None) -> Staged:
    """Lay a Parquet file before the engine; attributes stay in the file until a question names them.

    Raises:
        UnreadableSource: the file is not Parquet.
        DamagedSource: its pages are damaged.
        EmptySource: there is no row.
    """
    placed = engine.place(path, ".parquet")
    engine.keep(placed, path.name)
    return stage_placed(engine, placed, path.name, sha256, path.stat().st_size, str(path.resolve()) if origin is None else origin)


def stage_placed(engine: Engine, placed: Path, name: str, sha256: str, size: int, origin: str | None) -> Staged:
    """Lay a Parquet file of the engine's own folder before it; ``origin`` is where the same file lies for others."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(placed)
        rows = pq.read_metadata(placed).num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableSource(name, f"it is not a whole Parquet file ({_first_line(error)})", _REMEDY) from None
    if rows == 0:
        raise EmptySource(name)
    try:
        known = engine_names(engine, placed, len(schema.names), name)
        select = parquet_query(quoted_text(str(placed)), known, FIRST_ROW)
        types = tuple(kind for _, kind in engine.describe(select))[1:]
        engine.rows(f"{select} LIMIT 1")
    except EngineFailure as error:
        words = _first_line(error).replace(str(placed), name)
        raise UnreadableSource(name, f"its pages are damaged or of a kind that the engine does not know ({words})", _REMEDY) from None
    script = None if origin is None else parquet_query(quoted_text(escape_pattern(origin)), known, FIRST_ROW)
    return Staged(name, "parquet", tuple(unique_names(schema.names)), types, select, script, sha256, size, numbered(name, schema.names))


def _first_line(error: Exception) -> str:
    words = error.words if isinstance(error, EngineFailure) else str(error)
    return words.strip().partition("\n")[0]
