"""How names, texts, days and numbers are written in a filter, so that they can be read back whatever they hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

RESERVED = frozenset(
    {
        *("has", "starts", "ends", "started", "ended", "active", "within", "variant", "variants", "throughput", "length", "involves"),
        *("amount", "activity", "between", "since", "until", "before", "not", "or", "and"),
    }
)
"""Words of the language; an attribute of such a name is written in double quotes."""

WORD = r"[^\W\d](?:[\w:.-]*\w)?"
TEXT = r"'(?:[^']|'')*'"
NAME = r'"(?:[^"]|"")*"'
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?!\w)"
_TIME = r"[0-9]+(?:\.[0-9]+)?\s*(?:min|ms|us|µs|d|h|m|s)"
DURATION = rf"{_TIME}(?:\s*{_TIME})*(?!\w)"
NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"


def text(value: str) -> str:
    """A text in single quotes; a quote in it is doubled."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Texts divided by commas."""
    return ", ".join(text(value) for value in values)


def name(attribute: str) -> str:
    """The name of an attribute: bare where that reads as one word, else in double quotes."""
    if re.fullmatch(WORD, attribute) and attribute.casefold() not in RESERVED:
        return attribute
    return '"' + attribute.replace('"', '""') + '"'


def currency(code: str) -> str:
    """A currency: its code of three letters bare, anything else in quotes."""
    return code if re.fullmatch("[A-Z]{3}", code) else text(code)


def number(value: Decimal | int) -> str:
    """A number without exponent."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def unquoted(written: str) -> str:
    """What stands between quotes."""
    return written[1:-1].replace(written[0] * 2, written[0])
