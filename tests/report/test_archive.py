"""The archive of a pack: its bytes follow from its members, any ZIP program reads it, and nothing else is taken for one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.report.archive import BadPack, archived, first_difference, members_of

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,8}(/[a-z0-9][a-z0-9.]{0,8})?", fullmatch=True)
MEMBERS = st.dictionaries(NAMES, st.binary(max_size=64), min_size=1, max_size=6)


def zipped(write: Callable[[zipfile.ZipFile], object]) -> bytes:
    """An archive as Python's own writer makes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        write(archive)
    return out.getvalue()


@given(MEMBERS)
def test_members_come_back_in_whatever_order_they_were_given(members: dict[str, bytes]) -> None:
    """Writing and reading gives the members; the order in which they were given makes no difference to any byte."""
    data = archived(members)
    assert members_of(data) == members
    assert archived(dict(reversed(members.items()))) == data


@given(MEMBERS)
def test_any_program_reads_the_archive(members: dict[str, bytes]) -> None:
    """Python's own reader finds the same members, in order, stored, of 1980, ordinary files, each with its check sum."""
    with zipfile.ZipFile(io.BytesIO(archived(members))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(members)
        for info in archive.infolist():
            assert archive.read(info) == members[info.filename]
            assert (info.date_time, info.compress_type, info.extra, info.comment) == ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED, b"", b"")
            assert info.external_attr >> 16 == 0o100644


@given(MEMBERS)
def test_the_bytes_are_those_of_a_known_writer(members: dict[str, bytes]) -> None:
    """Python's own writer, told all that it would else take from the machine, gives the same bytes."""

    def write(archive: zipfile.ZipFile) -> None:
        for name, data in sorted(members.items()):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, data)

    assert zipped(write) == archived(members)


@given(MEMBERS, st.data())
def test_every_change_of_a_byte_is_seen(members: dict[str, bytes], data: st.DataObject) -> None:
    """Whatever byte is changed to whatever other, added or taken away, the archive is refused."""
    whole = archived(members)
    place, other = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    for changed in (
        whole[:place] + bytes([whole[place] ^ other]) + whole[place + 1 :],
        whole[:place] + bytes([other]) + whole[place:],
        whole[:place] + whole[place + 1 :],
    ):
        with pytest.raises(BadPack):
            members_of(changed)


def bomb(archive: zipfile.ZipFile) -> None:
    """A member of which a thousandth is in the archive."""
    archive.writestr(zipfile.ZipInfo("manifest.json"), bytes(1 << 20), zipfile.ZIP_DEFLATED)


def linked(archive: zipfile.ZipFile) -> None:
    """A symbolic link to another file."""
    info = zipfile.ZipInfo("manifest.json")
    info.external_attr = 0o120777 << 16
    archive.writestr(info, "/etc/passwd")


def many(archive: zipfile.ZipFile) -> None:
    """More members than a pack has."""
    for one in range(1001):
        archive.writestr(str(one), "")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused() -> None:
    """Of two members of a name nobody can say which is meant."""

    def twice(archive: zipfile.ZipFile) -> None:
        archive.writestr("a", "one")
        archive.writestr("a", "other")

    with pytest.raises(BadPack, match="the member 'a' is in it twice"):
        members_of(zipped(twice))


@pytest.mark.parametrize(
    ("hostile", "words"),
    [
        pytest.param(zipped(bomb), "packed, locked or followed", id="bomb"),
        pytest.param(zipped(linked), "'manifest.json' is a link to another file", id="link"),
        pytest.param(zipped(lambda archive: archive.writestr("../x", "")), "no step out of the archive", id="above"),
        pytest.param(zipped(lambda archive: archive.writestr("/etc/x", "")), "no step out of the archive", id="absolute"),
        pytest.param(zipped(lambda archive: archive.writestr("C:\\x", "")), "no step out of the archive", id="drive"),
        pytest.param(zipped(lambda archive: archive.writestr("a//b", "")), "no step out of the archive", id="empty step"),
        pytest.param(zipped(lambda archive: archive.writestr("ä", "")), "packed, locked|none that finmine gives", id="letters"),
        pytest.param(zipped(many), "more than 1,000 members", id="many"),
        pytest.param(zipped(lambda archive: archive.writestr("a", "x")), "not the one that its members give", id="another time"),
        pytest.param(archived({"a": b"x"}) + b"!", "1 byte more than its members give", id="more"),
        pytest.param(archived({"a": b"x"})[:40], "is cut off|and the file ends before|not the one", id="less"),
        pytest.param(archived({"a": b"x"})[:20], "cut off in the header", id="half a header"),
        pytest.param(b"PK\x05\x06" + bytes(18), "no ZIP file with members", id="empty"),
        pytest.param(b"", "no ZIP file with members", id="nothing"),
    ],
)
def test_hostile_archives_are_refused_in_words(hostile: bytes, words: str) -> None:
    """What would unfold, point elsewhere, overwrite or hide something is not taken in, and the refusal says what it is."""
    with pytest.raises(BadPack, match=words):
        members_of(hostile)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_the_first_difference_is_the_first(one: bytes, other: bytes) -> None:
    """As counted byte by byte."""
    at = next((place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), min(len(one), len(other)))
    assert first_difference(one, other) == at
