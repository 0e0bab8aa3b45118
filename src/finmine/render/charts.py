"""Bars, curves and intervals as SVG, from declarative Vega-Lite specifications that hold their own data and load nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from finmine import words
from finmine.render.characters import columns, shorten_apart, visible_characters
from finmine.render.spoken import spoken
from finmine.render.svg import FONTS, tame
from finmine.render.tables import hidden
from finmine.view import Bars, Cell, Curve, Intervals, Kind, WorkingTime

Spec: TypeAlias = dict[str, Any]

# Okabe and Ito's palette, told apart with every kind of colour vision, without its yellow, which white paper swallows.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
_DASHES = ([1, 0], [7, 3], [2, 2])
_DOTTED = [1, 3]  # of the limits of a line
_PARTS = (*PALETTE, "#999999", "#b2df8a")  # as in view.css
MOST_BARS = 40
_MOST_TICKS = 31  # counts along an axis up to which each has its tick
_WIDE, _LETTER, _SYMBOL = 640, 6, 44  # of the lines of a curve, in points: their width, a letter of a name in the legend, and what stands beside it
_LABEL = 80  # columns of a bar's label: two activities and the arrow between them
_UNITS = ((words.DAY, "days"), (words.HOUR, "hours"), (words.MINUTE, "minutes"), (words.SECOND, "seconds"), (1000, "milliseconds"))
_CLOCK = {"year": "%Y", "quarter": "%b", "month": "%b", "week": "%d %b", "date": "%d %b", "hours": "%H:%M", "minutes": "%H:%M", "seconds": "%H:%M:%S"}
INK, QUIET, _LINE = "#1b2733", "#44515e", "#a9b4c0"
_AXIS = {"labelColor": QUIET, "titleColor": QUIET, "titleFontWeight": "normal", "gridColor": "#e6eaee", "domainColor": _LINE, "tickColor": _LINE}
_LEGEND = {"orient": "top", "title": None, "labelLimit": 320, "symbolType": "stroke", "symbolSize": 400, "labelColor": INK}
CONFIG: Spec = {
    "font": FONTS,
    "view": {"stroke": None},
    "axis": {**_AXIS, "labelFontSize": 11, "titleFontSize": 11},
    "legend": {**_LEGEND, "labelFontSize": 11},
    "title": {"anchor": "start", "fontSize": 14, "color": INK, "offset": 12, "subtitleColor": QUIET, "subtitleFontSize": 11, "subtitlePadding": 4},
}


def chart(block: Bars | Curve | Intervals, zone: str, titled: bool = False) -> str:
    """A chart as tamed SVG; ``titled`` writes the table's title above it, and under it which rows are left out."""
    match block:
        case Bars():
            spec = bars_spec(block, zone)
        case Curve():
            spec = curve_spec(block, zone)
        case Intervals():
            spec = intervals_spec(block, zone)
    if titled:
        left_out = hidden(block.table, MOST_BARS) if isinstance(block, Bars | Intervals) else ""
        spec["title"] = {"text": visible_characters(block.table.title), **({"subtitle": left_out} if left_out else {})}
    return drawn({**spec, "config": CONFIG})


def drawn(spec: Spec) -> str:
    """A whole Vega-Lite specification as tamed SVG."""
    import vl_convert

    return tame(vl_convert.vegalite_to_svg(spec, vl_version="5.20", allowed_base_urls=[]))


def bars_spec(block: Bars, zone: str) -> Spec:
    """A bar for each row in the order of the rows, its label before it and its value in words behind it; at most 40 rows.

    Labels are data and never part of an expression or a name in the specification.
    """
    kind = block.table.kind(block.value)
    cells = block.table.column(block.value)[:MOST_BARS]
    labels = [spoken(cell, block.table.kind(block.label), zone) for cell in block.table.column(block.label)[:MOST_BARS]]
    rows = [
        {"place": place, "label": label, "value": _plain(cell, 1) or 0, "end": max(0, _plain(cell, 1) or 0), "spoken": spoken(cell, kind, zone)}
        for place, (label, cell) in enumerate(zip(shorten_apart(labels, _LABEL), cells, strict=True))
    ]
    across = {"type": "quantitative", "axis": None}
    down = {"field": "place", "type": "ordinal", "axis": None, "sort": None}
    whole = _layer({"type": "bar", "color": PALETTE[0], "height": 14, "cornerRadiusEnd": 1}, {"field": "value", **across})
    return {
        "data": {"values": rows},
        "width": 420,
        "height": {"step": 22},
        "encoding": {"y": down},
        "layer": [
            _stacked(block) if block.parts else whole,
            _layer({"type": "text", "align": "right", "color": INK}, {"value": -8}, "label"),
            _layer({"type": "text", "align": "left", "dx": 5, "color": QUIET}, {"field": "end", **across}, "spoken"),
        ],
    }


def intervals_spec(block: Intervals, zone: str) -> Spec:
    """A point on a line for each row in the order of the rows, its label before it, with a rule at nothing; at most 40 rows.

    Where a second line is drawn under the first, a legend names both by the headings of their columns, and the axis only their unit.
    """
    table, titles = block.table, {column.name: visible_characters(column.title) for column in block.table.columns}
    kind = table.kind(block.value)
    unit, word = unit_of(kind, [cell for names in block.series for name in names for cell in table.column(name)], zone)
    labels = [spoken(cell, table.kind(block.label), zone) for cell in table.column(block.label)[:MOST_BARS]]
    named = [{"place": place, "label": label} for place, label in enumerate(shorten_apart(labels, _LABEL))]
    series = shorten_apart([titles[value] for value, _, _ in block.series], 48)
    rows = [
        {**row, "line": name, **{role: _plain(cell, unit) for role, cell in zip(("value", "low", "high"), cells, strict=True)}}
        for name, names in zip(series, block.series, strict=True)
        for row, *cells in zip(named, *(table.column(one)[:MOST_BARS] for one in names), strict=True)
    ]
    axis = {"grid": True, "domain": False, "tickCount": 7, **_ticks(kind)}
    several = len(series) > 1
    across = {"type": "quantitative", "scale": {"zero": True}, "axis": axis, "title": axis_title("" if several else series[0], word)}
    line: Spec = {"color": {"field": "line", "type": "nominal", "sort": None, "scale": {"domain": series, "range": PALETTE[: len(series)]}}}
    line["color"]["legend"] = {"symbolType": "circle", "symbolSize": 80} if several else None
    line |= {"yOffset": {"field": "line", "type": "nominal", "sort": None, "scale": {"domain": series, "paddingOuter": 0.4}}} if several else {}
    point = {"type": "point", "filled": True, "size": 60, "opacity": 1}
    return {
        "data": {"values": rows},
        "width": 420,
        "height": {"step": 34 if several else 22, **({"for": "position"} if several else {})},
        "encoding": {"y": {"field": "place", "type": "ordinal", "axis": None, "sort": None, "scale": {"domain": [*range(len(named))]}}},
        "layer": [
            {"mark": {"type": "rule", "color": _LINE, "strokeWidth": 1}, "encoding": {"x": {"datum": 0, **across}, "y": None}},
            {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": {"x": {"field": "low", **across}, "x2": {"field": "high"}, **line}},
            {"mark": point, "encoding": {"x": {"field": "value", **across}, **line}},
            {"data": {"values": named}, **_layer({"type": "text", "align": "right", "color": INK}, {"value": -8}, "label")},
        ],
    }


def _stacked(block: Bars) -> Spec:
    """The parts of the bars, one behind the other in their order, each in its own colour."""
    titles = {column.name: visible_characters(column.title) for column in block.table.columns}
    names = dict(zip(block.parts, shorten_apart([titles[part] for part in block.parts], 48), strict=True))
    cells = {part: block.table.column(part)[:MOST_BARS] for part in block.parts}
    values = [
        {"place": place, "part": names[part], "nth": nth, "size": _plain(cell, 1) or 0}
        for nth, part in enumerate(block.parts)
        for place, cell in enumerate(cells[part])
    ]
    size = {"field": "size", "type": "quantitative", "axis": None, "stack": "zero"}
    scale = {"domain": list(names.values()), "range": list(_PARTS)}
    colour = {"field": "part", "type": "nominal", "sort": None, "scale": scale, "legend": {"symbolType": "square", "symbolSize": 120}}
    layer = _layer({"type": "bar", "height": 14}, size)
    return {
        **layer,
        "data": {"values": values},
        "encoding": {**layer["encoding"], "color": colour, "order": {"field": "nth", "type": "quantitative"}},
    }


def _layer(mark: Spec, x: Spec, text: str | None = None) -> Spec:
    return {"mark": mark, "encoding": {"x": x, **({"text": {"field": text}} if text else {})}}


def curve_spec(block: Curve, zone: str) -> Spec:
    """Lines against the x column, one panel for each kind of value (shares and durations do not share an axis)."""
    kinds = list(dict.fromkeys(block.table.kind(line) for line in block.lines))
    apart = {"color": "independent", "strokeDash": "independent"}
    return {"vconcat": [_panel(block, kind, zone) for kind in kinds], "spacing": 28, "resolve": {"scale": apart, "legend": apart}}


def _panel(block: Curve, kind: Kind, zone: str) -> Spec:
    lines = [line for line in block.lines if block.table.kind(line) == kind]
    titles = {column.name: visible_characters(column.title) for column in block.table.columns}
    names = dict(zip(lines, shorten_apart([titles[line] for line in lines], 48), strict=True))
    x_unit, x_word = unit_of(block.table.kind(block.x), block.table.column(block.x), zone)
    y_unit, y_word = unit_of(kind, [cell for line in lines for cell in block.table.column(line)], zone)
    x_cells = [along(cell, block.table.kind(block.x), x_unit, zone) for cell in block.table.column(block.x)]
    rows = [
        {"x": x, "y": _plain(cell, y_unit), "line": names[line], "order": place}
        for place, line in enumerate(lines)
        for x, cell in zip(x_cells, block.table.column(line), strict=True)
    ]
    few = len(x_cells) <= _MOST_TICKS and not block.steps
    shape = {"interpolate": "step-after" if block.steps else "linear", "point": {"size": 22} if few else False}
    colours, dashes = _strokes(lines)
    series = {"field": "line", "type": "nominal", "sort": None}
    several = len(lines) > 1
    abreast = max(1, _WIDE // (max(map(columns, names.values())) * _LETTER + _SYMBOL))
    legend = {"legend": {"columns": abreast} if several else None}
    drawn: Spec = {
        "mark": {"type": "line", **shape, "strokeWidth": 2, "strokeJoin": "round"},
        "encoding": {
            "x": {"field": "x", **across(block.table.kind(block.x), block.table.column(block.x)), "title": axis_title(titles[block.x], x_word)},
            "y": {"field": "y", **_upward(kind), "title": axis_title("" if several else titles[lines[0]], y_word)},
            "color": {**series, "scale": {"range": colours}, **legend},
            "strokeDash": {**series, "scale": {"range": dashes}, **legend},
        },
    }
    marked = {
        "data": {"values": [{"x": along(mark, block.table.kind(block.x), x_unit, zone)} for mark in block.marks]},
        "mark": {"type": "rule", "color": QUIET, "strokeWidth": 1.5, "strokeDash": [4, 3]},
        "encoding": {"x": {"field": "x", "type": drawn["encoding"]["x"]["type"]}},
    }
    size = {"data": {"values": rows}, "width": _WIDE, "height": 220}
    return {**size, "layer": [drawn, marked]} if block.marks else {**size, **drawn}


def _strokes(lines: Sequence[str]) -> tuple[list[str], list[list[int]]]:
    """The colour and the dashes of each line; the limits of a line have its colour, and are dotted."""
    bare = [line.removesuffix("_low").removesuffix("_high") for line in lines]
    own = list(dict.fromkeys(name if name in lines else line for line, name in zip(lines, bare, strict=True)))
    places = [own.index(name if name in lines else line) for line, name in zip(lines, bare, strict=True)]
    colours = [PALETTE[place % len(PALETTE)] for place in places]
    plain = [_DASHES[place // len(PALETTE) % len(_DASHES)] for place in places]
    return colours, [_DOTTED if name != line and name in lines else dash for line, name, dash in zip(lines, bare, plain, strict=True)]


def across(kind: Kind, cells: Sequence[Cell]) -> Spec:
    """The x axis for cells of a kind."""
    if kind in ("instant", "day"):
        known = [cell for cell in cells if isinstance(cell, int)] or [0]
        few_days = kind == "day" and max(known) - min(known) <= 10 * words.DAY
        ticks = {"interval": "day", "step": 1} if few_days else 8
        return {"type": "temporal", "scale": {"type": "utc"}, "axis": {"grid": False, "labelOverlap": True, "tickCount": ticks, "format": _CLOCK}}
    if kind in ("text", "flag"):
        return {"type": "ordinal", "sort": None, "axis": {"labelAngle": -35, "labelLimit": 160, "labelOverlap": True}}
    each = {"values": [cell for cell in cells if isinstance(cell, int)]} if kind == "count" and len(cells) <= _MOST_TICKS else {}
    return {"type": "quantitative", "scale": {"zero": False, "nice": False}, "axis": {"grid": False, **_ticks(kind), **each}}


def _upward(kind: Kind) -> Spec:
    return {"type": "quantitative", "scale": {"zero": True}, "axis": {"tickCount": 5, "domain": False, **_ticks(kind)}}


def _ticks(kind: Kind) -> Spec:
    return {"format": ".0%"} if kind == "share" else {"tickMinStep": 1} if kind == "count" else {}


def axis_title(title: str, unit: str) -> str | None:
    """The title of an axis, with the unit of its values."""
    return f"{title} ({unit})" if title and unit else title or unit or None


def unit_of(kind: Kind, cells: Sequence[Cell], zone: str) -> tuple[int, str]:
    """The unit in which values of this size are read, and its name for the axis.

    Durations are read in the largest unit of which the longest has at least two, working times in the days of their calendar or in hours; instants of one year need its number.
    """
    numbers = [cell for cell in cells if isinstance(cell, int | float) and math.isfinite(cell)]
    longest = max(map(abs, numbers), default=0)
    if kind == "duration":
        return next(((size, name) for size, name in _UNITS if longest >= 2 * size), _UNITS[-1])
    if kind == "working":
        days = {cell.day for cell in cells if isinstance(cell, WorkingTime)}
        units = (*((day, "working days") for day in days if len(days) == 1), *_UNITS[1:])
        return next(((size, name) for size, name in units if longest >= 2 * size), _UNITS[-1])
    if kind in ("instant", "day"):
        years = {words.moment(round(number), zone).year for number in numbers}
        return 1, str(years.pop()) if len(years) == 1 else ""
    return 1, ""


def along(cell: Cell, kind: Kind, unit: int, zone: str) -> str | float | None:
    """A place on the x axis; an instant as the clock of the zone showed it, which Vega is told to take as it is."""
    if isinstance(cell, (int, float)) and kind in ("instant", "day"):
        return f"{words.moment(round(cell), zone):%Y-%m-%dT%H:%M:%S}Z"
    return spoken(cell, kind, zone) if kind in ("text", "flag") else _plain(cell, unit)


def _plain(cell: Cell, unit: int) -> float | None:
    if not isinstance(cell, (int, float, Decimal)) or not math.isfinite(cell):
        return None
    return float(cell) / unit
