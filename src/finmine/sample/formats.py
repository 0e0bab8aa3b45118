"""Writers of sample logs: CSV, Parquet, XES and Excel, part by part, the same bytes for the same rows."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from finmine.errors import Refusal, nearest
from finmine.sample.blueprint import Blueprint, Column
from finmine.sample.calendar import utc_offsets

Write: TypeAlias = Callable[[pa.Table], None]

_SLICE = 50_000
"""Rows made into text at a time."""
_SHEET = 1_048_575
"""Rows of an Excel sheet below its heading."""

_XES_ROLES = {"activity": "concept:name", "timestamp": "time:timestamp", "lifecycle": "lifecycle:transition", "resource": "org:resource", "role": "org:role"}
_XES_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<classifier name="Activity" keys="concept:name"/>
<string key="concept:name" value={name}/>
"""


class UnknownSampleFormat(Refusal):
    """A sample log was asked for in a format that is not written."""

    def __init__(self, target: Path) -> None:
        super().__init__(
            f"sample logs are written as {', '.join(WRITERS)}; {target.name!r} ends otherwise.{nearest(target.suffix, WRITERS)}"
        )


class TooManyRowsForExcel(Refusal):
    """A sample log does not fit on an Excel sheet."""

    def __init__(self) -> None:
        super().__init__(f"an Excel sheet holds {_SHEET:,} rows and the sample log has more. Ask for fewer cases or write Parquet.")


def format_of(target: Path) -> str:
    """The format of a file by how its name ends.

    Raises:
        UnknownSampleFormat: no format has this ending.
    """
    for ending in WRITERS:
        if target.name.lower().endswith(ending) and len(target.name) > len(ending):
            return ending
    raise UnknownSampleFormat(target)


def xes_key(column: Column) -> str:
    """The name under which a column of a sample log is read from XES."""
    if column.role == "case":
        return "case:concept:name"
    if column.of_case:
        return f"case:{column.name}"
    return _XES_ROLES.get(column.role or "", column.name)


@contextmanager
def _parquet(path: Path, blueprint: Blueprint) -> Iterator[Write]:
    writers: list[pq.ParquetWriter] = []

    def write(table: pa.Table) -> None:
        if not writers:
            writers.append(pq.ParquetWriter(path, table.schema, compression="zstd", store_schema=False))
        writers[0].write_table(table)

    try:
        yield write
    finally:
        for writer in writers:
            writer.close()


@contextmanager
def _csv(path: Path, blueprint: Blueprint) -> Iterator[Write]:
    with path.open("wb") as file:
        file.write((",".join(column.name for column in blueprint.columns) + "\n").encode())

        def write(table: pa.Table) -> None:
            for part in _slices(table):
                cells = [_texts(column, _csv_quoted) for column in part.itercolumns()]
                file.write(_bytes(pc.binary_join_element_wise(*cells[:-1], _followed(cells[-1], "\n"), ",")))

        yield write


def _csv_quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in '",\r\n') or text != text.strip() else text


@contextmanager
def _xes(path: Path, blueprint: Blueprint) -> Iterator[Write]:
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as file:
        file.write(_XES_HEAD.format(name=quoteattr(blueprint.title)).encode())
        begun = False

        def write(table: pa.Table) -> None:
            nonlocal begun
            last = None
            for part in _slices(table):
                case = part.column(blueprint.named("case")).combine_chunks()
                codes = case.indices.to_numpy()
                new = np.diff(codes, prepend=-1 if last is None else last) != 0
                last = codes[-1]
                traces, events = _xes_traces(part, blueprint, pa.array(new)), _xes_events(part, blueprint)
                text = _bytes(pc.binary_join_element_wise(traces, events, ""))
                file.write(text if begun else text.removeprefix(b"</trace>\n"))
                begun = True

        yield write
        file.write(b"</trace>\n</log>\n" if begun else b"</log>\n")


def _xes_traces(part: pa.Table, blueprint: Blueprint, new: pa.Array) -> pa.Array:
    """Before the first event of a case the end of the trace before and the head of its own, before the others nothing."""
    heads = [_xes_attribute(part.column(column.name), xes_key(column).removeprefix("case:"), blueprint.zone)
             for column in blueprint.columns if column.of_case or column.role == "case"]
    head = pc.binary_join_element_wise("</trace>\n<trace>\n", *heads, "")
    return pc.if_else(new, head, "")


def _xes_events(part: pa.Table, blueprint: Blueprint) -> pa.Array:
    attributes = [_xes_attribute(part.column(column.name), xes_key(column), blueprint.zone)
                  for column in blueprint.columns if not column.of_case and column.role != "case"]
    return pc.binary_join_element_wise("<event>\n", *attributes, "</event>\n", "")


def _xes_attribute(column: pa.ChunkedArray, key: str, zone: str) -> pa.Array:
    """A column as XES attributes; what is missing has none."""
    kind = "date" if pa.types.is_temporal(column.type) else "float" if pa.types.is_decimal(column.type) else "string"
    values = _texts(column, _xml_escaped, missing=None)
    if pa.types.is_timestamp(column.type):
        values = _xes_stamps(column, zone)
    elif pa.types.is_date(column.type):
        values = _followed(values, "T00:00:00.000+00:00")
    return pc.coalesce(pc.binary_join_element_wise(f'<{kind} key="{key}" value="', values, '"/>\n', ""), "")


def _xes_stamps(column: pa.ChunkedArray, zone: str) -> pa.Array:
    """Instants as XES writes them, local times with the offset of their zone."""
    if column.type.tz is not None:
        plain = column.cast(pa.timestamp(column.type.unit)).combine_chunks()
        return _followed(pc.replace_substring(plain.cast(pa.string()), " ", "T"), "+00:00")
    wall = column.cast(pa.int64()).combine_chunks().to_numpy()
    minutes = utc_offsets(zone, wall) // 60
    known, place = np.unique(minutes, return_inverse=True)
    offsets = [f".000{'-' if each < 0 else '+'}{abs(each) // 60:02d}:{abs(each) % 60:02d}" for each in known.tolist()]
    texts = pc.replace_substring(column.combine_chunks().cast(pa.string()), " ", "T")
    return pc.binary_join_element_wise(texts, pa.array(offsets).take(pa.array(place)), "")


def _xml_escaped(text: str) -> str:
    return escape(text, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


@contextmanager
def _xlsx(path: Path, blueprint: Blueprint) -> Iterator[Write]:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": datetime(2025, 1, 15), "title": blueprint.title})
        sheet = book.add_worksheet(blueprint.title)
        sheet.write_row(0, 0, [column.name for column in blueprint.columns])
        formats = {"date": book.add_format({"num_format": "yyyy-mm-dd"}), "stamp": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
                   "money": book.add_format({"num_format": "#,##0.00"})}
        row = 0

        def write(table: pa.Table) -> None:
            nonlocal row
            if row + table.num_rows > _SHEET:
                raise TooManyRowsForExcel
            kinds = [_cell_format(field.type, formats) for field in table.schema]
            for values in zip(*(column.to_pylist() for column in table.itercolumns()), strict=True):
                row += 1
                for place, value in enumerate(values):
                    if value is not None:
                        sheet.write(row, place, value.replace(tzinfo=None) if isinstance(value, datetime) else value, kinds[place])

        yield write


def _cell_format(kind: pa.DataType, formats: dict[str, Any]) -> Any:
    if pa.types.is_timestamp(kind):
        return formats["stamp"]
    if pa.types.is_date(kind):
        return formats["date"]
    return formats["money"] if pa.types.is_decimal(kind) else None


def _slices(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, _SLICE):
        yield table.slice(start, _SLICE).combine_chunks()


def _texts(column: pa.ChunkedArray, quoted: Callable[[str], str], missing: str | None = "") -> pa.Array:
    """A column as texts; of texts each distinct one is quoted once."""
    array = column.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = pa.array([quoted(text) for text in array.dictionary.to_pylist()], pa.string()).take(array.indices)
    elif pa.types.is_string(array.type):
        distinct = array.dictionary_encode()
        array = pa.array([quoted(text) for text in distinct.dictionary.to_pylist()], pa.string()).take(distinct.indices)
    else:
        array = array.cast(pa.string())
    return array if missing is None else pc.fill_null(array, missing)


def _followed(texts: pa.Array, end: str) -> pa.Array:
    return pc.binary_join_element_wise(texts, end, "")


def _bytes(texts: pa.Array) -> bytes:
    """All texts one after the other, without a loop: that is how Arrow holds them."""
    array = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    return bytes(data)[ends[0] : ends[-1]]


WRITERS: dict[str, Callable[[Path, Blueprint], Any]] = {".csv": _csv, ".parquet": _parquet, ".xes.gz": _xes, ".xlsx": _xlsx}
