"""In which line of a TOML file a key stands, so that an error about its value can name it."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*=""")


def key_lines(text: str) -> dict[str, int]:
    """The line, from 1, of each table header and of each key that begins a line.

    Keys are spelled as in ``place``: ``rules[2].title`` for the key of the second ``[[rules]]``, ``steps.approval`` for that of ``[steps]``.
    """
    return dict(reversed(list(_found(text))))


def _found(text: str) -> Iterator[tuple[str, int]]:
    prefix, counted = "", dict[str, int]()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            name = header[2].strip("\"'")
            if header[1] == "[[":
                counted[name] = counted.get(name, 0) + 1
                name = f"{name}[{counted[name]}]"
            prefix = name
            yield prefix, number
        elif key := _KEY.match(line):
            yield ".".join(part for part in (prefix, key[1].strip("\"'")) if part), number
