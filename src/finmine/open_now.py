"""What is open now: how many of the cases that still run will be late, and how much money that is.

Late is a case that takes longer than a limit (one that was asked for, or the time by which nine of ten cases have ended), or one
that has not ended when the day on which it is **due** is over. Due dates are on a clock of their own: time runs towards the due date of
each case, which has not been watched on it before it began, so that it counts among those at risk from there on only.

What is late in money is told by the cases in that currency, each counted by its amount, because large amounts may take longer than small ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from finmine.engine import Rows
from finmine.log import EventLog
from finmine.stats.estimate import Estimate
from finmine.stats.lateness import Forecast, LateMoney, forecast, late_money
from finmine.stats.sample import Flags, Floats
from finmine.stats.survival import Survival, survivor_curve
from finmine.view import Caveat, Cell, Facts, Headline, Kind
from finmine.words import count, duration, money, plural

DUE = "due"
"""Said of ``late``: after the due date of each case."""
_LEAST_ENDS = 30  # of cases with money in a currency, below which their curve is that of all cases


@dataclass(frozen=True, slots=True)
class OpenNow:
    """The forecast, what was asked for as late, the money that will be late in each currency, and how many running cases have no due date.

    In the currencies ``by_all`` too few cases with money have ended, or none was watched for so long, and the forecast of their money is by
    the curve of all cases.
    """

    forecast: Forecast
    late: str | None
    money: Mapping[str, LateMoney]
    by_all: tuple[str, ...]
    undated: int

    def headlines(self) -> Iterator[Headline]:
        """How many will be late, and in one currency how much."""
        found = self.forecast
        if not found.running:
            return
        already = {0: "none is yet", 1: "1 already is"}.get(found.already, f"{count(found.already)} already are")
        dated = " and have a due date" if self.late == DUE and self.undated else ""
        said = f"Of {plural(found.running, 'case that still runs', 'cases that still run')}{dated}, about {_between(found.late)} will be late"
        owed = [
            f"{money(_amount(one.late.value), name)} ({_amount(one.late.low):,} to {_amount(one.late.high):,}) of {money(_amount(one.owed), name)}"
            for name, one in self.money.items()
            if one.owed
        ]
        said += f", {owed[0]}; {already}" if len(owed) == len(self.money) == 1 else f"; {already}"
        yield Headline(f"{said}.", found.late.value / found.running)

    def facts(self) -> Facts:
        """The same as a list."""
        after = f"from {duration(self.forecast.limit)} on"
        when = {None: f"{after}, when nine of ten cases have ended", DUE: "after the due date"}.get(self.late, after)
        return Facts(f"What is open now, late {when}", tuple(self._told()))

    def _told(self) -> Iterator[tuple[str, Cell, Kind]]:
        found = self.forecast
        yield "Cases that still run", found.running, "count"
        yield "Already late", found.already, "count"
        for name, number in (("Will be late, expected", found.late.value), ("Late from", found.late.low), ("Late to", found.late.high)):
            yield name, None if number is None else round(number, 1), "number"
        for currency, owed in self.money.items():
            yield f"Amount that is open ({currency})", _amount(owed.owed), "money"
            yield f"Amount already late ({currency})", _amount(owed.already), "money"
            for name, amount in (("expected", owed.late.value), ("from", owed.late.low), ("to", owed.late.high)):
                yield f"Late amount, {name} ({currency})", _amount(amount), "money"
            if owed.unknown:
                yield f"Amount of which nobody can say ({currency})", _amount(owed.unknown), "money"

    def caveats(self, log: EventLog) -> Iterator[Caveat]:
        """What is in no number."""
        found = self.forecast
        if found.unknown:
            said = f"Nobody can say of {plural(found.unknown, 'running case')} how it goes on: no case was watched for so long."
            yield Caveat(f"{said} {'It is' if found.unknown == 1 else 'They are'} in no number of what will be late.")
        if self.undated:
            it = "it" if self.undated == 1 else "they"
            yield Caveat(
                f"{plural(self.undated, 'running case has', 'running cases have')} no due date, and nobody can say whether {it} will be late."
            )
        if missing := max((one.missing for one in self.money.values()), default=0):
            yield Caveat(f"{plural(missing, 'running case has no amount and is', 'running cases have no amount and are')} in no sum of money.")
        if few := [name for name in self.by_all if self.money[name].owed]:
            named = f" in {' and '.join(few)}" if any(few) else ""
            said = f"Fewer than {_LEAST_ENDS} cases with money{named} have ended, or none was watched for so long"
            yield Caveat(f"{said}, so whether it will be late is told by all cases, as if large amounts took no longer than small ones.")
        if self.late is None and "due_date" in log.attributes:
            yield Caveat("Cases have due dates: --late due tells which will not have ended by theirs.")


def open_now(log: EventLog, rows: Rows, late: str | None, limit: int | None) -> OpenNow | None:
    """The forecast for the running cases among the fetched ones; nothing where no limit can be told.

    Args:
        log: the event log.
        rows: cases with ``time``, ``ended``, money in ``money``, else ``amount`` and ``currency``, and, where that is asked for, ``past_due``.
        late: what was asked for.
        limit: the time that was asked for.
    """
    times, ended = np.asarray(rows.column("time"), dtype=float), np.asarray(rows.column("ended"), dtype=bool)
    ages, entered, told = times, None, np.ones(len(times), dtype=bool)
    if late == DUE:
        ages = np.array([np.nan if time is None else float(str(time)) for time in rows.column("past_due")])
        entered, told = ages - times, np.isfinite(ages)
    clock = _Clock(ages, ended, entered)
    curve = clock.curve(told)
    after = 0.0 if late == DUE else float(limit) if limit else curve.quantile(0.9)
    if after is None:
        return None
    running, sums = told & ~ended, _amounts(log, rows)
    own = {currency: told & (np.nan_to_num(owed) > 0) for currency, owed in sums.items()}
    common = {currency: late_money(curve, ages[running], owed[running], after) for currency, owed in sums.items()}
    by_amount = {
        currency: late_money(clock.curve(these, sums[currency]), ages[running], sums[currency][running], after)
        for currency, these in own.items()
        if np.count_nonzero(these & ended) >= _LEAST_ENDS
    }
    told_so = {currency: one for currency, one in by_amount.items() if one.unknown <= common[currency].unknown}
    by_all = tuple(currency for currency in common if currency not in told_so)
    return OpenNow(forecast(curve, ages[running], after), late, common | told_so, by_all, int(np.count_nonzero(~ended & ~running)))


@dataclass(frozen=True, slots=True, eq=False)
class _Clock:
    """How far each case was when it was last seen, whether its end was seen there, and from where on it was seen (else from nought)."""

    ages: Floats
    ended: Flags
    entered: Floats | None

    def curve(self, these: Flags, weights: Floats | None = None) -> Survival:
        """The curve of some of the cases."""
        entered = None if self.entered is None else self.entered[these]
        return survivor_curve(self.ages[these], self.ended[these], entered, None if weights is None else weights[these])


def _amounts(log: EventLog, rows: Rows) -> dict[str, Floats]:
    """What each case is about in each currency, without its sign: nought where it is in another, not a number where it has no amount."""
    column = "money" if log.money is not None else "amount"
    held = np.array([np.nan if amount is None else abs(float(str(amount))) for amount in rows.column(column)])
    if log.money is not None:
        return {log.money.currency or "": held}
    named = np.asarray(rows.column("currency"), dtype=object)
    found = sorted({str(name) for name in named if name is not None})
    return {name: np.where(named == name, held, np.where(np.isnan(held), np.nan, 0.0)) for name in found}


def _between(one: Estimate) -> str:
    return f"{one.value:,.0f} ({one.low:,.0f} to {one.high:,.0f})"


def _amount(size: float | None) -> Decimal | None:
    return None if size is None else Decimal(f"{size:.2f}")
