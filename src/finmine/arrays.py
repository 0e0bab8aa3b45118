"""The second door: whole-number columns lent to a kernel, whole partitions at a time, and what it gives back as a table.

Some algorithms cannot be said with a ``group_by`` (batches, enabled times, causes of waiting). They run in **kernels**: pure
functions of numpy arrays, whole numbers in, whole numbers out. Rows leave the engine in one given order, in blocks of whole
partitions, so that memory stays bounded; what the kernel returns goes back as a table of the same engine and is then a
relation like any other. Nothing of it reaches a person but through ``Engine.fetch``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.engine import Engine, quoted_name
from finmine.kernels import MISSING
from finmine.lease import Lease

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Whole: TypeAlias = npt.NDArray[np.int64]

Arrays: TypeAlias = "Mapping[str, Whole]"
"""Columns of equal length by name."""
Kernel: TypeAlias = Callable[[Arrays], Arrays]
"""A pure function of whole-number columns; the length of what it returns may differ from what it gets."""

_BLOCK = 1 << 17  # rows: the arrays of a block, those that the kernel makes of them and what it returns are held at once


@dataclass(frozen=True, slots=True)
class Lent:
    """What came back through the second door, and how somebody else gets the same.

    ``table`` is what the kernel returned, as a relation under ``name``; ``sql`` gives its input in order; ``said`` names the
    function with its parameters. A hash is the SHA-256 of the columns' names and the SHA-256 of their values (64 bits, least byte first).
    ``rests_on`` are the statements that make the tables which the input reads, where these rest on earlier kernels. The table is in the
    engine as long as anybody has the ``lease``.
    """

    table: ir.Table
    name: str
    sql: str
    kernel: Kernel
    said: str
    by: tuple[str, ...]
    rows: int
    input_sha256: str
    output_sha256: str
    lease: Lease
    rests_on: tuple[str, ...] = ()

    def words(self, version: str) -> tuple[str, ...]:
        """The lines of evidence that stand before the statement that gives the kernel's input."""
        return (
            f"the table {self.name} holds what {self.said} of finmine {version} returns for the rows of the next statement,",
            f"given to it in their order in blocks of whole {', '.join(self.by) or 'table'}s;",
            f"{self.rows:,} rows, SHA-256 of its input {self.input_sha256}, of its output {self.output_sha256}",
        )


def through(
    engine: Engine, expression: ir.Table, kernel: Kernel, *, by: Sequence[str], order: Sequence[str], noun: str, said: str, block: int = _BLOCK
) -> Lent:
    """Lend the whole-number columns of a relation to a kernel and keep what it returns as a table.

    Args:
        engine: the engine of the relation's tables.
        expression: the relation; all its columns are whole numbers.
        kernel: the function; it is called once for each block and must not depend on where blocks are cut.
        by: the columns that make a partition: rows that agree in them come in one block. None of them: all rows come at once.
        order: the columns after which the rows of a partition stand; with ``by`` they must be a total order.
        noun: what the table holds, for its name.
        said: the function and its parameters, as evidence names them.
        block: about how many rows a block has; a larger partition is never cut.
    """
    import ibis
    import numpy as np

    name = engine.name(noun)
    sql = engine.compile(expression.order_by([*by, *order]))
    read, written, rows = Digest(), Digest(), 0
    for lent in _blocks(engine, sql, tuple(by), block):
        read.add(lent)
        returned = {column: np.asarray(values, dtype=np.int64) for column, values in kernel(lent).items()}
        written.add(returned)
        engine.append(name, returned, nullable(returned))
        rows += len(next(iter(returned.values())))
    table = ibis.table(dict.fromkeys((column for column, _ in engine.describe(f"SELECT * FROM {quoted_name(name)}")), "int64"), name=name)
    lease = engine.lease([quoted_name(name)])
    return Lent(table, name, sql, kernel, said, tuple(by), rows, read.hexdigest(), written.hexdigest(), lease)


class Digest:
    """A hash of columns that does not depend on how their rows are cut into blocks."""

    def __init__(self) -> None:
        self._columns: dict[str, Any] = {}

    def add(self, block: Arrays) -> None:
        """Take in the next rows."""
        for name, values in block.items():
            self._columns.setdefault(name, sha256()).update(values.astype("<i8", copy=False).tobytes())

    def hexdigest(self) -> str:
        """The hash of all rows so far."""
        return sha256("".join(f"{name}\n{column.hexdigest()}\n" for name, column in self._columns.items()).encode()).hexdigest()


def nullable(columns: Iterable[str]) -> str:
    """What selects columns of arrays for a table of the engine, with nothing where a value is missing."""
    return ", ".join(f"nullif({quoted_name(column)}, {MISSING + 1} - 1) AS {quoted_name(column)}" for column in columns)


def _blocks(engine: Engine, sql: str, by: tuple[str, ...], block: int) -> Iterator[Arrays]:
    """The rows of a query that stand in the order of ``by``, in blocks of whole partitions; one empty block where there is no row."""
    import pyarrow as pa

    held = pa.Table.from_batches([], pa.schema([(name, pa.int64()) for name, _ in engine.describe(sql)]))
    for batch in engine.batches(sql):
        held = pa.concat_tables([held, pa.Table.from_batches([batch]).cast(held.schema)])
        if by and held.num_rows >= block:
            arrays = arrays_of(held)
            cut = _last_change(arrays, by)
            if cut:
                yield {name: values[:cut] for name, values in arrays.items()}
                held = held.slice(cut)
    yield arrays_of(held)


def _last_change(arrays: Arrays, by: tuple[str, ...]) -> int:
    """Where the last partition begins."""
    import numpy as np

    changed = np.zeros(len(arrays[by[0]]) - 1, dtype=bool)
    for name in by:
        changed |= arrays[name][1:] != arrays[name][:-1]
    places = np.flatnonzero(changed)
    return int(places[-1]) + 1 if len(places) else 0


def arrays_of(table: pa.Table) -> Arrays:
    """Whole-number columns of an Arrow table as arrays, without pandas, which Arrow loads when it is given a value of Python or numpy."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    missing = pa.Array.from_buffers(pa.int64(), 1, [None, pa.py_buffer(np.array([MISSING]))])[0]
    nothing = np.array([], dtype=np.int64)
    filled = {name: pc.fill_null(table.column(name).cast(pa.int64()), missing) for name in table.column_names}
    return {name: np.concatenate([nothing, *map(np.from_dlpack, column.chunks)]) for name, column in filled.items()}
