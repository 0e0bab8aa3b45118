"""Views as Excel workbooks, read back with another library."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from finmine.files import CannotWrite
from finmine.render import workbook
from finmine.render.workbook import TooManyRows, to_workbook, to_xlsx
from finmine.view import Column, Facts, Headline, Prose, Table, View

HOUR = 3_600_000_000


def sheets(target: Path) -> dict[str, list[list[Any]]]:
    """All sheets of a workbook with their rows."""
    book = CalamineWorkbook.from_path(str(target))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_values_keep_their_types(tmp_path: Path) -> None:
    """Durations are hours, instants and days are dates on the zone's clocks, money and shares are numbers, missing is nothing."""
    columns = (
        Column("a", "Activity", "text"), Column("d", "Median", "duration"), Column("t", "First", "instant"), Column("y", "Day", "day"),
        Column("s", "Share", "share"), Column("m", "Amount", "money"), Column("f", "Late", "flag"), Column("n", "Cases", "count"),
    )  # fmt: skip
    summer = 1_720_000_000_000_000
    rows = (("Pay", 90 * HOUR // 60, summer, summer, 0.5, Decimal("1234.50"), True, 7), (None, None, None, None, float("nan"), None, None, None))
    to_xlsx(View("Times", (Headline("Slow"), Table("Activities", columns, rows, 9)), "Europe/Berlin"), tmp_path / "a.xlsx")
    read = sheets(tmp_path / "a.xlsx")
    assert list(read) == ["About", "Activities"]
    assert read["Activities"][0] == ["Activity", "Median (h)", "First", "Day", "Share", "Amount", "Late", "Cases"]
    assert read["Activities"][1] == ["Pay", 1.5, datetime(2024, 7, 3, 11, 46, 40), date(2024, 7, 3), 0.5, 1234.5, True, 7.0]
    assert read["About"][:2] == [["Times", ""], ["Headline", "Slow"]]
    assert ["Sheet Activities", "Activities. The first 1 of 9 rows."] not in read["About"]
    assert ["Sheet Activities", "Activities. The first 2 of 9 rows."] in read["About"]


def test_hostile_text_is_text(hostile_view: View, hostile: tuple[str, ...], tmp_path: Path) -> None:
    """There is no formula and no link in the file, and labels are read back as they are, controls written out."""
    to_xlsx(hostile_view, tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    pages = [text for name, text in parts.items() if "worksheets" in name]
    assert pages
    assert not [page for page in pages if "<f>" in page or "<hyperlink" in page]
    read = sheets(tmp_path / "a.xlsx")
    table = next(rows for name, rows in read.items() if name.startswith("Table <script>"))
    labels = [row[0] for row in table[1:]]
    assert [label for label in hostile if label.isprintable()] == [label for label in labels if label in hostile and label.isprintable()]
    assert labels[hostile.index("=cmd|' /C calc'!A0")] == "=cmd|' /C calc'!A0"
    assert "\\x1b[2J\\x1b[31mred\\x07\\x9b1m" in labels


def test_numbers_that_excel_would_round_are_text(tmp_path: Path) -> None:
    """More than 15 digits, dates before 1900 and texts longer than a cell are kept as they can be, and the first sheet says so."""
    columns = (Column("m", "Amount", "money"), Column("n", "Count", "count"), Column("t", "Time", "instant"), Column("a", "Text", "text"))
    rows = ((Decimal("12345678901234.56"), 10**16 + 1, -3_000_000_000_000_000, "é" * 40_000), (Decimal("1234567890123.45"), 10**17, 0, "x"))
    to_xlsx(View("V", (Table("T", columns, rows),)), tmp_path / "a.xlsx")
    read = sheets(tmp_path / "a.xlsx")
    assert read["T"][1][:3] == ["12345678901234.56", "10000000000000001", "1874-12-07 18:40:00"]
    assert len(read["T"][1][3]) == 32_767
    assert read["T"][2][:2] == [1234567890123.45, 1e17]
    assert read["About"][-1][1] == (
        "T. Values of more than 15 digits, kept as text: 2. Values before 1900, kept as text: 1. Values longer than 32,767 letters, cut: 1."
    )


@given(st.lists(st.text(max_size=45) | st.sampled_from(["History", "about", "A" * 40, "a" * 40, "[x]:*?/\\", "'", ""]), max_size=12))
def test_sheet_names_are_what_excel_allows(titles: list[str]) -> None:
    """Names have 1 to 31 letters, none that is forbidden, and no two are equal but for case."""
    taken = {"about", "history"}
    names = [workbook._sheet_name(title, taken) for title in titles]
    assert len({name.casefold() for name in names} | {"about", "history"}) == len(names) + 2
    assert all(0 < len(name.encode("utf-16-le")) // 2 <= 31 for name in names)
    assert not [name for name in names if set(name) & set("[]:*?/\\") or name.startswith("'") or name.endswith("'")]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Where the time goes: the first 15 of 64", "Where the time goes the first"),
        ("Numbers as read, against the ledger", "Numbers as read, against the"),
        ("Throughput time by what follows what", "Throughput time by what follows"),
        ("A" * 40, "A" * 31),
    ],
)
def test_sheets_are_called_by_whole_words(title: str, name: str) -> None:
    """A title that is too long for Excel is cut between its words."""
    assert workbook._sheet_name(title, set()) == name


def test_several_views_make_one_workbook_and_always_the_same(hostile_view: View, tmp_path: Path) -> None:
    """Views stand one after the other, and writing the same again gives the same bytes."""
    views = (View("One", (Facts("", (("Longest", HOUR, "duration"), ("None", None, "count"))),)), hostile_view)
    to_workbook(views, tmp_path / "a.xlsx")
    to_workbook(views, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert ["Longest (h)", 1.0] in sheets(tmp_path / "a.xlsx")["About"]


def test_more_rows_than_a_sheet_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    """A table too long for a sheet is refused with both numbers, and there is no file."""
    table = Table("Long", (Column("a", "A", "text"),), (("x",),) * 1_048_576)
    with pytest.raises(TooManyRows, match="1,048,575 rows.*'Long' has 1,048,576"):
        to_xlsx(View("V", (table,)), tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """The folder must exist."""
    with pytest.raises(CannotWrite):
        to_xlsx(View("V", (Prose("x"),)), tmp_path / "nowhere" / "a.xlsx")
