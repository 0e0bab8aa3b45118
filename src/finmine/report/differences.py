"""Where two packs differ: which members, and the first place in each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from finmine.report.archive import first_difference
from finmine.report.manifest import MANIFEST
from finmine.words import plural

_MOST_LETTERS, _LETTERS_BEFORE = 70, 24
_MOST_OF_SECTION = 6
_FIRST = ("sources", "order", "policy", "population", "verdicts")
"""The sections of the manifest that tell most, which are told first."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be: in what, where in it, what the pack has, and what it should have.

    Where there is nothing to compare with, both are missing, and ``place`` is a sentence.
    """

    member: str
    place: str
    in_pack: str | None
    expected: str | None

    @property
    def compared(self) -> bool:
        """Whether something was compared with something."""
        return self.in_pack is not None or self.expected is not None


def differences(pack: Mapping[str, bytes], again: Mapping[str, bytes]) -> tuple[Difference, ...]:
    """What differs between the members of a pack and of the pack that was made again, the manifest first."""
    found: list[Difference] = []
    for name in sorted({**pack, **again}, key=lambda name: (name != MANIFEST, name)):
        one, other = pack.get(name), again.get(name)
        if one is None or other is None:
            found.append(Difference(name, "the whole", _bytes(one), _bytes(other)))
        elif one != other:
            found += _of_manifest(one, other) if name == MANIFEST else [_of_member(name, one, other)]
    return tuple(found)


def _of_member(name: str, one: bytes, other: bytes) -> Difference:
    """The first line that differs; where the member is no text, the first byte."""
    at = first_difference(one, other)
    try:
        left, right = one.decode(), other.decode()
    except UnicodeDecodeError:
        return Difference(name, f"byte {at:,}", _bytes(one), _bytes(other))
    line = one.count(b"\n", 0, at)
    if _line(left, line) == _line(right, line):  # one of the two ends there
        line += 1
    return Difference(name, f"line {line + 1:,}", *_excerpts(_line(left, line), _line(right, line)))


def _of_manifest(one: bytes, other: bytes) -> list[Difference]:
    """The values of the manifest that differ, but for what it says of its members, which are compared themselves."""
    left, right = (dict(_values("", {**json.loads(data), "members": None})) for data in (one, other))
    wrong: dict[str, list[str]] = {}
    for path in {**left, **right}:
        if left.get(path) != right.get(path):
            wrong.setdefault(re.split(r"[.\[]", path)[0], []).append(path)
    found: list[Difference] = []
    for section, paths in sorted(wrong.items(), key=lambda one: (_FIRST.index(one[0]) if one[0] in _FIRST else len(_FIRST), one[0])):
        found += [Difference(MANIFEST, path, _shown(left.get(path)), _shown(right.get(path))) for path in paths[:_MOST_OF_SECTION]]
        if len(paths) > _MOST_OF_SECTION:
            rest = len(paths) - _MOST_OF_SECTION
            found.append(Difference(MANIFEST, f"{plural(rest, 'more value')} under {section} {'differs' if rest == 1 else 'differ'}.", None, None))
    return found


def _values(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _values(f"{path}.{name}" if path else name, one)
    elif isinstance(value, list):
        for place, one in enumerate(value, 1):
            yield from _values(f"{path}[{place}]", one)
    else:
        yield path, value


def _line(text: str, number: int) -> str | None:
    lines = text.split("\n")
    return lines[number].rstrip("\r") if number < len(lines) else None


def _excerpts(one: str | None, other: str | None) -> tuple[str | None, str | None]:
    """Of two lines that differ, what stands around the first letter that does."""
    if one is None or other is None:
        return _shown(one), _shown(other)
    shorter = min(len(one), len(other))
    at = next((place for place in range(shorter) if one[place] != other[place]), shorter)
    begin = max(0, at - _LETTERS_BEFORE)
    left, right = (_shown(f"…{line[begin:]}" if begin else line) for line in (one, other))
    return left, right


def _shown(value: Any) -> str | None:
    text = None if value is None else str(value)
    return text if text is None or len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"


def _bytes(data: bytes | None) -> str | None:
    return None if data is None else f"{len(data):,} bytes"
