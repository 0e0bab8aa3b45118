"""Faults of time: impossible orders, dates that mean "no date", stamps after the extraction, ties and missing hours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from finmine.relations.credible_times import RULE, far_apart, judged
from finmine.relations.fault import Fault, placed
from finmine.relations.instants import local
from finmine.relations.units import units
from finmine.words import MINUTE

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_QUARTER = 15 * MINUTE


def time_faults(log: EventLog) -> Iterator[Fault]:
    """The faults of time that can be looked for in a log."""
    these = units(log)
    if log.facts.has_start:
        rule = "the start of the unit is later than its completion; it has no processing time"
        yield Fault("end before start", "error", "units", rule, lambda: placed(these.filter(these.start > these.time)))
    yield Fault("sentinel date", "error", "units", RULE, lambda: _sentinels(log, these), possible=far_apart(log))
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


def _late(log: EventLog, these: ir.Table) -> ir.Table:
    late = these.filter((these.time > log.facts.extracted) | (these.start > log.facts.extracted).fill_null(False))
    return placed(late, _spoken(log, late.time))


def _sentinels(log: EventLog, these: ir.Table) -> ir.Table:
    held = judged(these)
    found = held.filter(held.wrong | held.wrong_start)
    return placed(found, _spoken(log, found.wrong.ifelse(found.time, found.start)))


def _midnights(log: EventLog, these: ir.Table) -> ir.Table:
    """Units completed at local midnight; the offsets of zones are whole quarters of an hour, so the others are left out first."""
    likely = these.filter(these.time % _QUARTER == 0)
    here = local(likely.time, log.zone)
    return likely.filter(here == here.truncate("D"))


def _spoken(log: EventLog, stamp: ir.IntegerColumn) -> ir.StringColumn:
    return local(stamp, log.zone).strftime("%Y-%m-%d %H:%M:%S")
