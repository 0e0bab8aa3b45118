"""The least value among spans that cover each place of a line: of all spans, and of all but those of one label.

A span of any length is two stretches of a power of two that may overlap. Each value is put down at its two stretches, and the
stretches are then halved until they are single places, each half taking the lesser value: n log n steps of whole columns, with no
walk from span to span.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from finmine.finance.calendar import Whole


def least_over_spans(begins: Whole, ends: Whole, values: Whole, places: int, nothing: int) -> Whole:
    """The least value of the spans ``[begin, end)`` over each place from 0 to ``places``; ``nothing`` (more than all) where there is none."""
    found = np.full(places, nothing, dtype=np.int64)
    levels = _levels(begins, ends)
    for level in range(int(levels.max(initial=-1)), -1, -1):
        reach = 1 << level
        found[reach:] = np.minimum(found[reach:], found[:-reach].copy())
        here = levels == level
        for at in (begins[here], ends[here] - reach):
            np.minimum.at(found, at, values[here])
    return found


class TwoLeast(NamedTuple):
    """For each place the least value, its label, and the least value of another label."""

    least: Whole
    label: Whole
    other: Whole

    def without(self, label: Whole) -> Whole:
        """The least value of all labels but one."""
        return np.where(self.label == label, self.other, self.least)


def two_least_over_spans(begins: Whole, ends: Whole, values: Whole, labels: Whole, places: int, nothing: int) -> TwoLeast:
    """The least value of the spans over each place and the least of any other label; spans whose label is never asked for may share one."""
    found = TwoLeast(*(np.full(places, filler, dtype=np.int64) for filler in (nothing, -1, nothing)))
    levels = _levels(begins, ends)
    for level in range(int(levels.max(initial=-1)), -1, -1):
        reach = 1 << level
        halved = _lesser(TwoLeast(*(column[reach:] for column in found)), TwoLeast(*(column[:-reach] for column in found)))
        found = TwoLeast(*(np.concatenate((column[:reach], half)) for column, half in zip(found, halved, strict=True)))
        here = levels == level
        at = np.concatenate((begins[here], ends[here] - reach))
        touched, put = _put(at, np.tile(values[here], 2), np.tile(labels[here], 2), nothing)
        for column, lesser in zip(found, _lesser(TwoLeast(*(column[touched] for column in found)), put), strict=True):
            column[touched] = lesser
    return found


def _levels(begins: Whole, ends: Whole) -> Whole:
    """The power of two of the longest stretch that each span holds; less than 0 where the span is empty."""
    length: Whole = np.frexp(np.maximum(ends - begins, 0).astype(np.float64))[1].astype(np.int64)
    return length - 1


def _put(at: Whole, values: Whole, labels: Whole, nothing: int) -> tuple[Whole, TwoLeast]:
    """The places at which something is put down, and the two least of each."""
    order = np.lexsort((labels, values, at))
    at, values, labels = at[order], values[order], labels[order]
    touched, first, inverse = np.unique(at, return_index=True, return_inverse=True)
    other = np.full(len(touched), nothing, dtype=np.int64)
    differs = labels != labels[first][inverse]
    np.minimum.at(other, inverse[differs], values[differs])
    return touched, TwoLeast(values[first], labels[first], other)


def _lesser(one: TwoLeast, two: TwoLeast) -> TwoLeast:
    """The two least of both together, place by place."""
    label = np.where(one.least <= two.least, one.label, two.label)
    return TwoLeast(np.minimum(one.least, two.least), label, np.minimum(one.without(label), two.without(label)))
