"""The drivers of time equations: how much of each a unit has, and the time that follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from finmine.relations.attributes import case_value_of, recorded_case_values, recorded_unit_values
from finmine.relations.numbers import number_of
from finmine.relations.units import units
from finmine.words import DAY

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.finance.time_equation import Driver, TimeEquation
    from finmine.log import EventLog

_QUANTITY = "decimal(18, 6)"
_MOST = 10_000 * DAY  # that a unit can take: what would take longer is no quantity but, say, a number of a document


def equation_time(log: EventLog, these: ir.Table, equations: Sequence[TimeEquation], name: str) -> ir.Table:
    """The units with a column more: the microseconds that the equation of their activity gives, missing where it has none, a driver is not known, or no unit takes so long."""
    import ibis

    drivers, codes = drivers_of(equations), {label: code for code, label in enumerate(log.activity_names())}
    kept, these, told = these.columns, with_quantities(log, these, drivers), []
    for one in equations:
        each, *others = one.times
        time = ibis.literal(each).cast("decimal(28, 6)")
        for driver, per in zip(one.drivers, others, strict=True):
            time += (these[quantity_name(drivers, driver)] * ibis.literal(per).cast("decimal(19, 6)")).try_cast("decimal(28, 6)")
        whole = time.round(0).try_cast("int64")
        told.append((these.activity == codes[one.activity], (whole <= _MOST).ifelse(whole, ibis.null("int64"))))
    return these.mutate(**{name: ibis.cases(*told, else_=ibis.null("int64"))}).select(*kept, name)


def unmet_drivers(log: EventLog) -> tuple[str, ...]:
    """The drivers of the card's equations with declared times of which no unit of their activity in the log as read has any, in words."""
    whole, names = log.as_read(), log.activity_names()
    declared = [one for one in log.card.costs.equations if one.times and one.drivers and one.activity in names]
    if not declared:
        return ()
    drivers = drivers_of(declared)
    these = with_quantities(whole, units(whole), drivers)
    most = these.group_by("activity").aggregate(**{name: these[name].max() for driver in drivers if (name := quantity_name(drivers, driver))})
    found = {names[record["activity"]]: record for record in log.fetch(most).records()}
    met = [(one, driver, found.get(one.activity, {}).get(quantity_name(drivers, driver))) for one in declared for driver in one.drivers]
    return tuple(f"{driver.words()} of {one.activity}" for one, driver, quantity in met if not quantity)


def drivers_of(equations: Sequence[TimeEquation]) -> tuple[Driver, ...]:
    """The drivers of equations, each once."""
    return tuple(dict.fromkeys(driver for one in equations for driver in one.drivers))


def quantity_name(drivers: Sequence[Driver], driver: Driver) -> str:
    """The column of the quantity of a driver."""
    return f"quantity_{drivers.index(driver)}"


def with_quantities(log: EventLog, these: ir.Table, drivers: Sequence[Driver]) -> ir.Table:
    """The units with the quantity of each driver: the number of its attribute (missing below nought), or 1 where it has the value and else 0."""
    import ibis

    kept = these.columns
    for driver in drivers:
        name = quantity_name(drivers, driver)
        of_case = recorded_case_values(log, driver.attribute).rename(of_case="value")
        these = these.left_join(of_case, "case").select(*kept, "of_case")
        value = these.of_case
        if not case_value_of(log, driver.attribute):
            of_unit = recorded_unit_values(log, driver.attribute, units(log)).rename(of_unit="value")
            these = these.left_join(of_unit, ["case", "position"]).select(*kept, "of_case", "of_unit")
            value = ibis.coalesce(these.of_unit, these.of_case)
        if driver.value is None:
            number = number_of(log, driver.attribute, value)
            quantity = (number >= 0).ifelse(number, ibis.null(number.type())).try_cast(_QUANTITY)
        else:
            quantity = (value == driver.value).cast("int8").cast(_QUANTITY)
        these = these.mutate(**{name: quantity}).select(*kept, name)
        kept = these.columns
    return these
