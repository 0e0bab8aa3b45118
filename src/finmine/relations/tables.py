"""The tables of a log as unbound ibis tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_UNITS = {
    "case": "int32",
    "position": "int32",
    "activity": "int32",
    "start": "int64",
    "time": "int64",
    "resource": "int32",
    "suspended": "int64",
    "state": "string",
    "source": "int16",
    "row": "int64",
    "next_activity": "int32",
    "next_resource": "int32",
    "next_time": "int64",
    "next_start": "int64",
}
_CASES = {
    "case": "int32",
    "label": "string",
    "length": "int64",
    "started": "int64",
    "ended": "int64",
    "first_activity": "int32",
    "last_activity": "int32",
    "residue_one": "int64",
    "residue_two": "int64",
    "status": "string",
    "outcome": "string",
    "amount": "decimal(38, 6)",
    "currency": "string",
    "reported": "decimal(38, 6)",
}


def units_table(name: str) -> ir.Table:
    """A table of units (or of all events), as read."""
    import ibis

    return ibis.table(_UNITS, name=name)


def case_table(log: EventLog) -> ir.Table:
    """One row for each case as read: its trace, status and money."""
    import ibis

    return ibis.table(_CASES, name=log.tables.cases)


def activity_labels(log: EventLog) -> ir.Table:
    """The names of the activities."""
    import ibis

    return ibis.table({"activity": "int32", "label": "string"}, name=log.tables.activities)


def resource_labels(log: EventLog) -> ir.Table:
    """The resources as they may be shown (names, pseudonyms or roles)."""
    import ibis

    return ibis.table({"resource": "int32", "label": "string"}, name=log.tables.resources)


def recorded_names(log: EventLog) -> ir.Table:
    """The resources as the source names them; not to be shown."""
    import ibis

    return ibis.table({"resource": "int32", "label": "string"}, name=log.tables.names)


def faults_table(log: EventLog) -> ir.Table:
    """The faults found at reading, with the rows of the sources that have them; only those that are ``kept`` are events."""
    import ibis

    columns = {"fault": "string", "kept": "boolean", "case_label": "string", "source": "int16", "row": "int64", "column": "string", "found": "string"}
    return ibis.table(columns, name=log.tables.faults)
