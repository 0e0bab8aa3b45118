"""The log as a plain table: one row for each unit with its case, activity, times and resource by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.instants import utc
from finmine.relations.tables import activity_labels, case_table, resource_labels
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


def recorded(log: EventLog, attributes: Mapping[str, Attribute] | None = None) -> ir.Table:
    """One row for each kept unit, to be ordered by ``case_code`` and ``position``; times are instants in UTC.

    ``attributes`` are carried from the source row of each unit, as text, under the given names.
    """
    import ibis

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
    carried = attributes or {}
    if carried:
        raw = ibis.table({"source": "int16", "row": "int64", **{one.column: one.ibis_type for one in carried.values()}}, name=log.tables.raw)
        values = raw.select("source", "row", **{name: raw[one.column].cast("string") for name, one in carried.items()})
        plain = plain.left_join(values, ["source", "row"])
    return plain.select("case_code", "position", *columns, *carried)
