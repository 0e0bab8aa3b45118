"""Attributes: the recorded values of units and cases as text; what is missing has no row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.instants import local_month
from finmine.relations.tables import case_table, recorded_names, resource_labels, units_table

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

CASE_FACTS = ("status", "outcome", "month")
"""What can be named like an attribute of cases; ``month`` is that of the start, in the log's zone."""

NOT_SHOWN = "(not shown)"
"""What stands for a person in a column beside a date who has no label, where people are not shown by name."""


def named_attribute(log: EventLog, given: str | None, *usual: str) -> str | None:
    """The attribute that was given, else the first usual one that the log has.

    Raises:
        UnknownWord: there is no attribute of the given name.
    """
    if given is not None:
        log.attribute(given)
        return given
    return next((name for name in usual if name in log.attributes), None)


def is_case_fact(log: EventLog, name: str) -> bool:
    """Whether a name means a fact of cases, and no attribute of the log has that name."""
    return name in CASE_FACTS and name not in log.attributes


def unit_values(log: EventLog, name: str, these: ir.Table) -> ir.Table:
    """The recorded values of an attribute of rows for the given units: case, position, value.

    Columns of resources have the labels under which people may be shown; who did no unit has none, and is ``NOT_SHOWN``.
    """
    if _tells_who(log, name):
        return these.join(resource_labels(log).rename(value="label"), "resource").select("case", "position", "value")
    values = recorded_unit_values(log, name, these)
    if log.facts.people == "names" or log.attribute(name).column not in _person_columns(log):
        return values
    labels = recorded_names(log).rename(value="label").join(resource_labels(log), "resource")
    return values.left_join(labels, "value").select("case", "position", value=lambda found: found.label.fill_null(NOT_SHOWN))


def recorded_unit_values(log: EventLog, name: str, these: ir.Table) -> ir.Table:
    """The values of an attribute of rows for the given units as the source has them, people under their names: case, position, value."""
    return units_with_value(log, name, these).select("case", "position", "value")


def units_with_value(log: EventLog, name: str, these: ir.Table) -> ir.Table:
    """The given units that have a value of an attribute of rows, with ``value``: as the source has it, people under their names."""
    if log.attribute(name).level == "unit":
        return these.join(recorded_names(log).rename(value="label"), "resource").select(*these.columns, "value")
    return these.join(_recorded(log, name, "source", "row"), ["source", "row"]).select(*these.columns, "value")


def case_value_of(log: EventLog, name: str) -> bool:
    """Whether what a name means has one value for each case."""
    return is_case_fact(log, name) or log.attribute(name).level == "case"


def recorded_case_values(log: EventLog, name: str) -> ir.Table:
    """The recorded values of an attribute for cases: case, value; the first that is recorded in the order of the units as read."""
    if is_case_fact(log, name):
        cases = case_table(log)
        value = local_month(cases.started, log.zone) if name == "month" else cases[name]
        return cases.select("case", value=value).filter(lambda found: found.value.notnull())
    if log.attribute(name).level == "case":
        return _recorded(log, name, "case")
    values = unit_values(log, name, units_table(log.tables.units))
    return values.group_by("case").aggregate(value=values.value.argmin(values.position))


def varying(log: EventLog, name: str) -> ir.Table | None:
    """The number of cases in which an attribute has more than one recorded value; nothing where it cannot have."""
    if case_value_of(log, name):
        return None
    values = unit_values(log, name, units_table(log.tables.units))
    several = values.group_by("case").aggregate(low=values.value.min(), high=values.value.max())
    return several.filter(several.low != several.high).aggregate(cases=lambda these: these.count())


def _tells_who(log: EventLog, name: str) -> bool:
    """Whether an attribute is who did each unit."""
    role = log.card.role("resource")
    if log.card.person_of:
        return log.attribute(name).level == "unit"
    return role is not None and log.attribute(name).column == log.attribute(role).column


def _person_columns(log: EventLog) -> set[str]:
    """Where columns of a row say who did each date: the columns that hold people."""
    if not log.card.person_of:
        return set()
    return {log.attribute(column).column for column in (*log.card.person_of.values(), *log.card.roles.get("resource", ()))}


def _recorded(log: EventLog, name: str, *keys: str) -> ir.Table:
    import ibis

    attribute = log.attribute(name)
    kinds = {"case": "int32", "source": "int16", "row": "int64"}
    raw = ibis.table({**{key: kinds[key] for key in keys}, attribute.column: attribute.ibis_type}, name=attribute.table)
    found = raw.select(*keys, value=raw[attribute.column].cast("string"))
    return found.filter(found.value.notnull(), found.value.notin(list(log.card.missing) or [""]))
