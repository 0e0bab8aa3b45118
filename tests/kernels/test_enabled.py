"""Enabled instants: the definition in plain Python as oracle."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.kernels.unit_columns import Unit, columns, drawn

from finmine.kernels import MISSING
from finmine.kernels.enabled import enabled_instants

CONCURRENT = st.lists(st.sampled_from([(0, 1), (0, 2), (1, 2), (2, 3)]), unique=True)


def defined(units: list[Unit], concurrent: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """For each unit when it was enabled, whether it is a first one, and the position of its enabler."""
    beside = {*concurrent, *((other, one) for one, other in concurrent)}
    positions = columns(units)["position"].tolist()
    found = []
    for unit in units:
        before = [
            (other.time, positions[place])
            for place, other in enumerate(units)
            if other.case == unit.case and other.time < unit.time and other.time <= unit.began and (other.activity, unit.activity) not in beside
        ]
        opening = min(other.began for other in units if other.case == unit.case)
        found.append((before[-1][0], 0, before[-1][1]) if before else (opening, 1, MISSING))
    return found


@given(drawn(), CONCURRENT)
def test_enabled_instants_are_those_of_the_definition(units: list[Unit], concurrent: list[tuple[int, int]]) -> None:
    """Ties, overlaps, zero durations, starts that are missing or too late, any concurrent pairs, two cases in one block."""
    found = enabled_instants(columns(units), concurrent)
    assert list(zip(*(found[name].tolist() for name in ("enabled", "first", "enabler")), strict=True)) == defined(units, concurrent)


def test_instants_far_apart_overflow_nothing() -> None:
    """Cases that lie thousands of years apart do not reach into each other."""
    late = 10**17
    units = [Unit(0, -late, -late, 0), Unit(0, late, late - 1, 1), Unit(1, -late, MISSING, 0), Unit(1, 5 - late, MISSING, 1)]
    assert enabled_instants(columns(units), ())["enabled"].tolist() == [-late, -late, -late, -late]
