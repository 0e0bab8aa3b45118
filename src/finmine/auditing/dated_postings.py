"""Postings with what is to be said of when they were entered and how they are dated.

Of known persons: on a weekend (Saturday or Sunday), on another day on which the calendar of the poster never opens (a holiday), outside of its hours on a day
on which it does. Of everybody, machines too: dated back, dated ahead, or entered into a month after its close. An amount is round if it is a multiple of a sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis

from finmine.auditing.approvals import person_labels
from finmine.relations.attributes import case_value_of, recorded_case_values, recorded_unit_values
from finmine.relations.calendars import unit_calendars
from finmine.relations.instants import at_midnight, day_number, local, midnight
from finmine.relations.tables import activity_labels, case_table
from finmine.relations.units import units
from finmine.relations.working_time import open_at, working_time
from finmine.relations.written_days import written_day

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.grounds import Grounds
    from finmine.log import EventLog
    from finmine.relations.calendars import Calendars

SIGNS: dict[str, str] = {
    "weekend": "on a weekend",
    "holiday": "on a holiday",
    "off_hours": "outside of hours",
    "back_dated": "dated back",
    "dated_ahead": "dated ahead",
    "after_close": "after the close",
}
"""What is said of a posting, by the name of its column."""
OF_TIME = ("weekend", "holiday", "off_hours")
"""The signs that are of the time of entry, and looked at for known persons only."""
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Dating:
    """What counts as dated back and as after the close (in days), what is a round sum, and the attributes that say how a posting is dated."""

    back: int
    close: int
    round_sum: Decimal
    posted: str | None
    document: str | None


def postings(ground: Grounds, activities: list[int], dating: Dating, hours: Calendars | None) -> ir.Table:
    """One row for each completed posting.

    case, position, activity, time, entered (its day), who and amount, currency, money; ``person`` and ``machine``; ``dated`` (the posting date, missing where not
    recorded), ``timed`` (whether a time of day is recorded), ``calendar``; the columns of ``SIGNS`` (missing where not testable) and ``rounded``.
    """
    log = ground.log
    acts = ground.acts.filter(ground.acts.activity.isin(activities or [-1])).select("case", "position", "activity", "time", "person", "machine")
    named = acts.left_join(person_labels(log, ground.persons), "person").select(*acts.columns, "who")
    these = named.join(ground.cases.select("case", "amount", "currency", "money"), "case")
    these = _dated(log, _dated(log, these, dating.posted, "dated"), dating.document, "documented")
    these = these.mutate(entered=local(these.time, log.zone).date(), timed=~at_midnight(these.time, log.zone))
    these = _placed(log, these, hours)
    known = these.person.notnull() & ~these.machine
    weekend = these.entered.day_of_week.index() >= _SATURDAY
    ahead = ibis.greatest(these.dated, these.documented)
    late = day_number(these.entered) - day_number(these.dated.truncate("M") + ibis.interval(months=1)) >= dating.close
    step = ibis.literal(dating.round_sum, "decimal(18, 2)")
    told = these.mutate(
        weekend=_if(known, weekend),
        holiday=_if(known & these.day_worked.notnull(), ~weekend & (these.day_worked == 0)),
        off_hours=_if(known & these.timed & these.is_open.notnull(), (these.day_worked > 0) & ~these.is_open),
        back_dated=_if(these.dated.notnull(), day_number(these.dated) < day_number(these.entered) - dating.back),
        dated_ahead=_if(ahead.notnull(), ahead > these.entered),
        after_close=_if(these.dated.notnull(), late),
        rounded=_if(known & (these.amount != 0), these.amount.cast("decimal(18, 2)") % step == 0),
    )
    names = (
        "case",
        "position",
        "activity",
        "time",
        "entered",
        "who",
        "person",
        "machine",
        "amount",
        "currency",
        "money",
        "dated",
        "timed",
        "calendar",
    )
    return told.select(*names, *SIGNS, "rounded")


def listed(log: EventLog, held: ir.Table, most: int) -> ir.Table:
    """The postings with a sign under the names of their case and activity, those with most signs first, then the largest amounts, with the row of the source."""
    signs = _number(held)
    found = held.mutate(signs=signs, worth=held.amount.abs()).filter(signs > 0)
    order = [ibis.desc("signs"), ibis.desc("worth", nulls_first=False), "code", "position"]
    first = found.rename(code="case").order_by(order).limit(most)
    known = units(log).select("position", "source", "row", code="case")
    named = first.join(known, ["code", "position"]).join(activity_labels(log).rename(activity_label="label"), "activity")
    named = named.join(case_table(log).select(code="case", case_label="label"), "code").order_by(order)
    return named.select("time", "who", "amount", "currency", "dated", *SIGNS, "source", "row", activity="activity_label", case="case_label")


def by_poster(held: ir.Table) -> ir.Table:
    """The postings of each known person: who, postings, tested (of which the time can be judged), off (at an odd time), amounts, rounded and the signs."""
    these = held.filter(held.person.notnull(), ~held.machine)
    off = ibis.or_(*(these[name].fill_null(False) for name in OF_TIME))
    counts = {name: these[name].sum() for name in SIGNS}
    found = these.group_by("who").aggregate(
        postings=these.count(),
        off=off.sum(),
        amounts=these.rounded.count(),
        rounded=these.rounded.sum(),
        with_sign=with_sign(these).sum(),
        **counts,
    )
    return found.order_by(ibis.desc("off"), "who")


def by_sign(held: ir.Table) -> ir.Table:
    """For each sign: sign, postings (of which it can be said), found, cases and value (absolute amounts of these cases, each once)."""
    names = list(SIGNS)
    every = ibis.literal(list(range(len(names))), type="array<int32>").unnest().name("sign").as_table()
    both = held.cross_join(every)
    has = ibis.cases(*((both.sign == place, both[name]) for place, name in enumerate(names)), else_=None)
    told = both.mutate(has=has)
    of_cases = told.group_by(["sign", "case"]).aggregate(
        tested=told.has.count(), found=told.has.sum().fill_null(0), money=told.money.abs().max(where=told.has)
    )
    return (
        of_cases.group_by("sign")
        .aggregate(tested=of_cases.tested.sum(), found=of_cases.found.sum(), cases=(of_cases.found > 0).sum(), value=of_cases.money.sum())
        .order_by("sign")
    )


def counted(held: ir.Table) -> ir.Table:
    """How many postings there are, and of how many something is not known."""
    known = held.person.notnull() & ~held.machine
    return held.aggregate(
        postings=held.count(),
        cases=held.case.nunique(),
        machine=held.machine.sum(),
        nobody=(held.person.isnull() & ~held.machine).sum(),
        day_only=(known & ~held.timed).sum(),
        no_calendar=(known & held.calendar.isnull()).sum(),
        undated=held.dated.isnull().sum(),
        with_sign=with_sign(held).sum(),
    )


def with_sign(held: ir.Table) -> ir.Value:
    """Whether something is said of a posting."""
    return _number(held) > 0


def _number(held: ir.Table) -> ir.Value:
    found: ir.Value = ibis.literal(0, "int64")
    for name in SIGNS:
        found += held[name].fill_null(False).cast("int64")
    return found


def _if(known: ir.Value, value: ir.Value) -> ir.Value:
    return ibis.ifelse(known, value, ibis.null("boolean"))


def _dated(log: EventLog, these: ir.Table, attribute: str | None, name: str) -> ir.Table:
    """With the day that an attribute says."""
    if attribute is None:
        return these.mutate(**{name: ibis.null("date")})
    if case_value_of(log, attribute):
        values, keys = recorded_case_values(log, attribute), ["case"]
    else:
        values, keys = recorded_unit_values(log, attribute, units(log)), ["case", "position"]
    told = values.select(*keys, **{name: written_day(values.value)})
    return these.left_join(told, keys).select(*these.columns, name)


def _placed(log: EventLog, these: ir.Table, hours: Calendars | None) -> ir.Table:
    """With ``calendar``, ``is_open`` (at the time) and ``day_worked`` (the working time of the whole day); missing where no calendar applies."""
    if hours is None:
        return these.mutate(calendar=ibis.null("int32"), is_open=ibis.null("boolean"), day_worked=ibis.null("int64"))
    applies = unit_calendars(log, hours).select("case", "position", "calendar")
    placed = these.left_join(applies, ["case", "position"]).select(*these.columns, "calendar")
    placed = placed.mutate(begins=midnight(placed.entered, log.zone), ends=midnight(placed.entered + ibis.interval(days=1), log.zone))
    found = open_at(working_time(placed, hours, "begins", "ends", name="day_worked"), hours, "time", "is_open")
    return found.select(*these.columns, "calendar", "is_open", "day_worked")
