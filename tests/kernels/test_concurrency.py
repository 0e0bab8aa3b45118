"""The concurrency oracle: the peer's heuristics in plain Python, and what the added conditions keep and reject."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.kernels.unit_columns import Unit, columns, drawn

from finmine.kernels.concurrency import Oracle, overlaps, side_by_side

HEURISTICS = Oracle(strict=False)


def counted(traces: list[str]) -> Counter[str]:
    """How often each two and three letters stand next to one another."""
    pairs = Counter(one + other for trace in traces for one, other in pairwise(trace))
    return pairs + Counter(trace[place : place + 3] for trace in traces for place in range(len(trace) - 2))


def concurrent(traces: list[str], how: Oracle) -> set[str]:
    """The pairs that the kernel takes for concurrent, by their letters."""
    seen = counted(traces)
    letters = sorted({letter for trace in traces for letter in trace})
    pairs = [(one, other) for one in letters for other in letters if one < other]
    columns = {
        "forth": [seen[one + other] for one, other in pairs],
        "back": [seen[other + one] for one, other in pairs],
        "turns": [seen[one + other + one] + seen[other + one + other] for one, other in pairs],
        "first_again": [seen[2 * one] for one, _ in pairs],
        "second_again": [seen[2 * other] for _, other in pairs],
    }
    found = side_by_side({name: np.array(values, dtype=np.int64) for name, values in columns.items()}, how)
    return {one + other for (one, other), kept in zip(pairs, found.tolist(), strict=True) if kept}


def peer(traces: list[str]) -> set[str]:
    """The heuristics as pix-framework has them."""
    seen = counted(traces)
    letters = sorted({letter for trace in traces for letter in trace})
    found = set()
    for one in letters:
        for other in letters:
            forth, back, turns = seen[one + other], seen[other + one], seen[one + other + one] + seen[other + one + other]
            short = all(seen[2 * each] / (seen[2 * each] + 1) < 0.9 for each in (one, other))
            loop = turns / (turns + 1) if short else 0
            if one < other and forth > 0 and back > 0 and loop < 0.9 and abs((forth - back) / (forth + back + 1)) < 0.9:
                found.add(one + other)
    return found


@given(st.lists(st.text("ABC", max_size=7), max_size=15))
def test_the_heuristics_are_those_of_the_peer(traces: list[str]) -> None:
    """Without finmine's own conditions the pairs are those of pix-framework; with them there are none that it has not."""
    assert concurrent(traces, HEURISTICS) == peer(traces)
    assert concurrent(traces, Oracle()) <= peer(traces)


def test_rework_is_not_concurrency() -> None:
    """A correction after a check that leads back to the check makes the heuristics take both for concurrent; the added conditions do not."""
    rework = [*["SABC"] * 20, *["SABABC"] * 4]
    assert concurrent(rework, HEURISTICS) == {"AB"}
    assert concurrent(rework, Oracle()) == set()
    clean = [*["SABC"] * 50, *["SABABC"] * 20]
    assert concurrent(clean, HEURISTICS) == set()
    assert concurrent([*clean, *["SABBBBC"] * 10], HEURISTICS) == {"AB"}
    assert concurrent([*clean, *["SABBBBC"] * 10], Oracle()) == set()


def test_parallel_work_is_kept_and_noise_is_not() -> None:
    """Two activities in either order, 57 to 43 or 90 to 10, are concurrent; two swaps in a hundred are not."""
    for often, seldom in ((57, 43), (90, 10)):
        assert concurrent([*["SABC"] * often, *["SBAC"] * seldom], Oracle()) == {"AB"}
    assert concurrent([*["SABC"] * 98, *["SBAC"] * 2], Oracle()) == set()


@given(drawn())
def test_overlaps_are_those_of_the_definition(units: list[Unit]) -> None:
    """A unit overlaps with one of another activity that begins before it ends and ends after it begins, in the same case."""
    pairs = [(0, 1), (2, 0)]
    found = overlaps(columns(units), pairs)
    for place, (first, second) in enumerate(pairs):
        mine, others = ([unit for unit in units if unit.activity == activity] for activity in (first, second))
        met = [unit for unit in mine if any(other.case == unit.case and other.began < unit.time and unit.began < other.time for other in others)]
        assert found["overlapping"][place] == len(met)
