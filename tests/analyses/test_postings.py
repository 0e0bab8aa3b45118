"""Postings: what plain Python says of each, posters against their peers, and what is not recorded."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from scipy.stats import binom
from tests.answers import texts

from finmine.analyses.postings import postings
from finmine.auditing.dated_postings import SIGNS
from finmine.card import AmountRule, Card
from finmine.card_calendars import CalendarOf, read_calendars
from finmine.card_people import Persons
from finmine.errors import Refusal
from finmine.stats.peers import against_peers
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline
from finmine.words import DAY, HOUR

HOURS = read_calendars({"calendars": {"office": {"hours": {"Mon-Fri": "08:00-18:00"}, "closed": [date(2024, 1, 10)]}}}, "card")
CARD = Card(
    amount=AmountRule("case"),
    attributes={"posting_date": "posting_date"},
    calendars=HOURS,
    calendar_of=CalendarOf("office"),
    persons=Persons(technical=("robot",), anonymous=("anybody",)),
)
FIRST = date(2024, 1, 1)


def random_rows(seed: int, number: int) -> list[Event]:
    """Postings of five weeks at all hours, some at midnight, by people, a machine and nobody; dated around their entry."""
    dice = random.Random(seed)
    rows: list[Event] = []
    for place in range(number):
        day, hour = dice.randrange(45), dice.choice([0, 5, 9, 12, 16, 20])
        dated = str(FIRST + timedelta(days=day + dice.choice([-30, -9, -4, -3, -1, 0, 0, 1]))) if dice.random() < 0.9 else ""
        facts = {
            "case": f"p{place:03d}",
            "amount": dice.choice(["100.00", "99.90", "-300.00", "0.00", "12.00"]),
            "currency": "EUR",
            "posting_date": dated,
        }
        rows.append(
            {
                **facts,
                "activity": "Post invoice",
                "timestamp": ORIGIN + day * DAY + hour * HOUR,
                "resource": dice.choice(["ann", "bob", "robot", "anybody", ""]),
            }
        )
    return rows


def by_definition(row: Event) -> dict[str, bool | None]:
    """What is to be said of a posting, missing where nobody can."""
    entered = FIRST + timedelta(days=(row["timestamp"] - ORIGIN) // DAY)
    hour = (row["timestamp"] - ORIGIN) % DAY // HOUR
    known = row["resource"] in ("ann", "bob")
    weekend, closed = entered.weekday() >= 5, entered == date(2024, 1, 10)
    dated = date.fromisoformat(row["posting_date"]) if row["posting_date"] else None
    end = (dated.replace(day=28) + timedelta(days=4)).replace(day=1) if dated else None
    return {
        "weekend": weekend if known else None,
        "holiday": closed and not weekend if known else None,
        "off_hours": not weekend and not closed and not 8 <= hour < 18 if known and hour else None,
        "back_dated": dated < entered - timedelta(days=3) if dated else None,
        "dated_ahead": dated > entered if dated else None,
        "after_close": (entered - end).days >= 5 if end else None,
        "rounded": Decimal(row["amount"]) % 100 == 0 if known and Decimal(row["amount"]) else None,
    }


def test_signs_are_those_of_the_definition() -> None:
    """Of 300 random postings each sign is found, and its testable postings are counted, as plain Python says; so are the posters' round amounts."""
    rows = random_rows(5, 300)
    told = [(row, by_definition(row)) for row in rows]
    answer = postings(log(rows, card=CARD), most=1000)
    signs = {tuple(SIGNS)[row["sign"]]: (row["tested"], row["found"]) for row in answer.signs.records()}
    assert signs == {name: (sum(said[name] is not None for _, said in told), sum(bool(said[name]) for _, said in told)) for name in SIGNS}
    assert min(found for _, found in signs.values()) > 0
    assert {row["case"] for row in answer.listed()} == {row["case"] for row, said in told if any(said[name] for name in SIGNS)}
    rounded = Counter(row["resource"] for row, said in told if said["rounded"])
    assert {row["poster"]: row["rounded"] for row in answer.records()} == rounded
    record = answer.records()[0]
    assert answer.cases(0).total == record["with_sign"] > 0
    whole = answer.whole.records()[0]
    assert whole["machine"] == sum(row["resource"] == "robot" for row in rows)
    assert whole["nobody"] == sum(row["resource"] in ("anybody", "") for row in rows)


def test_a_poster_is_held_against_the_others() -> None:
    """The chance is the exact binomial with the share of the others; who has too few is not compared, and alone nobody is."""
    one, other, few = against_peers([(9, 30), (1, 50), (3, 5)], 20)
    assert one.peers == pytest.approx(5 / 56)
    assert one.p == pytest.approx(binom.sf(8, 30, 5 / 56))
    assert other.q == pytest.approx(binom.sf(0, 50, 13 / 36))
    assert (few.p, few.q) == (None, None)
    assert against_peers([(4, 30)], 20) == ((None, None, None),)
    assert against_peers([], 20) == ()


def test_odd_times_of_one_poster_are_told() -> None:
    """Who posts on Saturdays while nobody else does is named, and asked about: it may be a machine."""
    text = "\n".join(
        f"i{who}{place}: Post invoice@{(5 if who == 'eve' else place % 5) + 7 * (place % 4)}d 10h/{who}"
        for who in ("ann", "bob", "eve")
        for place in range(30)
    )
    answer = postings(log(text, card=Card(calendars=HOURS, calendar_of=CalendarOf("office"))))
    assert answer.records()[0]["poster"] == "eve"
    assert answer.records()[0]["off_q"] < 1e-9
    assert any("share of all others explains: eve." in said for said in texts(answer, Headline))
    assert any("Most postings at odd times are of eve" in said for said in texts(answer, Caveat))
    assert any("names no posting_date" in said for said in texts(answer, Caveat))


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"back": -1}, "back is -1"), ({"round_sum": "none"}, "round_sum"), ({"posting": ("Pst",)}, "no activity 'Pst'"), ({"posted": "day"}, "day")],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], said: str) -> None:
    """Negative days, a sum that is none, and activities and attributes that the log does not have are refused by name."""
    with pytest.raises(Refusal, match=said):
        postings(log("i: Post invoice@0h/ann"), **asked)
