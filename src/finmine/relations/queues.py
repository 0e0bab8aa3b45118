"""Queues: from when to when each unit of work stood before its activity, and how many did at a time, with Little's law.

Where starts are recorded a unit stands in the queue from when it was enabled (see ``relations.enabled``) until it begins. Where
only completions are, it is on its way from the completion before it until its own, which holds waiting and work alike. After
the last unit of a running case nobody knows yet what comes next: it stands before no activity, and has not left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finmine.arrays import Lent
from finmine.relations.concurrency import Concurrency
from finmine.relations.enabled import Enabled, enabled, enabled_units
from finmine.relations.traces import traces
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


@dataclass(frozen=True, slots=True)
class Queues:
    """``spans`` has case, activity (missing where it is not known yet), entered, left (missing where it has not).

    ``enabled`` says when units were enabled; there is none where nobody can tell waiting from work.
    """

    spans: ir.Table
    enabled: Enabled | None

    @property
    def waiting(self) -> bool:
        """Whether what stands there waits: starts are recorded, and stamps say more than the day."""
        return self.enabled is not None

    @property
    def concurrency(self) -> Concurrency | None:
        """Which activities do not enable each other, where waiting is known."""
        return self.enabled.concurrency if self.enabled else None

    @property
    def lent(self) -> tuple[Lent, ...]:
        """The kernels behind it, in their order."""
        return self.enabled.lent if self.enabled else ()


def queues(log: EventLog) -> Queues:
    """From when to when units stood before their activity; where starts are recorded the kernels of enabled times run here."""
    import ibis

    these = traces(log)
    still = these.filter(these.status == "running")
    unknown = still.select("case", activity=ibis.null("int32"), entered=still.ended, left=ibis.null("int64"))
    if log.facts.has_start and log.facts.resolution != "day":
        found = enabled(log)
        waited = enabled_units(log, found)
        waited = waited.filter(waited.waiting.notnull())
        spans = waited.select("case", "activity", entered=waited.enabled, left=waited.began)
        return Queues(spans.union(unknown), found)
    known = units(log)
    known = known.filter(known.next_activity.notnull())
    spans = known.select("case", activity=known.next_activity, entered=known.time, left=known.next_time)
    return Queues(spans.union(unknown), None)


def untold(log: EventLog, found: Enabled) -> ir.Table:
    """For each activity with units that are in no queue because no usable start is recorded for them: these, and all but first units of cases."""
    these = enabled_units(log, found)
    later = these.filter(~these["first"])
    counted = later.group_by("activity").aggregate(without_start=later.count(where=later.began.isnull()), later_units=later.count())
    return counted.filter(counted.without_start > 0)


def lengths(spans: ir.Table, keys: list[str], since: int, until: int) -> ir.Table:
    """For each queue what Little's law needs in the window from ``since`` to before ``until``, all in exact sums.

    ``area`` is the time of all that stood in it within the window; ``entered`` and ``departed`` count; ``sojourn`` is the whole
    time of those departed; ``after`` is the time in the window of those still there at its end, and ``before`` the time of those
    departed before the window began. Always area = sojourn + after − before.
    """
    inside = spans.filter(spans.entered < until, (spans.left >= since).fill_null(True))
    start, end = _within(inside, since, until)
    departed, there = (inside.left < until).fill_null(False), (inside.left >= until).fill_null(True)
    exact = "decimal(38, 0)"
    return inside.group_by(keys).aggregate(
        entries=inside.count(where=inside.entered >= since),
        departed=inside.count(where=departed),
        there=inside.count(where=there),
        cases=inside.case.nunique(),
        area=(end - start).cast(exact).sum(),
        sojourn=(inside.left - inside.entered).cast(exact).sum(where=departed).coalesce(0),
        after=(until - start).cast(exact).sum(where=there).coalesce(0),
        before=(since - inside.entered).cast(exact).sum(where=departed & (inside.entered < since)).coalesce(0),
    )


def peaks(spans: ir.Table, keys: list[str], since: int, until: int) -> ir.Table:
    """For each queue the most that stood in it at once within the window, and since when first."""
    import ibis

    moved = _moves(spans, keys, since, until)
    net = moved.group_by([*keys, "time"]).aggregate(change=moved.change.sum())
    running = net.mutate(standing=net.change.sum().over(ibis.window(group_by=keys, order_by="time", preceding=None, following=0)))
    most = running.mutate(most=running.standing.max().over(ibis.window(group_by=keys)))
    return most.group_by(keys).aggregate(peak=most.standing.max().cast("int64"), peak_time=most.time.min(where=most.standing == most.most))


def moves_by_span(spans: ir.Table, keys: list[str], since: int, until: int, width: int) -> ir.Table:
    """For each queue and each span of the window (numbered from 0) the net change of its length, and the sum of change times instant."""
    moved = _moves(spans, keys, since, until)
    moved = moved.mutate(span=((moved.time - since) // width).cast("int64"), moment=moved.change * (moved.time - since))
    return moved.group_by([*keys, "span"]).aggregate(change=moved.change.sum().cast("int64"), moment=moved.moment.cast("decimal(38, 0)").sum())


def _moves(spans: ir.Table, keys: list[str], since: int, until: int) -> ir.Table:
    """One row for each entry into a queue (+1) and each leaving (−1) within the window; who was there before enters when it begins."""
    import ibis

    inside = spans.filter(spans.entered < until, (spans.left > since).fill_null(True))
    start, end = _within(inside, since, until)
    entering = inside.select(*keys, time=start, change=ibis.literal(1, "int64"))
    return entering.union(inside.filter(end < until).select(*keys, time=end, change=ibis.literal(-1, "int64")))


def _within(inside: ir.Table, since: int, until: int) -> tuple[ir.IntegerColumn, ir.IntegerColumn]:
    import ibis

    return ibis.greatest(inside.entered, since), ibis.least(ibis.coalesce(inside.left, until), until)
