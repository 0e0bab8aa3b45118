"""Laws of reading XES: the two ways through a file agree, and both agree with the standard library's tree."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat
from xml.parsers.expat import ParserCreate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.xes_files import FOOT, HEAD, read

from finmine.ingest import xes, xes_regular
from finmine.ingest.xes_columns import TRACE, Place, place_of
from finmine.ingest.xes_header import NESTING, XesHeader
from finmine.ingest.xes_refusals import XesRefusal

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
