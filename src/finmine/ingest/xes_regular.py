"""The quick way through XES: traces in the usual spelling are cut apart by array arithmetic, some hundred megabytes a second.

A stretch is cut at its double quotes into *lead* ``"key"`` *middle* ``"value"`` *lead* … Leads and middles must match their
grammar, the levels of the leads' tags must follow one another, and every ``<`` and every control character must be one of
a lead or middle. Then the stretch is XML of just this meaning: nothing is skipped in search of something. A stretch of any
other kind is declined and goes through expat.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from finmine.ingest.xes_arrays import integers, texts
from finmine.ingest.xes_columns import MOST_COLUMNS, TRACE, Place
from finmine.ingest.xes_header import SCALARS

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Numbers: TypeAlias = np.ndarray[Any, Any]

_S = "[ \\t\\r\\n]"
_TAGS = "".join(f"({tag}{_S}*>{_S}*)?" for tag in ("</event", "</trace", "<trace", "<event"))
_LEAD = re.compile(f"{_S}*/>{_S}*{_TAGS}<({'|'.join(SCALARS)}){_S}+key{_S}*={_S}*")
_MIDDLE = re.compile(f"{_S}+value{_S}*={_S}*")
_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


class _Lead(NamedTuple):
    """What stands between a value and the next key: tags that leave and enter elements, and the next attribute's type.

    Levels: 0 in the log, 1 in a trace, 2 in an event; -1 where there are no tags and the level stays what it was.
    """

    start: int
    end: int
    traces: int
    events: int
    kind: int


class _Cut(NamedTuple):
    """A stretch cut at its quotes: the texts, and for each attribute its key and the lead before it (one more at the end)."""

    text: pa.Array
    keys: list[str]
    key: Numbers
    leads: Numbers  # the fields of _Lead, one row each


class _Owners(NamedTuple):
    """For each attribute whether it is its trace's (0) or its event's (1), and which trace and event; and the trace of each event."""

    level: Numbers
    trace: Numbers
    event: Numbers
    trace_of_event: Numbers


def regular(piece: bytes, columns: dict[str, str], traces: int) -> tuple[pa.Table, int] | None:
    """The events of whole traces and the number of traces, or nothing where the stretch is not regular.

    ``traces`` is the number of traces with events before. New columns are entered into ``columns`` with their types. Values
    of another type than their column has are not regular, nor are a key that comes twice and a trace without events.
    """
    import numpy as np
    import pyarrow as pa

    cut = _cut(b"/>" + piece + b"<string key=")  # so that the first and the last lead are like all others
    owners = _owners(cut.leads) if cut is not None else None
    if cut is None or owners is None:
        return None
    found: dict[str, str] = {}
    arrays = {TRACE: integers(owners.trace_of_event + traces + 1).cast(pa.string())}
    for group in _groups(cut.key * 2 + owners.level):
        of_trace = bool(owners.level[group[0]] == 0)
        rows, kinds = (owners.trace if of_trace else owners.event)[group], cut.leads[4][group]
        name = Place(of_trace, cut.keys[cut.key[group[0]]]).column()
        found[name] = SCALARS[kinds[0]]
        if columns.get(name, found[name]) != found[name] or (kinds != kinds[0]).any() or not np.diff(rows).all():
            return None
        source = np.full(owners.trace_of_event[-1] + 1 if of_trace else len(owners.trace_of_event), -1)
        source[rows] = group * 8 + 6
        values = _unescaped_all(_taken(cut.text, source[owners.trace_of_event] if of_trace else source))
        if values is None:
            return None
        arrays[name] = values
    if len(columns.keys() | found.keys()) > MOST_COLUMNS:
        return None
    columns.update(found)
    return pa.table(arrays), int(owners.trace_of_event[-1]) + 1


# ---- cutting and checking ----


def _cut(data: bytes) -> _Cut | None:
    """The stretch cut at its quotes, if leads and middles match their grammar and account for every byte of markup."""
    import numpy as np

    characters = np.frombuffer(data, np.uint8)
    text = _at_quotes(data, characters)
    if len(text) % 8 != 1 or len(text) == 1 or not _is_text(data):
        return None
    (leads, lead), (words, key), (middles, middle) = (_distinct(text, first) for first in (0, 2, 4))
    steps, keys = [_lead(word) for word in leads], [_unescaped(word) for word in words]
    if None in steps or None in keys or len(set(keys)) < len(keys) or not all(map(_MIDDLE.fullmatch, middles)):
        return None
    outside = [*zip(leads, np.bincount(lead).tolist(), strict=True), *zip(middles, np.bincount(middle).tolist(), strict=True)]
    brackets = sum(times * word.count("<") for word, times in outside)
    controls = sum(times * sum(character < " " for character in word) for word, times in outside)
    if np.count_nonzero(characters == ord("<")) != brackets or np.count_nonzero(characters < ord(" ")) != controls:
        return None
    return _Cut(text, [word for word in keys if word is not None], key, np.array(steps, np.int64).T[:, lead])


def _at_quotes(data: bytes, characters: Numbers) -> pa.Array:
    """What is before, at and after each double quote, without copying."""
    import numpy as np
    import pyarrow as pa

    quotes = np.flatnonzero(characters == ord('"'))
    offsets = np.empty(2 * len(quotes) + 2, np.int32)
    offsets[0], offsets[1:-1:2], offsets[2:-1:2], offsets[-1] = 0, quotes, quotes + 1, len(data)
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def _is_text(data: bytes) -> bool:
    """Whether the bytes are UTF-8 without the two characters above U+007F that XML has not."""
    try:
        return data.isascii() or (data.decode() != "" and b"\xef\xbf\xbe" not in data and b"\xef\xbf\xbf" not in data)
    except UnicodeDecodeError:
        return False


def _distinct(text: pa.Array, first: int) -> tuple[list[str], Numbers]:
    """The distinct words among every eighth text, and which of them stands where."""
    import numpy as np

    coded = _taken(text, np.arange(first, len(text), 8)).dictionary_encode()
    return coded.dictionary.to_pylist(), np.frombuffer(coded.indices.buffers()[1], np.int32)[: len(coded)].astype(np.int64)


def _lead(word: str) -> _Lead | None:
    match = _LEAD.fullmatch(word)
    if match is None:
        return None
    leaves_event, leaves_trace, enters_trace, enters_event = (tag is not None for tag in match.groups()[:4])
    start = 2 if leaves_event else 1 if leaves_trace else 0 if enters_trace else 1 if enters_event else -1
    level = start
    for moves, needed, to in ((leaves_event, 2, 1), (leaves_trace, 1, 0), (enters_trace, 0, 1), (enters_event, 1, 2)):
        if moves and level != needed:
            return None
        level = to if moves else level
    return _Lead(start, level, int(enters_trace), int(enters_event), SCALARS.index(match[5]))


def _owners(leads: Numbers) -> _Owners | None:
    """Whose each attribute is, if every tag is met at the level it needs and every trace has events."""
    import numpy as np

    start, end, opens_trace, opens_event, _ = leads
    level = end[np.maximum.accumulate(np.where(end >= 0, np.arange(len(end)), 0))]
    follows = (start[1:] < 0) | (start[1:] == level[:-1])
    if start[0] != 0 or level[-1] != 0 or not follows.all() or not level[:-1].all():
        return None
    trace, event = np.cumsum(opens_trace) - 1, np.cumsum(opens_event) - 1
    trace_of_event = trace[opens_event == 1]
    if len(trace_of_event) == 0 or np.count_nonzero(np.diff(trace_of_event)) != trace[-1]:
        return None
    return _Owners(level[:-1] - 1, trace[:-1], event[:-1], trace_of_event)


# ---- values ----


def _groups(codes: Numbers) -> list[Numbers]:
    """The places of each distinct code, ascending; the code that appears first comes first."""
    import numpy as np

    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    return sorted(groups, key=lambda group: int(group[0]))


def _taken(text: pa.Array, source: Numbers) -> pa.Array:
    """The texts at the given places; null where the place is negative."""
    return text.take(integers(source, source >= 0))


def _unescaped_all(values: pa.Array) -> pa.Array | None:
    if b"&" not in values.buffers()[2].to_pybytes():
        return values
    coded = values.dictionary_encode()
    plain = [_unescaped(word) for word in coded.dictionary.to_pylist()]
    return None if None in plain else texts(plain).take(coded.indices)


def _unescaped(text: str) -> str | None:
    """A text with its references replaced; nothing where one is not plainly right, which is then for expat to judge."""
    if "&" not in text:
        return text
    codes = [int(decimal) if decimal else int(hexadecimal, 16) for name, decimal, hexadecimal in _REFERENCE.findall(text) if not name]
    if "&" in _REFERENCE.sub("", text) or not all(map(is_character, codes)):
        return None
    return _REFERENCE.sub(lambda match: _NAMED[match[1]] if match[1] else chr(int(match[2]) if match[2] else int(match[3], 16)), text)


def is_character(code: int) -> bool:
    """Whether XML 1.0 has a character of this number."""
    return code in {9, 10, 13} or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF
