"""The ranks between which a median lies."""

from __future__ import annotations

import doctest
from math import comb

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import finmine.stats.median_interval
from finmine.stats.median_interval import interval_ranks


def exact(n: int) -> tuple[int, int] | None:
    """The definition in whole numbers: the largest r for which the first r binomial coefficients are at most 2.5 % of all."""
    rank, below = 0, comb(n, 0)
    while 40 * below <= 2**n:
        rank += 1
        below += comb(n, rank)
    return (rank, n + 1 - rank) if rank else None


def test_published_ranks() -> None:
    """Ten values give the second and the ninth, twenty the sixth and fifteenth, a hundred the 40th and 61st (tables of Conover)."""
    assert [interval_ranks(n) for n in (10, 20, 100)] == [(2, 9), (6, 15), (40, 61)]
    assert doctest.testmod(finmine.stats.median_interval).failed == 0


def test_few_values_give_none() -> None:
    """With fewer than six values no two of them hold the median with 95 % confidence."""
    assert [interval_ranks(n) for n in range(7)] == [None] * 6 + [(1, 6)]


@given(st.integers(0, 3000))
def test_ranks_are_those_of_exact_arithmetic(n: int) -> None:
    """The ranks from floating point are those of whole numbers."""
    assert interval_ranks(n) == exact(n)


@given(st.integers(6, 10_000_000))
def test_ranks_lie_about_the_middle(n: int) -> None:
    """The two ranks mirror each other, and for many values stand where the normal distribution puts them."""
    ranks = interval_ranks(n)
    assert ranks is not None
    assert sum(ranks) == n + 1
    assert abs(ranks[0] - (n / 2 - 0.979982 * n**0.5)) < 1.5


def test_the_interval_holds_the_median_as_often_as_it_says() -> None:
    """Of many samples, at least 95 of 100 intervals hold the median of what they were drawn from, whatever its shape."""
    ranks = interval_ranks(40)
    assert ranks is not None
    drawn = np.sort(np.random.default_rng(1).lognormal(0, 2, (4000, 40)), axis=1)
    held = (drawn[:, ranks[0] - 1] <= 1) & (drawn[:, ranks[1] - 1] >= 1)
    assert 0.95 <= held.mean() < 0.98
