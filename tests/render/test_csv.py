"""The main table as CSV."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.render.csv import FORMULA_SIGNS, NoTable, to_csv
from finmine.view import Bars, Column, Facts, Map, Prose, Table, View

COLUMNS = (Column("label", "Label", "text"), Column("n", "N", "count"), Column("amount", "Amount", "money"), Column("x", "X", "number"))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20) | st.sampled_from(
    ["=1+1", "-2", "a,b", 'say "x"', "a\r\nb", " x "]
)
ROWS = st.lists(
    st.tuples(TEXTS, st.integers(), st.decimals(allow_nan=False, allow_infinity=False, places=4), st.floats(allow_nan=False, allow_infinity=False))
)


def read(text: str) -> list[list[str]]:
    """The fields of a CSV text, as the csv module of Python reads them."""
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@given(ROWS)
def test_what_is_written_is_read_back(rows: list[tuple[str, int, Decimal, float]]) -> None:
    """An independent reader finds every value again: numbers exactly, texts with an apostrophe only before a formula sign."""
    head, *body = read(to_csv(View("V", (Table("T", COLUMNS, tuple(rows)),))))
    assert head == ["label", "n", "amount", "x"]
    for (label, n, amount, x), fields in zip(rows, body, strict=True):
        assert fields[0] == ("'" + label if label.startswith(FORMULA_SIGNS) else label)
        assert (int(fields[1]), Decimal(fields[2]), float(fields[3])) == (n, amount, x)


def test_hostile_labels_are_no_formulas(hostile_view: View) -> None:
    """No text of the table, nor a column's name, begins as a formula does; nothing in it is a control character."""
    text = to_csv(hostile_view)
    rows = read(text)
    assert rows[0][:2] == ["label", "'=time_us"]
    assert not [row[0] for row in rows if row[0].startswith(FORMULA_SIGNS)]
    assert "\x1b" not in text
    assert text.encode("utf-8")
    assert rows[1][3].startswith("-1234567890123456789")


def test_values_are_raw() -> None:
    """Durations are microseconds under a name that says so, instants have the zone's offset, missing differs from the empty text."""
    columns = (
        Column("a", "A", "text"), Column("time", "Time", "duration"), Column("at", "At", "instant"), Column("on", "On", "day"),
        Column("share", "Share", "share"), Column("ok", "OK", "flag"), Column("money", "Money", "money"),
    )  # fmt: skip
    rows = (("", 1_500_000, 0, 0, 0.25, True, Decimal("-0.10")), (None, None, None, None, float("nan"), None, Decimal("1E+3")))
    text = to_csv(View("V", (Prose("first"), Table("T", columns, rows)), "Europe/Berlin"))
    assert text == (
        "a,time_us,at,on,share,ok,money\r\n"
        '"",1500000,1970-01-01T01:00:00+01:00,1970-01-01,0.25,true,-0.10\r\n'
        ",,,,,,1000\r\n"
    )  # fmt: skip


def test_the_table_of_a_picture_is_not_the_answer() -> None:
    """A table that stands by itself is the main one, also when a picture of some of its columns stands before it."""
    whole = Table("T", (Column("name", "Name", "text"), Column("count", "Count", "count")), (("a", 2), ("b", 1)))
    drawn = Table("P", (Column("name", "Name", "text"), Column("count", "Count", "count")), (("a", 2),))
    assert len(read(to_csv(View("V", (Bars(drawn, "name", "count"), whole))))) == 3
    assert len(read(to_csv(View("V", (Bars(drawn, "name", "count"),))))) == 2


def test_a_map_gives_its_paths(hostile_map: Map) -> None:
    """The main table of a process map is that of its paths."""
    assert len(read(to_csv(View("V", (hostile_map,))))) == 1 + len(hostile_map.edges)


def test_facts_stand_in_for_a_table() -> None:
    """A view that has only facts gives them one in a row, with their kind."""
    view = View("V", (Facts("Log", (("Cases", 12, "count"), ("Longest", 7, "duration"))),))
    assert read(to_csv(view)) == [["group", "fact", "kind", "value"], ["Log", "Cases", "count", "12"], ["Log", "Longest", "duration", "7"]]


def test_prose_is_no_table() -> None:
    """A view without numbers is refused."""
    with pytest.raises(NoTable, match="only an answer with a table"):
        to_csv(View("V", (Prose("x"),)))
