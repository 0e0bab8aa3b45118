"""Columns as texts, without a loop over rows: each distinct text is quoted once and Arrow puts the rows together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_SLICE = 50_000
"""Rows made into text at a time."""


def slices(table: pa.Table) -> Iterator[pa.Table]:
    """The table in pieces small enough for their text to fit into one Arrow array."""
    for start in range(0, table.num_rows, _SLICE):
        yield table.slice(start, _SLICE).combine_chunks()


def spelled(column: pa.ChunkedArray, quoted: Callable[[str], str], missing: str | None = "") -> pa.Array:
    """A column as texts; of texts each distinct one is quoted once."""
    array = column.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = pa.array([quoted(text) for text in array.dictionary.to_pylist()], pa.string()).take(array.indices)
    elif pa.types.is_string(array.type):
        distinct = array.dictionary_encode()
        array = pa.array([quoted(text) for text in distinct.dictionary.to_pylist()], pa.string()).take(distinct.indices)
    else:
        array = array.cast(pa.string())
    return array if missing is None else pc.fill_null(array, missing)


def followed(texts: pa.Array, end: str) -> pa.Array:
    """Texts with the same end."""
    return pc.binary_join_element_wise(texts, end, "")


def joined(texts: pa.Array) -> bytes:
    """All texts one after the other, without a loop: that is how Arrow holds them."""
    array = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    return bytes(memoryview(data)[ends[0] : ends[-1]])
