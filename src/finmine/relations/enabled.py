"""Enabled units: when each could have begun, by which unit it was enabled, and how long it waited.

**Waiting** runs from when a unit was enabled to its start, and is known only where a usable start is recorded. The **first** units
of a case, which no other enables, have no waiting: the time from the start of the case to theirs is start lag. See
``kernels.enabled`` for the definition and ``relations.concurrency`` for what does not enable each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from finmine.arrays import Lent, through
from finmine.kernels.enabled import enabled_instants
from finmine.relations.concurrency import Concurrency, concurrency
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


@dataclass(frozen=True, slots=True)
class Enabled:
    """When each unit was enabled: ``table`` has case, position, enabled, first (1 or 0), enabler (the position of the unit that enabled it).

    A first unit is enabled by the start of its case; its enabler is missing. ``concurrency`` says which activities run side by side.
    """

    concurrency: Concurrency
    instants: Lent

    @property
    def table(self) -> ir.Table:
        """One row for each unit that the filters keep."""
        return self.instants.table

    @property
    def lent(self) -> tuple[Lent, ...]:
        """The kernels behind it, in their order."""
        return (*self.concurrency.lent, self.instants)


def enabled(log: EventLog) -> Enabled:
    """When each unit that the filters keep was enabled; the kernels run here."""
    found = concurrency(log)
    these = units(log).select("case", "position", "activity", "start", "time").cast(dict.fromkeys(("case", "position", "activity"), "int64"))
    said = f"kernels.enabled.enabled_instants(concurrent={found.pairs})"
    kernel = partial(enabled_instants, concurrent=found.pairs)
    return Enabled(found, through(log.engine, these, kernel, by=["case"], order=["position"], noun="enabled", said=said))


def enabled_units(log: EventLog, found: Enabled) -> ir.Table:
    """The units with ``began`` (their start where it is usable), enabled, first, enabler, ``waiting`` and ``start_lag``.

    ``waiting`` is missing for first units and where no usable start is known; ``start_lag`` for all others.
    """
    import ibis

    these = units(log)
    since = found.table.mutate(first=found.table["first"] == 1).cast({"case": "int32", "position": "int32"})
    joined = these.join(since, ["case", "position"])
    began = (joined.start <= joined.time).ifelse(joined.start, ibis.null("int64"))
    timed = joined.mutate(began=began, passed=began - joined.enabled)
    nothing = ibis.null("int64")
    known = timed.mutate(waiting=timed["first"].ifelse(nothing, timed.passed), start_lag=timed["first"].ifelse(timed.passed, nothing))
    return known.drop("passed")
