"""XES is read without loss: rows and header, columns, encodings, cost, and real logs as others read them."""

from __future__ import annotations

import gzip
import subprocess
import sys
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.xes_files import FOOT, HEAD, ONE, read

import finmine
from finmine.ingest import xes, xes_regular, xes_spool
from finmine.ingest.xes import read_xes
from finmine.ingest.xes_columns import TRACE
from finmine.ingest.xes_header import Attribute, Classifier, Extension, XesHeader


def test_rows_and_header_of_a_whole_file(tmp_path: Path) -> None:
    """Texts stand as in the file, in its order; extensions, globals, classifiers and log attributes are kept, defaults not filled in."""
    declared = """<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<global scope="trace"><string key="concept:name" value="none"/></global>
<global scope="event"><string key="concept:name" value="x"/><string key="concept:name" value="y"/></global>
<classifier name="Activity" keys="concept:name 'cost centre'"/><classifier name="Case" scope="trace" keys="concept:name"/>
<string key="creator" value="me"><int key="version" value="2"/></string>"""
    header, rows = read(HEAD + declared + ONE + "<trace/>" + FOOT, tmp_path)
    assert header == XesHeader(
        types={"case:concept:name": "string", "concept:name": "string", "time:timestamp": "date", "cost": "float"},
        log_attributes=(Attribute("string", "creator", "me", (Attribute("int", "version", "2"),)),),
        extensions=(Extension("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),),
        global_trace=(Attribute("string", "concept:name", "none"),),
        global_event=(Attribute("string", "concept:name", "x"), Attribute("string", "concept:name", "y")),
        classifiers=(Classifier("Activity", ("concept:name", "cost centre")), Classifier("Case", ("concept:name",), "trace")),
        traces=2,
        events=2,
        empty_traces=1,
    )
    assert set(rows.schema.types) == {pa.string()}
    shared = {"xes:trace": "1", "case:concept:name": "inv1"}
    first = {"concept:name": "Pay <late> & Größe", "time:timestamp": "2024-03-01T08:00:00.000+01:00", "cost": None}
    assert rows.to_pylist() == [shared | first, shared | {"concept:name": "", "time:timestamp": None, "cost": "1.10"}]


def test_what_fits_no_column_stands_beside_it(tmp_path: Path) -> None:
    """Nested attributes, lists, repeated keys, values of several types and keys that look like columns all keep their place."""
    events = """<trace><int key="a" value="1"/><event><int key="a" value="1"><string key="why" value="&quot;"/></int><int key="a" value="2"/></event>
<event><string key="a" value="one"/><list key="l"><values><id key="" value="7"/></values></list><string key="case:a" value="mine"/></event></trace>"""
    header, rows = read(HEAD + events + FOOT, tmp_path)
    assert header.types == {"case:a": "int", "a": "mixed", "a.xes:repeat2": "int", "l": "list", "xes:event:case:a": "string"}
    shared = {"xes:trace": "1", "case:a": "1"}
    first: dict[str, str | None] = {"a": "1", "a.children": r'[["string","why","\"",[]]]', "a.xes:repeat2": "2", "a.xes:type": "int"}
    first |= dict.fromkeys(["l", "l.children", "xes:event:case:a"])
    second = {"a": "one", "a.children": None, "a.xes:repeat2": None, "a.xes:type": "string", "l": None}
    second |= {"l.children": '[["values","",null,[["id","","7",[]]]]]', "xes:event:case:a": "mine"}
    assert rows.to_pylist() == [shared | first, shared | second]


def test_a_regular_log_goes_the_quick_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Traces in the usual spelling never reach expat, and a comment costs only its own stretch."""
    went: list[bool] = []

    def watched(piece: bytes, columns: dict[str, str], traces: int) -> Any:
        result = xes_regular.regular(piece, columns, traces)
        went.append(result is not None)
        return result

    monkeypatch.setattr(xes, "_BLOCK", len(ONE.encode()))
    monkeypatch.setattr(xes, "regular", watched)
    header, _ = read(HEAD + ONE * 4 + "<!-- -->" + ONE * 4 + FOOT, tmp_path)
    assert header.events == 16
    assert went.count(True) >= 5
    assert any(went[went.index(False) :])


def test_a_column_may_appear_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns that appear after many rows are there for all rows, in row groups of bounded size, and the order is the document's."""
    monkeypatch.setattr(xes, "_BLOCK", 500)
    monkeypatch.setattr(xes_spool, "_GROUP_ROWS", 10)
    traces = "".join(f'<trace><event><int key="n" value="{n}"/><string key="k{n // 20}" value="x"/></event></trace>\n' for n in range(100))
    header, rows = read(HEAD + traces + FOOT, tmp_path)
    assert rows.column("n").to_pylist() == [str(n) for n in range(100)]
    assert [rows.column(f"k{n}").null_count for n in range(5)] == [80] * 5
    assert list(header.types) == ["n", "k0", "k1", "k2", "k3", "k4"]
    assert pq.ParquetFile(tmp_path / "rows.parquet").num_row_groups > 3


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252", "utf-8-sig"])
def test_other_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    """A file in another encoding gives the same rows as in UTF-8."""
    _, expected = read(HEAD + ONE + FOOT, tmp_path)
    declared = encoding.removesuffix("-sig")
    _, rows = read((HEAD.replace("UTF-8", declared) + ONE + FOOT).encode(encoding), tmp_path)
    assert rows.equals(expected)


def test_namespaces_do_not_matter(tmp_path: Path) -> None:
    """Elements with a prefix, or under whatever default namespace, are the same elements."""
    prefixed = ONE.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:").replace("&lt;late>", "&lt;late>")
    _, rows = read(f'<x:log xmlns:x="urn:x">{prefixed}</x:log>', tmp_path)
    _, expected = read(f'<log xmlns="urn:other" xmlns:y="urn:y">{ONE}</log>', tmp_path)
    assert rows.equals(expected)


def test_what_precedes_the_traces_may_be_cut_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long header or a long trace is read in stretches that end in the middle of a tag, a comment or an entity."""
    declared = "".join(f'<string key="k{n}" value="&amp;&#228;"/><!-- {n} -->' for n in range(20))
    expected, _ = read(HEAD + declared + ONE + declared + FOOT, tmp_path)
    assert len(expected.log_attributes) == 40
    for block in range(1, 40):
        monkeypatch.setattr(xes, "_BLOCK", block)
        monkeypatch.setattr(xes, "_LONGEST", 50)
        assert read(HEAD + declared + ONE + declared + FOOT, tmp_path)[0] == expected


def test_an_empty_log_is_a_log(tmp_path: Path) -> None:
    """A log without traces gives no rows and is not refused."""
    header, rows = read("<log/>", tmp_path)
    assert (header.traces, header.events, rows.num_rows, rows.column_names) == (0, 0, 0, [TRACE])


def test_other_ways_to_tell_events_apart_are_said(tmp_path: Path) -> None:
    """A classifier that is not the name of the activity is a note of the log; one that is, or tells resources, is none."""
    given = {"Activity": "concept:name", "Resource": "org:resource", "Step": "concept:name cost"}
    lines = "".join(f'<classifier name="{name}" keys="{keys}"/>' for name, keys in given.items())
    dated = ONE.replace('<float key="cost"', '<date key="time:timestamp" value="2024-03-02T08:00:00Z"/><float key="cost"').replace(
        'value=""', 'value="b"'
    )
    (tmp_path / "log.xes").write_text(HEAD + lines + dated + FOOT, encoding="utf-8")
    notes = [note for note in finmine.read(tmp_path / "log.xes").provenance.assumptions if "classifier" in note]
    assert len(notes) == 1
    assert notes[0].startswith("log.xes: its classifier 'Step' tells events apart by 'concept:name' + 'cost'")


def test_compression_is_recognised_by_content(tmp_path: Path) -> None:
    """Gzip is unpacked whatever the file is called, several members one after the other too."""
    whole = HEAD + ONE + FOOT
    _, expected = read(whole, tmp_path)
    _, rows = read(gzip.compress(whole[:300].encode()) + gzip.compress(whole[300:].encode()), tmp_path)
    assert rows.equals(expected)


def test_progress_runs_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress is told in bytes of the file, ascending to its size."""
    monkeypatch.setattr(xes, "_BLOCK", 1000)
    source, told = tmp_path / "log.xes", list[tuple[int, int]]()
    source.write_text(HEAD + ONE * 20 + FOOT, encoding="utf-8")
    read_xes(source, tmp_path / "rows.parquet", lambda done, size: told.append((done, size)))
    assert all(before <= after for before, after in pairwise(told))
    assert told[-1] == (source.stat().st_size,) * 2


def test_reading_loads_no_more_than_it_needs(tmp_path: Path) -> None:
    """Importing the reader loads neither numpy nor pyarrow, and reading does not load pandas."""
    source = tmp_path / "log.xes"
    source.write_text(HEAD + ONE + '<trace><event><int key="cost" value="1"/></event></trace>' + FOOT, encoding="utf-8")
    script = f"""
import sys, pathlib
from finmine.ingest.xes import read_xes
assert not {{"numpy", "pyarrow", "pandas"}} & set(sys.modules)
read_xes(pathlib.Path({str(source)!r}), pathlib.Path({str(tmp_path / "rows.parquet")!r}))
assert "pandas" not in sys.modules
"""
    ran = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr


REAL = {
    "bpic2020/DomesticDeclarations.xes.gz": (10_357, 55_628),
    "bpic2020/RequestForPayment.xes.gz": (6_760, 36_072),
    "bpic2019_consignment/cons_2.xes.gz": (2_036, 6_452),
    "purchasing_example/PurchasingExample.xes.gz": (608, 18_238),
}


@pytest.mark.parametrize("name", REAL)
def test_real_logs_have_their_known_size(third_party_logs: Path, tmp_path: Path, name: str) -> None:
    """Published logs give the counts of traces and events that are known of them."""
    header = read_xes(third_party_logs / name, tmp_path / "rows.parquet")
    assert (header.traces, header.events, header.empty_traces) == (*REAL[name], 0)
    assert pq.ParquetFile(tmp_path / "rows.parquet").metadata.num_rows == header.events


@pytest.mark.parametrize("name", ["bpic2019_consignment/cons_2.xes.gz", "purchasing_example/PurchasingExample.xes.gz"])
def test_real_logs_have_the_values_that_pm4py_reads(third_party_logs: Path, tmp_path: Path, name: str) -> None:
    """Oracle pm4py (iterparse): the same events in the same order with the same values of every attribute."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        import pm4py

        frame = pm4py.read_xes(str(third_party_logs / name), variant="iterparse")
    header = read_xes(third_party_logs / name, tmp_path / "rows.parquet")
    rows = pq.read_table(tmp_path / "rows.parquet").to_pandas()
    assert set(header.types) == set(frame.columns)
    for column, kind in header.types.items():
        ours, theirs = rows[column], frame[column]
        if kind == "date":
            ours, theirs = pd.to_datetime(ours, utc=True, format="ISO8601"), pd.to_datetime(theirs, utc=True)
        elif kind in ("int", "float"):
            ours, theirs = ours.astype(float), theirs.astype(float)
        elif kind == "boolean":
            ours, theirs = ours == "true", theirs.astype(bool)
        assert ours.tolist() == theirs.tolist()
