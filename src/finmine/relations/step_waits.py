"""The waiting of steps: what each unit waited, and for what, laid on the directly-follows step that leads to it.

A unit may have been enabled by an earlier unit than the one directly before it; its wait is that of the step to it all the same, so that the
waiting of all steps adds up to all waiting. The first unit of a case has no step, and no waiting either: what passes before it is start lag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.unit_times import unit_times
from finmine.relations.units import steps_to
from finmine.relations.waiting_causes import CAUSES

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog
    from finmine.relations.waiting_causes import WaitingParts


def step_waits(log: EventLog, found: WaitingParts) -> ir.Table:
    """One row for each unit that the filters keep: case, position, activity (of the unit before, missing for the first), next_activity, ``waiting`` and its causes.

    They are missing where no usable start is recorded, and nought where the unit did not wait. ``working`` is what of the waiting lies in opening
    hours, missing too where no calendar is known for it.
    """
    waited = unit_times(log, found, "batch-last", raw=False)
    values = {name: waited[name] for name in ("waiting", *CAUSES)} | {"working": (waited.waiting == 0).ifelse(0, waited.working)}
    told = waited.select("case", "position", **{name: waited.gap.isnull().ifelse(value, None).cast("int64") for name, value in values.items()})
    return steps_to(log).join(told, ["case", "position"])


def waits_of_edges(these: ir.Table, keys: list[str]) -> ir.Table:
    """The sums of waiting and its causes by ``keys`` (the edge, and the group), and ``untold``: the units before which no waiting is known."""
    kept = these.filter(these.activity.notnull())
    sums = {name: kept[name].cast("decimal(38, 0)").sum().fill_null(0) for name in ("waiting", *CAUSES)}
    return kept.group_by(keys).aggregate(**sums, untold=kept.waiting.isnull().sum())
