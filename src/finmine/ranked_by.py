"""What steps are ranked by: the throughput time, the waiting or the cost of time that is charged to them, and how that is named and told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from finmine.arrays import Lent
from finmine.calendar_fit import UNKNOWN, CalendarFit, calendar_fit, calendars_of_cases, in_days
from finmine.errors import Refusal
from finmine.finance.money import rounded
from finmine.log import EventLog
from finmine.relations.calendars import calendars
from finmine.relations.charges import cost_charges, waiting_charges
from finmine.relations.completion_clock import completion_clock
from finmine.relations.money_of_units import MoneyOfUnits, money_in_one_currency
from finmine.relations.waiting_causes import NoWaiting, WaitingParts, waiting_parts
from finmine.view import Block, Caveat, Clock, Definition
from finmine.words import duration, money, plural, working_duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

Rank: TypeAlias = Literal["throughput", "waiting", "money"]
Record: TypeAlias = Mapping[str, Any]

_MILLION = Decimal(1_000_000)
_SPREAD = ("mean", "median", "p90")
_WORKING = {"contribution": "working_contribution", "contribution_mean": "working_contribution_mean", "time_before": "working_before"}
_OPEN = {
    "contribution": "open_waiting",
    "contribution_mean": "open_waiting_mean",
    "time_before": "open_waiting_before",
    "time_share": "waiting_share",
    **{name: f"open_waiting_{name}_of_steps" for name in _SPREAD},
}
_WAITING = {"contribution": "waiting", "contribution_mean": "waiting_mean", "time_before": "waiting_before", "time_share": "waiting_share"}
_COST = {"contribution": "time_cost", "contribution_mean": "cost_mean", "time_before": "cost_before", "time_share": "time_cost_share"}
_IN_DAYS = {name: f"working_{name}" for name in _SPREAD}
_OF_MONEY = {name: f"cost_{name}_of_steps" for name in _SPREAD}


class NoClockOfMoney(Refusal):
    """Steps were to be ranked by money on the clock of calendars."""

    def __init__(self) -> None:
        super().__init__("money has no clock: labour is paid by the calendars of the card as it is. Rank by money without --clock working.")


@dataclass(frozen=True, slots=True)
class RankedBy:
    """What steps are ranked by.

    ``noun`` names it in sentences; ``charges`` has one row for each charge: case, activity (missing before the first
    completion), next_activity, charge (microseconds, or millionths of the currency), missing where it is not known. ``renamed`` are the columns that
    hold it, by their names as throughput time.
    """

    rank: Rank
    noun: str
    renamed: Mapping[str, str]
    charges: ir.Table
    fit: CalendarFit | None = None
    waited: WaitingParts | None = None
    priced: MoneyOfUnits | None = None
    day: int | None = None

    @property
    def currency(self) -> str:
        """The currency of what is told; none of times."""
        return (self.priced.currency if self.priced else None) or ""

    @property
    def whole(self) -> str:
        """All of it, in words."""
        return "what all time costs" if self.priced else f"all {self.noun}"

    def each(self, record: Record) -> str:
        """What single steps have of it, in words."""
        if self.priced:
            return f"{self.told(record['contribution'])} in all, {self.told(record['mean'])} a step"
        half = self.told(record["median"])
        if record["steps"] == 1:
            return f"it {'waits' if self.waited else 'takes'} {half}"
        return f"half of them {'wait' if self.waited else 'take'} {half} or more"

    def told(self, amount: int | None) -> str:
        """A charge, or a sum of charges, in words."""
        if self.priced:
            return money(None if amount is None else self._money(amount), self.currency)
        return working_duration(amount, self.day) if self.fit else duration(amount)

    def shown(self, record: Record, names: Sequence[str]) -> dict[str, Any]:
        """A record with its charges under their own names, in the units in which they are told."""
        held = {name: record[name] for name in names if name in self.renamed and name != "time_share"}
        told: dict[str, Any] = in_days(held, held.keys(), self.day) if self.fit else held
        if self.priced:
            told = {name: None if amount is None else self._money(amount) for name, amount in held.items()}
        shares = {self.renamed[name]: record[name] for name in ("time_share",) if name in self.renamed and name in names}
        return {**record, **{self.renamed[name]: amount for name, amount in told.items()}, **shares}

    def names(self, names: Sequence[str]) -> list[str]:
        """The names of columns as they are told."""
        return [self.renamed.get(name, name) for name in names]

    def prepared(self) -> tuple[str, ...]:
        """The calendars and months, where they are looked at."""
        if self.waited:
            return self.waited.script()
        hours = self.fit.found if self.fit else self.priced.work.calendars if self.priced else None
        return hours.script() if hours else ()

    def kernels(self) -> tuple[Lent, ...]:
        """Where waiting comes from, and the shares of work."""
        return self.waited.lent if self.waited else self.priced.work.shares if self.priced else ()

    def made(self) -> tuple[str, ...]:
        """The statements that make the money by unit, which rests on these kernels."""
        return self.priced.script() if self.priced else ()

    def limits(self, unknown: int) -> Iterator[Block]:
        """What is in no number, and how the calendars fit; ``unknown`` counts the charges that are not known."""
        if unknown and self.waited:
            why = "no usable start is recorded" + (", or no calendar applies" if self.fit else "")
            yield Caveat(f"Before {plural(unknown, 'unit')} the waiting is not known and in no number: {why}.")
        elif unknown:
            yield Caveat(f"The working time of {plural(unknown, 'step')} is not known and in no number: {UNKNOWN}.")
        if self.priced:
            yield from map(Caveat, self.priced.limits())
        if self.fit:
            yield from self.fit.blocks()

    def definitions(self) -> tuple[Definition, ...]:
        """What is charged to a step."""
        return _DEFINITIONS[self.rank]

    def _money(self, millionths: int) -> Decimal:
        return rounded(Decimal(millionths) / _MILLION, self.currency or None)


def ranked_by(log: EventLog, rank: Rank, clock: Clock) -> RankedBy:
    """What steps are ranked by; where it is waiting or money, it is found here.

    Raises:
        NoCalendar: working time was asked for and no calendar can apply to cases.
        NoWaiting: waiting was asked for, and starts of work are not recorded, or only by the day.
        NothingPrices, SeveralCurrencies: money was asked for, and what time costs is not known, or not in one currency.
        NoClockOfMoney: money was asked for on the clock of calendars.
    """
    working = clock == "working"
    if rank == "money":
        if working:
            raise NoClockOfMoney
        priced = money_in_one_currency(log, calendars(log))
        return RankedBy(rank, "cost of time", {**_COST, **_OF_MONEY}, cost_charges(log, priced), priced=priced)
    hours = calendars_of_cases(log) if working else None
    fit = calendar_fit(log, hours) if hours else None
    if rank == "waiting":
        waited = waiting_parts(log, hours or calendars(log))
        if not waited.told:
            raise NoWaiting
        charges, names = waiting_charges(log, waited, working=working), _OPEN if working else _WAITING
        return RankedBy(rank, "waiting in opening hours" if working else "waiting", names, charges, fit, waited, day=hours.day if hours else None)
    charges, day = completion_clock(log, hours), hours.day_of_cases(log.card.calendar_of) if hours else None
    return RankedBy(rank, "working time" if working else "throughput time", {**_WORKING, **_IN_DAYS} if working else {}, charges, fit, day=day)


_STEP = Definition(
    "Step",
    "one charge, the same as a directly-follows step where no two units of a case are completed at one instant; it holds waiting and work alike",
)
_DEFINITIONS: dict[Rank, tuple[Definition, ...]] = {
    "throughput": (
        Definition(
            "Time contributed",
            "the time between two neighbouring completions of a case, charged to the two activities completed; where several are completed "
            "at one instant, in equal parts to all pairs; the time before the first completion is charged to the start of the case. "
            "It adds up to the total throughput time exactly; on the clock of calendars, to the working time that is known",
        ),
        _STEP,
    ),
    "waiting": (
        Definition(
            "Waiting of a step",
            "from when its second unit was enabled, be it by an earlier unit, to its start; it adds up to all waiting. On the clock of calendars, what of it lies in opening hours",
        ),
    ),
    "money": (
        Definition(
            "Cost of a step",
            "labour on its second unit; discounts that were lost and what lateness costs, divided among the steps up to the day that passed by the time spent on "
            "them; and capital, where it is a cost. What falls after the last unit of a case is on no step",
        ),
    ),
}
