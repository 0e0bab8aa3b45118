"""Sizes of samples and upper limits: the published factors and worked examples."""

from __future__ import annotations

import pytest

from finmine.stats.assurance import basic_precision, case_sample_size, money_sample_size, stringer_bound, upper_misstatement, upper_rate


@pytest.mark.parametrize(
    ("confidence", "tolerable", "expected", "size"),
    [
        (0.95, 0.05, 0.0, 60),
        (0.95, 0.05, 0.01, 93),
        (0.95, 0.05, 0.02, 162),
        (0.9, 0.05, 0.0, 47),
        (0.95, 125_000 / 2_500_000, 27_722 / 2_500_000, 98),
    ],
)
def test_sizes_of_samples_of_money(confidence: float, tolerable: float, expected: float, size: int) -> None:
    """The least number of monetary units, by the Poisson distribution."""
    assert money_sample_size(confidence, tolerable, expected) == size


@pytest.mark.parametrize(
    ("confidence", "expected", "wanted"),
    [(0.95, 0.0, (59, 0)), (0.95, 0.01, (93, 1)), (0.95, 2 / 124, (124, 2)), (0.95, 3 / 153, (153, 3)), (0.9, 0.0, (45, 0))],
)
def test_sizes_of_samples_of_cases(confidence: float, expected: float, wanted: tuple[int, int]) -> None:
    """The least number of cases and the deviations allowed at 5 %, by the binomial distribution."""
    assert case_sample_size(confidence, 0.05, expected) == wanted


@pytest.mark.parametrize(
    ("confidence", "factors"),
    [
        (0.95, [2.996, 4.744, 6.296, 7.754, 9.154, 10.513]),
        (0.9, [2.303, 3.890, 5.322, 6.681, 7.994]),
        (0.99, [4.605, 6.638, 8.406, 10.045]),
    ],
)
def test_reliability_factors(confidence: float, factors: list[float]) -> None:
    """Errors of the whole amount count by the published factors."""
    for errors, factor in enumerate(factors):
        assert upper_misstatement(confidence, 1.0, [1.0] * errors) == pytest.approx(factor, abs=0.0006)


def test_a_worked_example() -> None:
    """An interval of 26,882 with taints of 50, 20 and 5 %; without an error the basic precision is left."""
    taints = [0.05, 0.5, 0.2]
    assert basic_precision(0.95, 26_882) == pytest.approx(80_531, abs=1)
    assert upper_misstatement(0.95, 26_882, []) == basic_precision(0.95, 26_882)
    assert upper_misstatement(0.95, 26_882, taints) == pytest.approx(114_331, abs=1)
    assert stringer_bound(0.95, 2_500_000, 93, taints) == pytest.approx(112_083, abs=1)


def test_where_everything_deviates() -> None:
    """All cases of the sample deviate: so may all others."""
    assert upper_rate(0.95, 5, 5) == 1.0
    assert upper_rate(0.95, 0, 59) <= 0.05 < upper_rate(0.95, 0, 58)
