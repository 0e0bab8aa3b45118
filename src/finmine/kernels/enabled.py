"""When each unit could have begun: at the completion of the last unit before it that does not run side by side with it.

``enabled(i)`` is the latest completion of a unit j of the same case that was completed before i was completed and no later than i
began, and whose activity is not concurrent with that of i. Completions at one instant do not enable each other. Where there is
no such unit, i is the **first** of its case, or one of several: it is enabled by the start of the case, and the time until it
begins is start lag, not waiting. Of a unit whose start is not known (missing, or later than its completion) the completion
stands for it.

Source: the enabled time of pix-framework (``enhancement/concurrency_oracle.py``), as used by Kronos.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from finmine.kernels import MISSING
from finmine.kernels.stamps import first_of, places, usable_starts

Whole: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Arrays: TypeAlias = Mapping[str, Whole]
Pairs: TypeAlias = Sequence[tuple[int, int]]


def enabled_instants(lent: Arrays, concurrent: Pairs) -> dict[str, Whole]:
    """When each unit was enabled and by which: case, position, enabled, first (1 or 0), enabler (its position, missing for a first one).

    Where several units that enable it were completed at one instant, the last in the order of the case is named.

    Args:
        lent: units in the order of case and position, whole cases at a time: ``case``, ``position``, ``activity``, ``start`` (may be
            missing) and ``time``.
        concurrent: the pairs of concurrent activities, by code.
    """
    case, time = lent["case"], lent["time"]
    enabler = enablers(lent, concurrent)
    opening = first_of(case)
    started = np.minimum.reduceat(usable_starts(lent["start"], time), np.unique(opening)) if len(case) else time
    first = enabler < 0
    return {
        "case": case,
        "position": lent["position"],
        "enabled": np.where(first, started[np.cumsum(opening == np.arange(len(case))) - 1], time[enabler]),
        "first": first.astype(np.int64),
        "enabler": np.where(first, MISSING, lent["position"][enabler]),
    }


def enablers(lent: Arrays, concurrent: Pairs) -> Whole:
    """The row of the unit that enables each unit; -1 where there is none."""
    case, activity = lent["case"], lent["activity"]
    since, until = places(case, usable_starts(lent["start"], lent["time"]), lent["time"])
    found = np.minimum(since, until) - 1
    beside: dict[int, list[int]] = {}
    for one, other in (*concurrent, *((other, one) for one, other in concurrent)):
        beside.setdefault(one, []).append(other)
    row = np.arange(len(case))
    for one, others in beside.items():
        mine = np.flatnonzero((activity == one) & (found >= 0))
        last = np.maximum.accumulate(np.where(np.isin(activity, others), -1, row))  # the last row so far that is not concurrent
        found[mine] = last[found[mine]]
    return np.where(found >= first_of(case), found, -1)
