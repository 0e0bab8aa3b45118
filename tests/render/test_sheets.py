"""Large pictures on paper: sheets that together show all, and can be read."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.render.sheets import HIGH, LEAST, MOST_SHEETS, WIDE, scale, sheets, windows

SIZES = st.floats(20, 6000)
BOX = 45.0


@settings(max_examples=200)
@given(SIZES, SIZES, st.floats(0, 1), st.floats(0, 1))
def test_every_box_is_whole_on_a_sheet(width: float, height: float, across: float, down: float) -> None:
    """Sheets fit the paper, are few, not reduced too far unless the picture is very large, stay within the picture, and show each box of it as a whole on one of them."""
    rows = windows(width, height)
    reduced = scale(width, height)
    assert 0 < reduced <= 1
    assert reduced >= LEAST or max(width, height) > 1500
    assert sum(map(len, rows)) <= MOST_SHEETS
    left, top = across * max(0, width - BOX), down * max(0, height - BOX)
    whole = False
    for x, y, wide, high in (part for row in rows for part in row):
        assert wide * reduced <= WIDE + 0.01
        assert high * reduced <= HIGH + 0.01
        assert -0.01 <= x <= x + wide <= width + 0.01
        assert -0.01 <= y <= y + high <= height + 0.01
        right, bottom = min(left + BOX, width), min(top + BOX, height)
        whole |= x <= left + 0.01 and right <= x + wide + 0.01 and y <= top + 0.01 and bottom <= y + high + 0.01
    assert whole


def picture(width: int, height: int) -> str:
    """A picture of this size, in points, with a box at its top and one at its bottom."""
    boxes = f'<g id="a"><title>top</title><text x="40" y="-{height - 30}">top</text></g><g id="b"><text x="40" y="-30">bottom</text></g>'
    size = f'width="{width}pt" height="{height}pt" viewBox="0 0 {width} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><g id="p" transform="translate(4 {height})">{boxes}</g></svg>'


@pytest.mark.parametrize("size", [(500, 600), (900, 900), (500, 840), (600, 1000)])
def test_a_picture_that_fits_has_no_sheets(size: tuple[int, int]) -> None:
    """What one sheet holds is not cut, and no small rest stands on a sheet of its own."""
    assert sheets(picture(*size)) == ()
    assert len(windows(700, 2000)) == 2


def test_what_needs_too_many_sheets_is_reduced_further() -> None:
    """A picture that could be read on more sheets than anybody lays side by side is reduced until so many show it, not to a single one."""
    assert len(sheets(picture(6000, 9000))) == MOST_SHEETS
    assert scale(6000, 9000) > 2.9 * min(WIDE / 6000, HIGH / 9000)


def test_sheets_show_their_part_and_say_which_it_is() -> None:
    """Each says its row, and its column where there are several; it holds what can be seen through it, without identifiers and tooltips."""
    first, second = sheets(picture(800, 1600))
    assert (first.words, second.words) == ("Part 1 of 2: row 1 of 2", "Part 2 of 2: row 2 of 2")
    assert [re.findall("top|bottom", sheet.svg) for sheet in (first, second)] == [["top"], ["bottom"]]
    assert ET.fromstring(first.svg).attrib["viewBox"].startswith("0.00 0.00 800.00 ")
    assert not re.search("id=|title", first.svg + second.svg)
    many = sheets(picture(1600, 1200))
    assert many[3].words == "Part 4 of 4: row 2 of 2, column 2 of 2"
    assert len(many) <= MOST_SHEETS
