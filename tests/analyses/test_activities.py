"""Activities: how often each occurs, in how many cases, and how long it takes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from tests.brute_force import ordered
from tests.strategies import logs

import finmine
from finmine.analyses.activities import Activities, activities
from finmine.testing import Event, log
from finmine.view import Bars, Caveat, Headline
from finmine.words import HOUR


def by_name(answer: Activities) -> dict[str, Mapping[str, Any]]:
    """The rows of an answer by activity."""
    return {record["activity"]: record for record in answer.records()}


def texts(answer: Activities, kind: type[Headline | Caveat]) -> list[str]:
    """The sentences of one kind of block."""
    return [block.text for block in answer.view().blocks if isinstance(block, kind)]


@settings(max_examples=10)
@given(logs(starts=True))
def test_counts_and_times_are_those_of_plain_python(rows: list[Event]) -> None:
    """Units, cases, resources, processing times and gaps of every activity, counted one by one."""
    units = Counter[str]()
    cases: dict[str, set[str]] = defaultdict(set)
    people: dict[str, set[str]] = defaultdict(set)
    work: dict[str, list[int]] = defaultdict(list)
    gaps: dict[str, list[int]] = defaultdict(list)
    for case, events in ordered(rows).items():
        for before, event in zip([None, *events], events, strict=False):
            name = event["activity"]
            units[name] += 1
            cases[name].add(case)
            people[name] |= {event["resource"]} - {None}
            if event.get("start") is not None:
                work[name].append(event["timestamp"] - event["start"])
            if before is not None:
                gaps[name].append(event["timestamp"] - before["timestamp"])
    found = by_name(activities(log(rows)))
    assert {name: record["units"] for name, record in found.items()} == units
    for name, record in found.items():
        assert (record["cases"], record["resources"]) == (len(cases[name]), len(people[name]))
        assert record["processing_total"] == (sum(work[name]) if work[name] else None)
        assert record["processing_median"] == (round(median(work[name])) if work[name] else None)
        assert record["without_start"] == units[name] - len(work[name])
        assert record["before_total"] == (sum(gaps[name]) if gaps[name] else None)
        assert record["before_mean"] == (pytest.approx(sum(gaps[name]) / len(gaps[name]), abs=1) if gaps[name] else None)
    assert sum(record["units_share"] for record in found.values()) == pytest.approx(1)


@settings(max_examples=5)
@given(logs(ties=False))
def test_groups_add_up_and_the_order_of_the_rows_does_not_matter(rows: list[Event]) -> None:
    """Units, cases and total gaps of the groups sum to the whole, and a shuffled source gives the same answer."""
    whole = by_name(activities(log(rows)))
    assert by_name(activities(log(rows, shuffled=3))) == whole
    split = activities(log(rows), by="vendor").records()
    for name, record in whole.items():
        parts = [part for part in split if part["activity"] == name]
        for measure in ("units", "cases", "before_total"):
            assert sum(part[measure] or 0 for part in parts) == (record[measure] or 0)
    for group in {part["group"] for part in split}:
        assert sum(part["units_share"] for part in split if part["group"] == group) == pytest.approx(1)


def test_where_the_work_goes_is_the_headline() -> None:
    """With starts, the activity with most processing time leads; units without a start are said to be left out."""
    answer = activities(log("i1: check@0h-3h, pay@4h-5h\ni2: check@6h, pay@7h-7h"))
    assert texts(answer, Headline) == ["75.0 % of all processing time (4 h) goes into check."]
    assert texts(answer, Caveat) == ["1 instance without a usable start is in no processing time."]
    assert by_name(answer)["check"]["processing_p90"] == 3 * HOUR


def test_a_start_after_the_completion_gives_no_processing_time() -> None:
    """An impossible start is left out, not clipped to nothing."""
    answer = activities(log("i1: check@5h-3h, check@6h-7h"))
    assert (by_name(answer)["check"]["processing_total"], by_name(answer)["check"]["without_start"]) == (HOUR, 1)


def test_suspended_work_is_not_processing(tmp_path: Path) -> None:
    """The time between suspend and resume is taken off the processing time."""
    lines = ["case_id,activity,lifecycle:transition,timestamp"]
    lines += [
        f"i1,check,{transition},2024-01-01 0{hour}:00:00" for transition, hour in (("start", 1), ("suspend", 2), ("resume", 5), ("complete", 6))
    ]
    (tmp_path / "log.csv").write_text("\n".join(lines))
    assert by_name(activities(finmine.read(tmp_path / "log.csv")))["check"]["processing_total"] == 2 * HOUR


def test_without_starts_there_is_no_processing_time_and_it_is_said() -> None:
    """Only gaps are shown, and that they hold work and waiting alike."""
    answer = activities(log("i1: check@1h, pay@2h"))
    assert "nobody can say how much of a gap is work" in texts(answer, Caveat)[0]
    assert "rocessing" not in answer.to_text()
    assert any(isinstance(block, Bars) for block in answer.view().blocks)


def test_cases_behind_an_activity() -> None:
    """The cases that hold the activity, in one group too."""
    read = log("i1 {vendor=A}: a@1h, b@2h\ni2 {vendor=B}: b@1h, b@2h\ni3 {vendor=B}: a@1h")
    answer, split = activities(read), activities(read, by="vendor")
    assert {name: set(answer.cases(record).rows.column("case")) for name, record in by_name(answer).items()} == {"a": {"i1", "i3"}, "b": {"i1", "i2"}}
    wanted = next(record for record in split.records() if (record["group"], record["activity"]) == ("B", "b"))
    assert split.cases(wanted).rows.column("case") == ("i2",)


def test_a_log_without_cases_has_no_activities() -> None:
    """When filters keep nothing the answer is empty."""
    assert list(activities(log("i1: a@1h").keep_cases(finmine.has_no("a"))).records()) == []


PUBLISHED = {
    "submitted": 7361,
    "Request For Payment FINAL_APPROVED by SUPERVISOR": 6226,
    "Request For Payment APPROVED by ADMINISTRATION": 5362,
    "Request For Payment APPROVED by BUDGET OWNER": 1954,
    "Request For Payment REJECTED by EMPLOYEE": 1074,
}


def test_the_published_counts_of_requests_for_payment(third_party_logs: Path) -> None:
    """How often requests were submitted, approved and rejected, as the solvers of the challenge of 2020 published it."""
    found = {
        name: record["units"] for name, record in by_name(activities(finmine.read(third_party_logs / "bpic2020/RequestForPayment.xes.gz"))).items()
    }
    submitted = sum(units for name, units in found.items() if "SUBMITTED" in name)
    assert {"submitted": submitted, **{name: found[name] for name in list(PUBLISHED)[1:]}} == PUBLISHED


REJECTED = {"ADMINISTRATION": 936, "SUPERVISOR": 286, "MISSING": 89, "PRE_APPROVER": 86, "BUDGET OWNER": 57}


def test_the_published_rejections_of_domestic_declarations(third_party_logs: Path) -> None:
    """Rejections by each role, as published for the challenge of 2020."""
    found = by_name(activities(finmine.read(third_party_logs / "bpic2020/DomesticDeclarations.xes.gz")))
    assert {role: found[f"Declaration REJECTED by {role}"]["units"] for role in REJECTED} == REJECTED
