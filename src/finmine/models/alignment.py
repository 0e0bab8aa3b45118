"""Alignments: the cheapest way to walk a case and a model together, in which what only one of the two does costs one each.

A move on both is free, and so are silent steps; an activity that only the case has (move on log) or that only the model has
(move on model) costs one. The search is exact (A*, with the activities that the model does not know as its bound) and always
finds the same of several cheapest ways. Source: Adriansyah 2014, Aligning Observed and Modeled Behavior.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import accumulate, groupby
from typing import Literal, TypeAlias

from finmine.models.replay import Marking, Replay
from finmine.models.variants import Trace

On: TypeAlias = Literal["both", "log", "model"]

_LOOK_AT_CLOCK = 1024  # states between two looks at the clock
_REMEMBERED = 2_000_000


@dataclass(frozen=True, slots=True)
class Move:
    """A move of an alignment: its activity, and whether both, only the case (log) or only the model does it."""

    on: On
    activity: str


class NoEnd(Exception):
    """No run of the model comes to its end, so that no case can be aligned with one."""


@dataclass(frozen=True, slots=True)
class OutOfBudget(Exception):
    """The search was given up, because its states (or its time, where ``late``) were used up."""

    late: bool


_Place: TypeAlias = tuple[Marking, int]


class Alignments:
    """Aligns cases with a net; ``states`` is how many states each may take, ``late`` says when the time is used up."""

    def __init__(self, replay: Replay, states: int, late: Callable[[], bool] = lambda: False) -> None:
        self._replay, self._states, self._late = replay, states, late
        self._known = frozenset(replay.labels)

    def of(self, trace: Trace, running: bool = False) -> tuple[Move, ...]:
        """The moves of a cheapest alignment of a trace; a case that still ``running`` need not have come to the end of the model.

        Raises:
            OutOfBudget: it takes more states, or more time.
            NoEnd: the model cannot come to its end.
            PilesUp: the net has no bound.
        """
        self._replay.forget(_REMEMBERED)
        # Each activity that the model does not know must be a move on log: a bound of what is still to come.
        bounds = [*accumulate((activity not in self._known for activity in reversed(trace)), initial=0)][::-1]
        (start,) = self._replay.start
        found: dict[_Place, tuple[_Place | None, Move | None]] = {}
        pushed = 0
        # The cheapest first; of equals the one furthest on in the trace, then the one found first.
        pending: list[tuple[int, int, int, Marking, _Place | None, Move | None]] = [(bounds[0], 0, 0, start, None, None)]
        while pending:
            bound, back, _, marking, before, move = heappop(pending)
            position = -back
            here = (marking, position)
            if here in found:
                continue
            found[here] = (before, move)
            self._spend(len(found))
            if position == len(trace) and (running or self._replay.ends(marking)):
                return _moves(found, here)
            cost = bound - bounds[position]
            for then, after, step in self._steps(trace, marking, position):
                if (then, after) not in found:
                    pushed += 1
                    heappush(pending, (cost + (step.on != "both") + bounds[after], -after, pushed, then, here, step))
        raise NoEnd

    def _steps(self, trace: Trace, marking: Marking, position: int) -> list[tuple[Marking, int, Move]]:
        """The moves that are open at a marking and a position, in one fixed order."""
        steps: list[tuple[Marking, int, Move]] = []
        if position < len(trace):
            activity = trace[position]
            if activity in self._known:
                steps += [(then, position + 1, Move("both", activity)) for then in sorted(self._replay.moves(marking, activity))]
            steps.append((marking, position + 1, Move("log", activity)))
        for activity in self._replay.labels:
            steps += [(then, position, Move("model", activity)) for then in sorted(self._replay.moves(marking, activity))]
        return steps

    def _spend(self, states: int) -> None:
        if states > self._states:
            raise OutOfBudget(late=False)
        if states % _LOOK_AT_CLOCK == 0 and self._late():
            raise OutOfBudget(late=True)


def _moves(found: dict[_Place, tuple[_Place | None, Move | None]], last: _Place) -> tuple[Move, ...]:
    moves: list[Move] = []
    place: _Place | None = last
    while place is not None:
        place, move = found[place]
        if move is not None:
            moves.append(move)
    return tuple(reversed(moves))


def written(moves: Sequence[Move]) -> str:
    """An alignment in a line: what only one of the two does in brackets, and of what both do the neighbours of that; repeats are folded."""
    folded = [(move, len([*same])) for move, same in groupby(moves)]
    near = {place + step for place, (move, _) in enumerate(folded) if move.on != "both" for step in (-1, 0, 1)}
    signs = {"both": "{}", "log": "[+ {}]", "model": "[− {}]"}
    parts = [
        signs[move.on].format(move.activity) + (f" × {times}" if times > 1 else "") if place in near else "…"
        for place, (move, times) in enumerate(folded)
    ]
    return " → ".join(part for part, _ in groupby(parts))
