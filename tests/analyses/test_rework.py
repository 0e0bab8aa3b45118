"""Rework: counts after bupaR and Microsoft, hands, time in loops, and what is said."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers import SAMPLES, planted, texts
from tests.brute_force import ordered
from tests.strategies import logs

import finmine
from finmine.analyses.rework import Rework, rework
from finmine.log import EventLog
from finmine.testing import ORIGIN, Event, log
from finmine.testing import events as written
from finmine.view import Caveat, Headline, Table
from finmine.words import DAY, HOUR

COUNTS = (
    *("units", "cases", "rework", "rework_cases"),
    *("self_loops", "self_loop_units", "self_loop_repeat", "self_loop_redo"),
    *("repetitions", "repetition_units", "repetition_repeat", "repetition_redo"),
)


def counts(answer: Rework, activity: str) -> dict[str, Any]:
    """The counts of one activity that are not nought."""
    record = next(record for record in answer.records() if record["activity"] == activity)
    return {name: record[name] for name in COUNTS if record[name]}


def by_brute_force(rows: list[Event]) -> dict[str, dict[str, int]]:
    """All counts by a walk over each case, after the definitions of edeaR's number_of_selfloops and number_of_repetitions."""
    found: dict[str, dict[str, int]] = {}
    for events in ordered(rows).values():
        runs = [(activity, list(run)) for activity, run in groupby(events, key=lambda event: event["activity"])]
        for activity in {event["activity"] for event in events}:
            own = [run for name, run in runs if name == activity]
            units = [event for run in own for event in run]
            loops = [run for run in own if len(run) > 1]
            redone = sum(len({event["resource"] for event in run}) > 1 for run in loops)
            others = len({event["resource"] for event in units}) > 1
            again = len(own) > 1
            added = dict(units=len(units), cases=1, rework=len(units) - 1, rework_cases=int(len(units) > 1))
            added |= dict(self_loops=len(loops), self_loop_units=len(units) - len(own), self_loop_repeat=len(loops) - redone, self_loop_redo=redone)
            added |= dict(repetitions=int(again), repetition_units=len(own) - 1)
            added |= dict(repetition_repeat=int(again and not others), repetition_redo=int(again and others))
            before = found.setdefault(activity, dict.fromkeys(COUNTS, 0))
            found[activity] = {name: before[name] + added[name] for name in COUNTS}
    return found


def test_a_self_loop_is_a_run_of_more_than_one() -> None:
    """Three checks in a row are one self-loop of two units; by one resource it is a repeat."""
    answer = rework(log("c: check@0h/ana, check@1h/ana, check@2h/ana, pay@3h/bob"))
    assert counts(answer, "check") == {
        "units": 3, "cases": 1, "rework": 2, "rework_cases": 1, "self_loops": 1, "self_loop_units": 2, "self_loop_repeat": 1,
    }  # fmt: skip
    assert counts(answer, "pay") == {"units": 1, "cases": 1}


def test_a_repetition_is_an_activity_that_comes_back() -> None:
    """Check comes back twice after something else: one repetition of two units; by more than one resource it is a redo."""
    answer = rework(log("c: check@0h/ana, send@1h/ana, check@2h/ana, send@3h/ana, check@4h/bob"))
    assert counts(answer, "check") == {
        "units": 3, "cases": 1, "rework": 2, "rework_cases": 1, "repetitions": 1, "repetition_units": 2, "repetition_redo": 1,
    }  # fmt: skip


def test_a_run_that_comes_back_is_both() -> None:
    """AABA has a self-loop of ana and bob, and a repetition in which they and cid took part."""
    answer = rework(log("c: a@0h/ana, a@1h/bob, b@2h/ana, a@3h/cid"))
    assert counts(answer, "a") == {
        "units": 3, "cases": 1, "rework": 2, "rework_cases": 1, "self_loops": 1, "self_loop_units": 1, "self_loop_redo": 1,
        "repetitions": 1, "repetition_units": 1, "repetition_redo": 1,
    }  # fmt: skip


def test_hands_may_differ_over_the_repetition_and_be_the_same_in_each_run() -> None:
    """A self-loop looks at the hands of its run, a repetition at those of the activity in the case."""
    found = counts(rework(log("c: a@0h/ana, a@1h/ana, b@2h/ana, a@3h/bob, a@4h/bob")), "a")
    assert (found["self_loop_repeat"], found["repetition_redo"]) == (2, 1)


def test_a_missing_resource_is_a_resource_of_its_own() -> None:
    """As in bupaR: ana and nobody are two, nobody twice is one."""
    mixed = counts(rework(log("c: a@0h/ana, a@1h, b@2h/ana, a@3h/ana")), "a")
    assert (mixed["self_loop_redo"], mixed["repetition_redo"]) == (1, 1)
    alone = counts(rework(log("c: a@0h, a@1h, b@2h/ana, a@3h")), "a")
    assert (alone["self_loop_repeat"], alone["repetition_repeat"]) == (1, 1)


@settings(max_examples=15)
@given(logs(length=8))
def test_counts_are_those_of_brute_force(rows: list[Event]) -> None:
    """Every count of every activity, ties and missing resources included; and the parts add up to the whole."""
    answer = rework(log(rows))
    found = {record["activity"]: {name: record[name] for name in COUNTS} for record in answer.records()}
    assert found == by_brute_force(rows)
    for record in found.values():
        assert record["rework"] == record["units"] - record["cases"] == record["self_loop_units"] + record["repetition_units"]
    having = [case for case in ordered(rows).values() if len(case) > len({event["activity"] for event in case})]
    assert sum(row["earliest"] for row in answer.rows.records()) == len(having)


@settings(max_examples=5)
@given(logs(length=8, ties=False), st.integers(0, 1000))
def test_the_order_of_the_rows_changes_nothing(rows: list[Event], seed: int) -> None:
    """Where no two events of a case have the same time, shuffled rows give the same answer."""
    assert rework(log(rows, shuffled=seed)).records() == rework(log(rows)).records()


@settings(max_examples=6)
@given(logs(length=8))
def test_groups_add_up(rows: list[Event]) -> None:
    """The counts of the groups sum to those of the log."""
    read = log(rows)
    whole, split = rework(read), rework(read, by="vendor")
    for record in whole.records():
        parts = [part for part in split.records() if part["activity"] == record["activity"]]
        assert {name: sum(part[name] for part in parts) for name in COUNTS} == {name: record[name] for name in COUNTS}
    for name in ("earliest", "loop_time"):
        assert sum(row[name] for row in split.rows.records()) == sum(row[name] for row in whole.rows.records())


def test_cases_behind_a_row() -> None:
    """The cases in which the activity comes more than once, of one group too."""
    read = log("c1 {vendor=A}: a@0h, b@1h, a@2h\nc2 {vendor=B}: a@0h, a@1h\nc3 {vendor=B}: a@0h, b@1h")
    assert set(rework(read).cases(0).rows.column("case")) == {"c1", "c2"}
    answer = rework(read, by="vendor")
    record = next(one for one in answer.records() if (one["activity"], one["group"]) == ("a", "B"))
    assert answer.cases(record).rows.column("case") == ("c2",)


def test_what_is_said() -> None:
    """Cases, units, time in loops, and the activities that are done again most, in plain words."""
    answer = rework(log("c1: a@0h/x, b@1h/x, a@2h/y, d@10h/x\nc2: a@0h/x, b@1h/x, d@10h/x"))
    assert texts(answer, Headline) == [
        "In 50.0 % of the cases (1) something is done more than once: 1 of 7 events (14.3 %) repeats what was done before in the case.",
        "10.0 % of all throughput time lies between the first and the last time of what is repeated.",
        "a is done again 1 time in 1 case (50.0 % of those that have it), always after something else; others took part in its one repetition.",
    ]


def test_without_rework_nothing_is_claimed() -> None:
    """A log in which nothing is repeated has no headline; nor has an empty one."""
    once = log("c: a@0h, b@1h")
    assert texts(rework(once), Headline) == []
    assert texts(rework(once.keep_cases(finmine.has_no("a"))), Headline) == []


def test_without_resources_nothing_is_said_of_hands() -> None:
    """The tables have no column for them, and a caveat says why."""
    answer = rework(log("c: a@0h, b@1h, a@2h"))
    tables = [block for block in answer.view().blocks if isinstance(block, Table)]
    assert not any(column.name in ("repeat", "redo") for table in tables for column in table.columns)
    assert texts(answer, Caveat) == ["The log names no resource, so nobody can say whether the same hands did the work again."]


def test_the_span_runs_from_the_first_to_the_last() -> None:
    """The median over cases with rework of the time between the first and the last completion of the activity."""
    record = rework(log("c1: a@0h, b@1h, a@4h\nc2: a@0h, a@2h\nc3: a@0h, b@9h")).records()[0]
    assert record["rework_span"] == 3 * HOUR


@pytest.mark.parametrize(
    ("file", "truth", "activity"),
    [
        ("invoices.csv", "price change", "Release purchase order"),
        ("invoices.csv", "invoice block", "Match invoice"),
        ("approvals.xes.gz", "rejection", "Submit request"),
    ],
)
def test_planted_rework_is_found(file: str, truth: str, activity: str) -> None:
    """The sample logs have as much rework of an activity, in as many cases, as was planted; a fault may add or hide a few."""
    record = next(one for one in rework(finmine.read(SAMPLES / file)).records() if one["activity"] == activity)
    expected = planted(file.partition(".")[0], truth)
    assert abs(record["rework"] - expected["events"]) <= 2
    assert abs(record["rework_cases"] - expected["cases"]) <= 2


def test_wrong_dates_are_said_beside_the_share_of_time() -> None:
    """A placeholder of the year 1900 is in the time of all cases, of which the time of what is repeated is told as a share."""
    placeholder = {"case": "bad", "activity": "scan", "timestamp": ORIGIN - 45_000 * DAY}
    answer = rework(log([placeholder, *written("\n".join(["bad: scan@1h", *(f"i{n}: a@{n}h, a@{n + 1}h" for n in range(30))]))]))
    assert "1 event of 62 is dated far outside the years of the log (in 1 case of 31)" in texts(answer, Caveat)[0]


def paid(folder: Path) -> EventLog:
    """The declarations that were paid."""
    return finmine.read(folder / "bpic2020" / "DomesticDeclarations.xes.gz").keep_cases(finmine.has("Payment Handled"))


def test_published_numbers_of_submissions(third_party_logs: Path) -> None:
    """Of the paid declarations 845, 109 and 12 were submitted twice, three times and more often."""
    record = next(one for one in rework(paid(third_party_logs)).records() if one["activity"] == "Declaration SUBMITTED by EMPLOYEE")
    assert record["rework_cases"] == 845 + 109 + 12
    assert record["cases"] == 8945 + 845 + 109 + 12


def test_cases_with_rework_are_those_of_pm4py(third_party_logs: Path) -> None:
    """For each activity as many cases as pm4py finds in which it comes more than once."""
    import pm4py

    read = paid(third_party_logs)
    found = {record["activity"]: record["rework_cases"] for record in rework(read).records() if record["rework_cases"]}
    assert found == pm4py.get_rework_cases_per_activity(read.to_pm4py())
