"""What is said beside times that rest on doubtful units: stamps that know the day alone, dates far from all others, and units recorded more than once."""

from __future__ import annotations

from collections.abc import Iterator

from finmine.log import EventLog
from finmine.relations.doubtful_units import far_units, repeated_units
from finmine.view import Caveat
from finmine.words import count, plural


def doubtful_units(log: EventLog) -> Iterator[Caveat]:
    """Days that order nothing and tell no hours, wrong dates, and repeated units, each where there are any."""
    unit = log.facts.unit
    if log.facts.resolution == "day":
        yield Caveat(
            "Stamps say no more than the day: what happens on one day has no known order and does not enable each other. Each time is the difference of two "
            "dates and right to a day at best: hours in it, or in means and medians of it, say nothing."
        )
    if far := int(str(log.fetch(far_units(log)).column("far")[0])):
        said = f"{plural(far, unit)} of {count(log.facts.units)} {'is' if far == 1 else 'are'} dated far outside the years of the log"
        yield Caveat(f"{said}, and the time from or to there is in these numbers. Wrong dates may be the cause: `check` lists doubtful dates.")
    if log.facts.ties and (repeated := int(str(log.fetch(repeated_units(log)).column("repeated")[0]))):
        said = f"{plural(repeated, unit)} {'agrees' if repeated == 1 else 'agree'} with another in case, activity, resource and stamps"
        yield Caveat(f"{said}. Each has its own wait or gap, so that sums over units count that time again; `check` lists duplicate rows.")
