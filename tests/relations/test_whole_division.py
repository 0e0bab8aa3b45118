"""Division in the engine, against Python's own."""

from __future__ import annotations

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.engine import Engine
from finmine.relations.whole_division import WHOLE, quotient

MOST = 10**37


@pytest.fixture(scope="module")
def engine() -> Engine:
    """One engine for all examples."""
    return Engine()


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, MOST) | st.integers(0, 10**6), st.integers(1, 10**18) | st.integers(1, 1000)), min_size=1, max_size=20))
def test_quotients_are_exact(engine: Engine, pairs: list[tuple[int, int]]) -> None:
    """How often one whole number goes into another is what Python finds, for numbers far beyond what floating point holds."""
    name = engine.name("numbers")
    columns = {"a": pa.array([a for a, _ in pairs], pa.decimal128(38, 0)), "b": pa.array([b for _, b in pairs], pa.decimal128(38, 0))}
    engine.append(name, pa.table(columns), "*")
    table = ibis.table({"a": WHOLE, "b": WHOLE}, name=name)
    found = engine.fetch(quotient(table, "a", "b", "times"))
    assert [*map(int, map(str, found.column("a")))] == [a for a, _ in pairs]
    assert [*map(int, map(str, found.column("times")))] == [a // b for a, b in pairs]
    by_seven = engine.fetch(quotient(table, "a", 7, "times"))
    assert [*map(int, map(str, by_seven.column("times")))] == [a // 7 for a, _ in pairs]
