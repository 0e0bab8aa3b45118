"""In which granules of the week somebody works, learned from when they left stamps in a log.

A day has granules of equal length on the clocks of the place. A granule of a weekday is *accepted* for a resource where,
for one of its activities, it left stamps in that granule on at least a given share of the dates on which it did that
activity on that weekday (confidence). Where the accepted granules hold too small a share of its stamps (support), the
fullest of the others are added until they do; where nothing is accepted, nothing is added. A single granule between two
that are in is in as well.

A resource whose work on its activities is too small a part of what the busiest resource does of each (participation), or
that was seen on too few dates, has no granules: so little says nothing about when it works.

Source: the calendars of pix-framework (``discovery/resource_calendar_and_performance/crisp``), as used by Kronos; here without
its fault of counting the granules of a day as a remainder, and with the least number of dates and the closed gaps added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Whole: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Arrays: TypeAlias = Mapping[str, Whole]

_THURSDAY = 3
"""The weekday of day 0, 1 January 1970, Monday being 0."""


@dataclass(frozen=True, slots=True)
class Learning:
    """How calendars are learned; the length of a granule in minutes is a multiple of 15 that divides a day."""

    minutes: int = 60
    confidence: float = 0.1
    support: float = 0.7
    participation: float = 0.01
    dates: int = 20

    @property
    def granules(self) -> int:
        """The granules of a day."""
        return 1440 // self.minutes

    def said(self) -> str:
        """The function with its parameters, as evidence names it."""
        parts = (
            f"minutes={self.minutes}, confidence={self.confidence}, support={self.support}, participation={self.participation}, dates={self.dates}"
        )
        return f"kernels.learned_granules.learned_granules(how=Learning({parts}))"


def learned_granules(lent: Arrays, how: Learning) -> Arrays:
    """The granules in which resources work: resource, weekday (Monday is 0), granule.

    Args:
        lent: one row for each resource, activity, day (since 1970) and granule of it, whole resources at a time: ``stamps``, how
            many there are; ``most``, how many stamps the busiest resource left in the activity on all days.
        how: the parameters.
    """
    week = 7 * how.granules
    slot = (lent["day"] + _THURSDAY) % 7 * how.granules + lent["granule"]
    resources, code = np.unique(lent["resource"], return_inverse=True)
    place, owner = code * week + slot, code
    accepted = _accepted(lent, code, slot, how)
    places, inverse = np.unique(place, return_inverse=True)
    stamps = _sums(lent["stamps"], inverse, len(places))
    holder = places // week
    kept = np.isin(places, accepted)
    kept |= _added(holder, stamps, kept, how.support)
    kept &= (_participating(lent, owner, len(resources), how.participation) & _often_seen(lent, owner, len(resources), how.dates))[holder]
    found = _closed(places[kept], how.granules)
    return {"resource": resources[found // week], "weekday": found % week // how.granules, "granule": found % how.granules}


def _accepted(lent: Arrays, code: Whole, slot: Whole, how: Learning) -> Whole:
    """The places (resource and granule of the week) whose confidence is enough for one activity."""
    granules = how.granules
    task = np.unique(np.stack((code, lent["activity"])), axis=1, return_inverse=True)[1].reshape(-1)
    weekday = slot // granules
    on_weekday = np.unique(np.stack((task, weekday, lent["day"])), axis=1)
    dates, of_date = np.unique(on_weekday[0] * 7 + on_weekday[1], return_counts=True)
    in_granule = np.unique(np.stack((task, slot, lent["day"], code)), axis=1)
    key, first, found = np.unique(in_granule[0] * 7 * granules + in_granule[1], return_index=True, return_counts=True)
    every = of_date[np.searchsorted(dates, key // (7 * granules) * 7 + key % (7 * granules) // granules)]
    enough = found >= how.confidence * every
    return np.unique(in_granule[3][first][enough] * 7 * granules + key[enough] % (7 * granules))


def _added(holder: Whole, stamps: Whole, kept: Flags, support: float) -> Flags:
    """The fullest further granules of each resource that has some, until they hold the share of its stamps that is asked for."""
    order = np.lexsort((np.arange(len(holder)), -stamps, ~kept, holder))
    mine, counted = holder[order], np.cumsum(stamps[order])
    first = np.searchsorted(mine, mine)
    last = np.searchsorted(mine, mine, side="right") - 1
    before_all = counted[first] - stamps[order][first]
    held_before = counted - stamps[order] - before_all
    wanted = (held_before < support * (counted[last] - before_all)) & kept[order][first]
    added = np.zeros(len(holder), dtype=bool)
    added[order] = wanted
    return added


def _participating(lent: Arrays, owner: Whole, resources: int, least: float) -> Flags:
    tasks, first, inverse = np.unique(np.stack((owner, lent["activity"])), axis=1, return_index=True, return_inverse=True)
    done = _sums(lent["stamps"], inverse.reshape(-1), tasks.shape[1])
    return _sums(done, tasks[0], resources) >= least * _sums(lent["most"][first], tasks[0], resources)


def _often_seen(lent: Arrays, owner: Whole, resources: int, dates: int) -> Flags:
    seen = np.unique(np.stack((owner, lent["day"])), axis=1)[0]
    return np.bincount(seen, minlength=resources) >= dates


def _closed(places: Whole, granules: int) -> Whole:
    """The places with each single one between two of the same day."""
    gap = (np.diff(places) == 2) & (places[:-1] // granules == places[1:] // granules)
    return np.union1d(places, places[:-1][gap] + 1)


def _sums(values: Whole, groups: Whole, size: int) -> Whole:
    found = np.zeros(size, dtype=np.int64)
    np.add.at(found, groups, values)
    return found
