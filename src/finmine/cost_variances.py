"""Cost variances: what changed the cost from a base to the actual units, by price, time and volume, for each activity and in all.

The base is another period, or the **standard**: the declared unit times at the standard rates, for the units that were done. Only units
that have a cost count, and against the standard only those with a declared unit time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.engine import Rows
from finmine.finance.money import EXACT
from finmine.finance.variances import PARTS, Spending, Split, Variance, variances
from finmine.log import EventLog
from finmine.relations.money_lines import MONEY
from finmine.relations.paid_time import DECLARED
from finmine.relations.whole_division import WHOLE
from finmine.result import table
from finmine.view import Block, Caveat, Definition, Headline, Waterfall
from finmine.words import HOUR, money, plural

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

STANDARD = "standard"
_STEP = Decimal("0.000001")
_COLUMNS = ("activity", "base_units", "actual_units", "base_time", "actual_time", "base_cost", "price_variance", "time_variance", "volume_variance")
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

    def pairs(self) -> dict[str, tuple[Spending, Spending]]:
        """The base and the actual spending of each activity, in the order of the log's activities."""
        actual = _spending([record for record in self.actual.records() if self.base is not None or record["expected"]])
        base = self._standard() if self.base is None else _spending(self.base.records())
        names = self.log.activity_names()
        known = [code for code in range(len(names)) if code in actual or code in base]
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
        work = f"The work of {self.now}" if self.now else "The work"
        said = f"{work} costs {way} {'by the standard' if self.base is None else f'that of {self.against}'}: {parts}."
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

    def _nothing(self) -> str:
        if self.base is None:
            return 'no unit with a cost is of an activity whose unit time is declared ([unit_times] "Post invoice" = "4min")'
        return "no unit with a cost was completed in either period"

    def _limits(self) -> Iterator[str]:
        if self.base is None:
            without = sum(int(record["units"]) for record in self.actual.records() if not record["expected"])
            if without:
                fits = any(not one.times for one in self.log.card.costs.equations)
                fitted = "; a fitted time equation tells what work took and sets no standard" if fits else ""
                yield f"{plural(without, self.log.facts.unit)} with a cost have no declared unit time, and are in neither side{fitted}."
            if declared := sum(int(record["declared"]) for record in self.actual.records()):
                yield f"The time of {plural(declared, self.log.facts.unit)} is the declared one, because no start is recorded: no variance of time can show in them."


def cost_variances(
    log: EventLog, base: ir.Table | None, actual: ir.Table, *, against: str, now: str, split: Split, currency: str | None
) -> CostVariances:
    """The variances between the units of a base (none: the standard) and those of now, as ``relations.costs.unit_costs`` gives them."""
    before = None if base is None else log.fetch(_spent(base))
    return CostVariances(log, against, now, split, currency, before, log.fetch(_spent(actual)))


def _spent(these: ir.Table) -> ir.Table:
    """What was spent on each activity, by standard rate and whether a time is declared.

    activity, standard, ``expected``, units (with labour), ``declared_time`` (of these), declared, spent, labour, fixed_units, fixed.
    """
    kept = these.filter(these.cost.notnull())
    kept = kept.mutate(expected=kept.declared_time.notnull())
    found = kept.group_by(["activity", "standard", "expected"]).aggregate(
        units=kept.labour.count(),
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


_TERMS = "price is what an hour costs (or a unit, beside labour), time what a unit takes, volume how many units there are; new or vanished activities are volume"
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
