"""Values as TOML, without comments: the same values always give the same text, and reading it gives the values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from finmine.card_values import bare_key, quoted


def toml_text(said: Mapping[str, Any]) -> str:
    """A document of TOML with these values, as ``tomllib`` reads them."""
    return "\n".join(_section("", said)).lstrip("\n") + "\n"


def _section(path: str, said: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a table: its values first, then the tables in it, each under its heading."""
    for key, value in said.items():
        if not isinstance(value, dict) and not _is_tables(value):
            yield f"{bare_key(key)} = {_value(value)}"
    for key, value in said.items():
        place = f"{path}{bare_key(key)}"
        if isinstance(value, dict):
            yield from ("", f"[{place}]", *_section(f"{place}.", value))
        elif _is_tables(value):
            for entry in value:
                yield from ("", f"[[{place}]]", *_section(f"{place}.", entry))


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


def _value(value: object) -> str:
    match value:
        case str():
            return quoted(value)
        case bool():
            return str(value).lower()
        case date() | datetime() | time():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return f"{{ {', '.join(f'{bare_key(key)} = {_value(entry)}' for key, entry in value.items())} }}" if value else "{}"
        case _:
            return str(value)
