"""The completion clock: every microsecond of a case's throughput time charged to what finished before and what finishes next.

Between two completion stamps of a case the clock charges the pair of activities that stand at them; before the first
completion it charges the start of the case. Where several activities are completed at one stamp, the time is charged in
equal parts to all pairs of them, in whole microseconds, and what is left over goes to the alphabetically first pairs.
So the charges of a case add up to its throughput time exactly, whatever overlaps and in whatever order its rows stand.
A charge holds waiting and work alike: it says what finished next, not what was waited for.

On the clock of calendars a charge is the working time of its span. It is missing where that is not known, and what is known
adds up to the working time from the first start to the last completion of each case of which all is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.calendars import Calendars, case_calendars
from finmine.relations.exemplars import cases_with
from finmine.relations.groups import grouped
from finmine.relations.traces import traces
from finmine.relations.units import units
from finmine.relations.working_time import clock

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def completion_clock(log: EventLog, found: Calendars | None = None) -> ir.Table:
    """One row for each charge: case, activity (missing before the first completion), next_activity, charge in microseconds.

    With calendars the charge is working time on the clock of the case, and missing where that is not known.
    """
    tied, intervals = _tied(log), _intervals(log, found)
    cases = tied.select("case").distinct()
    plain = intervals.anti_join(cases, "case")
    shared = _shared(intervals.semi_join(cases, "case"), _labels(tied))
    return plain.select("case", "activity", "next_activity", charge=plain.length).union(shared)


def charged_cases(log: EventLog, charges: ir.Table, by: str | None = None) -> ir.Table:
    """The number of cases (of each group) in which time is charged to a pair of activities: activity, next_activity, group, cases.

    Where no two units of a case are completed at one stamp, these pairs are its steps, which its variant decides; so only the charges
    of the other cases are looked at one by one. The start of a case is charged once to what comes first, and is not among the pairs.
    """
    keys = ["activity", "next_activity", *(["group"] if by else [])]
    tied = _tied(log).select("case").distinct()
    shared = grouped(log, charges.semi_join(tied, "case"), by).select("case", *keys).distinct()
    every = cases_with(log, by, "activity", "next_activity", but=tied).union(shared.group_by(keys).aggregate(cases=shared.count()))
    return every.group_by(keys).aggregate(cases=every.cases.sum().cast("int64"))


def _tied(log: EventLog) -> ir.Table:
    """The units whose successor in the case is completed at the same stamp."""
    these = units(log)
    return these.filter(these.next_time == these.time)


def _intervals(log: EventLog, found: Calendars | None) -> ir.Table:
    """The time between each two neighbouring completion stamps of a case, and before the first, with one activity of either side."""
    import ibis

    these, cases = _elapsed(log) if found is None else _working(log, found)
    first = these.filter(these.position == 1).join(cases, "case")
    # a case without start stamps starts with its first completion: its start is charged nothing, and says what comes first
    before = {"activity": ibis.null("int32"), "next_activity": first.activity}
    opening = first.select("case", since=ibis.null("int64"), until=first.time, length=first.reading - first.started, **before)
    later = these.filter(these.next_time > these.time)
    between = {"activity": later.activity, "next_activity": later.next_activity}
    intervals = opening.union(later.select("case", since=later.time, until=later.next_time, length=later.next_reading - later.reading, **between))
    return intervals if found is None else intervals.mutate(length=(intervals.length >= 0).ifelse(intervals.length, ibis.null("int64")))


def _elapsed(log: EventLog) -> tuple[ir.Table, ir.Table]:
    """The units with what the clock of the wall shows at them and at their successors, and at the start of each case."""
    these = units(log)
    return these.mutate(reading=these.time, next_reading=these.next_time), traces(log).select("case", "started")


def _working(log: EventLog, found: Calendars) -> tuple[ir.Table, ir.Table]:
    """The units with what the clock of their case's calendar shows at them and at their successors, and at the start of each case."""
    import ibis

    of_case = case_calendars(log, found).select("case", "calendar")
    read = clock(units(log).join(of_case, "case"), found, "time", "reading")
    read = read.mutate(next_reading=read.reading.lead().over(ibis.window(group_by="case", order_by="position")))
    started = clock(traces(log).select("case", "started").join(of_case, "case"), found, "started", "reading")
    return read, started.select("case", started=started.reading)


def _labels(tied: ir.Table) -> ir.Table:
    """The activities at each stamp at which a case completes more than one unit: how many, and the place of each in the alphabet."""
    import ibis

    held = tied.select("case", "time", label=tied.activity).union(tied.select("case", "time", label=tied.next_activity), distinct=True)
    stamp = ["case", "time"]
    place = ibis.row_number().over(ibis.window(group_by=stamp, order_by="label"))
    return held.mutate(place=place.cast("int64"), labels=held.count().over(ibis.window(group_by=stamp)))


def _shared(intervals: ir.Table, labels: ir.Table) -> ir.Table:
    """The charges of intervals that may begin or end with several activities: one for each pair of them."""
    import ibis

    before = labels.rename(since="time", before="label", before_place="place", before_labels="labels")
    after = labels.rename(until="time", after="label", after_place="place", after_labels="labels")
    met = intervals.left_join(before, ["case", "since"]).drop("case_right").drop("since_right")
    met = met.left_join(after, ["case", "until"]).drop("case_right").drop("until_right")
    pairs = ibis.coalesce(met.before_labels, 1) * ibis.coalesce(met.after_labels, 1)
    place = ibis.coalesce(met.before_place, 0) * ibis.coalesce(met.after_labels, 1) + ibis.coalesce(met.after_place, 0)
    return met.select(
        "case",
        activity=ibis.coalesce(met.before, met.activity),
        next_activity=ibis.coalesce(met.after, met.next_activity),
        charge=_part(met.length, pairs, place),
    )


def _part(length: ir.IntegerColumn, parts: ir.IntegerColumn, place: ir.IntegerColumn) -> ir.IntegerColumn:
    """One of several equal whole parts of a length; what is left over goes to the first places, one each.

    Division passes through floating point, which is off by a little for lengths beyond 285 years; dividing what it
    leaves once more makes the parts add up to any length.
    """
    about = length // parts
    left = length - about * parts
    more = left // parts
    return about + more + (place < left - more * parts).cast("int64")
