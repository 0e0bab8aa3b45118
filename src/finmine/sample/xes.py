"""Sample logs as XES (IEEE 1849): traces with the columns of the case, events with the others, compressed."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from finmine.sample.blueprint import Blueprint, Column, Write
from finmine.sample.calendar import utc_offsets
from finmine.sample.spelling import followed, joined, slices, spelled

_KEYS = {
    "activity": "concept:name",
    "timestamp": "time:timestamp",
    "lifecycle": "lifecycle:transition",
    "resource": "org:resource",
    "role": "org:role",
}
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<global scope="trace">
<string key="concept:name" value=""/>
</global>
<global scope="event">
<string key="concept:name" value=""/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
</global>
<classifier name="Activity" keys="concept:name"/>
<string key="concept:name" value={name}/>
"""


def xes_key(column: Column) -> str:
    """The name under which a column of a sample log is read from XES."""
    if column.role == "case":
        return "case:concept:name"
    if column.of_case:
        return f"case:{column.name}"
    return _KEYS.get(column.role or "", column.name)


@contextmanager
def write_xes(path: Path, blueprint: Blueprint) -> Iterator[Write]:
    """Write traces and events; rows come with those of a case together."""
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as file:
        file.write(_HEAD.format(name=quoteattr(blueprint.title)).encode())
        begun = False

        def write(table: pa.Table) -> None:
            nonlocal begun
            last = None
            for part in slices(table):
                case = part.column(blueprint.named("case")).combine_chunks()
                codes = case.indices.to_numpy()
                new = np.diff(codes, prepend=-1 if last is None else last) != 0
                last = codes[-1]
                traces, events = _traces(part, blueprint, pa.array(new)), _events(part, blueprint)
                text = joined(pc.binary_join_element_wise(traces, events, ""))
                file.write(text if begun else text.removeprefix(b"</trace>\n"))
                begun = True

        yield write
        file.write(b"</trace>\n</log>\n" if begun else b"</log>\n")


def _traces(part: pa.Table, blueprint: Blueprint, new: pa.Array) -> pa.Array:
    """Before the first event of a case the end of the trace before and the head of its own, before the others nothing."""
    heads = [
        _attribute(part.column(column.name), xes_key(column).removeprefix("case:"), blueprint.zone)
        for column in blueprint.columns
        if column.of_case or column.role == "case"
    ]
    head = pc.binary_join_element_wise("</trace>\n<trace>\n", *heads, "")
    return pc.if_else(new, head, "")


def _events(part: pa.Table, blueprint: Blueprint) -> pa.Array:
    attributes = [
        _attribute(part.column(column.name), xes_key(column), blueprint.zone)
        for column in blueprint.columns
        if not column.of_case and column.role != "case"
    ]
    return pc.binary_join_element_wise("<event>\n", *attributes, "</event>\n", "")


def _attribute(column: pa.ChunkedArray, key: str, zone: str) -> pa.Array:
    """A column as XES attributes; what is missing has none."""
    kind = "date" if pa.types.is_temporal(column.type) else "float" if pa.types.is_decimal(column.type) else "string"
    values = spelled(column, _xml_escaped, missing=None)
    if pa.types.is_timestamp(column.type):
        values = _stamps(column, zone)
    elif pa.types.is_date(column.type):
        values = followed(values, "T00:00:00.000+00:00")
    return pc.coalesce(pc.binary_join_element_wise(f'<{kind} key="{key}" value="', values, '"/>\n', ""), "")


def _stamps(column: pa.ChunkedArray, zone: str) -> pa.Array:
    """Instants as XES writes them, local times with the offset of their zone."""
    if column.type.tz is not None:
        plain = column.cast(pa.timestamp(column.type.unit)).combine_chunks()
        return followed(pc.replace_substring(plain.cast(pa.string()), " ", "T"), "+00:00")
    wall = column.cast(pa.int64()).combine_chunks().to_numpy()
    minutes = utc_offsets(zone, wall) // 60
    known, place = np.unique(minutes, return_inverse=True)
    offsets = [f".000{'-' if each < 0 else '+'}{abs(each) // 60:02d}:{abs(each) % 60:02d}" for each in known.tolist()]
    texts = pc.replace_substring(column.combine_chunks().cast(pa.string()), " ", "T")
    return pc.binary_join_element_wise(texts, pa.array(offsets).take(pa.array(place)), "")


def _xml_escaped(text: str) -> str:
    return escape(text, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
