"""The second door: what kernels get and what becomes of what they return."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.arrays import Arrays, through
from finmine.kernels import MISSING
from finmine.relations.units import units
from finmine.testing import log
from finmine.words import HOUR

LOG = """
a: x@0h/ann, y@1h/bob, z@3h
b: x@1h/ann
c: y@2h/bob, y@2h/bob
"""


def gaps(lent: Arrays) -> Arrays:
    """For each unit the time since the one before it in the case, missing for the first."""
    case, time = lent["case"], lent["time"]
    since = np.full(len(case), MISSING)
    same = case[1:] == case[:-1]
    since[1:][same] = (time[1:] - time[:-1])[same]
    return {"case": case, "position": lent["position"], "since": since}


@pytest.mark.parametrize("block", [1, 2, 3, 100])
def test_partitions_are_whole_wherever_blocks_are_cut(block: int) -> None:
    """A kernel that looks at the rows of a partition gives the same table and the same hashes whatever the size of blocks; missing stays missing."""
    written = log(LOG)
    columns = units(written).select("case", "position", "time", "resource")
    sizes = []

    def watched(lent: Arrays) -> Arrays:
        sizes.append(len(lent["case"]))
        return gaps(lent)

    lent = through(written.engine, columns, watched, by=["case"], order=["position"], noun="gaps", said="gaps", block=block)
    whole = through(written.engine, columns, gaps, by=["case"], order=["position"], noun="gaps", said="gaps")
    assert sum(sizes) == lent.rows == 6
    found = written.fetch(lent.table.order_by("case", "position")).tuples()
    assert found == ((0, 1, None), (0, 2, 3_600_000_000), (0, 3, 7_200_000_000), (1, 1, None), (2, 1, None), (2, 2, 0))
    assert (lent.input_sha256, lent.output_sha256) == (whole.input_sha256, whole.output_sha256)


def test_missing_values_come_as_the_least_whole_number() -> None:
    """A unit without resource has MISSING in the array of resources, and what a kernel returns as MISSING is missing in the table."""
    written = log(LOG)
    seen: list[int] = []

    def kernel(lent: Arrays) -> Arrays:
        seen.extend(int(value) for value in lent["resource"])
        return {"row": lent["row"], "resource": lent["resource"]}

    lent = through(written.engine, units(written).select("row", "resource"), kernel, by=[], order=["row"], noun="seen", said="kernel")
    assert seen.count(MISSING) == 1
    assert written.fetch(lent.table.filter(lent.table.resource.isnull())).column("row") == (3,)


def test_a_log_without_rows_reaches_the_kernel_once() -> None:
    """Where no row is left, the kernel gets one empty block, so that its table is there with its columns."""
    written = log(LOG)
    nothing = units(written).filter(lambda these: these.position > 9).select("case", "position", "time")
    lent = through(written.engine, nothing, gaps, by=["case"], order=["position"], noun="gaps", said="gaps")
    assert written.fetch(lent.table).names == ("case", "position", "since")
    assert lent.rows == 0


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(1, 9))
def test_each_block_holds_whole_partitions(keys: list[int], block: int) -> None:
    """However the rows fall into partitions, no partition is in two blocks, and no row is lost."""
    written = log("a: " + (", ".join(f"x@{key}h" for key in keys) or "x@0h"))
    seen: list[set[int]] = []

    def kernel(lent: Arrays) -> Arrays:
        seen.append(set(lent["part"].tolist()))
        return dict(lent)

    these = units(written).select("position", part=lambda rows: rows.time // HOUR)
    lent = through(written.engine, these, kernel, by=["part"], order=["position"], noun="parts", said="kernel", block=block)
    assert lent.rows == max(len(keys), 1)
    assert sum(map(len, seen)) == len(set().union(*seen))
