"""Faults of rows: left out at reading, recorded twice, without resource or role, with stamps that no clock showed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from finmine.relations.fault import Fault, Severity, placed
from finmine.relations.tables import activity_labels, case_table, faults_table, units_table
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

LEFT_OUT = {
    "broken row": "the row does not have the columns of the header; it is left out",
    "no case": "the row names no case; it is left out",
    "no activity": "the row names no activity; it is left out",
    "no time": "the row has no time; it is left out",
    "unreadable time": "what stands in a column of times is no time; the row (of a document with several dates, the event) is left out",
}


def row_faults(log: EventLog) -> Iterator[Fault]:
    """The faults of rows that can be looked for in a log."""
    if log.facts.left_out:
        for name, rule in LEFT_OUT.items():
            yield Fault(name, "error", "rows", rule, partial(_left_out, log, name))
    recorded = recorded_rows(log)
    if any(source.swallowing for source in log.provenance.sources):
        name, rule = (
            "row that may hold others",
            "a cell of several lines, one of which looks like a whole row of the file: perhaps a quote was opened by mistake and swallowed rows",
        )
        yield _kept(log, name, "doubt", rule, recorded)
    if log.provenance.zone not in (None, "UTC"):
        name, rule = (
            "local time that the clocks skipped",
            "in the zone of the log no clock showed this time (the hour lost in spring); it is moved forward",
        )
        yield _kept(log, name, "error", rule, recorded)
        name, rule = (
            "local time that the clocks showed twice",
            "in the zone of the log the clocks showed this time twice (the hour won in autumn); the first is taken",
        )
        yield _kept(log, name, "doubt", rule, recorded)
    name, rule = "stamp finer than a microsecond", "the stamp has digits beyond the microsecond; they are cut off, and order nothing"
    yield _kept(log, name, "note", rule, recorded)
    rule = "the row equals an earlier one in every column of the source; both are counted in all numbers"
    yield Fault("duplicate row", "error", "rows", rule, lambda: by_row(log, _exact(log, recorded)), possible=log.facts.ties > 0, family="alike")
    rule = "a row with the same case, activity (and lifecycle transition) and time as an earlier one, but not alike in every column"
    yield Fault(
        "same case, activity and time",
        "doubt",
        "rows",
        rule,
        lambda: by_row(log, _near(log, recorded)),
        possible=log.facts.ties > 0,
        family="alike",
    )
    if log.facts.has_resource:
        rule = "the row does not say who did it; a unit of which no row says so is in no number about resources"
        yield Fault("no resource", "doubt", "rows", rule, lambda: by_row(log, placed(_by_nobody(log, recorded))))
    if "role" in log.card.roles:
        rule = "the row does not say in which role it was done"
        yield Fault("no role", "doubt", "rows", rule, lambda: by_row(log, placed(_without(log, "role", recorded))))


def _by_nobody(log: EventLog, recorded: ir.Table) -> ir.Table:
    """The events that nobody is recorded for, where a column says who did them."""
    unknown = recorded.filter(recorded.resource.isnull())
    if not log.card.person_of or "resource" in log.card.roles:
        return unknown
    named = activity_labels(log).filter(lambda these: these.label.isin(list(log.card.person_of)))
    return unknown.semi_join(named, "activity")


def recorded_rows(log: EventLog) -> ir.Table:
    """All events that are recorded, of the cases that the filters keep where there are any; where units are events, the units."""
    if log.tables.events == log.tables.units:
        return units(log)
    every = units_table(log.tables.events)
    return every.semi_join(units(log), "case") if log.filters else every


def by_row(log: EventLog, places: ir.Table) -> ir.Table:
    """The places, once for each row: a row of a document with several dates is several units."""
    return places.distinct() if log.card.dates else places


def raw_columns(log: EventLog) -> dict[str, str]:
    """The columns of the sources as read and their types."""
    return {one.column: one.ibis_type for one in log.attributes.values() if one.table == log.tables.raw}


def raw_table(log: EventLog) -> ir.Table:
    """The rows of the sources as read."""
    import ibis

    return ibis.table({"source": "int16", "row": "int64", **raw_columns(log)}, name=log.tables.raw)


def _left_out(log: EventLog, name: str) -> ir.Table:
    found = faults_table(log).filter(lambda these: these.fault == name)
    once = found.group_by(["source", "row", "case_label"]).aggregate(found=lambda these: these.found.min())
    cases = case_table(log).select("case", "label")
    return placed_with(once.left_join(cases, once.case_label == cases.label))


def placed_with(these: ir.Table) -> ir.Table:
    """The places of rows that already say what was found."""
    return these.select("case", "source", "row", "found")


def _kept(log: EventLog, name: str, severity: Severity, rule: str, recorded: ir.Table) -> Fault:
    """A fault of rows that reading found, of rows that are events all the same."""
    possible = name in log.facts.doubtful
    return Fault(name, severity, "rows", rule, partial(_kept_places, log, name, recorded), possible=possible)


def _kept_places(log: EventLog, name: str, recorded: ir.Table) -> ir.Table:
    found = faults_table(log).filter(lambda these: (these.fault == name) & these.kept)
    once = found.group_by(["source", "row"]).aggregate(found=lambda these: these.found.min())
    return by_row(log, placed_with(recorded.join(once, ["source", "row"])))


def _exact(log: EventLog, recorded: ir.Table) -> ir.Table:
    twins = _twins(log, recorded)
    return placed(twins.filter(twins.copy > 0))


def _near(log: EventLog, recorded: ir.Table) -> ir.Table:
    twins = _twins(log, recorded)
    return placed(twins.filter(twins.copy == 0, twins.twin > 0))


def _twins(log: EventLog, recorded: ir.Table) -> ir.Table:
    """Rows that share case, activity and time with another, numbered from 0.

    ``twin`` numbers those with one lifecycle transition too, ``copy`` those that are alike in every column.
    """
    import ibis

    key = ["case", "activity", "time"]
    order = ["source", "row"]
    tied = recorded.filter(recorded.next_time == recorded.time).select("case", "time").distinct()
    near = recorded.semi_join(tied, ["case", "time"]).select(*key, *order)
    several = near.mutate(n=near.count().over(ibis.window(group_by=key))).filter(lambda these: these.n > 1).drop("n")
    columns = list(raw_columns(log))
    held = several.join(raw_table(log), order)
    transition = [held[log.attribute(column).column].cast("string").lower() for column in log.card.roles.get("lifecycle", ())]
    twin = ibis.row_number().over(ibis.window(group_by=[*key, *transition], order_by=order))
    copy = ibis.row_number().over(ibis.window(group_by=[*key, *columns], order_by=order))
    return held.mutate(twin=twin, copy=copy).select("case", "source", "row", "twin", "copy")


def _without(log: EventLog, role: str, these: ir.Table) -> ir.Table:
    """The rows that say nothing in the column of a role."""
    raw = raw_table(log)
    text = raw[log.attribute(log.card.roles[role][0]).column].cast("string")
    empty = raw.filter(text.isnull() | text.isin(list(log.card.missing) or [""]))
    return these.semi_join(empty.select("source", "row"), ["source", "row"])
