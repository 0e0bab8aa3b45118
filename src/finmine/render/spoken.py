"""Cells in words: one value and its kind become the text a person reads, the same in every dress."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from finmine import words
from finmine.render.characters import visible_characters
from finmine.view import Cell, Kind, WorkingTime

_LEAST = 0.0001  # below it a number would be told in powers of ten

MISSING = "–"


def spoken(cell: Cell, kind: Kind, zone: str = "UTC", decimals: int | None = None) -> str:
    """A cell as people read it: ``3 d 4 h``, ``12.5 %``, ``1,234``; missing (and not a number) is ``–``.

    A text in a column of another kind (such as *unknown* among instants) is shown as the text it is. ``decimals`` are those of
    the numbers of its column (see ``decimals``); without them a number is told by itself.
    """
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return MISSING
    if isinstance(cell, str):
        return visible_characters(cell)
    if isinstance(cell, float) and math.isinf(cell):
        return "∞" if cell > 0 else "-∞"
    return _decimal(cell, decimals) if decimals is not None and kind == "number" else _of_kind(cell, kind, zone)


def decimals(cells: Sequence[Cell], kind: Kind) -> int | None:
    """With how many decimals all numbers of a column are told, so that they stand under one another; nothing where all are whole.

    Two; four where one is below a tenth and none so large that nobody would want them.
    """
    sizes = [abs(float(cell)) for cell in cells if isinstance(cell, float | Decimal) and math.isfinite(cell)]
    if kind != "number" or not sizes:
        return None
    return 4 if any(0 < size < 0.1 for size in sizes) and max(sizes) < 10 else 2


def _decimal(value: float | Decimal, places: int) -> str:
    least = 10.0**-places
    if 0 < abs(float(value)) < least:
        return f"<{least:.{places}f}" if value > 0 else f">-{least:.{places}f}"
    return f"{value:,.{places}f}"


def _of_kind(cell: float | Decimal, kind: Kind, zone: str) -> str:
    if kind == "flag" or isinstance(cell, bool):
        return "yes" if cell else "no"
    match kind:
        case "count":
            return f"{cell:,}"
        case "share":
            return words.share(float(cell))
        case "duration":
            return words.duration(round(cell))
        case "working":
            return words.working_duration(round(cell), cell.day if isinstance(cell, WorkingTime) else None)
        case "instant":
            return words.instant(round(cell), zone)
        case "day":
            return words.day(round(cell), zone)
        case "money":
            return words.money(cell if isinstance(cell, Decimal) else Decimal(str(cell)))
        case _:
            return number(cell)


def number(value: float | Decimal) -> str:
    """A number with thousands separators: whole numbers whole, others with two decimals, or three digits when below a tenth; next to nothing as such."""
    if isinstance(value, int):
        return f"{value:,}"
    if 0 < abs(float(value)) < _LEAST:
        return "<0.0001" if value > 0 else ">-0.0001"
    return f"{value:,.2f}" if value == 0 or abs(float(value)) >= 0.1 else f"{value:.3g}"


def aligned_right(kind: Kind) -> bool:
    """Whether cells of this kind stand under one another by their last digit."""
    return kind not in ("text", "flag", "instant", "day")
