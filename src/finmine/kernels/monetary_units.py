"""Which cases hold the monetary units that are drawn: the more an amount, the more likely its case.

An amount of at least the interval is drawn for certain. The others lie on a line, in the given order, each as long as its amount:

- *interval*: every interval, from a start within the first, a point is drawn;
- *cell*: in each interval of the line a point of its own is drawn;
- *sieve*: each case has a random number of its own, and is drawn where the interval times this is less than its amount.

Source: D. A. Leslie, A. D. Teitlebaum and R. J. Anderson, Dollar-unit Sampling, 1979 (cell); G. Rietveld, 1978 (sieve).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Whole: TypeAlias = npt.NDArray[np.int64]
Arrays: TypeAlias = Mapping[str, Whole]
Selection: TypeAlias = Literal["interval", "cell", "sieve"]

BITS = 60
"""The random number of a case is a whole number of so many bits."""


@dataclass(frozen=True, slots=True)
class Draw:
    """How units are drawn: the interval in millionths of the currency, how, and the seed from which all chance comes."""

    interval: int
    selection: Selection
    seed: str

    def said(self) -> str:
        """The function with its parameters, as evidence names it."""
        return f"kernels.monetary_units.drawn_cases(how=Draw(interval={self.interval}, selection={self.selection!r}, seed={self.seed!r}))"


def drawn_cases(lent: Arrays, how: Draw) -> Arrays:
    """The cases that are drawn: case, large (1 where it is drawn for certain), hits (how many of its units were drawn; 1 for a large one).

    Args:
        lent: one row for each case, all at once: ``case``, ``chance`` (its random number, after which the rows stand) and ``amount``, positive.
        how: how units are drawn.
    """
    case, amount = lent["case"], lent["amount"]
    large = amount >= how.interval
    rest = np.flatnonzero(~large)
    hit, times = np.unique(np.concatenate([np.flatnonzero(large), rest[_hits(lent["chance"][rest], amount[rest], how)]]), return_counts=True)
    return {"case": case[hit], "large": large[hit].astype(np.int64), "hits": times.astype(np.int64)}


def _hits(chance: Whole, amount: Whole, how: Draw) -> Whole:
    if how.selection == "sieve":
        return np.flatnonzero(chance / 2.0**BITS * how.interval < amount)
    ends = np.cumsum(amount)
    whole = int(ends[-1]) if len(ends) else 0
    cells = range(-(-whole // how.interval))
    start = number_of(f"{how.seed}\nstart") % how.interval
    offsets = (start if how.selection == "interval" else number_of(f"{how.seed}\ncell {cell}") % how.interval for cell in cells)
    points = np.array([cell * how.interval + offset for cell, offset in zip(cells, offsets, strict=True)], dtype=np.int64)
    return np.searchsorted(ends, points[points < whole], side="right")


def number_of(text: str) -> int:
    """The random number of a text: the first 60 bits of its SHA-256."""
    return int(sha256(text.encode()).hexdigest()[: BITS // 4], 16)
