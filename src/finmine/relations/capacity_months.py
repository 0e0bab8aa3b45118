"""The months for which capacity is told: those in which the log is at work, and the hours that are paid for in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finmine.finance.capacity import Capacity
from finmine.finance.local_days import date_of, day_at, local_days
from finmine.finance.local_days import day_number as number_of
from finmine.finance.money import EXACT
from finmine.finance.periods import Period
from finmine.relations.hands import hands_recorded
from finmine.relations.valid_days import valid_on
from finmine.words import HOUR

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.finance.capacity import PoolLevel
    from finmine.log import EventLog
    from finmine.relations.calendars import Calendars

_FEW = 0.01  # the share of the units of the busiest month below which a month at the edge tells of single units
_PER_HOUR = Decimal(HOUR)


def busy_window(log: EventLog, counted: Sequence[Mapping[str, Any]]) -> Period | None:
    """From the first day of the log to its last, without months at the edge in which only single units were completed; none where nothing was.

    ``counted`` are the rows of ``units_by_month``.
    """
    least = _FEW * max((int(record["units"]) for record in counted), default=0)
    busy = [int(record["month"]) for record in counted if record["units"] >= least]
    kept = [record for record in counted if busy and min(busy) <= record["month"] <= max(busy)]
    if not kept:
        return None
    last = date(max(busy) // 100, max(busy) % 100, 1)
    end = max(date_of(day_at(log.facts.extracted, log.zone)), date_of(max(int(record["last"]) for record in kept)))
    return Period(date_of(min(int(record["first"]) for record in kept)), min(_next(last) - timedelta(days=1), end))


def units_by_month(these: ir.Table) -> ir.Table:
    """How many of these units (with the number of their ``day``) were completed in each month, and the first and last day of them."""
    found = these.group_by(month=month_of(these.day)).aggregate(
        units=these.count(), first=these.day.min().cast("int64"), last=these.day.max().cast("int64")
    )
    return found.order_by("month")


def month_of(day: ir.Value) -> ir.Value:
    """The month of a day (by its number) as 202403."""
    import ibis

    shown = ibis.date("1970-01-01") + day.as_interval("D")
    return (shown.year() * 100 + shown.month()).cast("int64")


def paid_hours(log: EventLog, one: Capacity, hours: Calendars, since: date, until: date) -> int:
    """The paid time from one day to another of one month, both included; nothing where people have no calendar."""
    if one.hours is not None:
        days = (until - since).days + 1
        of = (_next(since.replace(day=1)) - since.replace(day=1)).days
        return int(EXACT.multiply(one.hours, _PER_HOUR)) * days // of
    code = calendar_code(log, one, hours)
    if code is None or one.people is None:
        return 0
    first, last = number_of(since), number_of(until)
    begin = local_days(log.zone, first, last).begin
    calendar = hours.calendars[code]
    span = begin[[0, -1]].clip(*calendar.horizon)
    return int(EXACT.multiply(one.people, Decimal(int(calendar.worked(span[:1], span[1:])[0]))))


def calendar_code(log: EventLog, one: Capacity, hours: Calendars) -> int | None:
    """The calendar of a pool, by its code; none where none applies."""
    applies = log.card.calendar_of
    return hours.code(applies.levels.get(one.level, {}).get(one.name, applies.default))


def of_pools(log: EventLog, these: ir.Table, level: PoolLevel) -> ir.Table | None:
    """The units (with the number of their ``day``) that pools of a level did on days on which their capacity holds, with ``pool``; none where there are no pools."""
    import ibis

    if not (pools := [one for one in log.card.costs.capacity if one.level == level]):
        return None
    values, keys = hands_recorded(log, level)
    joined = these.join(values.rename(pool="value"), keys).select(*these.columns, "pool")
    return joined.filter(ibis.or_(*((joined.pool == one.name) & valid_on(joined.day, one) for one in pools)))


def months_of(window: Period) -> Iterator[tuple[date, date]]:
    """The months of a window, each from its first day in it to its last."""
    first = window.since
    while first <= window.until:
        following = _next(first.replace(day=1))
        yield first, min(following - timedelta(days=1), window.until)
        first = following


def _next(first: date) -> date:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def practical_hours(log: EventLog, parts: Sequence[Capacity], hours: Calendars, since: date, until: date) -> int:
    """The practical time of a pool from one day to another of one month, in microseconds."""
    practical = 0
    for one in parts:
        first, last = max(since, one.since or since), min(until, one.until or until)
        if first <= last:
            practical += int(EXACT.multiply(one.practical, Decimal(paid_hours(log, one, hours, first, last))))
    return practical
