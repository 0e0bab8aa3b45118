"""The work of a team as that of one resource: busy while all of its people are, on what came last among what they would have taken first.

A resource that stands for several people keeps a unit waiting only while as many units are worked on as there are people. Of these
the one that was enabled as the n-th, with n people, says what kind of wait that is: if it was enabled no later than the unit that waits,
all n stood ahead in the queue; if later, one of them jumped it. With one person this is the work itself.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from finmine.finance.calendar import Whole

Sizes: TypeAlias = Sequence[tuple[int, int]]
"""Instants in order, and how many people there are from each of them on; before the first there is one."""
Teams: TypeAlias = Mapping[int, Sizes]
"""The sizes of the teams by the code of the resource."""


def size_at(sizes: Sizes, instant: int) -> int:
    """How many people there are at an instant."""
    place = bisect_right([since for since, _ in sizes], instant)
    return sizes[place - 1][1] if place else 1


def team_work(began: Whole, ended: Whole, enabled: Whole, sizes: Sizes) -> tuple[Whole, Whole, Whole]:
    """The spans in which all people of a team are busy, and when the n-th of what they work on, with n people, was enabled.

    Args:
        began: when each unit of the team began.
        ended: when it was completed; later than it began.
        enabled: when it was enabled.
        sizes: how many people there are.
    """
    found = np.array(list(_spans(began, ended, enabled, sizes)), dtype=np.int64).reshape(-1, 3).T
    return found[0], found[1], found[2]


def _spans(began: Whole, ended: Whole, enabled: Whole, sizes: Sizes) -> Iterator[tuple[int, int, int]]:
    changes = [(at, 1, since) for at, since in zip(began.tolist(), enabled.tolist(), strict=True)]
    changes += [(at, 0, since) for at, since in zip(ended.tolist(), enabled.tolist(), strict=True)]
    changes += [(at, 2, people) for at, people in sizes]
    worked_on, people, before = list[int](), 1, 0
    for at, kind, value in sorted(changes):
        if len(worked_on) >= people and at > before:
            yield before, at, worked_on[people - 1]
        before = at
        if kind == 0:
            worked_on.remove(value)
        elif kind == 1:
            insort(worked_on, value)
        else:
            people = value
