"""What of the time of each unit is its own where a resource works on several at once: while k are in work, each gets a k-th.

So no hour of a resource counts twice: over its units the shares add up to the time in which it worked on at least one of them, to
the microsecond. What does not divide goes to the unit that began first.

Source: the adjustment for multitasking of pix-framework; the whole microseconds that are left over are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from finmine.kernels.least_over_spans import least_over_spans

Whole: TypeAlias = npt.NDArray[np.int64]
Arrays: TypeAlias = Mapping[str, Whole]


def shared_work(lent: Arrays) -> dict[str, Whole]:
    """The share of each unit: case, position, shared.

    Args:
        lent: units in the order of resource, calendar, since, case and position, whole resources at a time: ``case``, ``position``,
            ``resource``, ``calendar``, and ``since`` and ``until`` as the clock of the calendar shows them. Units of one
            resource on different calendars have no time in common.
    """
    rows = len(lent["case"])
    lane = np.zeros(rows, dtype=np.int64)
    for name in ("resource", "calendar"):
        lane[1:] |= lent[name][1:] != lent[name][:-1]
    lane = np.cumsum(lane)
    begins, ends, clock = _places(lane, lent["since"], lent["until"])
    at_once = np.cumsum(np.bincount(begins, minlength=len(clock)) - np.bincount(ends, minlength=len(clock)))
    passes = np.where(at_once > 0, np.diff(clock, append=clock[-1:]), 0)
    each, rest = np.divmod(passes, np.maximum(at_once, 1))
    running = np.concatenate(([0], np.cumsum(each)))
    shared = running[ends] - running[begins]
    first = least_over_spans(begins, ends, np.arange(rows), len(clock), rows)
    left = np.flatnonzero(rest)
    np.add.at(shared, first[left], rest[left])
    return {"case": lent["case"], "position": lent["position"], "shared": shared.astype(np.int64)}


def _places(lane: Whole, since: Whole, until: Whole) -> tuple[Whole, Whole, Whole]:
    """Where each unit begins and ends among the distinct instants of its lane, one lane after the other, and what the clock shows there."""
    instants, lanes = np.concatenate((since, until)), np.concatenate((lane, lane))
    order = np.lexsort((instants, lanes))
    lanes, clock = lanes[order], instants[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (lanes[1:] != lanes[:-1]) | (clock[1:] != clock[:-1])
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    return place[: len(since)], place[len(since) :], clock[new]
