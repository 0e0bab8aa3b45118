"""Batches: the definition in plain Python as oracle, and what happens at one instant."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.kernels.unit_columns import Unit, columns, drawn

from finmine.kernels.batches import CONCURRENT, PARALLEL, SEQUENTIAL, batches, sizes_by_gap

Found = dict[tuple[int, int, int], tuple[tuple[int, int], ...]]
"""For each batch (resource, activity, number) its units by case and position."""


def lent(units: list[Unit], enabled: list[int]) -> dict[str, np.ndarray]:
    """The units as the kernel gets them."""
    given = columns(units) | {"enabled": np.array(enabled, dtype=np.int64)}
    order = np.lexsort([given[name] for name in ("position", "case", "time", "start", "activity", "resource")])
    return {name: values[order] for name, values in given.items()}


def members(found: dict[str, np.ndarray]) -> Found:
    """The batches that the kernel found."""
    those: dict[tuple[int, int, int], list[tuple[int, int]]] = defaultdict(list)
    names = ("resource", "activity", "batch", "case", "position")
    for resource, activity, batch, case, position in zip(*(found[name].tolist() for name in names), strict=True):
        those[resource, activity, batch].append((case, position))
    return {key: tuple(units) for key, units in those.items()}


def defined(given: dict[str, np.ndarray], gap: int) -> Found:
    """The same, one unit after the other."""
    rows = list(zip(*(given[name].tolist() for name in ("resource", "activity", "start", "time", "enabled", "case", "position")), strict=True))
    found: Found = {}
    for key in sorted({row[:2] for row in rows}):
        opened: list[list[tuple[int, ...]]] = []
        for row in (row for row in rows if row[:2] == key):
            last = opened[-1] if opened else []
            if last and row[4] <= last[0][2] and row[2] - max(one[3] for one in last) <= gap:
                last.append(row)
            else:
                opened.append([row])
        for number, batch in enumerate(batch for batch in opened if len(batch) > 1):
            found[*key, number] = tuple((row[5], row[6]) for row in batch)
    return found


@given(drawn(usable=True), st.data(), st.integers(0, 3))
def test_batches_are_those_of_the_definition(units: list[Unit], data: st.DataObject, gap: int) -> None:
    """Ties, zero durations and gaps, whatever was enabled when; each batch knows its size, its ends, its type and when it was ready."""
    given = lent(units, [data.draw(st.integers(0, unit.start)) for unit in units])
    found = batches(given, gap)
    expected = defined(given, gap)
    assert members(found) == expected
    facts = dict(zip(zip(given["case"].tolist(), given["position"].tolist(), strict=True), zip(*given.values(), strict=True), strict=True))
    names = ("size", "batch_start", "batch_end", "ready", "type")
    told = {
        key: values
        for key, *values in zip(
            zip(found["case"].tolist(), found["position"].tolist(), strict=True), *(found[n].tolist() for n in names), strict=True
        )
    }
    for units_of in expected.values():
        inside = [dict(zip(given, map(int, facts[unit]), strict=True)) for unit in units_of]
        starts, ends = [one["start"] for one in inside], [one["time"] for one in inside]
        kind = CONCURRENT if any(later < earlier for earlier, later in zip(ends, starts[1:], strict=False)) else SEQUENTIAL
        kind = PARALLEL if len({*starts}) == len({*ends}) == 1 else kind
        assert all(told[unit] == [len(inside), min(starts), max(ends), max(one["enabled"] for one in inside), kind] for unit in units_of)


@given(drawn(usable=True), st.data())
def test_other_gaps_are_told_at_once(units: list[Unit], data: st.DataObject) -> None:
    """For each gap the sizes and the waiting are those of the batches that it gives."""
    given = lent(units, [data.draw(st.integers(0, unit.start)) for unit in units])
    first = np.array([data.draw(st.integers(0, 1)) for _ in units], dtype=np.int64)
    found = sizes_by_gap(given | {"first": first}, (0, 2))
    waits = dict(
        zip(
            zip(given["case"].tolist(), given["position"].tolist(), strict=True),
            zip(given["enabled"].tolist(), first.tolist(), strict=True),
            strict=True,
        )
    )
    expected = []
    for gap in (0, 2):
        for batch in defined(given, gap).values():
            ready = max(waits[unit][0] for unit in batch)
            expected.append((gap, len(batch), sum(ready - since for since, lone in (waits[unit] for unit in batch) if not lone)))
    assert list(zip(*(column.tolist() for column in found.values()), strict=True)) == expected


def test_work_at_one_instant_is_one_batch() -> None:
    """Three payments at nine, all enabled by then, are one batch; the one in the evening is none of it (pm4py parts them)."""
    units = [Unit(case, at, at, 0) for case, at in enumerate([9, 9, 9, 18])]
    assert members(batches(lent(units, [7, 8, 9, 8]), 0)) == {(0, 0, 0): ((0, 1), (1, 1), (2, 1))}


def test_no_units_give_no_batches() -> None:
    """An empty block gives empty columns under all names."""
    one = batches(lent([Unit(0, 1, 0, 0)], [0]), 0)
    assert {name: len(values) for name, values in one.items()} == {name: len(values) for name, values in batches(lent([], []), 0).items()}
