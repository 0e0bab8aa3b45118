"""Processing time: how long the work on a unit took, where its start was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


def processed(these: ir.Table) -> ir.Table:
    """The units with ``processing``: microseconds from start to completion, less the time they were suspended.

    It is missing where the start is missing or later than the completion, and where more was suspended than passed.
    """
    import ibis

    worked = these.time - these.start - these.suspended
    return these.mutate(processing=(worked >= 0).ifelse(worked, ibis.null("int64")))
