"""How cases run against a model: aligned with it, replayed on it where that takes too long, or not told.

Each distinct trace is looked at once, those of most cases first, in a child process. One that takes more states or time than it may
is replayed instead: it is then known whether it fits, and which activities the model does not allow where they are done, but not by
which fewest moves the two differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, islice
from pathlib import Path
from time import monotonic

from finmine import words
from finmine.errors import OutOfRange, Refusal
from finmine.models import child, pm4py
from finmine.models.alignment import Alignments, NoEnd, OutOfBudget
from finmine.models.bpmn import Bpmn
from finmine.models.net import Net
from finmine.models.reference import Reference
from finmine.models.remembered import Remembered, Run
from finmine.models.replay import PilesUp, Replay
from finmine.models.told import Deviation, Told, deviations_of
from finmine.models.variants import Trace

_TELL = 0.5  # seconds between two words about how far it is


class ModelNeverEnds(Refusal):
    """No case can be held against a model that cannot come to its end."""

    def __init__(self) -> None:
        super().__init__(
            "the model has no run from its start to its end, so that no case can fit it. Look for a parallel gateway that waits for a way that was not taken."
        )


def checked(
    model: Reference, traces: Sequence[Run], cases: Sequence[int], states: int, seconds: float, cache: Path | None = None
) -> tuple[Told, ...]:
    """What is found of each trace, with whether its cases still run; a running case need not have come to the end of the model.

    What was found before of a trace on the same model with the same states is remembered and not looked for again.

    Args:
        model: the model, with its activities under the names of the log.
        traces: the distinct traces, those first that are to be aligned in any case.
        cases: how many cases each of them has.
        states: how many states the alignment of a trace may take.
        seconds: how long aligning may take in all; replay of the rest may take half as long again.
        cache: a folder in which what is found is kept for other runs of the programme.

    Raises:
        OutOfRange: a budget is nothing.
        ModelNeverEnds: the model has no run to its end.
        BadCache, NoCacheFolder, CannotWrite: the folder is none, or what is in it is not as it was written.
        TookTooLong, Died: see ``child.run``.
    """
    if states < 1:
        raise OutOfRange("states", states, "a whole number from 1")
    if not 0 < seconds <= 86_400:
        raise OutOfRange("seconds", seconds, "a number above 0 and up to a day (86400)")
    remembered = Remembered.of(model, states, cache)
    new = [(run, many) for run, many in zip(traces, cases, strict=True) if run not in remembered.known]
    if not new:
        return tuple(remembered.known[run] for run in traces)
    arguments = (model.diagram, model.net, [run for run, _ in new], states, seconds, _shares(new, len(traces), sum(cases)))
    advice = "Take fewer states, allow more seconds, or filter the log."
    told = child.run(_check, arguments, 2 * seconds + 30, "holding cases against the model", advice)
    found = dict(zip(arguments[2], told, strict=True))
    remembered.learn(found.items())
    return tuple(found.get(run) or remembered.known[run] for run in traces)


def _shares(new: Sequence[tuple[Run, int]], traces: int, cases: int) -> list[str]:
    """How far the work is when it comes to each new trace, in words."""
    known, done = traces - len(new), cases - sum(many for _, many in new)
    before = accumulate((many for _, many in new), initial=done)
    return [
        f"{known + place:,} of {words.plural(traces, 'variant')} aligned, {words.share(so_far / cases)} of cases"
        for place, so_far in enumerate(islice(before, len(new)))
    ]


def _check(diagram: Bpmn | None, net: Net | None, traces: Sequence[Run], states: int, seconds: float, shares: Sequence[str]) -> tuple[Told, ...]:
    """What is found of each trace; runs in the child process, and says on the way how far it is."""
    if diagram is not None:
        child.stage("making a net of the diagram")
    replay = Replay(net or pm4py.net_of_bpmn(diagram or Bpmn((), ())))
    begun = monotonic()
    alignments = Alignments(replay, states, lambda: monotonic() - begun > seconds)
    _refuse_endless(Alignments(replay, 10 * states, lambda: monotonic() - begun > seconds))
    told = []
    for trace, running in _telling(traces, shares):
        try:
            spent = monotonic() - begun
            moves = None if spent > seconds else alignments.of(trace, running)
        except OutOfBudget as out:
            spent, moves = (seconds if out.late else 0), None
        except (PilesUp, NoEnd):
            told.append(Told("not told"))
            continue
        late = moves is None and spent >= seconds
        told.append(_replayed(replay, trace, running, late, begun + 1.5 * seconds) if moves is None else Told("aligned", deviations_of(moves), moves))
    return tuple(told)


def _refuse_endless(alignments: Alignments) -> None:
    try:
        alignments.of(())
    except NoEnd:
        raise ModelNeverEnds from None
    except (PilesUp, OutOfBudget):
        return


def _telling(traces: Sequence[Run], shares: Sequence[str]) -> Iterator[Run]:
    said = 0.0
    for one, share in zip(traces, shares, strict=True):
        if monotonic() - said > _TELL:
            said = monotonic()
            child.stage(share)
        yield one


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
