"""Spans in lanes as lines of text: bars of block characters where they lie; of slanted ones only how many there are."""

from __future__ import annotations

from decimal import Decimal

from finmine.render.characters import columns, shorten_apart, visible_characters, wrapped
from finmine.render.spoken import spoken
from finmine.view import Cell, Spans
from finmine.words import plural

_MOST_LANES = 60
_LEAST_BAR = 16
_SIGNS = "█▒░▓"


def span_lines(block: Spans, zone: str, width: int) -> list[str]:
    """A line for each lane with its spans, a sign for each mark, and the ends of the axis."""
    table = block.table
    rows = list(zip(*map(table.column, (block.lane, block.since, block.until, block.mark)), strict=True))
    known = [(str(lane), _size(since), _size(until), mark) for lane, since, until, mark in rows]
    known = [row for row in known if row[1] is not None and row[2] is not None]
    if not known:
        return ["(no rows)"]
    if block.slanted:
        held = plural(len({row[0] for row in known}), "lane")
        return wrapped(f"{plural(len(known), 'span')} in {held}, drawn with --to svg, --to png or --to html.", width)
    first, last = min(row[1] or 0 for row in known), max(row[2] or 0 for row in known)
    marks = {mark: _SIGNS[place % len(_SIGNS)] for place, mark in enumerate(sorted({row[3] for row in known}, key=str))}
    lanes = list(dict.fromkeys(row[0] for row in known))
    shown = lanes[:_MOST_LANES]
    labels = dict(zip(shown, shorten_apart([visible_characters(lane) for lane in shown], width // 2 - 2), strict=True))
    room = max(map(columns, labels.values()))
    long = max(_LEAST_BAR, width - room - 2)
    lines = []
    for lane, label in labels.items():
        bar = [" "] * long
        for _, since, until, mark in [row for row in known if row[0] == lane]:
            begins, ends = (int((float(at or 0) - first) / ((last - first) or 1) * (long - 1)) for at in (since, until))
            bar[begins : ends + 1] = marks[mark] * (ends + 1 - begins)
        lines.append(f"{label}{' ' * (room - columns(label))}  {''.join(bar)}".rstrip())
    kind = table.kind(block.since)
    ends_of_axis = f"From {spoken(round(first), kind, zone)} to {spoken(round(last), kind, zone)}"
    named = ", ".join(f"{sign} {spoken(mark, table.kind(block.mark))}" for mark, sign in marks.items())
    more = f" The first {_MOST_LANES} of {plural(len(lanes), 'lane')}." if len(lanes) > _MOST_LANES else ""
    return [*lines, *wrapped(f"{ends_of_axis}: {visible_characters(named)}.{more}", width)]


def _size(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, (int, float, Decimal)) else None
