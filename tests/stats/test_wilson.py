"""Wilson's interval of a share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from finmine.stats.wilson import wilson


@given(st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_is_that_of_scipy(drawn: tuple[int, int]) -> None:
    """The limits agree with scipy's Wilson interval, and hold the share that was seen."""
    hits, of = drawn
    found, theirs = wilson(hits, of), binomtest(hits, of).proportion_ci(method="wilson")
    assert found == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert found is not None
    assert found[0] <= hits / of + 1e-12
    assert hits / of - 1e-12 <= found[1]


def test_of_nothing_there_is_no_interval() -> None:
    """Without units there is no share and no interval."""
    assert wilson(0, 0) is None
