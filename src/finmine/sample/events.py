"""The rows of a lot before they are written, still as numbers and codes, so that faults can be put into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from finmine.sample.draft import Draft
from finmine.sample.lots import Flags, Ints
from finmine.sample.timeline import Timeline

MISSING = -1
"""The code of what is missing."""


@dataclass(frozen=True, slots=True)
class Events:
    """One entry for each row of the file: codes of case, activity, lifecycle transition, user and role, and wall clock in seconds."""

    case: Ints
    activity: Ints
    lifecycle: Ints
    user: Ints
    role: Ints
    time: Ints
    recorded: Ints
    """The wall clock at which the row was really recorded, whatever ``time`` says."""
    id: Ints
    """A number of its own for each row, by which it is found again when others are added or removed."""
    clean: Flags
    """Rows without a fault so far: each fault takes rows of its own."""
    labels: Mapping[str, tuple[str, ...]]
    """What the codes of activity, lifecycle, user and role mean."""
    cases: Mapping[str, pa.Array]
    """Columns of the cases, a value for each case of the lot; ``case_column`` names the one that identifies them."""
    case_column: str
    first_row: int
    """Rows of the file before this lot."""

    def __len__(self) -> int:
        return len(self.case)

    def taken(self, rows: Ints | Flags) -> Events:
        """The events with just these rows, in this order."""
        parts = {name: getattr(self, name)[rows] for name in ("case", "activity", "lifecycle", "user", "role", "time", "recorded", "id", "clean")}
        return replace(self, **parts)

    def activities(self) -> frozenset[str]:
        """The activities that occur."""
        return frozenset(self.labels["activity"][code] for code in np.unique(self.activity))

    def clean_rows(self, activity: str | None = None) -> Ints:
        """The rows (of an activity) without a fault so far."""
        if activity is None:
            return np.flatnonzero(self.clean)
        return np.flatnonzero(self.clean & (self.activity == self.labels["activity"].index(activity)))

    def faulty(self, rows: Ints) -> Events:
        """The events with these rows marked as having a fault."""
        clean = self.clean.copy()
        clean[rows] = False
        return replace(self, clean=clean)

    def case_ids(self, rows: Ints) -> tuple[str, ...]:
        """The cases of some rows, each once, in the order of the log."""
        return tuple(self.cases[self.case_column].take(pa.array(np.unique(self.case[rows]))).to_pylist())

    def by_time(self) -> Events:
        """The events in the order in which they were recorded."""
        return self.taken(np.argsort(self.recorded, kind="stable"))

    def having(self, ids: Ints) -> Ints:
        """The rows that have these numbers of their own."""
        return np.flatnonzero(np.isin(self.id, ids))

    def numbers(self, rows: Ints) -> tuple[int, ...]:
        """The numbers of some rows in the file, counted from 1."""
        return tuple((rows + self.first_row + 1).tolist())

    def column(self, name: str) -> pa.Array:
        """The labels of activity, lifecycle, user or role, row by row."""
        codes = getattr(self, name)
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=codes == MISSING), pa.array(self.labels[name]))


def events(draft: Draft, times: Timeline, until: int, cases: Mapping[str, pa.Array], case_column: str, first_row: int) -> Events:
    """The rows of a draft up to the extraction, case by case: a start and an end where work is recorded, else only the end."""
    activities, roles, ends = (_codes([getattr(step, name) for step in draft.steps]) for name in ("activity", "role", "ends"))
    transitions = (*ends[0], "start")
    case, step = np.nonzero(draft.present.T)
    timed = np.array([each.work is not None for each in draft.steps])[step]
    place = np.repeat(np.arange(len(case)), np.where(timed, 2, 1))
    begins = np.zeros(len(place), dtype=bool)
    begins[:-1] = place[:-1] == place[1:]
    case, step = case[place], step[place]
    time = np.where(begins, times.started[step, case], times.completed[step, case])
    return Events(
        case=case,
        activity=activities[1][step],
        lifecycle=np.where(begins, len(ends[0]), ends[1][step]),
        user=draft.user[step, case],
        role=roles[1][step],
        time=time,
        recorded=time,
        id=np.arange(len(time)),
        clean=np.ones(len(time), dtype=bool),
        labels={"activity": activities[0], "lifecycle": transitions, "user": draft.team.names, "role": roles[0]},
        cases=cases,
        case_column=case_column,
        first_row=first_row,
    ).taken(time < until)


def _codes(labels: list[str]) -> tuple[tuple[str, ...], Ints]:
    known = tuple(dict.fromkeys(labels))
    return known, np.array([known.index(label) for label in labels], dtype=np.int64)
