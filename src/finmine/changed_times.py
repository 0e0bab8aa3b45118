"""What a written change makes of the time of a step."""

from __future__ import annotations

from finmine.errors import Refusal
from finmine.filters.changes import Change
from finmine.graphs.chain import Timing
from finmine.words import duration


class TooFast(Refusal):
    """A step would take less than no time."""

    def __init__(self, change: Change, mean: float) -> None:
        super().__init__(f"{change.words()!r} cannot be: the step takes {duration(mean)} on average.")


def changed_time(change: Change, mean: float, known: Timing) -> Timing:
    """How a step's time of that mean is changed, after the changes of it that are known already.

    Raises:
        TooFast: it would take less than no time.
    """
    amount, now = float(change.amount), known.factor * mean + known.shift
    if change.kind == "shifted":
        made = Timing(known.factor, known.shift + amount)
    elif change.kind == "takes" and now <= 0:
        made = Timing(0.0, amount)
    else:
        factor = amount / now if change.kind == "takes" else amount
        made = Timing(known.factor * factor, known.shift * factor)
    if made.factor * mean + made.shift < min(0.0, now):
        raise TooFast(change, now)
    return made
