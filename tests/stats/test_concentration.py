"""How few do most of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from finmine.stats.concentration import fewest


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_the_fewest_that_hold_a_part(amounts: list[int]) -> None:
    """The largest so many hold four fifths, one fewer does not, and the order in which they are given does not matter."""
    few, ranked = fewest(amounts, 0.8), sorted(amounts, reverse=True)
    assert sum(ranked[:few]) >= 0.8 * sum(amounts)
    assert sum(ranked[: few - 1]) < 0.8 * sum(amounts)


def test_of_nothing_none_hold_it() -> None:
    """Without amounts there is nothing to rank."""
    assert fewest([], 0.8) == 0
