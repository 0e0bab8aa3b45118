"""The thorough way through XES: every element as expat tells of it, with everything that XML and XES allow, and nothing else."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from xml.parsers import expat

from finmine.ingest.xes_arrays import texts
from finmine.ingest.xes_columns import CHILDREN, MOST_COLUMNS, TRACE, TYPE, Place, in_order
from finmine.ingest.xes_header import NESTING, SCALARS, Attribute, Classifier, Extension, XesHeader
from finmine.ingest.xes_refusals import (
    DoctypeForbidden,
    EventOutsideTrace,
    LateTraceAttribute,
    Misplaced,
    NotWellFormed,
    NotXes,
    TooLarge,
    Truncated,
    WrongParts,
    XesRefusal,
)

if TYPE_CHECKING:
    import pyarrow as pa

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
