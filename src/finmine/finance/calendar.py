"""Calendars: when somebody works, as disjoint intervals of time, and working time as the difference of two readings of one clock.

The clock of a calendar shows how much was worked since its horizon began. It runs while the calendar is open and stands
while it is closed, so the working time between two instants is the later reading less the earlier: two look-ups and a
subtraction, exact in microseconds, whatever lies between them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from finmine.errors import Refusal
from finmine.words import DAY

Whole: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Kind: TypeAlias = Literal["declared", "learned"]
"""Whether somebody said when they work, or the log was asked."""


class BackwardInTime(Refusal):
    """Working time was asked from an instant to one before it."""

    def __init__(self, pairs: int) -> None:
        super().__init__(f"{pairs:,} of the spans end before they begin; working time runs forward, so leave such spans out and count them.")


class BeyondHorizon(Refusal):
    """An instant lies where a calendar says nothing."""

    def __init__(self, calendar: str, instants: int) -> None:
        super().__init__(f"{instants:,} of the instants lie outside the horizon of the calendar {calendar!r}, where nobody knows who worked.")


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """When somebody works: disjoint intervals ``[start, end)`` in order of time, all in microseconds UTC.

    ``day`` is the nominal working day, in which durations are spoken; ``zone`` is that of the clocks on the wall;
    ``horizon`` is the span in which the calendar was laid out, whole days of UTC, and outside of it nothing is known. ``hours`` are those of the
    week in words. ``readings`` holds what the clock of the calendar shows at each start.
    """

    name: str
    zone: str
    starts: Whole
    ends: Whole
    day: int
    horizon: tuple[int, int]
    kind: Kind = "declared"
    hours: str = ""
    readings: Whole = field(init=False, repr=False)

    def __post_init__(self) -> None:
        worked = np.cumsum(self.ends - self.starts)
        object.__setattr__(self, "readings", np.concatenate(([0], worked[:-1])).astype(np.int64)[: len(self.starts)])
        for held in (self.starts, self.ends, self.readings):
            held.flags.writeable = False

    def reading(self, at: Whole) -> Whole:
        """What the calendar's clock shows at instants: microseconds worked since the horizon began.

        Raises:
            BeyondHorizon: an instant lies outside the horizon.
        """
        beyond = int(np.count_nonzero(~self.knows(at)))
        if beyond:
            raise BeyondHorizon(self.name, beyond)
        if not len(self.starts):
            return np.zeros(len(at), dtype=np.int64)
        place = np.searchsorted(self.starts, at, side="right") - 1
        shown = self.readings[place] + np.minimum(at, self.ends[place]) - self.starts[place]
        return np.where(place < 0, 0, shown)

    def worked(self, since: Whole, until: Whole) -> Whole:
        """The working time from instants to later instants, in microseconds.

        Raises:
            BackwardInTime: a span ends before it begins.
            BeyondHorizon: an instant lies outside the horizon.
        """
        backward = int(np.count_nonzero(until < since))
        if backward:
            raise BackwardInTime(backward)
        return self.reading(until) - self.reading(since)

    def open_at(self, at: Whole) -> Flags:
        """Whether the calendar is open at instants; at the end of an interval it is closed."""
        if not len(self.starts):
            return np.zeros(len(at), dtype=bool)
        place = np.searchsorted(self.starts, at, side="right") - 1
        return np.asarray((place >= 0) & (at < self.ends[place]))

    def by_day(self) -> tuple[Whole, Whole, Whole]:
        """The intervals cut at the midnights of UTC, in order: the day that each is in (its first microsecond), its start and its end."""
        first, last = self.starts // DAY, (self.ends - 1) // DAY
        place = np.repeat(np.arange(len(first)), last - first + 1)
        day = (first[place] + np.arange(len(place)) - np.searchsorted(place, place)) * DAY
        return day, np.maximum(self.starts[place], day), np.minimum(self.ends[place], day + DAY)

    def knows(self, at: Whole) -> Flags:
        """Whether instants lie in the horizon."""
        return np.asarray((at >= self.horizon[0]) & (at <= self.horizon[1]))


def merged(starts: Whole, ends: Whole) -> tuple[Whole, Whole]:
    """The same time as disjoint intervals in order: those that meet or overlap become one, and empty ones go."""
    some = ends > starts
    order = np.argsort(starts[some], kind="stable")
    starts, ends = starts[some][order], np.maximum.accumulate(ends[some][order])
    if not len(starts):
        return starts, ends
    apart = starts[1:] > ends[:-1]
    return starts[np.concatenate(([True], apart))], ends[np.concatenate((apart, [True]))]


def clipped(starts: Whole, ends: Whole, span: tuple[int, int]) -> tuple[Whole, Whole]:
    """What of disjoint intervals lies in a span of time."""
    starts, ends = np.maximum(starts, span[0]), np.minimum(ends, span[1])
    some = ends > starts
    return starts[some], ends[some]
