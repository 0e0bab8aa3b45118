"""Joining a table with one row for each case to the rows of a log, by the text of the case."""

from __future__ import annotations

from dataclasses import replace

from finmine.engine import Engine
from finmine.errors import Refusal, UnknownWord
from finmine.ingest.csv import numbered, unique_names
from finmine.ingest.sources import Raw
from finmine.ingest.staging import Staged
from finmine.words import plural


class RepeatedCase(Refusal):
    """A case table has several rows for a case."""

    def __init__(self, name: str, case: str, times: int, cases: int) -> None:
        super().__init__(
            f"{name} has {times} rows for case {case!r} (and {plural(cases, 'such case')} in all); a case table has one row for each case."
        )


def join_cases(engine: Engine, raw: Raw, case: str, staged: Staged, key: str) -> tuple[Raw, tuple[str, ...]]:
    """The log's rows with the columns of the case table, and notes on cases that only one of the two knows.

    Raises:
        UnknownWord: the case table has no such column.
        RepeatedCase: the case table has several rows for a case.
    """
    if key not in staged.names:
        raise UnknownWord(f"column in the case table {staged.name}", key, staged.names)
    ours, theirs = raw.column(case)[0], f"c{staged.names.index(key)}"
    repeated = engine.rows(
        f"SELECT {theirs}::VARCHAR, count(*), count(*) OVER () FROM ({staged.select}) WHERE {theirs} IS NOT NULL GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
    )
    if repeated:
        raise RepeatedCase(staged.name, *repeated[0])
    kept = [place for place, name in enumerate(staged.names) if name != key]
    given = [*raw.names, *(staged.names[place] for place in kept)]
    names = unique_names(given)
    first = len(raw.names)
    columns = ", ".join(f"t.c{place} AS c{first + number}" for number, place in enumerate(kept))
    table = engine.name("raw")

    def joining(rows: str, select: str) -> str:
        return f'SELECT r.*, {columns} FROM "{rows}" r LEFT JOIN ({select}) t ON r.{ours}::VARCHAR = t.{theirs}::VARCHAR'

    engine.run(f'CREATE VIEW "{table}" AS {joining(raw.table, staged.select)}')
    script = (*raw.script, f'CREATE TEMP TABLE "{table}" AS {joining(raw.table, staged.script)}') if staged.script else raw.script
    joined = replace(raw, table=table, names=tuple(names), types=(*raw.types, *(staged.types[place] for place in kept)), script=script)
    return joined, (*_strangers(engine, raw, ours, staged, theirs), *numbered(f"the log with case table {staged.name}", given))


def _strangers(engine: Engine, raw: Raw, ours: str, staged: Staged, theirs: str) -> tuple[str, ...]:
    log = f'SELECT DISTINCT {ours}::VARCHAR AS label FROM "{raw.table}" WHERE {ours} IS NOT NULL'
    table = f"SELECT DISTINCT {theirs}::VARCHAR AS label FROM ({staged.select}) WHERE {theirs} IS NOT NULL"
    without = int(engine.value(f"SELECT count(*) FROM ({log} EXCEPT {table})"))
    unused = int(engine.value(f"SELECT count(*) FROM ({table} EXCEPT {log})"))
    notes = [f"case table {staged.name}: joined by {staged.names[int(theirs[1:])]!r}"]
    if without:
        notes.append(f"case table {staged.name}: {plural(without, 'case')} of the log {'is' if without == 1 else 'are'} not in it")
    if unused:
        notes.append(f"case table {staged.name}: {plural(unused, 'row belongs', 'rows belong')} to no case of the log")
    return tuple(notes)
