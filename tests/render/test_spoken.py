"""Cells in words."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.render.spoken import spoken
from finmine.view import Cell, Kind

CELLS = st.none() | st.text() | st.integers(-(10**15), 10**15) | st.floats(-1e15, 1e15) | st.decimals(-(10**12), 10**12) | st.booleans()


@given(CELLS, st.sampled_from(get_args(Kind)))
def test_every_cell_can_be_spoken(cell: Cell, kind: Kind) -> None:
    """Any value in a column of any kind becomes one line of text."""
    text = spoken(cell, kind, "Asia/Kolkata")
    assert text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        (None, "count", "–"),
        (float("nan"), "share", "–"),
        (float("inf"), "number", "∞"),
        ("", "text", "«empty»"),
        ("unknown", "instant", "unknown"),
        (1234567, "count", "1,234,567"),
        (True, "flag", "yes"),
        (0.12345, "share", "12.3 %"),
        (3_600_000_000, "duration", "1 h"),
        (1_709_296_200_000_000, "instant", "2024-03-01 18:00:00"),
        (1_709_316_000_000_000, "day", "2024-03-01"),
        (Decimal("1234.5"), "money", "1,234.50"),
        (1234.567, "number", "1,234.57"),
        (0.0123456, "number", "0.0123"),
        (1.65e-06, "number", "<0.0001"),
        (-1.65e-06, "number", ">-0.0001"),
        (7, "number", "7"),
    ],
)
def test_values_are_spoken_by_their_kind(cell: Cell, kind: Kind, text: str) -> None:
    """Each kind has its words; missing and not-a-number are a dash; instants are those of the zone's clocks."""
    assert text == spoken(cell, kind, "Asia/Kolkata")
