"""Plantings of behaviour: each changes a draft and says which of its steps it made, so that they can be counted.

A planting is a value with a name and parameters; a log lists its plantings in order. To plant something new, write a frozen
dataclass with ``plant`` and put it on a log's list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any, ClassVar, Protocol

import numpy as np

from finmine.sample.calendar import wall_second
from finmine.sample.draft import Draft
from finmine.sample.lots import Flags, Floats, Ints
from finmine.sample.timeline import Timeline, timeline
from finmine.sample.truths import Truth


@dataclass(frozen=True, slots=True)
class Planted:
    """Where a planting shows."""

    cells: Flags
    """The steps that it made or changed."""
    base: Flags | None = None
    """The steps to compare them with."""
    delays: bool = False
    """Whether it is about the wait before its steps: then that before both kinds is measured."""
    extra: Floats | None = None
    """The working days that it added before each step."""
    seconds: Ints | None = None
    """For how many seconds each step waited because of it."""
    added: Flags | None = None
    """The steps that cases would not have without it, as far as they are present in the end."""


class Plant(Protocol):
    """A planting of behaviour."""

    kind: ClassVar[str]

    @property
    def name(self) -> str:
        """By what it is called in the truths, and in the log's dice."""
        ...

    @property
    def what(self) -> str:
        """What was planted, in a sentence."""
        ...

    def plant(self, draft: Draft, rng: np.random.Generator, /) -> tuple[Draft, Planted]:
        """The changed draft, and where the change shows."""
        ...


def truth(plant: Plant, planted: Planted, times: Timeline, kept: Flags, case_ids: list[str], taken: Mapping[str, Ints]) -> Truth:
    """Count a planting in the finished timeline of its lot, of whose cases something may be known by name."""
    before = times.before(kept)
    cells, base = planted.cells & kept, None if planted.base is None else planted.base & kept
    cases = np.flatnonzero(cells.any(axis=0))
    return Truth(
        kind=plant.kind,
        name=plant.name,
        what=plant.what,
        parameters=parameters(plant),
        events=int(cells.sum()),
        cases=len(cases),
        base_events=None if base is None else int(base.sum()),
        base_cases=None if base is None else int(base.any(axis=0).sum()),
        gaps=_gaps(times, before, cells if planted.delays else None),
        base_gaps=_gaps(times, before, base if planted.delays else None),
        extra=np.empty(0) if planted.extra is None else planted.extra[cells],
        case_ids=tuple(case_ids[case] for case in cases),
        per_case={name: known[cases] for name, known in taken.items()}
        | ({} if planted.seconds is None else {"case_seconds": np.where(cells, planted.seconds, 0).sum(axis=0)[cases]}),
    )


def _gaps(times: Timeline, before: Ints, steps: Flags | None) -> Ints:
    """Seconds from the completion before to the completion of these steps, the first of each case left out."""
    if steps is None:
        return np.empty(0, dtype=np.int64)
    later = steps & (before >= 0)
    return times.completed[later] - before[later]


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
    sort: str | None = None
    """Why things are done again, where it is always for the same reason."""

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        going, entries = draft.takes(draft.rows(activity=self.after, turn=0)), []
        share = self.rate
        for turn in range(1, 1 + max(step.turn for step in draft.steps if step.part == self.part)):
            going = going & (rng.random(len(going)) < share)
            rows = draft.rows(part=self.part, turn=turn)
            draft = draft.switched(rows, going, on=True)
            entries.append(rows[0])
            share = self.again
        base = draft.cells(draft.rows(activity=self.after, turn=0), draft.every)
        return draft, Planted(draft.cells(entries, draft.every), base, added=draft.cells(draft.rows(part=self.part), draft.every))


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
        elsewhere = None if self.column is None else draft.cells(rows, ~here)
        return draft.waiting(draft.wait + extra), Planted(cells, elsewhere, delays=True, extra=extra)


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
        base, added = draft.cells(others, draft.every), draft.cells(rows, going)
        return draft.waiting(draft.wait + extra), Planted(cells, base, delays=True, extra=extra, added=added)


@dataclass(frozen=True, slots=True)
class DetourSince:
    """Of the cases whose last time of an activity is on or after a day, a share then takes a part of the process.

    Planted after everything that delays the activity.
    """

    kind: ClassVar[str] = "shift of behaviour"
    name: str
    what: str
    part: str
    after: str
    since: date
    rate: float

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        base = draft.cells(draft.rows(activity=self.after), draft.every) & (timeline(draft).completed >= _midnight(self.since))
        late = np.asarray(base.any(axis=0))
        rows = draft.rows(part=self.part)
        draft = draft.switched(rows, late & (rng.random(len(late)) < self.rate), on=True)
        return draft, Planted(draft.cells(rows[:1], late), base)


@dataclass(frozen=True, slots=True)
class SlowerSince:
    """An activity waits so many times longer where the step before it is completed on or after a day.

    Planted after everything that delays what is before the activity.
    """

    kind: ClassVar[str] = "shift of behaviour"
    name: str
    what: str
    activity: str
    since: date
    times: float

    def plant(self, draft: Draft, _: np.random.Generator) -> tuple[Draft, Planted]:
        late = np.zeros_like(draft.present)
        rows = draft.rows(activity=self.activity)
        for row in rows:  # in order: the delay of one turn moves the turns after it
            late[row] = draft.present[row] & (timeline(draft).before(draft.present)[row] >= _midnight(self.since))
            wait = draft.wait.copy()
            wait[row, late[row]] *= self.times
            draft = draft.waiting(wait)
        return draft, Planted(late, draft.cells(rows, draft.every) & ~late, delays=True)


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
class Shortcut:
    """Where a column of the case has a value, a share of the cases takes a part of the process that leads straight to an activity."""

    kind: ClassVar[str] = "shortcut"
    name: str
    what: str
    part: str
    after: str
    to: str
    rate: float
    column: str
    equals: str

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        here = draft.where(self.column, self.equals)
        taken = here & (rng.random(len(here)) < self.rate)
        after, to, rows = draft.rows(activity=self.after)[-1], draft.rows(activity=self.to)[0], draft.rows(part=self.part)
        draft = draft.switched(range(after + 1, to), taken, on=False).switched(rows, taken, on=True)
        return draft, Planted(draft.cells(rows[:1], taken), draft.cells([after], here))


@dataclass(frozen=True, slots=True)
class Queue:
    """An activity waits at its desk, and so much of it for one cause.

    Planted after everything that changes what comes before the activity.
    """

    kind: ClassVar[str] = "waiting cause"
    name: str
    what: str
    activity: str
    cause: str

    def plant(self, draft: Draft, _: np.random.Generator) -> tuple[Draft, Planted]:
        seconds = np.zeros(draft.present.shape, dtype=np.int64)
        for row, (here, served) in timeline(draft).served.items():
            if draft.steps[row].activity == self.activity:
                seconds[row, here] = served.causes[self.cause]
        return draft, Planted(seconds > 0, draft.cells(draft.rows(activity=self.activity), draft.every), seconds=seconds)


@dataclass(frozen=True, slots=True)
class Collected:
    """An activity is collected at its desk and done in batches of two or more.

    Planted after everything that changes what comes before the activity.
    """

    kind: ClassVar[str] = "batches"
    name: str
    what: str
    activity: str

    def plant(self, draft: Draft, _: np.random.Generator) -> tuple[Draft, Planted]:
        cells = np.zeros_like(draft.present)
        for row, (here, served) in timeline(draft).served.items():
            if draft.steps[row].activity == self.activity:
                cells[row, here] = served.batch > 1
        return draft, Planted(cells, draft.cells(draft.rows(activity=self.activity), draft.every))


def _days(median: float, cells: Flags, rng: np.random.Generator) -> Floats:
    """Extra working days around a median for some cells, 0 for the others."""
    extra = np.zeros(cells.shape)
    extra[cells] = median * np.exp(0.3 * rng.standard_normal(int(cells.sum())))
    return extra


def _midnight(day: date) -> int:
    return wall_second(datetime.combine(day, time()))
