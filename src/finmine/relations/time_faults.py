"""Faults of time: impossible orders, dates that mean "no date", stamps after the extraction, ties and missing hours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from finmine.relations.fault import Fault, placed
from finmine.relations.instants import local
from finmine.relations.units import units
from finmine.words import DAY, MINUTE

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

EARLIEST = 7_305 * DAY
"""1990-01-01: no system that exports logs kept times before."""
LATEST = 47_481 * DAY
"""2099-12-31: with 9999-12-31 the usual way to write "never"."""
ISOLATED = 5 * 365 * DAY
FEW = 0.05
_QUARTER = 15 * MINUTE


def time_faults(log: EventLog) -> Iterator[Fault]:
    """The faults of time that can be looked for in a log."""
    these = units(log)
    if log.facts.has_start:
        rule = "the start of the unit is later than its completion; it has no processing time"
        yield Fault("end before start", "error", "units", rule, lambda: placed(these.filter(these.start > these.time)))
    rule = (
        "a stamp before 1990 or from 2099-12-31 on, or one that five years without any stamp part from the rest, with at most "
        "one unit in twenty on its side: such dates usually stand for a missing one"
    )
    yield Fault("sentinel date", "error", "units", rule, lambda: _sentinels(log, these), possible=_far_apart(log))
    if log.facts.extracted_declared:
        rule = "a stamp later than the extraction that the card declares: planned, or mistyped"
        yield Fault("stamp after the extraction", "error", "units", rule, lambda: _late(log, these))
    rule = (
        "the stamp is midnight on the local clock to the microsecond, as where only a day was recorded; hours and the order within the day "
        "then say nothing (not reported where at most one unit in two hundred has it)"
    )
    yield Fault("midnight stamp", "note", "units", rule, lambda: placed(_midnights(log, these)), chance=0.005)
    rank = f"the rank that the card declares ({log.card.role('rank')}), then " if "rank" in log.card.roles else ""
    start = "their starts, then " if log.facts.has_start else ""
    rule = f"completed at the same time as the next unit of its case; their order is that of {start}{rank}file and row"
    tied = log.facts.ties > 0
    yield Fault("same time as the next unit", "note", "units", rule, lambda: placed(these.filter(these.next_time == these.time)), possible=tied)


def _far_apart(log: EventLog) -> bool:
    """Whether any stamp can lie outside the credible times."""
    facts = log.facts
    return facts.has_start or facts.first < EARLIEST or facts.last >= LATEST or facts.last - facts.first > ISOLATED


def _late(log: EventLog, these: ir.Table) -> ir.Table:
    late = these.filter((these.time > log.facts.extracted) | (these.start > log.facts.extracted).fill_null(False))
    return placed(late, _spoken(log, late.time))


def _sentinels(log: EventLog, these: ir.Table) -> ir.Table:
    bounds = _bounds(these)
    held = these.cross_join(bounds)
    late_start = ((held.start < held.low) | (held.start >= held.high)).fill_null(False)
    wrong = (held.time < held.low) | (held.time >= held.high)
    found = held.filter(wrong | late_start)
    return placed(found, _spoken(log, ((found.time < found.low) | (found.time >= found.high)).ifelse(found.time, found.start)))


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


def _midnights(log: EventLog, these: ir.Table) -> ir.Table:
    """Units completed at local midnight; the offsets of zones are whole quarters of an hour, so the others are left out first."""
    likely = these.filter(these.time % _QUARTER == 0)
    here = local(likely.time, log.zone)
    return likely.filter(here == here.truncate("D"))


def _spoken(log: EventLog, stamp: ir.IntegerColumn) -> ir.StringColumn:
    return local(stamp, log.zone).strftime("%Y-%m-%d %H:%M:%S")
