"""Rates and their differences."""

from __future__ import annotations

import pytest

from finmine.stats.rates import fisher, rate_difference


def test_a_difference_has_newcombes_interval() -> None:
    """The published example: 56 of 70 and 48 of 80 differ by .2, from .0524 to .3339."""
    found = rate_difference(56, 70, 48, 80)
    assert [found.value, found.low, found.high] == pytest.approx([0.2, 0.0524, 0.3339], abs=5e-5)


def test_a_p_value_is_never_nought() -> None:
    """What is too small for a number is told as next to nothing, not as impossible."""
    assert 0 < fisher(9000, 9000, 0, 9000) < 1e-300
