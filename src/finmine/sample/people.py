"""People and machines: teams by role and unit in which a few do most of the work, and who takes which step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from finmine.sample.lots import Ints, Lot
from finmine.sample.steps import Step

_FAMILY = (
    "Albrecht Arnold Bauer Becker Berger Brandt Braun Busch Dietrich Ebert Engel Fischer Franke Frank Friedrich Fuchs Graf Gross Guenther Haas "
    "Hahn Hartmann Heinrich Herrmann Hoffmann Horn Huber Jaeger Jung Kaiser Keller Klein Koch Koehler Koenig Kraus Krueger Kuhn Lang Lehmann "
    "Lorenz Ludwig Maier Martin Mayer Meyer Moeller Mueller Neumann Otto Peters Pfeiffer Pohl Richter Roth Sauer Schaefer Schmidt Schneider "
    "Scholz Schreiber Schubert Schulte Schulz Schuster Seidel Simon Sommer Stein Thomas Vogel Vogt Wagner Walter Weber Weiss Werner Winkler "
    "Winter Wolf Ziegler Adams Baker Carter Clark Cooper Davis Evans Foster Green Hall Hughes King Lewis Morgan Nelson Parker Reed Scott Turner "
    "Ward Young Bianchi Costa Dubois Garcia Jansen Kowalski Lambert Moreau Novak Petit Rossi Silva Visser"
).split()
_GIVEN = "ABCDEFGHIJKLMNPRSTUVW"


@dataclass(frozen=True, slots=True)
class Staff:
    """The users of a log: technical users first, then teams."""

    names: tuple[str, ...]
    teams: Mapping[str, Ints]
    """By role: the first user of each unit's team, and after the last unit the first user of the next role."""

    def picked(self, role: str, unit: Ints, rng: np.random.Generator) -> Ints:
        """A member of a role's team for each unit given; the share of the r-th busiest falls with the square root of r."""
        first, size = self._team(role, unit)
        return first + (size * rng.random(len(unit)) ** 2).astype(np.int64)

    def another(self, role: str, unit: Ints, user: Ints, rng: np.random.Generator) -> Ints:
        """A member of the team other than the user given, where there is one."""
        first, size = self._team(role, unit)
        further = 1 + (np.maximum(size - 1, 1) * rng.random(len(unit)) ** 2).astype(np.int64)
        return first + (user - first + further) % size

    def _team(self, role: str, unit: Ints) -> tuple[Ints, Ints]:
        starts = self.teams[role]
        here = np.minimum(unit, len(starts) - 2)
        return starts[here], starts[here + 1] - starts[here]


def staff(lot: Lot, steps: tuple[Step, ...], sizes: Mapping[str, tuple[int, ...]], alike: Mapping[str, str] | None = None) -> Staff:
    """The staff for a log: for each role the team sizes by unit (one size: a team for all), larger where the log is larger.

    ``alike`` names roles that are filled from the team of another role.
    """
    technical = tuple(dict.fromkeys(step.user for step in steps if step.user is not None))
    growth = min(max((lot.total / 2000) ** 0.5, 1.0), 20.0)
    place, teams = len(technical), {}
    for role, members in sizes.items():
        ends = place + np.cumsum([round(size * growth) for size in members])
        teams[role] = np.concatenate(([place], ends)).astype(np.int64)
        place = int(ends[-1])
    teams |= {role: teams[other] for role, other in (alike or {}).items()}
    return Staff((*technical, *_names(place - len(technical), lot.common_dice("people"))), teams)


def assigned(steps: tuple[Step, ...], team: Staff, unit: Ints, rng: np.random.Generator) -> Ints:
    """Who takes each step of each case: in a case a role is mostly filled by one person, now and then by a colleague."""
    roles = dict.fromkeys(step.role for step in steps if step.user is None)
    regular = {role: team.picked(role, unit, rng) for role in roles}
    users = np.empty((len(steps), len(unit)), dtype=np.int64)
    for row, step in enumerate(steps):
        if step.user is not None:
            users[row] = team.names.index(step.user)
            continue
        substitute = rng.random(len(unit)) < 0.12
        users[row] = np.where(substitute, team.picked(step.role, unit, rng), regular[step.role])
    return users


def _names(count: int, rng: np.random.Generator) -> list[str]:
    """User names as offices make them: family name, initial and, where that is taken, a number."""
    every = len(_FAMILY) * len(_GIVEN)
    chosen = np.concatenate([rng.permutation(every) for _ in range(count // every + 1)])[:count]
    rounds = np.arange(count) // every
    pairs = zip(chosen.tolist(), rounds.tolist(), strict=True)
    return [_FAMILY[pick % len(_FAMILY)].upper() + _GIVEN[pick // len(_FAMILY)] + (str(nth + 1) if nth else "") for pick, nth in pairs]
