"""A waterfall as SVG: two levels, and between them each change from where the one before it ended."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any, TypeAlias

from finmine.render.characters import shorten_apart, visible_characters
from finmine.render.charts import CONFIG, INK, MOST_BARS, PALETTE, QUIET, drawn
from finmine.render.spoken import spoken
from finmine.render.tables import hidden
from finmine.view import Waterfall

Spec: TypeAlias = dict[str, Any]

_LEVEL, _UP, _DOWN = QUIET, PALETTE[1], PALETTE[0]
_LABEL = 80  # columns of a bar's label


def waterfall_spans(block: Waterfall) -> list[tuple[float, float]]:
    """Where the bar of each row begins and ends: the first and the last at nothing, each change where the one before it ended."""
    values = [0.0 if cell is None or isinstance(cell, str) else float(cell) for cell in block.table.column(block.value)]
    if len(values) < 2:
        return [(0.0, value) for value in values]
    reached = list(accumulate(values[:-1]))
    return [(0.0, values[0]), *pairwise(reached), (0.0, values[-1])]


def waterfall(block: Waterfall, zone: str, titled: bool = False) -> str:
    """A waterfall as tamed SVG; ``titled`` writes the title above it, and under it which rows are left out."""
    spec = waterfall_spec(block, zone)
    if titled:
        left_out = hidden(block.table, MOST_BARS)
        spec["title"] = {"text": visible_characters(block.table.title), **({"subtitle": left_out} if left_out else {})}
    return drawn({**spec, "config": CONFIG})


def waterfall_spec(block: Waterfall, zone: str) -> Spec:
    """A bar for each row in the order of the rows, its label before it and its value in words behind it, changes with their sign; at most 40 rows.

    Labels are data and never part of an expression or a name in the specification.
    """
    kinds = [block.table.kind(name) for name in (block.label, block.value)]
    labels, values = (
        [spoken(cell, kind, zone) for cell in block.table.column(name)[:MOST_BARS]]
        for name, kind in zip((block.label, block.value), kinds, strict=True)
    )
    ends = {0, len(block.table.rows) - 1}
    rows: list[Spec] = [
        {
            "place": place,
            "label": label,
            "since": since,
            "until": until,
            "right": max(since, until),
            "spoken": f"+{value}" if place not in ends and until > since else value,
            "way": _way(place in ends, until - since),
        }
        for place, (label, value, (since, until)) in enumerate(zip(shorten_apart(labels, _LABEL), values, waterfall_spans(block), strict=False))
    ]
    joints = [{"top": one["place"], "below": one["place"] + 1, "at": one["until"]} for one in rows[:-1]]
    across = {"type": "quantitative", "axis": None, "scale": {"zero": True}}
    down = {"field": "place", "type": "ordinal", "axis": None, "sort": None}
    colour = {"field": "way", "type": "nominal", "legend": None, "scale": {"domain": ["level", "up", "down"], "range": [_LEVEL, _UP, _DOWN]}}
    return {
        "data": {"values": rows},
        "width": 420,
        "height": {"step": 24},
        "encoding": {"y": down},
        "layer": [
            {
                "mark": {"type": "bar", "height": 15},
                "encoding": {"x": {"field": "since", **across}, "x2": {"field": "until"}, "color": colour},
            },
            {
                "data": {"values": joints},
                "mark": {"type": "rule", "color": QUIET, "strokeWidth": 0.7},
                "encoding": {"x": {"field": "at", **across}, "y": {"field": "top", **_ordinal()}, "y2": {"field": "below"}},
            },
            {"mark": {"type": "text", "align": "right", "color": INK}, "encoding": {"x": {"value": -8}, "text": {"field": "label"}}},
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "color": QUIET},
                "encoding": {"x": {"field": "right", **across}, "text": {"field": "spoken"}},
            },
        ],
    }


def _ordinal() -> Spec:
    return {"type": "ordinal", "axis": None, "sort": None}


def _way(level: bool, change: float) -> str:
    return "level" if level else "up" if change >= 0 else "down"
