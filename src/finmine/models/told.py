"""What is found of a trace that is held against a model: how it was told, and where the two differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from finmine.models.alignment import Move

How: TypeAlias = Literal["aligned", "replayed", "not told"]
Kind: TypeAlias = Literal["on log", "on model", "not allowed", "ends early"]

HOW: dict[How, str] = {
    "aligned": "walked together with the model at the least cost",
    "replayed": "taken through the model step by step, because aligning took more states or time than it may",
    "not told": "neither aligned nor replayed: tokens pile up in the model without end, or no time was left",
}


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


def deviations_of(moves: Sequence[Move]) -> tuple[Deviation, ...]:
    """The deviations of an alignment, each after the last activity that both did."""
    found: list[Deviation] = []
    after: str | None = None
    for move in moves:
        if move.on == "both":
            after = move.activity
        else:
            found.append(Deviation("on log" if move.on == "log" else "on model", move.activity, after))
    return tuple(found)
