"""Reading delimited text: comma, semicolon, tab or bar; UTF-8 or Windows' cp1252; plain or gzip."""

from __future__ import annotations

import codecs
import csv as standard
import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from finmine.engine import Engine, quoted_text
from finmine.ingest.staging import EmptySource, FaultyRow, Staged, UnreadableSource, escape_pattern, from_parquet

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 1 << 18
MOST_FAULTY = 1000


def stage_csv(engine: Engine, path: Path, sha256: str) -> Staged:
    """Read delimited text into the engine; every column stays text exactly as written.

    Raises:
        UnreadableSource: the text has no columns, is neither UTF-8, UTF-16 nor cp1252, or has too many broken rows.
        EmptySource: there is no row under the header.
    """
    zipped = _is_gzip(path)
    encoding = _encoding(path, zipped)
    names, delimiter = _header(path, zipped, encoding)
    notes: list[str] = []
    placed, in_place = _place(engine, path, zipped, encoding)
    rejects = engine.name("rejects")
    reading = _reading(names, delimiter)
    target = engine.folder / f"{engine.name('text')}.parquet"
    _copy(engine, placed, reading, rejects, target)
    faulty = _faulty(engine, rejects)
    if encoding == "utf-8" and any("unicode" in row.found.lower() or "utf" in row.found.lower() for row in faulty):
        encoding = "cp1252"
        placed, in_place = _place(engine, path, zipped, encoding)
        _copy(engine, placed, reading, rejects, target)
        faulty = _faulty(engine, rejects)
    if encoding != "utf-8":
        notes.append(f"{path.name} is not UTF-8; it was read as {encoding}")
    if len(faulty) > MOST_FAULTY:
        first = faulty[0]
        raise UnreadableSource(
            path.name, f"{len(faulty):,} rows do not have the {len(names)} columns of the header (row {first.row}: {first.found})", "export it again"
        )
    types = ("VARCHAR",) * len(names)
    numbered = from_parquet(engine, target, path.name, names, 0)
    shift = _shift([row.row for row in faulty])
    columns = ", ".join(f"c{place}" for place in range(len(names)))
    select = f'SELECT "row" + {shift} AS "row", {columns} FROM ({numbered})'
    if engine.value(f"SELECT count(*) FROM ({select})") == 0 and not faulty:
        raise EmptySource(path.name)
    script = None
    if in_place:
        origin = quoted_text(escape_pattern(str(path.resolve())))
        ignoring = ", ignore_errors = true" if faulty else ""
        script = f'SELECT "row" + {shift} AS "row", {columns} FROM (SELECT row_number() OVER () - 1 AS "row", * FROM read_csv({origin}, {reading}{ignoring}))'
    return Staged(path.name, "csv", tuple(names), types, select, script, sha256, path.stat().st_size, tuple(notes), tuple(faulty))


def _copy(engine: Engine, placed: Path, reading: str, rejects: str, target: Path) -> None:
    engine.run(f"DROP TABLE IF EXISTS {rejects}; DROP TABLE IF EXISTS {rejects}_scan")
    rejecting = f", store_rejects = true, rejects_table = {quoted_text(rejects)}, rejects_scan = {quoted_text(rejects + '_scan')}"
    engine.copy(f"SELECT * FROM read_csv({quoted_text(str(placed))}, {reading}{rejecting})", target, "FORMAT parquet, COMPRESSION snappy")


def _reading(names: Sequence[str], delimiter: str) -> str:
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(names)))
    quoting = "quote = '\"', escape = '\"'"
    return f"auto_detect = false, header = true, delim = {quoted_text(delimiter)}, {quoting}, columns = {{{columns}}}, max_line_size = 16777216"


def _faulty(engine: Engine, rejects: str) -> list[FaultyRow]:
    found = engine.rows(f"SELECT line, any_value(error_message) FROM {rejects} GROUP BY line ORDER BY line")
    return [FaultyRow(int(line), str(message).splitlines()[0]) for line, message in found]


def _shift(rejected: Sequence[int]) -> str:
    """SQL that turns the number of a kept row into its number in the file: header, and the rows left out before it."""
    parts = ["2", *(f'("row" + 2 > {line - place - 1})::INTEGER' for place, line in enumerate(rejected))]
    return " + ".join(parts)


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


@contextmanager
def _bytes(path: Path, zipped: bool) -> Iterator[IO[bytes]]:
    with path.open("rb") as raw:
        if zipped:
            with gzip.open(raw) as file:
                yield cast("IO[bytes]", file)
        else:
            yield raw


def _encoding(path: Path, zipped: bool) -> str:
    try:
        with _bytes(path, zipped) as file:
            sample = file.read(_SAMPLE)
    except (OSError, EOFError) as error:
        raise UnreadableSource(path.name, str(error), "the file is damaged or cut off; copy or export it again") from None
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in sample:
        raise UnreadableSource(path.name, "it holds binary data, not text", "name a CSV, Parquet, Excel or XES file")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _header(path: Path, zipped: bool, encoding: str) -> tuple[list[str], str]:
    """The column names and the delimiter."""
    with _bytes(path, zipped) as file:
        text = io.TextIOWrapper(file, "utf-8-sig" if encoding == "utf-8" else encoding, errors="replace", newline="")
        sample = text.read(_SAMPLE)
        text.detach()
    if not sample.strip():
        raise EmptySource(path.name)
    found: dict[str, list[str]] = {}
    for delimiter in DELIMITERS:
        reader = standard.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        try:
            found[delimiter] = next(reader)
        except standard.Error as error:
            raise UnreadableSource(path.name, f"line 1: {error}", "export it again with a plain header line") from None
    best = max(DELIMITERS, key=lambda delimiter: len(found[delimiter]))
    names = found[best]
    if len(names) < 2:
        raise UnreadableSource(
            path.name, f"its first line {sample.splitlines()[0][:60]!r} has one column", "columns are separated by comma, semicolon, tab or bar"
        )
    return unique_names(names), best


def unique_names(names: Sequence[str]) -> list[str]:
    """Column names with the second and later bearer of a name numbered, and empty names called after their place."""
    seen: dict[str, int] = {}
    result = []
    for place, given in enumerate(names):
        name = given or f"column {place + 1}"
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result


def _place(engine: Engine, path: Path, zipped: bool, encoding: str) -> tuple[Path, bool]:
    """The file as UTF-8 in the engine's folder, and whether plain DuckDB can read the original as it is."""
    if encoding == "utf-8":
        return engine.place(path, ".csv.gz" if zipped else ".csv"), not zipped or path.suffix == ".gz"
    target = engine.folder / f"{engine.name('recoded')}.csv"
    try:
        with _bytes(path, zipped) as file, target.open("w", encoding="utf-8", newline="") as out:
            reader = io.TextIOWrapper(file, encoding, newline="")
            while chunk := reader.read(1 << 20):
                out.write(chunk)
    except UnicodeError as error:
        raise UnreadableSource(path.name, f"it is neither UTF-8 nor {encoding} ({error})", "save it as UTF-8") from None
    return target, False
