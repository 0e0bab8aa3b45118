"""Approvals that look like rubber stamps: given too soon, many in a short time, or when the calendar is closed.

An approval is *too soon* if its dwell (from when it became possible, see ``approvals``) is below a floor that somebody has declared and
among the shortest of the same approver in the same band of amounts: a share of the own approvals is always the shortest, so that share
alone would accuse everybody, and a floor alone those whose work is quick. It is in a *burst* if it is one of so many by one person
within so much time. All of it screens: it says where to look, not what was wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from finmine.relations.calendars import Calendars, unit_calendars
from finmine.relations.instants import at_midnight
from finmine.relations.working_time import open_at

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.approvals import Approvals

NOT_JUDGED: dict[str, str] = {
    "judged": "judged",
    "not known": "who approved is not known",
    "machine": "a machine approved",
    "first": "nothing before it, so that nobody knows since when it was possible",
    "day only": "only the day is recorded: not testable",
    "few": "too few approvals of this person in this band to compare with",
}
"""What is said of approvals whose dwell is, or cannot be, judged: each is one of these."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What counts as too soon and as a burst: the floor and the time of a burst in microseconds, the share of the own approvals, the fewest to compare with."""

    floor: int
    part: float
    least: int
    burst: int
    within: int


def screened(found: Approvals, screen: Screen, hours: Calendars | None) -> ir.Table:
    """The approvals, each with what was found of it.

    case, position, time, held, who, person, worth, worth_currency, band; ``judged`` (see ``NOT_JUDGED``), ``below`` (the floor), ``soon``, ``burst``,
    ``outside_hours`` (missing where no calendar says) and ``timed``: whether the time of day is recorded, of a known person.
    """
    log = found.grounds.log
    these = found.acts.join(found.cases.select("case", "worth", "worth_currency", "band"), "case")
    these = these.mutate(midnight=at_midnight(these.time, log.zone) | at_midnight(these.before, log.zone).fill_null(False))
    person = these.person.notnull() & ~these.machine
    these = these.mutate(timed=person & ~at_midnight(these.time, log.zone), tested=person & these.before.notnull() & ~these.midnight)
    own = ibis.window(group_by=["person", "tested", "worth_currency", "band"])
    these = these.mutate(own=these.tested.sum().over(own), short=these.held.quantile(screen.part).over(own))
    judged = ibis.cases(
        (these.machine, "machine"),
        (these.person.isnull(), "not known"),
        (these.before.isnull(), "first"),
        (these.midnight, "day only"),
        (these.own < screen.least, "few"),
        else_="judged",
    )
    these = these.mutate(judged=judged, below=these.tested & (these.held < screen.floor))
    these = these.mutate(soon=(these.judged == "judged") & these.below & (these.held <= these.short))
    return _outside(_bursts(these, screen), found, hours)


def _bursts(these: ir.Table, screen: Screen) -> ir.Table:
    """With ``burst``: whether the approval is one of the ``burst`` that a person gave within the time."""
    order = {"group_by": ["person", "timed"], "order_by": ["time", "case", "position"]}
    last = these.time.lead(screen.burst - 1).over(ibis.window(**order))
    begun = these.mutate(begins=these.timed & (last - these.time <= screen.within).fill_null(False))
    return begun.mutate(burst=begun.begins.max().over(ibis.window(**order, preceding=screen.burst - 1, following=0)))


def _outside(these: ir.Table, found: Approvals, hours: Calendars | None) -> ir.Table:
    """With ``outside_hours``: whether the calendar of the approver was closed; missing where none applies, or only the day is recorded."""
    columns = ("case", "position", "time", "held", "who", "person", "worth", "worth_currency", "band", "judged", "below", "soon", "burst", "timed")
    if hours is None:
        return these.select(*columns, outside_hours=ibis.null("boolean"))
    applies = unit_calendars(found.grounds.log, hours).select("case", "position", "calendar")
    placed = open_at(these.left_join(applies, ["case", "position"]).select(*these.columns, "calendar"), hours, "time", "open")
    return placed.select(*columns, outside_hours=ibis.ifelse(placed.timed, ~placed.open, None))
