"""Matrices: which squares are visible, in words, and as a heat map."""

from __future__ import annotations

import json

import pytest

from finmine.errors import Refusal
from finmine.render.csv import to_csv
from finmine.render.heat_map import heat_map, heat_map_spec
from finmine.render.html import to_html
from finmine.render.json import to_json
from finmine.render.pictures import to_dot, to_svg
from finmine.render.squares import squares
from finmine.render.tables import tables_of
from finmine.render.text import to_text
from finmine.view import Column, Kind, Matrix, Table, View

COLUMNS = (Column("of", "From", "text"), Column("to", "To", "text"), Column("n", "Number", "count"))


def matrix(rows: tuple[tuple[str, str, float | None], ...], order: tuple[str, ...] = (), kind: Kind = "count") -> Matrix:
    """A matrix of numbers between labels."""
    return Matrix(Table("M", (*COLUMNS[:2], Column("n", "Number", kind)), rows), "of", "to", "n", order)


def many(size: int) -> Matrix:
    """A matrix of so many labels on both sides with one in each square."""
    return matrix(tuple((f"r{row}", f"c{column}", 1) for row in range(size) for column in range(size)))


def test_labels_stand_in_their_order() -> None:
    """Those that are given an order in it, on both sides, then the others as the rows have them; no label is made up."""
    shown = squares(matrix((("b", "a", 1), ("a", "c", 2), ("d", "b", 3)), ("a", "b", "nobody")))
    assert (shown.rows, shown.columns) == (("a", "b", "d"), ("a", "b", "c"))
    assert shown.values == {(1, 0): 1, (0, 2): 2, (2, 1): 3}
    assert shown.sentence() == ""


def test_what_has_no_room_is_said() -> None:
    """Of more labels than fit the first are visible, and the sentence tells how much of the whole they hold."""
    assert squares(many(40)).sentence() == "The first 30 of 40 rows and 30 of 40 columns, with 56.2 % of the whole."
    nothing = matrix(tuple((f"r{row}", "c", None) for row in range(40)))
    assert squares(nothing).sentence() == "The first 30 of 40 rows and 1 of 1 column."


def test_in_words_columns_stand_under_numbers() -> None:
    """Rows are numbered; where columns have other labels, a line says which number is which; an empty square is a dot."""
    same = to_text(View("V", (matrix((("a", "a", 5), ("a", "b", 1200), ("b", "a", 0))),)), 80).splitlines()
    assert [line.split() for line in same[4:]] == [
        ["From", "↓", "To", "→", "1", "2"],
        same[5].split(),
        ["1", "a", "5", "1,200"],
        ["2", "b", "0", "·"],
    ]
    other = to_text(View("V", (matrix((("a", "x", 5), ("b", "y", 6))),)), 80).splitlines()
    assert other[-1] == "To: 1 x, 2 y"
    assert "(no rows)" in to_text(View("V", (matrix(()),)))


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_line_is_too_wide(width: int) -> None:
    """Columns that do not fit are left out and counted."""
    text = to_text(View("V", (many(60),)), width)
    assert max(map(len, text.splitlines())) <= width
    assert "of 60 rows and" in text


def test_a_heat_map_has_its_labels_and_values() -> None:
    """Each square has its value in words, darker for more, legible on its colour; labels stand beside and above."""
    spec = heat_map_spec(matrix((("a", "x", 0.5), ("b", "y", 0.005)), kind="share"), "UTC")
    values = spec["data"]["values"]
    assert [value["spoken"] for value in values] == ["50.0 %", "0.5 %"]
    assert values[0]["fill"] == "#084594"
    assert values[0]["ink"] == "#ffffff"
    assert values[1]["ink"] != "#ffffff"
    svg = heat_map(matrix((("a", "x", 1),)), "UTC", titled=True)
    assert all(f">{text}<" in svg for text in ("M", "a", "x", "1"))


def test_many_columns_have_narrow_squares_without_values() -> None:
    """Where values could not be read they are told when pointed at."""
    few, crowded = heat_map_spec(many(5), "UTC"), heat_map_spec(many(29), "UTC")
    assert crowded["width"]["step"] < few["width"]["step"]
    assert len(crowded["layer"]) == len(few["layer"]) - 1
    assert crowded["data"]["values"][0]["about"] == "r0 → c0: Number 1"


def test_every_dress_shows_a_matrix() -> None:
    """HTML draws it over its table, JSON has its fields, CSV and the workbook its rows; DOT has none."""
    view = View("V", (matrix((("a", "x", 1), ("b", "x", 2))),))
    assert "<svg" in to_html(view)
    assert "(2 rows)" in to_html(view)
    block = json.loads(to_json(view))["blocks"][0]
    assert (block["kind"], block["row"], block["column"], block["value"]) == ("matrix", "of", "to", "n")
    assert to_csv(view) == "of,to,n\r\na,x,1\r\nb,x,2\r\n"
    assert [table.title for table in tables_of(view)] == ["M"]
    assert to_svg(view).startswith("<svg")
    with pytest.raises(Refusal):
        to_dot(view)


def test_an_empty_matrix_is_drawn() -> None:
    """Without rows there is an empty picture and no failure."""
    assert heat_map(matrix(()), "UTC").startswith("<svg")
