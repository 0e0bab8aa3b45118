"""Sizes of samples and upper limits: the published factors and worked examples."""

from __future__ import annotations

import random

import pytest

from finmine.stats.assurance import (
    accepted_by_two_stages,
    basic_precision,
    case_sample_size,
    money_sample_size,
    stringer_bound,
    two_stage_size,
    upper_misstatement,
    upper_rate,
    upper_rate_of_two_stages,
)


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
    assert case_sample_size(confidence, 0.05, expected, 1000) == wanted


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


def test_sizes_of_two_stages() -> None:
    """The published example (90 %, 5 %, extended after one deviation): two stages of 49; one case fewer is not enough, more deviations take more."""
    assert two_stage_size(0.9, 0.05, 1) == 49
    assert accepted_by_two_stages(49, 1, 1, 0.05) <= 0.1 < accepted_by_two_stages(48, 1, 1, 0.05)
    assert 49 < two_stage_size(0.9, 0.05, 2) < two_stage_size(0.9, 0.05, 3)


def test_the_chance_of_two_stages_is_what_happens() -> None:
    """Of 20,000 samples drawn at random, the share that is accepted is the chance, within its error."""
    dice = random.Random(3)
    accepted = 0
    for _ in range(20_000):
        first = sum(dice.random() < 0.1 for _ in range(12))
        accepted += first == 0 or (first <= 2 and first + sum(dice.random() < 0.1 for _ in range(12)) <= 2)
    assert accepted / 20_000 == pytest.approx(accepted_by_two_stages(12, 2, 2, 0.1), abs=0.012)


def test_limits_after_two_stages_rank_as_the_outcomes_do() -> None:
    """More deviations give a higher limit; what is accepted stays within the tolerable rate, what is not is above it."""
    size = two_stage_size(0.95, 0.05, 2)
    limits = [upper_rate_of_two_stages(0.95, size, 2, *found) for found in ((0, None), (1, 0), (1, 1), (2, 1), (2, 2), (3, None))]
    assert limits == sorted(limits)
    assert limits[2] <= 0.05 < limits[3]
    assert limits[0] == upper_rate(0.95, 0, size)
    assert upper_rate_of_two_stages(0.95, 1, 1, 1, 1) == 1.0
