"""A sample: values in ascending order with their ranks and clusters, made once for all comparisons within it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Values in ascending order, and for each the place in what was given (``order``), its rank and its cluster.

    Everything that goes with the values (flags of a group, strata) must be brought into this order first. ``begins`` and
    ``ends`` are, for each value, how many are smaller and how many are not larger; ``ranks`` count from 1, equal values share the
    middle of theirs, and ``spread`` is the sum of the squares of their distances from the mean rank; ``tied`` are the places of those
    that are not alone. ``sizes`` and ``count`` are those of the clusters, and ``single`` says whether each value is a cluster of its own.
    """

    values: Floats
    order: Ints
    begins: Ints
    ends: Ints
    ranks: Floats
    spread: float
    tied: Ints
    clusters: Ints
    sizes: Ints
    count: int
    single: bool

    @classmethod
    def of(cls, values: Floats, clusters: Ints | None = None, places: Ints | None = None) -> Self:
        """The sample of values with their clusters, numbered from 0 without a gap; without them the values are independent.

        ``places`` are those that ``order`` shall name, where the values are a part of more.
        """
        order = np.argsort(values, kind="stable").astype(np.int64)
        ordered = values[order]
        begins = np.searchsorted(ordered, ordered, "left").astype(np.int64)
        ends = np.searchsorted(ordered, ordered, "right").astype(np.int64)
        held = np.arange(len(values)) if clusters is None else clusters[order]
        count = int(held.max(initial=-1)) + 1
        named = order if places is None else places[order]
        ranks = (begins + ends + 1) / 2
        spread = float(np.sum((ranks - (len(values) + 1) / 2) ** 2))
        tied = np.flatnonzero(ends - begins > 1)
        return cls(ordered, named, begins, ends, ranks, spread, tied, held, np.bincount(held, minlength=count), count, count == len(values))

    def placed(self, places: Ints) -> Floats:
        """For each value how many of those at these (ascending) places are smaller, equal ones counting half."""
        edges = np.concatenate(([-1], places, [len(self.values)]))
        before: Floats = np.repeat(np.arange(len(places) + 1, dtype=np.float64), np.diff(edges))  # how many stand before each, and before the end
        tied = (before[self.begins[self.tied]] + before[self.ends[self.tied]]) / 2
        before[places] += 0.5
        before[self.tied] = tied
        return before[:-1]
