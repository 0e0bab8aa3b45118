"""Views for terminals."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.render.characters import columns
from finmine.render.grid import Strip, grid
from finmine.render.text import to_text
from finmine.view import Bars, Caveat, Code, Column, Curve, Definition, Facts, Headline, Intervals, Prose, Table, View

HOUR = 3_600_000_000
WORDS = st.text("abcdefgh ", max_size=40).map(lambda text: " ".join(text.split()))
STRIPS = st.integers(0, 5).flatmap(
    lambda rows: st.lists(st.builds(Strip, WORDS, st.tuples(*[st.text("abc", max_size=12)] * rows), st.booleans()), min_size=1, max_size=7)
)


@given(STRIPS, st.integers(60, 120))
def test_no_line_of_a_table_is_too_wide(strips: list[Strip], width: int) -> None:
    """However many columns there are, lines fit, in bands where they must."""
    assert all(columns(line) <= width for line in grid(strips, width))


@given(STRIPS)
def test_numbers_are_never_cut(strips: list[Strip]) -> None:
    """Every cell of a column of numbers stands in the table as it is."""
    lines = "\n".join(grid(strips, 60))
    assert all(cell in lines for strip in strips if strip.right for cell in strip.cells)


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_hostile_text_is_harmless_on_a_terminal(hostile_view: View, width: int) -> None:
    """Nothing in any block moves the cursor, changes a colour or turns a line, and lines fit the width."""
    text = to_text(hostile_view, width)
    assert not [sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n"]
    assert not [sign for sign in text if unicodedata.bidirectional(sign) in ("RLO", "LRO", "RLE", "LRE", "RLI", "LRI")]
    listing = text[text.rindex("    <script>") :]
    assert all(columns(line) <= width for line in text.removesuffix(listing).splitlines())


def test_a_view_as_text() -> None:
    """Headings, sentences by kind, facts, a table with numbers under one another, bars and code."""
    table = Table(
        "Activities",
        (
            Column("activity", "Activity", "text"),
            Column("cases", "Cases", "count"),
            Column("share", "Share", "share"),
            Column("median", "Median", "duration"),
        ),
        (("Submit", 1234, 1.0, 90 * 60_000_000), ("", 617, 0.5, None)),
        12,
    )
    view = View(
        "Times",
        (
            Headline("Half of the cases wait for one activity"),
            Prose("Population: all cases."),
            Definition("Gap", "from one completion to the next", "ledger A"),
            Caveat("No start stamps."),
            Facts("Facts", (("Cases", 1234, "count"), ("Amount", Decimal("-1234.5"), "money"), ("First", 0, "instant"))),
            Bars(table, "activity", "cases"),
            Code("Again", "finmine times log.csv", "sh"),
        ),
        "Europe/Berlin",
    )
    expected = """\
        Times
        ═════

        ▸ Half of the cases wait for one activity

        Population: all cases.

          Gap: from one completion to the next [ledger A]

        ! No start stamps.

        Facts
          Cases   1,234
          Amount  -1,234.50
          First   1970-01-01 01:00:00

        Activities
        Activity  Cases                              Share      Median
        ────────  ─────  ────────────────────────  ───────  ──────────
        Submit    1,234  ████████████████████████  100.0 %  1 h 30 min
        «empty»     617  ████████████               50.0 %           –
        … and 10 more

        Again
            finmine times log.csv
        """
    assert to_text(view, 80) == dedent(expected)


def test_a_curve_is_drawn_with_its_range_and_its_gaps() -> None:
    """A line of heights from nothing to the highest, blank where a value is missing, with the table below."""
    table = Table("Open", (Column("t", "Time", "duration"), Column("n", "Cases", "count")), ((0, 0), (HOUR, 7), (2 * HOUR, None), (3 * HOUR, 14)))
    lines = to_text(View("V", (Curve(table, "t", ("n",)),)), 80).splitlines()
    assert "Cases  ▁▅ █  0 to 14" in lines
    assert "Time: 0 s to 3 h, 4 points" in lines
    assert " 2 h      –" in lines


def test_a_long_name_of_a_line_leaves_the_line_its_room() -> None:
    """A name of more than half the width stands above its line, which is as long as beside a short one."""
    name = "Cases with Declaration REJECTED by ADMINISTRATION → Declaration REJECTED by EMPLOYEE"
    table = Table("Open", (Column("t", "Time", "duration"), Column("n", name, "count")), tuple((place * HOUR, place) for place in range(100)))
    lines = to_text(View("V", (Curve(table, "t", ("n",)),)), 80).splitlines()
    (drawn,) = (line for line in lines if line.endswith("  0 to 99"))
    assert len(drawn.removesuffix("  0 to 99").strip()) > 60
    assert "Cases with Declaration REJECTED by ADMINISTRATION → Declaration REJECTED by" in " ".join(lines)


def test_negative_bars_look_different() -> None:
    """A bar below nothing is light, and as long as its size."""
    table = Table("B", (Column("a", "A", "text"), Column("v", "V", "number")), (("up", 2.0), ("down", -1.0)))
    text = to_text(View("V", (Bars(table, "a", "v"),)), 80)
    assert "█" * 24 in text
    assert "░" * 12 + "\n" in text


def test_what_does_not_fit_goes_into_bands_that_repeat_the_labels() -> None:
    """Columns that find no room stand below, each band beginning with the labels."""
    strips = [Strip("Name", ("one", "two"), False), *(Strip(f"N{place}", ("123456789012345",) * 2, True) for place in range(5))]
    lines = grid(strips, 40)
    assert sum(line.startswith("Name") for line in lines) == 3


def test_sentences_are_never_shortened() -> None:
    """A long label is shortened in its middle; the reason of a finding stands on as many lines as it needs."""
    words = " ".join(f"word{place}" for place in range(60))
    label, reason = (
        to_text(View("V", (Table("T", (Column(name, "A", "text"), Column("n", "N", "count")), ((words, 1),)),))) for name in ("a", "reason")
    )
    assert "…" in label
    assert "…" not in reason
    assert all(f"word{place}" in reason for place in range(60))


def test_rows_that_are_not_shown_are_counted() -> None:
    """A table with fewer rows than there are says so, and an empty one says that it is empty."""
    column = (Column("a", "A", "text"),)
    assert "… and 9 more" in to_text(View("V", (Table("T", column, (("x",),), 10),)))
    assert to_text(View("V", (Table("T", column, ()),))).endswith("T\n(no rows)\n")


def test_very_many_rows_are_not_all_printed() -> None:
    """A table and bars print their first 200 rows, count the others and say where all are."""
    columns = (Column("a", "A", "text"), Column("n", "N", "count"))
    long = Table("T", columns, tuple((f"row {place}", place) for place in range(100_000)))
    for block in (long, Bars(long, "a", "n")):
        text = to_text(View("V", (block,)), width=120)
        assert text.count("row ") == 200
        assert "… and 99,800 more\nThe first 200 of 100,000 rows. JSON and the workbook hold all, as does CSV of an answer's main table.\n" in text
    assert "more" not in to_text(View("V", (Table("T", columns, long.rows[:200]),)))
    held = to_text(View("V", (Table("T", columns, long.rows[:300], 1000),)), width=120)
    assert "The first 200 of 1,000 rows. JSON and the workbook hold 300, as does CSV of an answer's main table." in held


def test_of_several_tables_each_is_shorter() -> None:
    """Where an answer has several tables, each prints its first 40 rows; all rows are printed of none that is cut."""
    columns = (Column("a", "A", "text"),)
    long = Table("T", columns, tuple((f"row {place}",) for place in range(100)))
    text = to_text(View("V", (long, long)))
    assert text.count("row ") == 80
    assert text.count("… and 60 more\nThe first 40 of 100 rows.") == 2


def test_numbers_of_a_column_have_the_same_decimals() -> None:
    """The points of the numbers of a column stand under one another: two decimals, four where one is below a tenth; whole numbers have none."""

    def shown(*cells: float) -> list[str]:
        table = Table("", (Column("n", "N", "number"),), tuple((cell,) for cell in cells))
        return to_text(View("V", (table,))).split("\n")[5:-1]

    assert shown(0.12, 0.0667, 0.00001, 2) == [" 0.1200", " 0.0667", "<0.0001", " 2.0000"]
    assert shown(1234.5, 0.004, 0.5) == ["1,234.50", "   <0.01", "    0.50"]
    assert shown(1, 20) == [" 1", "20"]


def test_a_second_interval_has_a_line_of_its_own_in_the_same_scale() -> None:
    """Nothing is at the same place of both lines."""
    columns = (Column("who", "Who", "text"), *(Column(name, name, "number") for name in ("v", "l", "h", "w", "m", "i")))
    block = Intervals(Table("", columns, (("a", 1, 0.5, 2, -3, -4, -2),)), "who", "v", "l", "h", ("w", "m", "i"))
    (line,) = (line for line in to_text(View("V", (block,)), 150).splitlines() if line.startswith("a "))
    first, second = line.index("│"), line.rindex("│")
    assert first < line.index("●") < line.index("-3") < line.rindex("●") < second


def test_a_brief_table_shows_its_first_rows_and_says_where_the_others_are() -> None:
    """Of ten rows two are shown."""
    table = Table("T", (Column("n", "N", "count"),), tuple((place,) for place in range(10)), brief=2)
    lines = to_text(View("V", (table,))).splitlines()
    assert [line for line in lines if line.strip() in "0123456789" and line.strip()] == ["0", "1"]
    assert "… and 8 more" in lines
    assert any(line.startswith("The first 2 of 10 rows. JSON and the workbook hold all") for line in lines)


def test_intervals_are_lines_with_a_point_and_a_mark_for_nothing() -> None:
    """The line runs from the low limit to the high one; where there is none only the point stands, and nothing is where zero is."""
    columns = (Column("who", "Who", "text"), *(Column(name, name, "number") for name in ("value", "low", "high")))
    block = Intervals(Table("", columns, (("a", 1, 0.5, 2), ("b", -1, None, None))), "who", "value", "low", "high")
    first, second = (line for line in to_text(View("V", (block,)), 100).splitlines() if line.startswith(("a ", "b ")))
    assert second.index("●") < second.index("│") == first.index("│") < first.index("─") < first.index("●")
    assert "─" not in second
