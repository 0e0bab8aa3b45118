"""What is in no order because only its day is known: an activity that records days alone beside others with a time of day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from finmine.relations.instants import at_midnight, local, midnight
from finmine.relations.units import units
from finmine.words import MINUTE

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.grounds import Grounds
    from finmine.log import EventLog

_LEAST, _PERCENT = 20, 99


def day_only(log: EventLog) -> frozenset[int]:
    """The codes of the activities that record days alone: at least 20 units, 99 of 100 at midnight on the clocks of the log's zone."""
    if log.facts.resolution == "day":
        return frozenset()
    every = units(log)
    found = every.mutate(quarter=every.time % (15 * MINUTE) == 0)
    number = found.group_by("activity").aggregate(number=found.count(), quarters=found.quarter.sum())
    many = number.filter(number.number >= _LEAST, number.quarters * 100 >= number.number * _PERCENT)
    these = every.semi_join(many, "activity")
    told = these.group_by("activity").aggregate(number=these.count(), midnights=at_midnight(these.time, log.zone).sum())
    told = told.filter(told.midnights * 100 >= told.number * _PERCENT).select("activity")
    return frozenset(int(str(activity)) for activity in log.fetch(told).column("activity"))


def mixed(grounds: Grounds, *steps: str) -> bool:
    """Whether some activities of these steps record days alone and others do not."""
    return bool({*grounds.codes(*steps)} & grounds.day_only) and bool({*grounds.codes(*steps)} - grounds.day_only)


def in_known_order(grounds: Grounds, *steps: str) -> ir.Table:
    """The units of steps with the time by which they can be ordered: on a day on which the case has one of which only the day is known, all have that of the day."""
    these = grounds.of_steps(*steps)
    if not mixed(grounds, *steps):
        return these
    zone = grounds.log.zone
    these = these.mutate(day=local(these.time, zone).date(), vague=these.activity.isin(sorted(grounds.day_only)))
    vague = these.vague.any().over(ibis.window(group_by=["case", "day"]))
    these = these.mutate(time=ibis.ifelse(vague, midnight(these.day, zone), these.time))
    return these.select("case", "position", "activity", "time", "person", "machine", "covered")
