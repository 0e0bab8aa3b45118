"""Who is who, and which activities are which step of the trade, on a log card: what an audit must know and no column tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from finmine.card_values import BadCard, bare_key, check_known, day, quoted, table, text, texts

SECTIONS = ("persons", "delegations", "steps")


@dataclass(frozen=True, slots=True)
class Delegation:
    """From a day to a day (both inclusive; no day is no bound) somebody may do what another may."""

    of: str
    to: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Persons:
    """Which users are one person, which are machines, and which names are nobody's.

    ``aliases`` gives the user's main name by another name; ``technical`` are users, and ``technical_roles`` roles, of machines;
    ``anonymous`` are names that stand for anybody. Blanks at the ends and upper or lower case do not make a different person.
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    technical: tuple[str, ...] = ()
    technical_roles: tuple[str, ...] = ()
    anonymous: tuple[str, ...] = ()
    delegations: tuple[Delegation, ...] = ()


def read_persons(said: Mapping[str, Any], place: str) -> Persons:
    """The facts under ``[persons]`` and ``[[delegations]]``."""
    found, inside = table(said, "persons", place), f"{place} [persons]"
    check_known(found, ("aliases", "technical", "technical_roles", "anonymous"), inside)
    aliases = {alias: text(name, f"{inside} aliases {alias}") for alias, name in table(found, "aliases", inside).items()}
    spelled = [_folded(alias) for alias in aliases]
    for place_of, (alias, name) in enumerate(aliases.items()):
        if _folded(name) in spelled:
            raise BadCard(f"{inside} aliases {alias}", name, "the main name of the person, not another alias")
        if _folded(alias) in spelled[:place_of]:
            raise BadCard(f"{inside} aliases {alias}", name, "said once: upper and lower case and blanks at the ends make no other alias")
    technical, roles, anonymous = (texts(found.get(key, []), f"{inside} {key}") for key in ("technical", "technical_roles", "anonymous"))
    delegations = said.get("delegations", [])
    if not isinstance(delegations, list) or not all(isinstance(entry, dict) for entry in delegations):
        raise BadCard(f"{place} [[delegations]]", delegations, "a list of tables, each under its own [[delegations]]")
    return Persons(aliases, technical, roles, anonymous, tuple(_delegation(entry, f"{place} [[delegations]]") for entry in delegations))


def _delegation(said: Mapping[str, Any], place: str) -> Delegation:
    check_known(said, ("of", "to", "from", "until"), place)
    since, until = (day(said[key], f"{place} {key}") if key in said else None for key in ("from", "until"))
    if since and until and until < since:
        raise BadCard(f"{place} until", until.isoformat(), f"no day before from, {since.isoformat()}")
    return Delegation(text(said.get("of"), f"{place} of"), text(said.get("to"), f"{place} to"), since, until)


def read_steps(said: Mapping[str, Any], place: str) -> dict[str, tuple[str, ...]]:
    """The activities that are each step of the trade, under ``[steps]``; none of them where the log has no such step."""
    return {name: texts(value, f"{place} [steps] {name}") for name, value in table(said, "steps", place).items()}


def draft_persons(persons: Persons, steps: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The facts as lines of a card, or lines that show how they are declared."""
    if persons == Persons() and not steps:
        yield "# [persons]             # who is who, for `finmine audit`"
        yield '# aliases = { "SMITHJ_ADM" = "SMITHJ" }'
        yield '# technical = ["WF-BATCH"]   # or technical_roles = ["System"]; anonymous = ["STAFF MEMBER"] for names of nobody'
        yield "# [steps]               # which activities are a step of the trade"
        yield '# approval = ["Approve invoice"]'
        return
    if persons != Persons():
        yield "[persons]"
        if persons.aliases:
            yield f"aliases = {{ {', '.join(f'{bare_key(alias)} = {quoted(name)}' for alias, name in persons.aliases.items())} }}"
        for key in ("technical", "technical_roles", "anonymous"):
            if getattr(persons, key):
                yield f"{key} = {_list(getattr(persons, key))}"
        yield ""
        for each in persons.delegations:
            yield from ("[[delegations]]", f"of = {quoted(each.of)}", f"to = {quoted(each.to)}")
            yield from (f"{key} = {value.isoformat()}" for key, value in (("from", each.since), ("until", each.until)) if value)
            yield ""
    if steps:
        yield "[steps]"
        yield from (f"{bare_key(name)} = {_list(activities)}" for name, activities in steps.items())


def _folded(name: str) -> str:
    return name.strip().casefold()


def _list(written: tuple[str, ...]) -> str:
    return f"[{', '.join(map(quoted, written))}]"
