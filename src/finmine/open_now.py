"""What is open now: how many of the cases that still run will be late, and how much money that is.

Late is a case that takes longer than a limit (one that was asked for, or the time by which nine of ten cases have ended), or one
that has not ended when the day on which it is **due** is over. Due dates are on a clock of their own: time runs towards the due date of
each case, which has not been watched on it before it began, so that it counts among those at risk from there on only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from finmine.engine import Rows
from finmine.log import EventLog
from finmine.stats.estimate import Estimate
from finmine.stats.lateness import Forecast, forecast
from finmine.stats.sample import Flags, Floats
from finmine.stats.survival import survivor_curve
from finmine.view import Caveat, Cell, Facts, Headline, Kind
from finmine.words import count, duration, money, plural

DUE = "due"
"""Said of ``late``: after the due date of each case."""


@dataclass(frozen=True, slots=True)
class OpenNow:
    """The forecast, what was asked for as late, the money that will be late in each currency, and how many running cases have no due date."""

    forecast: Forecast
    late: str | None
    money: Mapping[str, Estimate]
    undated: int

    def headlines(self) -> Iterator[Headline]:
        """How many will be late, and in one currency how much."""
        found = self.forecast
        if not found.running:
            return
        already = {0: "none is yet", 1: "1 already is"}.get(found.already, f"{count(found.already)} already are")
        dated = " and have a due date" if self.late == DUE and self.undated else ""
        said = f"Of {plural(found.running, 'case that still runs', 'cases that still run')}{dated}, about {_between(found.late)} will be late"
        owed = [f"{money(_amount(one.value), name)} ({_amount(one.low):,} to {_amount(one.high):,})" for name, one in self.money.items() if one.value]
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
            for name, amount in (("expected", owed.value), ("from", owed.low), ("to", owed.high)):
                yield f"Late amount, {name} ({currency})", _amount(amount), "money"

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
        if self.money and found.without_money:
            yield Caveat(f"{plural(found.without_money, 'running case has', 'running cases have')} no amount and are in no sum of money.")
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
    if late == DUE:
        since = np.array([np.nan if time is None else float(str(time)) for time in rows.column("past_due")])
        dated = np.isfinite(since)
        curve, ages, running, after = survivor_curve(since[dated], ended[dated], (since - times)[dated]), since, ~ended & dated, 0.0
    else:
        curve, ages, running = survivor_curve(times, ended), times, ~ended
        found = float(limit) if limit else curve.quantile(0.9)
        if not found:
            return None
        after = found
    sums = _amounts(log, rows, running)
    told = {currency: forecast(curve, ages[running], owed, after) for currency, owed in sums.items()}
    whole = next(iter(told.values())) if len(told) == 1 else forecast(curve, ages[running], np.zeros(int(running.sum())), after)
    return OpenNow(whole, late, {currency: one.money for currency, one in told.items()}, int(np.count_nonzero(~ended & ~running)))


def _amounts(log: EventLog, rows: Rows, running: Flags) -> dict[str, Floats]:
    """What each running case is about in each currency, without its sign: nought where it is in another, not a number where it has no amount."""
    column = "money" if log.money is not None else "amount"
    held = np.array([np.nan if amount is None else abs(float(str(amount))) for amount in rows.column(column)])[running]
    if log.money is not None:
        return {log.money.currency or "": held}
    named = np.asarray(rows.column("currency"), dtype=object)[running]
    found = sorted({str(name) for name in named if name is not None})
    return {name: np.where(named == name, held, np.where(np.isnan(held), np.nan, 0.0)) for name in found}


def _between(one: Estimate) -> str:
    return f"{one.value:,.0f} ({one.low:,.0f} to {one.high:,.0f})"


def _amount(size: float | None) -> Decimal | None:
    return None if size is None else Decimal(f"{size:.2f}")
