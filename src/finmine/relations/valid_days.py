"""Valid days: on which days a rate, a cost or a capacity of the card holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.finance.local_days import day_number

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.finance.capacity import Capacity
    from finmine.finance.labour import FixedCost, LabourRate


def valid_on(day: ir.IntegerColumn, dated: LabourRate | FixedCost | Capacity) -> ir.BooleanValue:
    """Whether a rate, a cost or a capacity is valid on a day, given by its number."""
    valid = day.notnull()
    if dated.since:
        valid &= day >= day_number(dated.since)
    if dated.until:
        valid &= day <= day_number(dated.until)
    return valid
