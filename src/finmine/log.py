"""The event log: an immutable value that knows its tables, its card, its filters and where it came from."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from finmine.card import Card
from finmine.engine import MOST_ROWS, Engine, Rows
from finmine.errors import Refusal, UnknownWord
from finmine.lease import Lease
from finmine.vocabulary import ROLES, People, Resolution, Unit

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd


_IBIS_TYPES = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DOUBLE": "float64",
    "BIGINT": "int64",
    "INTEGER": "int32",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp('UTC')",
    "TIMESTAMP_NS": "timestamp(9)",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One file or table that was read: its number in the log, hash, size and rows, and how many of these may hold others in a cell."""

    number: int
    name: str
    format: str
    sha256: str
    size: int
    rows: int
    faulty: int
    swallowing: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What ``read`` was given: the paths (nothing stands for a table in memory), and the options that were named."""

    paths: tuple[str | None, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a log comes from: what was asked for, sources, zone, what was assumed, and the script from the source files to the core."""

    asked: Asked
    sources: tuple[Source, ...]
    zone: str | None
    assumptions: tuple[str, ...]
    script: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of a log's tables in its engine.

    ``events`` and ``instances`` are the two ways to read the log, and ``units`` is one of them; where rows do not pair
    they are the same table. They are in the engine as long as anybody has the ``lease``.
    """

    units: str
    events: str
    instances: str
    cases: str
    activities: str
    resources: str
    names: str
    raw: str
    faults: str
    lease: Lease


@dataclass(frozen=True, slots=True)
class Attribute:
    """A named attribute: the table and column that hold it, its SQL type, and its key: source row, case, or unit, where columns of a row say who did each."""

    name: str
    table: str
    column: str
    type: str
    level: Literal["row", "case", "unit"]

    @property
    def ibis_type(self) -> str:
        """The type of the column in the language of relations; reading has spelled all other types as text."""
        return _IBIS_TYPES.get(self.type, self.type.lower())


@dataclass(frozen=True, slots=True)
class CaseAmount:
    """The column of the case table that holds money of one currency, and that currency ("" where it is not named)."""

    column: Literal["amount", "reported"]
    currency: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found at reading, of the log as read (filters do not change it). Times are microseconds UTC.

    ``without_amount`` counts the cases that have none; ``doubtful`` names the faults of rows that are events all the same.
    """

    unit: Unit
    events: int
    units: int
    cases: int
    first: int
    last: int
    extracted: int
    extracted_declared: bool
    resolution: Resolution
    has_start: bool
    has_resource: bool
    currencies: tuple[str, ...]
    money_gap: str | None
    ties: int
    pairing: Mapping[str, int] | None
    left_out: int
    people: People
    without_amount: int
    doubtful: frozenset[str]


class Filter(Protocol):
    """A condition on cases or events that says itself in words."""

    @property
    def keeps(self) -> Literal["cases", "events"]:
        """What the filter keeps."""
        ...

    def words(self) -> str:
        """The filter in words that parse back."""
        ...

    def kept(self, log: EventLog, units: ir.Table) -> ir.Table:
        """The units that remain."""
        ...

    def check(self, log: EventLog) -> None:
        """Refuse names that the log does not know."""
        ...


class MissingFact(Refusal):
    """A question needs a role that no column of the log plays, or only an empty one."""

    def __init__(self, role: str, known: Mapping[str, tuple[str, ...]], *, dated: bool = False) -> None:
        have = ", ".join(f"{name} = {' + '.join(columns)}" for name, columns in known.items())
        why = f"{' + '.join(map(repr, known[role]))}, which plays that role, holds nothing" if role in known else "no column plays that role"
        each = ', or for one date with --person "ACTIVITY=COLUMN"' if dated and role == "resource" else ""
        super().__init__(f"this question needs the {role} ({ROLES[role]}), and {why}. Say it with --{role} COLUMN{each}. Known so far: {have}.")


class TextForFilter(Refusal):
    """A text was given where a filter is wanted."""

    def __init__(self, text: str, keeps: str) -> None:
        super().__init__(f"a filter is a value, such as finmine.has('Pay'); a text is read as one by finmine.parse_filter({text!r}, {keeps!r}).")


class AmbiguousAttribute(Refusal):
    """Names that differ only in case are two attributes."""

    def __init__(self, given: str, candidates: list[str]) -> None:
        super().__init__(f"{given!r} may be any of {', '.join(map(repr, candidates))}; spell it exactly.")


@dataclass(frozen=True, slots=True, repr=False)
class EventLog:
    """A log of events: lazy, immutable; filters give a new log and nothing runs until ``fetch``."""

    engine: Engine
    tables: Tables
    attributes: Mapping[str, Attribute]
    card: Card
    facts: Facts
    provenance: Provenance
    filters: tuple[Filter, ...] = ()

    def keep_cases(self, *filters: Filter) -> EventLog:
        """The log with only the cases for which every given filter holds."""
        return self._with(filters, "cases")

    def keep_events(self, *filters: Filter) -> EventLog:
        """The log with only the events for which every given filter holds; what follows what is found anew."""
        return self._with(filters, "events")

    def _with(self, filters: tuple[Filter, ...], keeps: str) -> EventLog:
        for one in filters:
            if isinstance(one, str):
                raise TextForFilter(one, keeps)
            if one.keeps != keeps:
                raise Refusal(f"{one.words()!r} keeps {one.keeps}; use keep_{one.keeps}.")
            one.check(self)
        return replace(self, filters=self.filters + filters)

    def as_read(self) -> EventLog:
        """The log without its filters."""
        return replace(self, filters=())

    def fetch(self, expression: ir.Table, limit: int = MOST_ROWS) -> Rows:
        """Run a relation of this log; the only way of rows out of the engine."""
        return self.engine.fetch(expression, limit)

    def require(self, role: str) -> None:
        """Refuse unless a column plays the role.

        Raises:
            MissingFact: no column plays the role.
        """
        has = {"resource": self.facts.has_resource, "start": self.facts.has_start, "amount": bool(self.facts.currencies)}.get(
            role, role in self.card.roles
        )
        if not has:
            persons = {"resource": tuple(self.card.person_of.values())} if self.card.person_of else {}
            raise MissingFact(role, {**persons, **self.card.roles}, dated=bool(self.card.dates))

    def attribute(self, name: str) -> Attribute:
        """An attribute by its name on the card or its column's name.

        Raises:
            UnknownWord: there is no such attribute; the nearest is named.
            AmbiguousAttribute: the name fits several that differ only in letter case.
        """
        if name in self.attributes:
            return self.attributes[name]
        folded = [known for known in self.attributes if known.casefold() == name.casefold()]
        if len(folded) == 1:
            return self.attributes[folded[0]]
        if folded:
            raise AmbiguousAttribute(name, folded)
        raise UnknownWord("attribute", name, [*self.attributes, "status", "outcome", "month"])

    @property
    def zone(self) -> str:
        """The zone in which instants are spoken: the card's, else UTC."""
        return self.provenance.zone or "UTC"

    @property
    def edited(self) -> bool:
        """Whether event filters changed what follows what."""
        return any(one.keeps == "events" for one in self.filters)

    @property
    def money(self) -> CaseAmount | None:
        """The column in which the cases' money can be added up, and its currency; none where that would add two currencies."""
        rule = self.card.amount
        if rule is not None and rule.reporting is not None:
            return CaseAmount("reported", rule.reporting)
        return CaseAmount("amount", self.facts.currencies[0]) if len(self.facts.currencies) == 1 else None

    @property
    def money_gap(self) -> str:
        """Why the cases' money cannot be added up, and what to declare."""
        if self.facts.money_gap is not None:
            return f"No money is shown for cases: {self.facts.money_gap}."
        if not self.facts.currencies:
            return "No money is shown for cases: no amount could be read."
        return (
            f"Amounts are in {', '.join(currency or 'no known currency' for currency in self.facts.currencies)} and are never added across currencies; "
            'for one figure declare a reporting currency and dated rates on the card: [amount] reporting = "EUR", [[rates]] currency = "USD", from = 2024-01-01, rate = "0.92".'
        )

    @property
    def status_gap(self) -> str:
        """Why finished and running cases cannot be told apart where no end activity is declared, and what to declare."""
        return (
            "No end activity is declared, so nobody can say which cases still run: all are counted as they stand, with the time up to their last unit. "
            'Declare on the card how cases end: [outcomes] paid = ["Pay invoice"].'
        )

    def to_pm4py(self) -> pd.DataFrame:
        """The log, as filtered, as a frame with the column names of pm4py and all attributes of the source rows.

        An attribute that is the same throughout each case is one of the case: ``case:NAME``. Resources are shown as the card
        says; attributes are as they are in the source. Rows stand in the one total order within each case, so that ties keep
        their order.
        """
        from finmine.relations.recorded import PM4PY_NAMES, carried, pm4py_names, recorded

        attributes = carried(self)
        numbered = {f"attribute {place}": one for place, one in enumerate(attributes.values())}
        rows = self.engine.fetch(recorded(self, numbered, text=False).order_by("case_code", "position"), limit=sys.maxsize)
        frame: pd.DataFrame = rows.table.drop_columns(["case_code", "position"]).to_pandas()
        named = dict(zip(numbered, pm4py_names(self, attributes).values(), strict=True))
        return frame.rename(columns={**PM4PY_NAMES, **named})

    def activity_names(self) -> tuple[str, ...]:
        """The activities of the log as read, in the order of their codes."""
        return tuple(row[0] for row in self.engine.rows(f'SELECT label FROM "{self.tables.activities}" ORDER BY "activity"'))

    def _repr_html_(self) -> str:
        import html

        return f"<p>{html.escape(repr(self))}</p>"

    def __repr__(self) -> str:
        filtered = "".join(f"\n  keeping {one.keeps}: {one.words()}" for one in self.filters)
        sources = ", ".join(source.name for source in self.provenance.sources)
        return f"EventLog of {self.facts.cases:,} cases and {self.facts.units:,} {self.facts.unit}s as read from {sources}{filtered}"
