"""Who is who: the person behind each resource, as the card says, held in the engine as codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finmine.kernels import MISSING
from finmine.relations.held_rows import HeldRows, hold
from finmine.relations.tables import recorded_names

if TYPE_CHECKING:
    from finmine.log import EventLog


@dataclass(frozen=True, slots=True)
class KnownPersons:
    """``held`` gives the person (missing for a name of nobody) and whether it is a machine (1) for each resource; ``codes``, the persons by name."""

    held: HeldRows
    codes: Mapping[str, int]
    aliases: Mapping[str, str]
    aliased: int
    technical: int
    anonymous: int
    technical_roles: tuple[str, ...]

    def code(self, name: str) -> int | None:
        """The code of the person of a name, missing where nobody in the log has it."""
        own = _folded(name)
        return self.codes.get(self.aliases.get(own, own))

    def same(self, one: str, other: str) -> bool:
        """Whether two names are of one person, whether or not the log has them."""
        first, second = _folded(one), _folded(other)
        return self.aliases.get(first, first) == self.aliases.get(second, second)

    def script(self) -> tuple[str, ...]:
        """The statements that make the table of persons, for evidence."""
        return (
            f"-- {self.held.name}: the person behind each resource (missing for a name of nobody), and whether it is a machine",
            *self.held.script(),
        )

    def notes(self) -> tuple[str, ...]:
        """How resources were taken for persons, in words."""
        said = f"Resources are taken for persons by name, without regard to upper and lower case and to blanks at the ends; {self.aliased:,} by another name of theirs."
        machines = f"{self.technical:,} resources are technical users by the card, {self.anonymous:,} names that stand for anybody."
        roles = f" What the role {' or '.join(map(repr, self.technical_roles))} does is done by a machine." if self.technical_roles else ""
        return (said, machines + roles)


def known_persons(log: EventLog) -> KnownPersons:
    """The persons of a log. Where the resources are roles, nobody is known."""
    told = log.card.persons
    technical, anonymous = set(map(_folded, told.technical)), set(map(_folded, told.anonymous))
    aliases = {_folded(alias): _folded(name) for alias, name in told.aliases.items()}
    codes: dict[str, int] = {}
    rows: list[tuple[int, int, int]] = []
    counted = {"aliased": 0, "technical": 0, "anonymous": 0}
    names = log.fetch(recorded_names(log).order_by("resource")) if log.facts.has_resource else None
    for resource, recorded in names.tuples() if names else ():
        own = _folded(str(recorded))
        name = aliases.get(own, own)
        nobody, machine = own in anonymous or log.facts.people == "roles", name in technical
        counted["aliased"] += own in aliases
        counted["technical"] += machine
        counted["anonymous"] += nobody
        rows.append((int(str(resource)), MISSING if nobody else codes.setdefault(name, len(codes)), int(machine)))
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    held = hold(log.engine, "persons", dict(zip(("resource", "person", "machine"), columns, strict=True)))
    return KnownPersons(held, codes, aliases, technical_roles=told.technical_roles if log.card.role("role") else (), **counted)


def _folded(name: str) -> str:
    return name.strip().casefold()
