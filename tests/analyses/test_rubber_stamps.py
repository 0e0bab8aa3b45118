"""Rubber stamps: what plain Python finds by the definition, a whole that adds up, and what cannot be judged."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest
from tests.answers import texts

from finmine.analyses.rubber_stamps import rubber_stamps
from finmine.card import AmountRule, Card
from finmine.card_calendars import CalendarOf, read_calendars
from finmine.card_people import Persons
from finmine.errors import Refusal
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline
from finmine.words import DAY, HOUR, MINUTE, SECOND

POLICY = 'finmine_policy = 1\nname = "Small"\nversion = "1"\n[steps]\napproval = "Approve"\n[[rules]]\nid = "needed"\nneeded = "approval"\n'
CARD = Card(amount=AmountRule("case"), persons=Persons(technical=("robot",), anonymous=("anybody",)))
FLOOR, PART, LEAST, BURST, WITHIN = 5 * MINUTE, 0.25, 4, 3, 2 * MINUTE


@pytest.fixture
def policy(tmp_path: Any) -> str:
    """The file of the small policy."""
    (tmp_path / "small.toml").write_text(POLICY)
    return str(tmp_path / "small.toml")


def random_rows(seed: int, number: int) -> list[Event]:
    """Cases of a request (sometimes none) and an approval, close together, some on midnight, by few people."""
    dice = random.Random(seed)
    rows: list[Event] = []
    for place in range(number):
        facts = {"case": f"case {place}", "amount": dice.choice(["10.00", "100.00", "200.00"]), "currency": "EUR"}
        at = ORIGIN + dice.randrange(9 * 60) * MINUTE + SECOND
        dwell = dice.choice([0, 20 * SECOND, 3 * MINUTE, 7 * MINUTE, 2 * HOUR])
        if dice.random() < 0.1:
            at, dwell = ORIGIN, dice.choice([0, DAY])
        if dice.random() < 0.9:
            rows.append({**facts, "activity": "Request", "timestamp": at, "resource": "eve"})
        who = dice.choice(["ann", "ANN", "bob", "bob", "cid", "robot", "anybody", ""])
        rows.append({**facts, "activity": "Approve", "timestamp": at + dwell, "resource": who})
    return rows


def by_definition(rows: list[Event]) -> tuple[Counter[str], dict[str, set[str]]]:
    """How many approvals can and cannot be judged, and the cases of which the approval is too soon, below the floor, or in a burst."""
    requests = {row["case"]: row["timestamp"] for row in rows if row["activity"] == "Request"}
    judged, signs = Counter[str](), defaultdict[str, set[str]](set)
    own, given = defaultdict[tuple[str, bool], list[tuple[str, int]]](list), defaultdict[str, list[tuple[int, str]]](list)
    for row in rows:
        if row["activity"] != "Approve":
            continue
        case, who, at = row["case"], row["resource"].casefold(), row["timestamp"]
        if who in ("robot", "anybody", ""):
            judged["machine" if who == "robot" else "not known"] += 1
            continue
        if at % DAY:
            given[who].append((at, case))
        if case not in requests:
            judged["first"] += 1
        elif not (at % DAY and requests[case] % DAY):
            judged["day only"] += 1
        else:
            own[who, row["amount"] != "10.00" and row["amount"] != "100.00"].append((case, at - requests[case]))
    for dwells in own.values():
        few = len(dwells) < LEAST
        judged["few" if few else "judged"] += len(dwells)
        limit = np.quantile([dwell for _, dwell in dwells], PART)
        signs["below"] |= {case for case, dwell in dwells if dwell < FLOOR}
        signs["soon"] |= {case for case, dwell in dwells if dwell < FLOOR and dwell <= limit and not few}
    for times in given.values():
        for begin, _ in times:
            near = {case for at, case in times if begin <= at <= begin + WITHIN}
            signs["burst"] |= near if len(near) >= BURST else set()
    return judged, signs


def test_signs_are_those_of_the_definition(policy: str) -> None:
    """Of 400 random approvals each is judged, or not for the reason, as plain Python says, and shows the signs of the definition."""
    rows = random_rows(5, 400)
    judged, signs = by_definition(rows)
    asked = {"floor": "5m", "shortest": PART, "least": LEAST, "burst": BURST, "within": "2m", "bands": "100"}
    answer = rubber_stamps(log(rows, card=CARD, unit="event"), policy=policy, most=1000, **asked)  # type: ignore[arg-type]
    assert {row["judged"]: row["approvals"] for row in answer.whole.records()} == judged
    assert min(len(signs["soon"]), len(signs["burst"])) > 5
    assert {row["case"] for row in answer.signs() if row["soon"]} == signs["soon"]
    assert {row["case"] for row in answer.signs() if row["burst"]} == signs["burst"]
    assert sum(record["below_floor"] for record in answer.records()) == len(signs["below"])
    assert sum(record["approvals"] for record in answer.records()) == 400 == sum(judged.values())
    record = max(answer.records(), key=lambda record: record["signs"])
    assert answer.cases(record).total == record["signs"] > 0


def test_hours_are_those_of_the_calendar(policy: str) -> None:
    """Where the card has a calendar, approvals at night or on a weekend are outside of its hours; without one the answer says that nobody can tell."""
    text = "\n".join(f"i{day}{hour}: Request@{day}d 1h/eve, Approve@{day}d {hour}h/ann" for day in range(7) for hour in (10, 22))
    hours = read_calendars({"calendars": {"office": {"hours": {"Mon-Fri": "08:00-18:00"}}}}, "card")
    answer = rubber_stamps(log(text, card=Card(calendars=hours, calendar_of=CalendarOf("office"))), policy=policy)
    (record,) = answer.records()
    assert (record["approvals"], record["outside_hours"], record["signs"]) == (14, 9, 9)
    assert "9 of 14 approvals with a calendar (64.3 %) lie outside of its hours." in texts(answer, Headline)
    without = rubber_stamps(log(text), policy=policy)
    assert without.records()[0]["outside_hours"] is None
    assert any("No calendar is declared" in said for said in texts(without, Caveat))


def test_where_only_days_are_recorded_nothing_is_tested(policy: str) -> None:
    """Approvals with the stamp of midnight are not testable, in no burst, and the answer says so."""
    text = "\n".join(f"i{place}: Request@{place}d/eve, Approve@{place}d/ann" for place in range(30))
    answer = rubber_stamps(log(text), policy=policy)
    assert [(row["judged"], row["approvals"]) for row in answer.whole.records()] == [("day only", 30)]
    assert (answer.records()[0]["signs"], answer.signs()) == (0, ())
    assert any("30 approvals or what came before them have the stamp of midnight" in said for said in texts(answer, Caveat))


@pytest.mark.parametrize(
    ("asked", "said"), [({"floor": "soon"}, "floor"), ({"shortest": 0.0}, "shortest"), ({"burst": 1}, "burst"), ({"least": 0}, "least")]
)
def test_a_screen_that_cannot_be_is_refused(asked: dict[str, Any], said: str) -> None:
    """Durations, shares and numbers that make no sense are refused by name."""
    with pytest.raises(Refusal, match=said):
        rubber_stamps(log("i: Approve invoice@0h/ann"), **asked)
