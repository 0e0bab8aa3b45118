"""The columnar draft of a lot: which steps each case takes, how long it waits before them and who takes them.

A draft is a matrix with one row for each step that a case may take, in the order of the process (loops are unrolled into one
row for each turn), and one column for each case. Plantings change presence, waits and users; only then the clock is run over
it, so whatever is planted, everything after it moves along and machines still run at their hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from finmine.sample.calendar import Calendar
from finmine.sample.lots import Flags, Floats, Ints, Lot
from finmine.sample.people import Staff, assigned
from finmine.sample.steps import Matrix, Step


@dataclass(frozen=True, slots=True)
class Draft:
    """The cases of a lot before the clock is run. Matrices have a row for each step and a column for each case."""

    steps: tuple[Step, ...]
    calendar: Calendar
    begin: Floats
    """Working clock at which each case begins."""
    present: Flags
    wait: Floats
    """Working days before each step."""
    work: Floats
    """Working days on each step."""
    user: Ints
    """Places in the names of the team."""
    team: Staff
    unit: Ints
    """The unit of the team to which each case belongs."""
    cases: Mapping[str, Matrix]
    """Columns of the cases: numbers, or codes where ``labels`` has the column."""
    labels: Mapping[str, tuple[str, ...]]

    @property
    def every(self) -> Flags:
        """All cases."""
        return np.ones(len(self.begin), dtype=bool)

    def rows(self, *, activity: str | None = None, part: str | None = None, turn: int | None = None) -> list[int]:
        """The rows of an activity, a part or a turn, in the order of the process."""
        return [
            row
            for row, step in enumerate(self.steps)
            if activity in (None, step.activity) and part in (None, step.part) and turn in (None, step.turn)
        ]

    def takes(self, rows: Iterable[int]) -> Flags:
        """The cases that take any of these steps."""
        return np.asarray(self.present[list(rows)].any(axis=0))

    def where(self, column: str, label: str) -> Flags:
        """The cases that have a label in a column."""
        return np.asarray(self.cases[column] == self.labels[column].index(label))

    def cells(self, rows: Iterable[int], cases: Flags) -> Flags:
        """A matrix that is true in these rows for these cases, where the step is present."""
        cells = np.zeros_like(self.present)
        chosen = list(rows)
        cells[chosen] = self.present[chosen] & cases
        return cells

    def switched(self, rows: Iterable[int], cases: Flags, *, on: bool) -> Draft:
        """The draft with these steps added to, or taken from, these cases."""
        present = self.present.copy()
        for row in rows:
            present[row, cases] = on
        return replace(self, present=present)

    def without(self, cells: Flags) -> Draft:
        """The draft without these steps."""
        return replace(self, present=self.present & ~cells)

    def taking(self, parts: Mapping[str, Flags]) -> Draft:
        """The draft in which each of these parts is taken by just these cases; of loops no turn."""
        present = self.present.copy()
        for part, cases in parts.items():
            present[self.rows(part=part, turn=0)] = cases
        return replace(self, present=present)

    def waiting(self, wait: Floats) -> Draft:
        """The draft with other waits."""
        return replace(self, wait=wait)

    def served(self, user: Ints) -> Draft:
        """The draft with other users."""
        return replace(self, user=user)


def drafted(
    lot: Lot,
    steps: tuple[Step, ...],
    calendar: Calendar,
    begin: Floats,
    team: Staff,
    unit: Ints,
    cases: Mapping[str, Matrix],
    labels: Mapping[str, tuple[str, ...]],
) -> Draft:
    """A draft with users, waits and work drawn, in which no step is taken yet."""
    shape = (len(steps), lot.count)
    rng = lot.dice("waits and work")
    wait = _drawn([step.wait for step in steps], shape, rng)
    work = _drawn([step.work or (0.0, 0.0) for step in steps], shape, rng)
    user = assigned(steps, team, unit, lot.dice("users"))
    return Draft(steps, calendar, begin, np.zeros(shape, dtype=bool), wait, work, user, team, unit, cases, labels)


def _drawn(parameters: list[tuple[float, float]], shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    median, sigma = np.array(parameters).T[:, :, None]
    return np.asarray(median * np.exp(sigma * rng.standard_normal(shape)))
