"""The money of time gathered by whatever units are gathered by: a month, who did them, their activity or their case."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from finmine.relations.instants import local
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog
    from finmine.relations.money_of_units import MoneyOfUnits

Shape: TypeAlias = "Callable[[ir.Table], ir.Table]"


def money_by_code(log: EventLog, found: MoneyOfUnits, coded: Shape) -> ir.Table:
    """The money of units with the ``code`` that ``coded`` gives them: case, code, part, currency, money, after.

    ``coded`` gets case, position, activity, resource, and the ``month`` of the unit's completion (as 202403). ``after`` marks what falls after the last
    unit of a case, which has no code.
    """
    import ibis

    every, these = found.relation(), units(log)
    at = local(these.time, log.zone)
    placed = these.mutate(month=(at.year() * 100 + at.month()).cast("int32")).join(every, ["case", "position"])
    on_units = coded(placed.select("case", "position", "activity", "resource", "month", "part", "currency", "money"))
    on_units = on_units.select("case", "code", "part", "currency", "money", after=ibis.literal(False))
    later = every.filter(every.position.isnull())
    after = later.select("case", "part", "currency", "money", code=ibis.null(on_units.code.type()), after=ibis.literal(True))
    return on_units.union(after.select(*on_units.columns))
