"""Cases that had come to an end and went on, so that by their last activity they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.log import EventLog
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir


def gone_on(log: EventLog) -> ir.Table:
    """How many cases run, how many of these have had a declared end activity, their money, and how many of them end after the extraction."""
    ends = [name for names in log.card.outcomes.values() for name in names]
    labels = activity_labels(log)
    ended = units(log).semi_join(labels.filter(labels.label.isin(ends)) if ends else labels.limit(0), "activity")
    these = traces(log).filter(lambda one: one.status == "running")
    these = these.mutate(had=these.case.isin(ended.case))
    planned = these.had & (these.ended > log.facts.extracted)
    return these.aggregate(
        running=these.count(), cases=these.count(where=these.had), owed=these.money.abs().sum(where=these.had), planned=these.count(where=planned)
    )
