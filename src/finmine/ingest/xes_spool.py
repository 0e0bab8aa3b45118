"""Tables of texts on their way to one Parquet file whose columns are known only at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finmine.ingest.xes_arrays import word
from finmine.ingest.xes_columns import CHILDREN, TYPE, in_order

if TYPE_CHECKING:
    import pyarrow as pa

_GROUP_ROWS = 100_000
_GROUP_CELLS = 10_000_000
_GROUP_BYTES = 128 << 20


class Spool:
    """Gathers row groups in parts; a new column begins a new part.

    A single part is the result; several are written again as one. ``columns`` are those of the whole log so far, in order
    of appearance, with the type that the first value of each had.
    """

    def __init__(self, folder: Path, columns: Mapping[str, str]) -> None:
        self._folder = folder
        self._columns = columns
        self._waiting: list[pa.Table] = []
        self._parts: list[Path] = []
        self._writer: Any = None

    def add(self, table: pa.Table) -> None:
        """Take further rows, with some of the columns."""
        if table.num_rows == 0:
            return
        self._waiting.append(table)
        rows, size = (sum(getattr(waiting, what) for waiting in self._waiting) for what in ("num_rows", "nbytes"))
        if rows >= _GROUP_ROWS or rows * len(self._columns) >= _GROUP_CELLS or size >= _GROUP_BYTES:
            self._write()

    def finish(self, draft: Path) -> None:
        """Leave all rows in ``draft``, with the final columns."""
        self._write()
        self._close()
        names = in_order(self._columns)
        mixed = [name for name in names if name + TYPE in self._columns]
        if len(self._parts) == 1 and not mixed:
            os.replace(self._parts[0], draft)
            return
        self._writer = _parquet(draft, names)
        for part in self._parts:
            for group in _row_groups(part):
                self._writer.write_table(_with_types(_aligned(group, names), mixed, self._columns))
        self._close()

    def _write(self) -> None:
        import pyarrow as pa

        names = in_order(self._columns)
        if self._writer is None or self._writer.schema.names != names:
            self._close()
            self._parts.append(self._folder / f"{len(self._parts)}.parquet")
            self._writer = _parquet(self._parts[-1], names)
        if self._waiting:
            self._writer.write_table(pa.concat_tables(_aligned(table, names) for table in self._waiting))
        self._waiting.clear()

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _parquet(path: Path, names: list[str]) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pq.ParquetWriter(path, pa.schema([(name, pa.string()) for name in names]), compression="zstd", use_dictionary=True)


def _row_groups(part: Path) -> Iterator[pa.Table]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(part) as file:
        for number in range(file.num_row_groups):
            yield file.read_row_group(number)


def _aligned(table: pa.Table, names: list[str]) -> pa.Table:
    """The table with all columns, null where it has none."""
    import pyarrow as pa

    known = set(table.column_names)
    return pa.table({name: table.column(name) if name in known else pa.nulls(table.num_rows, pa.string()) for name in names})


def _with_types(table: pa.Table, mixed: list[str], columns: Mapping[str, str]) -> pa.Table:
    """The table with a type beside every value of the mixed columns, where so far only those that differ from the first have one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for name in mixed:
        place = table.column_names.index(name + TYPE)
        present = pc.is_valid(table.column(name))
        if name + CHILDREN in columns:
            present = pc.or_(present, pc.is_valid(table.column(name + CHILDREN)))
        first, none = (word(kind).cast(pa.string()) for kind in (columns[name], None))
        table = table.set_column(place, name + TYPE, pc.if_else(present, pc.coalesce(table.column(place), first), none))
    return table
