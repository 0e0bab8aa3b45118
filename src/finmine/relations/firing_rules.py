"""When batches fire: the instants at which they do and do not, and the rules that tell them apart; see the kernels of these names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.arrays import Lent, through
from finmine.kernels.firing_instants import firing_instants
from finmine.kernels.firing_rules import firing_rules as searched
from finmine.relations.instants import day_number, local

if TYPE_CHECKING:
    from finmine.log import EventLog
    from finmine.relations.enabled import Enabled


def firing_rules(log: EventLog, found: Enabled, together: Lent) -> tuple[Lent, Lent]:
    """The instants of the batches, and the rules of each activity with enough of them; the kernels run here.

    Args:
        log: the event log.
        found: when its units were enabled.
        together: its batches.
    """
    names = ("resource", "activity", "batch", "batch_start", "ready", "case", "position")
    units = together.table.select(*names).join(found.table.select("case", "position", "enabled"), ["case", "position"]).select(*names, "enabled")
    said = "kernels.firing_instants.firing_instants()"
    order = ("activity", "batch", "enabled", "case", "position")
    instants = through(log.engine, units, firing_instants, by=["resource"], order=order, noun="firing", said=said)
    shown = instants.table.mutate(at=local(instants.table.instant, log.zone))
    given = shown.select(*instants.table.columns, day=day_number(shown["at"].date()).cast("int64"), hour=shown["at"].hour().cast("int64"))
    order = ("began", "resource", "batch", "fires", "instant")
    said = "kernels.firing_rules.firing_rules()"
    return instants, through(log.engine, given, searched, by=["activity"], order=order, noun="rules", said=said)
