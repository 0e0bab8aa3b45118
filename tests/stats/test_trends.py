"""Trends: the median slope of plain counting, and that a planted one lies in its interval about as often as it should."""

from __future__ import annotations

from itertools import combinations
from statistics import median

import numpy as np
import pytest

from finmine.stats.trends import LEAST_PLACES, trend


@pytest.mark.parametrize("seed", range(5))
def test_the_trend_is_the_median_of_all_slopes(seed: int) -> None:
    """Between all pairs of places, those with gaps too; its limits are on both sides of it."""
    rng = np.random.default_rng(seed)
    places = sorted(rng.choice(24, 9, replace=False).tolist())
    values = rng.normal(size=9).tolist()
    found = trend(places, values)
    assert found is not None
    slopes = [(values[two] - values[one]) / (places[two] - places[one]) for one, two in combinations(range(9), 2)]
    assert found.slope == pytest.approx(median(slopes))
    assert found.low <= found.slope <= found.high


def test_few_places_have_no_trend() -> None:
    """Of fewer than six months nothing is told; what grows by two each month has that trend and no other."""
    line = [2.0 * place for place in range(LEAST_PLACES)]
    assert trend(range(LEAST_PLACES - 1), line[:-1]) is None
    found = trend(range(LEAST_PLACES), line)
    assert found is not None
    assert (found.slope, found.low, found.high) == (2, 2, 2)


@pytest.mark.parametrize("places", [6, 12, 24])
def test_the_interval_holds_a_planted_trend(places: int) -> None:
    """Of 2,000 series with noise the interval misses the planted trend in about one of twenty."""
    rng = np.random.default_rng(places)
    drawn = [trend(range(places), (3 * np.arange(places) + rng.normal(scale=9, size=places)).tolist()) for _ in range(2000)]
    held = sum(found is not None and found.low <= 3 <= found.high for found in drawn) / 2000
    assert 0.93 <= held <= 0.985
