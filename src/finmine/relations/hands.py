"""Hands: who did each unit, told by resource or by role, when the work changed hands, and when it came back.

Between two units that follow one another in a case the work is either kept (the same hands) or handed over. Where the
hands of one of them are not recorded nobody can say, and the step is neither. Resources are told apart as they are shown
(see ``tables.resource_labels``): people who are shown alike have the same hands.

Source: W. M. P. van der Aalst, H. A. Reijers and M. Song, Discovering social networks from event logs, 2005 (handover of
work with direct succession, each instance counted).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from finmine.relations.attributes import case_value_of, recorded_case_values, recorded_unit_values
from finmine.relations.overlaps import counted_once
from finmine.relations.tables import recorded_names, resource_labels
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.finance.labour import LabourLevel
    from finmine.log import EventLog

Between: TypeAlias = Literal["resource", "role"]


def shown_resources(log: EventLog) -> ir.Table:
    """For each resource the code under which those that are shown alike are counted: resource, shown."""
    alike = resource_labels(log)
    return alike.select("resource", shown=alike.resource.min().over(group_by="label"))


def hand_labels(log: EventLog, between: Between) -> ir.Table:
    """What is shown for the hands that ``hands`` finds: hand, label."""
    if between == "resource":
        return resource_labels(log).rename(hand="resource")
    found = hands(log, between).select("hand").distinct()
    return found.filter(found.hand.notnull()).mutate(label=found.hand)


def hands(log: EventLog, between: Between) -> ir.Table:
    """The units with ``hand``: the code of the resource as it is shown, or the role; missing where it is not recorded."""
    these = units(log)
    if between == "resource":
        return these.left_join(shown_resources(log), "resource").select(*these.columns, hand="shown")
    role = log.card.role("role") or "role"
    of_cases = case_value_of(log, role)
    values = recorded_case_values(log, role) if of_cases else recorded_unit_values(log, role, these)
    keys = ["case"] if of_cases else ["case", "position"]
    return these.left_join(values, keys).select(*these.columns, hand="value")


def hands_of_cases(log: EventLog, between: Between, cases: ir.Table) -> ir.Table:
    """Who works on each of these cases, as it is shown, and how many of its units they do: case, label, units."""
    these = hands(log, between).semi_join(cases, "case")
    labelled = these.join(hand_labels(log, between), "hand")
    return labelled.group_by("case", "label").aggregate(units=labelled.count())


def hand_steps(log: EventLog, between: Between) -> ir.Table:
    """One row for each step of a case with the hands on both sides: hand, next_hand, ``gap`` and ``until_start``.

    ``gap`` runs from completion to completion. ``until_start`` runs from completion to the next start; it is missing where no
    start is recorded, and negative where the next unit began before this one was completed.
    """
    import ibis

    these = hands(log, between)
    following = these.mutate(next_hand=these.hand.lead().over(ibis.window(group_by="case", order_by="position")))
    kept = following.filter(following.next_activity.notnull())
    return kept.mutate(gap=kept.next_time - kept.time, until_start=kept.next_start - kept.time)


def came_back(log: EventLog, between: Between) -> ir.Table:
    """One row for each time the work of a case went from some hands to others and from these straight back: case, hand, other.

    What either side did in a row counts as one stay. ``away`` is the time from the last completion before the work was handed
    over to the first completion after it came back; ``away_once`` leaves out what an earlier row of the case covers.
    """
    import ibis

    order = ibis.window(group_by="case", order_by="position")
    these = hands(log, between)
    told = these.mutate(hand_before=these.hand.lag().over(order), time_before=these.time.lag().over(order))
    stays = told.filter((told.position == 1) | ~told.hand.identical_to(told.hand_before))
    placed = stays.mutate(two_before=stays.hand.lag(2).over(order), left=stays.time_before.lag().over(order))
    back = placed.filter(placed.hand == placed.two_before, placed.hand_before.notnull())
    spans = back.select("case", "position", "hand", other="hand_before", left="left", returned="time", away=back.time - back.left)
    return counted_once(spans, "left", "returned", "position", "away_once")


def tells_roles(log: EventLog) -> bool:
    """Whether the log tells the role of who did a unit."""
    return any(name.casefold() == "role" for name in log.attributes)


def hands_recorded(log: EventLog, level: LabourLevel) -> tuple[ir.Table, list[str]]:
    """The resources or roles as the source names them (under ``value``; none where the log does not tell them), and the columns by which units are joined to them.

    They are not to be shown.
    """
    import ibis

    if level == "resource":
        return recorded_names(log).rename(value="label"), ["resource"]
    if not tells_roles(log):
        return units(log).select("case", "position", value=ibis.null("string")).filter(ibis.literal(False)), ["case", "position"]
    if case_value_of(log, level):
        return recorded_case_values(log, level), ["case"]
    return recorded_unit_values(log, level, units(log)), ["case", "position"]
