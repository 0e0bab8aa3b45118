"""Plantings of behaviour: each changes a draft and says which of its steps it made, so that they can be counted.

A planting is a value with a name and parameters; a log lists its plantings in order. To plant something new, write a frozen
dataclass with ``plant`` and put it on a log's list.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any, ClassVar, Protocol

import numpy as np

from finmine.sample.calendar import wall_second
from finmine.sample.draft import Draft
from finmine.sample.lots import Flags, Floats
from finmine.sample.timeline import Timeline, timeline
from finmine.sample.truths import Truth


@dataclass(frozen=True, slots=True)
class Planted:
    """Where a planting shows: its own steps, those to compare them with, and the working days it added (a number for each cell)."""

    cells: Flags
    base: Flags
    extra: Floats | None = None


class Plant(Protocol):
    """A planting of behaviour."""

    kind: ClassVar[str]

    @property
    def name(self) -> str: ...

    @property
    def what(self) -> str: ...

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        """The changed draft, and where the change shows."""
        ...


def truth(plant: Plant, planted: Planted, times: Timeline, kept: Flags, case_ids: list[str]) -> Truth:
    """Count a planting in the finished timeline of its lot."""
    cells, base = planted.cells & kept, planted.base & kept
    before = times.before(kept)
    gaps = times.completed - before
    cases = np.flatnonzero(cells.any(axis=0))
    return Truth(
        kind=plant.kind,
        name=plant.name,
        what=plant.what,
        parameters=parameters(plant),
        events=int(cells.sum()),
        cases=len(cases),
        base_events=int(base.sum()),
        base_cases=int(base.any(axis=0).sum()),
        gaps=gaps[cells & (before >= 0)],
        base_gaps=gaps[base & (before >= 0)],
        extra=np.empty(0) if planted.extra is None else planted.extra[cells],
        case_ids=tuple(case_ids[case] for case in cases),
    )


def parameters(planting: Any) -> dict[str, Any]:
    """The parameters of a planting or fault as plain values."""
    said = {name: value for name, value in asdict(planting).items() if name not in ("name", "what") and value is not None}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}


@dataclass(frozen=True, slots=True)
class Loop:
    """After an activity, a share of its cases turns back into a part of the process, and of these another share again."""

    kind: ClassVar[str] = "rework loop"
    name: str
    what: str
    part: str
    after: str
    rate: float
    again: float

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        going, entries = draft.takes(draft.rows(activity=self.after, turn=0)), []
        share = self.rate
        for turn in range(1, 1 + max(step.turn for step in draft.steps if step.part == self.part)):
            going = going & (rng.random(len(going)) < share)
            rows = draft.rows(part=self.part, turn=turn)
            draft = draft.switched(rows, going, on=True)
            entries.append(rows[0])
            share = self.again
        return draft, Planted(draft.cells(entries, draft.every), draft.cells(draft.rows(activity=self.after, turn=0), draft.every))


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """Activities wait longer by some working days, everywhere or where a column of the case has a value."""

    kind: ClassVar[str] = "bottleneck"
    name: str
    what: str
    activities: tuple[str, ...]
    days: float
    column: str | None = None
    equals: str | None = None

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        rows = [row for activity in self.activities for row in draft.rows(activity=activity)]
        here = draft.every if self.column is None or self.equals is None else draft.where(self.column, self.equals)
        cells = draft.cells(rows, here)
        extra = _days(self.days, cells, rng)
        return draft.waiting(draft.wait + extra), Planted(cells, draft.cells(rows, ~here), extra)


@dataclass(frozen=True, slots=True)
class SlowPath:
    """Of the cases that take one part of the process, a share then takes another, whose last step waits longer by some working days."""

    kind: ClassVar[str] = "slow path"
    name: str
    what: str
    part: str
    after: str
    rate: float
    days: float

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        going = draft.takes(draft.rows(part=self.after)) & (rng.random(len(draft.begin)) < self.rate)
        rows = draft.rows(part=self.part)
        draft = draft.switched(rows, going, on=True)
        cells = draft.cells(rows[-1:], going)
        extra = _days(self.days, cells, rng)
        others = [row for row in draft.rows(activity=draft.steps[rows[-1]].activity) if row != rows[-1]]
        return draft.waiting(draft.wait + extra), Planted(cells, draft.cells(others, draft.every), extra)


@dataclass(frozen=True, slots=True)
class DetourSince:
    """From a day on, a share of the cases takes a part of the process after the last time of an activity."""

    kind: ClassVar[str] = "shift of behaviour"
    name: str
    what: str
    part: str
    after: str
    since: date
    rate: float

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        last = _last_of(draft, self.after)
        late = (last & (timeline(draft).completed >= _midnight(self.since))).any(axis=0)
        rows = draft.rows(part=self.part)
        draft = draft.switched(rows, late & (rng.random(len(late)) < self.rate), on=True)
        return draft, Planted(draft.cells(rows[:1], late), last & late)


@dataclass(frozen=True, slots=True)
class SlowerSince:
    """From a day on, an activity waits so many times longer; the day is that of the step before it."""

    kind: ClassVar[str] = "shift of behaviour"
    name: str
    what: str
    activity: str
    since: date
    times: float

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        rows = draft.rows(activity=self.activity)
        cells = draft.cells(rows, draft.every)
        before = timeline(draft).before(draft.present)
        late = cells & (before >= _midnight(self.since))
        return draft.waiting(np.where(late, draft.wait * self.times, draft.wait)), Planted(late, cells & ~late)


@dataclass(frozen=True, slots=True)
class Ending:
    """A share of the cases that come to an activity ends with a part of the process instead of it."""

    kind: ClassVar[str] = "ending"
    name: str
    what: str
    part: str
    instead_of: str
    rate: float

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        row = draft.rows(activity=self.instead_of, turn=0)[0]
        could = draft.present[row]
        base = draft.cells([row], could)
        ending = could & (rng.random(len(could)) < self.rate)
        rows = draft.rows(part=self.part)
        draft = draft.switched(range(row, len(draft.steps)), ending, on=False).switched(rows, ending, on=True)
        return draft, Planted(draft.cells(rows[-1:], ending), base)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a column has a value, a share of the cases takes one part of the process and the others another."""

    kind: ClassVar[str] = "route"
    name: str
    what: str
    part: str
    otherwise: str
    after: str
    rate: float
    column: str
    equals: str

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        here = draft.where(self.column, self.equals)
        taken = here & (rng.random(len(here)) < self.rate)
        rows = draft.rows(part=self.part)
        draft = draft.switched(rows, taken, on=True).switched(draft.rows(part=self.otherwise), here & ~taken, on=True)
        return draft, Planted(draft.cells(rows[:1], taken), draft.cells(draft.rows(activity=self.after), here))


def _days(median: float, cells: Flags, rng: np.random.Generator) -> Floats:
    """Extra working days around a median for some cells, 0 for the others."""
    extra = np.zeros(cells.shape)
    extra[cells] = median * np.exp(0.3 * rng.standard_normal(int(cells.sum())))
    return extra


def _last_of(draft: Draft, activity: str) -> Flags:
    """The last step of each case that has an activity."""
    cells = draft.cells(draft.rows(activity=activity), draft.every)
    later = np.cumsum(cells[::-1], axis=0)[::-1]
    return cells & (later == 1)


def _midnight(day: date) -> int:
    return wall_second(datetime.combine(day, time()))
