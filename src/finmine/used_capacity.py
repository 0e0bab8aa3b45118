"""Used capacity: of the practical hours of each role or resource in each month, what was used, and what was not.

Used and unused capacity add up to the practical capacity, in hours and in money, exactly. Where more was used than there is, a month
is **over capacity** by so much; that is no negative idle time. A month that the log covers in part has its part of the capacity.
Capacity is used by the time of a unit, whether or not a labour rate applies to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.engine import Rows
from finmine.finance.capacity import POOLS, Capacity
from finmine.finance.labour import LabourRate
from finmine.finance.money import EXACT, rounded
from finmine.finance.periods import Period
from finmine.log import EventLog
from finmine.relations.calendars import Calendars
from finmine.relations.capacity_months import busy_window, calendar_code, month_of, months_of, of_pools, paid_hours, units_by_month
from finmine.relations.card_hands import machines
from finmine.relations.labour import PaidWork, labour
from finmine.relations.money_lines import MONEY
from finmine.relations.tables import recorded_names, resource_labels
from finmine.relations.whole_division import WHOLE
from finmine.result import table
from finmine.view import Block, Definition, Headline
from finmine.words import HOUR, duration, money, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_PER_HOUR = Decimal(HOUR)
_HOURS = ("pool", "ledger_month", "practical_hours", "used_hours", "capacity_share", "unused_hours", "over_hours")
_EARNED = ("pool", "ledger_month", "practical_hours", "earned_hours", "efficiency_index", "unstandard_units")
_MONEY = ("pool", "ledger_month", "cost_rate", "capacity_cost", "used_cost", "unused_cost", "over_cost")
_UNKNOWN = "(a resource that the log does not have)"


@dataclass(frozen=True, slots=True)
class UsedCapacity:
    """The paid time and labour of each pool in each month, the units completed in each month (of the log, and of those asked for), and what follows."""

    used: Rows
    completed: Rows
    asked: Rows
    records: tuple[Record, ...]
    left_out: int
    without_hours: tuple[str, ...]

    @property
    def untimed(self) -> int:
        """How many units of the pools have no known time, and use no capacity."""
        return sum(record["untimed_units"] for record in self.records)

    def headlines(self) -> Iterator[Headline]:
        """How much of each capacity was used."""
        for record in self.pools():
            if record["capacity_share"] is not None and not record["absent"]:
                yield Headline(_sentence(record))

    def pools(self) -> list[Record]:
        """The capacity of each pool over all months."""
        pools: dict[str, dict[str, Any]] = {}
        for record in self.records:
            pool = pools.setdefault(record["pool"], {"pool": record["pool"], "currency": record["currency"], "absent": record["absent"]})
            if record["currency"] != pool["currency"]:
                pool |= {"unused_cost": None, "capacity_cost": None}
            for name in ("practical_capacity", "used_capacity", "unused_capacity", "over_capacity", "unused_cost", "capacity_cost"):
                known = pool.get(name, 0)
                pool[name] = None if known is None or record[name] is None else known + record[name]
        return [
            {**pool, "capacity_share": pool["used_capacity"] / pool["practical_capacity"] if pool["practical_capacity"] else None}
            for pool in pools.values()
        ]

    def blocks(self) -> Iterator[Block]:
        """The capacity in hours, and in money by currency where what it costs is known."""
        if not self.records:
            return
        hours = ("practical", "used", "unused", "over", "earned")
        records = [
            {**record, "ledger_month": record["month"], **{f"{name}_hours": record[f"{name}_capacity"] / HOUR for name in hours}}
            for record in self.records
        ]
        yield table("Used and unused capacity", records, [*_HOURS, *(["untimed_units"] if self.untimed else [])])
        if any(record["efficiency_index"] is not None for record in records):
            yield table("Hours earned by the standard", records, _EARNED)
            yield _EFFICIENCY
        for currency in sorted({record["currency"] for record in records if record["capacity_cost"] is not None}):
            alone = [record for record in records if record["currency"] in (currency, None)]
            yield table("What used and unused capacity costs", alone, _MONEY, currency=currency)


def used_capacity(log: EventLog, these: ir.Table, work: PaidWork, during: Period | None) -> UsedCapacity:
    """The capacity of the card against these units (as ``unit_costs`` gives them), pool by pool and month by month.

    The months are those in which the log as read is at work, whatever the filters and the period leave out.
    """
    whole = log.as_read()
    used, asked, completed = (log.fetch(rows) for rows in (_used(log, these), units_by_month(these), units_by_month(labour(whole, work))))
    counted = asked.records()
    found = busy_window(whole, completed.records())
    if found is None:
        return UsedCapacity(used, completed, asked, (), 0, ())
    window = Period(max(found.since, during.since), min(found.until, during.until)) if during else found
    shown = _shown(log)
    absent = {(one.level, one.name): one.told for one in work.absent}
    records = tuple(
        {
            **record,
            "absent": (record["pool_level"], record["pool"]) in absent,
            "pool": shown.get((record["pool_level"], record["pool"]), record["pool"]),
        }
        for record in _records(log, used.records(), work.calendars, window)
        if absent.get((record["pool_level"], record["pool"]), True)
    )
    left_out = sum(int(record["units"]) for record in counted if not _in(found, int(record["month"])))
    bare = [one for one in log.card.costs.capacity if one.people is not None and calendar_code(log, one, work.calendars) is None]
    return UsedCapacity(used, completed, asked, records, left_out, tuple(dict.fromkeys(shown.get((one.level, one.name), one.name) for one in bare)))


def _in(window: Period, month: int) -> bool:
    return window.since.year * 100 + window.since.month <= month <= window.until.year * 100 + window.until.month


def _shown(log: EventLog) -> dict[tuple[str, str], str]:
    """The resources with a declared capacity as they may be shown, by their level and recorded name; of one that the log does not have its name is not told."""
    names = [one.name for one in log.card.costs.capacity if one.level == "resource"]
    if not names:
        return {}
    recorded = recorded_names(log)
    known = recorded.filter(recorded.label.isin(names)).rename(name="label").join(resource_labels(log), "resource").select("name", "label")
    found = {str(record["name"]): str(record["label"]) for record in log.fetch(known).records()}
    return {("resource", name): found.get(name, _UNKNOWN) for name in names}


def _used(log: EventLog, these: ir.Table) -> ir.Table:
    """The paid time and labour of the units of each pool, by month and currency: level, pool, month, currency, units, untimed, spent, unstandard, earned, cost.

    What a machine does uses the capacity of no pool but its own.
    """
    import ibis

    parts = []
    for level in POOLS:
        if (joined := of_pools(log, these, level)) is not None:
            own = joined.pool.strip().lower().isin(machines(log).get(level, []))
            joined = joined.filter(~joined.machine | own)
            parts.append(
                joined.group_by(level=ibis.literal(level), pool=joined.pool, month=month_of(joined.day), currency=joined.currency).aggregate(
                    units=joined.count(),
                    untimed=joined.count(where=joined.known_time.isnull()),
                    spent=joined.known_time.cast(WHOLE).sum(),
                    unstandard=joined.count(where=joined.declared_time.isnull()),
                    earned=joined.declared_time.cast(WHOLE).sum(),
                    cost=joined.labour_paid.sum().cast(MONEY),
                )
            )
    return (ibis.union(*parts) if len(parts) > 1 else parts[0]).order_by("level", "pool", "month", "currency")


def _records(log: EventLog, used: list[dict[str, Any]], hours: Calendars, window: Period) -> Iterator[Record]:
    spent: dict[tuple[str, str, int], list[Record]] = {}
    for record in used:
        spent.setdefault((record["level"], record["pool"], int(record["month"])), []).append(record)
    pools: dict[tuple[str, str], list[Capacity]] = {}
    for one in log.card.costs.capacity:
        pools.setdefault((one.level, one.name), []).append(one)
    for (level, pool), parts in pools.items():
        for since, until in months_of(window):
            paid, practical, costs = 0, 0, list[tuple[Decimal, str] | None]()
            for one in parts:
                first, last = max(since, one.since or since), min(until, one.until or until)
                if first <= last:
                    whole = paid_hours(log, one, hours, first, last)
                    paid, practical = paid + whole, practical + int(EXACT.multiply(one.practical, Decimal(whole)))
                    costs.append(_cost(log, one, hours, whole, first, last))
            if paid:
                found = spent.get((level, pool, since.year * 100 + since.month), [])
                yield {
                    "pool_level": level,
                    "pool": pool,
                    "month": f"{since:%Y-%m}",
                    **_split(paid, practical, found, costs),
                    **_earned(log, practical, found),
                }


def _split(paid: int, practical: int, found: list[Record], costs: list[tuple[Decimal, str] | None]) -> Record:
    """Used and unused capacity in hours, and in money where all of it is in one currency; each pair adds up to the capacity, less what is over it."""
    used = sum(int(one["spent"] or 0) for one in found)
    known = [one for one in costs if one is not None]
    currencies = {currency for _, currency in known} | {one["currency"] for one in found if one["cost"]}
    currency = next(iter(currencies)) if len(currencies) == 1 else None
    used_cost = rounded(sum((one["cost"] or Decimal(0) for one in found), Decimal(0)), currency) if len(currencies) < 2 else None
    cost = sum((amount for amount, _ in known), Decimal(0)) if len(known) == len(costs) and currency else None
    left = None if cost is None or used_cost is None else cost - used_cost
    return {
        "paid_capacity": paid,
        "practical_capacity": practical,
        "used_capacity": used,
        "unused_capacity": max(0, practical - used),
        "over_capacity": max(0, used - practical),
        "capacity_share": used / practical if practical else None,
        "untimed_units": sum(int(one["untimed"]) for one in found),
        "currency": currency,
        "cost_rate": None if cost is None or not practical else rounded(EXACT.divide(EXACT.multiply(cost, _PER_HOUR), Decimal(practical)), currency),
        "capacity_cost": cost,
        "used_cost": used_cost,
        "unused_cost": None if left is None else max(left, Decimal(0)),
        "over_cost": None if left is None else max(-left, Decimal(0)),
    }


def _earned(log: EventLog, practical: int, found: list[Record]) -> Record:
    """The standard time that the units of a pool earn in a month, and what share of practical time that is; missing where nothing sets a standard for them."""
    units, unstandard, earned = (sum(int(one[name] or 0) for one in found) for name in ("units", "unstandard", "earned"))
    known = practical and log.card.costs.sets_standard and (unstandard < units or not units)
    return {"earned_capacity": earned, "efficiency_index": earned / practical if known else None, "unstandard_units": unstandard}


def _cost(log: EventLog, one: Capacity, hours: Calendars, paid: int, since: date, until: date) -> tuple[Decimal, str] | None:
    """What the capacity of these days costs, in its currency: as declared, else its practical hours, each at the rate that is valid on its day."""
    if one.cost is not None and one.hours is not None and one.currency is not None:
        return rounded(EXACT.divide(EXACT.multiply(one.cost, Decimal(paid)), EXACT.multiply(one.hours, _PER_HOUR)), one.currency), one.currency
    total, currencies = Decimal(0), set[str]()
    for first, last in _spans(log, one, since, until):
        rate = _rate(log, one, first)
        if rate is None:
            return None
        practical = int(EXACT.multiply(one.practical, Decimal(paid_hours(log, one, hours, first, last))))
        total += EXACT.divide(EXACT.multiply(rate.rate, Decimal(practical)), _PER_HOUR)
        currencies.add(rate.currency)
    currency, *others = currencies
    return None if others else (rounded(total, currency), currency)


def _spans(log: EventLog, one: Capacity, since: date, until: date) -> Iterator[tuple[date, date]]:
    """The days from one to another, cut where a labour rate that may apply begins or ends."""
    begins = {since}
    for rate in _rates(log, one):
        begins |= {rate.since} if rate.since and since < rate.since <= until else set()
        begins |= {rate.until + timedelta(days=1)} if rate.until and since <= rate.until < until else set()
    first, *later = sorted(begins)
    for following in later:
        yield first, following - timedelta(days=1)
        first = following
    yield first, until


def _rates(log: EventLog, one: Capacity) -> list[LabourRate]:
    """The labour rates of a pool, then those of all others."""
    rates = log.card.money.labour
    own = [rate for rate in rates if (rate.level, rate.name) == (one.level, one.name)]
    return own + [rate for rate in rates if rate.level == "default"]


def _rate(log: EventLog, one: Capacity, day: date) -> LabourRate | None:
    return next((rate for rate in _rates(log, one) if (rate.since or day) <= day <= (rate.until or day)), None)


def _sentence(record: Record) -> str:
    """How much of a capacity was used, in a sentence."""
    said = f"{record['pool']}: {share(record['capacity_share'])} of {whole_hours(record['practical_capacity'])} of practical capacity were used"
    if record["unused_cost"]:
        said += f"; what was not used cost {money(record['unused_cost'], record['currency'] or '')}"
    return f"{said}." if not record["over_capacity"] else f"{said}; months over capacity lack {whole_hours(record['over_capacity'])}."


_EFFICIENCY = Definition(
    "Efficiency index",
    "standard time earned divided by practical time: the declared unit times of the units that the pool completed, whatever they took, over its practical "
    "capacity. Units without a declared time earn nothing, and where no unit has one there is no index",
    "Kaplan and Anderson 2004",
)


def whole_hours(time: int | None) -> str:
    """A time in whole hours, in words; of less than ten hours in its two largest units."""
    return plural(round((time or 0) / HOUR), "hour") if not time or time >= 10 * HOUR else duration(time)
