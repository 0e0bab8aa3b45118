"""Replicates of an estimating equation."""

from __future__ import annotations

import numpy as np
import pytest

from finmine.stats.replicates import Draws, crossings, interval_of
from finmine.stats.sample import Sample


def test_lines_are_crossed_between_two_points_of_the_grid() -> None:
    """A falling line passes the level where a straight line between the points around it does; one that does not pass it, at its end."""
    grid = np.array([0.0, 1.0, 2.0, 4.0])
    lines = np.array([[9.0, 7.0, 3.0, 2.0], [3.0, 2.0, 1.0, 0.5], [9.0, 8.0, 7.0, 6.0], [9.0, 5.0, 5.0, 1.0]]).T
    assert crossings(grid, lines, 5.0).tolist() == [1.5, 0.0, 4.0, 1.0]


def test_as_many_clusters_are_drawn_as_there_are() -> None:
    """Each replicate draws that many, with repetition; more than five hundred are joined, each whole into one."""
    clusters = np.arange(2400) // 3
    draws = Draws.of(Sample.of(np.arange(2400.0), clusters), seed=1, replicates=50)
    assert (draws.count, draws.drawn.shape) == (500, (50, 500))
    assert (draws.drawn.sum(axis=1) == 500).all()
    assert all(len(set(draws.clusters[clusters == code].tolist())) == 1 for code in range(800))


def test_few_clusters_widen_the_interval() -> None:
    """The limits of many clusters are the points of the replicates; of four they lie 3.18 instead of 1.96 errors away."""
    found = np.random.default_rng(1).normal(size=4000)
    low, high = interval_of(0.0, found, 10**6)
    assert (low, high) == pytest.approx(tuple(np.quantile(found, (0.025, 0.975))), rel=1e-4)
    assert np.array(interval_of(0.0, found, 4)) / (low, high) == pytest.approx([3.1824 / 1.96] * 2, rel=1e-3)
