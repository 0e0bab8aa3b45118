"""Writing XES event logs (IEEE 1849), plain or gzipped: the columns that ``ingest.xes`` reads become the attributes they were.

Reading what was written gives what was read: the same rows, columns, types and header, but for traces without events, which
have no row. Attributes of a trace or event stand in the order of the columns.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

from finmine.errors import Refusal, UnknownWord
from finmine.files import replacing
from finmine.ingest.xes_arrays import flags, texts, word
from finmine.ingest.xes_columns import CHILDREN, TRACE, TYPE, Place, place_of
from finmine.ingest.xes_header import SCALARS, Attribute, Classifier, Extension, XesHeader
from finmine.ingest.xes_values import TYPES, element, escaped, escaped_all, joined, parts, spelled, type_of

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Numbers: TypeAlias = np.ndarray[Any, Any]

_ROWS = 10_000
_DEEPEST = 64
_NAME = "case:concept:name"
_EXTENSIONS = tuple(
    Extension(name, prefix, f"http://www.xes-standard.org/{prefix}.xesext")
    for name, prefix in (("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Time", "time"), ("Organizational", "org"))
)
_STANDARD = {
    "concept:name": Attribute("string", "concept:name", "UNKNOWN"),
    "time:timestamp": Attribute("date", "time:timestamp", "1970-01-01T00:00:00.000+00:00"),
    "lifecycle:transition": Attribute("string", "lifecycle:transition", "complete"),
}


class ScatteredCase(Refusal):
    """The events of a case do not stand together."""

    def __init__(self, case: str, row: int) -> None:
        found = f"XES holds the events of a case together, but case {case!r} begins again at row {row:,}"
        super().__init__(f"{found}. Order the rows by case before writing.")


class NoCase(Refusal):
    """An event has no case, or the rows have no such column."""

    def __init__(self, column: str, row: int | None) -> None:
        found = f"there is no column {column!r}" if row is None else f"the event in row {row:,} has none in column {column!r}"
        super().__init__(f"every event of an XES file belongs to a case, but {found}. Name the column of the case, or leave such events out.")


class UnevenTrace(Refusal):
    """A trace attribute differs between the events of one trace."""

    def __init__(self, column: str, row: int) -> None:
        super().__init__(
            f"a trace has one value of {column!r}, but row {row:,} has another than the row before it in the same case. "
            "Write it as an attribute of events (without 'case:'), or check that the column of the case tells all cases apart."
        )


class MissingGlobal(Refusal):
    """An attribute that the file would promise for all events or traces is missing somewhere."""

    def __init__(self, column: str, row: int) -> None:
        found = f"a standard header promises {column!r} for every event, but row {row:,} has none"
        super().__init__(f"{found}. Fill it, leave such events out, or give a header that does not promise it.")


class BadChildren(Refusal):
    """A ``.children`` column holds something other than the nested attributes that the reader puts there."""

    def __init__(self, column: str, row: int) -> None:
        super().__init__(
            f"a column that ends in '{CHILDREN}' holds what is nested in the column beside it, as JSON [[type, key, value, children], ...], "
            f"but column {column!r} does not in row {row:,}. Correct or rename it."
        )


# ---- the file ----


def standard_header(columns: Iterable[str]) -> XesHeader:
    """The header of a log that has none: the extensions concept, lifecycle, time and org, an activity classifier, and globals.

    Globals promise that an attribute is everywhere; they are declared for those of ``case:concept:name``, ``concept:name``,
    ``time:timestamp`` and ``lifecycle:transition`` that are in ``columns``.
    """
    present = set(columns)
    trace = (_STANDARD["concept:name"],) if _NAME in present else ()
    event = tuple(attribute for name, attribute in _STANDARD.items() if name in present)
    classifiers = (Classifier("Activity", ("concept:name",)),) if "concept:name" in present else ()
    return XesHeader({}, (), _EXTENSIONS, trace, event, classifiers, 0, 0, 0)


def write_xes(rows: Iterable[pa.RecordBatch], target: Path, *, case: str, types: Mapping[str, str], header: XesHeader | None) -> None:
    """Write events, ordered by case, as XES; gzipped when the target's name ends so. The same rows always give the same bytes.

    Columns are named as ``xes_columns`` names them: ``case:<key>`` for a trace attribute, else an event attribute; a null is
    an absent attribute. The column ``case`` tells the traces apart: a trace attribute, or ``xes:trace`` (which is not written),
    or any other column, which then becomes the trace's ``concept:name`` unless there is a ``case:concept:name``. Texts are
    written as they are, under the XES type that ``types`` names (else ``string``); numbers, truth values, dates and times of
    Arrow under theirs, times with a zone in UTC. Without a ``header`` the log gets ``standard_header``, and its globals are
    checked.

    Raises:
        ScatteredCase, NoCase, UnevenTrace, MissingGlobal: the rows are not whole traces.
        NotXmlText, NoText, BadChildren: a value cannot be written.
        UnknownWord: ``types`` names a type that XES does not have.
        CannotWrite: ``target`` cannot be written.
    """
    with replacing(target) as draft, _opened(draft, zipped=target.name.lower().endswith(".gz")) as file:
        traces: _Traces | None = None
        for batch in rows:
            if traces is None:
                layout = _layout(batch.schema, case, types)
                traces = _Traces(layout, checked=header is None)
                file.write(_head(header or standard_header([*batch.schema.names, *(Place(True, slot.key).column() for slot in layout.trace)])))
            for start in range(0, batch.num_rows, _ROWS):
                file.write(traces.xml(batch.slice(start, _ROWS)))
        if traces is None:
            file.write(_head(header or standard_header(())))
        elif traces.rows:
            file.write(b"\t</trace>\n")
        file.write(b"</log>\n")


@contextmanager
def _opened(draft: Path, *, zipped: bool) -> Iterator[BinaryIO]:
    with draft.open("wb") as raw:
        if not zipped:
            yield raw
            return
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as packed:
            yield cast("BinaryIO", packed)


def _head(header: XesHeader) -> bytes:
    """Everything before the first trace."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    lines.append('<log xes.version="1.0" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">\n')
    lines += [f"\t<extension{parts(name=name, prefix=prefix, uri=uri)}/>\n" for name, prefix, uri in header.extensions]
    for owner, attributes in (("trace", header.global_trace), ("event", header.global_event)):
        if attributes:
            lines += [f'\t<global scope="{owner}">\n', *(element(attribute, 2) for attribute in attributes), "\t</global>\n"]
    for name, keys, scope in header.classifiers:
        spelled_keys = " ".join(f"'{key}'" if key == "" or re.search(r"\s", key) else key for key in keys)
        lines.append(f"\t<classifier{parts(name=name, scope=scope, keys=spelled_keys)}/>\n")
    lines += [element(attribute, 1) for attribute in header.log_attributes]
    return "".join(lines).encode()


# ---- columns ----


@dataclass(frozen=True, slots=True)
class _Slot:
    """An attribute of traces or events: its key, its type, and the columns of its value, its types and what is nested in it."""

    key: str
    kind: str
    value: str
    types: str | None
    children: str | None


@dataclass(frozen=True, slots=True)
class _Layout:
    """What becomes of the columns: which tells the cases apart, the attributes, and which have one value in a trace."""

    case: str
    trace: tuple[_Slot, ...]
    event: tuple[_Slot, ...]
    constant: tuple[str, ...]


def _layout(schema: pa.Schema, case: str, types: Mapping[str, str]) -> _Layout:
    """The attributes that the columns stand for, in the order of the columns."""
    present = set(schema.names)
    if case not in present:
        raise NoCase(case, None)
    renamed = case if case != TRACE and not case.startswith("case:") and _NAME not in present else None
    trace: list[_Slot] = []
    event: list[_Slot] = []
    for name in schema.names:
        place = Place(True, "concept:name") if name == renamed else place_of(name)
        if name == TRACE or (place.part and name.removesuffix(place.part) in present):
            continue
        if place.part:
            raise BadChildren(name, 1)
        beside = [name + part if name + part in present else None for part in (TYPE, CHILDREN)]
        slot = _Slot(place.key, type_of(name, schema.field(name).type, types), name, *beside)
        (trace if place.of_trace else event).append(slot)
    constant = [name for slot in trace for name in (slot.value, slot.types, slot.children) if name is not None]
    return _Layout(case, tuple(trace), tuple(event), (*constant, *present.intersection({TRACE})))


# ---- traces ----


class _Traces:
    """Rows on their way to XML; remembers the cases it has met and the last row."""

    def __init__(self, layout: _Layout, *, checked: bool) -> None:
        self.rows = 0
        self._layout = layout
        self._checked = checked
        self._met: set[str] = set()
        self._last: dict[str, pa.Array] = {}

    def xml(self, batch: pa.RecordBatch) -> bytes:
        """The XML of further rows; the trace of the last row stays open."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        columns = {name: spelled(batch.column(name)) for name in batch.schema.names}
        rows = np.arange(self.rows + 1, self.rows + 1 + len(batch))
        begins = self._begins(columns, rows)
        if self._checked:
            _check_globals(columns, rows)
        first = flags(begins)
        leading = {name: values.filter(first) for name, values in columns.items()}
        heads = joined([word("\t</trace>\n\t<trace>\n"), *(_elements(slot, leading, 2, rows[begins]) for slot in self._layout.trace)])
        before = pc.replace_with_mask(pc.fill_null(pa.nulls(len(batch), pa.large_string()), word("")), first, heads)
        events = (_elements(slot, columns, 3, rows) for slot in self._layout.event)
        xml = _bytes(joined([before, word("\t\t<event>\n"), *events, word("\t\t</event>\n")]))
        self._last = {name: values.slice(len(values) - 1) for name, values in columns.items()}
        self.rows += len(batch)
        return xml if rows[0] > 1 else xml.removeprefix(b"\t</trace>\n")

    def _begins(self, columns: Mapping[str, pa.Array], rows: Numbers) -> Numbers:
        """Which rows are the first of their trace; refuses what is not a run of whole traces."""
        case = columns[self._layout.case]
        if case.null_count:
            raise NoCase(self._layout.case, _first_null(case, rows))
        begins = self._changes(case, self._layout.case)
        begins[0] |= self.rows == 0
        for row in begins.nonzero()[0].tolist():
            name = case[row].as_py()
            if name in self._met:
                raise ScatteredCase(name, int(rows[row]))
            self._met.add(name)
        for name in self._layout.constant:
            uneven = self._changes(columns[name], name) & ~begins
            if uneven.any():
                raise UnevenTrace(name, int(rows[uneven][0]))
        return begins

    def _changes(self, values: pa.Array, name: str) -> Numbers:
        """Which rows have another value than the row before; the very first row has not."""
        import pyarrow as pa
        import pyarrow.compute as pc

        before = pa.concat_arrays([self._last.get(name, values.slice(0, 1)), values.slice(0, len(values) - 1)])
        same = pc.coalesce(pc.equal(values, before), pc.and_(values.is_null(), before.is_null()))
        return cast("Numbers", ~same.to_numpy(zero_copy_only=False))


def _check_globals(columns: Mapping[str, pa.Array], rows: Numbers) -> None:
    for name in (_NAME, *_STANDARD):
        if name in columns and columns[name].null_count:
            raise MissingGlobal(name, _first_null(columns[name], rows))


def _first_null(values: pa.Array, rows: Numbers) -> int:
    return int(rows[values.is_null().to_numpy(zero_copy_only=False)][0])


def _elements(slot: _Slot, columns: Mapping[str, pa.Array], depth: int, rows: Numbers) -> pa.Array:
    """The XML of one attribute in each row; empty where the row has none."""
    import pyarrow.compute as pc

    kinds: Any = word(slot.kind)
    if slot.types is not None:
        kinds = pc.fill_null(columns[slot.types], kinds)
        if unknown := set(kinds.unique().to_pylist()).difference(TYPES):
            raise UnknownWord("XES type", min(unknown), TYPES)
    opening, values = word("\t" * depth + "<"), escaped_all(columns[slot.value], slot.value, rows)
    flat = pc.fill_null(joined([opening, kinds, word(f' key="{escaped(slot.key)}" value="'), values, word('"/>\n')]), word(""))
    if slot.children is None:
        return flat
    nested = columns[slot.children].is_valid()
    lines = []
    for row in nested.to_numpy(zero_copy_only=False).nonzero()[0].tolist():
        kind = slot.kind if slot.types is None else kinds[row].as_py()
        node = [kind, slot.key, columns[slot.value][row].as_py(), _parsed(columns[slot.children][row].as_py())]
        if not _is_attribute(node, _DEEPEST):
            raise BadChildren(slot.children, int(rows[row]))
        lines.append(element(node, depth))
    return pc.replace_with_mask(flat, nested, texts(lines).cast(flat.type))


def _parsed(children: str) -> Any:
    try:
        return json.loads(children)
    except (ValueError, RecursionError):
        return None


def _is_attribute(node: Any, depth: int, parent: str = "") -> bool:
    """Whether a value parsed from JSON is an attribute as the reader gives it."""
    if not isinstance(node, list) or len(node) != 4 or not isinstance(node[3], list) or depth == 0:
        return False
    kind, key, value, children = node
    if kind == "values":
        right = parent == "list" and key == "" and value is None
    else:
        right = isinstance(key, str) and kind in TYPES and (isinstance(value, str) or (value is None and kind not in SCALARS))
    return right and all(_is_attribute(child, depth - 1, kind) for child in children)


def _bytes(lines: pa.Array) -> bytes:
    """All texts of an array, one after the other."""
    import numpy as np

    _, offsets, data = lines.buffers()
    whole: bytes = data.to_pybytes()
    return whole[: int(np.frombuffer(offsets, np.int64)[len(lines)])]
