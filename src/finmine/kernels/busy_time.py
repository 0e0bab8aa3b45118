"""How long resources were busy while units waited, and how much of that on work that was enabled no later than a bound.

Work cuts the time of a resource into segments, and all that matters of a segment is the least enabled time among the work going on
in it: a sum over a wait of those segments in which it is at most a bound is the contention. Only in the span in which a
batch is worked on do its own units have another bound than all others, so that this span is laid out once more for each batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from finmine.kernels.least_over_spans import least_over_spans, two_least_over_spans
from finmine.kernels.sums_below import sums_below

if TYPE_CHECKING:
    from finmine.finance.calendar import Calendar, Whole

    Clocks: TypeAlias = tuple[Whole, Whole]
    """Lengths as time on the clock, and as what of it lies in opening hours."""


class Work(NamedTuple):
    """Work that keeps a resource busy, once in each lane of the resource; ``batch`` is -1 outside of batches."""

    lane: Whole
    began: Whole
    ended: Whole
    enabled: Whole
    batch: Whole


class Waits(NamedTuple):
    """Pieces of waits: batching until ``ready``, then until ``fires`` nothing of the batch is worked on; ``until`` ends the piece.

    Contention is measured from ``enabled`` against units of the ``batch``, and from ``ready_bound`` against all other work.
    """

    lane: Whole
    since: Whole
    ready: Whole
    fires: Whole
    until: Whole
    enabled: Whole
    ready_bound: Whole
    batch: Whole


class Line(NamedTuple):
    """The instants at which anything changes, lane after lane: what the clock and the calendar's clock show there; and who stands where."""

    clock: Whole
    opened: Whole
    began: Whole
    ended: Whole
    since: Whole
    ready: Whole
    fires: Whole
    until: Whole

    def lengths(self, since: Whole, until: Whole) -> Clocks:
        """The time between places of one lane."""
        return self.clock[until] - self.clock[since], self.opened[until] - self.opened[since]


def laid_out(work: Work, waits: Waits, calendar: Whole, calendars: Sequence[Calendar]) -> Line:
    """The line of work and waits; ``calendar`` is that of each lane, -1 where none is known: opening hours are then nought."""
    instants = np.concatenate((work.began, work.ended, waits.since, waits.ready, waits.fires, waits.until))
    lane = np.concatenate((work.lane, work.lane, *[waits.lane] * 4))
    order = np.lexsort((instants, lane))
    lane, clock = lane[order], instants[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (lane[1:] != lane[:-1]) | (clock[1:] != clock[:-1])
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    lane, clock = lane[new], clock[new]
    parts = np.split(place, np.cumsum([len(work.lane)] * 2 + [len(waits.lane)] * 3))
    return Line(clock, _readings(lane, clock, calendar, calendars), *parts)


def _readings(lane: Whole, clock: Whole, calendar: Whole, calendars: Sequence[Calendar]) -> Whole:
    """What the calendar of each lane shows; it stands still outside of its horizon."""
    shown = np.zeros(len(clock), dtype=np.int64)
    bounds = np.searchsorted(lane, np.arange(len(calendar) + 1))
    for of, begin, end in zip(calendar.tolist(), bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if of >= 0:
            shown[begin:end] = calendars[of].reading(np.clip(clock[begin:end], *calendars[of].horizon))
    return shown


class _Bounds(NamedTuple):
    """Enabled times as dense ranks from 1; 0 is before all of them and ``late`` after all of them, ``idle`` stands where nobody works."""

    enabled: Whole

    @property
    def late(self) -> int:
        return len(self.enabled) + 1

    @property
    def idle(self) -> int:
        return len(self.enabled) + 2

    def rank(self, enabled: Whole) -> Whole:
        return np.searchsorted(self.enabled, enabled) + 1

    def beyond(self, bound: Whole) -> Whole:
        """The first rank that is later than a bound."""
        return np.searchsorted(self.enabled, bound, side="right") + 1


def _distinct(values: Whole) -> Whole:
    """The values in order, each once."""
    ordered = np.sort(values)
    return ordered[np.diff(ordered, prepend=ordered[:1] - 1) > 0]


def busy_time(line: Line, work: Work, waits: Waits) -> tuple[Clocks, Clocks]:
    """The time of each piece, after its batch was ready, in which the resource was busy, and in which that was contention."""
    bounds = _Bounds(_distinct(work.enabled))
    rank = bounds.rank(work.enabled)
    least = least_over_spans(line.began, line.ended, rank, len(line.clock), bounds.idle)
    again = _again(line, work, waits, rank, bounds)
    values = np.concatenate((least, again.least))
    lengths = np.stack([np.append(np.diff(clock), 0) for clock in (line.clock, line.opened)])
    weights = np.concatenate((lengths, lengths[:, again.place]), axis=1)
    busy = values != bounds.idle
    kept = np.concatenate(([0], np.cumsum(busy)))
    values, weights = values[busy], weights[:, busy]
    begins = kept[np.concatenate((line.ready, again.begins + len(least)))]
    ends = kept[np.concatenate((line.fires, again.ends + len(least)))]
    below = bounds.beyond(np.concatenate((waits.ready_bound, waits.enabled[again.piece])))
    running = [np.concatenate(([0], np.cumsum(kind))) for kind in weights]  # may wrap around; differences are right all the same
    everything = np.stack([run[ends] - run[begins] for run in running])
    return again.together(everything), again.together(sums_below(values, weights, begins, ends, below))


class _Again(NamedTuple):
    """The spans in which batches are worked on, laid out once more one after the other.

    ``place`` says where each of their segments is on the line, ``least`` what is to be compared with the bound of a unit of the batch;
    ``piece`` names the pieces of waits that reach into them, ``begins`` and ``ends`` where.
    """

    place: Whole
    least: Whole
    piece: Whole
    begins: Whole
    ends: Whole

    def together(self, sums: Whole) -> Clocks:
        """Sums over the pieces and then over what of them lies here, added for each piece."""
        pieces = sums.shape[1] - len(self.piece)
        whole = sums[:, :pieces].copy()
        whole[:, self.piece] += sums[:, pieces:]
        return whole[0], whole[1]


def _again(line: Line, work: Work, waits: Waits, rank: Whole, bounds: _Bounds) -> _Again:
    """Lay out the spans of batches: work on a unit of the batch is compared as it is, all other work with when the batch was ready."""
    piece = np.flatnonzero(line.until > line.fires)
    batches = int(max(work.batch.max(initial=0), waits.batch.max(initial=0))) + 1
    keys, span = np.unique(waits.lane[piece] * batches + waits.batch[piece], return_inverse=True)
    first, last, ready = (np.full(len(keys), filler, dtype=np.int64) for filler in (len(line.clock), 0, 0))
    np.minimum.at(first, span, line.fires[piece])
    np.maximum.at(last, span, line.until[piece])
    ready[span] = waits.ready_bound[piece]
    shift = np.cumsum(last - first) - last  # a place on the line and the same in a span differ by this
    shift_of = np.repeat(shift, last - first)
    place = np.arange(len(shift_of)) - shift_of
    mates = np.flatnonzero(np.isin(work.lane * batches + work.batch, keys) & (work.batch >= 0))
    home = np.searchsorted(keys, (work.lane * batches + work.batch)[mates])
    begins, ends = (np.clip(at[mates], first[home], last[home]) + shift[home] for at in (line.began, line.ended))
    of_batch = least_over_spans(begins, ends, rank[mates], len(place), bounds.idle)
    of_others = _others(line, work, rank, bounds.idle, place, np.repeat(keys % batches, last - first))
    early = of_others < np.repeat(bounds.beyond(ready), last - first)
    least = np.select(
        [early, of_batch < bounds.idle, of_others < bounds.idle], [np.zeros_like(place), of_batch, np.full_like(place, bounds.late)], bounds.idle
    )
    return _Again(place, least, piece, line.fires[piece] + shift[span], line.until[piece] + shift[span])


def _others(line: Line, work: Work, rank: Whole, idle: int, place: Whole, batch: Whole) -> Whole:
    """The least rank at some places of the line of all work but that of one batch each; only these places are looked at."""
    inside = np.zeros(len(line.clock) + 1, dtype=np.int64)
    inside[place + 1] = 1
    nth = np.cumsum(inside)
    found = two_least_over_spans(nth[line.began], nth[line.ended], rank, work.batch, int(nth[-1]), idle)
    return type(found)(*(column[nth[place]] for column in found)).without(batch)
