"""Twins: what cases take with and without a detour is what the files say, and what the same log takes into which nothing is planted."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from finmine.sample import SampleName
from finmine.sample.blueprint import Blueprint
from finmine.sample.making import write_sample

BERLIN = ZoneInfo("Europe/Berlin")
DETOURS: dict[SampleName, tuple[str, ...]] = {
    "invoices": ("price change", "invoice block", "invoice correction", "goods returned"),
    "approvals": ("rejection",),
    "reconciliations": ("reopened items",),
    "disputes": ("questions to and fro", "returned claims", "credit notes sent again"),
}
EVERY = [(name, planted) for name, all_of_log in DETOURS.items() for planted in all_of_log]
SEPARATE = [one for one in EVERY if one != ("approvals", "rejection")]
"""The detours that add steps and change no others; after a rejection another pass through the chain takes the place of the first."""


@dataclass(frozen=True)
class Written:
    """The events of each case of a log as written, in their order, and its truths by name."""

    cases: Mapping[str, list[dict[str, Any]]]
    truths: Mapping[str, Mapping[str, Any]]

    def seconds(self, case: str) -> float:
        """From the first event of a case to its last, as clocks run that know summer time."""
        events = self.cases[case]
        return float((events[-1]["time"] - events[0]["time"]).total_seconds())

    def ended(self, truth: str) -> list[int]:
        """The places of the cases that a truth names and that no longer run."""
        running = set(self.truths["running"]["case_ids"])
        return [place for place, case in enumerate(self.truths[truth]["case_ids"]) if case not in running]


def blueprint(name: SampleName) -> Blueprint:
    """The blueprint of a sample log."""
    found = getattr(import_module(f"finmine.sample.{name}"), name.upper())
    assert isinstance(found, Blueprint)
    return found


def written(made: Blueprint, folder: Path, cases: int | None = None) -> Written:
    """A log without faults, written and read back."""
    log, _, truths = write_sample(replace(made, faults=()), folder / "log.csv", cases, 1)
    found: dict[str, list[dict[str, Any]]] = {}
    with log.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            said = datetime.fromisoformat(row[made.named("timestamp")])
            time = (said if said.tzinfo else said.replace(tzinfo=BERLIN)).astimezone(UTC)
            found.setdefault(row[made.named("case")], []).append({**row, "time": time})
    said = json.loads(truths.read_text(encoding="utf-8"))["truths"]
    return Written(found, {one["name"]: one for one in said})


@pytest.mark.parametrize("name", DETOURS)
def test_each_case_takes_what_the_truth_says(name: SampleName, tmp_path: Path) -> None:
    """From the first event in the file to the last pass the seconds that the truth tells of each case that has ended."""
    log = written(blueprint(name), tmp_path)
    for planted in DETOURS[name]:
        truth, ended = log.truths[planted], log.ended(planted)
        assert len(ended) > 0.8 * truth["cases"] > 0
        for place in ended:
            assert truth["elapsed_seconds"][place] == pytest.approx(log.seconds(truth["case_ids"][place]), abs=1)


@pytest.mark.parametrize(("name", "planted"), SEPARATE)
def test_twins_are_the_cases_of_a_log_into_which_nothing_is_planted(name: SampleName, planted: str, tmp_path: Path) -> None:
    """What a case takes without a detour is, to the second, what it takes in the log of the same seed in which no case makes one."""
    made = blueprint(name)
    (plant,) = (one for one in made.plants if one.name == planted)
    truth = written(replace(made, plants=(plant,)), tmp_path, 400).truths[planted]
    (tmp_path / "log.card.toml").unlink()
    nothing = written(replace(made, plants=()), tmp_path, 400)
    running = set(nothing.truths["running"]["case_ids"])
    twins = [place for place, case in enumerate(truth["case_ids"]) if case not in running]
    assert len(twins) > 0.8 * truth["cases"] > 0
    for place in twins:
        assert truth["elapsed_seconds_without"][place] == pytest.approx(nothing.seconds(truth["case_ids"][place]), abs=1)


@pytest.mark.parametrize(
    ("name", "planted", "activity", "stop"),
    [
        ("invoices", "goods returned", "Return goods", "Record goods receipt"),
        ("approvals", "rejection", "Revise request", "Check request"),
        ("reconciliations", "reopened items", "Reopen item", "Review reconciliation"),
        ("disputes", "returned claims", "Return claim", "Decide claim"),
    ],
)
def test_what_a_detour_adds_passes_from_stop_to_stop(name: SampleName, planted: str, activity: str, stop: str, tmp_path: Path) -> None:
    """In the file, detours take from the stop before to the stop after them about what they add to their cases; runs of machines take or give the rest."""
    log = written(blueprint(name), tmp_path)
    truth, added, between = log.truths[planted], 0.0, 0.0
    for place in log.ended(planted):
        events = [event for event in log.cases[truth["case_ids"][place]] if event.get("lifecycle") != "start"]
        turns = [at for at, event in enumerate(events) if event["activity"] == activity]
        stops = [at for at, event in enumerate(events) if event["activity"] == stop]
        since, until = max(at for at in stops if at < turns[0]), [at for at in stops if at > turns[-1]]
        if until:
            between += (events[until[0]]["time"] - events[since]["time"]).total_seconds()
            added += truth["elapsed_seconds"][place] - truth["elapsed_seconds_without"][place]
    assert added == pytest.approx(between, rel=0.15)


@pytest.mark.parametrize(
    ("name", "planted", "each"),
    [
        ("invoices", "goods returned", {"Return goods": (20, 31), "Record goods receipt": (8, 31)}),
        ("invoices", "price change", {"Change price": (9, 46), "Release purchase order": (4, 64)}),
        ("invoices", "invoice correction", {"Reject invoice": (4, 62), "Correct invoice": (12, 38.5)}),
        (
            "reconciliations",
            "reopened items",
            {"Reopen item": (4, 52), "Investigate item": (25, 41), "Prepare reconciliation": (20, 41), "Review reconciliation": (10, 52)},
        ),
    ],
)
def test_a_turn_of_a_detour_costs_the_minutes_of_its_steps(
    name: SampleName, planted: str, each: Mapping[str, tuple[float, float]], tmp_path: Path
) -> None:
    """Where unit times are declared each turn adds the minutes of its steps at the rates of who takes them, to a cent for the rounding of both sums."""
    log = written(blueprint(name), tmp_path)
    truth, turn = log.truths[planted], sum(minutes * rate / 60 for minutes, rate in each.values())
    for place in log.ended(planted):
        turns = sum(event["activity"] == next(iter(each)) for event in log.cases[truth["case_ids"][place]])
        assert truth["labour_cents"][place] - truth["labour_cents_without"][place] == pytest.approx(100 * turn * turns, abs=1)


def test_machines_cost_nothing(tmp_path: Path) -> None:
    """Credit notes that are sent again take a night or more longer, and no labour."""
    truth = written(blueprint("disputes"), tmp_path).truths["credit notes sent again"]
    assert truth["labour_cents"] == truth["labour_cents_without"]
    assert min(more - less for more, less in zip(truth["elapsed_seconds"], truth["elapsed_seconds_without"], strict=True)) > 20 * 3600
