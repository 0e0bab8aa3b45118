"""XES is read without loss: the two ways through a file agree, oracles agree, and what is broken is refused."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat
from xml.parsers.expat import ParserCreate

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.ingest import xes, xes_document, xes_refusals, xes_regular, xes_spool
from finmine.ingest.xes import read_xes
from finmine.ingest.xes_columns import TRACE, Place, place_of
from finmine.ingest.xes_header import NESTING, Attribute, Classifier, Extension, XesHeader
from finmine.ingest.xes_refusals import XesRefusal

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n'
ONE = """\t<trace>
\t\t<string key="concept:name" value="inv1"/>
\t\t<event>
\t\t\t<string key="concept:name" value="Pay &lt;late> &amp; Größe"/>
\t\t\t<date key="time:timestamp" value="2024-03-01T08:00:00.000+01:00"/>
\t\t</event>
\t\t<event>
\t\t\t<string key="concept:name" value=""/>
\t\t\t<float key="cost" value="1.10"/>
\t\t</event>
\t</trace>
"""
FOOT = "</log>"


def read(content: str | bytes, folder: Path) -> tuple[XesHeader, pa.Table]:
    """The header and the rows of a log given as text."""
    source, target = folder / "log.xes", folder / "rows.parquet"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    header = read_xes(source, target)
    return header, pq.read_table(target)


# ---- laws: logs of every shape and spelling ----

COMMON = ["concept:name", "a", "b", "Permit ID", "Permit id"]
KEYS = st.sampled_from([*COMMON * 3, "case:a", "xes:trace", "a.children", "a.xes:key", "a.xes:repeat2", "ö & \"'", ""])
VALUES = st.one_of(st.sampled_from(["", "NA", "1", "x<y>&'\"", "😀\n", "\t\r "]), st.text(st.characters(codec="utf-8"), max_size=5))
KINDS = st.sampled_from(["string"] * 12 + ["date", "int", "float", "boolean", "id"])
FLAT = st.tuples(KINDS, KEYS, VALUES, st.just(()))
NESTED = st.tuples(st.sampled_from(["string", "list", "container"]), KEYS, VALUES, st.lists(FLAT, max_size=2).map(tuple))
ATTRIBUTES = st.lists(st.one_of(*[FLAT] * 15, NESTED), max_size=3)
TRACES = st.lists(st.tuples(ATTRIBUTES, st.lists(ATTRIBUTES, max_size=3), st.one_of(st.just([]), ATTRIBUTES)), max_size=4)
ODDITIES = ["<!-- </trace><trace> \"' -->", "<?note <event> </trace> ?>", '<![CDATA[ </trace> " ]]>', "text", "&#65;"]


class Scribe:
    """Writes logs as XML; with ``oddity`` as the chance of each unusual spelling."""

    def __init__(self, random: Random, oddity: float) -> None:
        self.random = random
        self.oddity = oddity

    def odd(self) -> bool:
        """Whether the next thing is spelled in an unusual way."""
        return self.random.random() < self.oddity

    def log(self, traces: Any) -> bytes:
        """The whole file."""
        inside = [self.trace(*trace) for trace in traces]
        if inside and self.odd():
            inside.insert(1, '<string key="creator" value="me"/>')
        return f"{HEAD}{self.gap()}{''.join(inside)}{self.gap()}{FOOT}\n".encode()

    def trace(self, own: Any, events: Any, late: Any) -> str:
        """A trace with attributes before and after its events."""
        return self.element("trace", [*map(self.attribute, own), *map(self.event, events), *map(self.attribute, late)])

    def event(self, attributes: Any) -> str:
        """An event."""
        return self.element("event", list(map(self.attribute, attributes)))

    def element(self, name: str, inside: list[str]) -> str:
        """A trace or an event."""
        if not inside and self.odd():
            return f"<{name}/>"
        return f"<{name}>{''.join(self.gap() + part for part in inside)}{self.gap()}</{name}>{self.gap()}"

    def attribute(self, node: Any) -> str:
        """An attribute, with its children."""
        kind, key, value, children = node
        parts = [f"key={self.quoted(key)}", f"value={self.quoted(value)}"]
        if self.odd():
            parts.reverse()
        elif kind in NESTING:
            parts.pop()
        opening = f"<{kind} {' '.join(parts)}"
        inside = "".join(map(self.attribute, children))
        if kind == "list" and not self.odd():
            inside = f"<values>{inside}</values>"
        return f"{opening}>{inside}</{kind}>" if inside or self.odd() else f"{opening}{' ' if self.odd() else ''}/>"

    def gap(self) -> str:
        """What stands between two elements."""
        return self.random.choice(ODDITIES) if self.odd() else "\n\t"

    def quoted(self, text: str) -> str:
        """A text as an attribute's value."""
        mark = "'" if self.odd() else '"'
        return mark + "".join(self.spelled(character, mark) for character in text if xes_regular.is_character(ord(character))) + mark

    def spelled(self, character: str, mark: str) -> str:
        """A character, as itself where it may be or as one of its references."""
        if character in "\t\n\r":
            return character if self.odd() else f"&#{ord(character)};"
        named = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}.get(character)
        if character in ("&", "<", mark) or (named and self.odd()):
            return self.random.choice([named or "", f"&#x{ord(character):X};"])
        return character


def outcome(content: bytes, block: int, *, quick: bool = True) -> tuple[Any, ...]:
    """What comes of reading: header, columns and rows, or the refusal."""
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(os, "fsync", lambda _: None)  # a law need not survive a loss of power
        patch.setattr(xes, "_BLOCK", block)
        patch.setattr(xes, "_LONGEST", 4 * block)
        if not quick:
            patch.setattr(xes, "regular", lambda *_: None)
        try:
            header, rows = read(content, Path(folder))
        except XesRefusal as refusal:
            return type(refusal).__name__, str(refusal).replace(folder, "")
        return header, rows.column_names, rows.to_pylist()


@given(TRACES, st.randoms(use_true_random=False), st.sampled_from([0.0, 0.0, 0.01, 0.2]), st.sampled_from([64, 300, 1 << 20]))
def test_the_quick_way_and_the_thorough_way_give_the_same(traces: Any, random: Random, oddity: float, block: int) -> None:
    """However a log is spelled and wherever it is cut, array arithmetic and expat give the same rows and header."""
    content = Scribe(random, oddity).log(traces)
    assert outcome(content, block) == outcome(content, 1 << 20, quick=False)


WOUNDS = [b"", *b'" < & &#0; &nbsp; \0 \xff \xef\xbf\xbf / > <event> </trace> <trace> value'.split(b" "), b"\r"]


@given(TRACES, st.randoms(use_true_random=False), st.integers(1, 3), st.sampled_from([64, 1 << 20]))
def test_damaged_files_are_judged_alike_both_ways(traces: Any, random: Random, wounds: int, block: int) -> None:
    """A file with bytes lost, doubled or put in is refused for the same reason at the same line, or read the same, both ways."""
    content = Scribe(random, 0.0).log([*traces, ([], [[("string", "a", "1", ())]], [])])
    for _ in range(wounds):
        at, length = random.randrange(len(HEAD), len(content)), random.choice([0, 1, 1, 9])
        content = content[:at] + random.choice(WOUNDS) + content[at + length :]
    assert outcome(content, block) == outcome(content, block, quick=False)


def by_elementtree(content: bytes) -> Iterator[dict[tuple[bool, str, int, str], Any]]:
    """For each event: (of the trace?, key, which repeat, part) and what is there, found with the standard library's tree."""
    for trace in ET.fromstring(content).iter("trace"):
        for event in trace.iter("event"):
            found: dict[tuple[bool, str, int, str], Any] = {}
            for of_trace, owner in ((True, trace), (False, event)):
                for node in (child for child in owner if child.tag != "event"):
                    key = node.get("key", "")
                    nth = 1 + max((n for t, k, n, _ in found if (t, k) == (of_trace, key)), default=0)
                    found[of_trace, key, nth, ""] = node.get("value")
                    found[of_trace, key, nth, ".xes:type"] = node.tag
                    if len(node) or node.tag in NESTING:
                        found[of_trace, key, nth, ".children"] = [nodes(child) for child in node]
            yield found


def nodes(node: ET.Element) -> list[Any]:
    """An element as the list that the reader writes as JSON."""
    return [node.tag, node.get("key", ""), node.get("value"), [nodes(child) for child in node]]


@given(TRACES, st.randoms(use_true_random=False), st.sampled_from([0.0, 0.1]))
def test_every_attribute_is_found_by_elementtree_and_no_other(traces: Any, random: Random, oddity: float) -> None:
    """Oracle xml.etree: each row decodes to exactly the attributes of its event and trace, with types and children."""
    content = Scribe(random, oddity).log(traces)
    header, _, rows = outcome(content, 1 << 20)
    expected = list(by_elementtree(content))
    assert (header.traces, header.events) == (sum(1 for _ in ET.fromstring(content).iter("trace")), len(expected))
    assert header.empty_traces == sum(not trace.findall("event") for trace in ET.fromstring(content).iter("trace"))
    for row, event in zip(rows, expected, strict=True):
        assert dict(decoded(row, header)) == event


def decoded(row: dict[str, str | None], header: XesHeader) -> Iterator[tuple[tuple[bool, str, int, str], Any]]:
    """The attributes of a row in the same terms."""
    for name, kind in header.types.items():
        of_trace, key, nth, _ = place_of(name)
        value, children = row[name], row.get(f"{name}.children")
        if value is not None or children is not None:
            yield (of_trace, key, nth, ""), value
            yield (of_trace, key, nth, ".xes:type"), row[f"{name}.xes:type"] if kind == "mixed" else kind
        if children is not None:
            yield (of_trace, key, nth, ".children"), json.loads(children)


class LateParser:
    """A parser that keeps what it is given until it has twice as much, as newer versions of expat do with unfinished tags."""

    def __init__(self) -> None:
        self.__dict__.update(parser=ParserCreate(), kept=b"", wanted=1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["parser"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__dict__["parser"], name, value)

    def Parse(self, data: bytes, last: bool) -> None:  # noqa: N802 - the name it has in the standard library
        """Pass on what is enough."""
        own = self.__dict__
        own["kept"] += data
        if last or len(own["kept"]) >= own["wanted"]:
            kept, own["wanted"] = own["kept"], own["wanted"] * 2 % 997
            own["kept"] = b""
            own["parser"].Parse(kept, last)


@given(TRACES, st.randoms(use_true_random=False), st.sampled_from([64, 300]))
def test_a_parser_may_tell_late_what_it_was_given(traces: Any, random: Random, block: int) -> None:
    """However late expat announces elements, no stretch is taken for regular traces that is none, and nothing is lost."""
    content = Scribe(random, 0.05).log(traces)
    expected = outcome(content, 1 << 20, quick=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expat, "ParserCreate", LateParser)
        assert outcome(content, block) == expected


FRAGMENTS = st.lists(st.sampled_from(["case:", "xes:", "event:", "trace", "a", ".children", ".xes:key", ".xes:type", ".xes:repeat2", "\n", "."]))


@given(st.booleans(), FRAGMENTS.map("".join), st.integers(1, 12))
def test_names_of_columns_are_unambiguous(of_trace: bool, key: str, nth: int) -> None:
    """Whatever a key looks like, the name of its column says which place it is."""
    for part in ("", ".children", ".xes:type"):
        place = Place(of_trace, key, nth, part)
        assert place_of(place.column()) == place
        assert place.column() != TRACE


# ---- examples ----


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
    assert True in went[went.index(False) :]


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


# ---- refusals ----

EVENT = '<event><string key="a" value="b"/></event>'
DEEP = '<string key="a" value="b">' * 65 + "</string>" * 65
BOMB = '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'

BROKEN: dict[str, tuple[str | bytes, type[XesRefusal], int]] = {
    "bomb": (f"{BOMB}\n<log><string key='a' value='&b;'/></log>", xes_refusals.DoctypeForbidden, 1),
    "external entity": ('\n<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]><log>&x;</log>', xes_refusals.DoctypeForbidden, 2),
    "external subset": ('<!DOCTYPE log SYSTEM "http://example.org/x.dtd"><log/>', xes_refusals.DoctypeForbidden, 1),
    "unknown entity": (HEAD + ONE.replace("&amp;", "&x;") + FOOT, xes_refusals.NotWellFormed, 6),
    "other root": ("<html>\n</html>", xes_refusals.NotXes, 1),
    "trace as root": (ONE, xes_refusals.NotXes, 1),
    "no XML": ("case;activity\n1;Pay\n", xes_refusals.NotWellFormed, 1),
    "zip": (b"PK\x03\x04\0\0", xes_refusals.NotWellFormed, 1),
    "empty": ("", xes_refusals.Truncated, 1),
    "invalid UTF-8": (HEAD.encode() + ONE.encode().replace("ö".encode(), b"\xf6") + FOOT.encode(), xes_refusals.NotWellFormed, 6),
    "null byte": (HEAD + ONE.replace("inv1", "in\0v1") + FOOT, xes_refusals.NotWellFormed, 4),
    "null reference": (HEAD + ONE.replace("inv1", "&#0;") + FOOT, xes_refusals.NotWellFormed, 4),
    "unknown encoding": ('<?xml version="1.0" encoding="x-none"?><log/>', xes_refusals.NotWellFormed, 1),
    "event outside of a trace": (HEAD + ONE + EVENT + FOOT, xes_refusals.EventOutsideTrace, 14),
    "event in an event": (f"{HEAD}<trace><event>{EVENT}</event></trace>{FOOT}", xes_refusals.Misplaced, 3),
    "trace in a trace": (f"{HEAD}<trace>\n<trace/></trace>{FOOT}", xes_refusals.Misplaced, 4),
    "unknown element": (f"{HEAD}<trace><event><text key='a' value='b'/></event></trace>{FOOT}", xes_refusals.Misplaced, 3),
    "no key": (HEAD + ONE.replace('key="cost" ', "") + FOOT, xes_refusals.WrongParts, 11),
    "no value": (HEAD + ONE.replace(' value="1.10"', "") + FOOT, xes_refusals.WrongParts, 11),
    "part unknown to XES": (f"{HEAD}<trace><event id='1'/></trace>{FOOT}", xes_refusals.WrongParts, 3),
    "unknown scope": (f"{HEAD}<global scope='day'/>{FOOT}", xes_refusals.WrongParts, 3),
    "too deep": (f"{HEAD}<trace><event>{DEEP}</event></trace>{FOOT}", xes_refusals.TooLarge, 3),
    "two logs": (HEAD + FOOT + "\n" + "<log/>", xes_refusals.NotWellFormed, 4),
    "text after the log": (HEAD + ONE + FOOT + "\n" + ONE, xes_refusals.NotWellFormed, 15),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_refused_with_file_and_line(tmp_path: Path, name: str) -> None:
    """Each kind of broken or hostile file has its own refusal, which names file and line; the old target stays and nothing else is left."""
    content, refusal, line = BROKEN[name]
    (tmp_path / "rows.parquet").write_text("old")
    with pytest.raises(refusal, match=rf"log\.xes, line {line}: .*\. [A-Z].*\.") as caught:
        read(content, tmp_path)
    assert caught.value.line == line
    assert (tmp_path / "rows.parquet").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.xes", "rows.parquet"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path: Path, packed: bool) -> None:
    """No beginning of a file passes for the file, plain or compressed, and no target appears."""
    whole = (HEAD + ONE + FOOT).encode()
    whole = gzip.compress(whole) if packed else whole
    for end in range(len(whole)):
        with pytest.raises(XesRefusal):
            read(whole[:end], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["log.xes"]


def test_damaged_compression_is_refused(tmp_path: Path) -> None:
    """A compressed file with a wrong byte, or with something appended, is refused."""
    packed = gzip.compress((HEAD + ONE * 50 + FOOT).encode())
    for content in (packed[:60] + b"\xff\xff\xff\xff" + packed[64:], packed[:-5] + b"\0" + packed[-4:], packed + b"more"):
        with pytest.raises(XesRefusal):
            read(content, tmp_path)


def test_memory_is_bounded_by_refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless event, endless keys, and a trace attribute after very many events of its trace are refused instead of kept in memory."""
    monkeypatch.setattr(xes, "_BLOCK", 1000)
    monkeypatch.setattr(xes, "_LONGEST", 1000)
    monkeypatch.setattr(xes_document, "_WAITING_CELLS", 100)
    long_trace = f"<trace>{EVENT * 500}"
    with pytest.raises(xes_refusals.LateTraceAttribute):
        read(f'{HEAD}{long_trace}<int key="n" value="1"/></trace>{FOOT}', tmp_path)
    assert read(f"{HEAD}{long_trace}</trace>{FOOT}", tmp_path)[0].events == 500
    monkeypatch.setattr(xes_document, "_EVENT_BYTES", 5000)
    with pytest.raises(xes_refusals.TooLarge):
        read(f'{HEAD}<trace><event><string key="a" value="{"x" * 9000}"/></event></trace>{FOOT}', tmp_path)
    monkeypatch.setattr(xes_document, "MOST_COLUMNS", 50)
    monkeypatch.setattr(xes_regular, "MOST_COLUMNS", 50)
    keys = "".join(f'<trace><event><int key="{n}" value="1"/></event></trace>' for n in range(60))
    for head in (HEAD, HEAD + "<trace/>"):
        with pytest.raises(xes_refusals.TooLarge):
            read(head + keys + FOOT, tmp_path)


# ---- cost ----


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


# ---- real logs ----

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
