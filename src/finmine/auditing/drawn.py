"""The cases of a sample, drawn from a seed so that anybody draws the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import ibis

from finmine.arrays import Lent, through
from finmine.auditing.sample_plan import NoStages, SamplePlan
from finmine.errors import Refusal
from finmine.kernels.monetary_units import BITS, Draw, Selection, drawn_cases
from finmine.relations.groups import grouped
from finmine.relations.traces import VARIANT_KEY, traces

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.engine import Rows
    from finmine.log import EventLog

_MILLIONTHS = 1_000_000
_MOST = 1 << 62


class NoMoney(Refusal):
    """Monetary units are drawn from amounts that can be added up."""

    def __init__(self, gap: str) -> None:
        super().__init__(f"a sample of monetary units needs amounts. {gap} Or draw cases: --method cases.")


@dataclass(frozen=True, slots=True)
class Frame:
    """What is drawn from: cases and money, and what is left out of a draw of money with its reason (millionths of the currency)."""

    cases: int
    book: int
    zero: int
    credits: int
    credit_value: int
    missing: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn sample: ``cases`` (case, drawn_as, hits: how often it was drawn, stratum), the interval in millionths of the currency, and the kernel it came from."""

    cases: ir.Table
    frame: Frame
    interval: int | None
    lent: tuple[Lent, ...]
    totals: Rows


def drawn(log: EventLog, plan: SamplePlan, selection: Selection, seed: str, strata: str | None) -> Drawn:
    """Draw the sample of a plan.

    The random number of a case comes from the SHA-256 of the seed, a line break and the case's name, so that it depends neither
    on the order of the log nor on the machine.
    """
    if plan.method == "money" and log.money is None:
        raise NoMoney(log.money_gap)
    if plan.extend and strata is not None:
        raise NoStages("strata")
    cases = _with_chance(log, seed)
    totals = log.fetch(_frame(cases))
    frame = Frame(*(int(str(value or 0)) for value in totals.tuples()[0]))
    if plan.method == "cases":
        return Drawn(_simple(log, cases, plan, frame.cases, strata), frame, None, (), totals)
    if frame.book >= _MOST:
        raise Refusal("the amounts are too large to be drawn from; filter the log to one currency or period.")
    interval = max(1, frame.book // plan.size)
    how = Draw(interval, selection, seed)
    positive = cases.filter(cases.amount > 0).select("case", "chance", amount=cases.amount.cast("int64"))
    lent = through(log.engine, positive, partial(drawn_cases, how=how), by=(), order=("chance", "case"), noun="drawn", said=how.said())
    how = (lent.table.large == 1).ifelse("large", "by chance")
    found = lent.table.select(case=lent.table.case.cast("int32"), drawn_as=how, hits=lent.table.hits, stratum=ibis.null("string"))
    return Drawn(found, frame, interval, (lent,), totals)


def _with_chance(log: EventLog, seed: str) -> ir.Table:
    """Each case with its random number, and its amount in millionths where it has one."""

    @ibis.udf.scalar.builtin(name="sha256", signature=(("string",), "string"))  # type: ignore[untyped-decorator]
    def digest(text: object) -> object: ...

    these = traces(log)
    hexadecimal = ibis.literal("0x") + digest(ibis.literal(f"{seed}\n") + these.label).substr(0, BITS // 4)
    amount = (these.money * _MILLIONTHS).cast("decimal(38, 0)") if log.money else ibis.null("decimal(38, 0)")
    return these.select("case", *VARIANT_KEY, chance=hexadecimal.cast("int64"), amount=amount)


def _frame(cases: ir.Table) -> ir.Table:
    amount = cases.amount
    return cases.aggregate(
        cases=cases.count(),
        book=amount.sum(where=amount > 0),
        zero=(amount == 0).sum(),
        credits=(amount < 0).sum(),
        credit_value=amount.sum(where=amount < 0),
        missing=amount.isnull().sum(),
    )


def _with_variant(cases: ir.Table) -> ir.Table:
    """Each case with its variant as stratum, numbered as the question variants numbers them."""
    found = cases.group_by(list(VARIANT_KEY)).aggregate(number=cases.count(), first=cases.case.min())
    rank: ir.Value = ibis.row_number().over(ibis.window(order_by=[ibis.desc("number"), "first"])) + 1
    named = found.mutate(rank=rank)
    named = named.select(*VARIANT_KEY, stratum=ibis.literal("variant ").concat(named.rank.cast("string")))
    return cases.join(named, list(VARIANT_KEY))


def _simple(log: EventLog, cases: ir.Table, plan: SamplePlan, population: int, strata: str | None) -> ir.Table:
    """The cases with the least random numbers, of each stratum in proportion to its cases, and at least one."""
    if strata is None:
        these = cases.mutate(stratum=ibis.null("string"))
    elif strata == "variant":
        these = _with_variant(cases)
    else:
        these = grouped(log, cases, strata).rename(stratum="group")
    within = ibis.window(group_by="stratum")
    order = ibis.window(group_by="stratum", order_by=["chance", "case"])
    these = these.mutate(place=ibis.row_number().over(order), part=these.case.count().over(within))
    quota = ibis.greatest((these.part * min(plan.drawn, population) / population).ceil().cast("int64"), 1)
    how = ibis.ifelse(these.place < plan.size, "first stage", "second stage") if plan.extend else ibis.literal("by chance")
    return these.filter(these.place < quota).select("case", drawn_as=how, hits=ibis.literal(1, "int64"), stratum=these.stratum)


def listed_cases(log: EventLog, found: Drawn) -> ir.Table:
    """The drawn cases by name, large ones first, the first stage before the second: case, stratum, drawn_as, hits, amount, currency."""
    cases = traces(log).select("case", "amount", "currency", "money", label="label")
    joined = found.cases.join(cases, "case")
    amount = joined.money if log.money else joined.amount
    currency = ibis.literal(log.money.currency) if log.money else joined.currency
    ordered = joined.order_by(ibis.desc(joined.drawn_as == "large"), "drawn_as", joined.stratum.asc(nulls_first=True), "case")
    return ordered.select(
        case=joined.label,
        stratum=joined.stratum,
        drawn_as=joined.drawn_as,
        hits=joined.hits,
        amount=amount,
        currency=currency.nullif(""),
    )
