"""Causes of waiting beside a published decomposition of a simulated loan process (Kronos); the page on comparisons explains each difference."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

import finmine
from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.relations.calendars import calendars
from finmine.relations.unit_times import unit_times
from finmine.relations.waiting_causes import CAUSES, Precedence, waiting_parts
from finmine.words import SECOND

OFFICE = WorkingHours("office", (*(((Shift(540, 1020),),) * 5), (), ()))
Steps = Mapping[tuple[str, str], Counter[str]]
_SPAN = re.compile(r"(\d+) days (\d+):(\d+):(\d+)(?:\.(\d+))?")
_TOLD = {"wt_total": "waiting", "wt_prioritization": "prioritisation", **{f"wt_{cause}": cause for cause in CAUSES}}
# steps that no parallel branch and no second round of the loop comes into
PLAIN = (
    ("Assess loan risk", "Design loan offer"),
    ("Assess loan risk", "Reject application"),
    ("Consider re-design loan offer", "Cancel application"),
    ("Return application back to applicant", "Applicant completes form"),
    ("Check application form completeness", "Return application back to applicant"),
    ("Applicant completes form", "Check application form completeness"),
    ("Approve Loan Offer", "Prepare home insurance quote"),
)
APPROVAL = ("Design loan offer", "Approve Loan Offer")


def published(path: Path) -> Steps:
    """The peer's seconds by cause and number of hand-overs of each step between activities."""
    found: Steps = defaultdict(Counter)
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            step = found[row["source_activity"], row["destination_activity"]]
            step["times"] += round(float(row["frequency"]))
            for name, cause in _TOLD.items():
                if match := _SPAN.match(row.get(name, "")):
                    days, hours, minutes, seconds = (int(part) for part in match.groups()[:4])
                    step[cause] += 86_400 * days + 3_600 * hours + 60 * minutes + seconds
    return found


def ours(path: Path, order: Precedence = "work-first", *, raw: bool) -> Steps:
    """The same by finmine, with the working hours of the simulation on the card."""
    card = Card(calendars={"office": OFFICE}, calendar_of=CalendarOf("office"))
    log = finmine.read(
        path, case="case_id", activity="Activity", timestamp="end_time", start="start_time", resource="Resource", card=card, people="names"
    )
    these = unit_times(log, waiting_parts(log, calendars(log)), order, raw=raw)
    these = these.filter(these.before.notnull())
    names = log.activity_names()
    sums = {cause: these[cause].cast("decimal(38, 0)").sum() for cause in ("waiting", *CAUSES)}
    rows = log.fetch(these.group_by("before", "activity").aggregate(times=these.count(), **sums)).records()
    told = {(names[row["before"]], names[row["activity"]]): row for row in rows}
    return {step: Counter({"times": row["times"], **{name: int(row[name]) // SECOND for name in sums}}) for step, row in told.items()}


@pytest.fixture(scope="module")
def folder(third_party_logs: Path) -> Path:
    """Where the log and its decomposition are."""
    return third_party_logs / "waiting_times"


@pytest.fixture(scope="module")
def theirs(folder: Path) -> Steps:
    """The published decomposition."""
    return published(folder / "LoanApp_fewRes_9-5_timers_handoff.csv")


@pytest.fixture(scope="module")
def mine(folder: Path) -> Steps:
    """Ours, with other work counted in closed hours too, as in Kronos."""
    return ours(folder / "LoanApp_fewRes_9-5_timers.csv.gz", raw=True)


def test_waits_are_the_same_where_nothing_runs_in_parallel(theirs: Steps, mine: Steps) -> None:
    """Number and total waiting of the steps agree with the peer to its rounding, a second for each hand-over."""
    for step in PLAIN:
        assert mine[step]["times"] == theirs[step]["times"]
        assert abs(mine[step]["waiting"] - theirs[step]["waiting"]) <= theirs[step]["times"]
    assert mine[APPROVAL]["times"] == theirs[APPROVAL]["times"] == 865
    assert mine[APPROVAL]["waiting"] == pytest.approx(theirs[APPROVAL]["waiting"], rel=0.001)
    assert mine[APPROVAL]["batching"] == pytest.approx(theirs[APPROVAL]["batching"], rel=0.1)


def test_work_of_other_activities_keeps_a_resource_busy(theirs: Steps, mine: Steps) -> None:
    """The peer finds contention for one activity only; people who do several are busy with the others, and nothing is left unexplained."""
    assert {step for step in theirs if theirs[step]["contention"] or theirs[step]["batching"]} == {APPROVAL}
    design = PLAIN[0]
    assert theirs[design]["extraneous"] == theirs[design]["waiting"]
    assert mine[design]["contention"] + mine[design]["batching"] >= 0.99 * mine[design]["waiting"]
    assert mine[APPROVAL]["extraneous"] <= 0.001 * mine[APPROVAL]["waiting"] < 0.1 * theirs[APPROVAL]["extraneous"]


def test_closed_hours_are_told_apart_from_other_work(folder: Path, mine: Steps) -> None:
    """In opening hours only, most of what counts as contention in closed hours too becomes unavailability; waits stay as they are."""
    clipped = ours(folder / "LoanApp_fewRes_9-5_timers.csv.gz", raw=False)[APPROVAL]
    assert clipped["waiting"] == mine[APPROVAL]["waiting"]
    assert clipped["unavailability"] > 2 * clipped["contention"]
    assert (
        abs(
            clipped["contention"]
            + clipped["prioritisation"]
            + clipped["unavailability"]
            - mine[APPROVAL]["contention"]
            - mine[APPROVAL]["prioritisation"]
        )
        < 5
    )


def test_a_busy_officer_leaves_little_for_batches(folder: Path, mine: Steps) -> None:
    """Batch last, what both call batching is older work or a closed office: less than an hour is left of it."""
    last = ours(folder / "LoanApp_fewRes_9-5_timers.csv.gz", "batch-last", raw=True)
    for step in (APPROVAL, PLAIN[0]):
        assert last[step]["batching"] < 3_600
        assert last[step]["waiting"] == mine[step]["waiting"]
        assert abs(last[step]["contention"] - mine[step]["contention"] - mine[step]["batching"]) <= 0.001 * mine[step]["waiting"]
