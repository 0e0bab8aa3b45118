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
from finmine.relations.enabled import Enabled, enabled_units
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

TYPES = ("parallel", "concurrent", "sequential")
"""The types of batches by the code that the kernel gives."""


def batches(log: EventLog, found: Enabled, gap: int = 0) -> Lent:
    """The units that are in a batch, one row each; the kernel runs here.

    case, position, resource, activity, batch (its number within resource and activity), size, type (a place in ``TYPES``), batch_start,
    batch_end, ready (when the last of them was enabled), same_start and same_end (1 or 0). Units without a resource or without a
    usable start are in no batch.

    Args:
        log: the event log.
        found: when its units were enabled.
        gap: how long after the end of a batch's work the next unit may begin at most, in microseconds.
    """
    these = enabled_units(log, found)
    these = these.filter(these.resource.notnull(), these.began.notnull())
    codes = dict.fromkeys(("resource", "activity", "case", "position"), "int64")
    given = these.select("resource", "activity", "case", "position", "time", "enabled", start="began").cast(codes)
    order = ["activity", "start", "time", "case", "position"]
    kernel, said = partial(found_batches, gap=gap), f"kernels.batches.batches(gap={gap})"
    return through(log.engine, given, kernel, by=["resource"], order=order, noun="batches", said=said)


def bursts(log: EventLog, gap: int = 0) -> ir.Table:
    """The units that are in an activity burst, one row each: case, position, resource, activity, burst (its number there), size, burst_start, burst_end.

    A burst is two or more units of one resource and activity, each completed at most ``gap`` microseconds after the one before it.
    """
    import ibis

    these = units(log).select("case", "position", "resource", "activity", "time")
    these = these.filter(these.resource.notnull())
    order = ibis.window(group_by=["resource", "activity"], order_by=["time", "case", "position"])
    since = these.mutate(since=these.time - these.time.lag().over(order))
    opened = since.mutate(burst=(since.since.isnull() | (since.since > gap)).cast("int64").sum().over(order.copy(end=0)) - 1)
    one = ibis.window(group_by=["resource", "activity", "burst"])
    sized = opened.mutate(size=opened.count().over(one), burst_start=opened.time.min().over(one), burst_end=opened.time.max().over(one))
    return sized.filter(sized["size"] >= 2).drop("since", "time")
