"""Faults of cases: cut off by the extract, still running, or with starts and completions that do not meet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from finmine.relations.credible_times import EARLIEST
from finmine.relations.fault import Fault, first_units, placed
from finmine.relations.row_faults import raw_table, recorded_rows
from finmine.relations.tables import activity_labels, units_table
from finmine.relations.traces import traces
from finmine.relations.units import units
from finmine.vocabulary import STARTING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

UNUSUAL = 0.01
"""Fewer of the cases than this begin with an activity that is no usual start."""


def case_faults(log: EventLog) -> Iterator[Fault]:
    """The faults of cases that can be looked for in a log."""
    these = units(log)
    if log.facts.pairing is not None:
        rule = (
            "the completion has no start of the same activity before it in the case, though at least every second completion of the activity "
            "has one; it has no processing time"
        )
        yield Fault(
            "completion without start", "doubt", "units", rule, lambda: placed(_unstarted(units_table(log.tables.instances).semi_join(these, "case")))
        )
        rule = "the start has no completion of the same activity after it in the case; as an instance it is none, and in no number"
        yield Fault("start without completion", "doubt", "rows", rule, lambda: placed(_unended(log)))
    rule = (
        "the case begins with an activity with which fewer than one case in a hundred begins, and so early that it may have begun before the "
        "extract: within the time that nine cases in ten take, counted from the first stamp; its throughput time may be too short"
    )
    yield Fault("cut off at its start", "doubt", "cases", rule, lambda: _cut_off(log, these))
    if log.card.outcomes:
        running = traces(log).filter(lambda cases: cases.status == "running").select("case")
        rule = "the case has not come to a declared end activity; its throughput time is so far, not in all"
        yield Fault("running at the extraction", "note", "cases", rule, lambda: placed(first_units(these, running)))


def _unstarted(instances: ir.Table) -> ir.Table:
    """The completions without start of activities that are not recorded by their completion alone."""
    begun = instances.group_by("activity").aggregate(units=instances.count(), starts=instances.start.count())
    return instances.filter(instances.start.isnull()).semi_join(begun.filter(begun.starts * 2 >= begun.units), "activity")


def _unended(log: EventLog) -> ir.Table:
    """The starts of each case and activity that are left when the others have found their completion, first in, first out."""
    import ibis

    key = ["case", "activity"]
    raw = raw_table(log)
    transition = raw[log.attribute(log.card.roles["lifecycle"][0]).column].cast("string").lower()
    rows = raw.filter(transition.isin(list(STARTING))).select("source", "row")
    starts = recorded_rows(log).semi_join(rows, ["source", "row"])
    numbered = starts.mutate(number=ibis.row_number().over(ibis.window(group_by=key, order_by="position")))
    met = units_table(log.tables.instances).group_by(key).aggregate(met=lambda found: found.start.count())
    left = numbered.left_join(met, key)
    return left.filter(left.number >= left.met.coalesce(0))


def _cut_off(log: EventLog, these: ir.Table) -> ir.Table:
    import ibis

    cases = traces(log)
    usual = cases.group_by("first_activity").aggregate(n=lambda found: found.count())
    share = usual.n / usual.n.sum().over(ibis.window())
    unusual = usual.mutate(share=share).filter(lambda found: found.share < UNUSUAL)
    credible = cases.filter(cases.started >= EARLIEST)
    edge = credible.aggregate(edge=credible.started.min() + credible.throughput.quantile(0.9).round().cast("int64"))
    kept = cases.semi_join(unusual, "first_activity").cross_join(edge)
    kept = kept.filter(kept.started >= EARLIEST, kept.started < kept.edge).select("case")
    named = first_units(these, kept).join(activity_labels(log), "activity")
    return placed(named, named.label)
