"""How cases run against a model: aligned with it, replayed on it where that takes too long, or not told.

Each distinct trace is looked at once, those of most cases first, in a child process. One that takes more states or time than it may
is replayed instead: it is then known whether it fits, and which activities the model does not allow where they are done, but not by
which fewest moves the two differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Literal, TypeAlias

from finmine import words
from finmine.errors import OutOfRange, Refusal
from finmine.models import child, pm4py
from finmine.models.alignment import Alignments, Move, NoEnd, OutOfBudget
from finmine.models.bpmn import Bpmn
from finmine.models.net import Net
from finmine.models.reference import Reference
from finmine.models.replay import PilesUp, Replay
from finmine.models.variants import Trace

How: TypeAlias = Literal["aligned", "replayed", "not told"]
Kind: TypeAlias = Literal["on log", "on model", "not allowed", "ends early"]

HOW: dict[How, str] = {
    "aligned": "walked together with the model at the least cost",
    "replayed": "taken through the model step by step, because aligning took more states or time than it may",
    "not told": "neither aligned nor replayed: tokens pile up in the model without end, or no time was left",
}
_TELL = 0.5  # seconds between two words about how far it is


class ModelNeverEnds(Refusal):
    """No case can be held against a model that cannot come to its end."""

    def __init__(self) -> None:
        super().__init__(
            "the model has no run from its start to its end, so that no case can fit it. Look for a parallel gateway that waits for a way that was not taken."
        )


@dataclass(frozen=True, slots=True)
class Deviation:
    """Where a case and a model differ: the activity (none where the case ends early), and the activity after which, the last that both did."""

    kind: Kind
    activity: str | None
    after: str | None

    def words(self, activities: Sequence[str | None] = ()) -> str:
        """The deviation in a sentence without its full stop; of several activities at once where others are given."""
        place = f"after {self.after}" if self.after is not None else "at the start"
        names = [name for name in activities or (self.activity,) if name is not None]
        said, verb = ", ".join(names), "is" if len(names) == 1 else "are"
        match self.kind:
            case "on log":
                return f"{said} {verb} done {place}, where the model does not have that"
            case "on model":
                return f"{said} {verb} left out {place}"
            case "not allowed":
                return f"{said} {verb} done {place}, where the model does not allow that"
            case "ends early":
                return f"the end comes {place}, before that of the model"


@dataclass(frozen=True, slots=True)
class Told:
    """What was found of one trace: how, the deviations in their order, and for an alignment all its moves.

    It fits where there is no deviation, unless it was not told.
    """

    how: How
    deviations: tuple[Deviation, ...] = ()
    moves: tuple[Move, ...] = ()
    late: bool = False
    """Whether the time, not the number of states, was used up."""


def checked(model: Reference, traces: Sequence[tuple[Trace, bool]], states: int, seconds: float) -> tuple[Told, ...]:
    """What is found of each trace, with whether its cases still run; a running case need not have come to the end of the model.

    Args:
        model: the model, with its activities under the names of the log.
        traces: the distinct traces, those first that are to be aligned in any case.
        states: how many states the alignment of a trace may take.
        seconds: how long aligning may take in all; replay of the rest may take half as long again.

    Raises:
        OutOfRange: a budget is nothing.
        ModelNeverEnds: the model has no run to its end.
        TookTooLong, Died: see ``child.run``.
    """
    if states < 1:
        raise OutOfRange("states", states, "a whole number from 1")
    if not 0 < seconds <= 86_400:
        raise OutOfRange("seconds", seconds, "a number above 0 and up to a day (86400)")
    arguments = (model.diagram, model.net, tuple(traces), states, seconds)
    advice = "Take fewer states, allow more seconds, or filter the log."
    return child.run(_check, arguments, 2 * seconds + 30, "holding cases against the model", advice)


def _check(diagram: Bpmn | None, net: Net | None, traces: Sequence[tuple[Trace, bool]], states: int, seconds: float) -> tuple[Told, ...]:
    """What is found of each trace; runs in the child process."""
    if diagram is not None:
        child.stage("making a net of the diagram")
    replay = Replay(net or pm4py.net_of_bpmn(diagram or Bpmn((), ())))
    begun = monotonic()
    alignments = Alignments(replay, states, lambda: monotonic() - begun > seconds)
    _refuse_endless(Alignments(replay, 10 * states, lambda: monotonic() - begun > seconds))
    told = []
    for trace, running in _telling(traces):
        try:
            spent = monotonic() - begun
            moves = None if spent > seconds else alignments.of(trace, running)
        except OutOfBudget as out:
            spent, moves = (seconds if out.late else 0), None
        except (PilesUp, NoEnd):
            told.append(Told("not told"))
            continue
        late = moves is None and spent >= seconds
        told.append(_replayed(replay, trace, running, late, begun + 1.5 * seconds) if moves is None else Told("aligned", _of_moves(moves), moves))
    return tuple(told)


def _refuse_endless(alignments: Alignments) -> None:
    try:
        alignments.of(())
    except NoEnd:
        raise ModelNeverEnds from None
    except (PilesUp, OutOfBudget):
        return


def _telling(traces: Sequence[tuple[Trace, bool]]) -> Iterator[tuple[Trace, bool]]:
    said = 0.0
    for place, one in enumerate(traces):
        if monotonic() - said > _TELL:
            said = monotonic()
            child.stage(f"aligning variant {place + 1:,} of {words.count(len(traces))}")
        yield one


def _of_moves(moves: Sequence[Move]) -> tuple[Deviation, ...]:
    """The deviations of an alignment, each after the last activity that both did."""
    found: list[Deviation] = []
    after: str | None = None
    for move in moves:
        if move.on == "both":
            after = move.activity
        else:
            found.append(Deviation("on log" if move.on == "log" else "on model", move.activity, after))
    return tuple(found)


def _replayed(replay: Replay, trace: Trace, running: bool, late: bool, until: float, clock: Callable[[], float] = monotonic) -> Told:
    """The trace played as far as it goes; an activity that is not allowed is passed over."""
    found: list[Deviation] = []
    state, after = replay.start, None
    try:
        for activity in trace:
            if clock() > until:
                return Told("not told", late=True)
            then = replay.after(state, activity)
            if then:
                state, after = then, activity
            else:
                found.append(Deviation("not allowed", activity, after))
        if not running and not replay.finishes(state):
            found.append(Deviation("ends early", None, after))
    except PilesUp:
        return Told("not told", late=late)
    return Told("replayed", tuple(found), late=late)
