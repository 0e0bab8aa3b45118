"""Vendors with their documents: with and without an order, and amounts far from the vendor's own.

How far an amount is from the others of its vendor and currency is told by the modified z-score of its logarithm: 0.6745 times its distance from the median,
divided by the median of all distances. A vendor whose amounts are mostly one and the same has none.

Source: B. Iglewicz and D. C. Hoaglin, How to detect and handle outliers, 1993 (the score, and 3.5 as its limit).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.documents import Fields, documents
from finmine.relations.tables import case_table
from finmine.relations.traces import traces
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_SCALE = 0.6745


def vendor_documents(log: EventLog, fields: Fields, orders: list[int]) -> ir.Table:
    """One row for each document of a known vendor: case, vendor_key, vendor, day, amount, currency, money, ordered, and the score of its amount.

    It is ordered where its attribute says an order, or, without such an attribute, where it has one of the activities ``orders``. ``around`` is how many
    amounts of its vendor and currency there are; ``median_amount`` the middle one; ``score`` is missing for credits and where most are alike.
    """
    import ibis

    these = documents(log, fields)
    these = these.filter(these.vendor_key.notnull()).select("case", "vendor_key", "vendor", "day", "amount", "currency", "purchase_order")
    these = these.join(traces(log).select("case", "money"), "case")
    if fields.order is None:
        every = units(log)
        done = every.filter(every.activity.isin(orders or [-1])).select("case").distinct().mutate(done=ibis.literal(True))
        these = these.left_join(done, "case").select(*these.columns, "done")
        these = these.mutate(ordered=these.done.fill_null(False)).drop("done")
    else:
        these = these.mutate(ordered=these.purchase_order.notnull())
    size = ibis.ifelse(these.amount > 0, these.amount.cast("float64"), None)
    these = these.mutate(size=size, height=size.ln())
    own = ibis.window(group_by=["vendor_key", "currency"])
    these = these.mutate(
        around=these["size"].count().over(own), middle=these.height.median().over(own), median_amount=these["size"].median().over(own)
    )
    these = these.mutate(apart=(these.height - these.middle).abs())
    these = these.mutate(spread=these.apart.median().over(own))
    score = ibis.ifelse(these.spread > 1e-9, these.apart * _SCALE / these.spread, None)
    told = these.mutate(score=score, median_amount=these.median_amount.round(2).cast("decimal(38, 2)"))
    return told.select("case", "vendor_key", "vendor", "day", "amount", "currency", "money", "ordered", "around", "median_amount", "score")


def by_vendor(held: ir.Table, limit: float, least: int) -> ir.Table:
    """One row for each vendor: documents, with and without an order, the days of those without, their money, and outliers."""
    far = (held.around >= least) & (held.score > limit)
    without = ~held.ordered
    return (
        held.group_by("vendor_key")
        .aggregate(
            vendor=held.vendor.min(),
            documents=held.count(),
            with_order=held.ordered.sum(),
            without_order=without.sum(),
            sundry_days=held.day.nunique(where=without),
            first=held.day.min(),
            last=held.day.max(),
            value=held.money.abs().sum(),
            value_without=held.money.abs().sum(where=without),
            value_far=held.money.abs().sum(where=far.fill_null(False)),
            outliers=far.fill_null(False).sum(),
        )
        .order_by("vendor_key")
    )


def outlying(log: EventLog, held: ir.Table, limit: float, least: int, most: int) -> ir.Table:
    """The documents whose amount is far from the others of its vendor, the farthest first, with the first row of the source."""
    import ibis

    far = held.filter(held.around >= least, held.score > limit).rename(code="case")
    order = [ibis.desc("score"), "code"]
    these = units(log)
    rows = these.group_by("case").aggregate(source=these["source"].argmin(these.position), row=these.row.argmin(these.position)).rename(code="case")
    labels = case_table(log).select(code="case", case="label")
    told = far.order_by(order).limit(most).join(rows, "code").join(labels, "code").order_by(order)
    return told.select("case", "vendor", "amount", "currency", "median_amount", "score", "source", "row")
