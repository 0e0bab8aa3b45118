"""Arrivals, completions and work in progress."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers import SAMPLES, texts
from tests.brute_force import ordered, started
from tests.strategies import logs

import finmine
from finmine.analyses.arrivals import Arrivals, TooManyPeriods, arrivals
from finmine.card import Card
from finmine.testing import ORIGIN, Event, events, log
from finmine.view import Caveat, Curve, Headline
from finmine.words import DAY, HOUR, day, moment

ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu")
Period = Literal["day", "week", "month"]


def numbers(answer: Arrivals) -> list[tuple[str, int, int, int]]:
    """Each period by its first day, with its three counts."""
    zone = answer.about.log.zone
    return [(day(row["period"], zone), row["arrived"], row["completed"], row["open_cases"]) for row in answer.records()]


def first_day(within: date, period: Period) -> date:
    """The day with which a period begins."""
    return {"day": within, "week": within - timedelta(days=within.weekday()), "month": within.replace(day=1)}[period]


def test_work_in_progress_follows_from_arrivals_and_completions() -> None:
    """Days in which nothing happens are shown, and what is open stays open."""
    answer = arrivals(log("i1: submit@0h, pay@3d\ni2: submit@2h, pay@3d 1h\ni3: submit@4d, pay@4d 5h"), period="day")
    assert numbers(answer) == [
        ("2024-01-01", 2, 0, 2),
        ("2024-01-02", 0, 0, 2),
        ("2024-01-03", 0, 0, 2),
        ("2024-01-04", 0, 2, 0),
        ("2024-01-05", 1, 1, 0),
    ]


def test_running_cases_stay_open_until_the_extraction() -> None:
    """With end activities only finished cases are completed; the periods run on to the extraction."""
    card = Card(outcomes={"paid": ("pay",)}, zone="UTC", extracted=moment(ORIGIN + 3 * DAY + HOUR))
    answer = arrivals(log("i1: submit@0h, pay@1d\ni2: submit@0h, approve@1h", card=card), period="day")
    assert numbers(answer) == [("2024-01-01", 2, 0, 2), ("2024-01-02", 0, 1, 1), ("2024-01-03", 0, 0, 1), ("2024-01-04", 0, 0, 1)]
    assert texts(answer, Headline)[1] == "1 case (50.0 %) is still in work at the end."
    assert texts(answer, Caveat) == ["The last day is not whole: the log ends 2024-01-04 01:00:00."]


def test_without_end_activities_the_answer_says_what_is_completed() -> None:
    """Each case counts as completed with its last unit, and work in progress then falls to nought: it is said."""
    answer = arrivals(log("i1: submit@0h, approve@1d"), period="day")
    assert numbers(answer)[-1][3] == 0
    assert "each case counts as completed with its last unit" in texts(answer, Caveat)[0]


def test_weeks_begin_on_mondays_and_months_on_the_first() -> None:
    """2024-01-01 is a Monday: the Sunday after it belongs to its week."""
    text = "i1: a@0h, b@6d 23h\ni2: a@7d, b@40d"
    assert [row[:3] for row in numbers(arrivals(log(text), period="week"))][:2] == [("2024-01-01", 1, 1), ("2024-01-08", 1, 0)]
    assert numbers(arrivals(log(text), period="month")) == [("2024-01-01", 2, 1, 1), ("2024-02-01", 0, 1, 0)]


def test_the_period_fits_the_log() -> None:
    """Some weeks are shown by days, a year by weeks, more by months; a stray date at either end does not count."""
    for days, period in ((40, "day"), (300, "week"), (900, "month")):
        rows = [{"case": f"c{place}", "activity": "a", "timestamp": ORIGIN + place * days * DAY // 200} for place in range(200)]
        stray = {"case": "stray", "activity": "a", "timestamp": -25_000 * DAY}
        assert arrivals(log([*rows, stray])).period == period


def test_days_are_those_of_the_zone() -> None:
    """An hour before midnight in UTC is the next day in Berlin, and the night of the clock change moves nothing."""
    rows = [{"case": f"c{place}", "activity": "a", "timestamp": ORIGIN + place * DAY - HOUR} for place in range(88, 94)]
    answer = arrivals(log(rows, card=Card(zone="Europe/Berlin")), period="day")
    assert [(row[0], row[1]) for row in numbers(answer)] == [
        ("2024-03-29", 1), ("2024-03-30", 1), ("2024-03-31", 1), ("2024-04-01", 1), ("2024-04-02", 1), ("2024-04-03", 1),
    ]  # fmt: skip


@settings(max_examples=15)
@given(logs(starts=True), st.sampled_from(ZONES), st.sampled_from(["day", "week", "month"]), st.booleans())
def test_counts_are_those_of_brute_force(rows: list[Event], zone: str, period: Period, declared: bool) -> None:
    """Arrivals and completions of each period by a walk over the cases; every period is there; work in progress is their running difference."""
    cases = ordered(rows)
    ends = sorted({case[-1]["activity"] for case in cases.values()})[:1]
    card = Card(zone=zone, outcomes={"done": tuple(ends)} if declared else {})
    came = Counter(first_day(moment(started(case), zone).date(), period) for case in cases.values())
    finished = [case for case in cases.values() if not declared or case[-1]["activity"] in ends]
    went = Counter(first_day(moment(case[-1]["timestamp"], zone).date(), period) for case in finished)
    found = numbers(arrivals(log(rows, card=card), period=period))
    counted = {date.fromisoformat(row[0]): (row[1], row[2]) for row in found if row[1] or row[2]}
    assert counted == {since: (came[since], went[since]) for since in {*came, *went}}
    open_cases = 0
    for place, (since, arrived, completed, now) in enumerate(found):
        open_cases += arrived - completed
        assert now == open_cases
        if place:
            assert first_day(date.fromisoformat(since) - timedelta(days=1), period).isoformat() == found[place - 1][0]


@settings(max_examples=6)
@given(logs(cases=8))
def test_groups_add_up(rows: list[Event]) -> None:
    """The counts of the groups sum to those of the log in every period."""
    read = log(rows)
    whole, split = arrivals(read, period="day"), arrivals(read, period="day", by="vendor")
    for row in whole.records():
        same = [part for part in split.records() if part["period"] == row["period"]]
        measures = ("arrived", "completed", "open_cases")
        assert [sum(part[name] for part in same) for name in measures] == [row[name] for name in measures]


def test_cases_behind_a_period_were_in_work_in_it() -> None:
    """Those open at its beginning and those that arrived; cases of other periods are not among them."""
    card = Card(outcomes={"paid": ("pay",)}, zone="UTC")
    text = "i1: submit@0h, pay@1d 5h\ni2: submit@1d 2h, pay@1d 3h\ni3: submit@2d, pay@4d\ni4: submit@0h, check@1h"
    answer = arrivals(log(text, card=card), period="day")
    behind = [set(answer.cases(row).rows.column("case")) for row in answer.records()]
    assert behind == [{"i1", "i4"}, {"i1", "i2", "i4"}, {"i3", "i4"}, {"i3", "i4"}, {"i3", "i4"}]


def test_stray_dates_do_not_stretch_the_answer() -> None:
    """One case of 1900 among two hundred of this year is brought forward, not listed over 124 years, and said."""
    text = "\n".join(f"c{place}: a@{place}d, b@{place}d 1h" for place in range(200))
    stray = [{"case": "stray", "activity": activity, "timestamp": when} for activity, when in (("a", -25_000 * DAY), ("b", ORIGIN + 5 * DAY))]
    answer = arrivals(log([*events(text), *stray]), period="day")
    assert len(answer.records()) == 200
    assert numbers(answer)[0] == ("2024-01-01", 1, 1, 1)
    assert numbers(answer)[5] == ("2024-01-06", 1, 2, 0)
    assert texts(answer, Caveat)[0].startswith("1 of 402 arrivals and completions lie far outside 2024-01-01 to 2024-07-18 and are not listed")


def test_more_periods_than_can_be_read_are_refused() -> None:
    """Days over many centuries are refused with what to do."""
    with pytest.raises(TooManyPeriods, match="ask for longer periods"):
        arrivals(log([{"case": f"c{place}", "activity": "a", "timestamp": place * 4000 * DAY} for place in range(30)]), period="day")


def test_groups_are_drawn_as_one_line_each() -> None:
    """The work in progress of the groups with most cases, at most six lines."""
    rows: list[dict[str, Any]] = [{"case": f"c{place}", "activity": "a", "timestamp": ORIGIN, "vendor": f"v{place % 8}"} for place in range(20)]
    curve = next(block for block in arrivals(log(rows), by="vendor").view().blocks if isinstance(block, Curve))
    assert [column.title for column in curve.table.columns] == ["Period", "v0", "v1", "v2", "v3", "v4", "v5"]
    assert curve.table.title == "Work in progress by vendor (the 6 groups with most cases)"


def test_an_empty_log_answers_with_nothing() -> None:
    """When filters keep no case there is no period and no headline, with and without groups."""
    empty = log("i1: a@0h, b@1h").keep_cases(finmine.has_no("a"))
    for by in (None, "status"):
        assert arrivals(empty, by=by).records() == ()
        assert texts(arrivals(empty, by=by), Headline) == []


def test_work_in_progress_of_the_sample_invoices_is_what_still_runs() -> None:
    """At the end as many cases are open as have no outcome."""
    read = finmine.read(SAMPLES / "invoices.csv")
    running = read.fetch(finmine.relations.traces.traces(read)).column("status").count("running")
    assert arrivals(read).records()[-1]["open_cases"] == running
