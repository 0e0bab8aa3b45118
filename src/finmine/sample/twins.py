"""Twins: the same cases without the steps that a planting added, so that it is known what these add to their time and their cost.

A twin begins when its case does. It takes all other steps of the case, with the same waits, work and people; only then the clock is
run, so that machines take it at their next run and desks when its turn comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from finmine.sample.calendar import utc_offsets
from finmine.sample.draft import Draft
from finmine.sample.labour import Labour
from finmine.sample.lots import Flags, Ints
from finmine.sample.timeline import Timeline, timeline


@dataclass(frozen=True, slots=True)
class Taken:
    """What each case of a lot takes from its first event to its last, whenever that comes."""

    elapsed_seconds: Ints
    labour_cents: Ints


@dataclass(frozen=True, slots=True)
class Meter:
    """What is needed to tell what cases take: the zone of their clocks, and what work costs."""

    zone: str
    labour: Labour

    def taken(self, draft: Draft, times: Timeline) -> Taken:
        """What each case takes."""
        case, rows = np.arange(len(draft.begin)), draft.present
        first, last = np.argmax(rows, axis=0), len(rows) - 1 - np.argmax(rows[::-1], axis=0)
        return Taken(self._instant(times.completed[last, case]) - self._instant(times.started[first, case]), self.labour.cents(draft, times))

    def beside_twins(self, draft: Draft, taken: Taken, added: Flags) -> Mapping[str, Ints]:
        """What each case takes, by name, and what it takes without the steps that were added."""
        twins = draft.without(added)
        without = self.taken(twins, timeline(twins))
        return {
            "elapsed_seconds": taken.elapsed_seconds,
            "elapsed_seconds_without": without.elapsed_seconds,
            "labour_cents": taken.labour_cents,
            "labour_cents_without": without.labour_cents,
        }

    def _instant(self, wall: Ints) -> Ints:
        return wall - utc_offsets(self.zone, wall)
