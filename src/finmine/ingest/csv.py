"""Reading delimited text: comma, semicolon, tab or bar; UTF-8 or Windows' cp1252; plain or gzip."""

from __future__ import annotations

import codecs
import csv as standard
import gzip
import io
import re
import shutil
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from finmine.engine import Engine, EngineFailure, quoted_text
from finmine.errors import Refusal
from finmine.ingest.encodings import Recoded, recode
from finmine.ingest.staging import EmptySource, FaultyRow, Staged, UnreadableSource, escape_pattern, from_parquet
from finmine.ingest.swallowed import swallowing
from finmine.words import plural

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 1 << 18
_CHUNK = 1 << 20
_BLANK = re.compile(rb"(?:\n\r?\n|\r\r)[^\r\n]")
_BLANK_HINTS = (b"\n\n", b"\n\r\n", b"\r\r")
MOST_FAULTY = 1000


@dataclass(frozen=True, slots=True)
class _Header:
    """What the first lines say: the columns, what separates them, how many blank lines stand above, and the names that had to be numbered."""

    names: tuple[str, ...]
    delimiter: str
    above: int
    numbered: tuple[str, ...] = ()

    def reading(self) -> str:
        """The arguments with which the engine reads the text."""
        columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(self.names)))
        skipping = f", skip = {self.above}" if self.above else ""
        return (
            f"auto_detect = false, header = true, delim = {quoted_text(self.delimiter)}, quote = '\"', escape = '\"', "
            f"columns = {{{columns}}}, max_line_size = 16777216{skipping}"
        )


@dataclass(frozen=True, slots=True)
class _Taken:
    """The rows in the engine's folder, the rows that could not be taken, the lines of the text, and what the line ends were like."""

    rows: Path
    faulty: tuple[FaultyRow, ...]
    lines: int = 0
    blank: bool = False
    mixed: bool = False

    @property
    def undecoded(self) -> bool:
        """Whether a row is faulty because its bytes are not UTF-8."""
        return any("unicode" in row.found.lower() or "utf" in row.found.lower() for row in self.faulty)


def stage_csv(engine: Engine, path: Path, sha256: str) -> Staged:
    """Read delimited text into the engine; every column stays text exactly as written.

    Raises:
        UnreadableSource: the text has no columns, is neither UTF-8, UTF-16 nor cp1252, is cut off, has a quote that
            is not closed, or has too many broken rows.
        EmptySource: there is no row under the header.
    """
    zipped = _is_gzip(path)
    plain = _unzipped(engine, path) if zipped else path
    encoding = _encoding(plain, path.name)
    recoded = _place(engine, plain, path.name, encoding)
    header = _header(recoded.text, path.name)
    taken = _take(engine, path.name, recoded.text, header)
    if encoding == "utf-8" and taken.undecoded:
        encoding = "cp1252"
        recoded = _place(engine, plain, path.name, encoding)
        header = _header(recoded.text, path.name)
        taken = _take(engine, path.name, recoded.text, header)
    if zipped:
        plain.unlink()
    _refuse_many(path.name, taken.faulty, len(header.names))
    shift = _shift([row.row for row in taken.faulty])
    columns = ", ".join(f"c{place}" for place in range(len(header.names)))
    select = f'SELECT "row" + {shift} AS "row", {columns} FROM ({from_parquet(engine, taken.rows, path.name, header.names, 0)})'
    rows = int(engine.value(f"SELECT count(*) FROM ({select})"))
    if rows == 0:
        raise _nothing(path.name, taken.faulty)
    several = taken.lines > rows + len(taken.faulty) + 1
    doubtful = swallowing(engine, select, len(header.names), header.delimiter) if several else ()
    script = None
    if encoding == "utf-8" and not taken.mixed and (not zipped or path.suffix == ".gz"):
        origin = quoted_text(escape_pattern(str(path.resolve())))
        arguments = header.reading() + (", ignore_errors = true" if taken.faulty else "")
        script = f'SELECT "row" + {shift} AS "row", {columns} FROM (SELECT row_number() OVER () - 1 AS "row", * FROM read_csv({origin}, {arguments}))'
    types = ("VARCHAR",) * len(header.names)
    notes = (*header.numbered, *_notes(path.name, encoding, recoded, taken.blank or header.above > 0, taken.mixed))
    if doubtful:
        said = f"{path.name}: {plural(len(doubtful), 'row')}, the first row {doubtful[0].row:,}, may hold others: a cell of several lines looks like rows"
        notes += (f"{said}; look for a quote that is opened there and closed by a later one",)
    return Staged(path.name, "csv", header.names, types, select, script, sha256, path.stat().st_size, notes, taken.faulty, doubtful)


def _notes(name: str, encoding: str, recoded: Recoded, blank: bool, mixed: bool) -> tuple[str, ...]:
    several = recoded.utf_8 > 0 and recoded.cp1252 > 0
    windows, rest = plural(recoded.cp1252, "line was", "lines were"), plural(recoded.utf_8, "other line")
    notes = (
        (several, f"{name} is in two encodings: {windows} read as cp1252, {rest} with letters beyond ASCII as UTF-8"),
        (encoding != "utf-8" and not several, f"{name} is not UTF-8; it was read as {encoding}"),
        (mixed, f"{name}: mixed line ends were read as line ends"),
        (blank, f"{name}: blank lines are not counted in row numbers"),
    )
    return tuple(note for holds, note in notes if holds)


def _take(engine: Engine, name: str, text: Path, header: _Header) -> _Taken:
    """The rows of a text; where the engine stumbles over its line ends, or counts blank lines, it is given an even copy."""
    (blank, lines), mixed = _survey(text, name), False
    try:
        taken = _copy(engine, name, text, header)
    except EngineFailure:
        mixed = True
    if mixed or ((blank or header.above) and taken.faulty):
        even = _evened(engine, name, text, header.delimiter)
        try:
            taken = _copy(engine, name, even, replace(header, above=0))
        except EngineFailure as failure:
            raise UnreadableSource(name, failure.words.splitlines()[0], "export it again with one kind of line end") from None
        even.unlink()
    text.unlink()
    return replace(taken, blank=blank, mixed=mixed, lines=lines)


def _copy(engine: Engine, name: str, text: Path, header: _Header) -> _Taken:
    rejects = engine.name("rejects")
    target = engine.folder / f"{engine.name('text')}.parquet"
    rejecting = f", store_rejects = true, rejects_table = {quoted_text(rejects)}, rejects_scan = {quoted_text(rejects + '_scan')}"
    engine.copy(f"SELECT * FROM read_csv({quoted_text(str(text))}, {header.reading()}{rejecting})", target, "FORMAT parquet, COMPRESSION snappy")
    try:
        return _Taken(target, _faulty(engine, name, rejects))
    finally:
        engine.run(f'DROP TABLE "{rejects}"; DROP TABLE "{rejects}_scan"')


def _faulty(engine: Engine, name: str, rejects: str) -> tuple[FaultyRow, ...]:
    """The rejected rows; one that runs over line ends may have swallowed good rows, so it cannot be left out."""
    several = "error_type <> 'INVALID ENCODING' AND regexp_matches(trim(csv_line, chr(10) || chr(13)), '[\\n\\r]')"
    found = engine.rows(
        f"SELECT line, any_value(error_message), bool_or({several}), "
        f"bool_or(error_type = 'UNQUOTED VALUE') FROM {rejects} GROUP BY line ORDER BY line"
    )
    for line, message, many, unquoted in found:
        if many and unquoted:
            raise UnreadableSource(
                name, f"a quote opened in row {line:,} is not closed", "close or double the quote there; the rows after it cannot be told"
            )
        if many:
            said = str(message).splitlines()[0]
            raise UnreadableSource(name, f"row {line:,} runs over several lines and is broken ({said})", "look for a quote there that is not closed")
    return tuple(FaultyRow(int(line), str(message).splitlines()[0]) for line, message, _, _ in found)


def _nothing(name: str, faulty: Sequence[FaultyRow]) -> Refusal:
    """Why there is no row: none stands under the header, or none can be read."""
    if not faulty:
        return EmptySource(name)
    return UnreadableSource(name, f"none of its rows has the columns of the header (row {faulty[0].row:,}: {faulty[0].found})", "export it again")


def _refuse_many(name: str, faulty: Sequence[FaultyRow], columns: int) -> None:
    if len(faulty) > MOST_FAULTY:
        first = faulty[0]
        found = f"{len(faulty):,} rows do not have the {columns} columns of the header (row {first.row}: {first.found})"
        raise UnreadableSource(name, found, "export it again")


def _shift(rejected: Sequence[int]) -> str:
    """SQL that turns the number of a kept row into its number in the file: header, and the rows left out before it."""
    parts = ["2", *(f'("row" + 2 > {line - place - 1})::INTEGER' for place, line in enumerate(rejected))]
    return " + ".join(parts)


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _unzipped(engine: Engine, path: Path) -> Path:
    """The unzipped text in the engine's folder, read to its end: the engine would take the beginning of a cut file for all of it."""
    target = engine.folder / f"{engine.name('unzipped')}.csv"
    try:
        with gzip.open(path) as file, target.open("wb") as out:
            shutil.copyfileobj(file, out, _CHUNK)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableSource(path.name, f"it is damaged or cut off ({error})", "copy or export it again") from None
    return target


def _encoding(plain: Path, name: str) -> str:
    with plain.open("rb") as file:
        sample = file.read(_SAMPLE)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    _refuse_binary(sample, name)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _refuse_binary(piece: bytes, name: str) -> None:
    if b"\x00" in piece:
        raise UnreadableSource(name, "it holds binary data, not text", "name a CSV, Parquet, Excel or XES file")


def _header(text_file: Path, name: str) -> _Header:
    with text_file.open(encoding="utf-8", errors="replace", newline="") as file:
        sample = file.read(_SAMPLE).lstrip("\ufeff")
    if not sample.strip():
        raise EmptySource(name)
    text = sample.lstrip("\r\n")
    above = len(sample[: len(sample) - len(text)].splitlines())
    found: dict[str, list[str]] = {}
    for delimiter in DELIMITERS:
        reader = standard.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            found[delimiter] = next(reader)
        except standard.Error as error:
            raise UnreadableSource(name, f"line 1: {error}", "export it again with a plain header line") from None
    best = max(DELIMITERS, key=lambda delimiter: len(found[delimiter]))
    if len(found[best]) < 2:
        raise UnreadableSource(
            name, f"its first line {text.splitlines()[0][:60]!r} has one column", "columns are separated by comma, semicolon, tab or bar"
        )
    return _Header(tuple(unique_names(found[best])), best, above, numbered(name, found[best]))


def unique_names(names: Sequence[str]) -> list[str]:
    """Column names with the second and later bearer of a name numbered, and empty names called after their place."""
    seen: dict[str, int] = {}
    result = []
    for place, given in enumerate(names):
        name = given or f"column {place + 1}"
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result


def numbered(source: str, names: Sequence[str]) -> tuple[str, ...]:
    """What is to be said where columns of a source bear the same name: how they are told apart."""
    bearers = Counter(name for name in names if name)
    return tuple(
        f"{source}: {count} columns are called {name!r}; {'the second is' if count == 2 else 'the later ones are'} read as {name + ' (2)'!r}{'' if count == 2 else ' and so on'}"
        for name, count in bearers.items()
        if count > 1
    )


def _place(engine: Engine, plain: Path, name: str, encoding: str) -> Recoded:
    """The text as UTF-8 in the engine's folder."""
    if encoding == "utf-8":
        return Recoded(engine.place(plain, ".csv"))
    try:
        return recode(plain, engine.folder / f"{engine.name('recoded')}.csv", encoding)
    except UnicodeError as error:
        raise UnreadableSource(name, f"it is neither UTF-8 nor {encoding} ({error})", "save it as UTF-8") from None


def _survey(text: Path, name: str) -> tuple[bool, int]:
    """Whether blank lines stand between rows (those within quotes do not count), and the lines where quotes occur; refuses data that is not text."""
    blank, quoted, window, lines, quotes = False, False, b"", 0, False
    with text.open("rb") as file:
        while piece := file.read(_CHUNK):
            _refuse_binary(piece, name)
            window += piece
            if not blank:
                blank = _has_blank(window, quoted)
                quoted ^= window.count(b'"', 0, -3) % 2 == 1
            window = window[-3:]
            lines += piece.count(b"\n")
            quotes = quotes or b'"' in piece
    return blank, lines if quotes else 0


def _has_blank(window: bytes, quoted: bool) -> bool:
    if not any(hint in window for hint in _BLANK_HINTS):
        return False
    at = 0
    for match in _BLANK.finditer(window):
        quoted ^= window.count(b'"', at, match.start()) % 2 == 1
        at = match.start()
        if not quoted:
            return True
    return False


def _evened(engine: Engine, name: str, text: Path, delimiter: str) -> Path:
    """A copy of the text in which every row ends with a plain line feed and no line is blank; the cells stay as they are."""
    target = engine.folder / f"{engine.name('evened')}.csv"
    with (
        text.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file,
        target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as out,
    ):
        reader = standard.reader(file, delimiter=delimiter, strict=True)
        try:
            standard.writer(out, delimiter=delimiter, lineterminator="\n").writerows(row for row in reader if row)
        except standard.Error as error:
            found = (
                f"its line ends are mixed or blank lines stand between its rows, and up to line {reader.line_num:,} a quote is out of place ({error})"
            )
            raise UnreadableSource(name, found, "export it again") from None
    return target
