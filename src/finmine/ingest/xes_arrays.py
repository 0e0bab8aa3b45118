"""Arrow arrays made from Python and numpy values (``pyarrow.array`` would import pandas for it, which takes longer than the work)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def texts(values: Sequence[str | None]) -> pa.Array:
    """Texts, with nulls."""
    import numpy as np
    import pyarrow as pa

    encoded = [b"" if value is None else value.encode() for value in values]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    valid = np.array([value is not None for value in values], bool)
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)), _bits(valid))


def word(text: str | None) -> pa.Scalar:
    """One text, as a constant for Arrow's functions."""
    import pyarrow as pa

    return texts([text]).cast(pa.large_string())[0]


def integers(numbers: np.ndarray[Any, Any], valid: np.ndarray[Any, Any] | None = None) -> pa.Array:
    """Whole numbers, null where not ``valid``, in the memory where they are."""
    import numpy as np
    import pyarrow as pa

    bits = None if valid is None or valid.all() else _bits(valid)
    return pa.Array.from_buffers(pa.int64(), len(numbers), [bits, pa.py_buffer(np.ascontiguousarray(numbers, np.int64))])


def flags(values: np.ndarray[Any, Any]) -> pa.Array:
    """Truth values."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.bool_(), len(values), [None, _bits(values)])


def _bits(values: np.ndarray[Any, Any]) -> pa.Buffer:
    import numpy as np
    import pyarrow as pa

    return pa.py_buffer(np.packbits(values, bitorder="little"))
