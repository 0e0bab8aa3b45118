"""Loops: units that bring an activity back after something else, and what flows into and out of them.

A unit is a loop unit where its activity occurred before in the case and the unit directly before it has another activity.
Its ``inflow`` is 1 where the unit before it is one, its ``outflow`` is 1 where the unit after it is one. Outflow less inflow
says which activities send cases back: over a case it adds up to 1 where the case ends on a loop unit, else to nought.

Source: Microsoft Process Mining, loop count, loop inflow, loop outflow and net loop gain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def looped(log: EventLog) -> ir.Table:
    """The units with ``loop``, ``inflow`` and ``outflow`` (0 or 1 each) and ``again``: whether the activity occurred before."""
    import ibis

    order = ibis.window(group_by="case", order_by="position")
    these = units(log)
    told = these.mutate(
        before=these.activity.lag().over(order),
        again=ibis.row_number().over(ibis.window(group_by=["case", "activity"], order_by="position")) > 0,
    )
    marked = told.mutate(loop=(told.again & (told.before != told.activity)).ifelse(1, 0)).drop("before")
    return marked.mutate(inflow=marked.loop.lag().over(order).fill_null(0), outflow=marked.loop.lead().over(order).fill_null(0))


def loop_steps(log: EventLog) -> ir.Table:
    """One row for each step of a case: activity, next_activity, ``gap``, and whether it ``enters`` a loop, leads ``back``, or is ``walked`` before.

    A step enters a loop where it leads from a unit that is none to one that is; it leads back where the activity that it leads
    to occurred before in the case; it was walked before where the same step occurred before in the case.
    """
    import ibis

    these = looped(log)
    told = these.mutate(back=these.again.lead().over(ibis.window(group_by="case", order_by="position")))
    kept = told.filter(told.next_activity.notnull())
    same = ibis.window(group_by=["case", "activity", "next_activity"], order_by="position")
    return kept.select(
        *("case", "position", "activity", "next_activity", "back"),
        gap=kept.next_time - kept.time,
        enters=(kept.loop == 0) & (kept.outflow == 1),
        walked=ibis.row_number().over(same) > 0,
    )
