"""The time of each unit from when it was enabled to its completion: start lag or waiting by cause, then work; or a gap where no start is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.calendars import unit_calendars
from finmine.relations.units import units
from finmine.relations.waiting_causes import CAUSES, Precedence, WaitingParts, opened_units, waits
from finmine.relations.working_time import working_time

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

WAITING = ("waiting", *CAUSES, "working", *(f"{cause}_working" for cause in CAUSES))
"""What is summed of waits: on the clock, and of what is known in opening hours."""
OPEN = ("work_open", "gap_open")


def unit_times(log: EventLog, found: WaitingParts, first: Precedence, *, raw: bool) -> ir.Table:
    """One row for each unit that the filters keep.

    case, position, activity, resource, ``before`` (the activity that enabled it); ``waiting`` and its causes (nought where it did not
    wait), on the clock and in opening hours (see ``waiting_causes.waits``); ``start_lag``; ``work``, from start to completion; ``gap``, from
    enabling to completion where no start is known; ``work_open`` and ``gap_open``, in opening hours. What does not apply or is not
    known is missing.
    """
    import ibis

    pieces = waits(log, found, first, raw=raw)
    waited = pieces.group_by("case", "position").aggregate(**{name: pieces[name].sum().cast("int64") for name in WAITING})
    enabling = units(found.log).select("case", enabler="position", before="activity")
    these = opened_units(log, found)
    these = these.left_join(enabling, ["case", "enabler"]).select(*these.columns, "before")
    hours = unit_calendars(found.log, found.calendars).select("case", "position", "calendar")
    these = these.join(hours, ["case", "position"])
    these = working_time(these, found.calendars, "began", "time", name="work_open")
    these = these.mutate(since=these.began.isnull().ifelse(these.enabled, ibis.null("int64")))
    these = working_time(these, found.calendars, "since", "time", name="gap_open")
    spent = these.select(
        *("case", "position", "activity", "resource", "before", "start_lag", *OPEN),
        work=these.time - these.began,
        gap=these.time - these.since,
    )
    joined = spent.left_join(waited, ["case", "position"]).select(*spent.columns, *WAITING)
    return joined.mutate(**{name: joined[name].fill_null(0) for name in ("waiting", *CAUSES)})


def sums(these: ir.Table) -> dict[str, ir.Scalar]:
    """The units, how many of them waited or have a gap, and the sums of their times, exact; ``gap_open`` is missing where none of the gaps lies on a calendar."""
    names = (*WAITING, "start_lag", "work", "gap", *OPEN)
    counted = {
        "units": these.count(),
        "cases": these.case.nunique(),
        "waits": these.count(where=these.waiting > 0),
        "unplaced": these.count(where=(these.waiting > 0) & these.working.isnull()),
        "gaps": these.count(where=these.gap.notnull()),
        "gapped": these.count(where=these.gap > 0),
        "lags": these.count(where=these.start_lag > 0),
    }
    told = {name: these[name].cast("decimal(38, 0)").sum() for name in names}
    return counted | told | {"gap_open": these.gap_open.cast("decimal(38, 0)").sum(where=these.gap > 0)}
