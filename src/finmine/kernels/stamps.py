"""Where the beginning and the completion of each unit lie among the completions of its case, as numbers of rows.

Units stand in the order of their cases and completions. Then rows can be compared instead of stamps, across all cases at once:
a unit i begins before unit j is completed where ``since[i] <= until[j]``, and is not of a later case; nothing overflows.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from finmine.kernels import MISSING

Whole: TypeAlias = npt.NDArray[np.int64]


def usable_starts(start: Whole, time: Whole) -> Whole:
    """When each unit began, as far as is known: its start, or its completion where no start is recorded or the start is later."""
    return np.where((start == MISSING) | (start > time), time, start)


def first_of(case: Whole) -> Whole:
    """The first row of the case of each row."""
    row = np.arange(len(case))
    return np.maximum.accumulate(np.where(_changed(case), row, 0)) if len(case) else row


def places(case: Whole, began: Whole, time: Whole) -> tuple[Whole, Whole]:
    """For each unit the first row of its case that was completed after it began, and the first that was completed when it was.

    Where all were completed by the time it began, the first is the row after those completed when it was.
    """
    row = np.arange(len(case))
    if not len(case):
        return row, row
    new = _changed(case) | _changed(time)
    until = np.maximum.accumulate(np.where(new, row, 0))
    tied = np.flatnonzero(new)
    low, high = first_of(case), until.copy()
    while (open_ := low < high).any():
        middle = (low + high) // 2
        before = time[middle] <= began
        low = np.where(open_ & before, middle + 1, low)
        high = np.where(open_ & ~before, middle, high)
    after = np.append(tied, len(case))[np.cumsum(new)]
    return np.where(began == time, after, low), until


def _changed(values: Whole) -> npt.NDArray[np.bool_]:
    return np.append(True, values[1:] != values[:-1])
