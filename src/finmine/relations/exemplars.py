"""Exemplars: one case of each variant, which tells for all cases that go the same way what the sequence of activities decides.

How many cases take an edge, or hold an activity, depends on the variants of the cases alone, and a log of millions of units has
few of them: an exemplar is looked at and counted for all its cases, which is exact, because reading has proved that equal keys
of variants are equal traces. Where event filters have made the traces anew, every case stands for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from finmine.relations.groups import grouped
from finmine.relations.traces import VARIANT_KEY, traces
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def cases_with(log: EventLog, by: str | None, *keys: str, but: ir.Table | None = None) -> ir.Table:
    """The number of cases (of each group) that have a unit with these keys: keys, group, cases.

    The keys are what the sequence of activities decides: the activity of a unit and the next one, which is not missing here.
    The cases of ``but`` (by its column ``case``) are left out.
    """
    columns = [*keys, *(["group"] if by else [])]
    these = _exemplary_units(log, by, but)
    once = these.filter([these[key].notnull() for key in keys]).select(*columns, "case", "alike").distinct()
    return once.group_by(columns).aggregate(cases=once.alike.sum().cast("int64"))


def units_that_repeat(log: EventLog) -> ir.Table:
    """The units of each activity that occurs more than once in its case."""
    these, key = units(log), ["case", "activity"]
    if log.edited:
        return these.semi_join(_repeated(these, key), key)
    cases = traces(log)
    exemplars = cases.group_by(list(VARIANT_KEY)).aggregate(exemplar=cases.case.min())
    found = _repeated(these.semi_join(exemplars, these.case == exemplars.exemplar), key).rename(exemplar="case")
    of_cases = cases.select("case", *VARIANT_KEY).join(exemplars.join(found, "exemplar"), list(VARIANT_KEY))
    return these.semi_join(of_cases, key)


def _repeated(these: ir.Table, key: Sequence[str]) -> ir.Table:
    return these.group_by(list(key)).having(these.count() > 1).aggregate(occurrences=these.count()).select(*key)


def _exemplary_units(log: EventLog, by: str | None, but: ir.Table | None) -> ir.Table:
    """The units of one case of each variant (of each group), with ``alike``: the number of cases for which it stands."""
    import ibis

    these = units(log) if log.edited else traces(log)
    cases = grouped(log, these if but is None else these.anti_join(but, "case"), by)
    if log.edited:
        return cases.mutate(alike=ibis.literal(1, "int64"))
    groups = ["group"] if by else []
    exemplars = cases.group_by([*VARIANT_KEY, *groups]).aggregate(alike=cases.count(), case=cases.case.min())
    return units(log).join(exemplars.select("case", "alike", *groups), "case")
