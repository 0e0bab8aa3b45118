"""What limits an answer about costs: what is not known, for want of what, and what to declare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeAlias

from finmine.errors import nearest
from finmine.finance.local_days import date_of
from finmine.finance.periods import Period
from finmine.log import EventLog
from finmine.relations.costs import MACHINE, NO_EXCHANGE, NO_RATE, NO_TIME, exchange_note
from finmine.relations.labour import PaidWork, knows_labour
from finmine.relations.paid_time import RECORDED, labour_gap
from finmine.used_capacity import UsedCapacity
from finmine.words import agreeing, plural

Record: TypeAlias = Mapping[str, Any]

_MOST_ROLES = 3  # that are told of those without a rate


@dataclass(frozen=True, slots=True)
class CostLimits:
    """What is known of the units whose costs are told.

    ``counted`` says how many rest on what, ``whole`` holds the rows of all costs, ``unrated`` those of the roles without a rate.
    """

    log: EventLog
    work: PaidWork
    counted: Counter[str]
    whole: Sequence[Record]
    unrated: Sequence[Record]
    capacity: UsedCapacity | None
    during: Period | None = None

    def sentences(self) -> Iterator[str]:
        """What limits the answer, in sentences."""
        if self.during is not None and not any(record["units"] for record in self.whole):
            yield f"No {self.log.facts.unit} was completed in {self.during.words()}."
        if not knows_labour(self.log):
            yield f"What the work costs is not known: {labour_gap(self.log)}."
        elif self.log.card.labour_rates:
            yield from self._partly()
            yield from self._without_time()
        yield from self._without_exchange()
        if self.log.card.labour_rates:
            yield from self._of_machines()
            yield from self._without_rate()
        yield from self._without_duration()
        if self.counted[RECORDED] and not self.work.calendars.calendars:
            yield "No calendar is declared: the time from start to completion is paid in full, also where it holds nights and weekends."
        yield from self._absent_activities()
        yield from self._absent_hands()
        if self.capacity is not None:
            yield from self._of_capacity(self.capacity)

    def _partly(self) -> Iterator[str]:
        cases, units, of = (sum(int(record[name] or 0) for record in self.whole) for name in ("unknown_cases", "unknown_units", "cases"))
        if units:
            labour = plural(units, f"{self.log.facts.unit} whose labour is not known", f"{self.log.facts.unit}s whose labour is not known")
            yield f"{cases:,} of {plural(of, 'case')} {agreeing(cases, 'has', 'have')} {labour}: they cost at least what is told."

    def _without_time(self) -> Iterator[str]:
        if number := self.counted[NO_TIME]:
            why = "no start" if not self.work.calendars.calendars else "no start, or no calendar,"
            costs, them = agreeing(number, "costs", "cost"), agreeing(number, "it", "them")
            said = f"{plural(number, self.log.facts.unit)} to which a rate applies {costs} no labour here: {why} is known for {them}"
            drivers = ", or the drivers of it are not known" if self.log.card.costs.equations else ""
            yield f"{said}, and no unit time is declared{drivers}."

    def _without_duration(self) -> Iterator[str]:
        if number := self.counted["timeless"]:
            costs, its = agreeing(number, "costs", "cost"), agreeing(number, "its", "their")
            closed = ", or no opening hour lies between them" if self.work.calendars.calendars else ""
            yield f"{plural(number, self.log.facts.unit)} with a recorded time {costs} no labour: {its} start and completion are the same instant{closed}."

    def _without_exchange(self) -> Iterator[str]:
        if (note := exchange_note(self.log)) is not None:
            lost = self.counted[NO_EXCHANGE]
            without = f" {plural(lost, self.log.facts.unit)} without a rate for that day {agreeing(lost, 'costs', 'cost')} nothing here."
            yield note + without if lost else note

    def _of_machines(self) -> Iterator[str]:
        if number := self.counted[MACHINE]:
            said = f"{plural(number, f'{self.log.facts.unit} is', f'{self.log.facts.unit}s are')} of technical users or roles of machines"
            yield f"{said} and {agreeing(number, 'costs', 'cost')} no labour: no rate names them."

    def _without_rate(self) -> Iterator[str]:
        if number := self.counted[NO_RATE]:
            costs, them = agreeing(number, "costs", "cost"), agreeing(number, "it", "them")
            said = f"{plural(number, self.log.facts.unit)} {costs} no labour here, because no labour rate applies to who did {them}"
            yield f"{said}{self._who()}. Declare a rate for them, or one without role and resource for all others."

    def _who(self) -> str:
        """The roles without a rate, those of most units first; of a role whose rates hold on other days, which days these are."""
        if not any(record["role"] is not None for record in self.unrated):
            return ""
        told = [self._role(record) for record in self.unrated[:_MOST_ROLES]]
        more = [f"and {len(self.unrated) - _MOST_ROLES:,} more roles"] if len(self.unrated) > _MOST_ROLES else []
        return f": {', '.join([*told, *more])}"

    def _role(self, record: Record) -> str:
        if record["role"] is None:
            return f"{record['units']:,} without a role"
        said = f"{record['units']:,} of {record['role']}"
        if any(rate.level == "role" and rate.name == record["role"] for rate in self.log.card.labour_rates):
            said += f" (from {date_of(int(record['first']))} to {date_of(int(record['last']))}; its rates hold on other days)"
        return said

    def _absent_activities(self) -> Iterator[str]:
        facts, names = self.log.card.costs, self.log.activity_names()
        for key, activity in (
            *(("unit_times", one) for one in facts.unit_times),
            *(("time_equations", one.activity) for one in facts.equations),
            *(("fixed_costs", one.activity) for one in facts.fixed),
        ):
            if activity not in names:
                yield f"[{key}] names {activity!r}, which the log does not have.{nearest(activity, names)}"
        if unmet := self.work.unmet:
            unit = self.log.facts.unit
            yield f"No {unit} has any of {', '.join(unmet)}: [[time_equations]] gives a time for what the log does not have, or has as no number."

    def _absent_hands(self) -> Iterator[str]:
        """Roles by name; resources by name only where people are shown by name."""
        for (section, level, told), found in groupby(self.work.absent, key=lambda one: (one.section, one.level, one.told)):
            absent = list(found)
            if not told:
                yield f"[[{section}]] names {plural(len(absent), level)}, and the log tells no {level}s: say which column does (--{level} COLUMN)."
            elif level == "role" or self.log.facts.people == "names":
                yield from (f"[[{section}]] names {level} {one.name!r}, which the log does not have.{one.meant}" for one in absent)
            else:
                yield f"[[{section}]] names {plural(len(absent), level)} that the log does not have."

    def _of_capacity(self, capacity: UsedCapacity) -> Iterator[str]:
        if capacity.untimed:
            used = agreeing(capacity.untimed, "uses no hours: its time is", "use no hours: their time is")
            yield f"{plural(capacity.untimed, self.log.facts.unit)} of those whose capacity is told {used} not known. What is told as unused holds that work, too."
        if pools := capacity.without_hours:
            yield f"[[capacity]] states people of {', '.join(pools)}, to whom no calendar applies, so that nobody knows their hours: declare one, or hours."
        if self.log.filters:
            yield "The capacity is that of all work, and what the filters leave out counts as not used."
        if capacity.left_out:
            yield f"{plural(capacity.left_out, self.log.facts.unit)} in months far from all others are in no number of capacity."
