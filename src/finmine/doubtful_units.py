"""What is said beside times that rest on doubtful units: stamps that know the day alone, dates far from all others, and units recorded more than once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from finmine.log import EventLog
from finmine.relations.credible_times import far_apart
from finmine.relations.doubtful_units import repeated_units, wrong_dates
from finmine.relations.found_once import filters_in_words, found_once
from finmine.view import Caveat
from finmine.words import count, day, plural


@dataclass(frozen=True, slots=True)
class WrongDates:
    """How many units, in how many cases, are dated far outside the years of the log, and a filter that leaves these cases out, where any stay."""

    said: str
    cases: int
    filter: str | None

    @property
    def these(self) -> str:
        """The cases in words."""
        return "this case" if self.cases == 1 else "these cases"

    def caveat(self, told: str) -> Caveat:
        """The caveat that says so; ``told`` says what these dates are in."""
        out = f"--keep-cases '{self.filter}' leaves {self.these} out" if self.filter else ""
        return Caveat(f"{self.said}, and {told}. Wrong dates may be the cause: `check` lists doubtful dates{', and ' if out else ''}{out}.")


def found_wrong_dates(log: EventLog) -> WrongDates | None:
    """The wrong dates of the cases that the filters keep, where there are any."""
    if not far_apart(log):
        return None
    return found_once(log, (found_wrong_dates, filters_in_words(log)), partial(_wrong_dates, log))


def _wrong_dates(log: EventLog) -> WrongDates | None:
    found = log.fetch(wrong_dates(log)).records()[0]
    if not found["units"]:
        return None
    near = None if found["since"] is None else f"within {day(found['since'], log.zone)} and {day(found['until'], log.zone)}"
    said = f"{plural(found['units'], log.facts.unit)} of {count(log.facts.units)} {'is' if found['units'] == 1 else 'are'} dated far outside the years of the log"
    return WrongDates(f"{said} (in {plural(found['cases'], 'case')} of {count(found['of_cases'])})", found["cases"], near)


def doubtful_dates(log: EventLog) -> Iterator[Caveat]:
    """Wrong dates, where there are any, for answers in whose times they are like any other."""
    if wrong := found_wrong_dates(log):
        yield wrong.caveat("the time from or to there is in these numbers")


def doubtful_units(log: EventLog, *, elapsed: bool = True) -> Iterator[Caveat]:
    """Days that order nothing and tell no hours, wrong dates, and repeated units, each where there are any.

    On the clock of calendars, which is not ``elapsed``, the calendar fit says of wrong dates that they are in no number.
    """
    if log.facts.resolution == "day":
        yield Caveat(
            "Stamps say no more than the day: what happens on one day has no known order and does not enable each other. Each time is the difference of two "
            "dates and right to a day at best: hours in it, or in means and medians of it, say nothing."
        )
    if elapsed:
        yield from doubtful_dates(log)
    if log.facts.ties and (repeated := found_once(log, (repeated_units, filters_in_words(log)), partial(_repeated, log))):
        said = f"{plural(repeated, log.facts.unit)} {'agrees' if repeated == 1 else 'agree'} with another in case, activity, resource and stamps"
        yield Caveat(f"{said}. Each has its own wait or gap, so that sums over units count that time again; `check` lists duplicate rows.")


def _repeated(log: EventLog) -> int:
    return int(str(log.fetch(repeated_units(log)).column("repeated")[0]))
