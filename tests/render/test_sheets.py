"""Large pictures on paper: sheets that together show all, and can be read."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.render.sheets import HIGH, LEAST, MOST_SHEETS, WIDE, cut, scale, windows

SIZES = st.floats(20, 6000)
BOX = 45.0


@settings(max_examples=200)
@given(SIZES, SIZES, st.floats(0, 1), st.floats(0, 1))
def test_every_box_is_whole_on_a_sheet(width: float, height: float, across: float, down: float) -> None:
    """Sheets fit the paper, are not reduced too far, stay within the picture, and show each box of it as a whole on one of them."""
    rows = windows(width, height)
    reduced = scale(width)
    assert LEAST <= reduced <= 1
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
    """A picture of this size, in points, with one box."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" viewBox="0 -9 {width} {height}"><g id="p-g"><rect/></g></svg>'
    )


def test_a_picture_that_fits_is_left_as_it_is() -> None:
    """What one sheet holds is not cut; nor is what would need more sheets than anybody lays side by side."""
    for size in ((500, 600), (900, 900), (6000, 9000)):
        assert cut(picture(*size), "whole") == (picture(*size), ())


def test_a_tall_picture_is_cut_into_parts_that_say_which_they_are() -> None:
    """The content is kept under the name by which the sheets show it; each says its row, and its column where there are several."""
    svg, sheets = cut(picture(800, 1600), "whole")
    [content] = list(ET.fromstring(svg))
    assert content.attrib["id"] == "whole"
    assert [child.attrib["id"] for child in content] == ["p-g"]
    assert [sheet.words for sheet in sheets] == ["Part 1 of 2: row 1 of 2", "Part 2 of 2: row 2 of 2"]
    assert sheets[0].view.startswith("0.00 -9.00 800.00 ")
    _, sheets = cut(picture(1600, 1200), "whole")
    assert sheets[3].words == "Part 4 of 4: row 2 of 2, column 2 of 2"
    assert len(sheets) <= MOST_SHEETS
