"""Bars, curves and intervals."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from finmine.render.charts import bars_spec, chart, curve_spec, intervals_spec
from finmine.view import Bars, Column, Curve, Intervals, Table, View

HOUR = 3_600_000_000
DAY = 24 * HOUR


def written(svg: str) -> list[str]:
    """All text in a chart, in its order."""
    return [re.sub(r"<[^>]+>", "", text) for text in re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL)]


def curve(kind: str, cells: tuple[int, ...]) -> Curve:
    """A curve of shares against values of a kind."""
    columns = (Column("x", "When", kind), Column("share", "Share of cases", "share"))  # type: ignore[arg-type]
    return Curve(Table("Curve", columns, tuple((cell, place / 10) for place, cell in enumerate(cells))), "x", ("share",))


def test_bars_have_their_labels_and_values_in_words() -> None:
    """Each bar has its label before it and its value behind it, in the order of the rows, even where labels are the same."""
    columns = (Column("who", "Who", "text"), Column("time", "Time", "duration"))
    table = Table("Slowest", columns, (("b", 2 * DAY), ("a", 3 * HOUR), ("a", None), ("", 0)))
    texts = written(chart(Bars(table, "who", "time"), "UTC", titled=True))
    assert texts[0] == "Slowest" or texts[-1] == "Slowest"
    assert [text for text in texts if text in ("b", "a", "«empty»")] == ["b", "a", "a", "«empty»"]
    assert [text for text in texts if text in ("2 d", "3 h", "–", "0 s")] == ["2 d", "3 h", "–", "0 s"]


def test_bars_below_nothing_go_the_other_way() -> None:
    """Money below zero has its bar to the left and its value at the zero line."""
    table = Table("M", (Column("a", "A", "text"), Column("m", "M", "money")), (("in", Decimal("5.00")), ("out", Decimal("-2.50"))))
    values = bars_spec(Bars(table, "a", "m"), "UTC")["data"]["values"]
    assert [(row["value"], row["end"], row["spoken"]) for row in values] == [(5.0, 5.0, "5.00"), (-2.5, 0, "-2.50")]


def test_intervals_are_points_on_lines() -> None:
    """Each row has a point and a line in the unit of the largest, a missing limit draws no line, and nothing has a rule of its own."""
    columns = (Column("who", "Who", "text"), *(Column(name, name.title(), "duration") for name in ("shift", "low", "high")))
    table = Table("Effects", columns, (("a", 3 * DAY, DAY, 5 * DAY), ("b", -DAY, None, None)))
    block = Intervals(table, "who", "shift", "low", "high")
    values = intervals_spec(block, "UTC")["data"]["values"]
    assert [(row["low"], row["value"], row["high"]) for row in values] == [(1, 3, 5), (None, -1, None)]
    texts = written(chart(block, "UTC", titled=True))
    assert {"Effects", "a", "b", "Shift (days)"} <= set(texts)


def test_two_intervals_of_a_row_stand_under_one_another() -> None:
    """Both are drawn in one scale, a legend names them, the axis says the unit alone, and a row without the first keeps its place."""
    names = ("adjusted", "low", "high", "shift", "shift low", "shift high")
    columns = (Column("who", "Who", "text"), *(Column(name, name.title(), "duration") for name in names))
    table = Table("Effects", columns, (("a", 3 * DAY, DAY, 5 * DAY, -4 * DAY, -5 * DAY, -3 * DAY), ("b", None, None, None, DAY, 0, 2 * DAY)))
    block = Intervals(table, "who", "adjusted", "low", "high", ("shift", "shift low", "shift high"))
    spec = intervals_spec(block, "UTC")
    drawn = [(row["line"], row["place"], row["value"]) for row in spec["data"]["values"]]
    assert drawn == [("Adjusted", 0, 3), ("Adjusted", 1, None), ("Shift", 0, -4), ("Shift", 1, 1)]
    assert spec["encoding"]["y"]["scale"] == {"domain": [0, 1]}
    assert {"Effects", "a", "b", "days", "Adjusted", "Shift"} <= set(written(chart(block, "UTC", titled=True)))


def test_bars_that_are_left_out_are_counted() -> None:
    """A chart of the first rows says so under its title, and a label of two activities keeps the arrow between them."""
    arrow = f"{'Approve the invoice of the vendor'} → {'Release the payment for the invoice'}"
    columns = (Column("path", "Path", "text"), Column("n", "N", "count"))
    rows = tuple((f"{arrow} {place}", place) for place in range(45))
    texts = written(chart(Bars(Table("T", columns, rows), "path", "n"), "UTC", titled=True))
    assert "The first 40 of 45 rows. JSON and the workbook hold all, as does CSV of an answer's main table." in texts
    assert sum(arrow in text for text in texts) == 40
    assert not any("rows" in text for text in written(chart(Bars(Table("T", columns, rows[:40]), "path", "n"), "UTC", titled=True)))


@pytest.mark.parametrize(
    ("longest", "title"),
    [(30 * DAY, "When (days)"), (40 * HOUR, "When (hours)"), (HOUR, "When (minutes)"), (30_000_000, "When (seconds)"), (2000, "When (milliseconds)")],
)
def test_durations_are_read_in_the_unit_of_their_size(longest: int, title: str) -> None:
    """The axis counts in the largest unit of which the longest has at least two."""
    assert title in written(chart(curve("duration", (0, longest // 2, longest)), "UTC"))


def test_instants_are_those_of_the_zone() -> None:
    """A point in time stands where the clock of the zone showed it."""
    values = curve_spec(curve("instant", (0, DAY)), "Asia/Kolkata")["vconcat"][0]["data"]["values"]
    assert [row["x"] for row in values] == ["1970-01-01T05:30:00Z", "1970-01-02T05:30:00Z"]


def test_dates_of_one_year_name_it() -> None:
    """Days are written by day and month on a clock of 24 hours, with the year in the axis' title where there is only one."""
    texts = written(chart(curve("day", (DAY, 2 * DAY, 3 * DAY)), "UTC"))
    assert texts[:4] == ["02 Jan", "03 Jan", "04 Jan", "When (1970)"]
    assert "When" in written(chart(curve("day", (0, 400 * DAY)), "UTC"))


def test_values_of_different_kinds_do_not_share_an_axis() -> None:
    """Counts and shares stand in two panels; several lines of one kind have a legend."""
    columns = (Column("t", "T", "day"), Column("a", "Arrived", "count"), Column("b", "Finished", "count"), Column("s", "Late", "share"))
    block = Curve(Table("C", columns, ((0, 1, 2, 0.1), (DAY, 3, None, 0.2))), "t", ("a", "b", "s"), steps=True)
    assert len(curve_spec(block, "UTC")["vconcat"]) == 2
    texts = written(chart(block, "UTC"))
    assert {"Arrived", "Finished", "Late"} <= set(texts)


def test_hostile_labels_are_data(hostile_view: View) -> None:
    """Labels are written as text in the chart, never obeyed, and nothing is fetched."""
    for block in hostile_view.blocks:
        if isinstance(block, Bars | Curve | Intervals):
            svg = chart(block, hostile_view.zone, titled=True)
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in svg
            assert "<script" not in svg
    assert "&amp;lt;b&amp;gt;" in svg


def test_a_chart_without_rows_is_empty_and_no_error() -> None:
    """Nothing to draw draws nothing."""
    columns = (Column("a", "A", "text"), Column("n", "N", "count"))
    assert chart(Bars(Table("T", columns, ()), "a", "n"), "UTC").startswith("<svg")
    assert chart(Curve(Table("T", columns, ()), "a", ("n",)), "UTC").startswith("<svg")


def test_parts_are_stacked_in_their_order() -> None:
    """Each part of a bar has its own colour and a place in the legend; the bar's value stands behind them."""
    columns = (Column("who", "Who", "text"), Column("whole", "Whole", "count"), Column("one", "One", "count"), Column("two", "Two", "count"))
    block = Bars(Table("T", columns, (("ann", 7, 3, 4), ("bob", 2, 2, 0))), "who", "whole", ("one", "two"))
    values = bars_spec(block, "UTC")["layer"][0]["data"]["values"]
    assert [(value["place"], value["part"], value["size"]) for value in values] == [(0, "One", 3), (1, "One", 2), (0, "Two", 4), (1, "Two", 0)]
    assert {"One", "Two", "ann", "bob", "7", "2"} <= set(written(chart(block, "UTC")))
