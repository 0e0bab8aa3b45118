"""The performance spectrum of segments: each passage with its class of speed, whether it was overtaken, and who left with it.

A segment is a step between two activities, and a passage is one case on it, from when it enters until it leaves.

- **class**: 0 for the quickest quarter of the segment's passages to 3 for the slowest, by its quartiles (type 7).
- **overtaken**: 1 where a passage that entered later left earlier, so that first in was not first out.
- **together**: how many passages leave in one batch with it, itself included: a batch is a run of leavings, each at most a given
  time after the one before it.
- **third** and **place**: in which third of the segment's passages it entered (0, 1, 2), and its rank by time within that third, from 1.
- **drawn**: 1 for at most so many passages of each segment, chosen by a seeded draw; all numbers are of all passages.

Source: V. Denisov, D. Fahland and W. M. P. van der Aalst, Unbiased, fine-grained description of processes performance from
event data, BPM 2018.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Whole: TypeAlias = npt.NDArray[np.int64]
Arrays: TypeAlias = Mapping[str, Whole]


@dataclass(frozen=True, slots=True)
class Spectrum:
    """How far leavings of one batch lie apart at most in microseconds, how many passages of a segment are drawn, and the seed of their draw."""

    apart: int
    most: int = 600
    seed: int = 1

    def said(self) -> str:
        """The function with its parameters, as evidence names it."""
        return f"kernels.spectrum.spectrum(how=Spectrum(apart={self.apart}, most={self.most}, seed={self.seed}))"


def spectrum(lent: Arrays, how: Spectrum) -> Arrays:
    """Each passage with class, overtaken, together, third, place and drawn.

    Args:
        lent: segment, case, entered and left, in the order of segment, entered, left and case, whole segments at a time.
        how: what a batch is, and how many passages are drawn.
    """
    names = ("class", "overtaken", "together", "third", "place", "drawn")
    found = {name: np.zeros(len(lent["segment"]), dtype=np.int64) for name in names}
    starts = np.flatnonzero(np.diff(lent["segment"], prepend=-1)).tolist()
    for begins, ends in pairwise([*starts, len(lent["segment"])]):
        here = slice(begins, ends)
        entered, left = lent["entered"][here], lent["left"][here]
        spent, thirds = left - entered, np.arange(ends - begins) * 3 // (ends - begins)
        found["class"][here] = np.searchsorted(np.quantile(spent.astype(np.float64), (0.25, 0.5, 0.75)), spent, side="left")
        found["overtaken"][here] = _overtaken(entered, left)
        found["together"][here] = _together(left, how.apart)
        found["third"][here] = thirds
        found["place"][here] = _places(thirds, spent)
        chosen = np.random.default_rng((how.seed, int(lent["segment"][begins]))).permutation(ends - begins)[: how.most]
        found["drawn"][here][chosen] = 1
    return {**lent, **found}


def _overtaken(entered: Whole, left: Whole) -> npt.NDArray[np.bool_]:
    """Whether somebody who entered later (not at the same instant) left earlier."""
    earliest = np.minimum.accumulate(left[::-1])[::-1]  # of this passage and all after it
    later = np.searchsorted(entered, entered, side="right")
    first = np.append(earliest, np.iinfo(np.int64).max)[later]
    return first < left


def _together(left: Whole, apart: int) -> Whole:
    """The size of the batch in which each passage leaves."""
    order = np.argsort(left, kind="stable")
    batch = np.cumsum(np.diff(left[order], prepend=left[order][:1]) > apart)
    sizes: Whole = np.empty(len(left), dtype=np.int64)
    sizes[order] = np.bincount(batch)[batch]
    return sizes


def _places(thirds: Whole, spent: Whole) -> Whole:
    """The rank of each time among those of its third."""
    order = np.lexsort((spent, thirds))
    firsts = np.searchsorted(thirds, thirds)  # thirds stand in order, so this is where each begins
    places: Whole = np.empty(len(spent), dtype=np.int64)
    places[order] = np.arange(len(spent)) - firsts[order] + 1
    return places
