"""What makes the sample logs plausible: who works when, what amounts and dates look like, how varied the cases are."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import pyarrow.parquet as pq
import pytest

from finmine.sample import SampleName, make
from finmine.sample.calendar import holidays

NAMES: tuple[SampleName, ...] = ("invoices", "approvals", "reconciliations", "disputes")
Row: TypeAlias = dict[str, Any]
SYSTEM = "System"
THRESHOLDS = {"team lead": 150, "department head": 1_500, "controller": 7_500, "CFO": 30_000}


@cache
def rows(name: SampleName) -> list[Row]:
    """The rows of a log of the default size, its time fault rows left out, with common names for case and time in the zone."""
    with TemporaryDirectory() as folder:
        log, _, truths = make(name, Path(folder) / "log.parquet")
        table = pq.read_table(log)
        said = json.loads(truths.read_text(encoding="utf-8"))["truths"]
    faults = ("repeated rows", "sentinel dates", "future date", "ties")
    wrong = {number for truth in said if truth["name"] in faults for number in truth.get("rows", ())}
    case, time = table.column_names[0], "completed" if "completed" in table.column_names else "timestamp"
    return [{**row, "case": row[case], "time": row[time]} for number, row in enumerate(table.to_pylist(), start=1) if number not in wrong]


@cache
def cases(name: SampleName) -> dict[str, list[Row]]:
    """The ends of activities of each case."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows(name):
        if row.get("lifecycle") != "start":
            found[row["case"]].append(row)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_people_work_on_working_days(name: SampleName) -> None:
    """People act from Monday to Friday, not on holidays, and less over lunch than before and after; machines also on Saturdays."""
    by_people = [row["time"] for row in rows(name) if row["role"] != SYSTEM]
    off = holidays(2024) | holidays(2025)
    assert {moment.weekday() for moment in by_people} == {0, 1, 2, 3, 4}
    assert not off & {moment.date() for moment in by_people}
    if name == "reconciliations":
        assert any(row["time"].weekday() == 5 for row in rows(name))
    else:
        hours = Counter(moment.hour for moment in by_people)
        assert hours[12] < min(hours[10], hours[13])


@pytest.mark.parametrize("name", NAMES)
def test_events_of_a_case_follow_each_other(name: SampleName) -> None:
    """Within a case the ends of activities have ascending times, no two alike."""
    for case in cases(name).values():
        assert all(before["time"] < after["time"] for before, after in pairwise(case))


@pytest.mark.parametrize(("name", "busiest"), [("invoices", 0.3), ("approvals", 0.25), ("reconciliations", 0.3), ("disputes", 0.12)])
def test_a_few_people_do_most_of_the_work(name: SampleName, busiest: float) -> None:
    """The busiest tenth of the people takes a large share of what people do, and machines take their part."""
    people = sorted(Counter(row["user"] for row in rows(name) if row["role"] != SYSTEM and row["user"]).values(), reverse=True)
    assert sum(people[: len(people) // 10]) > busiest * sum(people)
    assert sum(row["role"] == SYSTEM for row in rows(name)) > len(rows(name)) / 15


@pytest.mark.parametrize(
    ("name", "commonest", "enough", "days"),
    [
        ("invoices", (0.25, 0.4), 100, (20, 40)),
        ("approvals", (0.3, 0.5), 40, (3, 10)),
        ("reconciliations", (0.3, 0.5), 30, (1, 6)),
        ("disputes", (0.3, 0.6), 15, (6, 20)),
    ],
)
def test_variants_and_throughput_are_like_real_ones(name: SampleName, commonest: tuple[float, float], enough: int, days: tuple[int, int]) -> None:
    """One variant is much more frequent than the others, many occur once, and cases take as long as such cases do."""
    variants = Counter(tuple(row["activity"] for row in case) for case in cases(name).values())
    assert commonest[0] < variants.most_common(1)[0][1] / len(cases(name)) < commonest[1]
    assert len(variants) > enough
    assert sum(count == 1 for count in variants.values()) > len(variants) / 4
    took = median((case[-1]["time"] - case[0]["time"]).total_seconds() / 86_400 for case in cases(name).values())
    assert days[0] < took < days[1]


def test_payments_leave_in_runs_and_mostly_in_time() -> None:
    """Invoices are paid in runs on Tuesdays and Thursdays, most by the due date and some with their discount."""
    paid = [row for row in rows("invoices") if row["activity"] == "Pay invoice"]
    assert {row["time"].weekday() for row in paid} == {1, 3}
    assert 0.7 < sum(row["time"].date() <= row["due_date"] for row in paid) / len(paid) < 0.95
    offered = [row for row in paid if row["discount"] is not None]
    assert 0.5 < sum(row["time"].date() <= row["discount_date"] for row in offered) / len(offered) < 0.95


def test_documents_of_the_invoices() -> None:
    """Due and discount dates come after the document, which comes before its receipt; only credit memos are negative; a discount is 2 %."""
    for case in cases("invoices").values():
        row = case[0]
        received = [each["time"].date() for each in case if each["activity"] in ("Receive invoice", "Receive credit memo")]
        assert (row["document_type"] == "KG") == (row["amount"] < 0)
        assert (row["purchase_order"] is None) == (row["document_type"] != "RE")
        assert row["currency"] == ("USD" if row["company"] == "3000" else "EUR")
        if received:
            assert timedelta(1) <= received[0] - row["document_date"] <= timedelta(4)
        if row["due_date"] is not None:
            assert row["due_date"] > row["document_date"]
        if row["discount"] is not None:
            assert abs(row["discount"] * 50 - row["amount"]) <= Decimal("0.25")
            assert row["discount_date"] is None or row["discount_date"] < row["due_date"]


def test_requests_climb_the_chain_by_amount() -> None:
    """A paid request was last approved by just the levels that its amount asks for, in their order."""
    for case in cases("approvals").values():
        if case[-1]["activity"] != "Pay request":
            continue
        last = max(place for place, row in enumerate(case) if row["activity"] == "Submit request")
        approved = [row["activity"].removeprefix("Approve by ") for row in case[last:] if row["activity"].startswith("Approve by ")]
        assert approved == [level for level, limit in THRESHOLDS.items() if case[0]["amount"] >= limit]
        assert {row["user"] for row in case if row["role"] == "Requester"} <= {case[0]["requester"], None}


def test_nobody_reviews_what_they_prepared() -> None:
    """Whoever reviews an item is somebody else than who prepared it, and the preparer is the one that its column names."""
    for case in cases("reconciliations").values():
        preparers = {row["user"] for row in case if row["activity"] == "Prepare reconciliation"}
        reviewers = {row["user"] for row in case if row["activity"] == "Review reconciliation"}
        assert not (preparers - {None}) & (reviewers - {None})
        assert preparers <= {case[0]["preparer"], None}


def test_periods_are_closed_after_their_month() -> None:
    """An item belongs to the month in which it is imported or, in its first days, to the month before, and is due in the month after its period."""
    for case in cases("reconciliations").values():
        row = case[0]
        first = date.fromisoformat(f"{row['period']}-01")
        after = (first + timedelta(32)).replace(day=1)
        assert first <= row["time"].date() < after + timedelta(8)
        assert after < row["close_date"] < after + timedelta(14)


@pytest.mark.parametrize("name", NAMES)
def test_stated_rates_are_met(name: SampleName, tmp_path: Path) -> None:
    """In a large log the share of cases with a planted thing is its stated rate, within what chance and the extraction allow."""
    _, _, path = make(name, tmp_path / "log.parquet", cases=20_000, seed=3)
    for truth in json.loads(path.read_text(encoding="utf-8"))["truths"]:
        stated = truth["parameters"].get("rate")
        if stated is None or truth["name"] == "rejection":
            continue
        assert _rate(truth) == pytest.approx(stated, abs=4 * (stated / truth["base_cases"]) ** 0.5 + 0.02 * stated), truth["name"]


def _rate(truth: Row) -> float:
    """The rate of a truth, each kind with its own reading: of cases that end instead, of single approvals, else of cases that could."""
    if truth["kind"] == "ending":
        return float(truth["cases"] / (truth["cases"] + truth["base_cases"]))
    if truth["kind"] == "delegation":
        return float(truth["events"] / truth["base_events"])
    return float(truth["cases"] / truth["base_cases"])
