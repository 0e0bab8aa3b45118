"""The card of a log that is written under pseudonyms: the names of people on it stand under what is shown for them, too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from finmine.card import Card
from finmine.card_people import Persons
from finmine.finance.capacity import Capacity
from finmine.finance.labour import LabourRate
from finmine.log import EventLog

Named = TypeVar("Named", LabourRate, Capacity)


def shown_card(log: EventLog, card: Card) -> Card:
    """The card with what is shown for each resource in place of its name; what it says of names that are not in the log is left out."""
    if log.facts.people == "names":
        return card
    rows = log.engine.rows(f'SELECT n.label, s.label FROM "{log.tables.names}" n JOIN "{log.tables.resources}" s USING ("resource")')
    shown = {_folded(name): label for name, label in rows}
    of_people = ("resource", card.role("resource"), log.card.role("resource"))
    of_resources = {
        shown[_folded(name)]: calendar
        for level, named in card.calendar_of.levels.items()
        for name, calendar in named.items()
        if level in of_people and _folded(name) in shown
    }
    levels = {level: named for level, named in card.calendar_of.levels.items() if level not in of_people}
    return replace(
        card,
        persons=_persons(card.persons, shown),
        money=replace(card.money, labour=tuple(_shown(card.money.labour, shown))),
        costs=replace(card.costs, capacity=tuple(_shown(card.costs.capacity, shown))),
        calendar_of=replace(card.calendar_of, levels={**({"resource": of_resources} if of_resources else {}), **levels}),
    )


def _persons(said: Persons, shown: Mapping[str, str]) -> Persons:
    def each(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(shown[_folded(name)] for name in names if _folded(name) in shown))

    both = [(each([alias]), each([name])) for alias, name in said.aliases.items()]
    bound = [(one, each([one.of]), each([one.to])) for one in said.delegations]
    return replace(
        said,
        aliases={alias: name for aliases, names in both for alias in aliases for name in names if alias != name},
        technical=each(said.technical),
        anonymous=each(said.anonymous),
        delegations=tuple(replace(one, of=of, to=to) for one, ofs, tos in bound for of in ofs for to in tos),
    )


def _shown(said: Iterable[Named], shown: Mapping[str, str]) -> Iterable[Named]:
    for one in said:
        if one.level != "resource":
            yield one
        elif name := shown.get(_folded(one.name or "")):
            yield replace(one, name=name)


def _folded(name: str) -> str:
    return name.strip().casefold()
