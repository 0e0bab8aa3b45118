"""What the columns of a log hold, seen on its first rows: stamps, clock times, few texts, or ids that repeat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from finmine.engine import Engine
from finmine.errors import Refusal
from finmine.ingest import stamps
from finmine.ingest.sources import Raw
from finmine.vocabulary import ABORTING, COMPLETING, RESUMING, STARTING, SUSPENDING, WITHDRAWING, DateOrder

FIRST_ROWS = 50_000
_MOST_VALUES = 200
_MOSTLY = 0.95
_DATE_LIKE = re.compile(
    r"\s*(\d{8}|\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/. ](\d\d?|[A-Za-z]{3,9})[-/. ]\d\d(\d\d)?|[A-Za-z]{3} \d\d? \d{4})(\D.*|\d{6})?"
)
_DAY_ONLY = re.compile(r"\s*([^\s:]{6,11}|\d\d? [A-Za-z]+ \d+|[A-Za-z]+ \d\d? \d+)([ T]0?0:00(:00(\.0+)?)?)?\s*")
_SPELLED_CLOCK = re.compile(r"\s*([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?\s*")
_SIX_DIGITS = re.compile(r"([01]\d|2[0-3])[0-5]\d[0-5]\d")
_DECIMAL = re.compile(r"[+-]?[\d.,' ]*[.,]\d+-?")
_STAMP_TYPES = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS")
_TRANSITIONS = (*STARTING, *COMPLETING, *ABORTING, *WITHDRAWING, *SUSPENDING, *RESUMING)


@dataclass(frozen=True)
class Held:
    """What a column holds in the first rows: how many cells are filled, how many different values, and some of these as text."""

    name: str
    column: str
    type: str
    rows: int
    filled: int
    distinct: int
    values: tuple[str, ...]

    @property
    def full(self) -> bool:
        """Whether (nearly) every row has a value."""
        return self.filled >= 0.99 * self.rows

    @property
    def repeats(self) -> bool:
        """Whether there are several values, and rows share them."""
        return self.distinct >= 2 and 1.2 * self.distinct <= self.filled

    @cached_property
    def is_text(self) -> bool:
        """Whether the values are texts with letters."""
        return self.type == "VARCHAR" and self._most(any(letter.isalpha() for letter in value) for value in self.values)

    @cached_property
    def is_measure(self) -> bool:
        """Whether the values are numbers with decimals."""
        return self.type.startswith(("DOUBLE", "FLOAT", "DECIMAL")) or self._most(_DECIMAL.fullmatch(value) is not None for value in self.values)

    @cached_property
    def looks_dated(self) -> bool:
        """Whether the values look like dates, with or without clock time."""
        return self.type in _STAMP_TYPES or self._most(_DATE_LIKE.fullmatch(value) is not None for value in self.values)

    @cached_property
    def is_day(self) -> bool:
        """Whether the values are dates without clock time."""
        return self.looks_dated and self._most(_DAY_ONLY.fullmatch(value) is not None for value in self.values)

    @cached_property
    def is_clock(self) -> bool:
        """Whether the values are times of day without a date: ``09:30:05``, or six digits that do not all stand for whole hours."""
        if self._most(_SPELLED_CLOCK.fullmatch(value) is not None for value in self.values):
            return True
        padded = [value.zfill(6) if self.type != "VARCHAR" and len(value) == 5 else value for value in self.values]
        whole_hours = sum(value.endswith("0000") for value in padded)
        return self._most(_SIX_DIGITS.fullmatch(value) is not None for value in padded) and 2 * whole_hours < len(padded)

    @cached_property
    def is_lifecycle(self) -> bool:
        """Whether all values are transitions of the lifecycle of XES, among them a completion."""
        found = {value.casefold() for value in self.values}
        return found <= set(_TRANSITIONS) and not found.isdisjoint(COMPLETING)

    def _most(self, holds: Iterable[bool]) -> bool:
        return bool(self.values) and sum(holds) >= _MOSTLY * len(self.values)


def may_be_dated(kind: str, cell: str | None) -> bool:
    """Whether a column of this type with this cell in it may hold stamps."""
    return kind in _STAMP_TYPES or (cell is not None and _DATE_LIKE.fullmatch(cell) is not None)


@contextmanager
def first_rows(engine: Engine, raw: Raw, rows: int = FIRST_ROWS, only: str | None = None) -> Iterator[Raw]:
    """The first rows of a log (or of one column of it) as a table of their own, which goes when nobody looks at it any more."""
    table = engine.name("first")
    columns = "*" if only is None else raw.column(only)[0]
    engine.run(f'CREATE TABLE "{table}" AS SELECT {columns} FROM "{raw.table}" LIMIT {rows}')
    try:
        yield replace(raw, table=table)
    finally:
        engine.run(f'DROP TABLE "{table}"')


def held(engine: Engine, first: Raw, names: Sequence[str], missing: str) -> list[Held]:
    """What each of these columns holds in the first rows of a log; ``missing`` is the SQL list of texts that count as missing."""
    texts = [text_sql(*first.column(name), missing) for name in names]
    counts = "".join(f", count({text}), count(DISTINCT {text})" for text in texts)
    rows, *found = engine.rows(f'SELECT count(*){counts} FROM "{first.table}"')[0]
    values = [_values(engine, first.table, text) for text in texts]
    return [
        Held(name, *first.column(name), rows, filled, distinct, shown)
        for name, filled, distinct, shown in zip(names, found[::2], found[1::2], values, strict=True)
    ]


def stamps_of(engine: Engine, first: Raw, columns: Sequence[Held], zone: str | None, order: DateOrder | None, missing: str) -> stamps.Stamps | None:
    """How the stamps of one column, or of a date and a clock column, are read; nothing where they are no stamps.

    Dates that read both ways are stamps all the same: which way is asked where the log is read.
    """
    label = " + ".join(one.name for one in columns)
    found = [(one.column, one.type) for one in columns]
    try:
        return stamps.find(engine, first, label, found, zone, order, missing)
    except stamps.AmbiguousDates:
        return stamps.find(engine, first, label, found, zone, "day-first", missing)
    except Refusal:
        return None


def text_sql(column: str, kind: str, missing: str) -> str:
    """SQL for the text of a cell, NULL where it counts as missing."""
    text = column if kind == "VARCHAR" else f"{column}::VARCHAR"
    return f"CASE WHEN {text} NOT IN {missing} THEN {text} END"


def _values(engine: Engine, table: str, text: str) -> tuple[str, ...]:
    """Different values, the same ones whenever the log is read."""
    chosen = f'SELECT DISTINCT {text} AS v FROM "{table}" WHERE v IS NOT NULL ORDER BY hash(v), v LIMIT {_MOST_VALUES}'
    return tuple(str(row[0]) for row in engine.rows(chosen))
