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


def in_reporting_currency(log: EventLog, lines: ir.Table) -> ir.Table:
    """The lines with ``money`` (and ``value``, where they have one) in the reporting currency of the card, which it must have.

    ``rated`` says whether there is a rate. Money of single units is rounded to a millionth, that of cases to the minor unit of the currency.
    """
    import ibis

    rule = log.card.amount
    reporting = rule.reporting if rule is not None else None
    dated = lines.join(traces(log).select("case", "started"), "case")
    rates = [(dated.currency == reporting, ibis.literal("1").cast("decimal(10, 6)"))]
    for rate in sorted(log.card.rates, key=lambda rate: rate.since, reverse=True):
        since = (datetime(rate.since.year, rate.since.month, rate.since.day) - datetime(1970, 1, 1)).days * 86_400_000_000
        rates.append(((dated.currency == rate.currency) & (dated.started >= since), ibis.literal(f"{rate.rate:f}").cast("decimal(10, 6)")))
    rated = dated.mutate(rate=ibis.cases(*rates, else_=ibis.null("decimal(10, 6)")))
    digits = 6 if "position" in lines.columns else minor_digits(reporting)
    held = [name for name in ("value", "money") if name in lines.columns]
    exchanged = {name: (rated[name].cast("decimal(28, 6)") * rated.rate).round(digits).cast(MONEY) for name in held}
    return rated.mutate(**exchanged, currency=ibis.literal(reporting), rated=rated.rate.notnull()).select(*lines.columns, "rated")
