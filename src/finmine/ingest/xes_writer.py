"""Writing XES event logs (IEEE 1849), plain or gzipped: the columns that ``ingest.xes`` reads become the attributes they were.

Reading what was written gives what was read: the same rows, columns, types and header, but for traces without events, which
have no row. Attributes of a trace or event stand in the order of the columns.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from finmine.errors import Refusal, UnknownWord
from finmine.files import replacing
from finmine.ingest.xes import NESTING, SCALARS, TRACE, Attribute, Classifier, Extension, Place, XesHeader, place_of, texts

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_ROWS = 10_000
_DEPTH = 64
_EXTENSIONS = tuple(
    Extension(name, prefix, f"http://www.xes-standard.org/{prefix}.xesext")
    for name, prefix in (("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Time", "time"), ("Organizational", "org"))
)
_STANDARD = {
    "concept:name": Attribute("string", "concept:name", "UNKNOWN"),
    "time:timestamp": Attribute("date", "time:timestamp", "1970-01-01T00:00:00.000+00:00"),
    "lifecycle:transition": Attribute("string", "lifecycle:transition", "complete"),
}


# ---- refusals ----


class ScatteredCase(Refusal):
    """The events of a case do not stand together."""

    def __init__(self, case: str, row: int) -> None:
        super().__init__(f"XES holds the events of a case together, but case {case!r} begins again at row {row:,}. Order the rows by case before writing.")


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
        super().__init__(f"XES programmes expect {column!r} everywhere, but row {row:,} has none. Fill it, leave such events out, or give a header that does not promise it.")


class NotXmlText(Refusal):
    """A text has a character that XML cannot hold."""

    def __init__(self, text: str, where: str) -> None:
        found = next(character for character in text if _FORBIDDEN.match(character))
        shown = text if len(text) <= 60 else text[:60] + "…"
        super().__init__(f"XML cannot hold the character U+{ord(found):04X}, which is in {shown!r} ({where}). Remove it, or write Parquet or CSV.")


class BadChildren(Refusal):
    """A ``.children`` column holds something other than the nested attributes that the reader puts there."""

    def __init__(self, column: str, row: int) -> None:
        super().__init__(
            f"a column that ends in '.children' holds what is nested in the column beside it, as JSON [[type, key, value, children], ...], "
            f"but column {column!r} does not in row {row:,}. Correct or rename it."
        )


class NoText(Refusal):
    """A column has a type that no XES attribute can hold."""

    def __init__(self, column: str, kind: object) -> None:
        super().__init__(f"XES holds texts, numbers, dates and truth values, but column {column!r} is {kind}. Turn it into text first, or leave it out.")


# ---- writing ----


def standard_header(columns: Iterable[str]) -> XesHeader:
    """The header of a log that has none: the extensions concept, lifecycle, time and org, an activity classifier, and globals.

    Globals promise that an attribute is everywhere; they are declared for those of ``case:concept:name``, ``concept:name``,
    ``time:timestamp`` and ``lifecycle:transition`` that are in ``columns``.
    """
    present = set(columns)
    trace = (_STANDARD["concept:name"],) if "case:concept:name" in present else ()
    event = tuple(attribute for name, attribute in _STANDARD.items() if name in present)
    classifiers = (Classifier("Activity", ("concept:name",)),) if "concept:name" in present else ()
    return XesHeader({}, (), _EXTENSIONS, trace, event, classifiers, 0, 0, 0)


def write_xes(rows: Iterable[pa.RecordBatch], target: Path, *, case: str, types: Mapping[str, str], header: XesHeader | None) -> None:
    """Write events, ordered by case, as XES; gzipped when the target's name ends so. The same rows always give the same bytes.

    Columns are named as ``ingest.xes`` names them: ``case:<key>`` for a trace attribute, else an event attribute; a null is
    an absent attribute. The column ``case`` tells the traces apart: a trace attribute, or ``xes:trace``, or any other column,
    which then becomes the trace's ``concept:name`` unless there is a ``case:concept:name``. Texts are written as they are, under the XES type
    that ``types`` names (else ``string``); numbers, truth values, dates and times of Arrow under theirs, times with a zone in
    UTC. Without a ``header`` the log gets ``standard_header``, and its globals are checked.

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
                traces = _Traces(_layout(batch.schema, case, types), checked=header is None)
                file.write(_head(header or standard_header(_after_renaming(batch.schema.names, case))).encode())
            for start in range(0, batch.num_rows, _ROWS):
                file.write(traces.xml(batch.slice(start, _ROWS)))
        if traces is None:
            file.write(_head(header or standard_header(())).encode())
        elif traces.rows:
            file.write(b"\t</trace>\n")
        file.write(b"</log>\n")


@contextmanager
def _opened(draft: Path, zipped: bool) -> Iterator[BinaryIO]:
    with draft.open("wb") as raw:
        if not zipped:
            yield raw
            return
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as packed:
            yield cast(BinaryIO, packed)


def _head(header: XesHeader) -> str:
    """Everything before the first trace."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">\n']
    lines += [f"\t<extension{_parts(name=name, prefix=prefix, uri=uri)}/>\n" for name, prefix, uri in header.extensions]
    for scope, attributes in (("trace", header.global_trace), ("event", header.global_event)):
        if attributes:
            lines += [f'\t<global scope="{scope}">\n', *(_element(attribute, 2) for attribute in attributes), "\t</global>\n"]
    for name, keys, scope in header.classifiers:
        spelled = " ".join(f"'{key}'" if key == "" or re.search(r"\s", key) else key for key in keys)
        lines.append(f"\t<classifier{_parts(name=name, keys=spelled, scope=scope)}/>\n")
    lines += [_element(attribute, 1) for attribute in header.log_attributes]
    return "".join(lines)


def _element(node: Attribute | Sequence[Any], depth: int) -> str:
    """An attribute with all that is nested in it, one element a line."""
    kind, key, value, children = node
    tabs = "\t" * depth
    opening = f"{tabs}<{kind}" + ("" if kind == "values" else _parts(key=key, value=value))
    if not children:
        return f"{opening}/>\n"
    return f"{opening}>\n{''.join(_element(child, depth + 1) for child in children)}{tabs}</{kind}>\n"


def _parts(**given: str | None) -> str:
    """XML attributes, without those that are missing."""
    return "".join(f' {name}="{_escaped(value)}"' for name, value in given.items() if value is not None)


# ---- texts in XML ----

_SPECIAL = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _escaped(text: str) -> str:
    if _FORBIDDEN.search(text):
        raise NotXmlText(text, "a name or an attribute of the log")
    return text.translate(str.maketrans(_SPECIAL))


def _all_escaped(values: pa.Array, column: str, rows: np.ndarray[Any, Any]) -> pa.Array:
    """The texts of a column as they stand between double quotes; ``rows`` are their numbers, for the refusal."""
    import pyarrow.compute as pc

    if not pc.any(pc.match_substring_regex(values, '[\\x{00}-\\x{1f}&<>"\\x{FFFE}\\x{FFFF}]')).as_py():
        return values
    for row, text in zip(rows, values.to_pylist(), strict=True):
        if text is not None and _FORBIDDEN.search(text):
            raise NotXmlText(text, f"column {column!r}, row {row:,}")
    for character, reference in _SPECIAL.items():
        values = pc.replace_substring(values, character, reference)
    return values


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
    """What becomes of the columns: the column of the case, and the attributes of traces and of events."""

    case: str
    trace: tuple[_Slot, ...]
    event: tuple[_Slot, ...]
    constant: tuple[str, ...]  # columns with one value in a trace


def _after_renaming(names: Sequence[str], case: str) -> list[str]:
    return [*names, "case:concept:name"] if _is_plain(case) else list(names)


def _is_plain(case: str) -> bool:
    return case != TRACE and not case.startswith("case:")


def _layout(schema: pa.Schema, case: str, types: Mapping[str, str]) -> _Layout:
    """The attributes that the columns stand for, in the order of the columns."""
    if case not in schema.names:
        raise NoCase(case, None)
    present = set(schema.names)
    sides: tuple[list[_Slot], list[_Slot]] = ([], [])
    renamed = _is_plain(case) and "case:concept:name" not in present
    for name in schema.names:
        place = Place(True, "concept:name") if renamed and name == case else place_of(name)
        if name == TRACE or (place.part and name.removesuffix(place.part) in present):
            continue
        if place.part:
            raise BadChildren(name, 1)
        kind = _kind(name, schema.field(name).type, types)
        extra = [name + part if name + part in present else None for part in (".xes:type", ".children")]
        sides[not place.of_trace].append(_Slot(place.key, kind, name, *extra))
    constant = [name for slot in sides[0] for name in (slot.value, slot.types, slot.children) if name is not None]
    return _Layout(case, tuple(sides[0]), tuple(sides[1]), (*constant, *present.intersection({TRACE})))


def _kind(name: str, arrow: pa.DataType, types: Mapping[str, str]) -> str:
    """The XES type of a column: the one that is named, else what Arrow's type amounts to."""
    from pyarrow import types as of

    told = types.get(name)
    if told is not None and told not in (*SCALARS, *NESTING, "mixed"):
        raise UnknownWord("XES type", told, (*SCALARS, *NESTING))
    if told is not None:
        return "string" if told == "mixed" else told
    value = arrow.value_type if of.is_dictionary(arrow) else arrow
    tests = {"boolean": of.is_boolean, "int": of.is_integer, "date": lambda kind: of.is_timestamp(kind) or of.is_date(kind)}
    tests["float"] = lambda kind: of.is_floating(kind) or of.is_decimal(kind)
    return next((word for word, test in tests.items() if test(value)), "string")


def _as_text(values: pa.Array, column: str) -> pa.Array:
    """A column as XES spells it."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types as of

    kind = values.type
    if of.is_dictionary(kind):
        return _as_text(values.dictionary_decode(), column)
    if of.is_date(kind):
        return _as_text(values.cast(pa.timestamp("ms" if of.is_date64(kind) else "s")), column)
    if of.is_timestamp(kind):
        clock = pc.strftime(values.cast(pa.timestamp(kind.unit)), format="%Y-%m-%dT%H:%M:%S").cast(pa.large_string())
        clock = pc.replace_substring_regex(clock, r"(\.\d{3}(?:\d*[1-9])?)0*$", r"\1")
        return clock if kind.tz is None else _joined([clock, _word("+00:00")])
    if of.is_floating(kind):
        spelled = values.cast(pa.large_string())
        for ours, theirs in (("^nan$", "NaN"), ("^inf$", "INF"), ("^-inf$", "-INF")):
            spelled = pc.replace_substring_regex(spelled, ours, theirs)
        return spelled
    if of.is_nested(kind) or of.is_binary(kind) or of.is_large_binary(kind) or of.is_duration(kind) or of.is_time(kind):
        raise NoText(column, kind)
    return values.cast(pa.large_string())


def _word(text: str) -> pa.Scalar:
    """A constant for Arrow's functions (a Python text would make Arrow import pandas)."""
    import pyarrow as pa

    return texts([text]).cast(pa.large_string())[0]


def _joined(pieces: Sequence[Any]) -> pa.Array:
    """The texts put together row by row; null where one of them is."""
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(*pieces, _word(""), null_handling="emit_null")


# ---- traces ----


class _Traces:
    """Rows on their way to XML; remembers the cases it has met and the last row."""

    def __init__(self, layout: _Layout, checked: bool) -> None:
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

        columns = {name: _as_text(batch.column(name), name) for name in batch.schema.names}
        rows = np.arange(self.rows + 1, self.rows + 1 + len(batch))
        begins = self._begins(columns, rows)
        if self._checked:
            _check_globals(columns, rows)
        mask = pa.Array.from_buffers(pa.bool_(), len(batch), [None, pa.py_buffer(np.packbits(begins, bitorder="little"))])
        leading = {name: values.filter(mask) for name, values in columns.items()}
        heads = _joined([_word("\t</trace>\n\t<trace>\n"), *(_elements(slot, leading, 2, rows[begins]) for slot in self._layout.trace)])
        before = pc.replace_with_mask(pc.fill_null(pa.nulls(len(batch), pa.large_string()), _word("")), mask, heads)
        events = (_elements(slot, columns, 3, rows) for slot in self._layout.event)
        xml = _bytes(_joined([before, _word("\t\t<event>\n"), *events, _word("\t\t</event>\n")]))
        self._last = {name: values.slice(len(values) - 1) for name, values in columns.items()}
        self.rows += len(batch)
        return xml if rows[0] > 1 else xml.removeprefix(b"\t</trace>\n")

    def _begins(self, columns: Mapping[str, pa.Array], rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Which rows are the first of their trace; refuses what is not a run of whole traces."""
        case = columns[self._layout.case]
        if case.null_count:
            raise NoCase(self._layout.case, int(rows[case.is_null().to_numpy(zero_copy_only=False)][0]))
        begins = self._changes(case, self._layout.case)
        begins[0] |= self.rows == 0
        for row in begins.nonzero()[0]:
            name = case[int(row)].as_py()
            if name in self._met:
                raise ScatteredCase(name, int(rows[row]))
            self._met.add(name)
        for name in self._layout.constant:
            uneven = self._changes(columns[name], name) & ~begins
            if uneven.any():
                raise UnevenTrace(name, int(rows[uneven][0]))
        return begins

    def _changes(self, values: pa.Array, name: str) -> np.ndarray[Any, Any]:
        """Which rows have another value than the row before; the very first row has not."""
        import pyarrow as pa
        import pyarrow.compute as pc

        before = pa.concat_arrays([self._last.get(name, values.slice(0, 1)), values.slice(0, len(values) - 1)])
        same = pc.coalesce(pc.equal(values, before), pc.and_(values.is_null(), before.is_null()))
        return cast("np.ndarray[Any, Any]", ~same.to_numpy(zero_copy_only=False))


def _check_globals(columns: Mapping[str, pa.Array], rows: np.ndarray[Any, Any]) -> None:
    for name in ("case:concept:name", *_STANDARD):
        if name in columns and columns[name].null_count:
            raise MissingGlobal(name, int(rows[columns[name].is_null().to_numpy(zero_copy_only=False)][0]))


def _elements(slot: _Slot, columns: Mapping[str, pa.Array], depth: int, rows: np.ndarray[Any, Any]) -> pa.Array:
    """The XML of one attribute in each row; empty where the row has none."""
    import pyarrow.compute as pc

    kinds: Any = _word(slot.kind)
    if slot.types is not None:
        kinds = pc.fill_null(columns[slot.types], kinds)
        if unknown := set(kinds.unique().to_pylist()).difference(SCALARS, NESTING):
            raise UnknownWord("XES type", min(unknown), (*SCALARS, *NESTING))
    tabs, key = "\t" * depth, _escaped(slot.key)
    values = _all_escaped(columns[slot.value], slot.value, rows)
    flat = pc.fill_null(_joined([_word(f"{tabs}<"), kinds, _word(f' key="{key}" value="'), values, _word('"/>\n')]), _word(""))
    if slot.children is None:
        return flat
    nested = columns[slot.children].is_valid()
    spelled = []
    for row in nested.to_numpy(zero_copy_only=False).nonzero()[0].tolist():
        kind = slot.kind if slot.types is None else kinds[row].as_py()
        node = [kind, slot.key, columns[slot.value][row].as_py(), _parsed(columns[slot.children][row].as_py())]
        if not _is_attribute(node, depth=_DEPTH):
            raise BadChildren(slot.children, int(rows[row]))
        spelled.append(_element(node, depth))
    return pc.replace_with_mask(flat, nested, texts(spelled).cast(flat.type))


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
        right = isinstance(key, str) and (isinstance(value, str) and kind in SCALARS or kind in NESTING and isinstance(value, str | None))
    return right and all(_is_attribute(child, depth - 1, kind) for child in children)


def _bytes(lines: pa.Array) -> bytes:
    """All texts of an array, one after the other."""
    import numpy as np

    _, offsets, data = lines.buffers()
    return data.to_pybytes()[: int(np.frombuffer(offsets, np.int64)[len(lines)])]
