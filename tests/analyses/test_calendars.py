"""The question about calendars: what applies, how it fits, and the warnings where it does not."""

from __future__ import annotations

import pytest
from tests.answers import SAMPLES, texts

import finmine
from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.testing import log
from finmine.view import Bars, Caveat, Facts, Headline, Matrix, Table
from finmine.words import HOUR

OFFICE = WorkingHours("office", (*(((Shift(540, 1020),),) * 5), (), ()), holidays=("DE",))
CARD = Card(calendars={"office": OFFICE}, calendar_of=CalendarOf("office"))
# 2024-01-01 is a holiday; the days after it are working days.
WRITTEN = """
a: x@1d 9h-1d 10h/ann, y@1d 16h-2d 10h/bob
b: x@1d 20h-1d 21h/ann, y@2d 12h/cid
"""


def test_the_fit_is_of_units_and_of_processing_time() -> None:
    """Three of four completions are inside; of 20 hours from start to completion, one and two are inside."""
    answer = finmine.calendars(log(WRITTEN, card=CARD))
    (record,) = answer.records()
    assert (record["calendar"], record["calendar_level"], record["units"], record["inside"]) == ("office", "default", 4, 3)
    assert (record["spent"], record["worked"]) == (20 * HOUR, 3 * HOUR)
    (facts,) = (block for block in answer.view().blocks if isinstance(block, Facts))
    assert [cell for _, cell, _ in facts.facts] == ["office (a working day is 8 h)", 0.75, 0.15]
    assert "75.0 % of 4 instances on 1 calendar lie inside" in texts(answer, Headline)[0]


def test_what_is_completed_just_as_the_calendar_closes_was_done_inside() -> None:
    """A completion at five o'clock sharp ends an hour of work inside, one at nine sharp begins the day; a second later or earlier is outside."""
    written = log("a: x@1d 9h-1d 9h/ann, y@1d 16h-1d 17h/ann\nb: x@1d 8h-1d 8h 59min/ann, y@1d 16h-1d 17h 1min/ann", card=CARD)
    assert [(record["units"], record["inside"]) for record in finmine.calendars(written).records()] == [(4, 2)]


def test_a_bad_fit_is_warned_of_with_the_offenders() -> None:
    """Below nine tenths the resources with most outside are named, for units and for processing time apart."""
    units, time = texts(finmine.calendars(log(WRITTEN, card=CARD)), Caveat)
    assert "Only 75.0 % of 4 instances" in units
    assert "Most outside: ann (1 of 2)." in units
    assert "Only 15.0 % of the processing time" in time
    assert "Most outside: bob (16 h of 18 h), ann (1 h of 2 h)." in time


def test_units_without_a_calendar_are_counted() -> None:
    """Where a calendar is named for some only, the others are said to have none; they are in no share."""
    applies = CalendarOf(None, {"resource": {"ann": "office"}})
    answer = finmine.calendars(log(WRITTEN, card=Card(calendars={"office": OFFICE}, calendar_of=applies)))
    found = [(record["calendar"], record["calendar_level"], record["units"], record["placed"]) for record in answer.records()]
    assert found == [("office", "resource", 2, 2), ("(none)", "(none)", 2, 0)]
    assert any("No calendar applies to 2 instances of 4" in text for text in texts(answer, Caveat))
    assert [row[0] for row in answer.cases(answer.records()[0]).rows.tuples()]


def test_a_calendar_that_is_named_for_nobody_in_the_log_is_told() -> None:
    """A misspelt name would let another calendar stand in unseen; where a filter took the cases away, nothing is said."""
    applies = CalendarOf("office", {"resource": {"ann": "office", "Bob": "machines"}})
    everything = WorkingHours("machines", ((Shift(0, 1440),),) * 7)
    written = log(WRITTEN, card=Card(calendars={"office": OFFICE, "machines": everything}, calendar_of=applies))
    (said,) = (text for text in texts(finmine.calendars(written), Caveat) if "[calendar_of]" in text)
    assert said.startswith("The calendar machines is named by resource in [calendar_of] of the card and applies to no instance there: ")
    kept = written.keep_cases(finmine.has("x"))
    assert not any("[calendar_of]" in text for text in texts(finmine.calendars(kept), Caveat))


def test_dates_that_no_calendar_reaches_are_said_and_blamed_on_nobody() -> None:
    """A placeholder of another century is in no share; who has nothing else outside is not listed among those that work outside."""
    days = "".join(f"c{day}: x@{day}d 9h/ann\n" for day in range(1, 5))
    answer = finmine.calendars(log(f"{days}d: y@43829d/ann", card=CARD))
    said = next(text for text in texts(answer, Caveat) if "placeholders" in text)
    assert said.startswith("1 event of 5 is dated far outside the years of the log")
    assert not any("work outside" in block.title for block in answer.view().blocks if isinstance(block, Table))


def test_without_calendars_it_says_how_to_declare_one() -> None:
    """A log without calendars has no fit, and the answer says what to write on the card."""
    answer = finmine.calendars(log(WRITTEN))
    assert "[calendars.office]" in texts(answer, Caveat)[0]
    assert not [block for block in answer.view().blocks if isinstance(block, Facts)]


def test_groups_have_their_own_rows() -> None:
    """Split after the company, each company has the calendars of its units."""
    written = log("a {company=1}: x@33h/ann\nb {company=2}: x@44h/ann, y@45h/bob", card=CARD)
    found = [(record["group"], record["units"], record["inside"]) for record in finmine.calendars(written, by="company").records()]
    assert found == [("1", 1, 1), ("2", 2, 0)]


@pytest.mark.parametrize("name", ["invoices.csv", "approvals.xes.gz", "reconciliations.parquet"])
def test_the_sample_logs_fit_the_calendars_on_their_cards(name: str) -> None:
    """People of the sample logs work in the office hours of their card: 99.9 % of all units and more, whatever was planted."""
    answer = finmine.calendars(finmine.read(SAMPLES / name))
    inside, placed = (sum(record[measure] for record in answer.records()) for measure in ("inside", "placed"))
    assert inside >= 0.999 * placed
    assert {record["calendar"]: record["calendar_level"] for record in answer.records()} == {"office": "default", "machines": "role"}
    assert not any("Only" in text and "lie inside the calendar" in text for text in texts(answer, Caveat))
    assert [block.title for block in answer.view().blocks if isinstance(block, Table)][:2] == ["The calendars", "Which calendar applies"]


def test_units_stand_on_the_axis_of_closes() -> None:
    """The last working day of January is WD−1, the first of February WD+1, a Saturday counts with the Monday after it; what is far from an end is between."""
    written = log("a: x@30d 12h/ann, y@31d 12h/ann\nb: x@33d 12h/bob, y@34d 12h/bob, z@21d 12h/bob", card=CARD)
    answer = finmine.calendars(written)
    (bars,) = (block for block in answer.view().blocks if isinstance(block, Bars))
    assert [row[:2] for row in bars.table.rows] == [("WD−1", 1), ("WD+1", 1), ("WD+3", 2), ("all days between", 1)]
    assert sum(record["units"] for record in answer.closes.records()) == answer.about.population.units
    groups = finmine.calendars(log("a {company=1}: x@30d 12h, y@31d 12h\nb {company=2}: x@33d 12h, y@34d 12h", card=CARD), by="company")
    (shares,) = (block for block in groups.view().blocks if isinstance(block, Matrix))
    assert shares.table.rows == (("1", "WD−1", 1, 0.5), ("1", "WD+1", 1, 0.5), ("2", "WD+3", 2, 1.0))


def test_what_has_no_place_on_the_axis_is_counted_and_not_called_without_a_calendar() -> None:
    """A placeholder in the year 9999 has a calendar and no working day of a close; a unit without a calendar has none either."""
    applies = CalendarOf(None, {"resource": {"ann": "office"}})
    written = log(f"a: x@30d 12h/ann, y@{7975 * 365}d/ann\nb: x@30d 12h/bob", card=Card(calendars={"office": OFFICE}, calendar_of=applies))
    (bars,) = (block for block in finmine.calendars(written).view().blocks if isinstance(block, Bars))
    assert [row[:2] for row in bars.table.rows] == [("WD−1", 1), ("not known: no calendar, or a stamp far from all others", 2)]
