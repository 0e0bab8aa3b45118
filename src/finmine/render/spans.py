"""Spans in lanes as SVG: slanted ones from the top of their lane to its bottom, lying ones as bars."""

from __future__ import annotations

from typing import Any, TypeAlias

from finmine.render.characters import shorten_apart, visible_characters
from finmine.render.charts import CONFIG, INK, PALETTE, across, along, axis_title, drawn, unit_of
from finmine.render.spoken import spoken
from finmine.view import Spans
from finmine.words import plural

Spec: TypeAlias = dict[str, Any]

MOST_LANES = 40
_SLANTED_HEIGHT, _LYING_HEIGHT = 130, 24
_LABEL = 64  # columns of a lane's label
_WIDTH = 640
_SLANTED = (PALETTE[0], PALETTE[4], PALETTE[5], PALETTE[1])  # marks of slanted spans are degrees: from cold to warm
_LYING = (PALETTE[1], PALETTE[0], *PALETTE[2:])


def spans(block: Spans, zone: str, titled: bool = False) -> str:
    """Spans as tamed SVG; ``titled`` writes the title above them, and under it what there is no room for."""
    spec = spans_spec(block, zone)
    if titled:
        left_out = lanes_left_out(block)
        spec["title"] = {"text": visible_characters(block.table.title), **({"subtitle": left_out} if left_out else {})}
    return drawn({**spec, "config": CONFIG})


def lanes(block: Spans) -> list[str]:
    """The lanes in the order of the rows, by their labels."""
    return list(dict.fromkeys(str(cell) for cell in block.table.column(block.lane)))


def lanes_left_out(block: Spans) -> str:
    """What is not visible, in words; nothing where all is."""
    there = len(lanes(block))
    return f"The first {MOST_LANES} of {plural(there, 'lane')}." if there > MOST_LANES else ""


def spans_spec(block: Spans, zone: str) -> Spec:
    """One mark for each span, its lanes under one another; at most 40 lanes.

    Labels are data and never part of an expression or a name in the specification.
    """
    kind = block.table.kind(block.since)
    cells = [*block.table.column(block.since), *block.table.column(block.until)]
    unit, word = unit_of(kind, cells, zone)
    shown = lanes(block)[:MOST_LANES]
    places = {lane: place for place, lane in enumerate(shown)}
    columns = (block.lane, block.since, block.until, block.mark)
    mark_kind = block.table.kind(block.mark)
    rows: list[Spec] = []
    for lane, since, until, mark in zip(*map(block.table.column, columns), strict=True):
        if (place := places.get(str(lane))) is not None:
            ends = {"since": along(since, kind, unit, zone), "until": along(until, kind, unit, zone)}
            rows.append(
                {**ends, "top": place + 0.06, "middle": place + 0.5, "bottom": place + 0.94, "mark": visible_characters(spoken(mark, mark_kind))}
            )
    marks = sorted({row["mark"] for row in rows})
    colour = {
        "field": "mark",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": marks, "range": list((_SLANTED if block.slanted else _LYING)[: len(marks)])},
    }
    titles = {column.name: visible_characters(column.title) for column in block.table.columns}
    x = {"field": "since", **across(kind, cells), "title": axis_title("" if kind in ("instant", "day") else titles[block.since], word)}
    scale = {"domain": [0, len(shown)], "reverse": True, "nice": False, "zero": False}
    y = {"type": "quantitative", "scale": scale, "axis": None}
    shape = {"type": "rule", **({"strokeWidth": 0.9, "opacity": 0.75} if block.slanted else {"strokeWidth": 11})}
    upright = {"y": {"field": "top", **y}, "y2": {"field": "bottom"}} if block.slanted else {"y": {"field": "middle", **y}}
    labels = [
        {"label": label, "middle": place + 0.5} for place, label in enumerate(shorten_apart([visible_characters(lane) for lane in shown], _LABEL))
    ]
    legend = {"symbolType": "stroke", "symbolSize": 400 if block.slanted else 120, "symbolStrokeWidth": 2 if block.slanted else 11}
    # a lying span that takes no time has no length to be seen by
    instants = [row for row in rows if row["since"] == row["until"] and not block.slanted]
    at_once = {"type": "tick", "orient": "vertical", "size": 11, "thickness": 1}
    return {
        "width": _WIDTH,
        "height": max(60, len(shown) * (_SLANTED_HEIGHT if block.slanted else _LYING_HEIGHT)),
        "layer": [
            {
                "data": {"values": rows},
                "mark": shape,
                "encoding": {"x": x, "x2": {"field": "until"}, **upright, "color": {**colour, "legend": legend}},
            },
            {
                "data": {"values": instants},
                "mark": at_once,
                "encoding": {"x": x, "y": {"field": "middle", **y}, "color": {**colour, "legend": legend}},
            },
            {
                "data": {"values": labels},
                "mark": {"type": "text", "align": "right", "color": INK},
                "encoding": {"x": {"value": -8}, "y": {"field": "middle", **y}, "text": {"field": "label"}},
            },
        ],
    }
