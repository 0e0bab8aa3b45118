"""A view for terminals: headings, aligned tables, bars of block characters, and nothing that a terminal would obey."""

from __future__ import annotations

import math
from collections.abc import Sequence

from finmine.render.characters import columns, visible_characters, visible_prose, visible_sentence, wrapped
from finmine.render.grid import Strip, grid
from finmine.render.matrix_text import matrix_lines
from finmine.render.spans_text import span_lines
from finmine.render.spoken import aligned_right, decimals, spoken
from finmine.render.tables import TIMES, activities, hidden, narrowed, paths, tables_of
from finmine.render.visible import visible
from finmine.render.waterfall import waterfall_spans
from finmine.view import (
    Bars,
    Block,
    Caveat,
    Cell,
    Code,
    Column,
    Curve,
    Definition,
    Diagram,
    Facts,
    Headline,
    Intervals,
    Map,
    Matrix,
    Prose,
    Spans,
    Table,
    View,
    Waterfall,
)
from finmine.words import plural

WIDTH = 100
_LEAST_WIDTH = 60
_EIGHTHS = " ▏▎▍▌▋▊▉"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_BAR = 24
_CURVE_ROWS = 40
_MAP_PATHS = (
    *("source_activity", "target_activity", "steps", "back_steps", "cases"),
    *("share_first", "share_second", "share_difference", "q_difference"),
)
_MAP_ROWS = 20
_SENTENCES = ("title", "reason", "meaning", "leaf", "asked_of")
_MOST_ROWS, _MOST_ROWS_OF_SEVERAL = 200, 40  # of a table that stands alone in an answer, and of one among several


def to_text(view: View, width: int = WIDTH) -> str:
    """A view as lines of at most ``width`` columns (at least 60), each ended by a line feed.

    Lines are wider only where a label and one number, or code to be copied, are. For consoles that lack these characters see
    ``characters.printable``.
    """
    room = max(_LEAST_WIDTH, width)
    title = wrapped(visible_prose(view.title), room)
    most = _MOST_ROWS if len(tables_of(view)) == 1 else _MOST_ROWS_OF_SEVERAL
    parts = ["\n".join([*title, "═" * max(map(columns, title))])]
    for before, block in zip((None, *view.blocks), view.blocks, strict=False):
        lines = "\n".join(_block(block, view.zone, room, most))
        if _close(before, block):
            parts[-1] += "\n" + lines
        else:
            parts.append(lines)
    return "\n\n".join(parts) + "\n"


def _close(before: Block | None, block: Block) -> bool:
    """Sentences of one kind stand together."""
    return isinstance(block, (Headline, Definition, Caveat)) and type(before) is type(block)


def _block(block: Block, zone: str, width: int, most: int) -> list[str]:
    match block:
        case Headline() | Caveat():
            return _hanging("▸ " if isinstance(block, Headline) else "! ", visible_sentence(block.text), width)
        case Prose():
            return wrapped(visible_sentence(block.text), width)
        case Definition():
            source = f" [{visible_prose(block.source)}]" if block.source else ""
            return _hanging("  ", f"{visible_prose(block.term)}: {visible_sentence(block.text)}{source}", width)
        case Facts():
            return [*_heading(block.title, width), *_facts(block, zone, width)]
        case Table():
            return _table(block, zone, width, most)
        case Bars() | Curve() | Intervals() | Waterfall() | Matrix() | Spans():
            return _chart(block, zone, width, most)
        case Map():
            return _map(block, zone, width)
        case Diagram():
            return [*_heading(block.title, width), *wrapped(f"Drawn in HTML, SVG and PNG. {visible_prose(block.text)}", width)]
        case Code():
            return [*_heading(block.title, width), *("    " + visible_prose(line) for line in block.text.splitlines())]


def _chart(block: Bars | Curve | Intervals | Waterfall | Matrix | Spans, zone: str, width: int, most: int) -> list[str]:
    match block:
        case Bars():
            return _bars(block, zone, width, most)
        case Curve():
            return _curve(block, zone, width)
        case Intervals():
            return _intervals(block, zone, width, most)
        case Waterfall():
            return _waterfall(block, zone, width, most)
        case Matrix():
            return [*_heading(block.table.title, width), *matrix_lines(block, zone, width)]
        case Spans():
            return [*_heading(block.table.title, width), *span_lines(block, zone, width)]


def _heading(title: str, width: int) -> list[str]:
    return wrapped(visible_prose(title), width) if title else []


def _hanging(mark: str, text: str, width: int) -> list[str]:
    first, *rest = wrapped(text, width - len(mark))
    return [mark + first, *(" " * len(mark) + line for line in rest)]


def _facts(facts: Facts, zone: str, width: int) -> list[str]:
    names = [visible_prose(name) for name, _, _ in facts.facts]
    room = min(max(map(columns, names), default=0), width // 2)
    lines = []
    for name, (_, cell, kind) in zip(names, facts.facts, strict=True):
        value = wrapped(spoken(cell, kind, zone), width - room - 4)
        *above, last = wrapped(name, room)
        head = f"  {last}{' ' * (room - columns(last))}  {value[0]}"
        lines += [*(f"  {line}" for line in above), head, *(" " * (room + 4) + line for line in value[1:])]
    return lines


def _table(table: Table, zone: str, width: int, most: int) -> list[str]:
    most = most if table.brief is None else min(most, table.brief)
    rows = table.rows[:most]
    drawn = grid(_strips(table, rows, zone), width) if rows else []  # columns of nothing say nothing
    return [*_heading(table.title, width), *drawn, *_more(len(rows), table, width, most)]


def _strips(table: Table, rows: Sequence[Sequence[Cell]], zone: str) -> list[Strip]:
    return [_strip(column, [row[place] for row in rows], zone) for place, column in enumerate(table.columns)]


def _strip(column: Column, cells: Sequence[Cell], zone: str) -> Strip:
    places = decimals(cells, column.kind)
    words = tuple(spoken(cell, column.kind, zone, places) for cell in cells)
    return Strip(visible_characters(column.title), words, aligned_right(column.kind), column.name in _SENTENCES)


def _more(shown: int, table: Table, width: int, most: int) -> list[str]:
    there = len(table.rows) if table.total is None else table.total
    if not there:
        return ["(no rows)"]
    lines = [f"… and {there - shown:,} more"] if there > shown else []
    return [*lines, *wrapped(hidden(table, shown), width)] if shown == most < len(table.rows) else lines


def _bars(bars: Bars, zone: str, width: int, most: int) -> list[str]:
    """The table with one more column behind the value: a bar as long as the value is large, light where it is negative."""
    table = bars.table
    rows = table.rows[:most]
    strips = _strips(table, rows, zone)
    values = [_size(cell) or 0.0 for cell in table.column(bars.value)[: len(rows)]]
    longest = max(map(abs, values), default=0.0)
    drawn = Strip("", tuple(_bar(value / longest if longest else 0.0) for value in values), False)
    place = [column.name for column in table.columns].index(bars.value) + 1
    return [*_heading(table.title, width), *grid([*strips[:place], drawn, *strips[place:]], width), *_more(len(rows), table, width, most)]


def _intervals(block: Intervals, zone: str, width: int, most: int) -> list[str]:
    """The table with one more column behind each high limit: a point on its line, and the place of nothing, all in one scale."""
    table = block.table
    rows, names = table.rows[:most], [column.name for column in table.columns]
    lines = {
        high: [tuple(_size(cell) for cell in cells) for cells in zip(*map(table.column, (low, value, high)), strict=True)]
        for value, low, high in block.series
    }
    known = [size for drawn in lines.values() for line in drawn for size in line if size is not None]
    least, largest = min(0.0, *known, 0.0), max(0.0, *known, 0.0)
    strips = list[Strip]()
    for name, strip in zip(names, _strips(table, rows, zone), strict=True):
        strips.append(strip)
        if name in lines:
            strips.append(Strip("", tuple(_line(line, least, largest) for line in lines[name][: len(rows)]), False))
    return [*_heading(table.title, width), *grid(strips, width), *_more(len(rows), table, width, most)]


def _waterfall(block: Waterfall, zone: str, width: int, most: int) -> list[str]:
    """The table with one more column behind the value: levels from nothing, changes from where the one before ended; light where they go down."""
    table = block.table
    rows = table.rows[:most]
    spans = waterfall_spans(block)
    least, largest = min(0.0, *(min(span) for span in spans), 0.0), max(0.0, *(max(span) for span in spans), 0.0)
    drawn = Strip("", tuple(_span(span, least, largest) for span in spans[: len(rows)]), False)
    place = [column.name for column in table.columns].index(block.value) + 1
    strips = _strips(table, rows, zone)
    return [*_heading(table.title, width), *grid([*strips[:place], drawn, *strips[place:]], width), *_more(len(rows), table, width, most)]


def _span(span: tuple[float, float], least: float, most: float) -> str:
    """A bar from one place to another between the least and the most."""
    since, until = (0 if most == least else round((end - least) / (most - least) * _BAR) for end in span)
    low, high = min(since, until), max(since, until)
    return " " * low + ("█" if span[1] >= span[0] else "░") * (high - low) or "▏"


def _line(line: tuple[float | None, ...], least: float, most: float) -> str:
    """A low limit, a value and a high limit (any of them may be missing) as a line with a point, between the least and the most."""
    low, value, high = (None if size is None or most == least else round((size - least) / (most - least) * (_BAR - 1)) for size in line)
    signs = [" "] * _BAR
    signs[0 if most == least else round(-least / (most - least) * (_BAR - 1))] = "│"
    if low is not None and high is not None:
        signs[low : high + 1] = "─" * (high + 1 - low)
    if value is not None:
        signs[value] = "●"
    return "".join(signs).rstrip()


def _size(cell: Cell) -> float | None:
    return None if cell is None or isinstance(cell, str) or not math.isfinite(cell) else float(cell)


def _bar(part: float) -> str:
    """A bar of a part of the full length, to an eighth of a character."""
    whole, rest = divmod(round(abs(part) * _BAR * 8), 8)
    if part < 0:
        return "░" * (whole + (rest > 3))
    return ("█" * whole + _EIGHTHS[rest]).rstrip()


def _curve(curve: Curve, zone: str, width: int) -> list[str]:
    """Each line as a row of heights with its range, its name beside it or, if long, above; the table under it unless it is long."""
    table = curve.table
    titles = {column.name: visible_characters(column.title) for column in table.columns}
    room = max((columns(titles[line]) for line in curve.lines), default=0)
    lines = _heading(table.title, width)
    if not table.rows:
        return [*lines, "(no rows)"]
    beside = room <= width // 2
    for line in curve.lines:
        lines += [] if beside else wrapped(titles[line], width)
        lines += _sparkline(titles[line] if beside else "", room if beside else 0, table, line, zone, width)
    along = [spoken(cell, table.kind(curve.x), zone) for cell in table.column(curve.x)]
    lines += wrapped(f"{titles[curve.x]}: {along[0]} to {along[-1]}, {plural(len(along), 'point')}", width)
    return (
        lines if len(table.rows) > _CURVE_ROWS else [*lines, "", *_table(Table("", table.columns, table.rows, table.total), zone, width, _CURVE_ROWS)]
    )


def _sparkline(title: str, room: int, table: Table, line: str, zone: str, width: int) -> list[str]:
    cells, kind = table.column(line), table.kind(line)
    sizes = [_size(cell) for cell in cells]
    known = [(size, cell) for size, cell in zip(sizes, cells, strict=True) if size is not None]
    low, high = (pick(known, key=lambda pair: pair[0], default=(None, None))[1] for pick in (min, max))
    label = f"{title}{' ' * (room - columns(title))}  "
    span = f"  {spoken(low, kind, zone)} to {spoken(high, kind, zone)}"
    return [label + _heights(sizes, max(8, width - columns(label) - columns(span))) + span]


def _heights(sizes: Sequence[float | None], room: int) -> str:
    """The sizes as heights from nothing (or the lowest, when negative) to the highest; of several in one place the mean."""
    places = min(room, len(sizes))
    bins = (sizes[place * len(sizes) // places : (place + 1) * len(sizes) // places] for place in range(places))
    means = [_mean([size for size in part if size is not None]) for part in bins]
    known = [mean for mean in means if mean is not None]
    floor, top = min(0.0, *known, 0.0), max(known, default=0.0)
    scale = 7 / (top - floor) if top > floor else 0.0
    return "".join(" " if mean is None else _HEIGHTS[round((mean - floor) * scale)] for mean in means)


def _mean(sizes: Sequence[float]) -> float | None:
    return sum(sizes) / len(sizes) if sizes else None


def _map(block: Map, zone: str, width: int) -> list[str]:
    """The sentence of the default map, its activities and its strongest paths."""
    shown = wrapped(f"Drawn, the map shows {visible(block).sentence()}", width)
    _, median, _, total = TIMES[block.clock]
    nodes, edges = activities(block), paths(block)
    names = {column.name for column in edges.columns}
    edges = narrowed(edges, [name for name in (*_MAP_PATHS, median, total) if name in names])
    return [*shown, "", *_table(nodes, zone, width, _MAP_ROWS), "", *_table(edges, zone, width, _MAP_ROWS)]
