"""The log as a plain table: one row for each unit with its case, activity, times and resource by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.instants import utc
from finmine.relations.tables import activity_labels, case_table, resource_labels, units_table
from finmine.relations.units import units

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from finmine.log import Attribute, EventLog

PM4PY_NAMES = {
    "case": "case:concept:name",
    "activity": "concept:name",
    "timestamp": "time:timestamp",
    "start": "start_timestamp",
    "resource": "org:resource",
}


WRITTEN = ("case", "activity", "start", "timestamp", "resource")
"""What stands in the columns of a recorded log beside its attributes."""


def carried(log: EventLog) -> dict[str, Attribute]:
    """The columns of the sources that play no part in the columns of a recorded log, by name."""
    playing = {column for role in (*WRITTEN, "lifecycle", "rank") for column in log.card.roles.get(role, ())}
    playing |= {column for columns in log.card.dates.values() for column in columns}
    playing |= set(log.card.person_of.values())
    columns: dict[str, tuple[str, Attribute]] = {}
    for name, one in log.attributes.items():
        if one.level == "row":
            columns.setdefault(one.column, (name, one))
    return {name: one for name, one in columns.values() if name not in playing}


def pm4py_names(log: EventLog, attributes: Mapping[str, Attribute]) -> dict[str, str]:
    """The column of each attribute for pm4py: those that are the same throughout each case, as read, are of the case."""
    found = log.fetch(_steady(log, attributes)).records()[0] if attributes else {}
    taken = {*attributes, *PM4PY_NAMES.values()}
    of_cases = {name: f"case:{name}" for name, steady in found.items() if steady and not name.startswith("case:")}
    return {name: of_cases[name] if name in of_cases and of_cases[name] not in taken else name for name in attributes}


def _steady(log: EventLog, attributes: Mapping[str, Attribute]) -> ir.Table:
    """One row: whether each attribute has one value, or none, in all units of each case."""
    these = units_table(log.tables.units).select("case", "source", "row").join(_values(log, attributes, text=True), ["source", "row"])
    same = {
        name: ((these[name].min() == these[name].max()) & (these[name].count() == these.count())) | (these[name].count() == 0) for name in attributes
    }
    cases = these.group_by("case").aggregate(**same)
    return cases.aggregate(**{name: cases[name].all() for name in attributes})


def _values(log: EventLog, attributes: Mapping[str, Attribute], *, text: bool) -> ir.Table:
    """The attributes of the rows of the sources: source, row, and each under its name, as text or as it is typed."""
    import ibis

    raw = ibis.table({"source": "int16", "row": "int64", **{one.column: one.ibis_type for one in attributes.values()}}, name=log.tables.raw)
    return raw.select("source", "row", **{name: raw[one.column].cast("string") if text else raw[one.column] for name, one in attributes.items()})


def recorded(log: EventLog, attributes: Mapping[str, Attribute], *, text: bool = True) -> ir.Table:
    """One row for each kept unit, to be ordered by ``case_code`` and ``position``; times are instants in UTC.

    ``attributes`` are carried from the source row of each unit, as text or as they are typed, under the given names.
    """
    these = units(log)
    named = these.join(case_table(log).select("case", case_label="label"), "case")
    named = named.join(activity_labels(log).rename(activity_label="label"), "activity")
    named = named.left_join(resource_labels(log).rename(resource_label="label"), "resource")
    columns = {"case": named.case_label, "activity": named.activity_label, "timestamp": utc(named.time).cast("timestamp('UTC')")}
    if log.facts.has_start:
        columns["start"] = utc(named.start).cast("timestamp('UTC')")
    if log.facts.has_resource:
        columns["resource"] = named.resource_label
    plain = named.select(case_code=named.case, position=named.position, source=named.source, row=named.row, **columns)
    if attributes:
        plain = plain.left_join(_values(log, attributes, text=text), ["source", "row"])
    return plain.select("case_code", "position", *columns, *attributes)
