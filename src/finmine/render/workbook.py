"""Views as an Excel workbook: what they say on the first sheet, then a sheet for each table, and nothing of it a formula or a link."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from finmine.errors import Refusal
from finmine.files import replacing
from finmine.render.characters import columns, storable, visible_prose
from finmine.render.excel_cell import excel_value, first_letters
from finmine.render.spoken import spoken
from finmine.render.tables import tables_of
from finmine.view import Caveat, Cell, Code, Column, Definition, Diagram, Facts, Headline, Kind, Prose, Table, View

_MOST_ROWS = 1_048_575  # of a sheet, less one for the heading
_WRITTEN = datetime(2000, 1, 1)  # the same file for the same view, whenever it is written
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_FORMATS: dict[Kind, str] = {
    "text": "@",
    "count": "#,##0",
    "number": "#,##0.00##",
    "share": "0.0%",
    "duration": "#,##0.00##",
    "working": "#,##0.00##",
    "instant": "yyyy-mm-dd hh:mm:ss",
    "day": "yyyy-mm-dd",
    "money": "#,##0.00##",
    "flag": "General",
}


class TooManyRows(Refusal):
    """A table does not fit on a sheet."""

    def __init__(self, title: str, rows: int) -> None:
        self.rows = rows
        super().__init__(
            f"an Excel sheet holds {_MOST_ROWS:,} rows under its heading; {title!r} has {rows:,}. Filter the log, or ask for csv or parquet."
        )


def to_xlsx(view: View, target: Path) -> None:
    """Write a view as an Excel workbook; see ``to_workbook``."""
    to_workbook((view,), target)


def to_workbook(views: Sequence[View], target: Path) -> None:
    """Write views as one Excel workbook, whole or not at all.

    The sheet *About* holds headlines, prose, definitions, caveats, facts and code; every table has a sheet of its own, named
    after it. Texts are texts, whatever they begin with. Durations are hours, shares percentages, instants dates on the clocks
    of the view's zone (to the millisecond). Numbers of more than 15 digits, which Excel would round, and dates before 1900 are
    kept as text, texts longer than a cell are cut, and *About* says on which sheets.

    Raises:
        TooManyRows: a table has more rows than a sheet.
        CannotWrite: see ``files.replacing``.
    """
    for table in (table for view in views for table in tables_of(view)):
        if len(table.rows) > _MOST_ROWS:
            raise TooManyRows(table.title, len(table.rows))
    with replacing(target) as draft:
        _write(views, draft)


def _write(views: Sequence[View], draft: Path) -> None:
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    book = Workbook(str(draft), _OPTIONS)
    book.set_properties({"created": _WRITTEN})
    about = book.add_worksheet("About")
    formats = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
    heading = book.add_format({"bold": True, "bottom": 1, "valign": "bottom", "text_wrap": True})
    taken = {"about", "history"}  # the second is a name that Excel keeps for itself
    notes: list[tuple[str, str]] = []
    for view in views:
        for table in tables_of(view):
            title = table.title or view.title
            name = _sheet_name(title, taken)
            note = _fill(book.add_worksheet(name), table, view.zone, heading, formats)
            of = f"{visible_prose(view.title)}: " if len(views) > 1 and title != view.title else ""
            notes.append((f"Sheet {name}", f"{of}{visible_prose(title)}. {note}".strip()))
    _tell(about, book, views, notes)
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] from error


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name Excel allows: at most 31 letters (whole words, where one fits), some forbidden, no other sheet's name in another case."""
    plain = " ".join(re.sub(r"[\[\]:*?/\\]", " ", visible_prose(title)).split()).strip("' ") or "Table"
    for number in range(1, len(taken) + 2):
        mark = f" ({number})" if number > 1 else ""
        name = _first_words(plain, 31 - len(mark)).rstrip(" ',") + mark
        if name.casefold() not in taken:
            break
    taken.add(name.casefold())
    return name


def _first_words(text: str, most: int) -> str:
    """The beginning of a text, cut between words unless the first of them is too long."""
    begun = first_letters(text, most)
    whole = begun == text or text[len(begun)] == " "
    return begun if whole or " " not in begun else begun.rpartition(" ")[0]


def _fill(sheet: Any, table: Table, zone: str, heading: Any, formats: dict[Kind, Any]) -> str:
    """Write a table on its sheet; in words, what is not there as it was."""
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, _width(column, place, table, zone))
        sheet.write_string(0, place, _heading(column.title, column.kind), heading)
    misfits: Counter[str] = Counter()
    for line, row in enumerate(table.rows, start=1):
        for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            misfits[_put(sheet, line, place, cell, column.kind, zone, formats[column.kind])] += 1
    sheet.freeze_panes(1, 0)
    if table.rows and table.columns:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    left_out = [f"The first {len(table.rows):,} of {table.total:,} rows."] if table.total is not None and table.total > len(table.rows) else []
    return " ".join([*left_out, *(f"Values {misfit}: {count:,}." for misfit, count in misfits.items() if misfit)])


def _put(sheet: Any, line: int, place: int, cell: Cell, kind: Kind, zone: str, form: Any) -> str:
    """Write one cell by the type of its value, never by its looks; in what way it does not fit."""
    value, misfit = excel_value(cell, kind, zone)
    match value:
        case None:
            pass
        case str():
            sheet.write_string(line, place, value, form)
        case bool():
            sheet.write_boolean(line, place, value, form)
        case datetime():
            sheet.write_datetime(line, place, value, form)
        case _:
            sheet.write_number(line, place, value, form)
    return misfit


def _heading(title: str, kind: Kind) -> str:
    return f"{storable(title)} (h)" if kind in ("duration", "working") else storable(title)


def _width(column: Column, place: int, table: Table, zone: str) -> int:
    """The width of a column by its first 200 cells and the longest word of its heading, in letters."""
    cells = (columns(spoken(row[place], column.kind, zone)) + 2 for row in table.rows[:200])
    heading = (columns(word) + 3 for word in _heading(column.title, column.kind).split(" "))
    return min(60, max(9, *cells, *heading))


def _tell(sheet: Any, book: Any, views: Sequence[View], notes: Sequence[tuple[str, str]]) -> None:
    """The first sheet: what the views say, how values are written, and what the other sheets hold."""
    title = book.add_format({"bold": True, "font_size": 14})
    label = book.add_format({"bold": True, "valign": "top", "text_wrap": True})
    formats = {kind: book.add_format({"num_format": form, "align": "left", "valign": "top", "text_wrap": True}) for kind, form in _FORMATS.items()}
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 110)
    line = 0
    for view in views:
        sheet.write_string(line, 0, visible_prose(view.title), title)
        for name, cell, kind in _said(view):
            line += 1
            sheet.write_string(line, 0, _heading(name, kind), label)
            _put(sheet, line, 1, cell, kind, view.zone, formats[kind])
        line += 2
    zones = ", ".join(dict.fromkeys(view.zone for view in views))
    how = ("Values", f"Durations are in hours (h). Times are those of the clocks in {zones}. Texts are never formulas.")
    for name, text in (how, *notes):
        sheet.write_string(line, 0, name, label)
        sheet.write_string(line, 1, text, formats["text"])
        line += 1


def _said(view: View) -> Iterator[tuple[str, Cell, Kind]]:
    """Name, value and kind of every line that a view has besides its tables."""
    for block in view.blocks:
        match block:
            case Headline() | Prose() | Caveat():
                yield type(block).__name__, visible_prose(block.text), "text"
            case Definition():
                yield block.term, visible_prose(f"{block.text} [{block.source}]" if block.source else block.text), "text"
            case Facts():
                yield from block.facts
            case Diagram():
                yield block.title, visible_prose(block.text), "text"
            case Code():
                yield from (("" if place else block.title, visible_prose(line), "text") for place, line in enumerate(block.text.splitlines()))
            case _:
                pass  # tables have their sheets
