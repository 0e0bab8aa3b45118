"""Which activities run side by side, so that neither enables the other: the heuristics concurrency oracle, made more careful.

Two activities are taken for concurrent where each directly follows the other, about as often as the other way round
(dependency), and not because they take turns in a loop. Rework, too, makes two activities follow each other: Check, Correct,
Check. Taken for concurrent, it would make the enabling of a correction skip the check before it, and waits come out too long.
So three more conditions must hold: both orders are common, loops of the two are rarer than half of the rarer order, and, where
work has an extent at all, some of the one was seen to overlap with some of the other.

Source: ``enhancement/concurrency_oracle.py`` of pix-framework (as used by Kronos) for the heuristics; the three conditions are
finmine's own, and ``strict=False`` leaves them out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from finmine.kernels.stamps import places, usable_starts

Whole: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Arrays: TypeAlias = Mapping[str, Whole]
Pairs: TypeAlias = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Oracle:
    """How concurrency is found. The first three are the thresholds of the heuristics, the others are used where it is ``strict``.

    ``least`` and ``part``: how often the rarer order occurs at least, as a number and as a share of both orders.
    """

    dependency: float = 0.9
    loops_of_two: float = 0.9
    loops_of_one: float = 0.9
    strict: bool = True
    least: int = 3
    part: float = 0.05


def side_by_side(pairs: Arrays, how: Oracle) -> Flags:
    """Which pairs of activities follow one another as concurrent ones do; whether they overlap is not looked at.

    Args:
        pairs: one row for each pair of different activities: ``forth`` and ``back``, how often the second directly follows the
            first and the first the second; ``turns``, how often one of them comes directly before and after the other;
            ``first_again`` and ``second_again``, how often each directly follows itself.
        how: the thresholds.
    """
    forth, back, turns = pairs["forth"], pairs["back"], pairs["turns"]
    rarer = np.minimum(forth, back)
    again = np.maximum(pairs["first_again"], pairs["second_again"])
    loop = np.where(again / (again + 1) < how.loops_of_one, turns / (turns + 1), 0)
    found: Flags = (rarer > 0) & (loop < how.loops_of_two) & (np.abs(forth - back) / (forth + back + 1) < how.dependency)
    if how.strict:
        found &= (rarer >= np.maximum(how.least, how.part * (forth + back))) & (2 * turns < rarer)
    return found


def overlaps(lent: Arrays, pairs: Pairs) -> dict[str, Whole]:
    """How many units of the first activity of each pair overlap in time with some unit of the second in their case.

    Args:
        lent: units in the order of case and position, whole cases at a time: ``case``, ``activity``, ``start`` (missing where none is
            usable: such a unit has no extent) and ``time``.
        pairs: the pairs of activities, by code.
    """
    since, until = places(lent["case"], usable_starts(lent["start"], lent["time"]), lent["time"])
    order = np.argsort(lent["activity"], kind="stable")
    ends = np.searchsorted(lent["activity"][order], [[first, first + 1] for pair in pairs for first in pair]).reshape(-1, 2, 2).tolist()
    found = [_overlapping(since, until, order[slice(*one)], order[slice(*other)]) for one, other in ends]
    codes = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return {"activity": codes[:, 0], "other": codes[:, 1], "overlapping": np.array(found, dtype=np.int64)}


def _overlapping(since: Whole, until: Whole, these: Whole, others: Whole) -> int:
    """How many of these rows end after some of the others has begun that itself ends after they have begun."""
    begun = np.append(np.minimum.accumulate(since[others][::-1])[::-1], len(since) + 1)
    return int(np.count_nonzero(begun[np.searchsorted(others, since[these])] <= until[these]))
