"""Reading XES event logs (IEEE 1849), plain or gzipped, into one Parquet file of texts: nothing is lost and nothing guessed.

**Rows and columns.** One row for each event, in the order of the document. An event attribute is a column named by its
key, a trace attribute the column ``case:<key>``, and ``xes:trace`` numbers the traces from 1, since their names may be
missing or occur twice. Values are the texts of the file after XML unescaping; an absent attribute is null, an empty one
the empty text. Trace columns come first, each kind in the order of first appearance.

**Whatever does not fit a column** stands in a column beside it, so that no two attributes ever meet in one place:

- ``<column>.children``: what is nested in an attribute, as JSON ``[[type, key, value, children], ...]``. The ``<values>`` of
  a list are a child of type ``values``. Lists and containers always have it (``[]`` when empty), other attributes only when
  something is nested.
- ``<column>.xes:repeat2`` and so on: the second value of a key that an event or trace has twice.
- ``<column>.xes:type``: the type of each value, only for a column whose values have several (``mixed`` in the header).
- ``xes:event:<key>``: an event attribute whose key begins with ``case:`` or ``xes:``.
- ``<key>.xes:key``: an attribute whose key ends like one of the endings above.

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
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast
from xml.parsers import expat

from finmine.errors import Refusal
from finmine.files import replacing

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

TRACE = "xes:trace"
SCALARS = ("string", "date", "int", "float", "boolean", "id")
NESTING = ("list", "container")

_BLOCK = 4 << 20
_LONGEST = 16 << 20  # a stretch without the end of a trace is handed on at this length
_EVENT_BYTES = 64 << 20
_DEPTH = 64
_COLUMNS = 4096
_GROUP_ROWS = 100_000
_GROUP_CELLS = 10_000_000


# ---- what the file says about itself ----


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
    """What a log says besides its events, and how much there is.

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


# ---- names of columns ----

_ENDING = re.compile(r"\.(?:children|xes:type|xes:key|xes:repeat[0-9]+)\Z")
_REPEAT = re.compile(r"(.*)\.xes:repeat([0-9]+)\Z", re.DOTALL)


class Place(NamedTuple):
    """Where a column belongs: to traces or events, under which key, as which of its repeats, and which part of it."""

    of_trace: bool
    key: str
    nth: int = 1
    part: str = ""

    def column(self) -> str:
        """The name of the column at this place (see the head of this file)."""
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
    part = next((end for end in (".children", ".xes:type") if column.endswith(end)), "")
    name = column.removesuffix(part)
    of_trace = name.startswith("case:")
    name = name.removeprefix("case:") if of_trace else name.removeprefix("xes:event:")
    repeat = _REPEAT.match(name)
    name, nth = (repeat[1], int(repeat[2])) if repeat else (name, 1)
    return Place(of_trace, name.removesuffix(".xes:key"), nth, part)


# ---- refusals ----


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
        super().__init__(path, line, "the file ends here, before </log>", "Copy or export it again: the rest of the log is missing.")


class DamagedGzip(XesRefusal):
    """The compressed file cannot be unpacked."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(path, line, f"the compressed file is damaged after this line ({reason})", "Copy or export it again.")


class DoctypeForbidden(XesRefusal):
    """The file declares a document type, which could define entities."""

    def __init__(self, path: Path, line: int, name: str) -> None:
        advice = "Remove the declaration; if you do not know where the file comes from, do not trust it."
        super().__init__(path, line, f"<!DOCTYPE {name}> is not allowed: XES needs no document type, and its entities could read files or fill memory", advice)


class EventOutsideTrace(XesRefusal):
    """An event stands directly in the log and so belongs to no case."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(path, line, "an <event> stands outside of any <trace> and so belongs to no case", "Put each event into the trace of its case.")


class Misplaced(XesRefusal):
    """An element stands where XES has none of its kind."""

    def __init__(self, path: Path, line: int, element: str, parent: str) -> None:
        super().__init__(path, line, f"XES has no <{element}> in <{parent}>", "Remove it, or export the log again as standard XES.")


class WrongParts(XesRefusal):
    """An element lacks a part that XES demands, or has one that XES does not know."""

    def __init__(self, path: Path, line: int, element: str, wanted: str, given: Mapping[str, str]) -> None:
        found = ", ".join(given) or "nothing"
        super().__init__(path, line, f"<{element}> takes {wanted} and has {found}", "Correct the element, or export the log again as standard XES.")


class LateTraceAttribute(XesRefusal):
    """A trace attribute follows so many events of its trace that these were already written without it."""

    def __init__(self, path: Path, line: int, key: str) -> None:
        super().__init__(path, line, f"the trace attribute {key!r} follows a very long run of the trace's events", "Put trace attributes before the events, as XES asks.")


class TooLarge(XesRefusal):
    """Something in the file is larger than any log has it: a file made to exhaust memory, or a damaged one."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        super().__init__(path, line, f"{what}, which no event log needs", "Check where the file comes from; if it is sound, split the log or drop that attribute.")


# ---- reading ----


def read_xes(path: Path, target: Path, progress: Callable[[int, int], None] | None = None) -> XesHeader:
    """Write the events of an XES file to the Parquet file ``target`` and return what the file says besides them.

    Compression is recognised by content, not by name. All columns are text; the head of this file says how they are named.
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
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if zipped else raw
        log = _Log(path, Path(folder))
        try:
            for piece in _pieces(stream):
                log.take(piece)
                if progress is not None:
                    progress(raw.tell(), size)
        except EOFError as error:
            raise Truncated(path, log.line) from error
        except (zlib.error, gzip.BadGzipFile) as error:
            raise DamagedGzip(path, log.line, str(error)) from error
        return log.finish(draft)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The stream in stretches that end with a trace, as far as a trace is not overlong; first what precedes all traces."""
    rest, headed = b"", False
    while block := stream.read(_BLOCK):
        rest += block
        if not headed and (start := rest.find(b"<trace")) >= 0:
            yield rest[:start]
            rest, headed = rest[start:], True
        end = rest.rfind(b"</trace>") + len(b"</trace>")
        if end >= len(b"</trace>"):
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > _LONGEST:
            yield rest
            rest = b""
    yield rest


class _Log:
    """A log on its way from stretches of XML to Parquet."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.columns: dict[str, str] = {}
        self.document = _Document(path, self.columns)
        self.spool = _Spool(folder, self.columns)
        self.between_traces = False

    @property
    def line(self) -> int:
        return self.document.line

    def take(self, piece: bytes) -> None:
        """Read one stretch, the quick way if it is regular and begins between two traces."""
        document = self.document
        regular = _regular(piece, self.columns, document.traces) if self.between_traces else None
        if regular is not None:
            table, traces = regular
            document.skip(piece.count(b"\n"), traces, table.num_rows)
            self.spool.add(table)
            return
        document.feed(piece)
        if (table := document.table()) is not None:
            self.spool.add(table)
        self.between_traces = document.is_between_traces()

    def finish(self, draft: Path) -> XesHeader:
        self.document.close()
        if (table := self.document.table()) is not None:
            self.spool.add(table)
        self.spool.finish(draft)
        return self.document.header()


# ---- the thorough way: expat ----

_PARENT = {"log": "", "trace": "log", "event": "trace", "global": "log", "extension": "log", "classifier": "log"}
_HOLDERS = ("log", "trace", "event", "global")
_ATTRIBUTES = frozenset((*SCALARS, *NESTING))
_UNFINISHED = frozenset({"no element found", "unclosed token", "partial character", "unclosed CDATA section"})
_KEYS = re.compile(r"'([^']*)'|(\S+)")

_Node = list[Any]  # [type, key, value, [nodes]]: as JSON it is the canonical form of a nested attribute
_Row = dict[str, str | None]


class _Document:
    """The XML document as seen by expat; rows of finished events wait here until ``table`` takes them."""

    def __init__(self, path: Path, columns: dict[str, str]) -> None:
        self.path = path
        self.columns = columns
        self.traces = self.events = self.empty_traces = 0
        self._where = ""
        self._open: list[_Node] = []
        self._trace: _Row = {}
        self._event: _Row = {}
        self._pending: list[_Node] = []
        self._trace_repeats: dict[str, int] = {}
        self._event_repeats: dict[str, int] = {}
        self._names: dict[tuple[bool, str], str] = {}
        self._rows: list[tuple[_Row, _Row]] = []
        self._held = 0  # the rows before this one belong to finished traces
        self._trace_events = 0
        self._written = False  # events of the open trace have left without waiting for its end
        self._log: list[_Node] = []
        self._globals: dict[str, list[_Node]] = {"trace": [], "event": []}
        self._scope = ""
        self._extensions: list[Extension] = []
        self._classifiers: list[Classifier] = []
        self._skipped_lines = self._fed = self._mark = 0
        self._plain: bool | None = None
        self._probing = self._probed = False
        self._parser = self._make_parser()

    def _make_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.XmlDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._doctype
        return parser

    # -- being fed --

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber + self._skipped_lines

    def feed(self, piece: bytes) -> None:
        if self._plain is None and piece:
            self._plain = b"\0" not in piece[:4]  # else UTF-16, where bytes are not characters
        self._parse(piece, False)
        if self._fed - self._mark > _EVENT_BYTES:
            raise TooLarge(self.path, self.line, f"more than {_EVENT_BYTES >> 20} MiB without the end of an event")

    def close(self) -> None:
        self._parse(b"", True)

    def _parse(self, piece: bytes, last: bool) -> None:
        self._fed += len(piece)
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            line, reason = error.lineno + self._skipped_lines, expat.ErrorString(error.code)
            if last and reason in _UNFINISHED:
                raise Truncated(self.path, line) from error
            raise NotWellFormed(self.path, line, reason) from error
        except (LookupError, ValueError) as error:  # an encoding that Python does not know or expat cannot use
            raise NotWellFormed(self.path, self.line, str(error)) from error

    def is_between_traces(self) -> bool:
        """Whether the next byte is markup directly in ``<log>``, outside comments and the like.

        An empty element is put in front of the next byte: inside a comment, an instruction or a CDATA section it is harmless
        text, and only elsewhere does expat announce it.
        """
        if not self._plain or self._where != "log" or self._open:
            return False
        self._probing, self._probed = True, False
        self._parse(b"<probe/>", False)
        self._probing = False
        return self._probed

    def skip(self, lines: int, traces: int, events: int) -> None:
        """Count a stretch that was read the quick way."""
        self._skipped_lines += lines
        self.traces += traces
        self.events += events

    # -- what expat tells --

    def _declare(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() != "utf-8":
            self._plain = False

    def _doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> None:
        raise DoctypeForbidden(self.path, self.line, name)

    def _start(self, name: str, parts: list[str]) -> None:
        kind = name if name in _ATTRIBUTES else name.rpartition(":")[2]
        if kind in _ATTRIBUTES:
            if not self._open and self._where not in _HOLDERS:
                raise self._misplaced(kind)
            if len(parts) == 4 and parts[0] == "key" and parts[2] == "value":
                self._push([kind, parts[1], parts[3], []])
            else:
                self._push(self._node(kind, parts))
        elif kind == "values" and self._open and self._open[-1][0] == "list":
            self._parts(kind, parts, (), ())
            self._push(["values", "", None, []])
        elif self._probing:
            self._probed = True
        elif self._open or _PARENT.get(kind) != self._where:
            raise self._misplaced(kind)
        else:
            self._where = kind
            self._enter(kind, parts)

    def _push(self, node: _Node) -> None:
        self._open.append(node)
        if len(self._open) > _DEPTH:
            raise TooLarge(self.path, self.line, f"attributes are nested more than {_DEPTH} deep")

    def _misplaced(self, kind: str) -> XesRefusal:
        if self._where == "":
            return NotXes(self.path, self.line, kind)
        if kind == "event" and self._where == "log" and not self._open:
            return EventOutsideTrace(self.path, self.line)
        return Misplaced(self.path, self.line, kind, self._open[-1][0] if self._open else self._where)

    def _node(self, kind: str, parts: list[str]) -> _Node:
        given = self._parts(kind, parts, ("key",) if kind in NESTING else ("key", "value"), ("value",))
        return [kind, given["key"], given.get("value"), []]

    def _parts(self, kind: str, parts: list[str], wanted: tuple[str, ...], allowed: tuple[str, ...]) -> dict[str, str]:
        """The XML attributes of an element, by name; those it must have and may have are checked."""
        given = {name: value for name, value in zip(parts[::2], parts[1::2], strict=True) if not name.startswith("xml")}
        if any(name not in given for name in wanted) or any(name not in wanted and name not in allowed for name in given):
            raise WrongParts(self.path, self.line, kind, " and ".join(wanted) or "nothing", given)
        return given

    def _enter(self, kind: str, parts: list[str]) -> None:
        if kind == "event":
            self._event = {}
            self._event_repeats.clear()
        elif kind == "trace":
            self.traces += 1
            self._trace = {TRACE: str(self.traces)}
            self._trace_repeats.clear()
            self._trace_events = 0
            self._written = False
        elif kind == "global":
            self._scope = self._parts(kind, parts, ("scope",), ())["scope"].lower()
            if self._scope not in self._globals:
                raise WrongParts(self.path, self.line, kind, 'scope="trace" or scope="event"', {f"scope={self._scope!r}": ""})
        elif kind == "extension":
            given = self._parts(kind, parts, ("name", "prefix", "uri"), ())
            self._extensions.append(Extension(given["name"], given["prefix"], given["uri"]))
        elif kind == "classifier":
            given = self._parts(kind, parts, ("name", "keys"), ("scope",))
            keys = tuple(quoted or bare for quoted, bare in _KEYS.findall(given["keys"]))
            self._classifiers.append(Classifier(given["name"], keys, given.get("scope")))
        if kind in ("event", "trace"):
            self._parts(kind, parts, (), ())

    def _end(self, name: str) -> None:
        if self._open:
            node = self._open.pop()
            if self._open:
                self._open[-1][3].append(node)
            elif self._where == "event":
                self._put(self._event, False, node)
            elif self._where == "trace":
                self._pending.append(node)
            else:
                (self._log if self._where == "log" else self._globals[self._scope]).append(node)
        elif not self._probing:
            if self._where == "event":
                self._end_event()
            elif self._where == "trace":
                self._end_trace()
            self._where = _PARENT[self._where]

    def _end_event(self) -> None:
        if self._pending:
            self._put_pending()
        self._rows.append((self._trace, self._event))
        self.events += 1
        self._trace_events += 1
        self._mark = self._parser.CurrentByteIndex

    def _end_trace(self) -> None:
        if self._trace_events:
            self._put_pending()
        else:
            self.empty_traces += 1
        self._pending.clear()
        self._held = len(self._rows)
        self._mark = self._parser.CurrentByteIndex

    def _put_pending(self) -> None:
        if self._pending and self._written:
            raise LateTraceAttribute(self.path, self.line, self._pending[0][1])
        for node in self._pending:
            self._put(self._trace, True, node)
        self._pending.clear()

    def _put(self, row: _Row, of_trace: bool, node: _Node) -> None:
        """Set an attribute down in its columns, beside anything of the same key."""
        kind, key, value, children = node
        column = self._names.get((of_trace, key)) or self._names.setdefault((of_trace, key), Place(of_trace, key).column())
        if column in row:
            repeats = self._trace_repeats if of_trace else self._event_repeats
            nth = repeats[column] = repeats.get(column, 1) + 1
            column = Place(of_trace, key, nth).column()
        if self._column(column, kind) != kind:
            row[column + ".xes:type"] = kind
            self._column(column + ".xes:type", "")
        row[column] = value
        if children or kind in NESTING:
            row[column + ".children"] = json.dumps(children, ensure_ascii=False, separators=(",", ":"))
            self._column(column + ".children", "")

    def _column(self, name: str, kind: str) -> str:
        known = self.columns.setdefault(name, kind)
        if len(self.columns) > _COLUMNS:
            raise TooLarge(self.path, self.line, f"there are more than {_COLUMNS} different attributes")
        return known

    # -- what comes out --

    def table(self) -> pa.Table | None:
        """The waiting rows of finished traces; those of an open trace too when they are many."""
        import pyarrow as pa

        count = len(self._rows)
        if self._where in ("trace", "event") and (count - self._held) * len(self.columns) < _GROUP_CELLS // 10:
            count = self._held
        elif self._where in ("trace", "event"):
            self._written = True
        if not count:
            return None
        rows, self._rows, self._held = self._rows[:count], self._rows[count:], 0
        return pa.table({name: _column_of(rows, name) for name in _in_order(self.columns)})

    def header(self) -> XesHeader:
        ordered = _in_order(self.columns)
        types = {name: "mixed" if name + ".xes:type" in self.columns else self.columns[name] for name in ordered if self.columns.get(name)}
        log, trace, event = (tuple(map(_attribute, nodes)) for nodes in (self._log, self._globals["trace"], self._globals["event"]))
        extensions, classifiers = tuple(self._extensions), tuple(self._classifiers)
        return XesHeader(types, log, extensions, trace, event, classifiers, self.traces, self.events, self.empty_traces)


def _column_of(rows: list[tuple[_Row, _Row]], name: str) -> pa.Array:
    of_trace = name == TRACE or name.startswith("case:")
    return texts([trace.get(name) for trace, _ in rows] if of_trace else [event.get(name) for _, event in rows])


def _attribute(node: _Node) -> Attribute:
    return Attribute(node[0], node[1], node[2], tuple(map(_attribute, node[3])))


def _in_order(columns: Mapping[str, str]) -> list[str]:
    """All columns: the number of the trace, trace columns, event columns, each kind by first appearance."""
    return [TRACE, *sorted(columns, key=lambda name: not name.startswith("case:"))]


# ---- the quick way: array arithmetic on regular traces ----

_LEAD = re.compile(
    r"[ \t\r\n]*/>[ \t\r\n]*(</event[ \t\r\n]*>[ \t\r\n]*)?(</trace[ \t\r\n]*>[ \t\r\n]*)?"
    r"(<trace[ \t\r\n]*>[ \t\r\n]*)?(<event[ \t\r\n]*>[ \t\r\n]*)?<(string|date|int|float|boolean|id)[ \t\r\n]+key[ \t\r\n]*=[ \t\r\n]*"
)
_MIDDLE = re.compile(r"[ \t\r\n]+value[ \t\r\n]*=[ \t\r\n]*")
_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_QUOTE, _SPACE, _BRACKET = b'" <'


class _Lead(NamedTuple):
    """What stands between a value and the next key: tags that leave and enter elements, and the next attribute's type.

    Levels: 0 in the log, 1 in a trace, 2 in an event; -1 where there are no tags and the level stays what it was.
    """

    start: int
    end: int
    traces: int
    events: int
    kind: int


def _regular(piece: bytes, columns: dict[str, str], traces: int) -> tuple[pa.Table, int] | None:
    """The events of whole traces and the number of traces, or nothing where the stretch is not regular.

    The stretch is cut at its double quotes into *lead* ``"key"`` *middle* ``"value"`` *lead* …; leads and middles must match
    their grammar, levels must follow one another, and every ``<`` and control character must be one of a lead or middle. Then
    the stretch is XML of just this meaning. New columns are entered into ``columns``; ``traces`` is the number before.
    """
    import numpy as np
    import pyarrow as pa

    data = b"/>" + piece + b"<string key="  # so that the first and the last lead are like all others
    if not (data.isascii() or _is_xml_text(data)):
        return None
    characters = np.frombuffer(data, np.uint8)
    text = _cut(characters, data)
    if len(text) % 8 != 1 or len(text) == 1:
        return None
    (leads, lead), (keys, key), (middles, middle) = (_distinct(text, first) for first in (0, 2, 4))
    steps = [_lead(word) for word in leads]
    names = [_unescaped(word) for word in keys]
    if None in steps or None in names or len(set(names)) < len(names) or not all(map(_MIDDLE.fullmatch, middles)):
        return None
    outside = [(leads, np.bincount(lead)), (middles, np.bincount(middle))]
    for found, sign in ((characters < _SPACE, lambda c: c < " "), (characters == _BRACKET, lambda c: c == "<")):
        if np.count_nonzero(found) != sum(int(n) * sum(map(sign, word)) for words, counts in outside for word, n in zip(words, counts, strict=True)):
            return None
    start, end, opens_trace, opens_event, kind = np.array(steps, np.int64).T[:, lead]
    level = end[np.maximum.accumulate(np.where(end >= 0, np.arange(len(end)), 0))]
    follows = (start[1:] < 0) | (start[1:] == level[:-1])
    if start[0] != 0 or level[-1] != 0 or not follows.all() or not level[:-1].all():
        return None
    trace, event = np.cumsum(opens_trace) - 1, np.cumsum(opens_event) - 1
    trace_of_event = trace[opens_event == 1]
    if len(trace_of_event) == 0 or 1 + np.count_nonzero(np.diff(trace_of_event)) != trace[-1] + 1:
        return None  # a trace without events
    found: dict[str, str] = {}
    arrays: dict[str, pa.Array] = {}
    for group in _groups(key * 2 + level[:-1]):
        of_trace = bool(level[group[0]] == 1)
        kinds, rows = kind[group], (trace if of_trace else event)[group]
        name = Place(of_trace, cast(str, names[key[group[0]]])).column()
        found[name] = SCALARS[kinds[0]]
        if (kinds != kinds[0]).any() or columns.get(name, found[name]) != found[name] or not np.diff(rows).all():
            return None
        source = np.full(len(trace_of_event) if not of_trace else trace[-1] + 1, -1)
        source[rows] = group * 8 + 6
        values = _taken(text, source[trace_of_event] if of_trace else source)
        if b"&" in values.buffers()[2].to_pybytes() and (values := _unescaped_all(values)) is None:
            return None
        arrays[name] = values
    if len(columns.keys() | found.keys()) > _COLUMNS:
        return None
    columns.update(found)
    number = _integers(trace_of_event + traces + 1).cast(pa.string())
    return pa.table({TRACE: number, **arrays}), int(trace[-1]) + 1


def _is_xml_text(data: bytes) -> bool:
    """Whether the bytes are UTF-8 without the two characters above U+007F that XML has not."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\xef\xbf\xbe" not in data and b"\xef\xbf\xbf" not in data


def _cut(characters: np.ndarray[Any, Any], data: bytes) -> pa.Array:
    """What is before, at and after each double quote, without copying."""
    import numpy as np
    import pyarrow as pa

    quotes = np.flatnonzero(characters == _QUOTE)
    offsets = np.empty(2 * len(quotes) + 2, np.int32)
    offsets[0], offsets[1:-1:2], offsets[2:-1:2], offsets[-1] = 0, quotes, quotes + 1, len(data)
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def _distinct(text: pa.Array, first: int) -> tuple[list[str], np.ndarray[Any, Any]]:
    """The distinct words among every eighth text, and which of them stands where."""
    import numpy as np

    coded = _taken(text, np.arange(first, len(text), 8)).dictionary_encode()
    return coded.dictionary.to_pylist(), np.frombuffer(coded.indices.buffers()[1], np.int32)[: len(coded)].astype(np.int64)


def _taken(text: pa.Array, source: np.ndarray[Any, Any]) -> pa.Array:
    """The texts at the given places; null where the place is negative."""
    return text.take(_integers(source, source >= 0))


def texts(values: Sequence[str | None]) -> pa.Array:
    """An Arrow array of Python texts (``pa.array`` would import pandas for it)."""
    import numpy as np
    import pyarrow as pa

    encoded = [b"" if value is None else value.encode() for value in values]
    offsets = np.concatenate(([0], np.cumsum([len(code) for code in encoded]))).astype(np.int32)
    valid = np.packbits([value is not None for value in values], bitorder="little")
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)), pa.py_buffer(valid))


def _integers(numbers: np.ndarray[Any, Any], valid: np.ndarray[Any, Any] | None = None) -> pa.Array:
    """An Arrow array that shares the numbers' memory (``pa.array`` would import pandas for it)."""
    import numpy as np
    import pyarrow as pa

    bits = None if valid is None or valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(pa.int64(), len(numbers), [bits, pa.py_buffer(np.ascontiguousarray(numbers, np.int64))])


def _groups(codes: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    """The places of each distinct code, ascending; the code that appears first comes first."""
    import numpy as np

    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    return sorted(groups, key=lambda group: int(group[0]))


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


def _unescaped(text: str) -> str | None:
    """A text with its references replaced; nothing where one is not plainly right, which is then for expat to judge."""
    if "&" not in text:
        return text
    codes = [int(decimal) if decimal else int(hexadecimal, 16) for name, decimal, hexadecimal in _REFERENCE.findall(text) if not name]
    if "&" in _REFERENCE.sub("", text) or not all(map(_is_character, codes)):
        return None
    return _REFERENCE.sub(lambda match: _NAMED[match[1]] if match[1] else chr(int(match[2]) if match[2] else int(match[3], 16)), text)


def _unescaped_all(values: pa.Array) -> pa.Array | None:
    coded = values.dictionary_encode()
    plain = [_unescaped(word) for word in coded.dictionary.to_pylist()]
    return None if None in plain else texts(plain).take(coded.indices)


def _is_character(code: int) -> bool:
    """Whether XML 1.0 has a character of this number."""
    return code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF


# ---- Parquet ----


class _Spool:
    """Tables on their way to one Parquet file whose columns are known only at the end.

    Row groups go to a part; a new column begins a new part. A single part is the result; several are written again as one.
    """

    def __init__(self, folder: Path, columns: dict[str, str]) -> None:
        self.folder = folder
        self.columns = columns
        self._waiting: list[pa.Table] = []
        self._parts: list[Path] = []
        self._writer: Any = None

    def add(self, table: pa.Table) -> None:
        self._waiting.append(table)
        rows = sum(waiting.num_rows for waiting in self._waiting)
        if rows >= _GROUP_ROWS or rows * len(self.columns) >= _GROUP_CELLS:
            self._write()

    def finish(self, draft: Path) -> None:
        """Leave all rows in ``draft``, with the final columns."""
        import pyarrow as pa

        if not self._waiting and not self._parts:
            self._waiting.append(pa.table({}))
        if self._waiting:
            self._write()
        self._close()
        mixed = [name for name in self.columns if name + ".xes:type" in self.columns]
        if len(self._parts) == 1 and not mixed:
            os.replace(self._parts[0], draft)
            return
        self._writer = _parquet(draft, _in_order(self.columns))
        for part in self._parts:
            for group in _row_groups(part):
                self._writer.write_table(_with_types(_aligned(group, _in_order(self.columns)), mixed, self.columns))
        self._close()

    def _write(self) -> None:
        import pyarrow as pa

        names = _in_order(self.columns)
        if self._writer is None or self._writer.schema.names != names:
            self._close()
            self._parts.append(self.folder / f"{len(self._parts)}.parquet")
            self._writer = _parquet(self._parts[-1], names)
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
    import pyarrow as pa

    known = set(table.column_names)
    return pa.table({name: table.column(name) if name in known else pa.nulls(table.num_rows, pa.string()) for name in names})


def _with_types(table: pa.Table, mixed: list[str], columns: Mapping[str, str]) -> pa.Table:
    """The table with a type beside every value of the mixed columns, where so far only those that differ from the first have one."""
    import pyarrow.compute as pc

    for name in mixed:
        place = table.column_names.index(name + ".xes:type")
        present = pc.is_valid(table.column(name))
        if name + ".children" in columns:
            present = pc.or_(present, pc.is_valid(table.column(name + ".children")))
        first, none = texts([columns[name], None])
        kinds = pc.if_else(present, pc.fill_null(table.column(place), first), none)
        table = table.set_column(place, name + ".xes:type", kinds)
    return table
