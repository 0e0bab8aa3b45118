"""What held the cases when their dates passed, by cause: the work on the next unit, or why that unit waited just then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from finmine.arrays import Lent, through
from finmine.kernels.held_causes import HELD, MOMENTS, held_causes
from finmine.relations.batches import batches
from finmine.relations.blame import blame
from finmine.relations.enabled import Enabled, enabled
from finmine.relations.groups import grouped
from finmine.relations.money_lines import DISCOUNTS
from finmine.relations.teams import teams
from finmine.relations.waiting_causes import waiting_units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog
    from finmine.relations.calendars import Calendars

NO_START, NOTHING_FOLLOWED = "not told: no start or resource is recorded", "not told: nothing followed"


@dataclass(frozen=True, slots=True)
class HeldCauses:
    """What held each case at its date, and the kernels behind it."""

    enabled: Enabled
    batches: Lent
    causes: Lent

    @property
    def lent(self) -> tuple[Lent, ...]:
        """The kernels, in their order."""
        return (*self.enabled.lent, self.batches, self.causes)


def held(log: EventLog, losses: ir.Table, hours: Calendars) -> HeldCauses:
    """Find by what each case that lost something was held when its date passed; the kernels run here.

    Args:
        log: the event log.
        losses: as in ``blame.blame``.
        hours: the calendars of the log.
    """
    whole = replace(log, filters=tuple(one for one in log.filters if one.keeps == "events"))
    since = enabled(whole)
    together = batches(whole, since)
    at = _held_units(log, losses, hours)
    first, second = (at.deadline.max(where=(at.part == DISCOUNTS) == discounts) for discounts in (True, False))
    moments = at.group_by("case", "position").aggregate(**dict(zip(MOMENTS, (first, second), strict=True)))
    these = waiting_units(whole, since, together, hours).left_join(moments, ["case", "position"]).drop("case_right").drop("position_right")
    names = ", ".join(calendar.name for calendar in hours.calendars)
    people = teams(log)
    kernel = partial(held_causes, calendars=hours.calendars, teams=people)
    said = f"kernels.held_causes.held_causes(calendars=[{names}]{f', teams={people}' if people else ''})"
    codes = dict.fromkeys(("case", "position", "resource", "activity", "calendar"), "int64")
    given = these.cast(codes).select(*these.columns)
    return HeldCauses(since, together, through(log.engine, given, kernel, by=["resource"], order=["case", "position"], noun="held", said=said))


def _held_units(log: EventLog, losses: ir.Table, hours: Calendars) -> ir.Table:
    """One row for each loss: case, part, currency, blamed, deadline, target, and the position of the unit that came next."""
    steps = blame(log, losses, hours).filter(lambda one: one.held)
    joined = steps.join(losses.select("case", "part", "deadline"), ["case", "part"])
    return joined.select("case", "part", "currency", "target", "blamed", "deadline", position=(joined.place + 1).cast("int32"))


def losses_by_cause(log: EventLog, losses: ir.Table, hours: Calendars, found: HeldCauses, by: str | None) -> ir.Table:
    """Part, currency, ``held_by``, held_cases and blamed (in each group): the losses by what held the case when its date passed."""
    import ibis

    units = _held_units(log, losses, hours)
    units = units.mutate(nth=(units.part == DISCOUNTS).ifelse(0, 1).cast("int64"))
    codes = found.causes.table.cast({"case": "int32", "position": "int32"})
    joined = units.left_join(codes, ["case", "position", "nth"])
    names = ibis.cases(*((joined.cause == code, name) for code, name in enumerate(HELD)), else_=NO_START)
    named = joined.mutate(held_by=joined.target.isnull().ifelse(NOTHING_FOLLOWED, names)).select("case", "part", "currency", "held_by", "blamed")
    keys = [*(["group"] if by else []), "part", "currency"]
    summed = grouped(log, named, by).group_by([*keys, "held_by"]).aggregate(held_cases=lambda one: one.count(), blamed=lambda one: one.blamed.sum())
    return summed.order_by([*keys, ibis.desc("blamed"), "held_by"])
