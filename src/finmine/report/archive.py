"""The archive of a pack: a ZIP file of which every byte follows from the names and contents of its members.

Members stand in the order of their names, stored as they are, with the first time that a ZIP file can say. They are not compressed:
what a compressor writes depends on its version, and nothing that is stored can unfold into more than there is.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from zlib import crc32

from finmine.errors import Refusal
from finmine.words import plural

MOST_BYTES = 1 << 30
MOST_MEMBERS = 1_000
_LOCAL, _ENTRY, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
_LOCAL_SIGN, _ENTRY_SIGN, _END_SIGN = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_NEEDED, _MADE_BY = 20, 3 << 8 | 20  # the second version of the format, on a system with permissions
_DATE = 1 << 5 | 1  # 1980-01-01, at midnight
_ORDINARY = 0o100644 << 16  # an ordinary file, which everybody may read
_KIND, _LINK = 0o170000 << 16, 0o120000 << 16
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)*", re.ASCII)


class BadPack(Refusal):
    """A file is not a pack as finmine writes it: it was changed, or never was one."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"the pack is not as it was written: {problem}.")


class PackTooLarge(Refusal):
    """The members of a pack are larger than a pack may be."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the pack would have {size:,} bytes, and at most {MOST_BYTES:,} are read back; filter the log, or say less for --most.")


def archived(members: Mapping[str, bytes]) -> bytes:
    """The archive of members by name.

    Raises:
        PackTooLarge: it would be larger than what is read back.
    """
    size = sum(_LOCAL.size + _ENTRY.size + 2 * len(name.encode()) + len(data) for name, data in members.items()) + _END.size
    if size > MOST_BYTES:
        raise PackTooLarge(size)
    parts: list[bytes] = []
    directory: list[bytes] = []
    place = 0
    for name, data in sorted(members.items()):
        label = name.encode()
        facts = (0, 0, 0, _DATE, crc32(data), len(data), len(data), len(label), 0)
        directory.append(_ENTRY.pack(_ENTRY_SIGN, _MADE_BY, _NEEDED, *facts, 0, 0, 0, _ORDINARY, place) + label)
        parts += (_LOCAL.pack(_LOCAL_SIGN, _NEEDED, *facts) + label, data)
        place += len(parts[-2]) + len(data)
    listed = b"".join(directory)
    end = _END.pack(_END_SIGN, 0, 0, len(members), len(members), len(listed), place, 0)
    return b"".join((*parts, listed, end))


def check_size(size: int) -> None:
    """Refuse an archive of so many bytes, where these are more than are read.

    Raises:
        BadPack: there are too many.
    """
    if size > MOST_BYTES:
        raise BadPack(f"it has {size:,} bytes, and at most {MOST_BYTES:,} are read")


def members_of(data: bytes) -> dict[str, bytes]:
    """The members of an archive by name, where it is to the byte the archive of these members.

    Raises:
        BadPack: a byte is not what ``archived`` writes: members that are packed, repeated, links or outside of the archive among them.
    """
    check_size(len(data))
    if data[:4] != _LOCAL_SIGN:
        raise BadPack("it is no ZIP file with members")
    members: dict[str, bytes] = {}
    place = 0
    while data[place : place + 4] == _LOCAL_SIGN:
        name, begin, end = _member(data, place)
        if name in members:
            raise BadPack(f"the member {name!r} is in it twice")
        if len(members) == MOST_MEMBERS:
            raise BadPack(f"it has more than {plural(MOST_MEMBERS, 'member')}")
        members[name], place = data[begin:end], end
    expected = archived(members)
    if data != expected:
        raise BadPack(_first_difference(data, expected, place))
    return members


def _member(data: bytes, place: int) -> tuple[str, int, int]:
    """The name of the member whose header stands at a place, and where its content begins and ends."""
    if place + _LOCAL.size > len(data):
        raise BadPack("it is cut off in the header of a member")
    _, _, flags, method, _, _, _, packed, size, letters, extra = _LOCAL.unpack_from(data, place)
    begin = place + _LOCAL.size + letters
    name = data[place + _LOCAL.size : begin].decode("ascii", "backslashreplace")
    if not _NAME.fullmatch(name):
        raise BadPack(f"the name of the member {name[:80]!r} is none that finmine gives: letters, digits, and no step out of the archive")
    if flags or method or packed != size or extra:
        raise BadPack(f"the member {name!r} is packed, locked or followed by something; finmine stores members as they are")
    if begin + size > len(data):
        raise BadPack(f"the member {name!r} is said to have {size:,} bytes, and the file ends before that")
    return name, begin, begin + size


def _first_difference(data: bytes, expected: bytes, directory: int) -> str:
    """Where an archive, whose directory begins at a place, first differs from that of its members, in words."""
    if len(data) > len(expected) and data.startswith(expected):
        return f"{plural(len(data) - len(expected), 'byte')} more than its members give stand at its end"
    link = _link(data, directory)
    if link is not None:
        return f"the member {link!r} is a link to another file"
    at = first_difference(data, expected)
    return f"byte {at:,} is not the one that its members give, {'among them' if at < directory else 'in the directory at its end'}"


def _link(data: bytes, place: int) -> str | None:
    """The first member that the directory at a place calls a symbolic link."""
    while data[place : place + 4] == _ENTRY_SIGN and place + _ENTRY.size <= len(data):
        *_, letters, extra, said, _, _, attributes, _ = _ENTRY.unpack_from(data, place)
        begin = place + _ENTRY.size
        if attributes & _KIND == _LINK:
            return data[begin : begin + letters].decode("ascii", "backslashreplace")
        place = begin + letters + extra + said
    return None


def first_difference(one: bytes, other: bytes) -> int:
    """The place of the first byte that differs; the length of the shorter where it begins the longer."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low
