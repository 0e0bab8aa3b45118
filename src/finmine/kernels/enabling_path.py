"""The enabling path of each case: the chain of units that enabled one another up to its end, to which all of its throughput time belongs.

The path is walked back from the last completion: the unit is charged with its work, what lies before that with waiting for the unit
that enabled it, and so on to a first unit, whose start lag is what remains to the start of the case. Side branches that were done
in time are charged nothing. So the charges of a case add up to its throughput time exactly, whatever overlaps, and none is
negative: sums of all waits do neither.

Where several units were completed at the last instant, or several that were completed at one instant enable a unit, the path
parts and each branch has an equal share. In such cases charges are summed by their labels first; whole microseconds that no equal
share can have go to the first labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from finmine.kernels import MISSING
from finmine.kernels.enabled import enablers
from finmine.kernels.stamps import first_of, places, usable_starts

Whole: TypeAlias = npt.NDArray[np.int64]
Arrays: TypeAlias = Mapping[str, Whole]
Pairs: TypeAlias = Sequence[tuple[int, int]]
Label: TypeAlias = tuple[int, int, int]
"""The kind of a charge, the activity that enabled (missing where none did), and the activity that is charged."""

START_LAG, WAITING, GAP, WORK = 0, 1, 2, 3
"""What is charged; a gap where the start of the unit is not known: it holds waiting and work alike."""


def enabling_path(lent: Arrays, concurrent: Pairs) -> dict[str, Whole]:
    """The charges of each case: case, kind, source (the activity that enabled, missing where none did), activity, charge; none of them is 0.

    Args:
        lent: units in the order of case and position, whole cases at a time: ``case``, ``activity``, ``start`` (may be missing) and ``time``.
        concurrent: the pairs of concurrent activities, by code.
    """
    case, activity, time = lent["case"], lent["activity"], lent["time"]
    began, enabler = usable_starts(lent["start"], time), enablers(lent, concurrent)
    known = (lent["start"] != MISSING) & (lent["start"] <= time)
    opening, tie = first_of(case), places(case, began, time)[1]
    on_path = _walked(enabler, np.append(case[1:] != case[:-1], True) if len(case) else np.zeros(0, dtype=bool))
    several = np.bincount(tie, minlength=len(case))[tie] > 1
    parted = np.isin(opening, opening[on_path & several])
    alone = np.flatnonzero(on_path & ~parted)
    started = _starts_of(opening, began)
    until = np.where(enabler < 0, started, time[enabler])
    source = np.where(enabler < 0, MISSING, activity[enabler])
    before = np.where(known, np.where(enabler < 0, START_LAG, WAITING), GAP)
    charged: list[tuple[Whole, ...]] = [
        (case[alone], before[alone], source[alone], activity[alone], (began - until)[alone]),
        (case[alone], np.full(len(alone), WORK), np.full(len(alone), MISSING), activity[alone], (time - began)[alone]),
    ]
    beside = {*concurrent, *((other, one) for one, other in concurrent)}
    rows = np.flatnonzero(parted)
    columns = [column[rows].tolist() for column in (opening, tie, activity, began, time, enabler, started, before)]
    shared = [
        (int(case[first]), *label, charge)
        for first, units in _cases(rows.tolist(), columns)
        for label, charge in _whole(_shares(units, beside)).items()
    ]
    charged.append(tuple(np.array(shared, dtype=np.int64).reshape(-1, 5).T))
    joined = [np.concatenate(column) for column in zip(*charged, strict=True)]
    kept = joined[4] != 0
    return dict(zip(("case", "kind", "source", "activity", "charge"), (column[kept] for column in joined), strict=True))


def _walked(enabler: Whole, last: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The rows on the path back from the last row of each case; who enables stands before whom it enables."""
    on_path, before = last.tolist(), enabler.tolist()
    for row in range(len(on_path) - 1, -1, -1):
        if on_path[row] and before[row] >= 0:
            on_path[before[row]] = True
    return np.array(on_path, dtype=bool)


def _starts_of(opening: Whole, began: Whole) -> Whole:
    """When the case of each row started."""
    if not len(opening):
        return began
    firsts, case = np.unique(opening, return_inverse=True)
    return np.minimum.reduceat(began, firsts)[case]


def _cases(rows: list[int], columns: list[list[int]]) -> Iterator[tuple[int, dict[int, list[int]]]]:
    """The units of each case by row, with the first row of the case."""
    numbered = zip(rows, zip(*columns, strict=True), strict=True)
    for first, those in groupby(numbered, key=lambda numbered: numbered[1][0]):
        yield first, {row: unit for row, (_, *unit) in those}


def _shares(units: dict[int, list[int]], beside: set[tuple[int, int]]) -> dict[Label, Fraction]:
    """The charges of one case by label; the units by row, in their order."""
    of_tie: dict[int, list[int]] = {}
    for row, unit in units.items():
        of_tie.setdefault(unit[0], []).append(row)
    last = of_tie[max(of_tie)]
    weight = dict.fromkeys(last, Fraction(1, len(last)))
    found: dict[Label, Fraction] = {}

    def charge(label: Label, time: Fraction) -> None:
        found[label] = found.get(label, Fraction(0)) + time

    for row in reversed(units):
        if row not in weight:
            continue
        activity, began, ended, enabler, started, before = units[row][1:]
        charge((WORK, MISSING, activity), weight[row] * (ended - began))
        if enabler < 0:
            charge((before, MISSING, activity), weight[row] * (began - started))
            continue
        those = [other for other in of_tie[units[enabler][0]] if (units[other][1], activity) not in beside]
        for other in those:
            part = weight[row] / len(those)
            charge((before, units[other][1], activity), part * (began - units[other][3]))
            weight[other] = weight.get(other, Fraction(0)) + part
    return found


def _whole(shares: Mapping[Label, Fraction]) -> dict[Label, int]:
    """The charges as whole numbers with the same sum: what is left over goes to the first labels that have a part of one."""
    whole = {label: int(charge) for label, charge in shares.items()}
    left = int(sum(shares.values()) - sum(whole.values()))
    parts = sorted(label for label, charge in shares.items() if charge != whole[label])
    return whole | {label: whole[label] + 1 for label in parts[:left]}
