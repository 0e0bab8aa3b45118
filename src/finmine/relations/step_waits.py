"""The waiting of steps: what each unit waited, and for what, laid on the directly-follows step that leads to it.

A unit may have been enabled by an earlier unit than the one directly before it; its wait is that of the step to it all the same, so that the
waiting of all steps adds up to all waiting. The first unit of a case has no step, and no waiting either: what passes before it is start lag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.units import units
from finmine.relations.waiting_causes import CAUSES, waits

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog
    from finmine.relations.waiting_causes import WaitingParts


def step_waits(log: EventLog, found: WaitingParts) -> ir.Table:
    """One row for each unit that the filters keep: case, position, activity (of the unit before, missing for the first), next_activity, ``waiting`` and its causes.

    They are missing where no usable start is recorded, and nought where the unit did not wait. ``working`` is what of the waiting lies in opening
    hours, missing too where no calendar is known for it.
    """
    import ibis

    pieces, names = waits(log, found), ("waiting", *CAUSES, "working")
    waited = pieces.group_by("case", "position").aggregate(**{name: pieces[name].sum().cast("int64") for name in names})
    these = units(log)
    before = these.activity.lag().over(ibis.window(group_by="case", order_by="position"))
    usable = (these.start <= these.time).fill_null(False)
    steps = these.select("case", "position", activity=before, next_activity=these.activity, usable=usable)
    joined = steps.left_join(waited, ["case", "position"]).select(*steps.columns, *names)
    values = {name: joined.waiting.isnull().ifelse(0, joined[name]) for name in names}
    told = {name: joined.usable.ifelse(value, None).cast("int64") for name, value in values.items()}
    return joined.select("case", "position", "activity", "next_activity", **told)


def waits_of_edges(these: ir.Table, keys: list[str]) -> ir.Table:
    """The sums of waiting and its causes by ``keys`` (the edge, and the group), and ``untold``: the units before which no waiting is known."""
    kept = these.filter(these.activity.notnull())
    sums = {name: kept[name].cast("decimal(38, 0)").sum().fill_null(0) for name in ("waiting", *CAUSES)}
    return kept.group_by(keys).aggregate(**sums, untold=kept.waiting.isnull().sum())
