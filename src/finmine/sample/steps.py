"""Steps: the places of a process at which an activity may happen, who takes it, and at what pace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from finmine.sample.lots import Ints

if TYPE_CHECKING:
    from finmine.sample.desks import Desk

Matrix: TypeAlias = npt.NDArray[Any]

SYSTEM = "System"
"""The role of technical users."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a machine may look at to choose its time: the cases at one step, and what happened in them before."""

    previous: Ints
    """Wall clock of the last completion in each case."""
    last_of: Mapping[str, Ints]
    case_columns: Mapping[str, Matrix]
    here: Ints

    def last(self, activity: str) -> Ints:
        """Wall clock of the latest completion of an activity in each case."""
        return self.last_of[activity][self.here]

    def case(self, column: str) -> Matrix:
        """A column of the cases."""
        return self.case_columns[column][self.here]


Pace: TypeAlias = Callable[[Moment], Ints]
"""The wall clock at which a machine takes a step."""


@dataclass(frozen=True, slots=True)
class Step:
    """An activity at one place of the process."""

    activity: str
    role: str
    wait: tuple[float, float] = (0.5, 0.8)
    """Median in working days, and spread (sigma of the logarithm), of the wait before it."""
    work: tuple[float, float] | None = None
    """The same for the work on it; None where only the completion is recorded."""
    part: str = ""
    """Steps of a part come and go together."""
    turn: int = 0
    """Which turn of an unrolled loop this is, from 1; 0 outside loops."""
    user: str | None = None
    """The technical user who takes it; None for people."""
    pace: Pace | None = None
    """The time that a machine keeps; None for working time."""
    desk: Desk | None = None
    """Where it waits in a queue for the one person who takes it; None where people take it as they please."""
    ends: str = "complete"
    """The lifecycle transition with which it ends."""


def turns(times: int, *steps: Step) -> tuple[Step, ...]:
    """The steps of a loop, unrolled into so many turns."""
    return tuple(replace(step, turn=turn) for turn in range(1, times + 1) for step in steps)


def at_next(runs: Ints) -> Pace:
    """The pace of a machine that runs at these times and takes up to twenty minutes for all cases waiting."""

    def pace(moment: Moment) -> Ints:
        return during(runs[np.searchsorted(runs, moment.previous, "right")], moment)

    return pace


def during(run: Ints, moment: Moment) -> Ints:
    """The time at which each case is taken in a run; its ``place`` among the waiting is a column of the cases, from 0 to 1."""
    return run + np.asarray(1200 * moment.case("place")).astype(np.int64)
