"""The times between which stamps are credible: outside of them stand dates that mean "no date", such as 1900-01-01 or 9999-12-31."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.words import DAY

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

EARLIEST = 7_305 * DAY
"""1990-01-01: no system that exports logs kept times before."""
LATEST = 47_481 * DAY
"""2099-12-31: with 9999-12-31 the usual way to write "never"."""
ISOLATED = 5 * 365 * DAY
FEW = 0.05
RULE = (
    "a stamp before 1990 or from 2099-12-31 on, or one that five years without any stamp part from the rest, with at most "
    "one unit in twenty on its side: such dates usually stand for a missing one"
)
"""The rule in words."""


def far_apart(log: EventLog) -> bool:
    """Whether any stamp can lie outside the credible times."""
    facts = log.facts
    return facts.has_start or facts.first < EARLIEST or facts.last >= LATEST or facts.last - facts.first > ISOLATED


def judged(these: ir.Table) -> ir.Table:
    """The units with ``wrong``, whether their completion, and ``wrong_start``, whether their start lies outside the credible times."""
    held = these.cross_join(_bounds(these))
    return held.select(
        *these.columns,
        wrong=(held.time < held.low) | (held.time >= held.high),
        wrong_start=((held.start < held.low) | (held.start >= held.high)).fill_null(False),
    )


def _bounds(these: ir.Table) -> ir.Table:
    """The times between which stamps are credible: one row with low (included) and high (not included)."""
    import ibis

    days = these.group_by(day=these.time - these.time % DAY).aggregate(n=lambda found: found.count())
    in_order = days.mutate(
        later=days.day.lead().over(ibis.window(order_by="day")),
        upto=days.n.sum().over(ibis.window(order_by="day", preceding=None, following=0)),
        every=days.n.sum().over(ibis.window()),
    )
    cut = in_order.later - in_order.day > ISOLATED
    return in_order.aggregate(
        low=ibis.greatest(EARLIEST, in_order.later.max(where=cut & (in_order.upto <= FEW * in_order.every)).coalesce(EARLIEST)),
        high=ibis.least(LATEST, (in_order.day.min(where=cut & (in_order.every - in_order.upto <= FEW * in_order.every)) + DAY).coalesce(LATEST)),
    )
