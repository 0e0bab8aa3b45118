"""Desks: work that waits in a queue for one person, so that it is known why each piece of work waited, and for how long.

A desk takes one piece of work after another in its opening hours, and never leaves one open overnight: what does not fit before it closes is
begun when it opens again. Who comes first is served first, unless some are preferred; a desk that collects works only at its
hours, and then until all is done that has come by then.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from finmine.sample.calendar import DAY, HOUR, worked
from finmine.sample.lots import Floats, Ints

OPENS, CLOSES = 8 * HOUR, 17 * HOUR
"""When a desk opens and closes, in seconds of its day."""


@dataclass(frozen=True, slots=True)
class Served:
    """What happened at a desk: when work came, was begun and was done, and the seconds for which it waited, by cause."""

    came: Ints
    begun: Ints
    done: Ints
    causes: Mapping[str, Ints]
    """Seconds by cause: batching (until the last piece of work had come that was then done with it), contention (for work that had come
    before), prioritisation (for work that came later and was preferred), unavailability (while the desk was closed), extraneous (the rest)."""
    batch: Ints
    """How many pieces of work were done together with each, itself included, without a pause; 0 at a desk that does not collect."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The hours of a desk, whom it prefers, and whether it collects."""

    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    prefers: str | None = None
    """A column of the cases: those with a higher number go first."""
    collects: tuple[int, ...] = ()
    """The days of the week on which what has come is done together."""

    def serve(self, days: Ints, came: Ints, ready: Ints, work: Floats, user: Ints, rank: Ints) -> Served:
        """Serve work that comes at some time and can be begun at another (nobody knows why), each piece by its user.

        ``days`` are those on which anybody works; ``work`` is in days of the desk; of more than one piece that waits the lowest rank goes first.
        """
        here, lasts = days[np.isin((days + 3) % 7, self.weekdays)], np.maximum((work * (CLOSES - OPENS)).astype(np.int64), 1)
        begun = np.zeros(len(came), dtype=np.int64)
        for one in np.unique(user):
            own = np.flatnonzero(user == one)
            own = own[np.argsort(ready[own], kind="stable")]
            begun[own] = (
                _collected(self.collects, ready[own], lasts[own], here) if self.collects else _queued(ready[own], lasts[own], rank[own], here)
            )
        done = begun + lasts
        causes, batch = _busy(came, begun, done, user, collects=bool(self.collects))
        away = begun - came - (_open(begun, here) - _open(came, here))
        if self.collects:  # what is collected waits for its batch first, whether the desk is open or not
            until = came + causes["batching"]
            away = begun - until - (_open(begun, here) - _open(until, here))
        return Served(came, begun, done, {**causes, "unavailability": away, "extraneous": begun - came - away - sum(causes.values())}, batch)


def _queued(ready: Ints, lasts: Ints, rank: Ints, days: Ints) -> list[int]:
    """When each piece of work is begun, for work in the order in which it is ready."""
    begun, free, waiting, place = [0] * len(ready), 0, list[tuple[int, int]](), 0
    for _ in range(len(ready)):
        now = free if waiting or ready[place] < free else int(ready[place]) + 1
        now = _opening(now, 0, days)
        while place < len(ready) and ready[place] < now:
            heapq.heappush(waiting, (int(rank[place]), place))
            place += 1
        _, served = heapq.heappop(waiting)
        begun[served] = _opening(now, int(lasts[served]), days)
        free = begun[served] + int(lasts[served])
    return begun


def _collected(weekdays: tuple[int, ...], ready: Ints, lasts: Ints, days: Ints) -> list[int]:
    """When each piece of work is begun, where all that is ready is done together, from two hours before closing on."""
    runs = days[np.isin((days + 3) % 7, weekdays)] * DAY + CLOSES - 2 * HOUR
    begun, free = [0] * len(ready), 0
    for place, moment in enumerate(ready):
        begun[place] = max(int(runs[np.searchsorted(runs, moment, "right")]), free)
        free = begun[place] + int(lasts[place])
    return begun


def _opening(moment: int, lasts: int, days: Ints) -> int:
    """The first moment from one on at which work that lasts so long fits into the opening hours."""
    day, second = divmod(moment, DAY)
    place = int(np.searchsorted(days, day))
    if days[place] == day:
        if max(second, OPENS) + lasts <= CLOSES:
            return day * DAY + max(second, OPENS)
        place += 1
    return int(days[place]) * DAY + OPENS


def _busy(came: Ints, begun: Ints, done: Ints, user: Ints, *, collects: bool) -> tuple[dict[str, Ints], Ints]:
    """Seconds of batching, contention and prioritisation, from what the user of each piece of work did while it waited; and the sizes of batches."""
    causes = {cause: np.zeros(len(came), dtype=np.int64) for cause in ("batching", "contention", "prioritisation")}
    size = np.zeros(len(came), dtype=np.int64)
    for one in np.unique(user):
        own = np.flatnonzero(user == one)
        own = own[np.argsort(begun[own], kind="stable")]
        since = came
        if collects:
            batch = np.cumsum(np.concatenate(([True], begun[own][1:] != done[own][:-1]))) - 1
            complete = np.zeros(batch[-1] + 1, dtype=np.int64)
            np.maximum.at(complete, batch, came[own])
            size[own] = np.bincount(batch)[batch]
            causes["batching"][own] = np.where(size[own] < 2, 0, complete[batch] - came[own])
            since = came + causes["batching"]
        first = np.searchsorted(done[own], since[own], "right")
        for place, mine in enumerate(own):
            earlier = own[first[place] : place]
            spent = done[earlier] - np.maximum(begun[earlier], since[mine])
            before = (came[earlier] <= came[mine]) | collects
            causes["contention"][mine], causes["prioritisation"][mine] = spent[before].sum(), spent[~before].sum()
    return causes, size


def _open(moment: Ints, days: Ints) -> Ints:
    """Seconds for which a desk was open up to a moment."""
    return worked(moment, days, OPENS, CLOSES)
