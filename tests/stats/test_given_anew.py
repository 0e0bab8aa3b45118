"""Values given anew at random, clusters whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.stats.given_anew import given_anew


@settings(max_examples=30)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(0, 99))
def test_independent_values_are_permuted(values: list[int], seed: int) -> None:
    """Each draw holds every value as often as it was given."""
    drawn = given_anew(np.array(values, dtype=float), None, 3, np.random.default_rng(seed))
    assert all(sorted(column) == sorted(values) for column in drawn.T.tolist())


@settings(max_examples=30)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), st.integers(0, 99))
def test_clusters_take_the_values_of_others_of_their_size(clusters: list[int], seed: int) -> None:
    """What a cluster is given are values of one cluster whose size is within a factor of two, each as often as it has room for."""
    held = np.array(clusters)
    values = held * 1000.0 + np.arange(len(held))  # a value tells its cluster
    sizes = {code: clusters.count(code) for code in set(clusters)}
    for column in given_anew(values, held, 3, np.random.default_rng(seed)).T:
        for code, size in sizes.items():
            given_to = column[held == code].tolist()
            donors = {int(value) // 1000 for value in given_to}
            assert len(donors) == 1
            (donor,) = donors
            assert size.bit_length() == sizes[donor].bit_length()
            assert len(set(given_to)) == min(size, sizes[donor])


def test_clusters_of_one_size_change_places() -> None:
    """Each of five equal clusters comes first about as often, in any order of its values."""
    held = np.repeat(np.arange(5), 3)
    drawn = given_anew(held.astype(float), held, 1000, np.random.default_rng(1))
    first = np.bincount(drawn[0].astype(int), minlength=5)
    assert (np.abs(first - 200) < 60).all()
    order = given_anew(np.arange(15.0), held, 300, np.random.default_rng(1))
    assert len({tuple(column[:3] % 3) for column in order.T}) == 6
