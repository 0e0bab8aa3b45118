"""Times of units and of cases: processing, waiting, start lag, gap, idle and throughput time, on the clock or in working time.

Of a **unit** each time is by itself: units that overlap count in full, and their times add up to more than the case took. Of a **case**
the spans of its units are joined first, so that no time counts twice: its processing time is the time in which at least one of
its units was in work, and its idle time the rest of its throughput time. What is not known is missing: of a case, idle and
processing time where a start of its units is not known; in working time, whatever no calendar applies to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from finmine.relations.calendars import Calendars, case_calendars, unit_calendars
from finmine.relations.enabled import Enabled, enabled_units
from finmine.relations.overlaps import disjoint
from finmine.relations.processing import processed
from finmine.relations.traces import traces
from finmine.relations.working_time import working_time

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

OF_CASES: Final = ("throughput", "processing", "waiting", "start_lag", "idle")
OF_UNITS: Final = ("processing", "waiting", "start_lag", "gap")


def unit_times(log: EventLog, these: ir.Table, hours: Calendars | None = None) -> ir.Table:
    """Units as ``enabled_units`` gives them, whole cases of them, with their times; with calendars in the working time of each unit's own.

    ``processing`` is less suspensions, whose place is not known, so that in working time it is missing where there are any. ``gap`` runs from the
    completion of the unit before in the case, missing for the first. ``unknown_start`` says that no usable start is recorded.
    """
    import ibis

    before = these.time.lag().over(ibis.window(group_by="case", order_by="position"))
    told = processed(these).mutate(before=before, unknown_start=these.began.isnull())
    if hours is None:
        return told.mutate(gap=told.time - told.before).drop("before")
    applied = unit_calendars(log, hours).select("case", "position", "calendar")
    worked = told.drop("waiting").drop("start_lag").join(applied, ["case", "position"])
    for name, since, until in (("in_work", "began", "time"), ("until_begun", "enabled", "began"), ("gap", "before", "time")):
        worked = working_time(worked, hours, since, until, name=name)
    nothing = ibis.null("int64")
    timed = worked.mutate(
        processing=(worked.processing.notnull() & (worked.suspended == 0)).ifelse(worked.in_work, nothing),
        waiting=worked["first"].ifelse(nothing, worked.until_begun),
        start_lag=worked["first"].ifelse(worked.until_begun, nothing),
    )
    return timed.drop("before").drop("calendar").drop("in_work").drop("until_begun")


def case_times(log: EventLog, found: Enabled, hours: Calendars | None = None) -> ir.Table:
    """The cases that the filters keep, as ``traces`` gives them, with their times; with calendars in the working time of each case's own.

    All but ``throughput`` are missing where a start of the case's units is not known; ``idle`` is throughput less processing time.
    """
    cases, these = traces(log), enabled_units(log, found)
    if hours is not None:
        cases = cases.join(case_calendars(log, hours).select("case", "calendar"), "case")
        cases = working_time(cases, hours, "started", "ended").drop("throughput").rename(throughput="worked")
    spans = {"processing": ("began", "time", these), "waiting": ("enabled", "began", these.filter(~these["first"]))}
    spans["start_lag"] = ("enabled", "began", these.filter(these["first"]))
    unknown = these.group_by("case").aggregate(unknown_starts=these.began.isnull().sum())
    joined = cases.join(unknown, "case")
    for name, (since, until, kept) in spans.items():
        covered = _covered(cases, kept.filter(kept.began.notnull()), since, until, hours)
        told = joined.left_join(covered, "case")
        known = (joined.unknown_starts == 0) & ~told.missing.fill_null(False)
        joined = told.select(*joined.columns, **{name: known.ifelse(told.covered.fill_null(0), None).cast("int64")})
    return joined.mutate(idle=joined.throughput - joined.processing)


def _covered(cases: ir.Table, these: ir.Table, since: str, until: str, hours: Calendars | None) -> ir.Table:
    """How much time of each case the spans of its units cover, in working time with calendars, and whether some of it is not known: case, covered, missing."""
    apart = disjoint(these.select("case", "position", since, until), since, until, "position")
    if hours is None:
        timed = apart.mutate(length=apart.apart_until - apart.apart_since)
    else:
        placed = apart.join(cases.select("case", "calendar"), "case")
        timed = working_time(placed, hours, "apart_since", "apart_until", name="length")
    return timed.group_by("case").aggregate(covered=timed.length.sum().cast("int64"), missing=timed.length.isnull().any())
