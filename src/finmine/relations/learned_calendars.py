"""Calendars learned from the log, for resources to whose work no declared calendar applies.

From the stamps of a resource (starts and completions) its granules of the week are learned (see ``kernels.learned_granules``).
One that has too little work of its own gets the calendar of its role, else that of all resources; where even these have
too little, it has none. Dates on which hardly anybody works, against the same weekday, are taken as holidays, and a
calendar is open only from the month of the first stamp to that of the last.

What is learned is always marked so: it says when work was recorded, not when somebody was due to work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from finmine.arrays import Lent, through
from finmine.finance.calendar import Calendar, clipped
from finmine.finance.local_days import date_of, day_number, local_days
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.kernels.learned_granules import Learning, learned_granules
from finmine.relations.attributes import recorded_unit_values
from finmine.relations.instants import local
from finmine.relations.tables import resource_labels, units_table
from finmine.words import MINUTE, YEAR

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_QUARTER = 15 * MINUTE  # offsets of zones are whole quarters of an hour, so all stamps of a quarter are in one granule
_SECONDS = 86_400
_QUIET = 0.05  # of the middle of its weekday: a date with less is a holiday
_BUSY = 20  # stamps on the middle one of a weekday, below which none is a holiday


@dataclass(frozen=True, slots=True)
class Support:
    """What a calendar was learned from: on how many dates stamps were left, how many, and how many of them lie in the hours that were learned."""

    dates: int
    stamps: int
    inside: int


@dataclass(frozen=True, slots=True)
class Learned:
    """Calendars that were learned and what each rests on, the place of that of each resource (by its code) among them, and the kernels they came from."""

    calendars: tuple[Calendar, ...] = ()
    support: tuple[Support, ...] = ()
    of: Mapping[int, int] = field(default_factory=dict)
    lent: tuple[Lent, ...] = ()


def learned_calendars(log: EventLog, resources: Iterable[int], how: Learning, horizon: tuple[int, int]) -> Learned:
    """The calendars of resources: their own, else that of their role, else that of all; who has none of these is left out.

    They are learned from the log as read: what a filter leaves out was work all the same.
    """
    stamps = _stamps(log, how.minutes)
    off = _holidays(log, stamps)
    laid: dict[tuple[int, int], tuple[Calendar, Support]] = {}
    of, lent, left = dict[int, tuple[int, int]](), list[Lent](), set(resources)
    for level, pools in enumerate(_pools(log)):
        if not left:
            break
        members = [(int(str(resource)), int(str(pool)), str(name)) for resource, pool, name in log.fetch(pools).tuples()]
        members = [member for member in members if member[0] in left]
        pooled = stamps.join(pools, "resource")
        lent.append(_lent(log, pooled, how))
        weeks, seen = _weeks(log, lent[-1], how), _seen(log, pooled, lent[-1])
        for pool, name in {pool: name for _, pool, name in members if pool in weeks}.items():
            tenure, support = seen[pool]
            calendar = _laid(WorkingHours(f"learned from {name}", weeks[pool], closed=off), tenure, horizon, log.zone)
            if len(calendar.starts):
                laid[level, pool] = calendar, support
        of |= {resource: (level, pool) for resource, pool, _ in members if (level, pool) in laid}
        left -= set(of)
    places = {key: place for place, key in enumerate(laid)}
    found = tuple(calendar for calendar, _ in laid.values())
    rests = tuple(rest for _, rest in laid.values())
    return Learned(found, rests, {resource: places[key] for resource, key in sorted(of.items())}, tuple(lent))


def _pools(log: EventLog) -> Iterator[ir.Table]:
    """From whom a resource can learn, the nearest first: resource, pool, name."""
    import ibis

    shown = resource_labels(log)
    yield shown.select("resource", pool=shown.resource.cast("int64"), name=shown.label)
    if "role" in log.card.roles:
        these = units_table(log.tables.units)
        named = recorded_unit_values(log, "role", these).join(these.select("case", "position", "resource"), ["case", "position"])
        named = named.filter(named.resource.notnull())
        counted = named.group_by("resource", "value").aggregate(times=named.count())
        nth = ibis.row_number().over(ibis.window(group_by="resource", order_by=[counted.times.desc(), "value"]))
        main = counted.mutate(nth=nth).filter(lambda ranked: ranked.nth == 0)
        yield main.select("resource", pool=ibis.dense_rank().over(ibis.window(order_by="value")).cast("int64"), name="role " + main.value)
    yield shown.select("resource", pool=ibis.literal(0, "int64"), name=ibis.literal("all resources"))


def _stamps(log: EventLog, minutes: int) -> ir.Table:
    """How many stamps each resource left for each activity on each local day in each granule: resource, activity, day, granule, stamps."""
    these = units_table(log.tables.units)
    these = these.filter(these.resource.notnull())
    began = these.filter(these.start.notnull())
    left = these.select("resource", "activity", at=these.time).union(began.select("resource", "activity", at=began.start))
    quarters = left.mutate(quarter=left.at - (left.at % _QUARTER + _QUARTER) % _QUARTER)
    quarters = quarters.group_by(["resource", "activity", "quarter"]).aggregate(stamps=quarters.count())
    clock = quarters.select("quarter").distinct()  # the clocks of a zone are slow: each quarter of an hour is looked up once
    clock = clock.mutate(shown=local(clock.quarter, log.zone).epoch_seconds())
    clock = clock.mutate(day=(clock.shown / _SECONDS).floor().cast("int64"))
    clock = clock.mutate(granule=(clock.shown - clock.day * _SECONDS) // (60 * minutes))
    dated = quarters.join(clock, "quarter")
    return dated.group_by(["resource", "activity", "day", "granule"]).aggregate(stamps=dated.stamps.sum().cast("int64"))


def _lent(log: EventLog, pooled: ir.Table, how: Learning) -> Lent:
    """The granules of each pool, by the kernel."""
    keys = ["pool", "activity", "day", "granule"]
    these = pooled.group_by(keys).aggregate(stamps=pooled.stamps.sum().cast("int64")).rename(resource="pool")
    done = these.group_by(["resource", "activity"]).aggregate(done=these.stamps.sum().cast("int64"))
    busiest = done.group_by("activity").aggregate(most=done.done.max())
    given = (
        these.join(busiest, "activity")
        .select("resource", "activity", "day", "granule", "stamps", "most")
        .cast(dict.fromkeys(("activity", "granule"), "int64"))
    )
    order = ["activity", "day", "granule"]
    return through(log.engine, given, partial(learned_granules, how=how), by=["resource"], order=order, noun="granules", said=how.said())


def _weeks(log: EventLog, lent: Lent, how: Learning) -> dict[int, tuple[tuple[Shift, ...], ...]]:
    """The shifts of each pool that has some: granules that meet are one shift."""
    open_at: dict[int, np.ndarray[tuple[int, int], np.dtype[np.bool_]]] = {}
    for pool, weekday, granule in log.fetch(lent.table).tuples():
        week = open_at.setdefault(int(str(pool)), np.zeros((7, how.granules + 2), dtype=bool))
        week[int(str(weekday)), int(str(granule)) + 1] = True
    return {pool: tuple(tuple(_runs(day, how.minutes)) for day in week) for pool, week in open_at.items()}


def _runs(day: np.ndarray[tuple[int], np.dtype[np.bool_]], minutes: int) -> Iterator[Shift]:
    edges = np.flatnonzero(day[1:] != day[:-1])
    return (Shift(int(begins) * minutes, int(ends) * minutes) for begins, ends in zip(edges[::2], edges[1::2], strict=True))


def _seen(log: EventLog, pooled: ir.Table, lent: Lent) -> dict[int, tuple[tuple[int, int], Support]]:
    """Of each pool the first day of the month of its first stamp and the last of that of its last one, and what its hours rest on."""
    kept = lent.table.select(pool="resource", weekday="weekday", granule="granule", kept=True)
    placed = pooled.mutate(weekday=((pooled.day + 3) % 7 + 7) % 7).left_join(kept, ["pool", "weekday", "granule"])
    told = placed.group_by("pool").aggregate(
        first=placed.day.min(),
        last=placed.day.max(),
        dates=placed.day.nunique(),
        stamps=placed.stamps.sum(),
        inside=placed.stamps.sum(where=placed.kept.notnull()).fill_null(0),
    )
    rows = ([int(str(cell)) for cell in row] for row in log.fetch(told).tuples())
    return {pool: ((_month(first, 0), _month(last, 1) - 1), Support(*counted)) for pool, first, last, *counted in rows}


def _month(day: int, later: int) -> int:
    """The first day of the month of a day, or of the month after it."""
    first = date_of(day).replace(day=1)
    return day_number((first + timedelta(days=31 * later)).replace(day=1))


def _holidays(log: EventLog, stamps: ir.Table) -> frozenset[date]:
    """The dates on which hardly anybody works, of weekdays on which many do."""
    counted = {int(str(day)): int(str(number)) for day, number in log.fetch(stamps.group_by("day").aggregate(number=stamps.stamps.sum())).tuples()}
    if not counted:
        return frozenset()
    days = np.arange(min(counted), max(counted) + 1)
    number = np.array([counted.get(int(day), 0) for day in days])
    off = np.zeros(len(days), dtype=bool)
    for weekday in range(7):
        these = days % 7 == weekday
        middle = np.median(number[these]) if these.any() else 0
        off |= these & (middle >= _BUSY) & (number < _QUIET * middle)
    return frozenset(date_of(int(day)) for day in days[off])


def _laid(hours: WorkingHours, tenure: tuple[int, int], horizon: tuple[int, int], zone: str) -> Calendar:
    """The calendar of learned hours, closed for a year before and after their tenure; further away nothing is known."""
    days = local_days(zone, *tenure)
    laid = hours.laid_out(max(horizon[0], int(days.begin[0]) - YEAR), min(horizon[1], int(days.begin[-1]) + YEAR), zone)
    starts, ends = clipped(laid.starts, laid.ends, (int(days.begin[0]), int(days.begin[-1])))
    return replace(laid, starts=starts, ends=ends, kind="learned")
