"""The time ledger: every way to look at it adds up to the same, and to the throughput time of all cases."""

from __future__ import annotations

from typing import get_args

import pytest
from tests.answers import texts

import finmine
from finmine.analyses.time_ledger import Level
from finmine.card import Card
from finmine.log import MissingFact
from finmine.relations.ledger import ENTRIES
from finmine.testing import ORIGIN, events, log
from finmine.view import Caveat, Headline, Prose
from finmine.words import DAY, HOUR

# B and C run side by side, and the case ends in February
WRITTEN = "\n".join(
    f"c{n} {{company={n % 2}}}: a@{n}h-{n + 2}h/ann {{role=clerk}}, {'b' if n % 2 else 'c'}@{n + 3}h-{n + 9}h/bob {{role=clerk}}, "
    f"{'c' if n % 2 else 'b'}@{n + 4}h-{n + 10}h/cid {{role=boss}}, d@{n + 12}h-31d {n}h/ann {{role=clerk}}, e@32d {n}h"
    for n in range(8)
)
EACH: tuple[Level, ...] = get_args(Level)


def test_wrong_dates_add_no_centuries_of_months() -> None:
    """One case of 150 that begins decades before all others: its months are one row, with their time, their case and a caveat."""
    text = "\n".join(f"i{case}: a@0h, b@1d" for case in range(150))
    stray = [{"case": "stray", "activity": "x", "timestamp": ORIGIN - 25_000 * DAY}, {"case": "stray", "activity": "a", "timestamp": ORIGIN}]
    answer = finmine.time_ledger(log([*events(text), *stray]))
    before, month = answer.records()
    assert (before["ledger_month"], before["clock"], month["ledger_month"], month["clock"]) == ("before 2024-01", 25_000 * DAY, "2024-01", 150 * DAY)
    assert answer.cases(0).rows.column("case") == ("stray",)
    assert "25,000 d lie before 2024-01, in months in which single cases have time" in texts(answer, Caveat)[0]


def test_every_way_to_look_adds_up_to_the_same() -> None:
    """By month, resource, role, activity and case, split or not: each row across, each entry down, the whole to the throughput time of all cases."""
    written = log(WRITTEN)
    cases = sum(record["throughput"] for record in finmine.cases(written).records())
    found = set()
    for each in EACH:
        answer = finmine.time_ledger(written, level=each, by="company" if each == "month" else None)
        records = answer.records()
        for record in records:
            assert record["clock"] == sum(record[entry] for entry in ENTRIES if entry != "overlap") - record["overlap"]
        found.add(tuple(sum(record[name] for record in records) for name in (*ENTRIES, "clock")))
        assert any("to the microsecond" in text for text in texts(answer, Prose))
    (entries,) = found
    told = dict(zip((*ENTRIES, "clock"), entries, strict=True))
    assert told["clock"] == cases == 8 * 32 * 24 * HOUR
    # b or c is open beside the other for all its time but one hour; e has no start
    assert told["overlap"] == 8 * 7 * HOUR
    assert told["gap"] == 8 * 24 * HOUR


def test_rows_have_the_names_of_what_they_are() -> None:
    """Months as year and month in the zone of the log, roles and people by name, nobody where none is recorded."""
    written = log(WRITTEN, card=Card(zone="Pacific/Auckland"))
    months = finmine.time_ledger(written).records()
    assert [record["ledger_month"] for record in months] == ["2024-01", "2024-02"]
    assert {record["team"] for record in finmine.time_ledger(written, level="role").records()} == {"clerk", "boss", "(not recorded)"}
    assert finmine.time_ledger(written, level="resource").records()[0]["resource"] == "ann"
    case = finmine.time_ledger(written, level="case")
    assert [record["case"] for record in case.cases(3).records()] == [case.records()[3]["case"]]


def test_what_limits_the_ledger_is_said() -> None:
    """Only completions: all between units are gaps; units that begin after their completion make a difference that is told; no roles are refused."""
    only = finmine.time_ledger(log("a: x@0h, y@5h"))
    assert any("gaps" in text for text in texts(only, Caveat))
    assert texts(only, Headline) == ["Of 5 h of throughput time: 5 h gaps without a known start."]
    faulty = finmine.time_ledger(log("a: x@9h-5h, y@9h-10h"))
    assert any("differs by 4 h" in text for text in texts(faulty, Caveat))
    with pytest.raises(MissingFact):
        finmine.time_ledger(log("a: x@0h"), level="role")
