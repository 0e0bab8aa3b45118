"""Plantings of faults: what is wrong with real exports, put into rows whose places are then known.

Each fault takes rows that no other fault has. To plant a new fault, write a frozen dataclass with ``put`` and put it on a
log's list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from finmine.sample.calendar import wall_second
from finmine.sample.events import MISSING, Events
from finmine.sample.lots import Ints, Lot
from finmine.sample.planting import parameters
from finmine.sample.truths import Truth


class Fault(Protocol):
    """A planting of a fault."""

    @property
    def name(self) -> str:
        """By what it is called in the truths, and in the log's dice."""
        ...

    @property
    def what(self) -> str:
        """What was planted, in a sentence."""
        ...

    def put(self, events: Events, lot: Lot, rng: np.random.Generator) -> tuple[Events, Ints]:
        """The changed events, and the rows that are faulty in them."""
        ...


Found: TypeAlias = list[tuple[Fault, Ints]]
"""Faults, with the numbers that their rows have of their own."""


def put(faults: Iterable[Fault], events: Events, lot: Lot) -> tuple[Events, Found]:
    """Put faults into the events of a lot."""
    found = []
    for fault in faults:
        events, rows = fault.put(events, lot, lot.dice(fault.name))
        found.append((fault, events.id[rows]))
    return events, found


def located(found: Found, events: Events) -> Iterator[Truth]:
    """Where the faults are in the finished events."""
    for fault, ids in found:
        rows = events.having(ids)
        cases = events.case_ids(rows)
        yield Truth("fault", fault.name, fault.what, parameters(fault), len(rows), len(cases), case_ids=cases, rows=events.numbers(rows))


@dataclass(frozen=True, slots=True)
class RepeatedRows:
    """Rows that stand twice in the file, exactly alike and one below the other; the second is the faulty one."""

    name: str
    what: str
    per_thousand_cases: float

    def put(self, events: Events, lot: Lot, rng: np.random.Generator) -> tuple[Events, Ints]:
        rows = _some(events.clean_rows(), lot.quota(self.per_thousand_cases), rng)
        copies = rows + 1 + np.arange(len(rows))
        doubled = events.taken(np.insert(np.arange(len(events)), rows + 1, rows))
        doubled = replace(doubled, id=_changed(doubled.id, copies, 1 + int(events.id.max()) + np.arange(len(copies))))
        return doubled.faulty(np.concatenate((copies - 1, copies))), copies


@dataclass(frozen=True, slots=True)
class LostRows:
    """Rows with one lifecycle transition of an activity are not in the file; the faulty rows are those that lost their partner.

    The activity must be one that a case has only once.
    """

    name: str
    what: str
    activity: str
    transition: str
    per_thousand_cases: float

    def put(self, events: Events, lot: Lot, rng: np.random.Generator) -> tuple[Events, Ints]:
        rows = events.clean_rows(self.activity)
        losing = events.lifecycle[rows] == events.labels["lifecycle"].index(self.transition)
        lost = _some(rows[losing], lot.quota(self.per_thousand_cases), rng)
        partners = rows[~losing & np.isin(events.case[rows], events.case[lost])]
        partners = partners - np.searchsorted(lost, partners)
        return events.taken(np.delete(np.arange(len(events)), lost)).faulty(partners), partners


@dataclass(frozen=True, slots=True)
class MissingUsers:
    """Rows without a user."""

    name: str
    what: str
    per_thousand_cases: float

    def put(self, events: Events, lot: Lot, rng: np.random.Generator) -> tuple[Events, Ints]:
        rows = _some(events.clean_rows(), lot.quota(self.per_thousand_cases), rng)
        return replace(events, user=_changed(events.user, rows, MISSING)).faulty(rows), rows


@dataclass(frozen=True, slots=True)
class WrongTimes:
    """Rows of an activity carry one wrong time: a sentinel for "no date", or a day far in the future."""

    name: str
    what: str
    activity: str
    time: datetime
    per_thousand_cases: float

    def put(self, events: Events, lot: Lot, rng: np.random.Generator) -> tuple[Events, Ints]:
        rows = _some(events.clean_rows(self.activity), lot.quota(self.per_thousand_cases), rng)
        return replace(events, time=_changed(events.time, rows, wall_second(self.time))).faulty(rows), rows


@dataclass(frozen=True, slots=True)
class Ties:
    """Rows of an activity carry the time of the activity that comes next in their case: only the order of the file tells them apart.

    Both activities must be such that a case has them only once.
    """

    name: str
    what: str
    activity: str
    next: str
    per_thousand_cases: float

    def put(self, events: Events, lot: Lot, rng: np.random.Generator) -> tuple[Events, Ints]:
        first, second = events.clean_rows(self.activity), events.clean_rows(self.next)
        _, place, partner = np.intersect1d(events.case[first], events.case[second], return_indices=True)
        chosen = _some(np.arange(len(place)), lot.quota(self.per_thousand_cases), rng)
        rows, partners = first[place[chosen]], second[partner[chosen]]
        tied = replace(events, time=_changed(events.time, rows, events.time[partners]))
        return tied.faulty(np.concatenate((rows, partners))), np.sort(rows)


@dataclass(frozen=True, slots=True)
class Misspelt:
    """Rows of an activity have a name that differs only by a blank or by upper and lower case."""

    name: str
    what: str
    activity: str
    spelling: str
    per_thousand_cases: float

    def put(self, events: Events, lot: Lot, rng: np.random.Generator) -> tuple[Events, Ints]:
        rows = _some(events.clean_rows(self.activity), lot.quota(self.per_thousand_cases), rng)
        known = events.labels["activity"]
        renamed = replace(events, activity=_changed(events.activity, rows, len(known)), labels={**events.labels, "activity": (*known, self.spelling)})
        return renamed.faulty(rows), rows


@dataclass(frozen=True, slots=True)
class OddName:
    """Cases have, in a column, a name that careless programmes take for a missing value."""

    name: str
    what: str
    column: str
    label: str
    per_thousand_cases: float

    def put(self, events: Events, lot: Lot, rng: np.random.Generator) -> tuple[Events, Ints]:
        chosen = _some(np.unique(events.case), lot.quota(self.per_thousand_cases), rng)
        column = _named(events.cases[self.column], chosen, self.label).dictionary_encode()
        return replace(events, cases={**events.cases, self.column: column}), np.flatnonzero(np.isin(events.case, chosen))


@dataclass(frozen=True, slots=True)
class OddCase:
    """One case of the log is identified by a text that careless programmes take for a missing value."""

    name: str
    what: str
    label: str

    def put(self, events: Events, lot: Lot, rng: np.random.Generator) -> tuple[Events, Ints]:
        chosen = _some(np.unique(events.case), int(lot.first == 0), rng)
        ids = _named(events.cases[events.case_column], chosen, self.label)
        return replace(events, cases={**events.cases, events.case_column: ids}), np.flatnonzero(np.isin(events.case, chosen))


def _some(rows: Ints, size: int, rng: np.random.Generator) -> Ints:
    """A random choice of rows, in order."""
    return np.sort(rng.choice(rows, min(size, len(rows)), replace=False))


def _changed(column: Ints, rows: Ints, value: int | Ints) -> Ints:
    changed = column.copy()
    changed[rows] = value
    return changed


def _named(column: pa.Array, chosen: Ints, label: str) -> pa.Array:
    """A column of texts with another text in the chosen places."""
    return pc.if_else(pa.array(np.isin(np.arange(len(column)), chosen)), pa.scalar(label), column.cast(pa.string()))
