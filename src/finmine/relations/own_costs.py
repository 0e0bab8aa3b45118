"""Own costs: what the very units cost that tell cases apart, so that it can be left out of what their cases cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.costs import unit_costs
from finmine.relations.hands import Between, hand_labels, hands
from finmine.relations.labour import PaidWork
from finmine.relations.money_lines import MONEY, millionths

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def own_costs_of_activities(log: EventLog, work: PaidWork, activities: list[int]) -> ir.Table:
    """What the units of each of these activities cost in each case, in millionths of the currency: case, ``own`` (the activity), cost."""
    these = unit_costs(log, work)
    return _of_cases(these.filter(these.activity.isin(activities)).mutate(own=these.activity))


def own_costs_of_hands(log: EventLog, work: PaidWork, between: Between, names: list[str]) -> ir.Table:
    """What the units cost in each case on which each of these resources, or roles, works: case, ``own`` (the name), cost."""
    by_hand = hands(log, between).select("case", "position", "hand")
    named = by_hand.join(hand_labels(log, between), "hand").select("case", "position", own="label")
    these = unit_costs(log, work).select("case", "position", "cost").join(named, ["case", "position"])
    return _of_cases(these.filter(these.own.isin(names)))


def _of_cases(these: ir.Table) -> ir.Table:
    priced = these.filter(these.cost.notnull())
    found = priced.group_by(["case", "own"]).aggregate(cost=priced.cost.sum().cast(MONEY))
    return found.select("case", "own", cost=millionths(found.cost).cast("int64")).order_by(["case", "own"])
