"""How values are spoken and read back: durations, counts, shares, money and instants, in one place."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

MICROSECOND = 1
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
YEAR = 366 * DAY

_UNITS = {"d": DAY, "h": HOUR, "m": MINUTE, "min": MINUTE, "s": SECOND, "ms": 1000, "us": 1, "µs": 1}
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(d|h|min|ms|us|µs|m|s)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def duration(microseconds: float | None) -> str:
    """A length of time in its two largest units: ``3 d 4 h``, ``12 min``, ``0.4 s``; missing is ``–``."""
    if microseconds is None:
        return "–"
    sign, rest = ("-" if microseconds < 0 else ""), abs(round(microseconds))
    if rest == 0:
        return "0 s"
    if rest < SECOND:
        return f"{sign}{rest / 1000:.3g} ms"
    if rest < MINUTE:
        return f"{sign}{rest / SECOND:.3g} s"
    for large, small, names in ((DAY, HOUR, ("d", "h")), (HOUR, MINUTE, ("h", "min")), (MINUTE, SECOND, ("min", "s"))):
        if rest < large:
            continue
        whole, part = divmod(round(rest / small), large // small)
        head = f"{sign}{whole:,} {names[0]}"
        return head if part == 0 or whole >= 100 else f"{head} {part} {names[1]}"
    raise AssertionError(microseconds)


def working_duration(microseconds: float | None, day: int | None) -> str:
    """Working time in the working days of its calendar: ``4.0 working days``; less than half of one as hours and minutes.

    ``day`` is the length of the calendar's nominal working day in microseconds; where there is no one such day, all is told in hours.
    """
    if microseconds is None:
        return "–"
    if day is None and abs(microseconds) >= DAY:
        return f"{microseconds / HOUR:,.0f} working hours"
    days = microseconds / (day or DAY)
    if day is None or abs(days) < 0.5:
        return duration(microseconds)
    return f"{days:,.1f} working {'day' if f'{abs(days):.1f}' == '1.0' else 'days'}"


def parse_duration(text: str) -> int:
    """Microseconds of a spelled duration such as ``3d 4h`` or ``90 min``.

    Raises:
        ValueError: the text is not a list of numbers with the units d, h, min (m), s, ms or us.
    """
    place, total = 0, Decimal(0)
    while match := _PART.match(text, place):
        total += Decimal(match[1]) * _UNITS[match[2]]
        place = match.end()
    if place == 0 or text[place:].strip():
        raise ValueError(text)
    return int(total)


def spell_duration(microseconds: int) -> str:
    """The exact spelling of a duration that ``parse_duration`` reads back."""
    parts, rest = [], microseconds
    for unit in ("d", "h", "min", "s", "us"):
        whole, rest = divmod(rest, _UNITS[unit])
        if whole:
            parts.append(f"{whole}{unit}")
    return " ".join(parts) or "0s"


def count(number: int | None) -> str:
    """A whole number with thousands separators."""
    return "–" if number is None else f"{number:,}"


def share(value: float | None) -> str:
    """A share of one as a percentage; a share that is neither nothing nor all never reads as 0 % or 100 %."""
    if value is None:
        return "–"
    if 0 < value < 0.001:
        return "<0.1 %"
    if 0.999 < value < 1:
        return ">99.9 %"
    return f"{value * 100:.1f} %"


def money(amount: Decimal | None, currency: str = "") -> str:
    """An amount with thousands separators, at least two decimals and its currency."""
    if amount is None:
        return "–"
    shown = amount.normalize()
    places = max(2, -int(shown.as_tuple().exponent))
    return f"{amount:,.{places}f} {currency}".rstrip()


def moment(microseconds: int, zone: str = "UTC") -> datetime:
    """The date and time of an instant on the clocks of a zone."""
    try:
        return (_EPOCH + timedelta(microseconds=microseconds)).astimezone(ZoneInfo(zone))
    except OverflowError:  # placeholders in the last hours of the year 9999 or the first of the year 1
        return datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) if microseconds > 0 else datetime(1, 1, 1, tzinfo=UTC)


def instant(microseconds: int | None, zone: str = "UTC") -> str:
    """An instant as ``2024-03-01 14:05:00`` on the clocks of a zone; the seconds' fraction only where there is one."""
    if microseconds is None:
        return "–"
    here = moment(microseconds, zone)
    return f"{here:%Y-%m-%d %H:%M:%S}".zfill(19) + (f".{here.microsecond:06d}" if here.microsecond else "")


def day(microseconds: int | None, zone: str = "UTC") -> str:
    """The date of an instant on the clocks of a zone."""
    return "–" if microseconds is None else f"{moment(microseconds, zone):%Y-%m-%d}".zfill(10)


def agreeing(number: int, one: str, others: str) -> str:
    """The word that agrees with a number: ``is`` where it is 1, ``are`` where it is any other."""
    return one if number == 1 else others


def plural(number: int, one: str, many: str | None = None) -> str:
    """A count with its noun: ``1 case``, ``2 cases``, ``0 activities``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
