"""A matrix as a heat map in SVG: darker squares for larger values, each with its value where there is room."""

from __future__ import annotations

from math import sqrt
from typing import Any, TypeAlias

from finmine.render.characters import columns, shorten_apart, visible_characters
from finmine.render.charts import CONFIG, INK, QUIET, drawn
from finmine.render.dot import BLUES, legible, shade
from finmine.render.spoken import spoken
from finmine.render.squares import Squares, size, squares
from finmine.view import Matrix

Spec: TypeAlias = dict[str, Any]

_LABEL = 34  # columns of a label
_SQUARE, _NARROW = 44, 24  # points; narrow where there are many columns, and then without values
_WIDEST = 18  # columns up to which squares are wide enough for their values


def heat_map(matrix: Matrix, zone: str, titled: bool = False) -> str:
    """A matrix as tamed SVG; ``titled`` writes the title above it, and under it what there is no room for."""
    spec = heat_map_spec(matrix, zone)
    if titled:
        left_out = squares(matrix).sentence()
        spec["title"] = {"text": visible_characters(matrix.table.title), **({"subtitle": left_out} if left_out else {})}
    return drawn({**spec, "config": CONFIG})


def heat_map_spec(matrix: Matrix, zone: str) -> Spec:
    """A square for each pair with a value; the colour goes with the square root, so that small values can still be told from none.

    Labels are data and never part of an expression or a name in the specification.
    """
    shown = squares(matrix)
    titles = {column.name: visible_characters(column.title) for column in matrix.table.columns}
    wide = len(shown.columns) <= _WIDEST
    values = _values(matrix, shown, zone)
    room = max((columns(value["spoken"]) * 6 + 8 for value in values), default=0)
    side = max(_SQUARE, room) if wide else _NARROW
    across = {"field": "column", "type": "ordinal", "axis": None, "scale": {"domain": list(range(len(shown.columns)))}}
    down = {"field": "row", "type": "ordinal", "axis": None, "scale": {"domain": list(range(len(shown.rows)))}}
    own = {"type": "nominal", "scale": None}
    text = {"mark": {"type": "text", "fontSize": 10}, "encoding": {"text": {"field": "spoken"}, "color": {"field": "ink", **own}}}
    return {
        "data": {"values": values},
        "width": {"step": side},
        "height": {"step": 24},
        "encoding": {"x": across, "y": down},
        "layer": [
            {"mark": {"type": "rect", "stroke": "#ffffff"}, "encoding": {"fill": {"field": "fill", **own}, "tooltip": {"field": "about"}}},
            *([text] if wide else []),
            {"data": {"values": _named(shown.rows, "row")}, "mark": {"type": "text", "align": "right", "color": INK}, "encoding": _beside(down)},
            {
                "data": {"values": _named(shown.columns, "column")},
                "mark": {"type": "text", "align": "left", "angle": 315, "color": INK},
                "encoding": _above(across),
            },
            {
                "data": {"values": [{"label": f"{titles[matrix.row]} ↓   {titles[matrix.column]} →"}]},
                "mark": {"type": "text", "align": "right", "color": QUIET, "fontStyle": "italic"},
                "encoding": {"x": {"value": -8}, "y": {"value": -10}, "text": {"field": "label"}},
            },
        ],
    }


def _values(matrix: Matrix, shown: Squares, zone: str) -> list[Spec]:
    kind = matrix.table.kind(matrix.value)
    title = visible_characters(next(column.title for column in matrix.table.columns if column.name == matrix.value))
    most = max((abs(size(cell) or 0) for cell in shown.values.values()), default=0)
    found = []
    for (row, column), cell in shown.values.items():
        fill = shade(BLUES, sqrt(abs(size(cell) or 0) / most) if most else 0)
        said = spoken(cell, kind, zone)
        about = f"{visible_characters(shown.rows[row])} → {visible_characters(shown.columns[column])}: {title} {said}"
        found.append({"row": row, "column": column, "spoken": said, "about": about, "fill": fill, "ink": legible(fill)})
    return found


def _named(labels: tuple[str, ...], place: str) -> list[Spec]:
    short = shorten_apart([visible_characters(label) for label in labels], _LABEL)
    return [{place: number, "label": name} for number, name in enumerate(short)]


def _beside(down: Spec) -> Spec:
    return {"x": {"value": -8}, "y": down, "text": {"field": "label"}}


def _above(across: Spec) -> Spec:
    return {"x": across, "y": {"value": -8}, "text": {"field": "label"}}
