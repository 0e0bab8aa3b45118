"""What is charged to steps, other than throughput time: the waiting before their second units, or what the time on them costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.money_lines import millionths
from finmine.relations.money_of_units import MoneyOfUnits, step_costs
from finmine.relations.step_waits import step_waits
from finmine.relations.units import steps_to

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog
    from finmine.relations.waiting_causes import WaitingParts


def waiting_charges(log: EventLog, found: WaitingParts, *, working: bool) -> ir.Table:
    """One row for each unit: case, activity (before it, missing for the first), next_activity, ``charge``: its waiting, or what of it is in opening hours."""
    these = step_waits(log, found)
    return these.select("case", "activity", "next_activity", charge=these.working if working else these.waiting)


def cost_charges(log: EventLog, found: MoneyOfUnits) -> ir.Table:
    """One row for each unit: case, activity (before it, missing for the first), next_activity, ``charge``: what its time costs, in millionths."""
    costs = step_costs(log, found).select("case", "position", "cost")
    these = steps_to(log)
    joined = these.left_join(costs, ["case", "position"]).select(*these.columns, "cost")
    return joined.select("case", "activity", "next_activity", charge=millionths(joined.cost).cast("int64").fill_null(0))
