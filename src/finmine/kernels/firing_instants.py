"""The instants at which batches were begun, and some at which they were not, with what could have told the one from the other.

Of each batch there are the instant at which it **fires** (its first unit begins); two at which a unit of it was enabled but not the last (the
first of them and the middle one); where it was left for more than an hour after it was ready, two evenly spread between that and its
firing; and the two days before at the same time, as far as something was there by then. Those up to an hour after the batch before had
begun count for nothing, since the resource was just at it. At each of them stand the units enabled by
then, how long the one enabled first and the one enabled last had waited, and the time since the resource's batch of this
activity before had begun.

Source: the activation rules of ``pix-framework`` (batch processing); the days before are ours, without which an hour tells as much as a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from finmine.kernels import MISSING
from finmine.words import DAY, HOUR

Whole: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]


def firing_instants(lent: Mapping[str, Whole]) -> dict[str, Whole]:
    """A row for each instant: resource, activity, batch, began, instant, fires (1 or 0), size, oldest, newest and since_last.

    ``since_last`` is missing for the first batch of a resource and activity.

    Args:
        lent: the units in batches in the order of resource, activity, batch and enabled, whole resources at a time: all of these,
            and the batch's ``batch_start`` and ``ready``.
    """
    opening = np.flatnonzero(_changes(lent, ("resource", "activity", "batch")))
    if not len(opening):
        return dict.fromkeys(_COLUMNS, lent["enabled"])
    size = np.diff(np.append(opening, len(lent["enabled"])))
    of_batch = {name: lent[name][opening] for name in ("resource", "activity", "batch")}
    began, first = lent["batch_start"][opening], lent["enabled"][opening]
    before = np.where(_changes(of_batch, ("resource", "activity")), MISSING, np.roll(began, 1))
    known, rows = before != MISSING, []
    for nth, (there, instant) in enumerate(_instants(lent, opening, size)):
        by_then = lent["enabled"] <= np.repeat(instant, size)
        latest = np.maximum.reduceat(np.where(by_then, lent["enabled"], MISSING), opening)
        told = of_batch | {
            "began": began,
            "instant": instant,
            "fires": np.full(len(opening), nth == 0),
            "size": np.add.reduceat(by_then, opening, dtype=np.int64),
        }
        told |= {
            "oldest": instant - first,
            "newest": instant - latest,
            "since_last": np.where(known, instant - before, MISSING),
        }
        apart = there & ((nth == 0) | ~known | (instant - before > HOUR))
        rows.append({name: told[name][apart] for name in _COLUMNS})
    return {name: np.concatenate([row[name] for row in rows]).astype(np.int64) for name in _COLUMNS}


_COLUMNS = ("resource", "activity", "batch", "began", "instant", "fires", "size", "oldest", "newest", "since_last")


def _instants(lent: Mapping[str, Whole], opening: Whole, size: Whole) -> Iterator[tuple[Flags, Whole]]:
    """For each kind of instant, that of the firing first, which batches have one, and where it is."""
    enabled = lent["enabled"]
    first, began, ready = enabled[opening], lent["batch_start"][opening], lent["ready"][opening]
    middle = enabled[opening + (size - 1) // 2]
    yield np.ones(len(opening), dtype=bool), began
    yield first < ready, first
    yield (first < middle) & (middle < ready), middle
    for part in (1, 2):
        yield began - ready > HOUR, ready + part * ((began - ready) // 3)
    for days in (1, 2):
        yield began - days * DAY >= first, began - days * DAY


def _changes(columns: Mapping[str, Whole], names: tuple[str, ...]) -> Flags:
    """Where any of some columns differs from the row before; the first row does."""
    found = np.ones(len(columns[names[0]]), dtype=bool)
    found[1:] = np.logical_or.reduce([columns[name][1:] != columns[name][:-1] for name in names])
    return found
