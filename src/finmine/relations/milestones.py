"""Milestones of a document: when it came in, when nothing was missing any more but the payment, and when it was paid.

A case is received with the first completion of an activity that the card names so, approved and paid with the last. Where the card
names none, activities whose names speak of it are taken, and what was taken is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finmine.card_money import MILESTONES
from finmine.errors import nearest
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_SPOKEN = {
    "received": re.compile(
        r"\breceived?\b.*\b(invoice|bill|document|claim)s?\b|\b(invoice|bill|document|claim)s? (receipt|received|scanned)\b", re.IGNORECASE
    ),
    "approved": re.compile(r"\b(approve[ds]?|approval|final_approved|release invoice)\b", re.IGNORECASE),
    "paid": re.compile(
        r"^(pay|pays|paid|settle|transfer payment)\b|^clear invoice\b|^payment (handled|made|done|sent|transmitted)\b|\bpaid$", re.IGNORECASE
    ),
}
_NOT = re.compile(
    r"\b(credit memo|request(ed)? approval|for approval|escalate|delegate|awaiting|cancel(led)?|revers(e|al)|reject(ed)?|purchase|requisition|order|block)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Milestones:
    """The activities of each milestone that is known, and what is to be said about where they come from."""

    activities: Mapping[str, tuple[str, ...]]
    guessed: tuple[str, ...]
    absent: tuple[str, ...]

    def knows(self, milestone: str) -> bool:
        """Whether activities of a milestone are known."""
        return bool(self.activities.get(milestone))

    def notes(self) -> list[str]:
        """What was taken without being declared, and what is declared and does not occur."""
        said = list(self.absent)
        if self.guessed:
            told = "; ".join(f"{name} = {', '.join(map(repr, self.activities[name]))}" for name in self.guessed)
            said.append(f"Taken from the names of the activities, because the card does not say: {told}. Declare them on the card: [milestones].")
        return said


def milestones(log: EventLog) -> Milestones:
    """The milestones of a log: as the card says, else as the names of the activities suggest."""
    names, declared = log.activity_names(), log.card.money.milestones
    found = {name: tuple(activity for activity in declared.get(name, ()) if activity in names) for name in declared}
    absent = [
        f"The activity {activity!r} ({name} on the card) does not occur in the log.{nearest(activity, names)}"
        for name, activities in declared.items()
        for activity in activities
        if activity not in names
    ]
    spoken = {
        name: tuple(each for each in names if _SPOKEN[name].search(each) and not _NOT.search(each)) for name in MILESTONES if name not in declared
    }
    guessed = {name: activities for name, activities in spoken.items() if activities}
    return Milestones({**found, **guessed}, tuple(guessed), tuple(absent))


def milestone_times(log: EventLog, found: Milestones) -> ir.Table:
    """One row for each case with a milestone: case, received, approved, paid (microseconds), missing where it did not come to it."""
    import ibis

    these, names = units(log), log.activity_names()
    codes = {name: [names.index(activity) for activity in found.activities.get(name, ())] for name in MILESTONES}
    at = {name: these.activity.isin(these_codes) if these_codes else ibis.literal(False) for name, these_codes in codes.items()}
    return these.group_by("case").aggregate(
        received=these.time.min(where=at["received"]),
        approved=these.time.max(where=at["approved"]),
        paid=these.time.max(where=at["paid"]),
    )
