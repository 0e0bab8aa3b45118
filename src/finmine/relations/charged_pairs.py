"""Charges gathered by what follows what, and by what comes after them: their sums, how many there are, and how they are spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from finmine.relations.doubtful_units import doubtful_cases
from finmine.relations.exemplars import cases_with
from finmine.relations.groups import grouped
from finmine.relations.tables import activity_labels

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

CASE_START = "(start of the case)"
"""What stands for the activity before the first completion of a case."""


def charged_edges(log: EventLog, charges: ir.Table, by: str | None, cases: ir.Table, *, wrong: bool) -> ir.Table:
    """The charges of each pair of activities (in each group), with the names of both, in how many ``cases`` they are, and most charged first.

    With ``wrong``, also ``sound``: what of them is not in cases with wrong dates (see ``doubtful_units.doubtful_cases``).
    """
    groups = ["group"] if by else []
    keys, these = ["activity", "next_activity", *groups], grouped(log, charges, by)
    if wrong:
        these = these.mutate(doubtful=these.case.isin(doubtful_cases(log).case))
    found = _spread(
        these,
        keys,
        contribution=these.charge.sum().cast("decimal(38, 0)").coalesce(0),
        negative=these.count(where=these.charge < 0),
        unknown=these.charge.isnull().sum(),
        **({"sound": these.charge.sum(where=~these.doubtful).cast("decimal(38, 0)").coalesce(0)} if wrong else {}),
    )
    told = found.left_join(cases, keys)
    found = told.select(*found.columns, cases=told.activity.isnull().ifelse(told.steps, told.cases))  # a case starts once
    labels = activity_labels(log)
    before, after = labels.rename(source_activity="label"), labels.rename(target_activity="label", next_activity="activity")
    named = found.left_join(before, "activity").drop("activity_right").join(after, "next_activity")
    named = named.rename(source="activity", target="next_activity").mutate(source_activity=named.source_activity.fill_null(CASE_START))
    return named.order_by([*groups, named.contribution.desc(), "source_activity", "target_activity", "source"])


def charged_activities(log: EventLog, charges: ir.Table) -> ir.Table:
    """The charges before each activity; something is charged to it in every case that has it."""
    found = _spread(charges, ["next_activity"], time_before=charges.charge.sum().cast("decimal(38, 0)").coalesce(0))
    found = found.rename(code="next_activity").join(cases_with(log, None, "activity").rename(code="activity"), "code")
    named = found.join(activity_labels(log).rename(code="activity", activity="label"), "code")
    return named.order_by([named.time_before.desc(), "activity", "code"])


def _spread(these: ir.Table, keys: Sequence[str], **sums: ir.Scalar) -> ir.Table:
    """Charges by keys: sums, how many there are, and how they are spread."""
    found = these.group_by(list(keys)).aggregate(
        **sums,
        steps=these.count(),
        mean=(these.charge.sum().cast("decimal(38, 0)") / these.charge.count()).round().cast("int64"),
        ranked=these.charge.quantile([0.5, 0.9]),  # both from one look at the charges
    )
    return found.mutate(**{name: found.ranked[place].round().cast("int64") for place, name in enumerate(("median", "p90"))}).drop("ranked")
