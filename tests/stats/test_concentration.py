"""How few do most of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.stats.concentration import fewest, herfindahl


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_the_fewest_that_hold_a_part(amounts: list[int]) -> None:
    """The largest so many hold four fifths, one fewer does not, and the order in which they are given does not matter."""
    few, ranked = fewest(amounts, 0.8), sorted(amounts, reverse=True)
    assert sum(ranked[:few]) >= 0.8 * sum(amounts)
    assert sum(ranked[: few - 1]) < 0.8 * sum(amounts)


def test_of_nothing_none_hold_it() -> None:
    """Without amounts there is nothing to rank."""
    assert fewest([], 0.8) == 0


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_concentration_lies_between_equal_parts_and_one(amounts: list[int]) -> None:
    """The index is 1 / n for n equal parts, more for unequal ones, at most 1, and the same in any unit."""
    found = herfindahl(amounts)
    assert found is not None
    assert 1 / len(amounts) - 1e-12 <= found <= 1 + 1e-12
    assert found == pytest.approx(herfindahl([7 * one for one in amounts]))
    assert herfindahl([3] * len(amounts)) == pytest.approx(1 / len(amounts))


def test_the_concentration_of_nothing_is_missing() -> None:
    """Without amounts, or where all are nought, there is no share; of 60, 30 and 10 parts it is 0.46."""
    assert herfindahl([]) is None
    assert herfindahl([0, 0]) is None
    assert herfindahl([60, 30, 10]) == pytest.approx(0.46)
