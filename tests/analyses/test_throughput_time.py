"""Throughput time: how long cases take, with running cases told apart."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers import SAMPLES, planted, texts
from tests.brute_force import ordered, started
from tests.strategies import logs

import finmine
from finmine.analyses.throughput_time import ThroughputTime, throughput_time
from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.filters import parse_filter
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.log import EventLog
from finmine.stats.median_interval import interval_ranks
from finmine.testing import ORIGIN, Event, log
from finmine.view import Bars, Caveat, Facts, Headline
from finmine.words import DAY, HOUR

CARD = Card(outcomes={"paid": ("pay",)})


def lasting(*hours: int) -> list[Event]:
    """A log of one case for each length of time, in hours."""
    return [
        {"case": f"c{case}", "activity": activity, "timestamp": ORIGIN + after * HOUR}
        for case, length in enumerate(hours)
        for activity, after in (("submit", 0), ("pay", length))
    ]


def row(answer: ThroughputTime, status: str = "all", group: str | None = None) -> Mapping[str, Any]:
    """One row of an answer."""
    return next(record for record in answer.records() if (record["status"], record.get("group")) == (status, group))


def test_the_measures_of_ten_cases() -> None:
    """Number, mean, median, interval of the median, case in the middle, 90th percentile, shortest, longest and sum."""
    found = row(throughput_time(log(lasting(10, 20, 30, 40, 50, 60, 70, 80, 90, 200))))
    names = ("mean", "median", "median_low", "median_high", "p90", "shortest", "longest", "total")
    hours = {name: found[name] / HOUR for name in names}
    assert hours == {"mean": 65, "median": 55, "median_low": 20, "median_high": 90, "p90": 101, "shortest": 10, "longest": 200, "total": 650}
    assert (found["cases"], found["median_case"]) == (10, "c4")


def test_the_headline_is_a_sentence_with_its_interval() -> None:
    """Half take so long or less, between what limits the half lies, and how long one in ten takes."""
    answer = throughput_time(log(lasting(10, 20, 30, 40, 50, 60, 70, 80, 90, 200)))
    assert texts(answer, Headline) == [
        "Half of 10 cases take 2 d 7 h or less (95 % interval 20 h to 3 d 18 h); one in ten takes 4 d 5 h or more.",
        "The slowest tenth of 10 cases (1) holds 30.8 % of their time.",
    ]
    assert "interval" not in texts(throughput_time(log(lasting(10, 20, 30))), Headline)[0]


def test_wrong_dates_make_no_headline_of_the_slowest() -> None:
    """What the slowest tenth holds is what a placeholder of another century holds: it is no headline beside such dates, the median is."""
    answer = throughput_time(log([*lasting(*range(10, 610, 10)), {"case": "c0", "activity": "made", "timestamp": ORIGIN - 100 * 365 * DAY}]))
    assert "dated far outside the years of the log" in texts(answer, Caveat)[0]
    assert [said.split(",")[0][:16] for said in texts(answer, Headline)] == ["Half of 60 cases"]


def test_running_cases_are_told_apart() -> None:
    """With end activities there are rows for all, finished and running cases, and the headline speaks of the finished ones."""
    answer = throughput_time(log("i1: submit@0h, pay@4d\ni2: submit@0h, pay@6d\ni3: submit@0h, approve@1h", card=CARD))
    assert [(record["status"], record["cases"], record["total"]) for record in answer.records()] == [
        ("all", 3, 10 * DAY + HOUR),
        ("finished", 2, 10 * DAY),
        ("running", 1, HOUR),
    ]
    assert texts(answer, Headline)[0].startswith("Half of 2 finished cases take 5 d or less")
    assert texts(answer, Caveat) == ["1 case still runs; it stands with the time up to its last unit, which is not how long it takes."]
    assert answer.cases(2).rows.column("case") == ("i3",)


def test_without_end_activities_nobody_can_say_what_still_runs() -> None:
    """The answer says so and what to declare."""
    answer = throughput_time(log(lasting(1, 2)))
    assert [record["status"] for record in answer.records()] == ["all"]
    assert "[outcomes]" in texts(answer, Caveat)[0]


@settings(max_examples=12)
@given(logs(cases=10, starts=True), st.integers(0, 1000))
def test_measures_are_those_of_numpy(rows: list[Event], seed: int) -> None:
    """Quantiles of type 7 and order statistics of the times of the cases, whatever the order of the rows."""
    times = sorted(events[-1]["timestamp"] - started(events) for events in ordered(rows).values())
    found = row(throughput_time(log(rows, shuffled=seed)))
    assert (found["cases"], found["shortest"], found["longest"], found["total"]) == (len(times), times[0], times[-1], sum(times))
    for name, part in (("median", 0.5), ("p90", 0.9)):
        assert found[name] == pytest.approx(np.quantile(times, part), abs=1)
    assert found["mean"] == pytest.approx(sum(times) / len(times), abs=1)
    ranks = interval_ranks(len(times))
    limits = (None, None) if ranks is None else tuple(times[rank - 1] for rank in ranks)
    assert (found["median_low"], found["median_high"]) == limits
    case = ordered(rows)[found["median_case"]]
    assert case[-1]["timestamp"] - started(case) == times[(len(times) - 1) // 2]


@settings(max_examples=8)
@given(logs(cases=10))
def test_groups_add_up(rows: list[Event]) -> None:
    """Cases and time of the groups sum to those of the log, their shares to one, and behind each row are its cases."""
    read = log(rows)
    whole, split = row(throughput_time(read)), throughput_time(read, by="vendor")
    assert sum(record["cases"] for record in split.records()) == whole["cases"]
    assert sum(record["total"] for record in split.records()) == whole["total"]
    assert sum(record["time_share"] or 0 for record in split.records()) == pytest.approx(1 if whole["total"] else 0)
    behind = [set(split.cases(record).rows.column("case")) for record in split.records()]
    assert [len(cases) for cases in behind] == [record["cases"] for record in split.records()]
    assert set().union(*behind) == {event["case"] for event in rows}


@settings(max_examples=15)
@given(st.lists(st.integers(0, 4000), min_size=1, max_size=40))
def test_every_case_is_in_one_bar(hours: list[int]) -> None:
    """The bars follow one another without a hole, are at most 25, and their cases add up to all."""
    bars = next(block.table for block in throughput_time(log(lasting(*hours))).view().blocks if isinstance(block, Bars))
    assert sum(cell for cell in bars.column("cases") if isinstance(cell, int)) == len(hours)
    assert len(bars.rows) <= 25
    ranges = [str(cell).removeprefix("under ").removesuffix(" or more").split(" – ") for cell in bars.column("range")]
    assert all(before[-1] == after[0] for before, after in pairwise(ranges))


def test_ranges_are_of_a_length_that_people_use() -> None:
    """Cases of some days are shown by days, and what lies beyond the last range is one bar."""
    bars = next(block.table for block in throughput_time(log(lasting(*range(1, 385), 9000))).view().blocks if isinstance(block, Bars))
    assert bars.rows[0][:2] == ("under 1 d", 23)
    assert bars.rows[-1][:2] == ("24 d or more", 1)


def test_the_time_of_one_case_is_a_caveat() -> None:
    """Where one case of many holds a large part of all time, the answer says that a date may be wrong."""
    assert "One case alone takes 41,666 d and holds" in texts(throughput_time(log(lasting(*[24] * 150, 1_000_000))), Caveat)[1]


def test_work_that_ends_before_it_starts_is_not_clipped() -> None:
    """A negative time stays negative, has its own bar, and is said."""
    rows = [{"case": "c", "activity": "a", "start": ORIGIN + HOUR, "timestamp": ORIGIN}]
    later = [{"case": "d", "activity": "a", "start": ORIGIN, "timestamp": ORIGIN + 3 * HOUR}]
    answer = throughput_time(log([*rows, *later]))
    assert (row(answer)["shortest"], row(answer)["total"]) == (-HOUR, 2 * HOUR)
    bars = next(block.table for block in answer.view().blocks if isinstance(block, Bars))
    assert bars.rows[0][:2] == ("below 0 s", 1)
    assert "The throughput time of 1 case is negative" in texts(answer, Caveat)[1]


@pytest.mark.parametrize("by", [None, "status"])
def test_an_empty_log_answers_with_nothing(by: str | None) -> None:
    """When filters keep no case there are no rows, and the answer can still be shown."""
    answer = throughput_time(log("i1: a@0h, b@1h").keep_cases(finmine.has_no("a")), by=by)
    assert answer.records() == ()
    assert texts(answer, Headline) == []


def test_the_statuses_of_the_sample_invoices() -> None:
    """As many cases run as were planted, and the finished ones are those with a planted outcome."""
    answer = throughput_time(finmine.read(SAMPLES / "invoices.csv"))
    finished = sum(planted("invoices", outcome)["cases"] for outcome in ("paid", "credited", "cancelled"))
    assert abs(row(answer, "finished")["cases"] - finished) <= 1  # the receipt of one paid invoice is dated in the future
    assert abs(row(answer, "running")["cases"] - planted("invoices", "running")["cases"]) <= 1


def test_times_are_those_of_pm4py(third_party_logs: Path) -> None:
    """Mean, median and longest of the declarations are those that pm4py finds in the same rows."""
    import pm4py

    read = finmine.read(third_party_logs / "bpic2020" / "DomesticDeclarations.xes.gz")
    seconds = pm4py.get_all_case_durations(read.to_pm4py())
    found = row(throughput_time(read))
    assert found["cases"] == len(seconds)
    assert found["median"] / 1e6 == pytest.approx(np.median(seconds), abs=1e-6)
    assert found["mean"] / 1e6 == pytest.approx(np.mean(seconds), abs=1e-6)
    assert found["longest"] / 1e6 == max(seconds)


OFFICE = WorkingHours("office", (*(((Shift(540, 1020),),) * 5), (), ()))


def test_throughput_in_working_time() -> None:
    """Cases of one and four working days are told in working days, with the fit beside them; a case without calendar is counted and in no number."""
    card = Card(calendars={"office": OFFICE}, calendar_of=CalendarOf(None, {"company": {"1": "office"}}))
    written = log("a {company=1}: x@9h, y@1d 9h\nb {company=1}: x@4d 9h, y@9d 17h\nc {company=2}: x@0h, y@5d", card=card)
    answer = throughput_time(written, clock="working")
    (record,) = answer.records()
    assert (record["cases"], record["shortest"], record["longest"], record["total"]) == (2, 8 * HOUR, 32 * HOUR, 40 * HOUR)
    assert "4.0 working days" in answer.to_text()
    assert any(text.startswith("The working time of 1 case is not known") for text in texts(answer, Caveat))
    assert any(isinstance(block, Facts) and block.title == "Calendar fit" for block in answer.view().blocks)
    assert set(answer.cases(record).rows.column("case")) == {"a", "b"}


def _sound() -> EventLog:
    """The sample invoices without the cases that have a placeholder or a wrong year for a date."""
    return finmine.read(SAMPLES / "invoices.csv").keep_cases(parse_filter("throughput <= 400d", keeps="cases"))


@pytest.mark.parametrize("by", [None, "company"])
def test_working_time_never_passes_elapsed_time(by: str | None) -> None:
    """On the sample invoices no measure in working time is longer than the elapsed one of the same cases, for each status and company."""
    keys = ("status", "group")
    elapsed = {tuple(record.get(key) for key in keys): record for record in throughput_time(_sound(), by=by).records()}
    working = {tuple(record.get(key) for key in keys): record for record in throughput_time(_sound(), by=by, clock="working").records()}
    assert working.keys() == elapsed.keys()
    for key, record in working.items():
        assert all(record[name] <= elapsed[key][name] for name in ("mean", "median", "p90", "shortest", "longest", "total"))


def test_the_steps_of_a_case_add_up_on_its_clock() -> None:
    """The working times of all steps are those of all cases: a case has one clock, whoever works on it."""
    steps = sum(edge["working_total"] for edge in finmine.directly_follows(_sound(), clock="working").records())
    assert steps == row(throughput_time(_sound(), clock="working"))["total"]
