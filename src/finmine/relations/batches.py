"""Batches: units of one resource and activity that were collected and then done together; and, where no starts are recorded, bursts.

A batch says that its units waited for one another, which needs to know when each was enabled and when it began. Where only
completions are recorded, units of one resource and activity that were completed shortly after one another are an **activity
burst**: nothing is said of waiting.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from finmine.arrays import Lent, through
from finmine.kernels.batches import batches as found_batches
from finmine.kernels.batches import sizes_by_gap
from finmine.relations.enabled import Enabled, enabled_units
from finmine.relations.instants import local
from finmine.relations.units import units

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from finmine.log import EventLog

TYPES = ("parallel", "concurrent", "sequential")
"""The types of batches by the code that the kernel gives."""


def batches(log: EventLog, found: Enabled, gap: int = 0) -> Lent:
    """The units that are in a batch, one row each; the kernel runs here.

    case, position, resource, activity, batch (its number within resource and activity), nth (the unit's place in it, from 0), size, type
    (a place in ``TYPES``), batch_start, batch_end, ready (when the last of them was enabled), same_start and same_end (1 or 0). Units
    without a resource or without a usable start are in no batch.

    Args:
        log: the event log.
        found: when its units were enabled.
        gap: how long after the end of a batch's work the next unit may begin at most, in microseconds.
    """
    kernel, said = partial(found_batches, gap=gap), f"kernels.batches.batches(gap={gap})"
    return through(log.engine, _given(log, found), kernel, by=["resource"], order=_ORDER, noun="batches", said=said)


def batches_by_gap(log: EventLog, found: Enabled, gaps: Sequence[int]) -> Lent:
    """The batches that there are with each of several gaps, one row each: gap, size, batching; the kernel runs here."""
    kernel, said = partial(sizes_by_gap, gaps=tuple(gaps)), f"kernels.batches.sizes_by_gap(gaps={tuple(gaps)})"
    return through(log.engine, _given(log, found), kernel, by=["resource"], order=_ORDER, noun="gaps", said=said)


_ORDER = ("activity", "start", "time", "case", "position")


def _given(log: EventLog, found: Enabled) -> ir.Table:
    """The units that can be in a batch, as the kernels get them."""
    these = enabled_units(log, found)
    these = these.filter(these.resource.notnull(), these.began.notnull())
    codes = dict.fromkeys(("resource", "activity", "case", "position", "first"), "int64")
    return these.select("resource", "activity", "case", "position", "time", "enabled", "first", start="began").cast(codes)


def batchable_units(log: EventLog, found: Enabled, lent: Lent) -> ir.Table:
    """The units that can be in a batch, with what ``enabled_units`` tells; ``size``, ``type`` and ``nth`` are missing where they are in none.

    ``batching`` is the waiting of a unit until the last of its batch was enabled, missing where there is no waiting.
    """
    these = enabled_units(log, found)
    these = these.filter(these.resource.notnull(), these.began.notnull())
    inside = lent.table.select("case", "position", "size", "type", "nth", "ready").cast({"case": "int32", "position": "int32"})
    joined = these.left_join(inside, ["case", "position"]).select(*these.columns, "size", "type", "nth", "ready")
    return joined.mutate(batching=joined.waiting.notnull().ifelse(joined.ready - joined.enabled, None).cast("int64"))


def batch_starts(log: EventLog, found: Enabled, lent: Lent) -> ir.Table:
    """One row for each batch: activity, size, and when and after what it began.

    ``oldest`` and ``newest`` are how long, when the first unit of the batch was begun, the unit that was enabled first and the one enabled
    last had waited; ``weekday`` (Monday is 0) and ``hour`` are those of the clocks of the log's zone.
    """
    inside = lent.table.join(found.table.select("case", "position", "enabled"), ["case", "position"])
    one = inside.group_by("resource", "activity", "batch").aggregate(
        size=inside["size"].max(), began=inside.batch_start.min(), ready=inside.ready.max(), first=inside.enabled.min()
    )
    shown = one.mutate(at=local(one.began, log.zone))
    return shown.select(
        "size",
        activity=shown.activity.cast("int32"),
        oldest=shown.began - shown["first"],
        newest=shown.began - shown.ready,
        weekday=shown["at"].day_of_week.index().cast("int64"),
        hour=shown["at"].hour().cast("int64"),
    )


def bursts(log: EventLog, gap: int = 0) -> ir.Table:
    """The units with a resource, and the activity burst they are in: ``burst`` (numbered by time for each resource and activity), size, burst_start, burst_end.

    A burst is two or more units of one resource and activity, each completed at most ``gap`` microseconds after the one before it; what
    is in none has no size. ``nth`` is 0 for the first unit of a burst, and 1 for the others.
    """
    import ibis

    these = units(log).filter(lambda every: every.resource.notnull())
    order = ibis.window(group_by=["resource", "activity"], order_by=["time", "case", "position"])
    since = these.mutate(since=these.time - these.time.lag().over(order))
    opened = since.mutate(opens=(since.since.isnull() | (since.since > gap)).cast("int64"))
    numbered = opened.mutate(burst=opened.opens.cumsum(group_by=["resource", "activity"], order_by=["time", "case", "position"]) - 1)
    one = ibis.window(group_by=["resource", "activity", "burst"])
    told = numbered.mutate(
        size=numbered.count().over(one), nth=1 - numbered.opens, burst_start=numbered.time.min().over(one), burst_end=numbered.time.max().over(one)
    )
    lone = told["size"] < 2
    return (
        told.mutate(**{name: lone.ifelse(None, told[name]) for name in ("size", "nth", "burst", "burst_start", "burst_end")})
        .drop("since")
        .drop("opens")
    )
