"""A family of comparisons: what is found in it, what the other half confirms, and what is shown."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from finmine.stats.path_effects import LEVEL, Family, halves_by_cluster, halves_by_time
from finmine.stats.sample import Flags, Floats


def family(values: Floats, *exposures: Flags, second: Flags | None = None, rates: bool = False) -> Family:
    """A family of independent cases, every other one in the second half."""
    halves = np.arange(len(values)) % 2 == 1 if second is None else second
    return Family(values, None, halves, [partial(np.asarray, one) for one in exposures], rates)


def test_a_real_effect_is_discovered_and_confirmed_and_chance_is_not() -> None:
    """Of one shifted exposure among forty idle ones, the first is found in both halves, with its shift and burden."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=800)
    flags = [rng.random(800) < 0.3 for _ in range(41)]
    values[flags[0]] += 1
    these = family(values, *flags)
    tested = these.tested()
    assert tested[0].verdict == "confirmed"
    assert [one.place for one in tested if one.q <= LEVEL] == [0]
    assert sum(one.verdict == "confirmed" for one in tested) == 1
    (effect,) = these.effects(tested[:1], 5)
    assert effect.shift.low is not None
    assert effect.shift.high is not None
    assert effect.shift.low < 1 < effect.shift.high
    assert effect.burden == pytest.approx(effect.shift.value * flags[0].sum())


def test_what_only_the_first_half_shows_is_not_confirmed() -> None:
    """An effect that ends in the middle is discovered, and not confirmed; a group of few in a half is said to be too small."""
    rng = np.random.default_rng(2)
    late = np.arange(400) >= 200
    gone, rare = rng.random(400) < 0.4, np.zeros(400, dtype=bool)
    rare[:6] = True
    values = rng.normal(size=400) + np.where(gone & ~late, 2.0, 0.0)
    assert [one.verdict for one in family(values, gone, rare, second=late).tested()] == ["not confirmed", "too few in a half"]


def test_nearly_the_same_cases_are_told_once_and_large_burdens_first() -> None:
    """Of two exposures that share nine tenths of their cases one is told; a small effect on many cases stands before a large one on few."""
    values = np.arange(400) % 100 / 100
    many, few = np.arange(400) < 180, np.arange(400) >= 390
    values = values + 2.0 * many + 20.0 * few
    nearly = many.copy()
    nearly[:5] = False
    these = family(values, few, nearly, many)
    assert [(effect.tested.place, effect.alike) for effect in these.effects(these.tested(), 5)] == [(2, (1,)), (0, ())]
    assert [(effect.tested.place, effect.alike) for effect in these.effects(these.tested(), 1)] == [(2, (1,))]


def test_rates_shift_by_their_difference() -> None:
    """An outcome of 0 and 1 is told by the difference of the rates with Newcombe's interval."""
    values, first = np.repeat([1.0, 0, 1, 0], [56, 14, 48, 32]), np.repeat([True, False], [70, 80])
    these = family(values, first, rates=True)
    (effect,) = these.effects(these.tested(), 1)
    assert [effect.shift.value, effect.shift.low, effect.shift.high] == pytest.approx([0.2, 0.0524, 0.3339], abs=5e-5)


def test_halves_cut_no_cluster_and_no_moment() -> None:
    """Clusters go to one half as a whole, cases that began at one time too, and the halves are about equal."""
    clusters = np.random.default_rng(1).integers(0, 50, 1000)
    second = halves_by_cluster(clusters)
    assert all(len(set(second[clusters == cluster])) == 1 for cluster in range(50))
    assert 400 <= second.sum() <= 600
    assert halves_by_time(np.array([5, 1, 3, 3, 9])).tolist() == [True, False, False, False, True]


def test_a_family_of_nothing_is_empty() -> None:
    """Without exposures nothing was tested."""
    assert family(np.arange(10.0)).tested() == ()
