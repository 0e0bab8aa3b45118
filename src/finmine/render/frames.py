"""A table as a pandas frame, with the types that people of pandas expect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from finmine.view import Cell, Kind, Table

if TYPE_CHECKING:
    import pandas as pd

_LARGEST = 2**63 - 1
_ON_ANY_CLOCK = (-62_135_510_400_000_000, 253_402_214_400_000_000)
"""From the second day of the year 1 to the last but one of 9999: instants that no zone moves out of the years that Python knows."""


def to_pandas(table: Table, zone: str) -> pd.DataFrame:
    """The rows with durations as ``Timedelta`` and instants as ``Timestamp`` in the zone; a group's column has the attribute's name.

    Where the clocks of the zone would leave the years 1 to 9999, instants are in UTC. A column with a text among its times, or with
    sums too long for 64 bits of microseconds, stays as it is.
    """
    import pandas as pd

    names = [column.title if column.name == "group" else column.name for column in table.columns]
    frame = pd.DataFrame(table.rows, columns=names)
    for place, column in enumerate(table.columns):
        cells = [row[place] for row in table.rows]
        if _is_time(cells, column.kind):
            frame.isetitem(place, _times(cells, column.kind, zone).array)
    return frame


def _is_time(cells: Sequence[Cell], kind: Kind) -> bool:
    numbers = all(cell is None or (not isinstance(cell, str) and -_LARGEST <= cell <= _LARGEST) for cell in cells)
    return kind in ("duration", "working", "instant", "day") and numbers


def _times(cells: Sequence[Cell], kind: Kind, zone: str) -> pd.Series:
    import pandas as pd

    micros = pd.array([None if cell is None else round(float(cell)) if isinstance(cell, float) else int(cell) for cell in cells], dtype="Int64")
    if kind in ("duration", "working"):
        return pd.Series(micros.astype("timedelta64[us]"))
    instants = pd.Series(micros.astype("datetime64[us]")).dt.tz_localize("UTC")
    on_clocks = all(cell is None or _ON_ANY_CLOCK[0] <= float(cell) <= _ON_ANY_CLOCK[1] for cell in cells)
    return pd.Series(instants.dt.tz_convert(zone) if on_clocks else instants)
