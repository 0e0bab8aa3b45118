"""Texts that a spreadsheet would run as a formula: written to CSV behind an apostrophe, which reading takes away again."""

from __future__ import annotations

from dataclasses import replace

from finmine.engine import Engine, quoted_name, quoted_text
from finmine.ingest.staging import Staged
from finmine.render.csv import FORMULA_SIGNS

_FORMULA = f"[{''.join(FORMULA_SIGNS).replace('-', chr(92) + '-')}]"
_NUMBER = r"[+-][0-9.,]*[0-9]"


def _behind_apostrophe(column: str) -> str:
    """SQL for a text with an apostrophe in front where it begins as a formula and is no number, also behind apostrophes of its own."""
    begins = quoted_text(f"^'*{_FORMULA}")
    return f"CASE WHEN regexp_matches({column}, {begins}) AND NOT regexp_full_match({column}, {quoted_text(_NUMBER)}) THEN '''' || {column} ELSE {column} END"


def _as_meant(column: str) -> str:
    """SQL for a text without the apostrophe that stands before a formula: what ``_behind_apostrophe`` was given."""
    begins = quoted_text(f"^'+{_FORMULA}")
    return f"CASE WHEN regexp_matches({column}, {begins}) THEN substr({column}, 2) ELSE {column} END"


def harmless(engine: Engine, sql: str) -> str:
    """A query with the same columns, of which those of text, and all names, begin as no formula."""
    columns = engine.describe(sql)
    shown = engine.rows(f"SELECT {', '.join(_behind_apostrophe(quoted_text(name)) for name, _ in columns)}")[0]
    values = (_behind_apostrophe(quoted_name(name)) if kind == "VARCHAR" else quoted_name(name) for name, kind in columns)
    return f"SELECT {', '.join(f'{value} AS {quoted_name(str(name))}' for value, name in zip(values, shown, strict=True))} FROM ({sql})"


def meant(engine: Engine, staged: Staged) -> Staged:
    """Delimited text as it was meant by who wrote its formulas behind apostrophes; other formats hold none."""
    if staged.format != "csv":
        return staged
    names = engine.rows(f"SELECT {', '.join(_as_meant(quoted_text(name)) for name in staged.names)}")[0]
    columns = ", ".join(f"{_as_meant(f'c{place}')} AS c{place}" for place in range(len(names)))
    select, script = (None if sql is None else f'SELECT "row", {columns} FROM ({sql})' for sql in (staged.select, staged.script))
    return replace(staged, names=tuple(map(str, names)), select=select or staged.select, script=script)
