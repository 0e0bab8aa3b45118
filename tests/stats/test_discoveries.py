"""Adjusted p-values."""

from __future__ import annotations

import pytest

from finmine.stats.discoveries import adjusted


def test_the_published_family_is_adjusted_as_published() -> None:
    """The ten p-values of a textbook have these q after Benjamini and Hochberg; no test has none."""
    p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
    q = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.1057, 0.216, 0.216, 0.216]
    assert adjusted(p).tolist() == pytest.approx(q, abs=5e-5)
    assert adjusted([]).tolist() == []
