"""Fitted time equations: the unit times of activities whose card declares what drives them and not for how long, fitted to what is known of time.

An activity with enough recorded times is fitted to these: the paid time of a unit against its drivers. Of the others only totals are
known, the practical capacity of each pool and month: less the time that is recorded, declared or fitted otherwise it is laid against
what the pool completed, all those activities together. That takes all capacity for used. Nothing takes less than no time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.finance.capacity import POOLS, Capacity
from finmine.relations.capacity_months import busy_window, month_of, months_of, of_pools, practical_hours, units_by_month
from finmine.relations.time_drivers import drivers_of, equation_time, quantity_name, with_quantities
from finmine.relations.whole_division import WHOLE
from finmine.stats.time_equations import TimeFit, entangled, fitted_times
from finmine.words import count, plural

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.finance.time_equation import TimeEquation
    from finmine.log import EventLog
    from finmine.relations.calendars import Calendars

Record: TypeAlias = Mapping[str, Any]

RECORDS, MONTHS = "recorded times", "capacity of months"
"""What a unit time is fitted to."""
LEAST = {RECORDS: 10, MONTHS: 3}
"""How many observations there must be for each term (for recorded times F. E. Harrell 2015, for months a proposal)."""
_MOST_KINDS = 1_000_000


class TooFewTimes(Refusal):
    """A time equation was declared, and too little is known of time to fit it."""

    def __init__(self, activities: Sequence[str], terms: int, found: str, needed: int) -> None:
        super().__init__(
            f"the unit times of {', '.join(activities)} cannot be fitted: {plural(terms, 'term')} of [[time_equations]] take at least {count(needed)} "
            f'observations, and there are {found}. Name fewer drivers, or declare the times ([unit_times] "{activities[0]}" = "4min").'
        )


class CollinearDrivers(Refusal):
    """The terms of a time equation go together, so that nobody can say which of them takes the time."""

    def __init__(self, source: str, terms: Sequence[str], absent: bool) -> None:
        said = f"{' and '.join(terms)} rise and fall together there, so that any share of the time fits each"
        if absent:
            said = f"{' and '.join(terms)} {'does' if len(terms) == 1 else 'do'} not occur there"
        what = "Leave a driver out, or declare the unit time of one of the activities."
        super().__init__(f"the unit times cannot be told by {source}: {said}. {what}")


@dataclass(frozen=True, slots=True)
class FittedTime:
    """The equation of an activity with the time of each term in microseconds, what it was fitted to, and how well."""

    equation: TimeEquation
    times: tuple[int, ...]
    source: str
    fit: TimeFit


@dataclass(frozen=True, slots=True)
class FittedTimes:
    """The fitted equations of a log, and what was observed: the recorded times by drivers, and the units of the pools by month."""

    equations: tuple[FittedTime, ...]
    observed: Mapping[str, Rows]

    def words(self) -> tuple[str, ...]:
        """The line of evidence that names the function which gives the unit times."""
        return (
            "-- the fitted unit times are those that scipy.optimize.nnls finds for what was observed (finmine.stats.time_equations.fitted_times)",
        )


def fitted(log: EventLog, timed: ir.Table, found: FittedTimes) -> ir.Table:
    """The units with ``fitted``: the time that their equation gives, in microseconds, missing where a driver is not known."""
    return equation_time(log, timed, [replace(one.equation, times=one.times) for one in found.equations], "fitted")


def fit_times(log: EventLog, timed: ir.Table, hours: Calendars) -> FittedTimes | None:
    """Fit the equations of the card that declare no times, for the activities of the log; nothing where there are none.

    Args:
        log: the log as read.
        timed: its units with ``spent``, where that is recorded or declared, and ``day``, the number of the day of completion.
        hours: the calendars by which capacity of people has hours.

    Raises:
        TooFewTimes: too few observations for the terms.
        CollinearDrivers: the terms cannot be told apart.
    """
    names = log.activity_names()
    equations = [one for one in log.card.costs.equations if one.activity in names and not one.times]
    if not equations:
        return None
    observed, done = dict[str, Rows](), list[FittedTime]()
    left: list[TimeEquation] = []
    recorded = log.fetch(_recorded(log, timed, equations), _MOST_KINDS) if log.facts.has_start else None
    for one in equations:
        found = _of_records(log, one, equations, recorded) if recorded else None
        if found is None:
            left.append(one)
        else:
            done.append(found)
    if recorded is not None:
        observed["recorded times by drivers"] = recorded
    if left:
        more, rows = _of_months(log, timed, hours, left, FittedTimes(tuple(done), {}))
        done, observed = done + more, observed | rows
    return FittedTimes(tuple(done), observed)


def _of_records(log: EventLog, one: TimeEquation, equations: Sequence[TimeEquation], recorded: Rows) -> FittedTime | None:
    """The equation fitted to the recorded times of its activity; nothing where these are too few."""
    import numpy as np

    code, drivers = log.activity_names().index(one.activity), drivers_of(equations)
    columns = [quantity_name(drivers, driver) for driver in one.drivers]
    kinds = [record for record in recorded.records() if record["activity"] == code and all(record[name] is not None for name in columns)]
    counts = np.array([float(record["units"]) for record in kinds])
    if counts.sum() < LEAST[RECORDS] * (1 + len(columns)):
        return None
    terms = np.array([[1.0, *(float(record[name]) for name in columns)] for record in kinds])
    _apart(terms, counts, RECORDS, one.terms())
    units, spent = (sum(int(record[name]) for record in kinds) for name in ("units", "spent"))
    squares = (sum(int(record["squares"]) for record in kinds) * units - spent**2) / units
    found = fitted_times(terms, np.array([float(record["spent"]) / float(record["units"]) for record in kinds]), counts, float(squares))
    return FittedTime(one, tuple(round(time) for time in found.times), RECORDS, found)


def _of_months(
    log: EventLog, timed: ir.Table, hours: Calendars, left: Sequence[TimeEquation], known: FittedTimes
) -> tuple[list[FittedTime], dict[str, Rows]]:
    """The equations fitted together to the practical capacity of the pools that do these activities, month by month."""
    import numpy as np

    names = [(one.activity, place) for one in left for place in range(1 + len(one.drivers))]
    pools = _pools(log)
    months = log.fetch(units_by_month(timed))
    window = busy_window(log, months.records())
    if not pools or window is None:
        raise TooFewTimes(
            [one.activity for one in left], len(names), "no starts, and no [[capacity]] of those who do the work", LEAST[MONTHS] * len(names)
        )
    rows = log.fetch(_by_pool(log, timed, left, known))
    spans = {since.year * 100 + since.month: (since, until) for since, until in months_of(window)}
    totals, terms = list[float](), list[list[float]]()
    for (level, pool), parts in pools.items():
        for month, (since, until) in spans.items():
            done = [record for record in rows.records() if (record["level"], record["pool"], record["month"]) == (level, pool, month)]
            row = _quantities(log, left, done)
            whole = practical_hours(log, parts, hours, since, until)
            if any(row) and whole:
                terms.append(row)
                totals.append(float(whole - sum(int(record["spent"] or 0) for record in done)))
    if len(totals) < LEAST[MONTHS] * len(names):
        found = f"{plural(len(totals), 'month')} of capacity"
        raise TooFewTimes([one.activity for one in left], len(names), found, LEAST[MONTHS] * len(names))
    matrix, ones, observed = np.array(terms), np.ones(len(totals)), np.array(totals)
    _apart(matrix, ones, MONTHS, [f"{one.activity} ({term})" for one in left for term in one.terms()])
    found_times = fitted_times(matrix, observed, ones, float(((observed - observed.mean()) ** 2).sum()))
    taken = iter(found_times.times)
    told = [FittedTime(one, tuple(round(next(taken)) for _ in one.terms()), MONTHS, found_times) for one in left]
    return told, {"units by month": months, "units of pools by month": rows}


def _apart(terms: Any, counts: Any, source: str, names: Sequence[str]) -> None:
    if together := entangled(terms, counts):
        raise CollinearDrivers(source, [names[place] for place in together], absent=not terms[:, together].any())


def _pools(log: EventLog) -> dict[tuple[str, str], list[Capacity]]:
    pools: dict[tuple[str, str], list[Capacity]] = {}
    for one in log.card.costs.capacity:
        pools.setdefault((one.level, one.name), []).append(one)
    return pools


def _recorded(log: EventLog, timed: ir.Table, equations: Sequence[TimeEquation]) -> ir.Table:
    """The units of the equations with a recorded time, by activity and drivers: units, spent, and the sum of its squares."""
    drivers, codes = drivers_of(equations), [log.activity_names().index(one.activity) for one in equations]
    kept = timed.filter(timed.spent.notnull(), timed.activity.isin(codes))
    these = with_quantities(log, kept, drivers)
    keys = ["activity", *(quantity_name(drivers, driver) for driver in drivers)]
    spent = these.spent.cast("decimal(19, 0)")
    found = these.group_by(keys).aggregate(units=these.count(), spent=these.spent.cast(WHOLE).sum(), squares=(spent * spent).cast(WHOLE).sum())
    return found.order_by(keys)


def _by_pool(log: EventLog, timed: ir.Table, left: Sequence[TimeEquation], known: FittedTimes) -> ir.Table:
    """What each pool completed in each month, by activity: level, pool, month, activity, units with all drivers, their quantities, and known time."""
    import ibis

    drivers, codes = drivers_of(left), {name: code for code, name in enumerate(log.activity_names())}
    if known.equations:
        timed = fitted(log, timed, known)
        timed = timed.mutate(spent=ibis.coalesce(timed.spent, timed.fitted))
    these = with_quantities(log, timed, drivers)
    complete = ibis.cases(
        *(((these.activity == codes[one.activity]), _all_known([these[quantity_name(drivers, driver)] for driver in one.drivers])) for one in left),
        else_=ibis.literal(False),
    )
    these = these.mutate(counts=complete & these.spent.isnull(), month=month_of(these.day))
    parts = []
    for level in POOLS:
        if (joined := of_pools(log, these, level)) is not None:
            sums = {
                name: joined[name].cast("decimal(38, 6)").sum(where=joined.counts) for driver in drivers if (name := quantity_name(drivers, driver))
            }
            parts.append(
                joined.group_by(level=ibis.literal(level), pool=joined.pool, month=joined.month, activity=joined.activity).aggregate(
                    units=joined.count(where=joined.counts), spent=joined.spent.cast(WHOLE).sum(), **sums
                )
            )
    return (ibis.union(*parts) if len(parts) > 1 else parts[0]).order_by("level", "pool", "month", "activity")


def _quantities(log: EventLog, left: Sequence[TimeEquation], done: Sequence[Record]) -> list[float]:
    """The terms of one pool and month: of each equation its units and the sums of its drivers."""
    names, drivers = log.activity_names(), drivers_of(left)
    found = {names[record["activity"]]: record for record in done}
    row: list[float] = []
    for one in left:
        record = found.get(one.activity, {})
        row += [float(record.get(name) or 0) for name in ("units", *(quantity_name(drivers, driver) for driver in one.drivers))]
    return row


def _all_known(columns: Sequence[ir.Value]) -> ir.BooleanValue:
    import ibis

    known = ibis.literal(True)
    for column in columns:
        known &= column.notnull()
    return known
