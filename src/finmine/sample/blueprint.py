"""The blueprint of a sample log: its columns, process, plantings and faults, and how a lot of it becomes a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from finmine.card_costs import CostFacts
from finmine.card_money import MoneyOfTime
from finmine.sample.calendar import utc_offsets, wall_second
from finmine.sample.draft import Draft
from finmine.sample.events import Events, events
from finmine.sample.faults import Fault, located, put
from finmine.sample.labour import Labour
from finmine.sample.lots import Flags, Ints, Lot, lots
from finmine.sample.planting import Plant, truth
from finmine.sample.timeline import Timeline, timeline
from finmine.sample.truths import Truth
from finmine.sample.twins import Meter

Write: TypeAlias = Callable[[pa.Table], None]
"""Writes the next rows of a log."""
Order: TypeAlias = Literal["time", "case"]
"""Whether rows stand in the order in which they were recorded, or case by case."""
CaseColumns: TypeAlias = Mapping[str, pa.Array]
"""Columns with one value for each case of a lot."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a log and what the card says about it."""

    name: str
    role: str | None = None
    attribute: str | None = None
    of_case: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """A lot whose plantings are done and whose clock has run."""

    lot: Lot
    draft: Draft
    times: Timeline
    kept: Flags
    """Steps completed before the extraction."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a lot, ready to be written, and what is to be said of them."""

    table: pa.Table
    truths: tuple[Truth, ...]
    activities: frozenset[str]
    money: Mapping[str, int]
    """The sum of the amounts of the lot's cases by currency, in minor units."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a sample log is made of."""

    name: str
    title: str
    cases: int
    """Cases of the log where nobody says how many."""
    zone: str
    extracted: datetime
    stamps_in_utc: bool
    """Whether stamps are instants in UTC to the microsecond; else they are local times of the zone to the second."""
    columns: tuple[Column, ...]
    outcomes: Mapping[str, tuple[str, ...]]
    draft: Callable[[Lot], Draft]
    case_columns: Callable[[Finished], CaseColumns]
    plants: tuple[Plant, ...]
    faults: tuple[Fault, ...]
    rates: tuple[tuple[str, date, str], ...] = field(default=())
    """Dated rates into EUR."""
    rework: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the card says of repeats: the activities that change values, send work back or block it."""
    hours: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Calendars of desks: their days of the week and the roles that keep them."""
    money: MoneyOfTime = field(default_factory=MoneyOfTime)
    """What time costs."""
    costs: CostFacts = field(default_factory=CostFacts)
    """How long work takes, where its start is not recorded."""
    judged: Callable[[Finished, list[str]], tuple[Truth, ...]] | None = None
    """Truths that follow from what was planted, such as discounts that were lost."""

    def named(self, role: str) -> str:
        """The column that plays a role."""
        return next(column.name for column in self.columns if column.role == role)

    def parts(self, seed: int, cases: int, order: Order) -> Iterator[Part]:
        """The log, lot by lot."""
        rows = 0
        for lot in lots(self.name, seed, cases):
            part = self._part(lot, order, rows)
            rows += part.table.num_rows
            yield part

    def _part(self, lot: Lot, order: Order, rows: int) -> Part:
        draft, planted = self.draft(lot), []
        for plant in self.plants:
            draft, where = plant.plant(draft, lot.dice(plant.name))
            planted.append((plant, where))
        times, until = timeline(draft), wall_second(self.extracted)
        kept = times.kept(draft, until)
        finished = Finished(lot, draft, times, kept)
        meter = Meter(self.zone, Labour(self.money.labour, self.costs.unit_times))
        taken = meter.taken(draft, times)
        columns = self.case_columns(finished)
        made, found = put(self.faults, events(draft, times, until, columns, self.named("case"), rows), lot)
        if order == "time":
            made = made.by_time()
        ids = made.cases[made.case_column].to_pylist()
        truths = (
            *(
                truth(plant, where, times, kept, ids, {} if where.added is None else meter.beside_twins(draft, taken, where.added))
                for plant, where in planted
            ),
            *self._statuses(finished, ids),
            *(self.judged(finished, ids) if self.judged else ()),
            *located(found, made),
        )
        return Part(self._table(made), truths, made.activities(), _money(columns[self.named("amount")], columns[self.named("currency")]))

    def _statuses(self, finished: Finished, ids: list[str]) -> Iterator[Truth]:
        """How many cases have come to each outcome, and which are still running."""
        steps, kept = finished.draft.steps, finished.kept
        last = len(steps) - 1 - np.argmax(kept[::-1], axis=0)
        running = np.ones(len(ids), dtype=bool)
        for outcome, ends in self.outcomes.items():
            at_end = np.isin(last, [row for row, step in enumerate(steps) if step.activity in ends and step.ends == "complete"]) & kept.any(axis=0)
            running &= ~at_end
            yield Truth("status", outcome, f"Cases that ended with {' or '.join(ends)}.", {}, int(at_end.sum()), int(at_end.sum()))
        cases = np.flatnonzero(running)
        what = "Cases that have come to no outcome at the extraction."
        yield Truth("status", "running", what, {}, int(kept[:, cases].sum()), len(cases), case_ids=tuple(ids[case] for case in cases))

    def _table(self, made: Events) -> pa.Table:
        case = pa.array(made.case.astype(np.int32))
        own = {"timestamp": self._stamps(made), "activity": "activity", "lifecycle": "lifecycle", "resource": "user", "role": "role"}
        table = {}
        for column in self.columns:
            source = own.get(column.role or "")
            if column.role == "case":
                table[column.name] = pa.DictionaryArray.from_arrays(case, made.cases[column.name])
            elif source is None:
                table[column.name] = made.cases[column.name].take(case)
            else:
                table[column.name] = made.column(source) if isinstance(source, str) else source
        return pa.table(table)

    def _stamps(self, made: Events) -> pa.Array:
        if not self.stamps_in_utc:
            return pa.array(made.time).cast(pa.timestamp("s"))
        instants = (made.time - utc_offsets(self.zone, made.time)) * 1_000_000
        return pa.array(instants + _fraction(made)).cast(pa.timestamp("us", "UTC"))


def _fraction(made: Events) -> Ints:
    """Microseconds into its second at which a row was recorded, scattered but fixed."""
    return (made.time * 7919 + made.case * 104_729 + made.activity * 1_299_709) % 1_000_000


def _money(amounts: pa.Array, currencies: pa.Array) -> dict[str, int]:
    """The sum of the amounts by currency, exactly."""
    table = pa.table({"amount": amounts, "currency": currencies.cast(pa.string())}).group_by("currency").aggregate([("amount", "sum")])
    return {row["currency"]: int(row["amount_sum"].scaleb(2)) for row in table.to_pylist()}


def decimals(cents: Ints, missing: Flags | None = None) -> pa.Array:
    """Amounts with two decimals from minor units, exactly."""
    words = np.empty((len(cents), 2), dtype="<i8")
    words[:, 0], words[:, 1] = cents, cents >> 63
    exact = pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [None, pa.py_buffer(words)])
    return exact if missing is None else pc.if_else(pa.array(missing), pa.scalar(None, exact.type), exact)


def dates(days: Ints, missing: Flags | None = None) -> pa.Array:
    """Dates from days since 1970-01-01."""
    return pa.array(days.astype(np.int32), mask=missing).cast(pa.date32())


def coded(codes: Ints, labels: tuple[str, ...], missing: Flags | None = None) -> pa.Array:
    """Texts from codes."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=missing), pa.array(labels))


def numbered(numbers: Ints, width: int, prefix: str = "", missing: Flags | None = None) -> pa.Array:
    """Document numbers of one width, with leading zeros."""
    texts = pc.utf8_lpad(pa.array(numbers, mask=missing).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(pa.scalar(prefix), texts, "") if prefix else texts
