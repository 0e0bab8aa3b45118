"""Occurrences: which activities come more than once in a case, in how many runs, and by whose hands.

The terms are those of bupaR (package edeaR). The units of one activity in a case fall into **runs**: units that follow
one another directly. A run of more than one unit is a **self-loop**; more than one run of an activity in a case is a
**repetition**. Hands are the same where one resource did it all; a unit without a resource has hands of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.exemplars import units_that_repeat
from finmine.relations.overlaps import counted_once
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def repeated(log: EventLog) -> ir.Table:
    """One row for each activity that occurs more than once in a case.

    ``occurrences`` counts its units, ``again`` those that directly follow a unit of the same activity, and ``runs`` is the
    difference; ``others`` says whether more than one resource took part; ``first`` and ``last`` are the first and the last
    completion. ``loop_time`` is what the time from first to last adds to that of the activities whose first completion is
    earlier, so that within a case no time counts twice; ``earliest`` marks one row of each case, the first of its activities.
    """
    import ibis

    these = units_that_repeat(log)
    hands = ibis.coalesce(these.resource, -1)
    counted = these.group_by("case", "activity").aggregate(
        occurrences=these.count(),
        again=these.count(where=these.next_activity == these.activity),
        lowest=hands.min(),
        highest=hands.max(),
        first=these.time.min(),
        last=these.time.max(),
    )
    timed = counted_once(counted, "first", "last", "activity", "loop_time")
    placed = timed.mutate(place=ibis.row_number().over(ibis.window(group_by="case", order_by=["first", "activity"])))
    return placed.select(
        *("case", "activity", "occurrences", "again", "first", "last", "loop_time"),
        runs=placed.occurrences - placed.again,
        others=placed.lowest != placed.highest,
        earliest=placed.place == 0,
    )


def self_loops(log: EventLog) -> ir.Table:
    """One row for each self-loop: its case and activity, ``again`` (its units but the first), and whether ``others`` took part."""
    import ibis

    these = units(log)
    same = these.filter(these.next_activity == these.activity)
    # within a run positions grow by one like row numbers do, so their difference tells the runs of a case apart
    order = ibis.window(group_by="case", order_by="position")
    placed = same.mutate(place=ibis.row_number().over(order), handed=~same.resource.identical_to(same.next_resource))
    placed = placed.mutate(run=placed.position - placed.place)
    return placed.group_by("case", "activity", "run").aggregate(again=placed.count(), others=placed.handed.any())
