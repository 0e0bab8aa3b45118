"""What an answer shows: a few kinds of block, by the shape of their data.

A result says *what there is to see*; the files in ``render`` decide how it looks. Blocks hold plain
values (durations and working times are whole microseconds, instants are microseconds since 1970 UTC, shares run from 0
to 1, money is ``Decimal``) and never hold events.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Self, TypeAlias

Cell: TypeAlias = str | int | float | bool | Decimal | None
Kind: TypeAlias = Literal["text", "count", "number", "share", "duration", "working", "instant", "day", "money", "flag"]
Clock: TypeAlias = Literal["elapsed", "working"]


class WorkingTime(int):
    """Working time in microseconds, for a column of the kind ``working``, with the working day of its calendar in which it is spoken."""

    day: int

    def __new__(cls, microseconds: int, day: int) -> Self:
        """So much working time, where a working day has ``day`` microseconds."""
        made = super().__new__(cls, microseconds)
        made.day = day
        return made


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its machine name, its heading (a word of the glossary) and its kind."""

    name: str
    title: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns; ``total`` is the number of rows there are when only some are held, and ``brief`` how many a text or page shows at most."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int | None = None
    brief: int | None = None

    def column(self, name: str) -> tuple[Cell, ...]:
        """The cells of one column, top to bottom."""
        place = [column.name for column in self.columns].index(name)
        return tuple(row[place] for row in self.rows)

    def kind(self, name: str) -> Kind:
        """The kind of one column."""
        return next(column.kind for column in self.columns if column.name == name)


@dataclass(frozen=True, slots=True)
class Headline:
    """A claim in plain words, ranked against others by ``weight``: the share of all time, money or cases (``of``) that it is about."""

    text: str
    weight: float = 0.0
    of: Literal["time", "money", "cases"] = "cases"


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Definition:
    """What a number means: the term, its meaning, and where the definition comes from."""

    term: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Caveat:
    """A limit of the answer, said beside the number."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Single values with their names, in order."""

    title: str
    facts: tuple[tuple[str, Cell, Kind], ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """A table whose ``value`` column is drawn as one horizontal bar for each ``label``, in the order of the rows.

    With ``parts``, columns that add up to the value, a picture stacks them in the bar.
    """

    table: Table
    label: str
    value: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """A table whose ``lines`` columns are drawn against its ``x`` column; ``steps`` draws stairs instead of slopes.

    At each of ``marks``, values of the ``x`` column or between them, a rule is drawn from top to bottom.
    """

    table: Table
    x: str
    lines: tuple[str, ...]
    steps: bool = False
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Waterfall:
    """A table whose ``value`` column leads from the level in its first row to that in its last, over the changes in the rows between.

    The first value and all changes add up to the last value exactly.
    """

    table: Table
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table drawn as a heat map: a square for each pair of ``row`` and ``column``, the darker the larger its ``value``.

    Each pair stands in the table at most once; a pair without a row has an empty square. ``order`` gives the labels of both
    sides in their order; without it labels stand in the order of the rows.
    """

    table: Table
    row: str
    column: str
    value: str
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intervals:
    """A table whose ``value`` column is drawn as a point on the line from ``low`` to ``high`` for each ``label`` (a forest plot).

    All three columns are of one kind; where a limit is missing, only the point is drawn. ``beside`` names three more columns of that kind, a value and
    its limits, which are drawn as a second line under the first.
    """

    table: Table
    label: str
    value: str
    low: str
    high: str
    beside: tuple[str, str, str] | None = None

    @property
    def series(self) -> tuple[tuple[str, str, str], ...]:
        """The value, low and high columns of each line of a row."""
        first = (self.value, self.low, self.high)
        return (first, self.beside) if self.beside else (first,)


@dataclass(frozen=True, slots=True)
class Spans:
    """A table whose rows are drawn as spans along an axis, from the column ``since`` to the column ``until``, in the lane of their ``lane``.

    Lanes stand in the order of the rows; ``mark`` colours the spans. ``slanted`` draws each from the top of its lane to the
    bottom, so that spans which cross show who was overtaken; else they lie, and a lane is one bar (or several after one another).
    """

    table: Table
    lane: str
    since: str
    until: str
    mark: str
    slanted: bool = False


@dataclass(frozen=True, slots=True)
class Contrast:
    """The shares of the cases of two sides that have something; ``q`` says how sure the difference is, and is missing where nobody tested it."""

    first: float
    second: float
    q: float | None

    @property
    def difference(self) -> float:
        """The first share less the second."""
        return self.first - self.second


@dataclass(frozen=True, slots=True)
class MapNode:
    """An activity of a process map; ``start`` and ``end`` count the cases that begin and finish with it.

    ``contrast`` is there where the map compares two sides.
    """

    key: int
    label: str
    events: int
    cases: int
    start: int
    end: int
    contrast: Contrast | None = None


@dataclass(frozen=True, slots=True)
class MapEdge:
    """A directly-follows relation of a process map with its counts and the time between the two completions (missing where none is known).

    ``back`` counts the steps to an activity that occurred before in the case; ``waits`` is the waiting on the steps by cause, most first, and
    ``cost`` what the time on them costs; ``contrast`` is that of two sides. Each is missing where nobody asked for it.
    """

    source: int
    target: int
    steps: int
    cases: int
    mean: int | None
    median: int | None
    p90: int | None
    total: int
    back: int | None = None
    waits: tuple[tuple[str, int], ...] | None = None
    cost: Decimal | None = None
    contrast: Contrast | None = None

    @property
    def waiting(self) -> int:
        """All waiting on the steps; nought where nobody asked for it."""
        return sum(time for _, time in self.waits or ())


@dataclass(frozen=True, slots=True)
class Map:
    """The whole directly-follows graph with every measure; how much of it is visible is an argument of drawing.

    ``nodes`` and ``edges`` stand in a stable order: most events (steps) first, then by label. ``unit`` says what the nodes
    count: events, or activity instances; ``clock``, what the times of the edges are: elapsed or working time; ``currency``, that of costs.
    ``sides`` names the two sides that a map compares; it then tells of their differences, and of no times.
    """

    title: str
    nodes: tuple[MapNode, ...]
    edges: tuple[MapEdge, ...]
    cases: int
    unit: Literal["event", "instance"] = "event"
    clock: Clock = "elapsed"
    currency: str = ""
    sides: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Diagram:
    """A picture given as DOT source, such as a discovered model, with a sentence that says what it shows; ``colours`` are named above it."""

    title: str
    dot: str
    text: str
    colours: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to be copied as they are, such as a command or the SQL behind a number; ``language`` names what reads them."""

    title: str
    text: str
    language: str


Block: TypeAlias = (
    Headline | Prose | Definition | Caveat | Facts | Table | Bars | Curve | Intervals | Waterfall | Matrix | Spans | Map | Diagram | Code
)


@dataclass(frozen=True, slots=True)
class View:
    """The blocks of one answer in order, under a title; ``zone`` is the IANA zone in which instants are spoken."""

    title: str
    blocks: tuple[Block, ...]
    zone: str = "UTC"
