"""Unrated work: the units of people to whom no labour rate applies, by their role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.costs import NO_RATE
from finmine.relations.hands import hands, tells_roles

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def unrated(log: EventLog, these: ir.Table) -> ir.Table:
    """The units (of ``unit_costs``) without a rate, by role (missing where it is not recorded): role, units, and the first and last day, by number."""
    import ibis

    without = these.filter(these.basis == NO_RATE)
    if tells_roles(log):
        of_roles = hands(log, "role").select("case", "position", role="hand")
        told = without.join(of_roles, ["case", "position"]).select(*without.columns, "role")
    else:
        told = without.mutate(role=ibis.null("string"))
    found = told.group_by("role").aggregate(units=told.count(), first=told.day.min().cast("int64"), last=told.day.max().cast("int64"))
    return found.order_by([found.units.desc(), "role"])
