"""Rates and their differences."""

from __future__ import annotations

import pytest
from scipy import stats

from finmine.stats.rates import limits, rate_difference


@pytest.mark.parametrize(("having", "of"), [(0, 10), (3, 10), (10, 10), (56, 70), (1, 100_000)])
def test_limits_are_wilsons(having: int, of: int) -> None:
    """The interval of a rate is that which scipy gives by Wilson's method."""
    expected = stats.binomtest(having, of).proportion_ci(method="wilson")
    assert limits(having, of) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_a_difference_has_newcombes_interval() -> None:
    """The published example: 56 of 70 and 48 of 80 differ by .2, from .0524 to .3339."""
    found = rate_difference(56, 70, 48, 80)
    assert [found.value, found.low, found.high] == pytest.approx([0.2, 0.0524, 0.3339], abs=5e-5)
