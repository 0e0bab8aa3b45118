"""Remembered alignments: nothing is looked for twice, nothing that depends on the machine is kept, and no file by another hand is believed."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from finmine.errors import Refusal
from finmine.models import child, remembered
from finmine.models.conformance import _shares, checked
from finmine.models.reference import straight_line
from finmine.models.remembered import Remembered, Run
from finmine.models.told import Deviation, Told

LINE = straight_line("line", ("a", "b", "c"))
RUNS: list[Run] = [(("a", "b", "c"), False), (("a", "x", "c"), False), (("a",), True), (("\u202ea", "b"), False)]
REPLAYED = Told("replayed", (Deviation("not allowed", "x", None), Deviation("ends early", None, "a")))


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_MEMORY", {})


def test_what_was_found_is_not_looked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time all comes from memory, and in another run of the programme from the file; another number of states is another question."""
    first = checked(LINE, RUNS, [3, 2, 1, 1], 100, 60, tmp_path / "kept")
    assert [(one.how, len(one.deviations)) for one in first] == [("aligned", 0), ("aligned", 2), ("aligned", 0), ("aligned", 3)]

    def none(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(child, "run", none)
    assert checked(LINE, RUNS[::-1], [1, 1, 2, 3], 100, 60) == first[::-1]
    remembered._MEMORY.clear()
    assert checked(LINE, RUNS, [3, 2, 1, 1], 100, 1, tmp_path / "kept") == first
    with pytest.raises(AssertionError):
        checked(LINE, RUNS, [3, 2, 1, 1], 99, 60, tmp_path / "kept")
    assert len([*(tmp_path / "kept").iterdir()]) == 1


def test_replayed_and_not_told_are_kept_and_what_was_late_is_not(tmp_path: Path) -> None:
    """What depends on the states is the same everywhere, what depends on the time is not; what a file says does not get into memory, from which packs are made."""
    late: Run = (("b",), False)
    found = [(RUNS[0], REPLAYED), (RUNS[1], Told("not told")), (late, Told("replayed", late=True))]
    Remembered.of(LINE, 1, tmp_path).learn(found)
    remembered._MEMORY.clear()
    assert Remembered.of(LINE, 1, tmp_path).known == dict(found[:2])
    assert Remembered.of(LINE, 1, None).known == {}
    assert Remembered.of(LINE, 2, tmp_path).known == {}


def kept(runs: Any) -> bytes:
    """A file of remembered runs by another hand, with the hash that belongs to it."""
    digest = sha256(json.dumps(runs, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return json.dumps({"finmine_alignments": 1, "runs": runs, "sha256": digest}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"finmine_alignments": 2, "runs": [], "sha256": ""}',
        kept([]).replace(b"[]", b"[1]"),
        kept(7),
        kept([[["a"], False]]),
        kept([[[1], False, "aligned", [["both", 1]]]]),
        kept([[["a"], False, "aligned", [["both", "b"]]]]),
        kept([[["a"], False, "aligned", [["none", "a"]]]]),
        kept([[["a"], False, "replayed", [["on fire", "a", None]]]]),
        kept([[["a"], False, "replayed", [["not allowed", 5, None]]]]),
        kept([[["a"], False, "not told", [1]]]),
        kept([[["a"], False, "guessed", []]]),
    ],
)
def test_a_file_by_another_hand_is_refused(tmp_path: Path, data: bytes) -> None:
    """No JSON, another format, another hash, moves that are not those of the trace: said with the file and what to do; nothing is run."""
    made = Remembered.of(LINE, 1, tmp_path)
    assert made.path is not None
    made.path.write_bytes(data)
    with pytest.raises(Refusal, match="delete that file"):
        Remembered.of(LINE, 1, tmp_path)


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    """A file is no folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match="cannot be one"):
        Remembered.of(LINE, 1, tmp_path / "file")


def test_memory_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more is remembered than may be, it is forgotten and found anew."""
    Remembered.of(LINE, 1, None).learn([(RUNS[0], REPLAYED)])
    assert Remembered.of(LINE, 1, None).known
    monkeypatch.setattr(remembered, "_MOST_IN_MEMORY", 0)
    assert not Remembered.of(LINE, 1, None).known


def test_progress_is_told_in_variants_and_cases() -> None:
    """How many of how many are done before each trace, those remembered among them."""
    assert _shares([(RUNS[0], 6), (RUNS[1], 2)], 3, 10) == ["1 of 3 variants aligned, 20.0 % of cases", "2 of 3 variants aligned, 80.0 % of cases"]
