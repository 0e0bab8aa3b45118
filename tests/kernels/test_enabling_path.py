"""The enabling path: it adds up whatever overlaps, and parts in equal shares."""

from __future__ import annotations

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st
from tests.kernels.unit_columns import Unit, columns, drawn

from finmine.kernels import MISSING
from finmine.kernels.enabling_path import GAP, START_LAG, WAITING, WORK, enabling_path

CONCURRENT = st.lists(st.sampled_from([(0, 1), (0, 2), (1, 2), (2, 3)]), unique=True)
A, B, C, D, P, Q = range(6)


def charges(units: list[Unit], concurrent: list[tuple[int, int]]) -> dict[int, Counter[tuple[int, int, int]]]:
    """For each case its charges by kind, source and activity."""
    found = enabling_path(columns(units), concurrent)
    told: dict[int, Counter[tuple[int, int, int]]] = defaultdict(Counter)
    for case, kind, source, activity, charge in zip(*(column.tolist() for column in found.values()), strict=True):
        assert charge > 0
        told[case][kind, source, activity] += charge
    return told


def test_the_worked_example() -> None:
    """B runs beside C and is done in time: of 70 the path charges A 10, C 5 of waiting and 35 of work, D 10 and 10 (all waits and work are 100)."""
    units = [Unit(0, 10, 0, A), Unit(0, 40, 10, B), Unit(0, 50, 15, C), Unit(0, 70, 60, D)]
    expected = {(WORK, MISSING, A): 10, (WAITING, A, C): 5, (WORK, MISSING, C): 35, (WAITING, C, D): 10, (WORK, MISSING, D): 10}
    assert charges(units, [(B, C)]) == {0: expected}


@given(drawn(), CONCURRENT)
def test_the_charges_of_a_case_add_up_to_its_time(units: list[Unit], concurrent: list[tuple[int, int]]) -> None:
    """Ties, overlaps, zero durations, unknown starts: the sum is the throughput time to the microsecond, and no charge is negative."""
    found = charges(units, concurrent)
    for case in {unit.case for unit in units}:
        those = [unit for unit in units if unit.case == case]
        assert found[case].total() == max(unit.time for unit in those) - min(unit.began for unit in those)


@given(drawn(most=7), CONCURRENT, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(units: list[Unit], concurrent: list[tuple[int, int]], random: object) -> None:
    """Units that were completed and begun at one instant may stand in any order."""
    mixed = sorted(random.sample(units, len(units)), key=lambda unit: unit[:3])  # type: ignore[attr-defined]
    assert charges(mixed, concurrent) == charges(units, concurrent)


def test_a_path_that_parts_is_shared_in_whole_microseconds() -> None:
    """Two last units share the end, three enablers share a wait of 10, the odd microsecond goes to the first of them."""
    units = [Unit(0, 0, 0, A), Unit(0, 0, 0, B), Unit(0, 0, 0, C), Unit(0, 10, 10, D)]
    assert charges(units, []) == {0: {(WAITING, A, D): 4, (WAITING, B, D): 3, (WAITING, C, D): 3}}
    ends = [Unit(0, 10, 0, A), Unit(0, 15, 10, B), Unit(0, 15, 12, C)]
    assert charges(ends, []) == {0: {(WORK, MISSING, A): 10, (WORK, MISSING, B): 3, (WAITING, A, C): 1, (WORK, MISSING, C): 1}}


def test_what_is_before_a_first_unit_is_start_lag_and_before_an_unknown_start_a_gap() -> None:
    """The end is enabled by nothing before it and began late; of a unit without start nobody can say what was work."""
    assert charges([Unit(0, 5, 0, P), Unit(0, 9, 4, Q)], []) == {0: {(START_LAG, MISSING, Q): 4, (WORK, MISSING, Q): 5}}
    assert charges([Unit(0, 5, 0, P), Unit(0, 9, MISSING, Q)], []) == {0: {(WORK, MISSING, P): 5, (GAP, P, Q): 4}}
