"""XES is written so that it reads back the same, here and elsewhere; what XES cannot hold is refused."""

from __future__ import annotations

import gzip
import os
import warnings
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.errors import Refusal, UnknownWord
from finmine.ingest import xes_values, xes_writer
from finmine.ingest.xes import read_xes
from finmine.ingest.xes_header import XesHeader
from finmine.ingest.xes_writer import standard_header, write_xes

HOSTILE = "<script>alert('1')</script> & \"=1+1\" ]]> 😀\n\t\r ö"


def read(content: bytes, folder: Path) -> tuple[XesHeader, pa.Table]:
    """The header and the rows of a log given as bytes."""
    (folder / "in.xes").write_bytes(content)
    header = read_xes(folder / "in.xes", folder / "rows.parquet")
    return header, pq.read_table(folder / "rows.parquet")


def written(
    table: pa.Table, folder: Path, case: str, rows: int = 1000, types: Mapping[str, str] | None = None, header: XesHeader | None = None
) -> bytes:
    """The bytes of a log made of a table, given in batches of so many rows."""
    write_xes(table.to_batches(max_chunksize=rows), folder / "out.xes", case=case, types=types or {}, header=header)
    return (folder / "out.xes").read_bytes()


# ---- laws ----

TEXTS = st.one_of(
    st.sampled_from(["", "a", "a", "b", "concept:name", "case:a", "xes:trace", "a.children", HOSTILE]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff"), max_size=4),
)
KINDS = st.sampled_from(["string"] * 8 + ["date", "int", "float", "boolean", "id"])


@st.composite
def attribute(draw: st.DrawFn, depth: int = 2) -> ET.Element:
    """An attribute of any type, with others nested in it."""
    kind = draw(st.sampled_from(["scalar"] * 8 + ["list", "container"])) if depth else "scalar"
    node = ET.Element(draw(KINDS) if kind == "scalar" else kind, key=draw(TEXTS))
    if kind == "scalar" or draw(st.booleans()):
        node.set("value", draw(TEXTS))
    inside = draw(st.lists(attribute(depth - 1), max_size=2)) if depth and (kind != "scalar" or draw(st.integers(0, 5)) == 0) else []
    (ET.SubElement(node, "values") if kind == "list" and draw(st.booleans()) else node).extend(inside)
    return node


ATTRIBUTES = st.lists(attribute(), max_size=3)


@st.composite
def document(draw: st.DrawFn) -> bytes:
    """A log of any shape."""
    log = ET.Element("log")
    log.extend(draw(st.lists(attribute(), max_size=2)))
    for scope in draw(st.lists(st.sampled_from(["trace", "event"]), max_size=2)):
        ET.SubElement(log, "global", scope=scope).extend(draw(st.lists(attribute(), max_size=2)))
    for name, keys in draw(st.lists(st.tuples(TEXTS, TEXTS), max_size=2)):
        ET.SubElement(log, "classifier", name=name, keys=keys)
        ET.SubElement(log, "extension", name=name, prefix=keys, uri="urn:x")
    for own, events in draw(st.lists(st.tuples(ATTRIBUTES, st.lists(ATTRIBUTES, max_size=3)), max_size=4)):
        trace = ET.SubElement(log, "trace")
        trace.extend(own)
        for inside in events:
            ET.SubElement(trace, "event").extend(inside)
    return ET.tostring(log)


@given(document(), st.integers(1, 4), st.integers(1, 3))
def test_what_is_written_reads_back_the_same(content: bytes, rows: int, block: int) -> None:
    """Reading, writing and reading again gives the same rows and header (traces without events have no row and go), however batches are cut."""
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.setattr(os, "fsync", lambda _: None)  # a law need not survive a loss of power
        patch.setattr(xes_writer, "_ROWS", block)
        header, table = read(content, folder)
        again, same = read(written(table, folder, "xes:trace", types=header.types, header=header, rows=rows), folder)
    assert again == replace(header, traces=header.traces - header.empty_traces, empty_traces=0)
    assert same.equals(table)


@given(
    st.lists(st.tuples(st.sampled_from("123"), st.one_of(st.none(), TEXTS), st.one_of(st.none(), TEXTS)), min_size=1, max_size=12), st.integers(1, 12)
)
def test_the_same_rows_give_the_same_bytes(events: list[tuple[str, str | None, str | None]], rows: int) -> None:
    """How rows come in batches changes nothing, and a compressed file holds neither its name nor its time."""
    events.sort(key=lambda event: event[0])
    table = pa.table({name: pa.array([event[place] for event in events], pa.string()) for place, name in enumerate("cab")})
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        plain = written(table, Path(name), "c", rows=rows)
        assert written(table, Path(name), "c") == plain
        one, two = Path(name, "one.xes.gz"), Path(name, "two.xes.gz")
        for target in (one, two):
            write_xes(table.to_batches(), target, case="c", types={}, header=None)
        assert one.read_bytes() == two.read_bytes()
        assert gzip.decompress(one.read_bytes()) == plain


# ---- examples ----


def test_a_table_becomes_a_log_that_others_can_read(tmp_path: Path) -> None:
    """Without a header the file declares the standard extensions, a classifier and the globals that hold; indentation as usual."""
    table = pa.table(
        {
            "invoice": ["1", "1", "2"],
            "concept:name": ["Order", "Pay", HOSTILE],
            "case:vendor": ["A & B", "A & B", None],
            "note": [None, "", "x"],
        }
    )
    expected = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">
	<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
	<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
	<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
	<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
	<global scope="trace">
		<string key="concept:name" value="UNKNOWN"/>
	</global>
	<global scope="event">
		<string key="concept:name" value="UNKNOWN"/>
	</global>
	<classifier name="Activity" keys="concept:name"/>
	<trace>
		<string key="concept:name" value="1"/>
		<string key="vendor" value="A &amp; B"/>
		<event>
			<string key="concept:name" value="Order"/>
		</event>
		<event>
			<string key="concept:name" value="Pay"/>
			<string key="note" value=""/>
		</event>
	</trace>
	<trace>
		<string key="concept:name" value="2"/>
		<event>
			<string key="concept:name" value="&lt;script&gt;alert('1')&lt;/script&gt; &amp; &quot;=1+1&quot; ]]&gt; 😀&#10;&#9;&#13; ö"/>
			<string key="note" value="x"/>
		</event>
	</trace>
</log>
"""
    content = written(table, tmp_path, "invoice")
    assert content.decode() == expected
    assert read(content, tmp_path)[1].column("concept:name").to_pylist() == ["Order", "Pay", HOSTILE]


def test_values_of_arrow_get_their_types_and_spellings(tmp_path: Path) -> None:
    """Numbers, truth values, dates and times are written under their XES types in their XML spellings, times with a zone in UTC."""
    berlin = pa.timestamp("us", "Europe/Berlin")
    moments = [datetime(2024, 3, 1, 8, tzinfo=UTC), datetime(2024, 3, 1, 8, 0, 0, 123456, tzinfo=UTC), None]
    columns: dict[str, Any] = {
        "case:n": pa.array([7, 7, 7]),
        "int": pa.array([1, None, -3], pa.int16()),
        "float": [0.1, float("nan"), float("-inf")],
        "decimal": [Decimal("1.50"), Decimal("-2.00"), None],
        "boolean": [True, False, None],
        "moment": pa.array(moments, berlin),
        "local": pa.array([datetime(2024, 3, 1, 8), None, None], pa.timestamp("s")),  # a stamp of an unknown zone
        "day": [date(2024, 3, 1), None, None],
        "code": pa.array(["x", "y", "x"]).dictionary_encode(),
        "told": ["1", "2", None],
        "empty": pa.nulls(3),
    }
    header, rows = read(written(pa.table(columns), tmp_path, "case:n", types={"told": "int", "empty": "string"}), tmp_path)
    numbers, days = dict.fromkeys(["case:n", "int", "told"], "int"), dict.fromkeys(["moment", "local", "day"], "date")
    assert header.types == {**numbers, **days, "float": "float", "decimal": "float", "boolean": "boolean", "code": "string"}
    shown = {name: rows.column(name).to_pylist() for name in rows.column_names[1:]}
    assert shown == {
        "case:n": ["7", "7", "7"],
        "int": ["1", None, "-3"],
        "float": ["0.1", "NaN", "-INF"],
        "decimal": ["1.50", "-2.00", None],
        "boolean": ["true", "false", None],
        "moment": ["2024-03-01T08:00:00.000+00:00", "2024-03-01T08:00:00.123456+00:00", None],
        "local": ["2024-03-01T08:00:00", None, None],
        "day": ["2024-03-01T00:00:00", None, None],
        "code": ["x", "y", "x"],
        "told": ["1", "2", None],
    }


def test_a_log_without_events_is_a_log(tmp_path: Path) -> None:
    """No rows give a log without traces."""
    header, rows = read(written(pa.table({"c": pa.array([], pa.string())}), tmp_path, "c"), tmp_path)
    assert (header.traces, rows.num_rows, header.extensions) == (0, 0, standard_header(()).extensions)


def test_pm4py_reads_what_is_written(tmp_path: Path) -> None:
    """Oracle pm4py (iterparse): the same cases, activities, stamps and numbers in the same order."""
    stamps = [datetime(2024, 3, day, 8, 30, tzinfo=UTC) for day in (1, 2, 2, 5)]
    table = pa.table(
        {
            "case:concept:name": ["a", "a", "b", "NA"],
            "concept:name": ["Order", HOSTILE, "Start", ""],
            "time:timestamp": pa.array(stamps, pa.timestamp("us", "UTC")),
            "amount": [1.5, -2.25, None, 0.0],
            "org:resource": ["ana", None, "bob", "null"],
        }
    )
    write_xes(table.to_batches(), tmp_path / "out.xes.gz", case="case:concept:name", types={}, header=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py

        frame = pm4py.read_xes(str(tmp_path / "out.xes.gz"), variant="iterparse")
    assert frame["case:concept:name"].tolist() == ["a", "a", "b", "NA"]
    assert frame["concept:name"].tolist() == ["Order", HOSTILE, "Start", ""]
    assert [moment.to_pydatetime() for moment in frame["time:timestamp"]] == stamps
    assert frame["amount"].dropna().tolist() == [1.5, -2.25, 0.0]
    assert frame["org:resource"].dropna().tolist() == ["ana", "bob", "null"]


# ---- refusals ----

NESTED_DEEP = "[" + '["string","a","b",[' * 70 + "]]" * 70 + "]"
REFUSED: dict[str, tuple[dict[str, list[Any]], type[Refusal], str]] = {
    "scattered case": ({"c": ["1", "2", "1"], "a": ["x"] * 3}, xes_writer.ScatteredCase, "case '1' begins again at row 3"),
    "no such column": ({"d": ["1"]}, xes_writer.NoCase, "no column 'c'"),
    "event without a case": ({"c": ["1", None]}, xes_writer.NoCase, "row 2"),
    "uneven trace": ({"c": ["1", "1", "1"], "case:v": ["A", "A", None]}, xes_writer.UnevenTrace, "'case:v', but row 3"),
    "two traces under one name": ({"c": ["1", "1"], "xes:trace": ["1", "2"]}, xes_writer.UnevenTrace, "'xes:trace', but row 2"),
    "no activity": ({"c": ["1", "1"], "concept:name": ["x", None]}, xes_writer.MissingGlobal, "'concept:name' for every event, but row 2"),
    "null byte": ({"c": ["1"], "a": ["x\0y"]}, xes_values.NotXmlText, r"U\+0000, which is in 'x\\x00y' \(column 'a', row 1\)"),
    "no character": ({"c": ["1"], "a": ["\uffff"]}, xes_values.NotXmlText, r"U\+FFFF"),
    "null byte in a key": ({"c": ["1"], "a\0": ["x"]}, xes_values.NotXmlText, r"U\+0000"),
    "null byte in a child": ({"c": ["1"], "a": ["x"], "a.children": ['[["string","\\u0000","",[]]]']}, xes_values.NotXmlText, r"U\+0000"),
    "bytes": ({"c": ["1"], "a": [b"x"]}, xes_values.NoText, "column 'a' is binary"),
    "lists": ({"c": ["1"], "a": [["x"]]}, xes_values.NoText, "column 'a' is list"),
    "children of nothing": ({"c": ["1"], "a.children": ["[]"]}, xes_writer.BadChildren, "'a.children'"),
    "children without JSON": ({"c": ["1", "1"], "a": ["x", "y"], "a.children": [None, "{"]}, xes_writer.BadChildren, "row 2"),
    "children that are no attributes": ({"c": ["1"], "a": ["x"], "a.children": ['[["text","k","v",[]]]']}, xes_writer.BadChildren, "row 1"),
    "children of no value": ({"c": ["1"], "a": [None], "a.children": ["[]"]}, xes_writer.BadChildren, "row 1"),
    "children too deep": ({"c": ["1"], "a": ["x"], "a.children": [NESTED_DEEP]}, xes_writer.BadChildren, "row 1"),
    "unknown type": ({"c": ["1"], "told": ["x"]}, UnknownWord, "no XES type 'strin'. Did you mean 'string'"),
    "unknown type of a value": ({"c": ["1"], "a": ["x"], "a.xes:type": ["text"]}, UnknownWord, "no XES type 'text'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_xes_cannot_hold_is_refused(tmp_path: Path, name: str) -> None:
    """Each kind of rows that cannot become traces is refused by name, column and row, and an older file stays."""
    columns, refusal, said = REFUSED[name]
    (tmp_path / "out.xes").write_text("old")
    with pytest.raises(refusal, match=said):
        written(pa.table(columns), tmp_path, "c", types={"told": "strin"}, rows=1)
    assert [path.name for path in tmp_path.iterdir()] == ["out.xes"]
    assert (tmp_path / "out.xes").read_text() == "old"
