"""One value as Excel can hold it: 15 digits, dates from 1900 on, texts of 32,767 letters; what does not fit is kept as text or said."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from finmine import words
from finmine.render.characters import storable
from finmine.view import Cell, Kind

ExcelValue: TypeAlias = str | float | bool | datetime | None

_MOST_LETTERS = 32_767  # units of UTF-16
_EXACT_DIGITS = 15
LONG_NUMBER = f"of more than {_EXACT_DIGITS} digits, kept as text"
EARLY_DATE = "before 1900, kept as text"
LONG_TEXT = f"longer than {_MOST_LETTERS:,} letters, cut"


def excel_value(cell: Cell, kind: Kind, zone: str) -> tuple[ExcelValue, str]:
    """The value to put into a cell, and in what way it does not fit (nothing when it does).

    Durations and working times become hours, instants and days the clock and calendar of the zone; missing and not-a-number become nothing.
    """
    if isinstance(cell, str):
        text = storable(cell)
        short = first_letters(text, _MOST_LETTERS)
        return short, "" if short == text else LONG_TEXT
    if cell is None or not math.isfinite(cell):
        return None, ""
    if kind == "flag" or isinstance(cell, bool):
        return bool(cell), ""
    if kind in ("instant", "day"):
        return _date(round(cell), kind, zone)
    if _digits(cell) > _EXACT_DIGITS:
        return f"{cell:f}" if isinstance(cell, Decimal) else str(cell), LONG_NUMBER
    return (float(cell) / words.HOUR if kind in ("duration", "working") else float(cell)), ""


def first_letters(text: str, units: int) -> str:
    """The beginning of a text that takes at most so many units of UTF-16, in which Excel counts."""
    return text if 2 * len(text) <= units else text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")


def _date(microseconds: int, kind: Kind, zone: str) -> tuple[ExcelValue, str]:
    here = words.moment(microseconds, zone).replace(tzinfo=None)
    if here.year < 1900:
        return words.day(microseconds, zone) if kind == "day" else words.instant(microseconds, zone), EARLY_DATE
    return here.replace(hour=0, minute=0, second=0, microsecond=0) if kind == "day" else here, ""


def _digits(number: float | Decimal) -> int:
    """The digits a number needs; a float never has more than a cell."""
    if isinstance(number, float):
        return 0
    return len(Decimal(number).normalize().as_tuple().digits)
