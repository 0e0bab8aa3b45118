"""Finding the files of a log and laying them before the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from finmine.engine import Engine, quoted_text
from finmine.errors import Refusal
from finmine.ingest.csv import stage_csv
from finmine.ingest.excel import stage_excel
from finmine.ingest.frames import stage_frame
from finmine.ingest.parquet import stage_parquet, stage_placed
from finmine.ingest.staging import EmptySource, NoSuchFile, Staged
from finmine.ingest.xes_header import XesHeader

_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".xls", ".xlsb", ".ods", ".xes")
_WORKBOOKS = (".xlsx", ".xls", ".xlsb", ".ods")
_HIDDEN = (".", "~$")
_MOST_NAMED = 8  # files or columns that a note names
PLAIN_TYPES = ("VARCHAR", "BOOLEAN", "DOUBLE", "BIGINT", "INTEGER", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS")


class UnknownFormat(Refusal):
    """A file's name does not say what it holds."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} has none of the endings that can be read: {', '.join(_SUFFIXES)} (also with .gz).")


class FolderWithoutLogs(Refusal):
    """A folder holds no file that can be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"the folder {str(path)!r} holds no file that ends with {', '.join(_SUFFIXES)}.")


class NoSheets(Refusal):
    """A sheet was named, and no source is a workbook."""

    def __init__(self, sheet: str, names: Sequence[str]) -> None:
        held = f"{names[0]} holds" if len(names) == 1 else f"the sources ({', '.join(names[:3])}{', …' if len(names) > 3 else ''}) hold"
        super().__init__(f"the sheet {sheet!r} was named, and {held} no sheets; leave --sheet out, or name a workbook ({', '.join(_WORKBOOKS)}).")


class SameSourceTwice(Refusal):
    """Two sources of one log have the same content."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second} have the same content, and each event must be read once; name only one of them, or remove the copy.")


@dataclass(frozen=True, slots=True)
class Raw:
    """All sources as one table: the columns ``source``, ``row`` and ``c0 … cN``, named as in the sources."""

    table: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    staged: tuple[Staged, ...]
    script: tuple[str, ...]

    def column(self, name: str) -> tuple[str, str]:
        """The SQL name and type of a column."""
        place = self.names.index(name)
        return f"c{place}", self.types[place]

    def glance(self, engine: Engine) -> dict[str, str | None]:
        """A value of each column among the first rows, if it has any there."""
        values = engine.rows(
            f'SELECT {", ".join(f"min(c{place}::VARCHAR)" for place in range(len(self.names)))} FROM (SELECT * FROM "{self.table}" LIMIT 100)'
        )[0]
        return dict(zip(self.names, values, strict=True))

    def samples(self, engine: Engine) -> dict[str, str]:
        """A value of each column, for a refusal that asks which column is which."""
        return {name: "empty" if value is None else repr(str(value)[:40]) for name, value in self.glance(engine).items()}


def files_of(path: Path) -> list[Path]:
    """The file itself, or the readable files of a folder in order of name; hidden files and the lock files of Excel are none.

    Raises:
        NoSuchFile: the path does not exist.
        FolderWithoutLogs: the folder has no file that can be read.
    """
    if not path.exists():
        raise NoSuchFile(path)
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith(_HIDDEN) and kind_of(file) is not None)
    if not found:
        raise FolderWithoutLogs(path)
    return found


def kind_of(path: Path) -> str | None:
    """The ending that says what a file holds, without ``.gz``."""
    name = path.name.casefold().removesuffix(".gz")
    return next((suffix for suffix in _SUFFIXES if name.endswith(suffix)), None)


def refuse_sheet(sheet: str | None, sources: Sequence[Any]) -> None:
    """Refuse a named sheet where no source is a workbook, so that the name is not passed over in silence.

    Raises:
        NoSheets: no source is a workbook.
    """
    if sheet is not None and not any(isinstance(one, Path) and kind_of(one) in _WORKBOOKS for one in sources):
        raise NoSheets(sheet, [one.name if isinstance(one, Path) else "the table in memory" for one in sources])


def stage(engine: Engine, source: Any, sheet: str | None, progress: Callable[[str], None]) -> Staged:
    """Lay one source before the engine, in the way of its format."""
    if not isinstance(source, Path):
        return stage_frame(engine, source)
    kind = kind_of(source)
    if kind is None:
        raise UnknownFormat(source)
    if source.stat().st_size == 0:
        raise EmptySource(source.name)
    progress(f"reading {source.name}")
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(_sha256, source)
        if kind in (".csv", ".tsv", ".txt"):
            staged = stage_csv(engine, source, "")
        elif kind == ".parquet":
            staged = stage_parquet(engine, source, "")
        elif kind == ".xes":
            staged = stage_xes(engine, source, "")
        else:
            staged = stage_excel(engine, source, "", sheet)
        return replace(staged, sha256=digest.result())


def stage_xes(engine: Engine, path: Path, sha256: str) -> Staged:
    """Stream an XES file into the engine's folder."""
    from finmine.ingest.xes import read_xes

    target = engine.folder / f"{engine.name('xes')}.parquet"
    header = read_xes(path, target)
    if header.events == 0:
        raise EmptySource(path.name)
    staged = stage_placed(engine, target, path.name, sha256, path.stat().st_size, None)
    proposed = {
        role: column
        for role, column in (
            ("case", "case:concept:name"),
            ("activity", "concept:name"),
            ("timestamp", "time:timestamp"),
            ("lifecycle", "lifecycle:transition"),
            ("resource", "org:resource"),
            ("role", "org:role"),
        )
        if column in staged.names
    }
    return replace(staged, format="xes", proposed=proposed, notes=tuple(_notes(path.name, header)))


def _notes(name: str, header: XesHeader) -> Iterator[str]:
    """What the header of an XES file says that the columns do not: traces without events, and other ways to name an activity."""
    if header.empty_traces:
        yield f"{name}: {header.empty_traces:,} traces without events are not in the log"
    for classifier in header.classifiers:
        if classifier.scope in (None, "event") and classifier.keys not in (("concept:name",), ("org:resource",)):
            keys = " + ".join(map(repr, classifier.keys))
            yield f"{name}: its classifier {classifier.name!r} tells events apart by {keys}; the activity is another column unless you name these"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refuse_repeated(staged: list[Staged]) -> None:
    """Refuse the same content read twice, which would double its events.

    Raises:
        SameSourceTwice: two sources have the same SHA-256.
    """
    seen: dict[str, str] = {}
    for source in staged:
        if source.sha256 in seen:
            raise SameSourceTwice(seen[source.sha256], source.name)
        seen[source.sha256] = source.name


def together(engine: Engine, staged: list[Staged]) -> Raw:
    """All sources as one view; a column that some of them lack is missing there."""
    refuse_repeated(staged)
    names = list(dict.fromkeys(name for source in staged for name in source.names))
    types = [_common_type([source.types[source.names.index(name)] for source in staged if name in source.names]) for name in names]
    table = engine.name("raw")

    def union(which: str) -> str:
        return " UNION ALL ".join(_renumbered(number, source, names, types, which) for number, source in enumerate(staged))

    engine.run(f'CREATE VIEW "{table}" AS {union("select")}')
    if all(source.script is not None for source in staged):
        script = [f'CREATE TEMP TABLE "{table}" AS {union("script")}']
    else:
        script = [
            f"-- plain DuckDB cannot read {', '.join(source.name for source in staged if source.script is None)}; write the rows as they were read with:",
            "--   finmine write LOG --as-read --output as_read.parquet",
            f'CREATE TEMP TABLE "{table}" AS SELECT * FROM read_parquet({quoted_text("as_read.parquet")})',
        ]
    return Raw(table, tuple(names), tuple(types), tuple(staged), tuple(script))


def differing_columns(staged: Sequence[Staged]) -> list[str]:
    """Which columns some of the files lack, a sentence for each set of files that lack the same."""
    names = dict.fromkeys(name for source in staged for name in source.names)
    lacking: dict[tuple[str, ...], list[str]] = {}
    for source in staged:
        if absent := tuple(name for name in names if name not in source.names):
            lacking.setdefault(absent, []).append(source.name)
    return [
        f"{_few(files)}: no column {_few(list(map(repr, absent)))}, which other files have; it is missing there" for absent, files in lacking.items()
    ]


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else "")


def _common_type(types: list[str]) -> str:
    kind = types[0]
    plain = kind in PLAIN_TYPES or kind.startswith("DECIMAL")
    return kind if plain and all(other == kind for other in types) else "VARCHAR"


def _renumbered(number: int, source: Staged, names: list[str], types: list[str], which: str) -> str:
    columns = []
    for place, (name, kind) in enumerate(zip(names, types, strict=True)):
        if name in source.names:
            at = source.names.index(name)
            value = f"c{at}" if source.types[at] == kind else f"c{at}::VARCHAR"
            columns.append(f"{value} AS c{place}")
        else:
            columns.append(f"NULL::{kind} AS c{place}")
    query = source.select if which == "select" else source.script
    return f'SELECT {number}::SMALLINT AS "source", "row"::BIGINT AS "row", {", ".join(columns)} FROM ({query})'
