"""Proposing roles by what columns hold, where no name tells: stamps, and the case and the activity that make the order most regular.

Of all pairs of a column whose values repeat and a column of few texts, the case and the activity are the pair for which knowing
an activity helps most to tell the next one of the case (Goodman and Kruskal's lambda, times the share of steps that change the
activity, so that what is the same throughout a case is none). Whatever is taken is said, and so is what could be meant as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from finmine.engine import Engine, literal_list
from finmine.ingest.held import FIRST_ROWS, Held, held, stamps_of, text_sql
from finmine.ingest.sources import Raw
from finmine.ingest.stamps import Stamps
from finmine.vocabulary import COMPLETING, STARTING, DateOrder
from finmine.words import count, plural

_LEAST_REGULAR, _NEAR = 0.5, 0.85
_MOST_CASES, _MOST_ACTIVITIES, _MOST_COMPARED = 4, 40, 3
_FEW = 20


@dataclass(frozen=True, slots=True)
class Taken:
    """The columns taken for a role by their values, why, and which others could be meant as well."""

    role: str
    columns: tuple[str, ...]
    reason: str
    others: tuple[str, ...] = ()

    def notes(self) -> list[str]:
        """What was assumed and what is open, in words."""
        said = [f"{self.role}: column {' + '.join(self.columns)!r} (by its values: {self.reason})"]
        if self.others:
            named = ", ".join(map(repr, self.others))
            said.append(f"{self.role}: {' + '.join(self.columns)!r} was taken; {named} could be meant as well (say it with --{self.role})")
        return said


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a log hold in its first rows, and how its stamps may be read."""

    engine: Engine
    first: Raw
    missing: str
    zone: str | None
    order: DateOrder | None
    all: tuple[Held, ...]
    stamped: frozenset[str]

    def free(self, known: Mapping[str, tuple[str, ...]]) -> list[Held]:
        """The columns that play no known role."""
        played = {name for names in known.values() for name in names}
        return [one for one in self.all if one.name not in played]

    def dated(self, known: Mapping[str, tuple[str, ...]]) -> list[Held]:
        """The columns without a known role that hold dates."""
        return [one for one in self.free(known) if one.name in self.stamped]

    def texts(self, known: Mapping[str, tuple[str, ...]]) -> list[Held]:
        """The columns without a known role that hold neither dates nor times of day."""
        return [one for one in self.free(known) if one.name not in self.stamped and not one.is_clock]

    def named(self, names: Sequence[str]) -> list[Held]:
        """The columns of these names."""
        return [one for name in names for one in self.all if one.name == name]

    def stamps(self, columns: Sequence[Held]) -> Stamps | None:
        """How a column, or a date and a clock column, are read as stamps; nothing where they are none."""
        return stamps_of(self.engine, self.first, columns, self.zone, self.order, self.missing)


def columns_of(engine: Engine, first: Raw, zone: str | None, order: DateOrder | None, missing: str, names: Sequence[str] | None = None) -> Columns:
    """The columns of a log (or those of these names) as its first rows show them."""
    found = Columns(engine, first, missing, zone, order, tuple(held(engine, first, names or first.names, missing)), frozenset())
    return replace(found, stamped=frozenset(one.name for one in found.all if one.looks_dated and found.stamps([one]) is not None))


def propose_by_values(columns: Columns, known: Mapping[str, tuple[str, ...]]) -> list[Taken]:
    """Columns for the case, the activity, the timestamp and the lifecycle where these are not known."""
    found = [] if "timestamp" in known else _timestamp(columns, known)
    texts = columns.texts(known)
    lifecycles = [one for one in texts if one.is_lifecycle]
    if "lifecycle" not in known and len(lifecycles) == 1 and set(STARTING) <= {value.casefold() for value in lifecycles[0].values}:
        found.append(Taken("lifecycle", (lifecycles[0].name,), "transitions"))
    if "case" not in known or "activity" not in known:
        roles = {**known, **{taken.role: taken.columns for taken in found}}
        found += _case_and_activity(columns, known, [one for one in texts if not one.is_lifecycle], _order(columns, roles))
    return found


def document(columns: Columns, known: Mapping[str, tuple[str, ...]]) -> list[Taken]:
    """The column that tells the rows of a table with one row per document apart: another value in each."""
    each = [one for one in columns.texts(known) if one.filled == one.distinct == one.rows and not one.is_measure]
    return [Taken("case", (each[0].name,), "another one in each row", tuple(one.name for one in each[1:]))] if each else []


def as_stamped(columns: Columns, taken: str) -> list[str]:
    """The other columns that have a stamp in every row, about as many different ones as a column, and as exact: where that one tells hours, so do they."""
    chosen = columns.named([taken])[0]
    return [
        one.name
        for one in columns.all
        if one is not chosen
        and one.name in columns.stamped
        and one.full
        and 2 * one.distinct >= chosen.distinct
        and (chosen.is_day or not one.is_day)
    ]


def other_half(columns: Columns, known: Mapping[str, tuple[str, ...]], name: str) -> tuple[str, str] | None:
    """The date and the clock column of a stamp of which ``name`` is one; nothing where it stands alone or several could be the other."""
    half = columns.named([name])[0]
    if half.is_clock:
        dates = [one for one in columns.dated(known) if one.is_day and one.full]
        return (dates[0].name, name) if len(dates) == 1 else None
    clock = _clock_beside(columns, known, half)
    return (name, clock.name) if clock else None


def _clock_beside(columns: Columns, known: Mapping[str, tuple[str, ...]], date: Held) -> Held | None:
    """The one column of clock times for a column of mere dates; nothing where there is none, or more than one."""
    clocks = [one for one in columns.free(known) if one is not date and one.is_clock and one.filled >= 0.9 * date.filled]
    return clocks[0] if len(clocks) == 1 and date.is_day else None


def _timestamp(columns: Columns, known: Mapping[str, tuple[str, ...]]) -> list[Taken]:
    """The column of stamps with the most different ones; of several that are alike, the one that is latest on average."""
    full = [one for one in columns.dated(known) if one.full]
    if not full:
        return []
    most = max(one.distinct for one in full)
    alike = [one for one in full if 2 * one.distinct >= most]
    readings = [columns.stamps([one]) for one in alike]
    means = ", ".join(f"avg({reading.utc})" for reading in readings if reading)
    latest = columns.engine.rows(f'SELECT {means} FROM "{columns.first.table}"')[0]
    chosen = max(zip(latest, alike, strict=True), key=lambda entry: entry[0])[1]
    clock = _clock_beside(columns, known, chosen)
    reason = f"{plural(chosen.distinct, 'different stamp')}" + (f", on average later than those of {_names(alike, chosen)}" if len(alike) > 1 else "")
    others = tuple(one.name for one in alike if one is not chosen)
    return [
        Taken("timestamp", (chosen.name, clock.name), "dates and clock times", others)
        if clock
        else Taken("timestamp", (chosen.name,), reason, others)
    ]


def _names(columns: Sequence[Held], but: Held) -> str:
    return ", ".join(repr(one.name) for one in columns if one is not but)


@dataclass(frozen=True, slots=True)
class Order:
    """SQL for the time by which rows are ordered, and for the rows that count: completions, where transitions are known."""

    time: str
    kept: str


def _order(columns: Columns, roles: Mapping[str, tuple[str, ...]]) -> Order:
    reading = columns.stamps(columns.named(roles["timestamp"])) if "timestamp" in roles else None
    transitions = columns.named(roles.get("lifecycle", ()))
    kept = f"lower({transitions[0].column}) IN {literal_list(COMPLETING)}" if transitions and transitions[0].is_lifecycle else "true"
    return Order(reading.utc if reading else "0", kept)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A column as the case, one as the activity, and how regular the order of the activities then is, from 0 to 1."""

    case: Held
    activity: Held
    regular: float


def _case_and_activity(columns: Columns, known: Mapping[str, tuple[str, ...]], texts: Sequence[Held], order: Order) -> list[Taken]:
    """The most regular pair; activities are compared within the finest case first, then the best of them within coarser ones."""
    ids = [one for one in texts if one.full and one.repeats and not one.is_measure]
    few = [one for one in texts if one.full and one.repeats and one.is_text and one.distinct <= max(_FEW, 0.02 * one.rows)]
    cases = columns.named(known["case"][:1]) if "case" in known else sorted(ids, key=lambda one: -one.distinct)[:_MOST_CASES]
    activities = columns.named(known["activity"][:1]) if "activity" in known else few[:_MOST_ACTIVITIES]
    finest = sorted((_pair(columns, case, activity, order) for case, activity in product(cases[:1], activities)), key=_regular_first)
    pairs = finest + [_pair(columns, case, pair.activity, order) for case, pair in product(cases[1:], finest[:_MOST_COMPARED])]
    pairs = sorted((pair for pair in pairs if pair.regular >= _LEAST_REGULAR), key=_regular_first)
    if not pairs:
        return []
    best, near = pairs[0], [pair for pair in pairs if pair.regular >= _NEAR * pairs[0].regular]
    case = f"{count(best.case.distinct)} different in {_rows(best.case)}"
    activity = f"{plural(best.activity.distinct, 'text')}, which tell best what follows within a case"
    found = (
        Taken("case", (best.case.name,), case, _others(best.case, [pair.case for pair in near])),
        Taken("activity", (best.activity.name,), activity, _others(best.activity, [pair.activity for pair in near])),
    )
    return [taken for taken in found if taken.role not in known]


def _rows(column: Held) -> str:
    return f"the first {column.rows:,} rows" if column.rows == FIRST_ROWS else plural(column.rows, "row")


def _others(chosen: Held, near: Sequence[Held]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in near if one is not chosen))


def _regular_first(pair: _Pair) -> tuple[float, int]:
    return -round(pair.regular, 3), -pair.case.distinct


def _pair(columns: Columns, case: Held, activity: Held, order: Order) -> _Pair:
    """How much knowing an activity helps to tell the next (beginnings and ends of cases count too), times the share of steps that change it."""
    if case.distinct <= activity.distinct:
        return _Pair(case, activity, 0.0)
    label, key = (text_sql(one.column, one.type, columns.missing) for one in (activity, case))
    right, blind, steps, changes, inner = columns.engine.rows(
        f"WITH placed AS (SELECT {label} AS here, lead({label}) OVER w AS next, lag({label}) OVER w IS NULL AS first "
        f'FROM "{columns.first.table}" WHERE {key} IS NOT NULL AND {label} IS NOT NULL AND {order.kept} '
        f'WINDOW w AS (PARTITION BY {key} ORDER BY {order.time}, "source", "row")), '
        "pairs AS (SELECT here, next, count(*) AS n FROM (SELECT here, next FROM placed UNION ALL SELECT NULL, here FROM placed WHERE first) GROUP BY ALL) "
        "SELECT (SELECT sum(most) FROM (SELECT max(n) AS most FROM pairs GROUP BY here)), (SELECT max(many) FROM (SELECT sum(n) AS many FROM pairs GROUP BY next)), "
        "sum(n), coalesce(sum(n) FILTER (here <> next), 0), coalesce(sum(n) FILTER (here IS NOT NULL AND next IS NOT NULL), 0) FROM pairs"
    )[0]
    return _Pair(case, activity, float((right - blind) / (steps - blind) * changes / inner) if inner and steps > blind else 0.0)
