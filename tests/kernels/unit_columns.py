"""Random units as kernels get them: whole cases in their order, with ties, overlaps, zero durations and unusable starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from finmine.kernels import MISSING


class Unit(NamedTuple):
    """A unit in the order of the one total order: case, completion, start."""

    case: int
    time: int
    start: int
    activity: int
    resource: int = 0

    @property
    def began(self) -> int:
        """When it began, its completion where no usable start is known."""
        return self.time if self.start == MISSING or self.start > self.time else self.start


def drawn(*, most: int = 12, usable: bool = False) -> st.SearchStrategy[list[Unit]]:
    """Units in their order; with ``usable`` each has a start no later than its completion."""
    times = st.integers(0, 9)
    starts = times if usable else times | st.just(MISSING)
    some = st.builds(Unit, st.integers(0, 1), times, starts, st.integers(0, 3), st.integers(0, 1))
    kept = some.filter(lambda unit: unit.start <= unit.time) if usable else some
    return st.lists(kept, max_size=most).map(sorted)


def columns(units: Sequence[Unit]) -> dict[str, np.ndarray]:
    """The units as columns, with their position in the case."""
    arrays = {name: np.array([getattr(unit, name) for unit in units], dtype=np.int64) for name in Unit._fields}
    position = [sum(before.case == unit.case for before in units[:place]) + 1 for place, unit in enumerate(units)]
    return arrays | {"position": np.array(position, dtype=np.int64)}
