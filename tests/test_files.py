"""Writing files whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.errors import Refusal
from finmine.files import CannotWrite, check_place, replacing, write_atomically


@given(data=st.one_of(st.binary(max_size=200), st.text(st.characters(codec="utf-8"), max_size=200)))
def test_what_is_written_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, data: bytes | str) -> None:
    """Bytes come back as they were, and text as its UTF-8 with every line end untouched."""
    target = tmp_path_factory.getbasetemp() / "any.bin"
    write_atomically(target, data)
    assert target.read_bytes() == (data if isinstance(data, bytes) else data.encode())


def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    """After writing, and writing again, the folder holds the file alone."""
    write_atomically(tmp_path / "a.txt", "one")
    write_atomically(tmp_path / "a.txt", "two")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "two"


@pytest.mark.skipif(os.name == "nt", reason="no signal ends a process without asking it there")
def test_a_kill_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    """A process that is killed with half of the new file written has not touched the old one."""
    target = tmp_path / "a.txt"
    target.write_text("old")
    half = f"with replacing(Path({str(target)!r})) as draft: draft.write_text('half'); print('half', flush=True); time.sleep(60)"
    script = f"import time\nfrom pathlib import Path\nfrom finmine.files import replacing\n{half}"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"half"
        process.kill()
    assert target.read_text() == "old"


@pytest.mark.parametrize("interruption", [ValueError("stop"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path: Path, interruption: BaseException) -> None:
    """When the block raises, the old file is whole, the draft is gone and the error is passed on as it is."""
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(type(interruption)), replacing(target) as draft:
        draft.write_text("half")
        raise interruption
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]
    assert target.read_text() == "old"


def test_the_draft_stands_beside_the_target_with_its_suffix(tmp_path: Path) -> None:
    """The draft is in the same folder (so that the exchange is one step) and keeps the suffix by which writers choose formats."""
    with replacing(tmp_path / "table.parquet") as draft:
        assert draft.parent == tmp_path.resolve()
        assert draft.suffix == ".parquet"
        assert draft.exists()
        assert not (tmp_path / "table.parquet").exists()


def test_a_missing_folder_is_refused_with_its_name(tmp_path: Path) -> None:
    """A folder that does not exist is named and never created."""
    with pytest.raises(CannotWrite, match="there is no folder .*nowhere"):
        write_atomically(tmp_path / "nowhere" / "a.txt", "x")
    assert not (tmp_path / "nowhere").exists()


def test_a_place_is_checked_without_touching_it(tmp_path: Path) -> None:
    """Before long work a place that cannot be written is refused; one that can stays as it is, with nothing beside it."""
    (tmp_path / "old.html").write_text("old")
    check_place(tmp_path / "old.html")
    check_place(tmp_path / "new.html")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"old.html": "old"}
    for place in (tmp_path, tmp_path / "nowhere" / "a.html"):
        with pytest.raises(CannotWrite):
            check_place(place)


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    """A target that is a folder is refused."""
    (tmp_path / "reports").mkdir()
    with pytest.raises(CannotWrite, match="it is a folder"):
        write_atomically(tmp_path / "reports", "x")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no null device in the file system")
def test_a_device_is_never_replaced() -> None:
    """A target such as the null device is refused instead of being replaced by a file."""
    with pytest.raises(CannotWrite, match="not an ordinary file"):
        write_atomically(Path(os.devnull), "x")


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_refused(tmp_path: Path) -> None:
    """No permission is a refusal in words."""
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(CannotWrite, match="Permission denied"):
            write_atomically(tmp_path / "a.txt", "x")
    finally:
        tmp_path.chmod(0o755)


def test_a_full_disk_is_a_refusal(tmp_path: Path) -> None:
    """Running out of space while the block writes is said in words, and nothing is left behind."""
    with pytest.raises(Refusal, match="No space left"), replacing(tmp_path / "a.txt"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_trouble_with_another_file_is_passed_on(tmp_path: Path) -> None:
    """An error about another file, raised in the block, is not taken for one about the target."""
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a.txt"):
        (tmp_path / "input.csv").read_text()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_permissions_are_kept_or_those_of_any_new_file(tmp_path: Path) -> None:
    """A private file stays private from its first byte, and a new file is as open as any other new file."""
    private, plain, new = tmp_path / "private.txt", tmp_path / "plain.txt", tmp_path / "new.txt"
    private.write_text("x")
    private.chmod(0o600)
    plain.write_text("x")
    with replacing(private) as draft:
        assert draft.stat().st_mode & 0o777 == 0o600
    write_atomically(new, "y")
    assert private.stat().st_mode & 0o777 == 0o600
    assert new.stat().st_mode == plain.stat().st_mode


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Writing through a symbolic link replaces the file it points to."""
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_atomically(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"
