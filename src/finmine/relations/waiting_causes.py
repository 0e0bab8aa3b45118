"""Causes of waiting: each wait divided among batching, contention, prioritisation, unavailability, what is unknown and what is left over.

A wait is a span of time in which several things may be true at once: the resource is busy with other work, and its calendar is
closed. So the causes have an order of precedence, and with it they add up to each wait exactly:

* **batch last**: contention and prioritisation in opening hours, as if there were no batches, then unavailability, then batching: a
  unit waits for its batch only while its resource could have done it, and left it. A queue that is worked off without a pause, which
  meets the definition of a batch as well, is so no batching;
* **work first** (as the literature has it): batching, then contention, then prioritisation, both in opening hours only, then
  unavailability;
* **hours first**: closed hours are unavailability whatever else is true, and the others follow in opening hours.

With ``raw`` contention and prioritisation count in closed hours too, as in Kronos.

What remains is **extraneous**: nothing in the log explains it (an answer from outside, a task forgotten). Where no resource is recorded all of
a wait is **unknown**, and where no calendar applies to it, all that its resource did not spend on other work.

Waits are measured, and resources are busy, in the whole log: what a filter of cases leaves out was work all the same. Filters of
events change what is done in a case, so that waits and causes are found anew in what they keep.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from finmine.arrays import Lent, through
from finmine.errors import Refusal
from finmine.kernels.waiting_causes import PARTS, waiting_causes
from finmine.relations.batches import batches
from finmine.relations.calendars import Calendars, unit_calendars
from finmine.relations.enabled import Enabled, enabled, enabled_units
from finmine.relations.held_rows import HeldRows
from finmine.relations.months import by_month, months
from finmine.relations.teams import teams
from finmine.relations.units import units

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from finmine.kernels.team_work import Teams
    from finmine.log import EventLog

Precedence: TypeAlias = Literal["batch-last", "work-first", "hours-first"]
CAUSES = ("batching", "contention", "prioritisation", "unavailability", "unknown", "extraneous")
"""The causes of waiting, in the order in which they are told."""
_IN_BATCHES = {cause: cause for cause in ("batching", "contention", "prioritisation")}
_ALONE = {"batching": "left", "contention": "ahead", "prioritisation": "jumped"}  # the parts that count where batches come last


class NoWaiting(Refusal):
    """Waiting was asked for of a log that does not tell it from work."""

    def __init__(self) -> None:
        super().__init__(
            "the log does not record (to more than the day) when work began, so nobody can tell waiting from work. Name a column of starts with "
            "--start COLUMN, or look at the gaps between completions: finmine directly-follows --overlay time."
        )


@dataclass(frozen=True, slots=True)
class WaitingParts:
    """What is true during the waits of a log: when its units were enabled, their batches and calendars, and the kernel's parts of each wait."""

    log: EventLog
    enabled: Enabled
    batches: Lent
    calendars: Calendars
    months: HeldRows
    teams: Teams
    parts: Lent

    @property
    def told(self) -> bool:
        """Whether waiting can be told from work: starts are recorded, and stamps say more than the day."""
        return self.log.facts.has_start and self.log.facts.resolution != "day"

    @property
    def lent(self) -> tuple[Lent, ...]:
        """The kernels behind it, in their order."""
        return (*self.calendars.lent, *self.enabled.lent, self.batches, self.parts)

    def script(self) -> tuple[str, ...]:
        """The statements that make the tables it rests on, for evidence."""
        begins = "-- each month of the log in its zone, from its first moment to that of the next"
        return (*self.calendars.script(), begins, *self.months.script())


def waiting_parts(log: EventLog, found: Calendars, gap: int = 0) -> WaitingParts:
    """Find what is true during the waits of a log; the kernels run here.

    Args:
        log: the event log.
        found: its calendars.
        gap: how long after the end of a batch's work its next unit may begin at most, in microseconds.
    """
    whole = replace(log, filters=tuple(one for one in log.filters if one.keeps == "events"))
    since = enabled(whole)
    together, cut = batches(whole, since, gap), months(log)
    these = waiting_units(whole, since, together, found)
    codes = dict.fromkeys(("case", "position", "resource", "activity", "calendar"), "int64")
    people = teams(log)
    kernel = partial(waiting_causes, calendars=found.calendars, cuts=cut.columns["begins"], teams=people)
    names = ", ".join(calendar.name for calendar in found.calendars)
    said = f"kernels.waiting_causes.waiting_causes(calendars=[{names}], cuts={cut.name}.begins{f', teams={people}' if people else ''})"
    parts = through(log.engine, these.cast(codes), kernel, by=["resource"], order=["case", "position"], noun="waits", said=said)
    return WaitingParts(whole, since, together, found, cut, people, parts)


def waiting_units(log: EventLog, since: Enabled, together: Lent, found: Calendars) -> ir.Table:
    """The units with a resource and a usable start: when they were enabled and began, their batches and their calendars, as kernels ask for them."""
    of_batch = together.table.select("case", "position", "batch", "batch_start", "ready").cast({"case": "int32", "position": "int32"})
    these = enabled_units(log, since)
    these = these.filter(these.resource.notnull(), these.began.notnull())
    these = these.select("case", "position", "resource", "activity", "enabled", "time", start="began", first=these["first"].cast("int64"))
    these = these.left_join(of_batch, ["case", "position"]).drop("case_right").drop("position_right")
    hours = unit_calendars(log, found).select("case", "position", "calendar")
    return these.left_join(hours, ["case", "position"]).drop("case_right").drop("position_right")


def opened_units(log: EventLog, found: WaitingParts) -> ir.Table:
    """The units that the filters keep, with when they were enabled and began (see ``enabled.enabled_units``); in dates alone none has a start."""
    import ibis

    these = enabled_units(found.log, found.enabled)
    if not found.told:
        these = these.mutate(**dict.fromkeys(("began", "waiting", "start_lag"), ibis.null("int64")))
    return these.semi_join(units(log), "case") if len(found.log.filters) < len(log.filters) else these


def waits(log: EventLog, found: WaitingParts, first: Precedence = "batch-last", *, raw: bool = False) -> ir.Table:
    """One row for each piece (within a month) of a wait of a unit that the filters keep, divided among its causes.

    case, position, activity, resource, enabler; ``since`` and ``until``; ``waiting``; the causes on the clock; ``working`` and, ending in
    ``_working``, what of waiting and its causes lies in opening hours, missing where no calendar is known.
    """
    return _divided(_measured(log, found), first, raw=raw)


def sums_by_order(log: EventLog, found: WaitingParts, orders: Sequence[Precedence]) -> ir.Table:
    """One row: the sums of the causes of all waits that the filters keep, in each of some orders; named by the order and the cause."""
    these = _measured(log, found)
    causes = {(first, cause): amount for first in orders for cause, amount in _causes(these, first, raw=False)[0].items()}
    return these.aggregate(**{f"{first}_{cause}": amount.cast("decimal(38, 0)").sum().fill_null(0) for (first, cause), amount in causes.items()})


def _measured(log: EventLog, found: WaitingParts) -> ir.Table:
    """One row for each piece of a wait of a unit that the filters keep, with the parts that the kernel gave."""
    import ibis

    these = opened_units(log, found)
    these = these.filter(these.waiting > 0)
    nothing = {**dict.fromkeys(PARTS, 0), **dict.fromkeys([f"{part}_open" for part in ("", *PARTS)], ibis.null("int64"))}
    nobody = these.filter(these.resource.isnull())
    nobody = nobody.select("case", "position", since="enabled", until="began").mutate(**{name.lstrip("_"): value for name, value in nothing.items()})
    apart = by_month(nobody, found.months).drop("month")
    pieces = found.parts.table.cast({"case": "int32", "position": "int32"}).union(apart.cast(dict.fromkeys(PARTS, "int64")))
    return these.select("case", "position", "activity", "resource", "enabler").join(pieces, ["case", "position"])


def _divided(these: ir.Table, first: Precedence, *, raw: bool) -> ir.Table:
    """Pieces of waits with their causes."""
    causes, working = _causes(these, first, raw=raw)
    return these.select(
        *("case", "position", "activity", "resource", "enabler", "since", "until"),
        waiting=these.until - these.since,
        **{cause: causes[cause].cast("int64") for cause in CAUSES},
        working=these.open,
        **{f"{cause}_working": working[cause].cast("int64") for cause in CAUSES},
    )


def _causes(these: ir.Table, first: Precedence, *, raw: bool) -> tuple[dict[str, ir.Value], dict[str, ir.Value]]:
    """The causes of pieces of waits on the clock, and what of them lies in opening hours, by subtraction from the parts that the kernel gave."""
    import ibis

    waiting, known = these.until - these.since, these.open.notnull()
    part = _ALONE if first == "batch-last" else _IN_BATCHES
    opened = {cause: these[f"{name}_open"] for cause, name in part.items()}
    on_the_clock = (*(("batching",) if first == "work-first" else ()), *(("contention", "prioritisation") if raw else ()))
    counted = {cause: these[name] if cause in on_the_clock else known.ifelse(these[f"{name}_open"], these[name]) for cause, name in part.items()}
    left = these.open - opened["batching"] - opened["contention"] - opened["prioritisation"]
    taken = counted["batching"] + counted["contention"] + counted["prioritisation"]
    causes = {
        **counted,
        "unavailability": known.ifelse(waiting - taken - left, 0),
        "unknown": known.ifelse(0, waiting - taken),
        "extraneous": known.ifelse(left, 0),
    }
    working = {**opened, "unavailability": known.ifelse(0, ibis.null("int64")), "unknown": ibis.null("int64"), "extraneous": left}
    return causes, working
