"""Cost variances: what changed the cost from a base to the actual units, by price, time and volume, for each activity and in all.

The base is another period, or the **standard**: the declared unit times at the standard rates, for the units that were done. Only units
that have a cost count, and against the standard only those with a declared unit time; the others are counted. What makes two periods hard to
compare (their lengths, what of them the log covers, units without a cost) is told, because it would show as volume.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.engine import Rows
from finmine.finance.money import EXACT
from finmine.finance.periods import Period
from finmine.finance.variances import PARTS, Spending, Split, Variance, variances
from finmine.log import EventLog
from finmine.relations.capacity_months import busy_window, units_by_month
from finmine.relations.costs import unit_costs
from finmine.relations.labour import PaidWork, labour
from finmine.relations.money_lines import MONEY
from finmine.relations.paid_time import DECLARED
from finmine.relations.whole_division import WHOLE
from finmine.result import table
from finmine.view import Block, Caveat, Definition, Headline, Waterfall
from finmine.words import HOUR, agreeing, money, plural

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

STANDARD = "standard"
_STEP = Decimal("0.000001")
_COLUMNS = ("activity", "base_units", "actual_units", "base_time", "actual_time", "base_cost", "price_variance", "time_variance", "volume_variance")
_EDGE = 4  # days that the log may lack of a period before that is told: a holiday and a weekend
_NAMES = {"price": "price", "time": "time per unit", "volume": "volume"}


@dataclass(frozen=True, slots=True)
class CostVariances:
    """What was spent on each activity in the base (none where it is the standard) and now, and the variances."""

    log: EventLog
    against: str
    now: str
    split: Split
    currency: str | None
    base: Rows | None
    actual: Rows
    periods: tuple[Period, Period] | None = None
    covered: Period | None = None

    def pairs(self) -> dict[str, tuple[Spending, Spending]]:
        """The base and the actual spending of each activity, in the order of the log's activities."""
        actual = _spending([record for record in self.actual.records() if self.base is not None or record["expected"]])
        base = self._standard() if self.base is None else _spending(self.base.records())
        names = self.log.activity_names()
        known = [code for code in range(len(names)) if any(side.get(code, Spending()) != Spending() for side in (actual, base))]
        return {names[code]: (base.get(code, Spending()), actual.get(code, Spending())) for code in known}

    def _standard(self) -> dict[int, Spending]:
        """The units that were done, at the declared unit times and standard rates; their fixed costs as they are."""
        found: dict[int, Spending] = {}
        for record in self.actual.records():
            if record["expected"]:
                time = int(record["declared_time"] or 0)
                labour = EXACT.divide(Decimal(time * int(record["standard"] or 0)), Decimal(HOUR)).scaleb(-6)
                one = Spending(
                    int(record["units"]), time, labour.quantize(_STEP, ROUND_HALF_UP, EXACT), int(record["fixed_units"]), _money(record["fixed"])
                )
                found[record["activity"]] = _added(found.get(record["activity"], Spending()), one)
        return found

    def records(self) -> tuple[Record, ...]:
        """The variances of each activity, the largest change first; each row adds up, and all rows to the whole."""
        pairs = self.pairs()
        found = variances([*pairs.values()], self.currency, self.split)
        told = [
            {
                "activity": activity,
                "base_units": base.units,
                "actual_units": actual.units,
                "base_time": base.time // base.units if base.units else None,
                "actual_time": actual.time // actual.units if actual.units else None,
                **_amounts(one),
            }
            for (activity, (base, actual)), one in zip(pairs.items(), found, strict=True)
        ]
        return tuple(sorted(told, key=lambda record: -abs(record["actual_cost"] - record["base_cost"])))

    def whole(self) -> Mapping[str, Decimal]:
        """The variances in all: base and parts add up to the actual cost exactly."""
        names = ("base_cost", "price_variance", "time_variance", "volume_variance", "actual_cost")
        records = self.records()
        return {name: sum((record[name] for record in records), Decimal(0)) for name in names}

    def opening(self) -> Iterator[Block]:
        """The difference in a sentence, and the waterfall."""
        whole = self.whole()
        if not self.pairs():
            yield Caveat(f"There is nothing to compare: {self._nothing()}.")
            return
        difference = whole["actual_cost"] - whole["base_cost"]
        way = f"{money(abs(difference), self.currency or '')} {'more' if difference > 0 else 'less'} than" if difference else "just as much as"
        parts = ", ".join(f"{_signed(whole[f'{part}_variance'])} by {_NAMES[part]}" for part in PARTS)
        said = f"{self._compared()} {way} {'by the standard' if self.base is None else f'that of {self.against}'}: {parts}."
        yield Headline(said, float(abs(difference) / whole["base_cost"]) if whole["base_cost"] else 0.0)
        before = f"cost {'by the standard' if self.base is None else f'of {self.against}'}"
        now = f"cost of {self.now}" if self.now else "cost as it was"
        title = f"From the {before} to the {now}" + (f", in {self.currency}" if self.currency else "")
        yield Waterfall(table(title, _falling(whole, before, now), ("cost_step", "cost")), "cost_step", "cost")

    def blocks(self) -> Iterator[Block]:
        """The variances of each activity, and what limits them."""
        if records := self.records():
            yield table("Variances by activity", records, (*_COLUMNS, "actual_cost"), currency=self.currency or "")
            yield from map(Caveat, self._limits())
            yield _DEFINITIONS[self.split]

    def _compared(self) -> str:
        """What is compared, and how many units where that is not all of the work."""
        of_period = f" of {self.now}" if self.now else ""
        if self.base is None and self._without_standard():
            units = sum(int(record["priced"]) for record in self.actual.records() if record["expected"])
            said = plural(
                units, f"{self.log.facts.unit}{of_period} with a declared unit time", f"{self.log.facts.unit}s{of_period} with a declared unit time"
            )
            return f"{said} {agreeing(units, 'costs', 'cost')}"
        return f"The work{of_period} costs"

    def _without_standard(self) -> int:
        return sum(int(record["priced"]) for record in self.actual.records() if not record["expected"])

    def _nothing(self) -> str:
        if self.base is None:
            return 'no unit with a cost is of an activity whose unit time is declared ([unit_times] "Post invoice" = "4min")'
        return "no unit with a cost was completed in either period"

    def _limits(self) -> Iterator[str]:
        if self.base is None:
            if without := self._without_standard():
                fits = any(not one.times for one in self.log.card.costs.equations)
                fitted = "; a fitted time equation tells what work took and sets no standard" if fits else ""
                yield f"{plural(without, self.log.facts.unit)} with a cost have no declared unit time, and are in neither side{fitted}."
            if declared := sum(int(record["declared"]) for record in self.actual.records()):
                yield f"The time of {plural(declared, self.log.facts.unit)} is the declared one, because none is recorded: no variance of time can show in them."
            if unpriced := _unpriced(self.actual):
                yield f"{plural(unpriced, self.log.facts.unit)} {agreeing(unpriced, 'has', 'have')} no known cost, and are in neither side."
            return
        before, now = _unpriced(self.base), _unpriced(self.actual)
        if before or now:
            said = f"{plural(before, self.log.facts.unit)} of {self.against} and {now:,} of {self.now} have no known cost and are in neither side"
            yield f"{said}: where it is more of them in one period, that shows as volume."
        if self.periods is not None:
            yield from _uneven(*self.periods, self.covered)
        if len({rate.currency for rate in self.log.card.labour_rates} | {one.currency for one in self.log.card.costs.fixed}) > 1:
            yield "Costs are stated in several currencies: what their rates of exchange change is price, too."


def cost_variances(
    log: EventLog,
    work: PaidWork,
    actual: ir.Table,
    *,
    base: Period | None,
    during: Period | None,
    split: Split,
    currency: str | None,
) -> CostVariances:
    """The variances between the units of a base (none: the standard) and those of now, as ``relations.costs.unit_costs`` gives them.

    Args:
        log: the log.
        work: what its units take and cost.
        actual: the units that are compared.
        base: the months with which they are compared; none for the standard.
        during: the months in which they were completed, where that is limited.
        split: how the difference is parted.
        currency: the currency of the costs.
    """
    now, spent = during.words() if during else "", log.fetch(_spent(actual))
    if base is None or during is None:
        return CostVariances(log, STANDARD, now, split, currency, None, spent)
    before, months = log.fetch(_spent(unit_costs(log, work, period=base))), log.fetch(units_by_month(labour(log.as_read(), work)))
    covered = busy_window(log.as_read(), months.records())
    return CostVariances(log, base.words(), now, split, currency, before, spent, (base, during), covered)


def _unpriced(rows: Rows | None) -> int:
    return sum(int(record["unpriced"]) for record in rows.records()) if rows else 0


def _uneven(base: Period, now: Period, covered: Period | None) -> Iterator[str]:
    """What of two periods is not alike: how long they are, what of them the log covers, and months that are in both."""
    if base.months != now.months:
        yield f"{base.words()} has {plural(base.months, 'month')} and {now.words()} {plural(now.months, 'month')}: what more months hold is volume."
    if base.since <= now.until and now.since <= base.until:
        yield f"{base.words()} and {now.words()} have months in common, whose work is on both sides."
    if covered is None:
        return
    for one in (base, now):
        first, last = max(one.since, covered.since), min(one.until, covered.until)
        if first > last:
            yield f"The log covers nothing of {one.words()}."
            continue
        missing = (first - one.since).days + (one.until - last).days
        if missing > _EDGE:
            yield f"Of {one.words()} the log covers {first} to {last} alone: what is missing of it shows as volume."


def _spent(these: ir.Table) -> ir.Table:
    """What was spent on each activity, by standard rate and whether a time is declared.

    activity, standard, ``expected``, units (with labour), ``priced`` (with a cost), ``unpriced`` (people's, without), ``declared_time`` (of units), declared,
    spent, labour, fixed_units, fixed.
    """
    kept = these.mutate(expected=these.declared_time.notnull())
    found = kept.group_by(["activity", "standard", "expected"]).aggregate(
        units=kept.labour.count(),
        priced=kept.cost.count(),
        unpriced=kept.count(where=kept.cost.isnull() & kept.gap),
        declared_time=kept.declared_time.cast(WHOLE).sum(where=kept.labour.notnull()),
        declared=kept.count(where=kept.basis == DECLARED),
        spent=kept.spent.cast(WHOLE).sum(),
        labour=kept.labour.sum().cast(MONEY),
        fixed_units=kept.fixed.count(),
        fixed=kept.fixed.sum().cast(MONEY),
    )
    return found.order_by(["activity", "standard", "expected"])


def _spending(records: Sequence[Record]) -> dict[int, Spending]:
    found: dict[int, Spending] = {}
    for record in records:
        one = Spending(int(record["units"]), int(record["spent"] or 0), _money(record["labour"]), int(record["fixed_units"]), _money(record["fixed"]))
        found[record["activity"]] = _added(found.get(record["activity"], Spending()), one)
    return found


def _added(one: Spending, other: Spending) -> Spending:
    return Spending(
        one.units + other.units,
        one.time + other.time,
        one.labour + other.labour,
        one.fixed_units + other.fixed_units,
        one.fixed + other.fixed,
    )


def _money(amount: Decimal | None) -> Decimal:
    return amount or Decimal(0)


def _amounts(one: Variance) -> dict[str, Decimal]:
    return {
        "base_cost": one.base,
        "price_variance": one.price,
        "time_variance": one.time,
        "volume_variance": one.volume,
        "actual_cost": one.actual,
    }


def _signed(amount: Decimal) -> str:
    return f"{'+' if amount > 0 else '−' if amount < 0 else ''}{money(abs(amount))}"


def _falling(whole: Mapping[str, Decimal], before: str, now: str) -> list[Record]:
    changes = [{"cost_step": _NAMES[part], "cost": whole[f"{part}_variance"]} for part in ("volume", "time", "price")]
    return [{"cost_step": before, "cost": whole["base_cost"]}, *changes, {"cost_step": now, "cost": whole["actual_cost"]}]


_TERMS = (
    "price is what an hour costs (or a unit, beside labour) in the mean, so also who does the work; time what a unit takes, volume how many units there are; "
    "new or vanished activities are volume. The amounts of activities are rounded so that they add up to the whole"
)
_DEFINITIONS: dict[Split, Definition] = {
    "ordered": Definition(
        "Variances",
        f"{_TERMS}. Price (ρ₁ − ρ₀) t₁ n₁, time ρ₀ (t₁ − t₀) n₁, volume ρ₀ t₀ (n₁ − n₀): they add up to the difference exactly; in another order the parts differ",
    ),
    "shapley": Definition(
        "Variances",
        f"{_TERMS}. Each part is its mean over all orders in which the three can change, and together they are the difference exactly",
        "Shapley 1953",
    ),
}
