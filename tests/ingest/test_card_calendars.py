"""Calendars on the log card: what is read from them, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import finmine
from finmine.card import BadCard, Card, draft, load
from finmine.errors import UnknownWord
from finmine.finance.public_holidays import UnknownHolidays
from finmine.finance.working_hours import Shift
from finmine.words import HOUR

CARD = """finmine_card = 1
[calendars.office]
hours = { "Mon-Fri" = ["09:00-12:00", "13:00-17:00"], Sat = "09:00-12:00" }
zone = "Europe/Berlin"
holidays = "DE-BY"
closed = [2024-12-27]
days = { 2024-12-24 = ["09:00-12:00"], 2024-12-31 = [] }
day = "8h"

[calendars.night]
hours = { "Fri-Mon" = ["22:00-06:00"] }

[calendars.machines]
hours = "24/7"

[calendar_of]
default = "office"
company = { "1000" = "office" }
role = { System = "machines" }
resource = { ann = "night" }
"""


def _load(folder: Path, text: str) -> Card:
    (folder / "log.card.toml").write_text(text, encoding="utf-8")
    return load(folder / "log.card.toml")


def test_working_hours_are_read_as_they_are_written(tmp_path: Path) -> None:
    """Shifts belong to the days they are written for; one that ends before it begins ends on the next day; ranges may pass the week's end."""
    card = _load(tmp_path, CARD)
    office, night, machines = card.calendars.values()
    assert office.week[0] == office.week[4] == (Shift(540, 720), Shift(780, 1020))
    assert office.week[5:] == ((Shift(540, 720),), ())
    assert (office.zone, office.holidays, office.closed, office.day) == ("Europe/Berlin", ("DE-BY",), frozenset({date(2024, 12, 27)}), 8 * HOUR)
    assert office.days == {date(2024, 12, 24): (Shift(540, 720),), date(2024, 12, 31): ()}
    assert [len(shifts) for shifts in night.week] == [1, 0, 0, 0, 1, 1, 1]
    assert night.week[0] == (Shift(22 * 60, 30 * 60),)
    assert machines.week == ((Shift(0, 1440),),) * 7
    assert office.words() == "Mon-Fri 09:00-12:00, 13:00-17:00; Sat 09:00-12:00"
    assert machines.words() == "Mon-Sun 00:00-24:00"


def test_the_resource_comes_before_the_role_before_the_company(tmp_path: Path) -> None:
    """Whatever the order on the card, the calendar of the resource is looked for first, then that of the role, then of attributes."""
    applies = _load(tmp_path, CARD).calendar_of
    assert applies.order() == ("resource", "role", "company")
    assert applies.default == "office"


def test_one_calendar_applies_to_all(tmp_path: Path) -> None:
    """Where a card declares one calendar and nothing about whose it is, it is the default; several without a word are refused."""
    one, two = '[calendars.a]\nhours = { Mon = "09:00-17:00" }\n', '[calendars.b]\nhours = "24/7"\n'
    assert _load(tmp_path, f"finmine_card = 1\n{one}").calendar_of.default == "a"
    assert _load(tmp_path, "finmine_card = 1\n").calendar_of.default is None
    with pytest.raises(BadCard, match=r"\[calendar_of\] is 'missing'; .*default = 'a'"):
        _load(tmp_path, f"finmine_card = 1\n{one}{two}")


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ('[calendars.a]\nours = "24/7"', r"card log.card.toml \[calendars.a\] 'ours'.*Did you mean 'hours'"),
        ("[calendars.a]\n", r"\[calendars.a\] hours is None; .*24/7"),
        ('[calendars.a]\nhours = "always"', r"\[calendars.a\] hours is 'always'"),
        ("[calendars.a]\nhours = {}", "hours is {}"),
        ("[calendars.a]\nhours = { Mon = [] }", "at least one day"),
        ('[calendars.a]\nhours = { Mo = "09:00-17:00" }', r"\[calendars.a\] hours: 'Mo'.*Did you mean 'Mon'"),
        ('[calendars.a]\nhours = { Mon-Wed-Fri = "09:00-17:00" }', "Mon, Wed"),
        ('[calendars.a]\nhours = { Mon-Fri = "09:00-17:00", Fri = "09:00-12:00" }', "hours Fri is 'Fri'.*only once"),
        ('[calendars.a]\nhours = { Mon = "9-17" }', "hours Mon is '9-17'.*09:00-17:00"),
        ('[calendars.a]\nhours = { Mon = "09:00-25:00" }', "09:00-25:00"),
        ('[calendars.a]\nhours = { Mon = "06:00-06:00" }', "00:00-24:00"),
        ('[calendars.a]\nhours = { Mon = ["09:00-12:00", "11:00-17:00"] }', "do not overlap"),
        ("[calendars.a]\nhours = { Mon = 9 }", "hours Mon is 9"),
        ('[calendars.a]\nhours = "24/7"\nzone = "Berlin"', r"\[calendars.a\] zone is 'Berlin'"),
        ('[calendars.a]\nhours = "24/7"\nholidays = "Germany"', r"holidays is 'Germany'; .*'DE-BY'"),
        ('[calendars.a]\nhours = "24/7"\nclosed = 2024-12-24', "closed is .*list of days"),
        ('[calendars.a]\nhours = "24/7"\nclosed = ["2024-12-24"]', "closed is '2024-12-24'; .*a day"),
        ('[calendars.a]\nhours = "24/7"\ndays = { christmas = [] }', "days is 'christmas'"),
        ('[calendars.a]\nhours = "24/7"\nday = "25h"', r"\[calendars.a\] day is '25h'; .*'8h'"),
        ('[calendars.a]\nhours = "24/7"\nday = 8', "day is 8"),
        ('[calendars]\na = "24/7"', r"\[calendars\]: a is '24/7'; it must be a table"),
        ('[calendars.office]\nhours = "24/7"\n[calendar_of]\ndefault = "ofice"', r"\[calendar_of\] default: 'ofice'. Did you mean 'office'"),
        ('[calendars.office]\nhours = "24/7"\n[calendar_of]\nrole = { clerk = "night" }', r"\[calendar_of\] role clerk: 'night'"),
        ('[calendars.office]\nhours = "24/7"\n[calendar_of]\nrole = "office"', r"\[calendar_of\]: role is 'office'; it must be a table"),
        ('[calendar_of]\ndefault = "office"', "'office'. Declare it under"),
    ],
)
def test_a_wrong_calendar_is_refused(tmp_path: Path, section: str, says: str) -> None:
    """The refusal names the card, the key and what it must be, or the nearest known word."""
    with pytest.raises((BadCard, UnknownWord), match=says) as caught:
        _load(tmp_path, f"finmine_card = 1\n{section}\n")
    assert "log.card.toml" in str(caught.value)


def test_a_level_that_the_log_does_not_have_is_refused(tmp_path: Path) -> None:
    """Calendars by role, where no column plays the role, are refused with what the log has, and not with the word itself as the nearest."""
    (tmp_path / "log.csv").write_text("case,activity,timestamp\nA,a,2024-01-02T09:00:00Z\n", encoding="utf-8")
    card = '[calendars.office]\nhours = "24/7"\n[calendar_of]\nrole = { clerk = "office" }\n'
    (tmp_path / "log.card.toml").write_text(f"finmine_card = 1\n{card}", encoding="utf-8")
    with pytest.raises(UnknownWord, match=r"of this log in \[calendar_of\] of the card: 'role'. Known: 'activity', 'case', 'timestamp'"):
        finmine.read(tmp_path / "log.csv")


def test_unknown_holidays_are_refused_where_they_are_needed(tmp_path: Path) -> None:
    """A country or part of it without holidays is refused with the card, the key and the nearest code when the calendar is laid out."""
    for code, nearest in (("DE-BX", "DE-"), ("DW", "'"), ("XECC", "XECB")):
        card = _load(tmp_path, f'finmine_card = 1\n[calendars.a]\nhours = "24/7"\nholidays = "{code}"\n')
        with pytest.raises(UnknownHolidays, match=rf"card log.card.toml \[calendars.a\] holidays '{code}'. .*{nearest}"):
            card.calendars["a"].laid_out(0, 1, "UTC")


def test_drafted_calendars_read_back(tmp_path: Path) -> None:
    """A drafted card declares the same calendars, and what applies where, names that need quotes included."""
    card = _load(
        tmp_path, CARD.replace("ann =", '"O\'Hara, Eve" =').replace("calendars.night", 'calendars."late shift"').replace('"night"', '"late shift"')
    )
    again = _load(tmp_path, draft(card))
    assert again.calendars == card.calendars
    assert again.calendar_of == card.calendar_of


def test_a_draft_shows_how_calendars_are_declared(tmp_path: Path) -> None:
    """The commented lines of a draft are a calendar once the signs of comment are taken away."""
    lines = draft(Card()).splitlines()
    first = next(place for place, line in enumerate(lines) if "[calendars.office]" in line)
    shown = "\n".join(line.removeprefix("# ") for line in lines[first : first + 6])
    card = _load(tmp_path, f"finmine_card = 1\n{shown}\n")
    assert card.calendars["office"].holidays == ("DE-BY",)
    assert card.calendar_of.default == "office"
