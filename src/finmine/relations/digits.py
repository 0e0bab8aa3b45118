"""The digits of the amounts of cases, taken from their minor units as text, never from a logarithm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.finance.money import minor_digits
from finmine.relations.traces import traces

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def amount_digits(log: EventLog) -> ir.Table:
    """One row for each case with an amount that is not nought: case, size (the absolute amount), and its digits: first, first_two and last_two.

    Digits are those of whole minor units (cents; of a currency without any, whole units), so that 2.30 has 23 and 30. An amount of one digit has no two.
    """
    import ibis

    cases = traces(log)
    by_digits: dict[int, list[str]] = {}
    for currency in log.facts.currencies:
        by_digits.setdefault(minor_digits(currency or None), []).append(currency)
    known = cases.currency.fill_null("")
    units = [(known.isin(names), (cases.amount.abs() * 10**places).round().cast("decimal(38, 0)")) for places, names in by_digits.items()]
    minor = ibis.cases(*units, else_=ibis.null("decimal(38, 0)")) if units else ibis.null("decimal(38, 0)")
    told = cases.select("case", "currency", size=cases.amount.abs(), minor=minor)
    told = told.filter(told.minor.notnull(), told.minor != 0)
    text = told.minor.cast("string")
    several = text.length() > 1
    return told.select(
        "case",
        "currency",
        "minor",
        size=told["size"],
        first=text.substr(0, 1),
        first_two=ibis.ifelse(several, text.substr(0, 2), None),
        last_two=ibis.ifelse(several, text.right(2), None),
    )


def spread_of(log: EventLog, digits: ir.Table) -> ir.Table:
    """What says whether the law can be expected of the amounts.

    number, currencies, low and high (the 1st and 99th percentile), ``at_most`` (how many are the largest amount), ``alike`` (how many the most frequent
    amount is), and of all cases how many have no amount (absent) or one of nought (nought).
    """
    often = digits.group_by(["currency", "minor"]).aggregate(times=digits.count(), size=digits["size"].max())
    most = often.aggregate(alike=often.times.max(), at_most=often.times.argmax(often["size"]))
    size = digits["size"].cast("float64")
    told = digits.aggregate(number=digits.count(), currencies=digits.currency.nunique(), low=size.quantile(0.01), high=size.quantile(0.99))
    cases = traces(log)
    left = cases.aggregate(absent=cases.amount.isnull().sum(), nought=(cases.amount == 0).sum())
    return told.cross_join(most).cross_join(left)
