"""Occurrences: how often an activity comes in a case, in how many runs, and by whose hands.

The terms are those of bupaR (https://bupaverse.github.io/docs/rework_metrics.html). The units of one activity in a case
fall into **runs**: units that follow one another directly. A run of more than one unit is a **self-loop**; more than one
run of an activity in a case is a **repetition**. Hands are the same where one resource did it all; a unit without a
resource has hands of its own, different from everybody's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def occurrences(log: EventLog) -> ir.Table:
    """One row for each activity of a case.

    ``occurrences`` counts its units and ``again`` those that directly follow a unit of the same activity, so that
    ``runs`` is their difference; ``others`` says whether more than one resource took part; ``first`` and ``last`` are
    the first and the last completion, in microseconds.
    """
    import ibis

    these = units(log)
    hands = ibis.coalesce(these.resource, -1)
    counted = these.group_by("case", "activity").aggregate(
        occurrences=these.count(),
        again=these.count(where=these.next_activity == these.activity),
        lowest=hands.min(),
        highest=hands.max(),
        first=these.time.min(),
        last=these.time.max(),
    )
    return counted.select(
        *("case", "activity", "occurrences", "again", "first", "last"),
        runs=counted.occurrences - counted.again,
        others=counted.lowest != counted.highest,
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


def reworked_cases(log: EventLog) -> ir.Table:
    """One row for each case in which an activity occurs more than once.

    ``rework`` counts the units whose activity occurred before; ``loop_time`` is the time between the first and the last
    completion of what is repeated, in microseconds, where several overlap counted once.
    """
    import ibis

    each = occurrences(log)
    repeated = each.filter(each.occurrences > 1)
    earlier = ibis.window(group_by="case", order_by=["first", "activity"], preceding=(None, 1))
    reached = repeated.mutate(reach=repeated.last.max().over(earlier))
    added = reached.last - ibis.greatest(reached.first, ibis.coalesce(reached.reach, reached.first))
    return reached.group_by("case").aggregate(rework=(reached.occurrences - 1).sum(), loop_time=ibis.greatest(added, 0).sum())
