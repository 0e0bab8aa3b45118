"""Money in the reporting currency, at the rate of the day on which its case started, as the card says; without a rate it is missing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from finmine.finance.money import minor_digits
from finmine.relations.money_lines import MONEY
from finmine.relations.traces import traces

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def exchange_rate(log: EventLog, currency: ir.StringValue, started: ir.IntegerValue) -> ir.DecimalValue:
    """The rate into the reporting currency of the card on the day on which a case started; missing where there is none."""
    import ibis

    rule = log.card.amount
    rates = [(currency == (rule.reporting if rule else None), ibis.literal("1").cast("decimal(10, 6)"))]
    for rate in sorted(log.card.rates, key=lambda rate: rate.since, reverse=True):
        since = (datetime(rate.since.year, rate.since.month, rate.since.day) - datetime(1970, 1, 1)).days * 86_400_000_000
        rates.append(((currency == rate.currency) & (started >= since), ibis.literal(f"{rate.rate:f}").cast("decimal(10, 6)")))
    return ibis.cases(*rates, else_=ibis.null("decimal(10, 6)"))


def at_rate(amount: ir.DecimalValue, rate: ir.DecimalValue, digits: int) -> ir.DecimalValue:
    """An amount in the reporting currency, rounded."""
    return (amount.cast("decimal(28, 6)") * rate).round(digits).cast(MONEY)


def in_reporting_currency(log: EventLog, lines: ir.Table) -> ir.Table:
    """The lines with ``money`` (and ``value``, where they have one) in the reporting currency of the card, which it must have.

    ``rated`` says whether there is a rate. What is exchanged is rounded, of single units to a millionth, of cases to the minor unit of the currency.
    """
    import ibis

    rule = log.card.amount
    reporting = rule.reporting if rule is not None else None
    dated = lines.join(traces(log).select("case", "started"), "case")
    rated = dated.mutate(rate=exchange_rate(log, dated.currency, dated.started))
    digits = 6 if "position" in lines.columns else minor_digits(reporting)
    held = [name for name in ("value", "money") if name in lines.columns]
    same = rated.currency == ibis.literal(reporting)
    exchanged = {name: same.ifelse(rated[name].cast(MONEY), at_rate(rated[name], rated.rate, digits)) for name in held}
    return rated.mutate(**exchanged, currency=ibis.literal(reporting), rated=rated.rate.notnull()).select(*lines.columns, "rated")
