"""How far two sides are apart in what each case has one of."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.kernels.apart import Tally


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=40), st.lists(st.booleans(), min_size=5, max_size=5))
def test_it_is_the_distance_of_total_variation(cases: list[tuple[int, int]], chosen: list[bool]) -> None:
    """Half the sum of the differences of shares, as fractions give it; the same from either side, and at most one."""
    codes, kinds = (np.array(part, dtype=np.int64) for part in zip(*cases, strict=True))
    having = np.array(chosen)
    first, second = (Counter(kind for code, kind in cases if chosen[code] is side) for side in (True, False))
    apart = Fraction(0)
    if first and second:
        apart = sum((abs(Fraction(first[kind], first.total()) - Fraction(second[kind], second.total())) for kind in range(4)), Fraction(0)) / 2
    found = Tally.of(codes, kinds).apart(having)
    assert found == pytest.approx(float(apart))
    assert found == pytest.approx(Tally.of(codes, kinds).apart(~having))
    assert found <= 1 + 1e-12
