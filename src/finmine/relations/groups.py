"""Groups of cases by an attribute: each case belongs to exactly one group, so that groups add up to the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from finmine.relations.attributes import recorded_case_values
from finmine.relations.tables import case_table

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

NOT_RECORDED = "(not recorded)"


def case_values(log: EventLog, name: str) -> ir.Table:
    """The value of an attribute for each case: the first that is recorded, in the order of its units.

    ``status``, ``outcome`` and ``month`` (of the start, in the log's zone) can be named like attributes.
    """
    import ibis

    found = case_table(log).select("case").left_join(recorded_case_values(log, name), "case")
    return found.select("case", value=ibis.coalesce(found.value, ibis.literal(NOT_RECORDED)))


def grouped(log: EventLog, relation: ir.Table, by: str | None) -> ir.Table:
    """The relation with a column ``group``: the value of ``by`` for its case."""
    if by is None:
        return relation
    values = case_values(log, by).rename(group="value")
    return relation.inner_join(values, "case").select(*relation.columns, "group")


def cases_of(these: ir.Table, record: Mapping[str, Any], by: str | None) -> ir.Table:
    """The cases, each once, of the rows of a grouped relation that are in the group of one row of an answer."""
    kept = these if by is None else these.filter(these.group == record["group"])
    return kept.select("case").distinct()
