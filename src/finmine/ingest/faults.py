"""The faults that reading finds: rows that are no events, and stamps that could not be taken as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finmine.engine import Engine, quoted_text
from finmine.errors import Refusal
from finmine.ingest.sources import Raw
from finmine.ingest.stamps import Stamps
from finmine.ingest.swallowed import FAULT

_NOTHING = "NULL::VARCHAR"
_NO_FAULT = (
    f'SELECT {_NOTHING} AS fault, false AS kept, {_NOTHING} AS case_label, NULL::SMALLINT AS "source", NULL::BIGINT AS "row", '
    f'{_NOTHING} AS "column", {_NOTHING} AS found WHERE false'
)


class FaultyLog(Refusal):
    """Some rows of a log have no case, activity or readable time, and nobody has said what to do with them."""

    def __init__(self, counts: Sequence[tuple[str, int, str]], faulty: int, rows: int) -> None:
        said = "; ".join(f"{count:,} × {fault} ({where})" for fault, count, where in counts)
        super().__init__(
            f"{faulty:,} of {rows:,} rows cannot be read as events: {said}. "
            "Mend them in the source, or read without them with --faulty-rows leave-out; they are then counted in every answer's provenance."
        )


@dataclass(frozen=True, slots=True)
class ReadingFaults:
    """The table of the faults found at reading, with its script, and a summary of the rows that are no events.

    The table has a row for each fault of a row: ``fault``, ``kept`` (whether the row is an event all the same),
    ``case_label``, ``source``, ``row``, ``column`` and what was ``found`` there. ``counts`` gives for each fault of rows
    that are no events its name, its rows and its first place; ``left_out`` is the number of such rows. ``doubtful`` are the
    faults of rows that are events.
    """

    table: str
    script: tuple[str, ...]
    counts: tuple[tuple[str, int, str], ...]
    left_out: int
    doubtful: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Check:
    """A condition on rows: the fault it shows, the column, SQL of the condition and of what is found there."""

    fault: str
    column: str
    condition: str
    found: str = _NOTHING
    kept: bool = False


def find_faults(
    engine: Engine, raw: Raw, case: tuple[str, str], activity: tuple[str, str] | None, readings: Sequence[tuple[str, Stamps]]
) -> ReadingFaults:
    """Find the faulty rows of the sources.

    ``case`` and ``activity`` are a column's name and the SQL of its label; where there is no column for the activity, an
    empty time is no event and no fault. ``readings`` are the columns of stamps by name, the time of completion first.
    """
    checks = [_Check("no case", case[0], f"{case[1]} IS NULL")]
    if activity is not None:
        checks.append(_Check("no activity", activity[0], f"{activity[1]} IS NULL"))
        checks.append(_Check("no time", readings[0][0], readings[0][1].absent))
    for column, stamps in readings:
        checks.append(_Check("unreadable time", column, f"NOT ({stamps.absent}) AND NOT ({stamps.readable})", stamps.written))
        doubtful = {
            "local time that the clocks skipped": stamps.skipped,
            "local time that the clocks showed twice": stamps.repeated,
            "stamp finer than a microsecond": stamps.finer,
        }
        checks += [_Check(fault, column, condition, stamps.written, kept=True) for fault, condition in doubtful.items() if condition != "false"]
    present = engine.rows(f'SELECT {", ".join(f"count(*) FILTER ({check.condition})" for check in checks)} FROM "{raw.table}"')[0]
    selects = [_rows(check, raw, case[1]) for check, count in zip(checks, present, strict=True) if count]
    broken = [(number, row) for number, staged in enumerate(raw.staged) for row in staged.faulty]
    selects += [
        f"SELECT 'broken row', false, {_NOTHING}, {number}::SMALLINT, {row.row}::BIGINT, {_NOTHING}, {quoted_text(row.found)}"
        for number, row in broken
    ]
    selects += [
        f"SELECT {quoted_text(FAULT)}, true, {_NOTHING}, {number}::SMALLINT, {row.row}::BIGINT, {_NOTHING}, {quoted_text(row.found)}"
        for number, staged in enumerate(raw.staged)
        for row in staged.swallowing
    ]
    table = engine.name("faults")
    statement = f'CREATE TABLE "{table}" AS {" UNION ALL ".join((_NO_FAULT, *selects))}'
    engine.run(statement)
    left_out = engine.value(f'SELECT count(DISTINCT ("source", "row")) FROM "{table}" WHERE NOT kept')
    known = frozenset(str(row[0]) for row in engine.rows(f'SELECT DISTINCT fault FROM "{table}" WHERE kept'))
    return ReadingFaults(table, (statement,), _counts(engine, raw, table), int(left_out), known)


def _rows(check: _Check, raw: Raw, case: str) -> str:
    return (
        f'SELECT {quoted_text(check.fault)}, {"true" if check.kept else "false"}, {case}, "source"::SMALLINT, "row"::BIGINT, '
        f'{quoted_text(check.column)}, {check.found} FROM "{raw.table}" WHERE {check.condition}'
    )


def _counts(engine: Engine, raw: Raw, table: str) -> tuple[tuple[str, int, str], ...]:
    first = '("source", "row")'
    found = engine.rows(
        f'SELECT fault, count(DISTINCT {first}), min("source"), arg_min("row", {first}), '
        f"arg_min(coalesce(\"column\", ''), {first}), arg_min(coalesce(found, ''), {first}) "
        f'FROM "{table}" WHERE NOT kept GROUP BY fault ORDER BY 2 DESC, 1'
    )
    return tuple(
        (
            fault,
            int(count),
            f"first in {raw.staged[source].name} row {row}" + (f", column {column!r}" if column else "") + (f": {found!r}" if found else ""),
        )
        for fault, count, source, row, column, found in found
    )
