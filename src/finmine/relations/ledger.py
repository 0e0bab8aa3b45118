"""The time ledger: what the time of every unit was spent on, so that it adds up to the time of each case, each team and each month.

A unit is open from when it was enabled until it is completed: it waits (for one of six causes) or, at the start of its case, lags,
and then is in work; where its start is not known all of this is a gap. Units of a case may be open at once, so their times add up to
more than the case took. What is counted twice is the **overlap**: the time in which a unit was open before the unit completed last
before it was completed. Less its overlap, a unit is left with the time from the last completion of its case to its own: the
completion clock. For every unit, and for each month of it,

    start lag + waiting by cause + gap + work - overlap = time on the completion clock,

exactly, in microseconds; and the times of a case's units add up to its throughput time. So any set of units adds up: those of
a case, of a resource, a role or an activity, in a month. No entry is negative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.months import by_month
from finmine.relations.waiting_causes import CAUSES, Precedence, WaitingParts, opened_units, waits

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from finmine.log import EventLog

ENTRIES = ("start_lag", *CAUSES, "gap", "work", "overlap")
"""The entries of the ledger; all add to the time but ``overlap``, which is taken off."""


def ledger(log: EventLog, found: WaitingParts, first: Precedence = "batch-last") -> ir.Table:
    """One row for each unit that the filters keep and each month of it: case, position, month, activity, resource, the entries, and ``clock``."""
    import ibis

    these = opened_units(log, found)
    before = these.time.lag().over(ibis.window(group_by="case", order_by="position"))
    these = these.mutate(before=before)
    spans = {
        "start_lag": these.filter(these["first"]).select("case", "position", since="enabled", until="began"),
        "gap": these.filter(these.began.isnull()).select("case", "position", since="enabled", until="time"),
        "work": these.select("case", "position", since="began", until="time"),
        "overlap": these.select("case", "position", since="enabled", until="before"),
    }
    rows = [_entered(by_month(span, found.months), (entry,)) for entry, span in spans.items()]
    rows.append(_entered(by_month(waits(log, found, first), found.months), CAUSES))
    entered = ibis.union(*rows)
    together = entered.group_by("case", "position", "month").aggregate(**{entry: entered[entry].sum().cast("int64") for entry in ENTRIES})
    clock = sum((together[entry] for entry in ENTRIES if entry != "overlap"), start=-together.overlap)
    known = these.select("case", "position", "activity", "resource")
    return together.mutate(clock=clock).join(known, ["case", "position"])


def _entered(pieces: ir.Table, entries: Sequence[str]) -> ir.Table:
    """Pieces as rows of the ledger: the length of the piece under the one entry, or what stands under each of several."""
    import ibis

    amounts = {entries[0]: pieces.until - pieces.since} if len(entries) == 1 else {entry: pieces[entry] for entry in entries}
    nothing = {entry: ibis.literal(0, "int64") for entry in ENTRIES}
    return pieces.select("case", "position", "month", **(nothing | amounts))
