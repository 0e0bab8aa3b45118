"""Groups of cases by an attribute: each case belongs to exactly one group, so that groups add up to the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.instants import local_month
from finmine.relations.tables import case_table, units_table

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

NOT_RECORDED = "(not recorded)"


def attribute_rows(log: EventLog, name: str) -> ir.Table:
    """The recorded values of an attribute of rows: source, row, value (text); missing values have no row."""
    import ibis

    attribute = log.attribute(name)
    raw = ibis.table({"source": "int16", "row": "int64", attribute.column: attribute.ibis_type}, name=attribute.table)
    value = raw[attribute.column].cast("string")
    return raw.select("source", "row", value=value).filter(lambda rows: rows.value.notnull() & rows.value.notin(list(log.card.missing) or [""]))


def case_values(log: EventLog, name: str) -> ir.Table:
    """The value of an attribute for each case: the first that is recorded, in the order of its units.

    ``status``, ``outcome`` and ``month`` (of the start, in the log's zone) can be named like attributes.
    """
    import ibis

    cases = case_table(log)
    if name not in log.attributes and name in ("status", "outcome", "month"):
        value = local_month(cases.started, log.zone) if name == "month" else cases[name]
        return cases.select("case", value=ibis.coalesce(value, ibis.literal(NOT_RECORDED)))
    attribute = log.attribute(name)
    if attribute.level == "case":
        table = ibis.table({"case": "int32", attribute.column: attribute.ibis_type}, name=attribute.table)
        values = table.select("case", value=table[attribute.column].cast("string"))
    else:
        these = units_table(log.tables.units)
        rows = attribute_rows(log, name)
        joined = these.join(rows, ["source", "row"]).select("case", "position", "value")
        values = joined.group_by("case").aggregate(value=joined.value.argmin(joined.position))
    found = cases.select("case").left_join(values, "case")
    return found.select("case", value=ibis.coalesce(found.value, ibis.literal(NOT_RECORDED)))


def grouped(log: EventLog, relation: ir.Table, by: str | None) -> ir.Table:
    """The relation with a column ``group``: the value of ``by`` for its case."""
    if by is None:
        return relation
    values = case_values(log, by).rename(group="value")
    return relation.inner_join(values, "case").select(*relation.columns, "group")
