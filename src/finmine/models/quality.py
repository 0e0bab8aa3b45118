"""How well a model tells what happens: how many cases fit it, and how little it allows beyond what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, groupby

from finmine.models.net import Net
from finmine.models.replay import PilesUp, Replay, State
from finmine.models.variants import Trace, Variants, cases


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality of a model on ``cases`` cases; a number that cannot be known is missing.

    ``fitting`` is the number of cases that the model can play from start to end. ``precision`` is one minus the share of
    what the model allows that never happens: at every position of every case, up to which the model can play it and after
    which the case goes on, the activities that the model allows next are counted, and those of them that no case with the
    same beginning goes on with (ETConformance: Muñoz-Gama and Carmona 2010; each case counts, not each variant).
    """

    cases: int
    fitting: int | None
    precision: float | None

    @property
    def fitting_share(self) -> float | None:
        """Fitting cases divided by all cases."""
        return None if self.fitting is None or not self.cases else self.fitting / self.cases


def measure(net: Net, variants: Variants) -> Quality:
    """The quality of a net on all these variants, of which each stands for its number of cases."""
    traces = sorted(variants)
    try:
        fitting, allowed, unseen = _played(Replay(net), [trace for trace, _ in traces], [number for _, number in traces])
    except PilesUp:
        return Quality(cases(variants), None, None)
    return Quality(cases(variants), fitting, 1 - unseen / allowed if allowed else None)


def _played(replay: Replay, traces: list[Trace], numbers: list[int]) -> tuple[int, int, int]:
    """Fitting cases; activities allowed at all positions; those of them with which no case goes on.

    The traces are sorted, so those with the same beginning stand together and it is played once for all of them.
    """
    before = [0, *accumulate(numbers)]
    fitting = allowed = unseen = 0
    pending: list[tuple[int, int, int, State]] = [(0, len(traces), 0, replay.start)]
    while pending:
        first, end, position, state = pending.pop()
        if len(traces[first]) == position:
            fitting += numbers[first] if replay.finishes(state) else 0
            first += 1
        if first == end:
            continue
        weight = before[end] - before[first]
        seen = _branches(traces, first, end, position)
        choices = replay.allowed(state)
        allowed += weight * len(choices)
        unseen += weight * len(choices - seen.keys())
        pending += [(*seen[activity], position + 1, replay.after(state, activity)) for activity in seen.keys() & choices]
    return fitting, allowed, unseen


def _branches(traces: list[Trace], first: int, end: int, position: int) -> dict[str, tuple[int, int]]:
    """The activities at a position, each with the first and the end of the sorted traces that go on with it."""
    branches = {}
    for activity, group in groupby(range(first, end), key=lambda place: traces[place][position]):
        places = list(group)
        branches[activity] = (places[0], places[-1] + 1)
    return branches
