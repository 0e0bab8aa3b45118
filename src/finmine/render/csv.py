"""The main table of a view as CSV that programs read back: RFC 4180, raw values, and no text that a spreadsheet would run."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal

from finmine import words
from finmine.errors import Refusal
from finmine.render.characters import storable
from finmine.render.tables import main_table
from finmine.view import Cell, Column, Facts, Kind, Table, View

# What spreadsheets take for the beginning of a formula (OWASP, CSV Injection), the full-width forms included.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class NoTable(Refusal):
    """A table was asked of an answer that has none."""

    def __init__(self, title: str) -> None:
        super().__init__(f"only an answer with a table or facts can be written as CSV; {title!r} has neither. Ask for text, json or html.")


def to_csv(view: View) -> str:
    r"""The main table of a view (else the table of its first picture, else its facts) as RFC 4180 CSV with a heading.

    Values are raw: durations are whole microseconds under a name that ends in ``_us``, instants are ISO 8601 with the offset
    of the view's zone, days are dates, shares run from 0 to 1, money has a decimal point, flags are ``true`` and ``false``.
    A missing value is an empty field, the empty text is ``""``. Facts come one in a row, with their kind. A text that begins
    as a formula does gets an apostrophe in front (numbers never do); control characters are written as ``\x1b``.

    Raises:
        NoTable: the view has neither tables nor facts.
    """
    table = main_table(view)
    if table is not None:
        return _table(table, view.zone)
    facts = [block for block in view.blocks if isinstance(block, Facts)]
    if not facts:
        raise NoTable(view.title)
    return "".join([_line(("group", "fact", "kind", "value")), *(_fact(group, fact, view.zone) for group in facts for fact in group.facts)])


def _table(table: Table, zone: str) -> str:
    head = _line(_field(_name(column)) for column in table.columns)
    kinds = [column.kind for column in table.columns]
    return head + "".join(_line(_cell(cell, kind, zone) for cell, kind in zip(row, kinds, strict=True)) for row in table.rows)


def _fact(group: Facts, fact: tuple[str, Cell, Kind], zone: str) -> str:
    name, cell, kind = fact
    return _line((_field(group.title), _field(name), kind, _cell(cell, kind, zone)))


def _name(column: Column) -> str:
    return f"{column.name}_us" if column.kind in ("duration", "working") else column.name


def _line(fields: Iterable[str]) -> str:
    return ",".join(fields) + "\r\n"


def _cell(cell: Cell, kind: Kind, zone: str) -> str:
    if isinstance(cell, str):
        return _field(cell)
    if cell is None or not math.isfinite(cell):
        return ""
    if kind == "flag" or isinstance(cell, bool):
        return "true" if cell else "false"
    if kind in ("instant", "day"):
        here = words.moment(round(cell), zone)
        return here.date().isoformat() if kind == "day" else here.isoformat()
    return f"{cell:f}" if isinstance(cell, Decimal) else repr(cell)


def _field(text: str) -> str:
    safe = storable("'" + text if text.startswith(FORMULA_SIGNS) else text)
    if not safe or any(sign in safe for sign in ',"\r\n') or safe != safe.strip():
        return '"' + safe.replace('"', '""') + '"'
    return safe
