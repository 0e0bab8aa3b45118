"""Token replay: what a Petri net allows after the activities so far, with silent transitions fired as they are needed.

All ways of firing silent transitions count, not one that a rule of thumb picks, so a case fits exactly if the net can play
it. (Searching them all is made short by stubborn sets: Valmari 1990.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from finmine.models.net import Net, Transition

Marking: TypeAlias = tuple[int, ...]
State: TypeAlias = frozenset[Marking]

_MOST_TOKENS = 60


class PilesUp(Exception):
    """Silent transitions can pile up tokens without end, so what the net allows cannot be searched through."""


class Replay:
    """Plays cases on a net. A state is all the markings that the net may be in before silent transitions go on."""

    def __init__(self, net: Net) -> None:
        finish = Transition(None, (net.sink,), ())
        self._steps = (*net.transitions, finish)
        self._visible: dict[str | None, list[int]] = defaultdict(list)
        self._takers: dict[int, list[int]] = defaultdict(list)
        self._givers: dict[int, list[int]] = defaultdict(list)
        for number, step in enumerate(net.transitions):
            if step.label is not None:
                self._visible[step.label].append(number)
                continue
            for place in step.inputs:
                self._takers[place].append(number)
            for place in step.outputs:
                self._givers[place].append(number)
        self.labels = tuple(sorted(net.activities()))
        self._finish = [len(net.transitions)]
        self._empty: Marking = (0,) * net.places
        self._moves: dict[tuple[Marking, str | None], State] = {}
        self._upstream = {label: self._leading_to(numbers) for label, numbers in [*self._visible.items(), (None, self._finish)]}
        self.start: State = frozenset({tuple(int(place == net.source) for place in range(net.places))})

    def after(self, state: State, activity: str) -> State:
        """The state after an activity; no markings at all if the net does not allow it.

        Raises:
            PilesUp: the net has no bound.
        """
        return frozenset[Marking]().union(*(self.moves(marking, activity) for marking in state))

    def allowed(self, state: State) -> frozenset[str]:
        """The activities that the net allows next; raises as ``after``."""
        return frozenset(label for label in self.labels if any(self.moves(marking, label) for marking in state))

    def finishes(self, state: State) -> bool:
        """Whether the case may end here, with nothing left over; raises as ``after``."""
        return any(self.ends(marking) for marking in state)

    def ends(self, marking: Marking) -> bool:
        """Whether silent transitions alone lead from a marking to the end, with nothing left over; raises as ``after``."""
        return self._empty in self.moves(marking, None)

    def forget(self, most: int) -> None:
        """Forget what was found so far where it is more than ``most`` pairs of marking and label; it is found anew when it is asked for."""
        if len(self._moves) > most:
            self._moves.clear()

    def moves(self, marking: Marking, label: str | None) -> State:
        """The markings right after the first step with this label (``None``: after the final token was taken away); raises as ``after``.

        Where silent transitions lead from one such marking to another, the first alone will do.
        """
        if (marking, label) not in self._moves:
            self._moves[marking, label] = frozenset(self._search(marking, label))
        return self._moves[marking, label]

    def _search(self, marking: Marking, label: str | None) -> Iterable[Marking]:
        goals = self._finish if label is None else self._visible.get(label, [])
        seen = {marking}
        pending = [marking] if goals else []
        while pending:
            now = pending.pop()
            for number in self._worth_firing(now, goals, self._upstream[label]):
                then = self._fired(now, number)
                if number in goals:
                    yield then
                elif then not in seen:
                    seen.add(then)
                    pending.append(then)

    def _worth_firing(self, marking: Marking, goals: list[int], upstream: frozenset[int]) -> list[int]:
        """The enabled transitions of a stubborn set around the goals: whatever else fires first may as well fire later.

        For a transition that cannot fire yet the set has all givers of a place it lacks, for one that can all takers from its
        places.
        """
        stubborn = set(goals)
        pending = list(goals)
        enabled = []
        while pending:
            number = pending.pop()
            lacking = self._lacking(marking, number)
            if lacking is None:
                enabled.append(number)
                others = [taker for place in self._steps[number].inputs for taker in self._takers[place]]
            else:
                others = self._givers[lacking]
            new = [other for other in others if other in upstream and other not in stubborn]
            stubborn.update(new)
            pending += new
        return enabled

    def _leading_to(self, goals: list[int]) -> frozenset[int]:
        """The silent transitions whose tokens may get to the goals."""
        found: set[int] = set()
        pending = list(goals)
        while pending:
            new = {giver for place in self._steps[pending.pop()].inputs for giver in self._givers[place]} - found
            found |= new
            pending += new
        return frozenset(found)

    def _lacking(self, marking: Marking, number: int) -> int | None:
        inputs = self._steps[number].inputs
        return next((place for place in inputs if marking[place] < inputs.count(place)), None)

    def _fired(self, marking: Marking, number: int) -> Marking:
        tokens = list(marking)
        for place in self._steps[number].inputs:
            tokens[place] -= 1
        for place in self._steps[number].outputs:
            tokens[place] += 1
            if tokens[place] > _MOST_TOKENS:
                raise PilesUp
        return tuple(tokens)
