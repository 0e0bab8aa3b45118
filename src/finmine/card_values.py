"""The values of a log card: each is checked where it is read, so that nothing wrong is met later."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from finmine.errors import Refusal, UnknownWord

_STEP = Decimal("0.000001")  # what the engine's DECIMAL(10, 6) holds
_CLOCKS_OF_ONE_MACHINE = ("localtime", "posixrules", "Factory")


class BadCard(Refusal):
    """A card says something that cannot be."""

    def __init__(self, place: str, found: object, expected: str) -> None:
        super().__init__(f"{place} is {found!r}; it must be {expected}.")


class UnreadableCard(BadCard):
    """A card is no TOML text."""

    def __init__(self, name: str, reason: str) -> None:
        Refusal.__init__(self, f"the card {name} cannot be read: {reason}; it must be TOML text in UTF-8.")


def table(said: Mapping[str, Any], name: str, place: str) -> Mapping[str, Any]:
    """The table of a name, empty where it is not there."""
    found = said.get(name, {})
    if not isinstance(found, dict):
        raise BadCard(f"{place}: {name}", found, f"a table [{name}]")
    return found


def check_known(said: Mapping[str, Any], known: Collection[str], place: str) -> None:
    """Refuse the first key that is not known, with the nearest that is."""
    for key in said:
        if key not in known:
            raise UnknownWord(f"key in {place}", key, known)


def text(value: object, place: str) -> str:
    """A text."""
    if not isinstance(value, str):
        raise BadCard(place, value, "a text")
    return value


def filled(value: object, place: str) -> str:
    """A text that names something: not empty, and as it would stand in a log."""
    said = text(value, place)
    if not said.strip():
        raise BadCard(place, value, "a text that is not empty")
    return said


def texts(value: object, place: str) -> tuple[str, ...]:
    """A text, or the texts of a list."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise BadCard(place, value, "a text or a list of texts")


def decimal(value: object, place: str) -> Decimal:
    """A finite number, exact where it is given as text."""
    try:
        number = Decimal("NaN") if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadCard(place, value, 'a number written as text, such as "1234.56"')
    return number


def count(value: object, place: str) -> int:
    """A whole number from nought."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadCard(place, value, "a whole number from 0")
    return value


def day(value: object, place: str) -> date:
    """A day, given as TOML's own."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise BadCard(place, value, "a day such as 2024-01-01")
    return value


def days(said: Mapping[str, Any], place: str) -> tuple[date | None, date | None]:
    """The first and the last day on which something is valid, under ``from`` and ``until``; either may be missing."""
    since, until = (day(said[name], f"{place} {name}") if name in said else None for name in ("from", "until"))
    if since and until and until < since:
        raise BadCard(f"{place} until", until.isoformat(), f"no day before from, {since.isoformat()}")
    return since, until


def exact(value: object, place: str, most: int, example: str = "") -> Decimal:
    """A number from 0 to less than ``most``; written as text, since a binary fraction would not be what was written."""
    if not isinstance(value, str):
        raise BadCard(place, value, f'a number written as text, such as "38.50", so that it is exact{example}')
    number = decimal(value, place)
    if not 0 <= number < most or number != number.quantize(_STEP):
        raise BadCard(place, value, f"from 0 to less than {most:,}, with at most six decimals{example}")
    return number


def check_zone(value: object, place: str) -> str:
    """An IANA time zone by name, the same on every machine, or a refusal."""
    name = text(value, place)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        known = False
    else:
        known = name in _zones()
    if not known:
        raise BadCard(place, value, "the IANA name of a time zone, such as 'Europe/Berlin' or 'UTC'")
    return name


@cache
def _zones() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if not name.startswith(("posix/", "right/")) and name not in _CLOCKS_OF_ONE_MACHINE)


def check_moment(value: object, place: str) -> datetime:
    """A date and time, given as TOML's own or as ISO text, or a refusal."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    try:
        return datetime.fromisoformat(text(value, place))
    except ValueError:
        raise BadCard(place, value, "a date and time such as 2025-01-15T00:00:00") from None


def quoted(value: str) -> str:
    """A text as TOML."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(letter if letter.isprintable() else f"\\U{ord(letter):08x}" for letter in escaped)
    return f'"{escaped}"'


def bare_key(name: str) -> str:
    """A key of TOML: as it is where that is allowed, else as a quoted text."""
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else quoted(name)
