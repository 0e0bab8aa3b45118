"""Faults of names: activities and resources that differ only by blanks or by upper and lower case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from finmine.relations.fault import Fault
from finmine.relations.tables import activity_labels, recorded_names, resource_labels
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def name_faults(log: EventLog) -> Iterator[Fault]:
    """The faults of names that can be looked for in a log."""
    rule = "the name differs from another one only by blanks or letter case; the rarer spelling is counted, and both stay apart in all answers"
    labels = activity_labels(log)
    yield Fault("activities spelled alike", "doubt", "units", rule, lambda: _alike(log, "activity", labels, labels))
    if log.facts.has_resource:
        recorded, shown = recorded_names(log), resource_labels(log)
        yield Fault("resources spelled alike", "doubt", "units", rule, lambda: _alike(log, "resource", recorded, shown))


def _alike(log: EventLog, code: str, names: ir.Table, shown: ir.Table) -> ir.Table:
    """The units with a spelling that has a more frequent sister."""
    import ibis

    these = units(log)
    spellings = names.mutate(plain=names.label.re_replace(r"[\s\p{Z}]", "").lower())
    sisters = spellings.mutate(n=spellings.count().over(ibis.window(group_by="plain"))).filter(lambda found: found.n > 1).drop("n")
    used = these.join(sisters, code)
    plain = used.group_by([code, "label", "plain"]).aggregate(n=used.count())
    order = ibis.window(group_by="plain", order_by=[ibis.desc("n"), "label"])
    ranked = plain.mutate(rank=ibis.row_number().over(order), best=plain[code].first().over(order))
    rarer = ranked.filter(ranked.rank > 0).select(code, "best")
    spelled = rarer.join(shown.rename(mine="label"), code).join(shown.rename(best=code, theirs="label"), "best")
    held = these.join(spelled, code)
    return held.select("case", "source", "row", found="'" + held.mine + "' beside '" + held.theirs + "'")
