"""Invoices held against the order and the receipts of their case: the three-way match, made again.

For each invoice, in the order of time: the price that the order has by then; the quantities received and invoiced up to then, reversals taken off. The difference
in price is what was invoiced less the ordered price of as much; the difference in quantity is what was invoiced so far and not received, at the ordered
price. Both keep their sign, so that a price too high is not made good by a quantity too low.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, TypeAlias

import ibis

from finmine.relations.attributes import case_value_of, recorded_case_values, recorded_unit_values
from finmine.relations.numbers import number_of
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.grounds import Grounds
    from finmine.auditing.policy import Verdict
    from finmine.auditing.tolerance import Tolerance
    from finmine.log import EventLog

Kind: TypeAlias = Literal["order", "receipt", "invoice"]

RESULTS: tuple[tuple[str, Verdict, str], ...] = (
    ("price above", "violation", "more was invoiced than the ordered price of as much"),
    ("price below", "violation", "less was invoiced than the ordered price of as much"),
    ("quantity above", "violation", "more was invoiced so far than was received"),
    ("order exceeded", "violation", "more was invoiced so far than was ordered"),
    ("no order", "missing control", "no order stands before the invoice"),
    ("no receipt", "missing control", "nothing was received"),
    ("step not known", "not testable", "no activity of the log is known to be an order, or none to be a receipt"),
    ("invoice not known", "not testable", "quantity, price or amount of the invoice, or of one before it, is not recorded"),
    ("order not known", "not testable", "the price of the order is not recorded"),
    ("receipt not known", "not testable", "the quantity of a receipt is not recorded"),
    ("time not known", "not testable", "a receipt has the same time as the invoice, and it depends on which was first"),
    ("not matched", "not applicable", "the category of the item asks for no match"),
    ("matched", "pass", "price and quantity agree within the tolerances"),
)
"""What comes of an invoice, the first that holds, with its verdict and its meaning."""

_KINDS: tuple[Kind, ...] = ("order", "receipt", "invoice")
_QUANTITY, _PRICE, _MONEY = "decimal(18, 3)", "decimal(18, 6)", "decimal(18, 6)"


@dataclass(frozen=True, slots=True)
class Compared:
    """The attributes that say quantity, price and amount of a row; without a quantity, amounts are compared alone."""

    quantity: str | None
    price: str | None
    amount: str | None

    @property
    def by_amount(self) -> bool:
        """Whether only amounts can be compared."""
        return self.quantity is None


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How much more or less than expected is tolerated."""

    price_above: Tolerance
    price_below: Tolerance
    quantity_above: Tolerance
    order_above: Tolerance


def code(name: str) -> int:
    """The number of a result: its place in ``RESULTS``."""
    return next(place for place, (result, _, _) in enumerate(RESULTS) if result == name)


def activities_like(names: Sequence[str], patterns: Sequence[str]) -> tuple[str, ...]:
    """The names that have one of the patterns, in which ``*`` stands for any text; upper and lower case are alike."""
    return tuple(name for name in names if any(fnmatchcase(name.strip().casefold(), pattern.casefold()) for pattern in patterns))


def lines(ground: Grounds, activities: Mapping[Kind, Sequence[int]], reversals: Sequence[int], compared: Compared) -> ir.Table:
    """The units that order, receive or invoice: case, position, time, kind (its place), quantity, price, amount; those of reversals negative.

    Where only amounts are compared the quantity is the amount, and the price is one.
    """
    log, every = ground.log, [code for kind in _KINDS for code in activities[kind]]
    these = units(log)
    these = these.filter(these.state == "complete", these.activity.isin(every or [-1]))
    kind = ibis.cases(*((these.activity.isin(list(activities[name]) or [-1]), place) for place, name in enumerate(_KINDS)), else_=-1)
    told = these.select("case", "position", "activity", "time", "source", "row", kind=kind.cast("int32"))
    for name, attribute in (("quantity", compared.quantity), ("price", compared.price), ("amount", compared.amount)):
        told = _with_number(log, told, attribute, name)
    sign = ibis.ifelse(told.activity.isin(list(reversals) or [-1]), -1, 1)
    worth = told.amount.cast(_MONEY)
    if compared.by_amount:
        return told.mutate(quantity=_signed(worth.cast(_QUANTITY), sign), price=ibis.literal(1, _PRICE), amount=_signed(worth, sign))
    quantity = told.quantity.cast(_QUANTITY)
    price = told.price.cast(_PRICE)
    by_amount = ibis.ifelse(quantity != 0, (worth.cast("float64") / quantity.cast("float64")).abs().round(6).cast(_PRICE), None)
    worth = ibis.coalesce(worth, (price * quantity).cast(_MONEY))
    return told.mutate(quantity=_signed(quantity, sign), price=ibis.coalesce(price, by_amount), amount=_signed(worth, sign))


def matched(told: ir.Table, activities: Mapping[Kind, Sequence[str]], tolerances: Tolerances, category: ir.Table | None) -> ir.Table:
    """One row for each invoice: case, position, source, row, result (see ``RESULTS``), quantity, amount, price (ordered), received, invoiced, the differences and ``exposed``."""
    placed = _so_far(told)
    invoices = placed.filter(placed.kind == _KINDS.index("invoice"), placed.amount.isnull() | (placed.amount >= 0))
    prices = told.select("case", order_at="position", ordered="price", order_value="amount")
    joined = invoices.left_join(prices, ["case", "order_at"]).select(*invoices.columns, "ordered", "order_value")
    if category is None:
        joined = joined.mutate(exempt=ibis.literal(False), early=ibis.literal(False))
    else:
        joined = joined.left_join(category, "case").select(*joined.columns, "exempt", "early")
        joined = joined.mutate(exempt=joined.exempt.fill_null(False), early=joined.early.fill_null(False))
    got = ibis.ifelse(joined.early, joined.received_all, joined.received)
    sure = ibis.ifelse(joined.early, joined.received_all, joined.received_before)
    joined = joined.mutate(got=got.cast(_QUANTITY), sure=sure.cast(_QUANTITY), invoiced=joined.invoiced.cast(_QUANTITY))
    expected = (joined.ordered * joined.quantity).cast(_MONEY)
    price_gap = (joined.amount - expected).round(2).cast(_MONEY)
    gap, sure_gap = (((joined.invoiced - joined[name]).cast(_QUANTITY) * joined.ordered).round(2).cast(_MONEY) for name in ("got", "sure"))
    base = (joined.got * joined.ordered).cast(_MONEY)
    order_gap = (joined.invoiced_worth - joined.order_value).round(2).cast(_MONEY)
    judged = joined.mutate(price_gap=price_gap, quantity_gap=gap, sure_gap=sure_gap, order_gap=order_gap, expected=expected, base=base)
    return _judged(judged, activities, tolerances)


def _judged(these: ir.Table, activities: Mapping[Kind, Sequence[str]], tolerances: Tolerances) -> ir.Table:
    no_order, no_receipt = (f"no {kind}" if activities[kind] else "step not known" for kind in ("order", "receipt"))
    nought = ibis.literal(0, _MONEY)
    above = (these.price_gap > 0) & tolerances.price_above.passed(ibis.greatest(these.price_gap, nought), these.expected)
    below = (these.price_gap < 0) & tolerances.price_below.passed(ibis.greatest(-these.price_gap, nought), these.expected)
    more = (these.quantity_gap > 0) & tolerances.quantity_above.passed(ibis.greatest(these.quantity_gap, nought), these.base)
    perhaps = (these.sure_gap > 0) & tolerances.quantity_above.passed(ibis.greatest(these.sure_gap, nought), these.base)
    beyond = (these.order_gap > 0) & tolerances.order_above.passed(ibis.greatest(these.order_gap, nought), these.order_value)
    known = these.unknown_receipts == 0
    none = known & (these.receipts == 0)
    checks = (
        (these.exempt, "not matched"),
        (these.order_seen == 0, no_order),
        (above, "price above"),
        (below, "price below"),
        (more & known & (these.unknown_invoices == 0) & ~none, "quantity above"),
        (beyond & (these.unknown_invoices == 0), "order exceeded"),
        (none, no_receipt),
        (these.amount.isnull() | these.quantity.isnull() | (these.unknown_invoices > 0), "invoice not known"),
        (these.ordered.isnull(), "order not known"),
        (~known, "receipt not known"),
        (perhaps, "time not known"),
    )
    result = ibis.cases(
        *((when.fill_null(False), ibis.literal(code(name), "int64")) for when, name in checks), else_=ibis.literal(code("matched"), "int64")
    )
    told = these.mutate(result=result)
    exposed = ibis.cases(
        (told.result.isin([code("price above"), code("price below")]), told.price_gap.abs()),
        (told.result == code("quantity above"), ibis.least(told.quantity_gap, told.amount)),
        (told.result == code("order exceeded"), ibis.least(told.order_gap, told.amount)),
        (told.result.isin([code("no order"), code("no receipt")]), told.amount),
        else_=nought,
    )
    told = told.mutate(exposed=exposed.cast(_MONEY))
    return told.select(
        "case",
        "position",
        "activity",
        "time",
        "source",
        "row",
        "result",
        "quantity",
        "amount",
        "ordered",
        "got",
        "invoiced",
        "price_gap",
        "quantity_gap",
        "exposed",
    )


def _so_far(told: ir.Table) -> ir.Table:
    """The lines with what was ordered, received and invoiced up to each; of receipts also before its time, and in all."""
    order, receipt, invoice = (told.kind == place for place in range(len(_KINDS)))
    marked = told.mutate(
        priced=ibis.ifelse(order & told.price.notnull(), told.position, None),
        is_order=order.cast("int64"),
        is_receipt=(receipt & (told.quantity.isnull() | (told.quantity > 0))).cast("int64"),
        got=ibis.ifelse(receipt, told.quantity, ibis.literal(0, _QUANTITY)),
        billed=ibis.ifelse(invoice, told.quantity, ibis.literal(0, _QUANTITY)),
        worth=ibis.ifelse(invoice, told.amount, ibis.literal(0, _MONEY)),
        lost_receipt=(receipt & told.quantity.isnull()).cast("int64"),
        lost_invoice=(invoice & told.quantity.isnull()).cast("int64"),
    )
    rows = ibis.window(group_by="case", order_by="position", preceding=None, following=0)
    upto = ibis.range_window(group_by="case", order_by="time", preceding=None, following=0)
    now, whole = ibis.window(group_by=["case", "time"]), ibis.window(group_by="case")
    return marked.mutate(
        order_at=marked.priced.max().over(rows),
        order_seen=marked.is_order.sum().over(rows),
        invoiced=marked.billed.sum().over(rows),
        invoiced_worth=marked.worth.sum().over(rows).cast(_MONEY),
        unknown_invoices=marked.lost_invoice.sum().over(rows),
        received=marked.got.sum().over(upto),
        received_before=marked.got.sum().over(upto) - marked.got.sum().over(now),
        received_all=marked.got.sum().over(whole),
        receipts=marked.is_receipt.sum().over(whole),
        unknown_receipts=marked.lost_receipt.sum().over(whole),
    )


def _signed(value: ir.Value, sign: ir.Value) -> ir.Value:
    return ibis.ifelse(sign < 0, -value.abs(), value)


def _with_number(log: EventLog, told: ir.Table, attribute: str | None, name: str) -> ir.Table:
    if attribute is None:
        return told.mutate(**{name: ibis.null("decimal(38, 6)")})
    if case_value_of(log, attribute):
        values, keys = recorded_case_values(log, attribute), ["case"]
    else:
        values, keys = recorded_unit_values(log, attribute, told), ["case", "position"]
    numbers = values.select(*keys, **{name: number_of(log, attribute, values.value)})
    return told.left_join(numbers, keys).select(*told.columns, name)
