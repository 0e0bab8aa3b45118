"""The calendars of a log card: working hours by name, and which of them applies to whose work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from finmine.card_values import BadCard, bare_key, check_known, check_zone, day, quoted, table, text, texts
from finmine.errors import UnknownWord
from finmine.finance.local_days import MIDNIGHT
from finmine.finance.working_hours import WEEKDAYS, Shift, WorkingHours
from finmine.words import DAY, parse_duration, spell_duration

ALWAYS = "24/7"
DEFAULT = "default"
_OF_PEOPLE = ("resource", "role")
_KEYS = ("hours", "zone", "holidays", "closed", "days", "day")
_SHIFT = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*[-–]\s*(?:([01]\d|2[0-3]):([0-5]\d)|(24:00))")
_CODE = re.compile(r"[A-Z]{2}(-[A-Za-z0-9]+)?|[A-Z0-9]{3,4}")


@dataclass(frozen=True, slots=True)
class CalendarOf:
    """Which calendar applies: by the resource, the role, attributes in the order of the card, else the default; each names a calendar by value."""

    default: str | None = None
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def order(self) -> tuple[str, ...]:
        """The levels at which a calendar may be named for a unit; the first that names one decides."""
        return (*(level for level in _OF_PEOPLE if level in self.levels), *self.of_cases())

    def of_cases(self) -> tuple[str, ...]:
        """The levels at which a calendar may be named for a case: attributes, in their order."""
        return tuple(level for level in self.levels if level not in _OF_PEOPLE)


def read_calendars(said: Mapping[str, Any], place: str) -> dict[str, WorkingHours]:
    """The working hours of ``[calendars.NAME]``, by name."""
    found = table(said, "calendars", place)
    return {name: _working_hours(name, table(found, name, f"{place} [calendars]"), f"{place} [calendars.{name}]") for name in found}


def read_calendar_of(said: Mapping[str, Any], calendars: Mapping[str, WorkingHours], place: str) -> CalendarOf:
    """Which calendar applies to whose work; where one calendar is declared and nothing else is said, it applies to all."""
    found = table(said, "calendar_of", place)
    place = f"{place} [calendar_of]"
    if not found:
        if len(calendars) > 1:
            raise BadCard(place, "missing", f"said where there are several calendars, such as default = {next(iter(calendars))!r}")
        return CalendarOf(next(iter(calendars), None))
    default = _named(found[DEFAULT], calendars, f"{place} {DEFAULT}") if DEFAULT in found else None
    by = {level: table(found, level, place) for level in found if level != DEFAULT}
    levels = {level: {value: _named(name, calendars, f"{place} {level} {value}") for value, name in named.items()} for level, named in by.items()}
    return CalendarOf(default, levels)


def _named(name: object, calendars: Mapping[str, WorkingHours], place: str) -> str:
    given = text(name, place)
    if given not in calendars:
        raise UnknownWord(f"calendar in {place}:", given, calendars, "Declare it under [calendars.NAME].")
    return given


def _working_hours(name: str, said: Mapping[str, Any], place: str) -> WorkingHours:
    check_known(said, _KEYS, place)
    codes = texts(said.get("holidays", []), f"{place} holidays")
    for code in codes:
        if not _CODE.fullmatch(code):
            raise BadCard(
                f"{place} holidays", code, "the code of a country or of a part of it, such as 'DE' or 'DE-BY', or of a market, such as 'XECB'"
            )
    closed = said.get("closed", [])
    if not isinstance(closed, list):
        raise BadCard(f"{place} closed", closed, "a list of days such as [2024-12-24]")
    return WorkingHours(
        name,
        _week(said.get("hours"), f"{place} hours"),
        check_zone(said["zone"], f"{place} zone") if "zone" in said else None,
        codes,
        frozenset(day(each, f"{place} closed") for each in closed),
        {_date(key, f"{place} days"): _shifts(value, f"{place} days {key}") for key, value in table(said, "days", place).items()},
        _nominal(said["day"], f"{place} day") if "day" in said else None,
        f"{place} holidays",
    )


def _week(said: object, place: str) -> tuple[tuple[Shift, ...], ...]:
    if said == ALWAYS:
        return ((Shift(0, MIDNIGHT),),) * 7
    if not isinstance(said, dict) or not said:
        raise BadCard(place, said, f'a table such as {{ "Mon-Fri" = ["09:00-12:00", "13:00-17:00"] }}, or "{ALWAYS}"')
    week: dict[int, tuple[Shift, ...]] = {}
    for key, value in said.items():
        for weekday in _weekdays(key, place):
            if weekday in week:
                raise BadCard(f"{place} {key}", WEEKDAYS[weekday], "a day that is named only once")
            week[weekday] = _shifts(value, f"{place} {key}")
    if not any(week.values()):
        raise BadCard(place, said, "working time on at least one day of the week")
    return tuple(week.get(weekday, ()) for weekday in range(7))


def _weekdays(key: str, place: str) -> Iterator[int]:
    """The days of ``Mon-Fri``, ``Sat`` or ``Mon, Wed``, Monday being 0; a range may pass the end of the week."""
    for part in key.split(","):
        ends = [_weekday(name.strip(), place) for name in re.split(r"[-–]", part)]
        if len(ends) > 2:
            raise BadCard(place, key, "days such as 'Mon-Fri', 'Sat' or 'Mon, Wed'")
        yield from ((ends[0] + step) % 7 for step in range((ends[-1] - ends[0]) % 7 + 1))


def _weekday(name: str, place: str) -> int:
    if name not in WEEKDAYS:
        raise UnknownWord(f"day of the week in {place}:", name, WEEKDAYS)
    return WEEKDAYS.index(name)


def _shifts(said: object, place: str) -> tuple[Shift, ...]:
    """The shifts of a day in order; a shift that ends at or before the time it begins ends on the next day."""
    shifts = sorted((_shift(written, place) for written in texts(said, place)), key=lambda shift: shift.begins)
    for one, other in pairwise(shifts):
        if other.begins < one.ends:
            raise BadCard(place, said, "shifts that do not overlap")
    return tuple(shifts)


def _shift(written: str, place: str) -> Shift:
    match = _SHIFT.fullmatch(written.strip())
    if match is None:
        raise BadCard(place, written, "a shift such as '09:00-17:00', or '22:00-06:00' where it ends on the next day")
    begins = int(match[1]) * 60 + int(match[2])
    ends = MIDNIGHT if match[5] else int(match[3]) * 60 + int(match[4])
    if begins == ends:
        raise BadCard(place, written, "a shift that ends at another time than it begins (a whole day is '00:00-24:00')")
    return Shift(begins, ends if ends > begins else ends + MIDNIGHT)


def _date(key: str, place: str) -> date:
    try:
        return date.fromisoformat(key)
    except ValueError:
        raise BadCard(place, key, "a day such as 2024-12-24") from None


def _nominal(value: object, place: str) -> int:
    try:
        length = parse_duration(text(value, place))
    except ValueError:
        length = 0
    if not 0 < length <= DAY:
        raise BadCard(place, value, "the length of a working day, such as '8h' or '7h 30min'")
    return length


def draft_calendars(calendars: Mapping[str, WorkingHours], applies: CalendarOf) -> list[str]:
    """The calendars as lines of a card, or lines that show how they are declared."""
    if not calendars:
        return [
            "# [calendars.office]    # when people work: without it no time is told in working hours",
            '# hours = { "Mon-Fri" = ["09:00-12:00", "13:00-17:00"] }',
            '# holidays = "DE-BY"     # country or part of it; also closed = [2024-12-27], days = { 2024-12-24 = ["09:00-12:00"] }',
            '# day = "8h"             # the working day in which durations are told',
            "# [calendar_of]         # by resource, role, an attribute, else the default",
            '# default = "office"',
        ]
    return [*(line for name, hours in calendars.items() for line in _section(name, hours)), *_applying(applies)]


def _section(name: str, hours: WorkingHours) -> Iterator[str]:
    yield f"[calendars.{bare_key(name)}]"
    yield f"hours = {{ {', '.join(f'{quoted(days)} = {_list(spans)}' for days, spans in hours.spelled().items())} }}"
    if hours.zone:
        yield f"zone = {quoted(hours.zone)}"
    if hours.holidays:
        yield f"holidays = {_list(hours.holidays)}"
    if hours.closed:
        yield f"closed = [{', '.join(each.isoformat() for each in sorted(hours.closed))}]"
    if hours.days:
        yield f"days = {{ {', '.join(f'{each} = {_list([shift.spelled() for shift in shifts])}' for each, shifts in hours.days.items())} }}"
    if hours.day:
        yield f"day = {quoted(spell_duration(hours.day))}"
    yield ""


def _applying(applies: CalendarOf) -> Iterator[str]:
    yield "[calendar_of]"
    if applies.default:
        yield f"{DEFAULT} = {quoted(applies.default)}"
    for level, named in applies.levels.items():
        yield f"{bare_key(level)} = {{ {', '.join(f'{bare_key(value)} = {quoted(name)}' for value, name in named.items())} }}"


def _list(written: Iterator[str] | tuple[str, ...] | list[str]) -> str:
    return f"[{', '.join(map(quoted, written))}]"
