"""Effects within strata: what is pooled, what depends, and when the sign turns."""

from __future__ import annotations

import numpy as np
import pytest

from finmine.stats.replicates import Draws
from finmine.stats.sample import Flags, Floats, Ints, Sample
from finmine.stats.shift_interval import shift_interval
from finmine.stats.strata import Stratified, stratified
from finmine.stats.two_groups import shift_limits


def put(values: Floats, first: Flags, strata: Ints, clusters: Ints | None = None) -> tuple[Stratified, Sample, Flags]:
    """The effect in strata, and the sample with its group."""
    made = Sample.of(values, clusters)
    found = stratified(made, first[made.order], strata[made.order])
    assert found is not None
    return found, made, first[made.order]


def confounded(rng: np.random.Generator, effect: float = -2.0) -> tuple[Floats, Flags, Ints]:
    """A group that takes two days less everywhere, and is mostly used where everything takes ten days longer."""
    strata = rng.integers(0, 3, 600)
    first = rng.random(600) < np.array([0.1, 0.5, 0.9])[strata]
    return 10.0 * strata + effect * first + rng.normal(0, 2, 600), first, strata


def test_the_planted_effect_is_found_where_the_raw_one_has_the_wrong_sign() -> None:
    """Raw, the group takes longer; within strata it takes two days less: that is Simpson's paradox, and said to be it."""
    found, made, flags = put(*confounded(np.random.default_rng(1)))
    raw = shift_interval(made, flags, Draws.of(made, seed=1))
    assert raw.beyond_zero == 1
    assert found.pooled is not None
    assert found.pooled.low is not None
    assert found.pooled.high is not None
    assert found.pooled.low < -2 < found.pooled.high < 0
    assert found.opposes(raw)
    assert found.p < 1e-6
    assert found.cases == flags.sum()


def test_an_effect_that_goes_both_ways_is_not_pooled() -> None:
    """Longer in one stratum and shorter in two others is interaction, not Simpson's paradox: it depends, and there is no one number."""
    rng = np.random.default_rng(2)
    strata, first = rng.integers(0, 3, 600), rng.random(600) < 0.5
    found, made, flags = put(first * np.array([15.0, -3, -3])[strata] + rng.normal(0, 2, 600), first, strata)
    assert found.pooled is None
    assert not found.opposes(shift_interval(made, flags, Draws.of(made, seed=1)))
    assert [stratum.effect.beyond_zero for stratum in found.strata] == [1, -1, -1]
    assert found.i_squared > 0.9
    assert found.p_different < 1e-6


def test_strata_that_agree_differ_by_chance_only() -> None:
    """With one effect everywhere Cochran's test rejects about as often as it says, and I² is small."""
    rng = np.random.default_rng(3)
    rejected = sum(put(*confounded(rng))[0].p_different <= 0.05 for _ in range(60))
    assert rejected <= 8


def test_pooling_is_the_weighted_mean() -> None:
    """The pooled effect is the mean of the shifts weighted by the inverse of the squares of their intervals' widths."""
    found, _, _ = put(*confounded(np.random.default_rng(4)))
    widths = np.array([(stratum.effect.high or 0) - (stratum.effect.low or 0) for stratum in found.strata])
    values = np.array([stratum.effect.value for stratum in found.strata])
    assert found.pooled is not None
    assert found.pooled.value == pytest.approx(np.average(values, weights=1 / widths**2))


def test_van_elteren_of_one_stratum_is_mann_and_whitney() -> None:
    """In one stratum the test is theirs without the correction for continuity; a stratum without enough of both is left out."""
    from scipy.stats import mannwhitneyu

    rng = np.random.default_rng(5)
    values, first = rng.integers(0, 9, 60).astype(float), rng.random(60) < 0.4
    strata = np.zeros(60, dtype=np.int64)
    found, _, _ = put(values, first, strata)
    assert found.p == pytest.approx(mannwhitneyu(values[first], values[~first], method="asymptotic", use_continuity=False).pvalue)
    alone = np.concatenate((strata, np.ones(30, dtype=np.int64)))
    again, _, _ = put(np.concatenate((values, np.full(30, 99.0))), np.concatenate((first, np.ones(30, dtype=bool))), alone)
    assert (again.p, len(again.strata)) == (found.p, 1)
    made = Sample.of(values)
    assert stratified(made, first, np.arange(60)) is None


@pytest.mark.parametrize("clustered", [False, True])
def test_limits_by_the_test_are_near_those_of_the_bootstrap(clustered: bool) -> None:
    """The shifts that the test does not reject lie between limits that differ from the bootstrap's by a fifth of the width at most."""
    rng = np.random.default_rng(6)
    clusters = np.repeat(np.arange(40), 10)
    values, first = rng.normal(size=40)[clusters] + rng.normal(size=400), rng.random(400) < 0.5
    made = Sample.of(values + first, clusters if clustered else None)
    tested, drawn = shift_limits(made, first[made.order]), shift_interval(made, first[made.order], Draws.of(made, seed=1))
    assert tested.value == drawn.value
    width = (drawn.high or 0) - (drawn.low or 0)
    assert [tested.low, tested.high] == pytest.approx([drawn.low, drawn.high], abs=0.2 * width)
