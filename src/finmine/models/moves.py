"""What cases do at the activities of a model, counted in cases: as the model has it, left out, and beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from finmine.models.told import Told
from finmine.models.variants import Trace

Place: TypeAlias = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Moves:
    """How many cases do what at the activities of a model.

    ``done``: cases that do an activity where the model has it, ``left_out``: cases that leave it out once or more; a case may be in both, and
    ``reached`` counts it once.
    ``beside``: cases that do something that the model does not have there, by the activity after which (none at the start) and the
    activity (none for an end before that of the model). ``told`` and ``not_told`` are all cases; of the ``replayed`` among those told, what they leave
    out is not known.
    """

    done: Mapping[str, int]
    left_out: Mapping[str, int]
    reached: Mapping[str, int]
    beside: Mapping[Place, int]
    told: int
    replayed: int
    not_told: int


def moves_of(runs: Iterable[tuple[int, Trace, Told]]) -> Moves:
    """The moves of distinct traces, each with its number of cases and what was found of it."""
    done, left_out, reached, beside = Counter[str](), Counter[str](), Counter[str](), Counter[Place]()
    told = replayed = not_told = 0
    for cases, trace, found in runs:
        if found.how == "not told":
            not_told += cases
            continue
        told += cases
        replayed += cases if found.how == "replayed" else 0
        there, missing = _done(trace, found), {str(one.activity) for one in found.deviations if one.kind == "on model"}
        for counted, names in ((done, there), (left_out, missing), (reached, there | missing)):
            counted.update(dict.fromkeys(names, cases))
        beside.update({(one.after, one.activity): cases for one in found.deviations if one.kind != "on model"})
    return Moves(done, left_out, reached, beside, told, replayed, not_told)


def _done(trace: Trace, found: Told) -> set[str]:
    """The activities that a trace does where the model has them, at least once."""
    beside = Counter(one.activity for one in found.deviations if one.kind in ("on log", "not allowed"))
    return {activity for activity, times in Counter(trace).items() if times > beside[activity]}
