"""What cases can be told apart by: every set of cases with something in common, each set once.

A feature that holds for the same cases as an earlier one, or for all the others, tells nothing more and is left out: a
family of tests must not count one question twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Whole: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """A feature of a kind, told from its smaller side: the cases that have it, or those ``without``.

    ``having`` has a flag for each code of the column of that name: whether the ``cases`` with that code are on that side.
    """

    kind: int
    first: int
    second: int
    column: str
    having: Flags
    cases: int
    without: bool


def of_features(paths: Whole, features: Mapping[str, Whole], least: Mapping[int, int], column: str = "path") -> Iterator[Exposure]:
    """The exposures of paths (or of cases, where ``column`` names their codes), by kind and then by code.

    Args:
        paths: the code of the path of each case, from 0 without a gap.
        features: one row for each feature of a path: ``path``, ``kind``, ``first``, ``second``.
        least: for each kind that is told how many cases must have a feature, and as many not have it.
        column: of what the codes are.
    """
    counts = np.bincount(paths)
    every, seen = int(counts.sum()), set[bytes]()
    keys = np.stack([features[name] for name in ("kind", "first", "second")])
    order = np.lexsort(keys[::-1])
    changed = np.flatnonzero((np.diff(keys[:, order], axis=1) != 0).any(axis=0)) + 1
    for rows in np.split(order, changed):
        if not len(rows):
            continue
        kind, first, second = (int(key) for key in keys[:, rows[0]])
        cases = int(counts[features["path"][rows]].sum())
        if kind not in least or min(cases, every - cases) < least[kind]:
            continue
        having = np.zeros(len(counts), dtype=bool)
        having[features["path"][rows]] = True
        one = _smaller_side(Exposure(kind, first, second, column, having, cases, False), every)
        packed = np.packbits(one.having if 2 * cases != every or one.having[0] else ~one.having).tobytes()
        if packed not in seen:
            seen.add(packed)
            yield one


def of_values(column: str, kind: int, codes: Whole, least: int) -> Iterator[Exposure]:
    """The exposures of an attribute: each of its values (a code from 0) that enough cases have, and enough others do not."""
    counts = np.bincount(codes)
    for code, cases in enumerate(counts.tolist()):
        if min(cases, len(codes) - cases) >= least:
            yield _smaller_side(Exposure(kind, code, -1, column, np.arange(len(counts)) == code, cases, False), len(codes))


def of_limits(column: str, kind: int, codes: Whole, least: int) -> Iterator[Exposure]:
    """The exposures of a number, whose code is how many limits it is above: being above each that enough are above, and enough are not."""
    counts = np.bincount(codes)
    above = np.cumsum(counts[::-1])[::-1]
    for limit in range(1, len(counts)):
        cases = int(above[limit])
        if counts[limit - 1] and min(cases, len(codes) - cases) >= least:
            yield Exposure(kind, limit - 1, -1, column, np.arange(len(counts)) >= limit, cases, False)


def _smaller_side(one: Exposure, every: int) -> Exposure:
    if 2 * one.cases <= every:
        return one
    return replace(one, having=~one.having, cases=every - one.cases, without=True)
