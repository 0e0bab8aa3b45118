"""Card hands: the roles and resources of whom the card says what they cost or can do, or that they are machines; and which the log does not have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finmine.errors import did_you_mean
from finmine.finance.capacity import POOLS
from finmine.relations.hands import hands_recorded, tells_roles

if TYPE_CHECKING:
    from finmine.finance.capacity import PoolLevel
    from finmine.finance.labour import LabourLevel
    from finmine.log import EventLog


@dataclass(frozen=True, slots=True)
class AbsentHand:
    """A role or resource under a section of the card that did nothing in the log, and the name that may be meant; ``told`` is whether the log tells any."""

    section: str
    level: PoolLevel
    name: str
    meant: str
    told: bool


def absent_hands(log: EventLog) -> tuple[AbsentHand, ...]:
    """The roles and resources with a labour rate or a capacity of which the log, as read, has no unit."""
    whole, found = log.as_read(), list[AbsentHand]()
    for level in POOLS:
        priced = [("labour", str(rate.name)) for rate in log.card.money.labour if rate.level == level]
        named = dict.fromkeys([*priced, *(("capacity", one.name) for one in log.card.costs.capacity if one.level == level)])
        if named:
            told = tells_roles(whole) if level == "role" else whole.facts.has_resource
            known = set(_recorded(whole, level)) if told else set()
            found += [AbsentHand(section, level, name, did_you_mean(name, known), told) for section, name in named if name not in known]
    return tuple(found)


def _recorded(log: EventLog, level: PoolLevel) -> list[str]:
    values, _ = hands_recorded(log, level)
    return [str(record["value"]) for record in log.fetch(values.select("value").distinct().order_by("value")).records()]


def machines(log: EventLog) -> dict[LabourLevel, list[str]]:
    """The technical users, and the roles of machines, that the card names, in small letters."""
    said = log.card.persons
    roles = said.technical_roles if log.card.role("role") else ()
    named: dict[LabourLevel, tuple[str, ...]] = {"resource": said.technical if log.facts.has_resource else (), "role": roles}
    return {level: [name.strip().lower() for name in names] for level, names in named.items() if names}
