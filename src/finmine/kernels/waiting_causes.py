"""What each wait was spent on: how much of it a batch, other work of the same resource, and closed hours take up.

A unit waits from when it was enabled until it begins. Of this wait

* **batching** is the time until the last unit of its batch was enabled;
* **contention** is the time after that in which its resource worked on something that was enabled no later (it stood ahead in the
  queue);
* **prioritisation** is the time in which its resource worked only on what was enabled later (it jumped the queue).

What counts as earlier is measured from when the unit itself was enabled; for a unit of a batch and work outside of this batch, from
when the batch was ready. Beside these stand, as if there were no batches,

* **ahead** and **jumped**: the time in which its resource worked on something that was enabled no later than the unit, and only on
  what was enabled later;
* **left**: the part of batching in which its resource worked on nothing, so that it could have done the unit.

Each part is given twice: as time on the clock, and as the part of it in which the calendar of the unit is open. All other causes, and
every order of precedence, follow from these by subtraction (``relations.waiting_causes``).

Source: Lashkevich, Milani, Chapela-Campa, Suvorau, Dumas (2023), *Why am I waiting? Data-driven analysis of waiting times in
business processes* (Kronos), with a calendar applied to contention and prioritisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from finmine.kernels import MISSING
from finmine.kernels.busy_time import Waits, Work, busy_time, laid_out
from finmine.kernels.team_work import team_work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finmine.finance.calendar import Calendar, Whole
    from finmine.kernels.batches import Flags
    from finmine.kernels.team_work import Sizes, Teams

PARTS = ("batching", "contention", "prioritisation", "ahead", "jumped", "left")
"""What is measured of each wait."""


def waiting_causes(lent: Mapping[str, Whole], calendars: Sequence[Calendar], cuts: Whole, teams: Teams | None = None) -> dict[str, Whole]:
    """The parts of each wait that is longer than nothing, cut at given instants: a row for each piece.

    case, position; ``since`` and ``until`` (the piece); ``batching``, ``contention``, ``prioritisation``; ``ahead``, ``jumped``, ``left``;
    and ``open`` and each part ending in ``_open``: what of the piece and of its parts lies in opening hours, missing where no calendar
    applies to the unit or the wait reaches beyond what its calendar knows.

    Args:
        lent: units with a resource and a start, whole resources at a time: case, position, resource, activity; ``enabled``, ``start``,
            ``time`` (of completion); ``first``: 1 where ``enabled`` is only the start of the case, so that the unit does not wait;
            ``batch`` (its number within resource and activity), ``batch_start`` and ``ready``, all missing outside of batches;
            ``calendar`` (its place among the calendars, or missing).
        calendars: the calendars.
        cuts: the instants, in order.
        teams: the resources that stand for several people (see ``team_work``); work on a batch counts there like any other work.
    """
    waiting = np.flatnonzero((lent["first"] == 0) & (lent["start"] > lent["enabled"]))
    batch = _labels(lent)
    resources, kept, lane = _lanes(lent["resource"][waiting], _known(lent, calendars)[waiting])
    row, waits = _pieces(lent, waiting, lane, batch, cuts)
    work = _work(lent, resources, batch, teams or {})
    asked = _asked(waits)
    line = laid_out(work, asked, kept, calendars)
    busy, contention = busy_time(line, work, asked)
    whole, batching = line.lengths(line.since, line.until), line.lengths(line.since, line.ready)
    known = kept[waits.lane] >= 0
    found = {"case": lent["case"][row], "position": lent["position"][row], "since": waits.since, "until": waits.until}
    clocks = [_parts(*measured, waits.batch >= 0) for measured in zip(batching, busy, contention, strict=True)]
    for name in PARTS:
        found |= {name: clocks[0][name], f"{name}_open": np.where(known, clocks[1][name], MISSING)}
    return found | {"open": np.where(known, whole[1][: len(row)], MISSING)}


def _asked(waits: Waits) -> Waits:
    """The pieces; after them those of batches as if there were none; after these what of them passes until their batch is ready, so too."""
    batched = Waits(*(column[waits.batch >= 0] for column in waits))
    alone = batched._replace(ready=batched.since, fires=batched.until, ready_bound=batched.enabled, batch=np.full_like(batched.batch, -1))
    collecting = alone._replace(fires=batched.ready, until=batched.ready)
    return Waits(*(np.concatenate(columns) for columns in zip(waits, alone, collecting, strict=True)))


def _parts(batching: Whole, busy: Whole, contention: Whole, batched: Flags) -> dict[str, Whole]:
    """The parts of the pieces on one clock, from what was measured of all that was asked."""
    pieces, inside = len(batched), np.count_nonzero(batched)
    (own, alone, collecting), (stood, ahead, _) = (np.split(column, [pieces, pieces + inside]) for column in (busy, contention))
    found = {"batching": batching[:pieces], "contention": stood, "prioritisation": own - stood}
    found |= {"ahead": stood.copy(), "jumped": own - stood, "left": np.zeros(pieces, dtype=np.int64)}
    found["ahead"][batched], found["jumped"][batched] = ahead, alone - ahead
    found["left"][batched] = found["batching"][batched] - collecting
    return found


def _known(lent: Mapping[str, Whole], calendars: Sequence[Calendar]) -> Whole:
    """The calendar of each unit; -1 where there is none, or its wait reaches beyond it."""
    kept = np.maximum(lent["calendar"], -1)
    first, last = (np.array([0, *(calendar.horizon[end] for calendar in calendars)], dtype=np.int64) for end in (0, 1))
    return np.where((lent["enabled"] >= first[kept + 1]) & (lent["start"] <= last[kept + 1]), kept, -1)


def _labels(lent: Mapping[str, Whole]) -> Whole:
    """A number for each batch of the block; -1 outside of batches."""
    found = np.full(len(lent["batch"]), -1, dtype=np.int64)
    inside = lent["batch"] != MISSING
    keys = np.stack([lent[name][inside] for name in ("resource", "activity", "batch")])
    found[inside] = np.unique(keys, axis=1, return_inverse=True)[1].reshape(-1)
    return found


def _lanes(resource: Whole, calendar: Whole) -> tuple[Whole, Whole, Whole]:
    """Each pair of a resource that is waited for and a calendar is a lane: their resources (in order), their calendars, and that of each wait."""
    pairs, lane = np.unique(np.stack((resource, calendar)), axis=1, return_inverse=True)
    return pairs[0], pairs[1], lane.reshape(-1)


def _pieces(lent: Mapping[str, Whole], waiting: Whole, lane: Whole, batch: Whole, cuts: Whole) -> tuple[Whole, Waits]:
    """The waits cut at the given instants, and the row of each piece."""
    enabled, start, batched = lent["enabled"][waiting], lent["start"][waiting], batch[waiting] >= 0
    ready, fires = np.where(batched, lent["ready"][waiting], enabled), np.where(batched, lent["batch_start"][waiting], start)
    before = np.searchsorted(cuts, enabled, side="right")
    pieces = np.searchsorted(cuts, start) - before + 1
    wait = np.repeat(np.arange(len(waiting)), pieces)
    nth = np.arange(len(wait)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    since, until = enabled[wait], start[wait]
    later, earlier = nth > 0, nth < pieces[wait] - 1
    since[later] = cuts[(before[wait] + nth)[later] - 1]
    until[earlier] = cuts[(before[wait] + nth)[earlier]]
    done = np.clip(ready[wait], since, until)
    fired = np.clip(fires[wait], done, until)
    return waiting[wait], Waits(lane[wait], since, done, fired, until, enabled[wait], ready[wait], batch[waiting][wait])


def _work(lent: Mapping[str, Whole], resources: Whole, batch: Whole, teams: Teams) -> Work:
    """The work of each resource in each of its lanes; a unit that takes no time, or negative time, keeps nobody busy."""
    busy = np.flatnonzero((lent["time"] > lent["start"]) & np.isin(lent["resource"], resources))
    done = Work(lent["resource"][busy], lent["start"][busy], lent["time"][busy], lent["enabled"][busy], batch[busy])
    for team in sorted(teams.keys() & set(resources.tolist())):
        done = _together(done, team, teams[team])
    first = np.searchsorted(resources, done.lane)
    lanes = np.searchsorted(resources, done.lane, side="right") - first
    row = np.repeat(np.arange(len(done.lane)), lanes)
    lane = np.repeat(first, lanes) + np.arange(len(row)) - np.repeat(np.cumsum(lanes) - lanes, lanes)
    return Work(lane, *(column[row] for column in done[1:]))


def _together(done: Work, team: int, sizes: Sizes) -> Work:
    """Work by resource, with that of a team as spans in which all of its people are busy."""
    own = done.lane == team
    began, ended, enabled = team_work(done.began[own], done.ended[own], done.enabled[own], sizes)
    spans = Work(np.full(len(began), team), began, ended, enabled, np.full(len(began), -1))
    return Work(*(np.concatenate((column[~own], span)) for column, span in zip(done, spans, strict=True)))
