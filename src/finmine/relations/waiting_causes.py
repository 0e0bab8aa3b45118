"""Causes of waiting: each wait divided among batching, contention, prioritisation, unavailability, what is unknown and what is left over.

A wait is a span of time in which several things may be true at once: the resource is busy with other work, and its calendar is
closed. So the causes have an order of precedence, and with it they add up to each wait exactly:

* **work first** (as the literature has it): batching, then contention, then prioritisation, both in opening hours only, then
  unavailability; with ``raw`` contention and prioritisation count in closed hours too, as in Kronos;
* **hours first**: closed hours are unavailability whatever else is true, and the others follow in opening hours.

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
from finmine.kernels.waiting_causes import waiting_causes
from finmine.relations.batches import batches
from finmine.relations.calendars import Calendars, unit_calendars
from finmine.relations.enabled import Enabled, enabled, enabled_units
from finmine.relations.held_rows import HeldRows
from finmine.relations.months import by_month, months
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

Precedence: TypeAlias = Literal["work-first", "hours-first"]
CAUSES = ("batching", "contention", "prioritisation", "unavailability", "unknown", "extraneous")
"""The causes of waiting, in the order in which they are told."""
_BUSY = ("batching", "contention", "prioritisation")


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
    kernel = partial(waiting_causes, calendars=found.calendars, cuts=cut.columns["begins"])
    names = ", ".join(calendar.name for calendar in found.calendars)
    said = f"kernels.waiting_causes.waiting_causes(calendars=[{names}], cuts={cut.name}.begins)"
    parts = through(log.engine, these.cast(codes), kernel, by=["resource"], order=["case", "position"], noun="waits", said=said)
    return WaitingParts(whole, since, together, found, cut, parts)


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


def waits(log: EventLog, found: WaitingParts, first: Precedence = "work-first", *, raw: bool = False) -> ir.Table:
    """One row for each piece (within a month) of a wait of a unit that the filters keep, divided among its causes.

    case, position, activity, resource, enabler; ``since`` and ``until``; ``waiting``; the causes on the clock; ``working`` and, ending in
    ``_working``, what of waiting and its causes lies in opening hours, missing where no calendar is known.
    """
    import ibis

    these = opened_units(log, found)
    these = these.filter(these.waiting > 0)
    nothing = {**dict.fromkeys(_BUSY, 0), **dict.fromkeys([f"{part}_open" for part in ("", *_BUSY)], ibis.null("int64"))}
    nobody = these.filter(these.resource.isnull())
    nobody = nobody.select("case", "position", since="enabled", until="began").mutate(**{name.lstrip("_"): value for name, value in nothing.items()})
    apart = by_month(nobody, found.months).drop("month")
    pieces = found.parts.table.cast({"case": "int32", "position": "int32"}).union(apart.cast(dict.fromkeys(_BUSY, "int64")))
    named = these.select("case", "position", "activity", "resource", "enabler").join(pieces, ["case", "position"])
    return _divided(named, first, raw=raw)


def _divided(these: ir.Table, first: Precedence, *, raw: bool) -> ir.Table:
    """Pieces of waits with their causes, by subtraction from the parts that the kernel gave."""
    import ibis

    waiting, known = these.until - these.since, these.open.notnull()
    opened = {part: these[f"{part}_open"] for part in _BUSY}
    counted = {part: these[part] if raw or part == "batching" else known.ifelse(opened[part], these[part]) for part in _BUSY}
    if first == "hours-first":
        counted = {part: known.ifelse(opened[part], these[part]) for part in _BUSY}
    left = these.open - opened["batching"] - opened["contention"] - opened["prioritisation"]
    taken = counted["batching"] + counted["contention"] + counted["prioritisation"]
    causes = {
        **counted,
        "unavailability": known.ifelse(waiting - taken - left, 0),
        "unknown": known.ifelse(0, waiting - taken),
        "extraneous": known.ifelse(left, 0),
    }
    working = {**opened, "unavailability": known.ifelse(0, ibis.null("int64")), "unknown": ibis.null("int64"), "extraneous": left}
    return these.select(
        *("case", "position", "activity", "resource", "enabler", "since", "until"),
        waiting=waiting,
        **{cause: causes[cause].cast("int64") for cause in CAUSES},
        working=these.open,
        **{f"{cause}_working": working[cause].cast("int64") for cause in CAUSES},
    )
