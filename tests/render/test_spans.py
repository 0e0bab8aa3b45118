"""Spans in lanes: lines that cross, and bars that lie."""

from __future__ import annotations

from finmine.render.pictures import picture
from finmine.render.spans import MOST_LANES, spans_spec
from finmine.render.text import to_text
from finmine.view import Cell, Column, Spans, Table, View
from finmine.words import DAY, HOUR

TASKS = (("collect", 0, 6 * HOUR, "critical"), ("check", 2 * HOUR, 4 * HOUR, "with slack"), ("post", 6 * HOUR, 8 * HOUR, "critical"))


def spans(rows: tuple[tuple[Cell, ...], ...], *, slanted: bool = False) -> Spans:
    """Spans of tasks in durations from the start."""
    columns = (Column("task", "Task", "text"), Column("from", "From", "duration"), Column("to", "To", "duration"), Column("mark", "Mark", "text"))
    return Spans(Table("S", columns, rows), "task", "from", "to", "mark", slanted)


def test_lying_spans_are_bars_in_their_lanes() -> None:
    """One bar for each row from its beginning to its end in hours, lanes in the order of the rows, a colour for each mark."""
    spec = spans_spec(spans(TASKS), "UTC")
    drawn = spec["layer"][0]
    assert [(row["since"], row["until"], row["middle"], row["mark"]) for row in drawn["data"]["values"]] == [
        (0.0, 6.0, 0.5, "critical"),
        (2.0, 4.0, 1.5, "with slack"),
        (6.0, 8.0, 2.5, "critical"),
    ]
    assert drawn["mark"] == {"type": "rule", "strokeWidth": 11}
    assert drawn["encoding"]["x"]["title"] == "From (hours)"
    assert len(set(drawn["encoding"]["color"]["scale"]["range"])) == 2
    lying = picture(spans(TASKS), "UTC")
    assert lying is not None
    assert lying.svg.count('stroke-width="11"') == len(TASKS) + 2, "one for each task, and for each mark in the legend"
    assert [row["label"] for row in spec["layer"][-1]["data"]["values"]] == ["collect", "check", "post"]


def test_a_task_that_takes_no_time_is_a_tick() -> None:
    """What lies at one instant has no length; it is marked all the same, but only where spans lie."""
    rows = (*TASKS, ("sign", 8 * HOUR, 8 * HOUR, "critical"))
    assert [row["since"] for row in spans_spec(spans(rows), "UTC")["layer"][1]["data"]["values"]] == [8.0]
    assert spans_spec(spans(rows, slanted=True), "UTC")["layer"][1]["data"]["values"] == []


def test_slanted_spans_run_from_the_top_of_their_lane_to_its_bottom() -> None:
    """A rule within the lane of its row, and never in another."""
    drawn = spans_spec(spans(TASKS, slanted=True), "UTC")["layer"][0]
    assert drawn["mark"]["type"] == "rule"
    assert all(int(row["top"]) == int(row["bottom"]) == place for place, row in enumerate(drawn["data"]["values"]))
    shown = picture(spans(TASKS, slanted=True), "UTC", captioned=True)
    assert shown is not None
    assert shown.svg.startswith("<svg")
    assert shown.text == ""


def test_lanes_that_do_not_fit_are_said() -> None:
    """At most forty lanes are drawn, and the picture says of how many."""
    many = tuple((f"task {place}", place * DAY, (place + 1) * DAY, "critical") for place in range(MOST_LANES + 5))
    shown = picture(spans(many), "UTC")
    assert shown is not None
    assert shown.text == "The first 40 of 45 lanes."
    assert len(spans_spec(spans(many), "UTC")["layer"][0]["data"]["values"]) == MOST_LANES


def test_spans_as_text() -> None:
    """Bars of block characters, a sign for each mark, and the ends of the axis; slanted ones are only counted."""
    lines = to_text(View("V", (spans(TASKS),)), 60).splitlines()
    assert lines[4:7] == [
        "collect  " + "█" * 38,
        "check    " + " " * 12 + "▒" * 14,
        "post     " + " " * 37 + "█" * 14,
    ]
    assert lines[7] == "From 0 s to 8 h: █ critical, ▒ with slack."
    assert "3 spans in 3 lanes, drawn with --to svg" in to_text(View("V", (spans(TASKS, slanted=True),)), 60)
    assert "(no rows)" in to_text(View("V", (spans(()),)), 60)
