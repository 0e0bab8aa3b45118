"""How far the cases of two sides are apart in what each of them has one of, such as the activity with which it begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

Whole: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """How many ``cases`` there are of each pair of a code and a kind, counted once for all sides that the codes tell apart."""

    codes: Whole
    kinds: Whole
    cases: Whole

    @classmethod
    def of(cls, codes: Whole, kinds: Whole) -> Self:
        """The tally of the code and the kind of each case, both from 0."""
        every = int(kinds.max(initial=0)) + 1
        pairs, cases = np.unique(codes * every + kinds, return_counts=True)
        return cls(pairs // every, pairs % every, cases)

    def apart(self, having: Flags) -> float:
        """The share of the cases of one side (those whose code is flagged) that would have to be of another kind for both sides to be alike.

        This is the distance of total variation: half the sum, over all kinds, by how much the shares of the two sides differ. It is nought where
        a side is empty.
        """
        first = np.bincount(self.kinds, self.cases * having[self.codes])
        second = np.bincount(self.kinds, self.cases * ~having[self.codes])
        if not (first.sum() and second.sum()):
            return 0.0
        return float(np.abs(first / first.sum() - second / second.sum()).sum() / 2)
