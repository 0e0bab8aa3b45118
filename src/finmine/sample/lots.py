"""Lots: the fixed slices of cases in which a log is made, each with dice of its own.

Every lot has the same size and draws from generators that are keyed by seed, log, lot and purpose. So a log does not depend
on how many lots are in memory at a time, and a new planting does not move the draws of the others.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

LOT = 20_000
"""Cases in a lot: about a quarter of a million events."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Cases ``first`` to ``first + count - 1`` of a log of ``total`` cases."""

    log: str
    seed: int
    first: int
    count: int
    total: int

    def dice(self, purpose: str) -> np.random.Generator:
        """The random numbers of this lot for one purpose."""
        return np.random.default_rng([self.seed, _key(self.log), _key(purpose), self.first // LOT + 1])

    def common_dice(self, purpose: str) -> np.random.Generator:
        """The random numbers that all lots of the log share, for what does not belong to a case (vendors, people)."""
        return np.random.default_rng([self.seed, _key(self.log), _key(purpose), 0])

    def quantiles(self) -> Floats:
        """Where between 0 and 1 each case begins, ascending over all lots: cases are numbered in the order of their beginning."""
        return (self.first + np.arange(self.count) + self.dice("beginning").random(self.count)) / self.total

    def quota(self, per_thousand: float) -> int:
        """How many of something this lot gets, so that all lots together have ``per_thousand`` for a thousand cases, rounded once."""
        return _rounded(per_thousand, self.first + self.count) - _rounded(per_thousand, self.first)


def lots(log: str, seed: int, total: int) -> Iterator[Lot]:
    """The lots of a log, in order."""
    for first in range(0, total, LOT):
        yield Lot(log, seed, first, min(LOT, total - first), total)


def _key(text: str) -> int:
    return zlib.crc32(text.encode())


def _rounded(per_thousand: float, cases: int) -> int:
    return int(per_thousand * cases / 1000 + 0.5)
