"""Intervals of ranks: draws of clusters, by brute force and by what must hold of them."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.kernels.rank_intervals import ACTIVITY, EDGE, Arrays, Draws, rank_intervals

Row = tuple[int, int, int, int]
"""Target, source, cluster, time."""

tables = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(-1, 3), st.integers(0, 6)), st.integers(-5, 10**6), min_size=1, max_size=25)


def lent(rows: list[Row]) -> Arrays:
    """Rows as columns in the order in which the kernel wants them."""
    columns = zip(("target", "source", "cluster", "time"), zip(*sorted(rows), strict=True), strict=True)
    return {name: np.array(values, dtype=np.int64) for name, values in columns}


def found(arrays: Arrays) -> dict[tuple[int, int, int], tuple[int, int]]:
    """The interval of each edge and activity."""
    rows = zip(*(arrays[name].tolist() for name in ("kind", "source", "target", "low", "high")), strict=True)
    return {(kind, source, target): (low, high) for kind, source, target, low, high in rows}


def drawn(rows: list[Row], how: Draws) -> dict[tuple[int, int, int], tuple[int, int]]:
    """The same in plain Python: clusters drawn, times added, ranks counted, one after the other."""
    clusters = sorted({row[2] for row in rows})
    chance = np.random.default_rng(how.seed)
    ranks: dict[tuple[int, int, int], list[int]] = {}
    for _ in range(how.number):
        times = Counter(clusters[place] for place in chance.integers(len(clusters), size=len(clusters)).tolist())
        edges: dict[tuple[int, int, int], int] = {}
        activities: dict[tuple[int, int, int], int] = {}
        for target, source, cluster, time in rows:
            for totals, key in ((edges, (EDGE, source, target)), (activities, (ACTIVITY, -1, target))):
                totals[key] = totals.get(key, 0) + times[cluster] * time
        for totals in (edges, activities):
            for key, total in totals.items():
                ranks.setdefault(key, []).append(1 + sum(other > total for other in totals.values()))
    outer = int(0.025 * (how.number - 1))
    return {key: (sorted(each)[outer], sorted(each)[-1 - outer]) for key, each in ranks.items()}


@settings(max_examples=20)
@given(tables, st.integers(0, 99))
def test_it_equals_brute_force(times: dict[tuple[int, int, int], int], seed: int) -> None:
    """Vectorised draws give what drawing, adding and counting one by one gives."""
    rows, how = [(*key, time) for key, time in times.items()], Draws(40, seed)
    assert found(rank_intervals(lent(rows), how)) == drawn(rows, how)


def test_what_is_always_first_is_first_in_every_draw() -> None:
    """An edge with more time in every case has the interval 1 to 1; two that lead in half of the cases each have 1 to 2."""
    sure = [(1, 0, case, 100) for case in range(50)] + [(2, 0, case, 1) for case in range(50)]
    assert found(rank_intervals(lent(sure), Draws()))[EDGE, 0, 1] == (1, 1)
    open_race = [(1 + case % 2, 0, case, 100) for case in range(50)]
    assert {found(rank_intervals(lent(open_race), Draws()))[EDGE, 0, target] for target in (1, 2)} == {(1, 2)}


def test_equals_share_a_rank() -> None:
    """Two edges that split each time equally are both first in every draw, however large the times are."""
    halves = [(target, 0, case, 2**60 + case) for target in (1, 2) for case in range(9)]
    assert set(found(rank_intervals(lent(halves), Draws())).values()) == {(1, 1)}


def test_nothing_has_no_ranks() -> None:
    """Where there are no rows there are no intervals."""
    empty = {name: np.zeros(0, dtype=np.int64) for name in ("target", "source", "cluster", "time")}
    assert found(rank_intervals(empty, Draws())) == {}


def test_the_interval_covers_the_true_rank() -> None:
    """Of 100 logs of 60 cases drawn from one process, the interval of the edge that is truly second holds rank 2 in at least nine of ten."""
    chance, held = np.random.default_rng(5), 0
    for _ in range(100):
        draws = {target: chance.gamma(2, mean, size=60).astype(int).tolist() for target, mean in ((1, 900), (2, 700), (3, 600))}
        rows = [(target, 0, case, time) for target, times in draws.items() for case, time in enumerate(times)]
        low, high = found(rank_intervals(lent(rows), Draws(100)))[EDGE, 0, 2]
        held += low <= 2 <= high
    assert held >= 90
