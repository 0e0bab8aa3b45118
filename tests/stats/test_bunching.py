"""Bunching: the exact chance under a fitted density, and what is too little to tell."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from finmine.stats.bunching import bunching


def even(number: int) -> dict[int, int]:
    """As many amounts in each percent."""
    return dict.fromkeys(range(50, 150), number)


def test_an_even_density_expects_half() -> None:
    """Where amounts lie evenly, half of those at the limit are expected below it, and the p-value is that of the exact binomial."""
    found = bunching(even(4) | {99: 10, 100: 2}, 1)
    assert found is not None
    assert (found.below, found.of) == (10, 12)
    assert found.expected == pytest.approx(0.5, abs=1e-6)
    assert found.p == pytest.approx(sum(math.comb(12, k) for k in (10, 11, 12)) / 2**12, rel=1e-4)


def test_a_falling_density_expects_more_than_half() -> None:
    """Counts on an exponential are fitted by it: the expected part is that of the two bins on the curve."""
    rate = 0.03
    counts = {percent: round(1000 * math.exp(-rate * (percent - 50))) for percent in range(50, 150)}
    found = bunching(counts, 5)
    assert found is not None
    assert found.expected == pytest.approx(1 / (1 + math.exp(-5 * rate)), abs=0.003)
    assert found.p > 0.2


def test_below_the_limit_alone() -> None:
    """Of what ends at a limit the last bin is held against those below it."""
    found = bunching(dict.fromkeys(range(50, 100), 2) | {99: 9}, 1, only_below=True)
    assert found is not None
    assert (found.below, found.of) == (9, 107)
    assert found.expected == pytest.approx(1 / 50, abs=1e-6)
    assert found.p == pytest.approx(binom.sf(8, 107, 1 / 50), rel=1e-4)


def test_by_chance_it_is_rarely_called() -> None:
    """Of 400 even samples without bunching at most some five in a hundred have a p-value below 5 %."""
    dice = np.random.default_rng(3)
    low = 0
    for _ in range(400):
        found = bunching(dict(zip(range(50, 150), dice.poisson(3, 100).tolist(), strict=True)), 5)
        assert found is not None
        low += found.p < 0.05
    assert low <= 30


def test_few_amounts_tell_nothing() -> None:
    """Where fewer than twenty amounts lie around the limit nothing is said."""
    assert bunching({60: 19, 99: 50}, 1) is None
