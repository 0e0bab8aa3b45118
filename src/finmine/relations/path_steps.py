"""What a path does, step by step: how often it goes from each activity to each other, from the start and to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def path_steps(log: EventLog, paths: ir.Table) -> ir.Table:
    """One row for each step of the paths (a relation with a column ``path``): path, source (missing at the start), target (missing at the end), steps."""
    import ibis

    these = units(log).semi_join(paths.select(case="path").distinct(), "case")
    nothing = ibis.null("int32")
    opening = these.filter(these.position == 1).select(path="case", source=nothing, target="activity")
    whole = opening.union(these.select(path="case", source="activity", target="next_activity"))
    return whole.group_by("path", "source", "target").aggregate(steps=whole.count())
