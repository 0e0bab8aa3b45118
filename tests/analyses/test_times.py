"""The question of times: every level, honest words without starts, and estimates that stand apart."""

from __future__ import annotations

from typing import get_args

import pytest
from tests.answers import SAMPLES, texts

import finmine
from finmine.analyses.times import Times
from finmine.calendar_fit import NoCalendar
from finmine.relations.time_measures import Level
from finmine.testing import log
from finmine.view import Caveat, Headline
from finmine.words import HOUR

LOG = """
    one {company=1}: enter@0h-1h/ann, check@3h-4h/bob, pay@4h-6h/cid
    two {company=2}: enter@0h-1h/ann, check@2h-4h/bob, pay@9h-10h/cid
"""


def told(answer: Times) -> dict[tuple[str, str], tuple[int, float]]:
    """For each time and what it is per how often it is known and the hours in all."""
    return {(record["time_of"], record["per"]): (record["measured"], (record["total"] or 0) / HOUR) for record in answer.records()}


def test_the_times_of_a_log() -> None:
    """Of cases and of units; two waits of two and of one hour, one of five, and one that is none."""
    found = told(finmine.times(log(LOG)))
    assert found["throughput", "case"] == (2, 16)
    assert (found["processing", "case"], found["processing", "unit"]) == ((2, 8), (6, 8))
    assert found["idle", "case"] == (2, 8)
    assert found["waiting", "unit"] == (4, 8)
    assert found["gap", "unit"] == (4, 14)
    said = texts(finmine.times(log(LOG)), Headline)
    assert said[0] == "In 50.0 % of the throughput time of 2 cases nothing is in work; flow efficiency is 50.0 %."


@pytest.mark.parametrize("level", get_args(Level))
def test_units_add_up_at_every_level(level: Level) -> None:
    """Whatever the level and split, the waits or the times of cases are the same in all; each row knows its cases."""
    answer = finmine.times(log(LOG), level=level, by="company")
    records = answer.records()
    if level == "case":
        assert [(record["case"], record["idle"] / HOUR, record["flow_efficiency"]) for record in records] == [("one", 2, 4 / 6), ("two", 6, 0.4)]
    else:
        name, whole = ("idle", 8) if level == "variant" else ("waiting", 8)
        per = "case" if level == "variant" else "unit"
        assert sum(record["total"] for record in records if (record["time_of"], record["per"]) == (name, per)) == whole * HOUR
    assert answer.to_text()
    assert all(len(answer.cases(row).rows) == 1 for row in range(len(records)))


def test_edges_are_those_of_enabling() -> None:
    """A wait lies between the unit that enabled and the one that waited."""
    edges = {
        (record["source_activity"], record["target_activity"]): record["total"] / HOUR for record in finmine.times(log(LOG), level="edge").records()
    }
    assert edges == {("enter", "check"): 3, ("check", "pay"): 5}


def test_without_starts_a_gap_is_not_called_waiting() -> None:
    """Of completions only gaps and throughput time are told."""
    answer = finmine.times(log("a: x@1h/ann, y@2h/ann\nb: x@1h/ann, y@5h/ann"))
    assert told(answer) == {("gap", "unit"): (2, 5), ("throughput", "case"): (2, 5)}
    assert any("records no starts" in said for said in texts(answer, Caveat))
    assert "Waiting" not in answer.to_text()


def test_estimates_are_told_apart() -> None:
    """An estimated start changes no number of recorded ones; its share of the units is said."""
    written = log("one: a@0h-1h/ann, b@2h-3h/bob, c@8h/bob")
    plain, guessed = (told(finmine.times(written, estimate_starts=asked)) for asked in (False, True))
    assert {key: value for key, value in guessed.items() if not key[0].endswith("_estimated")} == plain
    assert guessed["processing_estimated", "unit"] == (1, 5)
    assert guessed["waiting_estimated", "unit"] == (1, 0)
    said = texts(finmine.times(written, estimate_starts=True), Caveat)
    assert any("The starts of 1 instance (33.3 %) are estimated" in one for one in said)


def test_working_time_needs_a_calendar() -> None:
    """Without one the question is refused; with one the fit stands beside the numbers."""
    with pytest.raises(NoCalendar):
        finmine.times(log(LOG), clock="working")
    answer = finmine.times(finmine.read(SAMPLES / "approvals.xes.gz"), clock="working", level="activity")
    assert "Calendar fit" in answer.to_text()
