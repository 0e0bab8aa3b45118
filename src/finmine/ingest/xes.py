"""Reading XES event logs (IEEE 1849), plain or gzipped, into one Parquet file of texts: nothing is lost and nothing guessed.

**Rows and columns.** One row for each event, in the order of the document. Values are the texts of the file after XML
unescaping; an absent attribute is null, an empty one the empty text. Trace columns come first, each kind in the order of first
appearance; the section on columns says how they are named, and where nested, repeated and differently typed attributes stand.

**Globals** are kept in the header and never filled into events: they promise that an attribute is there, and a default that
is filled in would be a value that nobody recorded. Traces without events have no row; they are counted. Text between
elements and the XML attributes of ``<log>`` itself mean nothing in XES and are dropped.

**Two ways through one file.** Traces written as nearly all programmes write them (double quotes, no comments, nothing nested)
are cut apart by array arithmetic, which accounts for every byte; any other stretch goes through expat. Both give the same
rows, and memory is bounded by the stretch, not by the file.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import secrets
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeAlias, cast
from xml.parsers import expat

from finmine.errors import Refusal
from finmine.files import replacing

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Numbers: TypeAlias = np.ndarray[Any, Any]

# --------------------------------------------------------------------------------------------------------------
# What an XES log says besides its events: attributes of the log, extensions, globals, classifiers, and how much there is.

SCALARS = ("string", "date", "int", "float", "boolean", "id")
NESTING = ("list", "container")


class Attribute(NamedTuple):
    """An attribute of the log or a global default, with what is nested in it; lists and containers have no value."""

    type: str
    key: str
    value: str | None
    children: tuple[Attribute, ...] = ()


class Extension(NamedTuple):
    """A declared extension: its name, the prefix of its keys and the address of its definition."""

    name: str
    prefix: str
    uri: str


class Classifier(NamedTuple):
    """A declared classifier: the keys that together name an event (or a trace, when ``scope`` says so)."""

    name: str
    keys: tuple[str, ...]
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class XesHeader:
    """What a log says besides its events.

    ``types`` gives the XES type of each attribute column (``mixed`` where its values have several); ``traces`` counts all
    traces, ``empty_traces`` those without events, which have no row.
    """

    types: Mapping[str, str]
    log_attributes: tuple[Attribute, ...]
    extensions: tuple[Extension, ...]
    global_trace: tuple[Attribute, ...]
    global_event: tuple[Attribute, ...]
    classifiers: tuple[Classifier, ...]
    traces: int
    events: int
    empty_traces: int


# --------------------------------------------------------------------------------------------------------------
# How the attributes of an XES log are named as columns, so that no two of them ever meet in one place.
#
# An event attribute is a column named by its key, a trace attribute the column ``case:<key>``, and ``xes:trace`` numbers the
# traces that have events from 1, since their names may be missing or occur twice. Whatever does not fit a column stands in one
# beside it:
#
# - ``<column>.children``: what is nested in an attribute, as JSON ``[[type, key, value, children], ...]``. The ``<values>`` of
#   a list are a child of type ``values``. Lists and containers always have it (``[]`` when empty), other attributes only when
#   something is nested.
# - ``<column>.xes:repeat2`` and so on: the second value of a key that an event or trace has twice.
# - ``<column>.xes:type``: the type of each value, only for a column whose values have several (``mixed`` in the header).
# - ``xes:event:<key>``: an event attribute whose key begins with ``case:`` or ``xes:``.
# - ``<key>.xes:key``: an attribute whose key ends like one of the endings above.

TRACE = "xes:trace"
CHILDREN = ".children"
TYPE = ".xes:type"
MOST_COLUMNS = 4096  # of one log; more are made by a file that is meant to exhaust memory

_ENDING = re.compile(r"\.(?:children|xes:type|xes:key|xes:repeat[0-9]+)\Z")
_REPEAT = re.compile(r"(.*)\.xes:repeat([0-9]+)\Z", re.DOTALL)


class Place(NamedTuple):
    """Where a column belongs: to traces or events, under which key, as which of its repeats, and which part of it."""

    of_trace: bool
    key: str
    nth: int = 1
    part: str = ""

    def column(self) -> str:
        """The name of the column at this place."""
        name = f"{self.key}.xes:key" if _ENDING.search(self.key) else self.key
        if self.nth > 1:
            name = f"{name}.xes:repeat{self.nth}"
        if self.of_trace:
            name = f"case:{name}"
        elif name.startswith(("case:", "xes:")):
            name = f"xes:event:{name}"
        return name + self.part


def place_of(column: str) -> Place:
    """The place that a column's name means; the inverse of ``Place.column``."""
    part = next((end for end in (CHILDREN, TYPE) if column.endswith(end)), "")
    name = column.removesuffix(part)
    of_trace = name.startswith("case:")
    name = name.removeprefix("case:") if of_trace else name.removeprefix("xes:event:")
    repeat = _REPEAT.match(name)
    name, nth = (repeat[1], int(repeat[2])) if repeat else (name, 1)
    return Place(of_trace, name.removesuffix(".xes:key"), nth, part)


def in_order(columns: Mapping[str, str]) -> list[str]:
    """All columns: the number of the trace, trace columns, event columns; what stands beside a column follows it.

    ``columns`` gives the type of each attribute column, and ``""`` for one that stands beside another.
    """
    attributes = sorted((name for name, kind in columns.items() if kind), key=lambda name: not name.startswith("case:"))
    return [TRACE, *(name + part for name in attributes for part in ("", TYPE, CHILDREN) if name + part in columns)]


# --------------------------------------------------------------------------------------------------------------
# Why an XES file is not read: one class for each way in which it can be broken or hostile.


class XesRefusal(Refusal):
    """An XES file cannot be read; says the file, the line, what was found there and what to do."""

    def __init__(self, path: Path, line: int, found: str, advice: str) -> None:
        self.path = path
        self.line = line
        super().__init__(f"{path}, line {line}: {found}. {advice}")


class NotXes(XesRefusal):
    """The outermost element is not ``<log>``."""

    def __init__(self, path: Path, line: int, root: str) -> None:
        super().__init__(path, line, f"an XES file begins with <log>, this one with <{root}>", "Export the log as XES, or name another file.")


class NotWellFormed(XesRefusal):
    """The file breaks the rules of XML."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(path, line, f"this is not well-formed XML ({reason})", "Export the log again, or repair that line.")


class Truncated(XesRefusal):
    """The file ends before the log does."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(path, line, "the file ends here or soon after, before </log>", "Copy or export it again: the rest of the log is missing.")


class DamagedGzip(XesRefusal):
    """The compressed file cannot be unpacked."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(path, line, f"the compressed file is damaged somewhere after this line ({reason})", "Copy or export it again.")


class DoctypeForbidden(XesRefusal):
    """The file declares a document type, which could define entities."""

    def __init__(self, path: Path, line: int, name: str) -> None:
        found = f"<!DOCTYPE {name}> is not allowed: XES needs no document type, and its entities could read files or fill memory"
        super().__init__(path, line, found, "Remove the declaration; if you do not know where the file comes from, do not trust it.")


class EventOutsideTrace(XesRefusal):
    """An event stands directly in the log and so belongs to no case."""

    def __init__(self, path: Path, line: int) -> None:
        found = "an <event> stands outside of any <trace> and so belongs to no case"
        super().__init__(path, line, found, "Put each event into the trace of its case.")


class Misplaced(XesRefusal):
    """An element stands where XES has none of its kind."""

    def __init__(self, path: Path, line: int, element: str, parent: str) -> None:
        super().__init__(path, line, f"XES has no <{element}> in <{parent}>", "Remove it, or export the log again as standard XES.")


class WrongParts(XesRefusal):
    """An element lacks a part that XES demands, or has one that XES does not know."""

    def __init__(self, path: Path, line: int, element: str, wanted: str, given: Iterable[str]) -> None:
        found = f"<{element}> takes {wanted}, and this one has {', '.join(given) or 'nothing'}"
        super().__init__(path, line, found, "Correct the element, or export the log again as standard XES.")


class LateTraceAttribute(XesRefusal):
    """A trace attribute follows so many events of its trace that these were already written without it."""

    def __init__(self, path: Path, line: int, key: str) -> None:
        found = f"the trace attribute {key!r} follows a very long run of the trace's events"
        super().__init__(path, line, found, "Put trace attributes before the events, as XES asks.")


class TooLarge(XesRefusal):
    """Something in the file is larger than any log has it: a file made to exhaust memory, or a damaged one."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        advice = "Check where the file comes from; if it is sound, split the log or leave that attribute out."
        super().__init__(path, line, f"{what}, which no event log needs", advice)


# --------------------------------------------------------------------------------------------------------------
# Arrow arrays made from Python and numpy values (``pyarrow.array`` would import pandas for it, which takes longer than the work).


def texts(values: Sequence[str | None]) -> pa.Array:
    """Texts, with nulls."""
    import numpy as np
    import pyarrow as pa

    encoded = [b"" if value is None else value.encode() for value in values]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    valid = np.array([value is not None for value in values], bool)
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)), _bits(valid))


def word(text: str | None) -> pa.Scalar:
    """One text, as a constant for Arrow's functions."""
    import pyarrow as pa

    return texts([text]).cast(pa.large_string())[0]


def integers(numbers: np.ndarray[Any, Any], valid: np.ndarray[Any, Any] | None = None) -> pa.Array:
    """Whole numbers, null where not ``valid``, in the memory where they are."""
    import numpy as np
    import pyarrow as pa

    bits = None if valid is None or valid.all() else _bits(valid)
    return pa.Array.from_buffers(pa.int64(), len(numbers), [bits, pa.py_buffer(np.ascontiguousarray(numbers, np.int64))])


def flags(values: np.ndarray[Any, Any]) -> pa.Array:
    """Truth values."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.bool_(), len(values), [None, _bits(values)])


def _bits(values: np.ndarray[Any, Any]) -> pa.Buffer:
    import numpy as np
    import pyarrow as pa

    return pa.py_buffer(np.packbits(values, bitorder="little"))


# --------------------------------------------------------------------------------------------------------------
# The quick way through XES: traces in the usual spelling are cut apart by array arithmetic, some hundred megabytes a second.
#
# A stretch is cut at its double quotes into *lead* ``"key"`` *middle* ``"value"`` *lead* … Leads and middles must match their
# grammar, the levels of the leads' tags must follow one another, and every ``<`` and every control character must be one of
# a lead or middle. Then the stretch is XML of just this meaning: nothing is skipped in search of something. A stretch of any
# other kind is declined and goes through expat.

_S = "[ \\t\\r\\n]"
_TAGS = "".join(f"({tag}{_S}*>{_S}*)?" for tag in ("</event", "</trace", "<trace", "<event"))
_LEAD = re.compile(f"{_S}*/>{_S}*{_TAGS}<({'|'.join(SCALARS)}){_S}+key{_S}*={_S}*")
_MIDDLE = re.compile(f"{_S}+value{_S}*={_S}*")
_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


class _Lead(NamedTuple):
    """What stands between a value and the next key: tags that leave and enter elements, and the next attribute's type.

    Levels: 0 in the log, 1 in a trace, 2 in an event; -1 where there are no tags and the level stays what it was.
    """

    start: int
    end: int
    traces: int
    events: int
    kind: int


class _Cut(NamedTuple):
    """A stretch cut at its quotes: the texts, and for each attribute its key and the lead before it (one more at the end)."""

    text: pa.Array
    keys: list[str]
    key: Numbers
    leads: Numbers  # the fields of _Lead, one row each


class _Owners(NamedTuple):
    """For each attribute whether it is its trace's (0) or its event's (1), and which trace and event; and the trace of each event."""

    level: Numbers
    trace: Numbers
    event: Numbers
    trace_of_event: Numbers


def regular(piece: bytes, columns: dict[str, str], traces: int) -> tuple[pa.Table, int] | None:
    """The events of whole traces and the number of traces, or nothing where the stretch is not regular.

    ``traces`` is the number of traces with events before. New columns are entered into ``columns`` with their types. Values
    of another type than their column has are not regular, nor are a key that comes twice and a trace without events.
    """
    import numpy as np
    import pyarrow as pa

    cut = _cut(b"/>" + piece + b"<string key=")  # so that the first and the last lead are like all others
    owners = _owners(cut.leads) if cut is not None else None
    if cut is None or owners is None:
        return None
    found: dict[str, str] = {}
    arrays = {TRACE: integers(owners.trace_of_event + traces + 1).cast(pa.string())}
    for group in _groups(cut.key * 2 + owners.level):
        of_trace = bool(owners.level[group[0]] == 0)
        rows, kinds = (owners.trace if of_trace else owners.event)[group], cut.leads[4][group]
        name = Place(of_trace, cut.keys[cut.key[group[0]]]).column()
        found[name] = SCALARS[kinds[0]]
        if columns.get(name, found[name]) != found[name] or (kinds != kinds[0]).any() or not np.diff(rows).all():
            return None
        source = np.full(owners.trace_of_event[-1] + 1 if of_trace else len(owners.trace_of_event), -1)
        source[rows] = group * 8 + 6
        values = _unescaped_all(_taken(cut.text, source[owners.trace_of_event] if of_trace else source))
        if values is None:
            return None
        arrays[name] = values
    if len(columns.keys() | found.keys()) > MOST_COLUMNS:
        return None
    columns.update(found)
    return pa.table(arrays), int(owners.trace_of_event[-1]) + 1


# -- cutting and checking --


def _cut(data: bytes) -> _Cut | None:
    """The stretch cut at its quotes, if leads and middles match their grammar and account for every byte of markup."""
    import numpy as np

    characters = np.frombuffer(data, np.uint8)
    text = _at_quotes(data, characters)
    if len(text) % 8 != 1 or len(text) == 1 or not _is_text(data):
        return None
    (leads, lead), (words, key), (middles, middle) = (_distinct(text, first) for first in (0, 2, 4))
    steps, keys = [_lead(word) for word in leads], [_unescaped(word) for word in words]
    if None in steps or None in keys or len(set(keys)) < len(keys) or not all(map(_MIDDLE.fullmatch, middles)):
        return None
    outside = [*zip(leads, np.bincount(lead).tolist(), strict=True), *zip(middles, np.bincount(middle).tolist(), strict=True)]
    brackets = sum(times * word.count("<") for word, times in outside)
    controls = sum(times * sum(character < " " for character in word) for word, times in outside)
    if np.count_nonzero(characters == ord("<")) != brackets or np.count_nonzero(characters < ord(" ")) != controls:
        return None
    return _Cut(text, [word for word in keys if word is not None], key, np.array(steps, np.int64).T[:, lead])


def _at_quotes(data: bytes, characters: Numbers) -> pa.Array:
    """What is before, at and after each double quote, without copying."""
    import numpy as np
    import pyarrow as pa

    quotes = np.flatnonzero(characters == ord('"'))
    offsets = np.empty(2 * len(quotes) + 2, np.int32)
    offsets[0], offsets[1:-1:2], offsets[2:-1:2], offsets[-1] = 0, quotes, quotes + 1, len(data)
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def _is_text(data: bytes) -> bool:
    """Whether the bytes are UTF-8 without the two characters above U+007F that XML has not."""
    try:
        return data.isascii() or (data.decode() != "" and b"\xef\xbf\xbe" not in data and b"\xef\xbf\xbf" not in data)
    except UnicodeDecodeError:
        return False


def _distinct(text: pa.Array, first: int) -> tuple[list[str], Numbers]:
    """The distinct words among every eighth text, and which of them stands where."""
    import numpy as np

    coded = _taken(text, np.arange(first, len(text), 8)).dictionary_encode()
    return coded.dictionary.to_pylist(), np.frombuffer(coded.indices.buffers()[1], np.int32)[: len(coded)].astype(np.int64)


def _lead(word: str) -> _Lead | None:
    match = _LEAD.fullmatch(word)
    if match is None:
        return None
    leaves_event, leaves_trace, enters_trace, enters_event = (tag is not None for tag in match.groups()[:4])
    start = 2 if leaves_event else 1 if leaves_trace else 0 if enters_trace else 1 if enters_event else -1
    level = start
    for moves, needed, to in ((leaves_event, 2, 1), (leaves_trace, 1, 0), (enters_trace, 0, 1), (enters_event, 1, 2)):
        if moves and level != needed:
            return None
        level = to if moves else level
    return _Lead(start, level, int(enters_trace), int(enters_event), SCALARS.index(match[5]))


def _owners(leads: Numbers) -> _Owners | None:
    """Whose each attribute is, if every tag is met at the level it needs and every trace has events."""
    import numpy as np

    start, end, opens_trace, opens_event, _ = leads
    level = end[np.maximum.accumulate(np.where(end >= 0, np.arange(len(end)), 0))]
    follows = (start[1:] < 0) | (start[1:] == level[:-1])
    if start[0] != 0 or level[-1] != 0 or not follows.all() or not level[:-1].all():
        return None
    trace, event = np.cumsum(opens_trace) - 1, np.cumsum(opens_event) - 1
    trace_of_event = trace[opens_event == 1]
    if len(trace_of_event) == 0 or np.count_nonzero(np.diff(trace_of_event)) != trace[-1]:
        return None
    return _Owners(level[:-1] - 1, trace[:-1], event[:-1], trace_of_event)


# -- values --


def _groups(codes: Numbers) -> list[Numbers]:
    """The places of each distinct code, ascending; the code that appears first comes first."""
    import numpy as np

    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    return sorted(groups, key=lambda group: int(group[0]))


def _taken(text: pa.Array, source: Numbers) -> pa.Array:
    """The texts at the given places; null where the place is negative."""
    return text.take(integers(source, source >= 0))


def _unescaped_all(values: pa.Array) -> pa.Array | None:
    if b"&" not in values.buffers()[2].to_pybytes():
        return values
    coded = values.dictionary_encode()
    plain = [_unescaped(word) for word in coded.dictionary.to_pylist()]
    return None if None in plain else texts(plain).take(coded.indices)


def _unescaped(text: str) -> str | None:
    """A text with its references replaced; nothing where one is not plainly right, which is then for expat to judge."""
    if "&" not in text:
        return text
    codes = [int(decimal) if decimal else int(hexadecimal, 16) for name, decimal, hexadecimal in _REFERENCE.findall(text) if not name]
    if "&" in _REFERENCE.sub("", text) or not all(map(is_character, codes)):
        return None
    return _REFERENCE.sub(lambda match: _NAMED[match[1]] if match[1] else chr(int(match[2]) if match[2] else int(match[3], 16)), text)


def is_character(code: int) -> bool:
    """Whether XML 1.0 has a character of this number."""
    return code in {9, 10, 13} or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF


# --------------------------------------------------------------------------------------------------------------
# The thorough way through XES: every element as expat tells of it, with everything that XML and XES allow, and nothing else.

Node: TypeAlias = list[Any]  # [type, key, value, [nodes]]: as JSON it is the canonical form of a nested attribute
Row: TypeAlias = dict[str, str | None]

_PARENT = {"log": "", "trace": "log", "event": "trace", "global": "log", "extension": "log", "classifier": "log"}
_HOLDERS = ("log", "trace", "event", "global")
_ATTRIBUTES = frozenset((*SCALARS, *NESTING))
_UNFINISHED = frozenset({"no element found", "unclosed token", "partial character", "unclosed CDATA section"})
_KEYS = re.compile(r"'([^']*)'|(\S+)")

_EVENT_BYTES = 64 << 20
_WAITING_CELLS = 1_000_000
_DEEPEST = 64


class Document:
    """The XML document; rows of finished traces wait here until ``table`` takes them."""

    def __init__(self, path: Path, columns: dict[str, str]) -> None:
        """Columns are entered into ``columns`` as they appear, with the type of the first value, or ``""`` beside another."""
        self.traces = self.events = self.empty_traces = 0
        self._path = path
        self._columns = columns
        self._names: dict[tuple[bool, str], str] = {}
        self._header: dict[str, list[Node]] = {"log": [], "trace": [], "event": []}
        self._extensions: list[Extension] = []
        self._classifiers: list[Classifier] = []
        # where expat is
        self._where = ""
        self._scope = ""
        self._open: list[Node] = []
        self._trace: Row = {}
        self._event: Row = {}
        self._trace_nodes: list[Node] = []
        self._repeats: tuple[dict[str, int], dict[str, int]] = ({}, {})
        # what is finished
        self._rows: list[tuple[Row, Row]] = []
        self._whole = 0  # the rows before this one belong to finished traces
        self._trace_events = 0
        self._trace_left = False  # events of the open trace did not wait for its end
        # bytes and lines
        self._skipped_lines = self._fed = self._mark = 0
        self._is_utf8: bool | None = None
        self._probe, self._probes, self._probed = f"p{secrets.token_hex(8)}.", 0, ""
        self._parser = expat.ParserCreate()
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.XmlDeclHandler = self._declare
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    # ---- being fed ----

    @property
    def line(self) -> int:
        """The line of the file that was read last."""
        return self._parser.CurrentLineNumber + self._skipped_lines

    @property
    def traces_with_events(self) -> int:
        """How many finished traces have rows."""
        return self.traces - self.empty_traces

    def feed(self, piece: bytes) -> None:
        """Read a stretch of the file, cut anywhere."""
        if self._is_utf8 is None and piece:
            self._is_utf8 = b"\0" not in piece[:4]  # else UTF-16, where bytes are not characters
        self._parse(piece)
        if self._fed - self._mark > _EVENT_BYTES:
            raise TooLarge(self._path, self.line, f"there are more than {_EVENT_BYTES >> 20} MiB without the end of an event")

    def close(self) -> None:
        """Say that the file ends here."""
        self._parse(b"", last=True)

    def skip(self, lines: int, traces: int, events: int) -> None:
        """Count a stretch that was read in another way."""
        self._skipped_lines += lines
        self.traces += traces
        self.events += events

    def is_between_traces(self) -> bool:
        """Whether the next byte stands directly in ``<log>``; to be asked only after ``</trace>`` or before ``<trace``.

        An empty element with a new name is put in front of the next byte: inside a comment, an instruction or a CDATA section
        it is harmless text, and expat may also not have come so far yet. Only if it is announced directly in the log is it true.
        """
        if not self._is_utf8 or self._where != "log" or self._open:
            return False
        self._probes += 1
        probe = f"{self._probe}{self._probes}"
        self._parse(f"<{probe}/>".encode())
        return self._probed == probe

    def _parse(self, piece: bytes, *, last: bool = False) -> None:
        self._fed += len(piece)
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            line, reason = error.lineno + self._skipped_lines, expat.ErrorString(error.code)
            if last and reason in _UNFINISHED:
                raise Truncated(self._path, line) from error
            raise NotWellFormed(self._path, line, reason) from error
        except (LookupError, ValueError) as error:  # an encoding that Python does not know or expat cannot use
            raise NotWellFormed(self._path, self.line, str(error)) from error

    def _declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() != "utf-8":
            self._is_utf8 = False

    def _refuse_doctype(self, name: str, *_: object) -> None:
        raise DoctypeForbidden(self._path, self.line, name)

    # ---- elements ----

    def _start(self, name: str, parts: list[str]) -> None:
        kind = name if name in _ATTRIBUTES else name.rpartition(":")[2]
        if kind in _ATTRIBUTES:
            if not self._open and self._where not in _HOLDERS:
                raise self._misplaced(kind)
            if len(parts) == 4 and parts[0] == "key" and parts[2] == "value":
                self._push([kind, parts[1], parts[3], []])
            else:
                given = self._parts(kind, parts, ("key",) if kind in NESTING else ("key", "value"), ("value",))
                self._push([kind, given["key"], given.get("value"), []])
        elif kind == "values" and self._open and self._open[-1][0] == "list":
            self._parts(kind, parts)
            self._push(["values", "", None, []])
        elif name.startswith(self._probe):
            self._probed = name if self._where == "log" and not self._open else ""
            self._open.append([])
        elif self._open or _PARENT.get(kind) != self._where:
            raise self._misplaced(kind)
        else:
            self._where = kind
            self._enter(kind, parts)

    def _push(self, node: Node) -> None:
        self._open.append(node)
        if len(self._open) > _DEEPEST:
            raise TooLarge(self._path, self.line, f"attributes are nested more than {_DEEPEST} deep")

    def _misplaced(self, kind: str) -> XesRefusal:
        if self._where == "":
            return NotXes(self._path, self.line, kind)
        if kind == "event" and self._where == "log" and not self._open:
            return EventOutsideTrace(self._path, self.line)
        return Misplaced(self._path, self.line, kind, self._open[-1][0] if self._open else self._where)

    def _parts(self, kind: str, parts: Sequence[str], wanted: Sequence[str] = (), allowed: Sequence[str] = ()) -> dict[str, str]:
        """The XML attributes of an element, by name; those that it must have and may have are checked."""
        given = {name: value for name, value in zip(parts[::2], parts[1::2], strict=True) if not name.startswith("xml")}
        if any(name not in given for name in wanted) or any(name not in wanted and name not in allowed for name in given):
            raise WrongParts(self._path, self.line, kind, " and ".join(wanted) or "nothing", given)
        return given

    def _enter(self, kind: str, parts: list[str]) -> None:
        if kind == "event":
            self._parts(kind, parts)
            self._event = {}
            self._repeats[False].clear()
        elif kind == "trace":
            self._parts(kind, parts)
            self._trace = {TRACE: str(self.traces_with_events + 1)}
            self._trace_events, self._trace_left = 0, False
            self._repeats[True].clear()
        elif kind == "global":
            self._scope = self._parts(kind, parts, ("scope",))["scope"].lower()
            if self._scope not in ("trace", "event"):
                raise WrongParts(self._path, self.line, kind, 'scope="trace" or scope="event"', [f'scope="{self._scope}"'])
        elif kind == "extension":
            given = self._parts(kind, parts, ("name", "prefix", "uri"))
            self._extensions.append(Extension(given["name"], given["prefix"], given["uri"]))
        elif kind == "classifier":
            given = self._parts(kind, parts, ("name", "keys"), ("scope",))
            keys = tuple(quoted or bare for quoted, bare in _KEYS.findall(given["keys"]))
            self._classifiers.append(Classifier(given["name"], keys, given.get("scope")))

    def _end(self, _name: str) -> None:
        if self._open:
            self._finish(self._open.pop())
        else:
            if self._where == "event":
                self._end_event()
            elif self._where == "trace":
                self._end_trace()
            self._where = _PARENT[self._where]

    def _finish(self, node: Node) -> None:
        if not node:  # a probe
            return
        if self._open:
            self._open[-1][3].append(node)
        elif self._where == "event":
            self._put(self._event, node, of_trace=False)
        elif self._where == "trace":
            self._trace_nodes.append(node)
        else:
            self._header[self._scope if self._where == "global" else "log"].append(node)

    # ---- rows ----

    def _end_event(self) -> None:
        if self._trace_nodes:
            self._put_trace()
        self._rows.append((self._trace, self._event))
        self.events += 1
        self._trace_events += 1
        self._mark = self._parser.CurrentByteIndex

    def _end_trace(self) -> None:
        self.traces += 1
        if self._trace_events:
            self._put_trace()
        else:
            self.empty_traces += 1
        self._trace_nodes.clear()
        self._whole = len(self._rows)
        self._mark = self._parser.CurrentByteIndex

    def _put_trace(self) -> None:
        """Give the trace its attributes; they wait for its first event, since those of a trace without events make no column."""
        if self._trace_nodes and self._trace_left:
            raise LateTraceAttribute(self._path, self.line, self._trace_nodes[0][1])
        for node in self._trace_nodes:
            self._put(self._trace, node, of_trace=True)
        self._trace_nodes.clear()

    def _put(self, row: Row, node: Node, *, of_trace: bool) -> None:
        """Set an attribute down in its columns, beside anything of the same key."""
        kind, key, value, children = node
        column = self._names.get((of_trace, key)) or self._names.setdefault((of_trace, key), Place(of_trace, key).column())
        if column in row:
            repeats = self._repeats[of_trace]
            nth = repeats[column] = repeats.get(column, 1) + 1
            column = Place(of_trace, key, nth).column()
        if self._column(column, kind) != kind:
            row[column + TYPE] = kind
            self._column(column + TYPE, "")
        row[column] = value
        if children or kind in NESTING:
            row[column + CHILDREN] = json.dumps(children, ensure_ascii=False, separators=(",", ":"))
            self._column(column + CHILDREN, "")

    def _column(self, name: str, kind: str) -> str:
        known = self._columns.setdefault(name, kind)
        if len(self._columns) > MOST_COLUMNS:
            raise TooLarge(self._path, self.line, f"there are more than {MOST_COLUMNS:,} different attributes")
        return known

    # ---- what comes out ----

    def table(self) -> pa.Table:
        """The rows that wait: those of finished traces, and those of an open one when they are many."""
        import pyarrow as pa

        count = self._whole
        if (len(self._rows) - count) * len(self._columns) > _WAITING_CELLS:
            count, self._trace_left = len(self._rows), True
        rows, self._rows, self._whole = self._rows[:count], self._rows[count:], 0
        if not rows:
            return pa.table({})
        return pa.table({name: texts(_values(rows, name)) for name in in_order(self._columns)})

    def header(self) -> XesHeader:
        """What the file says besides its events."""
        types = {name: self._columns[name] for name in in_order(self._columns)[1:] if self._columns[name]}
        types = {name: "mixed" if name + TYPE in self._columns else kind for name, kind in types.items()}
        log, trace, event = (tuple(map(_attribute, self._header[scope])) for scope in ("log", "trace", "event"))
        extensions, classifiers = tuple(self._extensions), tuple(self._classifiers)
        return XesHeader(types, log, extensions, trace, event, classifiers, self.traces, self.events, self.empty_traces)


def _values(rows: Sequence[tuple[Row, Row]], name: str) -> list[str | None]:
    if name == TRACE or name.startswith("case:"):
        return [trace.get(name) for trace, _ in rows]
    return [event.get(name) for _, event in rows]


def _attribute(node: Node) -> Attribute:
    return Attribute(node[0], node[1], node[2], tuple(map(_attribute, node[3])))


# --------------------------------------------------------------------------------------------------------------
# Tables of texts on their way to one Parquet file whose columns are known only at the end.

_GROUP_ROWS = 100_000
_GROUP_CELLS = 10_000_000
_GROUP_BYTES = 128 << 20


class Spool:
    """Gathers row groups in parts; a new column begins a new part.

    A single part is the result; several are written again as one. ``columns`` are those of the whole log so far, in order
    of appearance, with the type that the first value of each had.
    """

    def __init__(self, folder: Path, columns: Mapping[str, str]) -> None:
        self._folder = folder
        self._columns = columns
        self._waiting: list[pa.Table] = []
        self._parts: list[Path] = []
        self._writer: Any = None

    def add(self, table: pa.Table) -> None:
        """Take further rows, with some of the columns."""
        if table.num_rows == 0:
            return
        self._waiting.append(table)
        rows, size = (sum(getattr(waiting, what) for waiting in self._waiting) for what in ("num_rows", "nbytes"))
        if rows >= _GROUP_ROWS or rows * len(self._columns) >= _GROUP_CELLS or size >= _GROUP_BYTES:
            self._write()

    def finish(self, draft: Path) -> None:
        """Leave all rows in ``draft``, with the final columns."""
        self._write()
        self._close()
        names = in_order(self._columns)
        mixed = [name for name in names if name + TYPE in self._columns]
        if len(self._parts) == 1 and not mixed:
            os.replace(self._parts[0], draft)
            return
        self._writer = _parquet(draft, names)
        for part in self._parts:
            for group in _row_groups(part):
                self._writer.write_table(_with_types(_aligned(group, names), mixed, self._columns))
        self._close()

    def _write(self) -> None:
        import pyarrow as pa

        names = in_order(self._columns)
        if self._writer is None or self._writer.schema.names != names:
            self._close()
            self._parts.append(self._folder / f"{len(self._parts)}.parquet")
            self._writer = _parquet(self._parts[-1], names)
        if self._waiting:
            self._writer.write_table(pa.concat_tables(_aligned(table, names) for table in self._waiting))
        self._waiting.clear()

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _parquet(path: Path, names: list[str]) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pq.ParquetWriter(path, pa.schema([(name, pa.string()) for name in names]), compression="zstd", use_dictionary=True)


def _row_groups(part: Path) -> Iterator[pa.Table]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(part) as file:
        for number in range(file.num_row_groups):
            yield file.read_row_group(number)


def _aligned(table: pa.Table, names: list[str]) -> pa.Table:
    """The table with all columns, null where it has none."""
    import pyarrow as pa

    known = set(table.column_names)
    return pa.table({name: table.column(name) if name in known else pa.nulls(table.num_rows, pa.string()) for name in names})


def _with_types(table: pa.Table, mixed: list[str], columns: Mapping[str, str]) -> pa.Table:
    """The table with a type beside every value of the mixed columns, where so far only those that differ from the first have one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for name in mixed:
        place = table.column_names.index(name + TYPE)
        present = pc.is_valid(table.column(name))
        if name + CHILDREN in columns:
            present = pc.or_(present, pc.is_valid(table.column(name + CHILDREN)))
        first, none = (word(kind).cast(pa.string()) for kind in (columns[name], None))
        table = table.set_column(place, name + TYPE, pc.if_else(present, pc.coalesce(table.column(place), first), none))
    return table


# ---- the file ----

_BLOCK = 4 << 20
_LONGEST = 16 << 20


def read_xes(path: Path, target: Path, progress: Callable[[int, int], None] | None = None) -> XesHeader:
    """Write the events of an XES file to the Parquet file ``target`` and return what the file says besides them.

    Compression is recognised by content, not by name. All columns are text; the section on columns says how they are named.
    ``progress`` is told the bytes of the file done and in all.

    Raises:
        XesRefusal: the file is truncated, damaged, not XES, or hostile; ``target`` is then left as it was.
        CannotWrite: ``target`` cannot be written.
    """
    place = target.resolve()
    with replacing(target) as draft, TemporaryDirectory(prefix=".finmine-", dir=place.parent) as folder, path.open("rb") as raw:
        size = os.fstat(raw.fileno()).st_size
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if zipped else raw
        log = _Log(path, Path(folder))
        try:
            for piece, before_trace in _pieces(stream):
                log.take(piece, before_trace=before_trace)
                if progress is not None:
                    progress(raw.tell(), size)
        except EOFError as error:
            raise Truncated(path, log.document.line) from error
        except (zlib.error, gzip.BadGzipFile) as error:
            raise DamagedGzip(path, log.document.line, str(error)) from error
        return log.finish(draft)


def _pieces(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """The stream in stretches, and after which of them a trace may begin: what precedes all traces, and those that end with one.

    An overlong stretch without the end of a trace is cut anywhere.
    """
    rest, headed, mark = b"", False, b"</trace>"
    while block := stream.read(_BLOCK):
        rest += block
        if not headed and (start := rest.find(b"<trace")) >= 0:
            yield rest[:start], True
            rest, headed = rest[start:], True
        if (end := rest.rfind(mark)) >= 0:
            yield rest[: end + len(mark)], True
            rest = rest[end + len(mark) :]
        elif len(rest) > _LONGEST:
            yield rest, False
            rest = b""
    yield rest, False


class _Log:
    """A log on its way from stretches of XML to Parquet."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.columns: dict[str, str] = {}
        self.document = Document(path, self.columns)
        self.spool = Spool(folder, self.columns)
        self.between_traces = False

    def take(self, piece: bytes, *, before_trace: bool) -> None:
        """Read one stretch, the quick way if it is regular and begins between two traces."""
        quick = regular(piece, self.columns, self.document.traces_with_events) if self.between_traces else None
        if quick is not None:
            table, traces = quick
            self.document.skip(piece.count(b"\n"), traces, table.num_rows)
            self.spool.add(table)
            return
        self.document.feed(piece)
        self.spool.add(self.document.table())
        self.between_traces = before_trace and self.document.is_between_traces()

    def finish(self, draft: Path) -> XesHeader:
        """Read to the end; all rows are in ``draft`` then."""
        self.document.close()
        self.spool.add(self.document.table())
        self.spool.finish(draft)
        return self.document.header()
