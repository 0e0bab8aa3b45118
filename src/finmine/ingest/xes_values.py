"""Values as XES spells them and as XML can hold them: from columns of any type to attributes as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from finmine.errors import Refusal, UnknownWord
from finmine.ingest.xes_arrays import word
from finmine.ingest.xes_header import NESTING, SCALARS, Attribute

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

TYPES = (*SCALARS, *NESTING)

_SPECIAL = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class NotXmlText(Refusal):
    """A text has a character that XML cannot hold."""

    def __init__(self, text: str, where: str) -> None:
        found = next(character for character in text if _FORBIDDEN.match(character))
        shown = text if len(text) <= 60 else text[:60] + "…"
        super().__init__(f"XML cannot hold the character U+{ord(found):04X}, which is in {shown!r} ({where}). Remove it, or write Parquet or CSV.")


class NoText(Refusal):
    """A column has a type that no XES attribute can hold."""

    def __init__(self, column: str, kind: object) -> None:
        found = f"XES holds texts, numbers, dates and truth values, but column {column!r} is {kind}"
        super().__init__(f"{found}. Turn it into text first, or leave it out.")


# ---- from Arrow's types ----


def type_of(column: str, arrow: pa.DataType, types: Mapping[str, str]) -> str:
    """The XES type of a column: the one that ``types`` names, else what Arrow's type amounts to."""
    from pyarrow import types as of

    told = types.get(column)
    if told is not None and told not in (*TYPES, "mixed"):
        raise UnknownWord("XES type", told, TYPES)
    if told is not None:
        return "string" if told == "mixed" else told
    value = arrow.value_type if of.is_dictionary(arrow) else arrow
    families: dict[str, tuple[Callable[[Any], bool], ...]] = {
        "boolean": (of.is_boolean,),
        "int": (of.is_integer,),
        "float": (of.is_floating, of.is_decimal),
        "date": (of.is_timestamp, of.is_date),
        "string": (of.is_string, of.is_large_string, of.is_string_view, of.is_time, of.is_null),
    }
    for family, tests in families.items():
        if any(test(value) for test in tests):
            return family
    raise NoText(column, arrow)


def spelled(values: pa.Array) -> pa.Array:
    """A column as XES spells it: times in ISO 8601, those with a zone in UTC; numbers that are none as ``NaN`` and ``INF``."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types as of

    kind = values.type
    if of.is_dictionary(kind):
        return spelled(values.dictionary_decode())
    if of.is_date(kind):
        return spelled(values.cast(pa.timestamp("ms" if of.is_date64(kind) else "s")))
    if of.is_timestamp(kind):
        clock = pc.strftime(values.cast(pa.timestamp(kind.unit)), format="%Y-%m-%dT%H:%M:%S").cast(pa.large_string())
        clock = pc.replace_substring_regex(clock, r"(\.\d{3}(?:\d*[1-9])?)0*$", r"\1")
        return clock if kind.tz is None else joined([clock, word("+00:00")])
    text = values.cast(pa.large_string())
    if of.is_floating(kind):
        for ours, theirs in (("^nan$", "NaN"), ("^inf$", "INF"), ("^-inf$", "-INF")):
            text = pc.replace_substring_regex(text, ours, theirs)
    return text


def joined(pieces: Sequence[Any]) -> pa.Array:
    """The texts put together row by row; null where one of them is."""
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(*pieces, word(""), null_handling="emit_null")


# ---- into XML ----


def escaped(text: str) -> str:
    """A text as it stands between double quotes."""
    if _FORBIDDEN.search(text):
        raise NotXmlText(text, "a name or a nested value")
    return "".join(_SPECIAL.get(character, character) for character in text)


def escaped_all(values: pa.Array, column: str, rows: np.ndarray[Any, Any]) -> pa.Array:
    """The texts of a column as they stand between double quotes; ``rows`` are their numbers, for the refusal."""
    import pyarrow.compute as pc

    if not pc.any(pc.match_substring_regex(values, '[\\x{00}-\\x{1f}&<>"\\x{FFFE}\\x{FFFF}]')).as_py():
        return values
    for row, text in zip(rows, values.to_pylist(), strict=True):
        if text is not None and _FORBIDDEN.search(text):
            raise NotXmlText(text, f"column {column!r}, row {row:,}")
    for character, reference in _SPECIAL.items():
        values = pc.replace_substring(values, character, reference)
    return values


def parts(**given: str | None) -> str:
    """XML attributes, without those that are missing."""
    return "".join(f' {name}="{escaped(value)}"' for name, value in given.items() if value is not None)


def element(node: Attribute | Sequence[Any], depth: int) -> str:
    """An attribute with all that is nested in it, one element a line, indented to ``depth``."""
    kind, key, value, children = node
    tabs = "\t" * depth
    opening = f"{tabs}<{kind}" + ("" if kind == "values" else parts(key=key, value=value))
    if not children:
        return f"{opening}/>\n"
    return f"{opening}>\n{''.join(element(child, depth + 1) for child in children)}{tabs}</{kind}>\n"
