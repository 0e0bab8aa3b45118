"""Batches: work of one resource on one activity that was collected and then done together.

The units of a resource and activity stand in the order in which they began. A unit joins the batch before it where it was
enabled no later than that batch began, and began no more than a given gap after the work of that batch had ended; else it opens a
batch of its own. Two units or more are a batch.

Source: Martin et al. (2015), *Batch Processing: Definition and Event Log Identification*, and ``discover_batches`` of pix-framework.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Whole: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Arrays: TypeAlias = Mapping[str, Whole]

PARALLEL, CONCURRENT, SEQUENTIAL = 0, 1, 2
"""All begin and end together; some begins before the one before it has ended; one after the other."""


def batches(lent: Arrays, gap: int) -> dict[str, Whole]:
    """The units that are in a batch: case, position; resource, activity, batch (numbered from 0 there) and nth (the place in it, from 0).

    Further ``size`` and ``type``, ``batch_start`` and ``batch_end`` (the first beginning and the last completion), ``ready`` (when the last of the batch
    was enabled), and ``same_start`` and ``same_end`` (1 where all begin, or end, at one instant).

    Args:
        lent: units with a resource and a start in the order of resource, activity, start, time, case and position, whole resources
            at a time: all of these and ``enabled``.
        gap: how long after the end of a batch's work the next unit may begin at most, in microseconds.
    """
    start, time, enabled = lent["start"], lent["time"], lent["enabled"]
    if not len(start):
        return dict.fromkeys(_COLUMNS, start)
    opening, size = _cut(lent, gap)
    kept = np.flatnonzero(size >= 2)
    batch = np.repeat(np.arange(len(opening)), size)
    inside = np.isin(batch, kept)
    begins, ends = np.minimum.reduceat(start, opening), np.maximum.reduceat(time, opening)
    same_start = np.maximum.reduceat(start, opening) == begins
    same_end = np.minimum.reduceat(time, opening) == ends
    early = np.append(False, (batch[1:] == batch[:-1]) & (start[1:] < time[:-1]))
    kind = np.where(same_start & same_end, PARALLEL, np.where(np.logical_or.reduceat(early, opening), CONCURRENT, SEQUENTIAL))
    of_batch = {
        "size": size,
        "type": kind,
        "batch_start": begins,
        "batch_end": ends,
        "ready": np.maximum.reduceat(enabled, opening),
        "same_start": same_start.astype(np.int64),
        "same_end": same_end.astype(np.int64),
    }
    mine = batch[inside]
    resource, activity = lent["resource"][opening[kept]], lent["activity"][opening[kept]]
    number = np.zeros(len(opening), dtype=np.int64)
    number[kept] = _numbered(resource, activity)
    return {
        **{name: lent[name][inside] for name in ("case", "position", "resource", "activity")},
        "batch": number[mine],
        "nth": (np.arange(len(start)) - opening[batch])[inside],
        **{name: values[mine] for name, values in of_batch.items()},
    }


_COLUMNS = ("case", "position", "resource", "activity", "batch", "nth", "size", "type", "batch_start", "batch_end", "ready", "same_start", "same_end")


def sizes_by_gap(lent: Arrays, gaps: Sequence[int]) -> dict[str, Whole]:
    """The batches that there are with each of several gaps: gap, size, and batching (what its units wait until the last is enabled).

    Args:
        lent: as for ``batches``, and ``first``: 1 for first units of a case, which do not wait.
        gaps: the gaps, in microseconds.
    """
    found = []
    for gap in gaps if len(lent["start"]) else ():
        opening, size = _cut(lent, gap)
        ready = np.repeat(np.maximum.reduceat(lent["enabled"], opening), size)
        batching = np.add.reduceat(np.where(lent["first"] == 1, 0, ready - lent["enabled"]), opening)
        kept = size >= 2
        found.append((np.full(np.count_nonzero(kept), gap), size[kept], batching[kept]))
    columns = [np.concatenate(column) for column in zip(*found, strict=True)] or [np.zeros(0, dtype=np.int64)] * 3
    return dict(zip(("gap", "size", "batching"), columns, strict=True))


def _cut(lent: Arrays, gap: int) -> tuple[Whole, Whole]:
    """Where each batch opens, also those of one unit, and how many units it has."""
    start, time, enabled = lent["start"], lent["time"], lent["enabled"]
    same = (lent["resource"][1:] == lent["resource"][:-1]) & (lent["activity"][1:] == lent["activity"][:-1])
    # a batch begins no later than its last unit: who was enabled after that unit began cannot join
    joins = np.append(False, same & (enabled[1:] <= start[:-1]))
    places = np.flatnonzero(joins | np.append(joins[1:], False))
    begins = ends = 0
    for place, may, began, ended, since in zip(places.tolist(), *(column[places].tolist() for column in (joins, start, time, enabled)), strict=True):
        if may and since <= begins and began - ends <= gap:
            ends = max(ends, ended)
        else:
            joins[place] = False
            begins, ends = began, ended
    opening = np.flatnonzero(~joins)
    return opening, np.diff(np.append(opening, len(start)))


def _numbered(resource: Whole, activity: Whole) -> Whole:
    """The number of each batch within its resource and activity, in their order."""
    new = np.append(True, (resource[1:] != resource[:-1]) | (activity[1:] != activity[:-1])) if len(resource) else np.zeros(0, dtype=bool)
    row = np.arange(len(resource))
    return row - np.maximum.accumulate(np.where(new, row, 0)) if len(row) else row
