"""What held a unit at one moment: its work, or the cause for which it waited just then.

A wait has many causes one after the other (see ``kernels.waiting_causes``); at one moment it has one. Dates end at midnight, when offices are
closed, so that the moment is the last one before it in which the calendar of the unit was open, as far as the unit waited by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from finmine.kernels import MISSING
from finmine.kernels.team_work import size_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finmine.finance.calendar import Calendar, Whole
    from finmine.kernels.team_work import Sizes, Teams

HELD = ("work", "start lag", "batching", "contention", "prioritisation", "unavailability", "unknown", "extraneous")
"""What a unit is held by; the kernel gives places in it."""
MOMENTS = ("first_moment", "second_moment")
"""The columns of moments that are asked for; missing where nothing is."""


def held_causes(lent: Mapping[str, Whole], calendars: Sequence[Calendar], teams: Teams | None = None) -> dict[str, Whole]:
    """For each unit and moment that is asked for: case, position, nth (which of the moments) and the place of what held it.

    Args:
        lent: units with a resource and a start, whole resources at a time, as ``kernels.waiting_causes`` has them, and the moments.
        calendars: the calendars.
        teams: the resources that stand for several people (see ``team_work``).
    """
    found: list[tuple[int, int, int, int]] = []
    changes = np.flatnonzero(np.diff(lent["resource"])) + 1
    for rows in np.split(np.arange(len(lent["resource"])), changes):
        own = {name: values[rows] for name, values in lent.items()}
        for nth, name in enumerate(MOMENTS):
            for row in np.flatnonzero(own[name] != MISSING):
                cause = _held(own, int(row), int(own[name][row]), calendars, (teams or {}).get(int(own["resource"][row]), ()))
                found.append((int(own["case"][row]), int(own["position"][row]), nth, HELD.index(cause)))
    columns = np.array(found, dtype=np.int64).reshape(-1, 4).T
    return dict(zip(("case", "position", "nth", "cause"), columns, strict=True))


def _held(own: Mapping[str, Whole], row: int, moment: int, calendars: Sequence[Calendar], sizes: Sizes) -> str:
    """What held a unit just before a moment, among the units of its resource."""
    enabled, start, calendar = (int(own[name][row]) for name in ("enabled", "start", "calendar"))
    if start < moment:
        return "work"
    if own["first"][row]:
        return "start lag"
    known = calendar >= 0 and bool(calendars[calendar].knows(np.array([enabled, moment])).all())
    at = _last_open(calendars[calendar], moment) if known else moment - 1
    if at < enabled:
        return "unavailability"
    busy = (own["start"] <= at) & (at < own["time"]) & (own["start"] < start)
    people = size_at(sizes, at)
    if np.count_nonzero(busy) >= people:
        return "contention" if np.count_nonzero(busy & (own["enabled"] <= enabled)) >= people else "prioritisation"
    if at < own["ready"][row]:  # missing, and so less than all, outside of batches
        return "batching"
    return "extraneous" if known else "unknown"


def _last_open(calendar: Calendar, moment: int) -> int:
    """The last microsecond before a moment in which a calendar is open; the beginning of its horizon less one, where there is none."""
    place = int(np.searchsorted(calendar.starts, moment)) - 1
    return min(int(calendar.ends[place]), moment) - 1 if place >= 0 else calendar.horizon[0] - 1
