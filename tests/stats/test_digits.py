"""Digits: the constants of Benford samples, the bands, and what chance alone explains."""

from __future__ import annotations

import numpy as np
import pytest

from finmine.stats.digits import KINDS, conformity, mean_by_chance


@pytest.mark.parametrize(("which", "constant"), [("first", 0.2348), ("first-two", 0.0793)])
def test_the_deviation_by_chance(which: str, constant: float) -> None:
    """Samples that conform deviate on average by 0.2348/√n in their first digits, and by 0.0793/√n in the first two."""
    assert mean_by_chance(KINDS[which].expected(), 10_000) == pytest.approx(constant / 100, rel=2e-3)


@pytest.mark.parametrize(
    ("which", "number", "limit", "share"),
    [
        ("first", 300, 0.012, 0.64),
        ("first", 300, 0.015, 0.33),
        ("first", 1000, 0.006, 0.74),
        ("first-two", 1000, 0.0022, 0.93),
        ("first-two", 3000, 0.0012, 0.98),
    ],
)
def test_true_benford_data_exceed_the_bands_where_they_are_few(which: str, number: int, limit: float, share: float) -> None:
    """So many samples of true Benford data exceed a limit of the bands, which therefore are not used for so few."""
    expected = KINDS[which].expected()
    drawn = np.random.default_rng(2).multinomial(number, expected / expected.sum(), size=4000) / number
    assert (np.abs(drawn - expected).mean(axis=1) > limit).mean() == pytest.approx(share, abs=0.025)
    found = conformity(KINDS[which], np.random.default_rng(1).multinomial(number, expected / expected.sum()).tolist())
    assert found is not None
    assert found.band is None
    assert found.p > 0.01


def test_bands_are_for_many_amounts() -> None:
    """From 5,000 amounts on the first digits have a band: conforming ones that of close conformity, even ones that of none."""
    kind = KINDS["first"]
    conforming = conformity(kind, [round(share * 100_000) for share in kind.expected()])
    even = conformity(kind, [1000] * 9)
    assert conforming is not None
    assert even is not None
    assert (conforming.band, even.band) == ("close conformity", "no conformity")
    assert even.p == pytest.approx(1 / 2001)
    assert even.mad == pytest.approx(np.abs(1 / 9 - kind.expected()).mean())
    assert conformity(kind, [0] * 9) is None
