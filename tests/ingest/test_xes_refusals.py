"""What is broken, cut off or hostile in XES is refused with file and line, and memory stays bounded."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from tests.xes_files import FOOT, HEAD, ONE, read

from finmine.ingest import xes, xes_document, xes_refusals, xes_regular
from finmine.ingest.xes_refusals import XesRefusal

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
