"""A model with what cases do drawn on it: done as it has it, left out, and done beside it.

Every count stands in its box, and kinds of boxes differ in their frames, so that colours only repeat what is written; these are orange for left out
and purple for beside, which nobody takes for one another (after Okabe and Ito).
"""

from __future__ import annotations

from collections.abc import Sequence

from finmine.models.drawing import Beside, Mark, Marks
from finmine.models.moves import Moves, Place
from finmine.models.reference import Reference
from finmine.render.characters import shorten, visible_characters
from finmine.render.dot import INK, PAPER, legible, shade
from finmine.view import Diagram
from finmine.words import count, plural

_MOST_LINES, _LONGEST_NAME = 6, 32  # of a box beside the model, and in a line of it
_DONE, _ALL = "#e8f1fa", "#b87400"
_ORANGES = ((0xFD, 0xF3, 0xDC), (0xF0, 0xBE, 0x62), (0xB8, 0x74, 0x00))
_BORDERS = {"done": "#0072b2", "left out": "#7a4c00", "beside": "#7a0f5c"}
_COLOURS = (
    ("done, never left out", _BORDERS["done"]),
    ("left out by few", shade(_ORANGES, 0.25)),
    ("left out by all who come there", _ALL),
    ("done beside the model", _BORDERS["beside"]),
)


def drawn_moves(model: Reference, moves: Moves) -> Diagram:
    """The model with the moves of all cases on it, the most frequent ones beside it."""
    places: dict[str | None, list[Place]] = {}
    for place, _ in sorted(moves.beside.items(), key=lambda one: (-one[1], one[0][0] or "", one[0][1] or "")):
        places.setdefault(place[0], []).append(place)
    marks = Marks({name: _mark(name, moves) for name in model.activities()}, [_beside(after, these, moves) for after, these in places.items()])
    text = f"{_READ} Of {plural(moves.told, 'case')}{_but(moves)}."
    return Diagram("Where cases differ, on the model", model.dot(marks), text, _COLOURS)


_READ = (
    "The model, from its start to its end. A box says in how many cases its activity is done where the model has it, and below that how many leave it out there; "
    "an activity with several boxes has the same counts in each. "
    "Boxes with a broken frame are what cases do after an activity where the model does not have that."
)


def _but(moves: Moves) -> str:
    replayed = f", of which {count(moves.replayed)} were replayed, so that what they leave out is not known" if moves.replayed else ""
    return replayed + (f"; {count(moves.not_told)} more could not be told and are in no box" if moves.not_told else "")


def _mark(name: str, moves: Moves) -> Mark:
    done, left_out = moves.done.get(name, 0), moves.left_out.get(name, 0)
    said = (plural(done, "case"), *((f"left out in {count(left_out)}",) if left_out else ()))
    if not left_out:
        return Mark(said, {"fillcolor": _DONE if done else PAPER, "color": _BORDERS["done"]})
    fill = shade(_ORANGES, left_out / moves.reached[name])
    return Mark(said, {"fillcolor": fill, "fontcolor": legible(fill), "color": _BORDERS["left out"], "penwidth": "2.2"})


def _beside(after: str | None, these: Sequence[Place], moves: Moves) -> Beside:
    """What cases do after an activity where the model does not have it, those first that most of them do."""
    lines = [f"{_name(activity)}: {plural(moves.beside[after, activity], 'case')}" for _, activity in these[:_MOST_LINES]]
    if len(these) > _MOST_LINES:
        lines.append(f"and {plural(len(these) - _MOST_LINES, 'rarer one')}")
    attributes = {"style": "rounded,dashed,filled", "fillcolor": PAPER, "fontcolor": INK, "color": _BORDERS["beside"], "penwidth": "1.6"}
    return Beside(after, Mark(tuple(lines), attributes))


def _name(activity: str | None) -> str:
    return "End of the case" if activity is None else shorten(visible_characters(activity), _LONGEST_NAME)
