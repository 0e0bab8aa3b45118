"""Pairing of start and complete rows into activity instances."""

from __future__ import annotations

from pathlib import Path

import pytest

import finmine
from finmine.relations.processing import processed
from finmine.relations.units import units

HOUR = 3_600_000_000


def log_of(folder: Path, rows: list[str], unit: str | None = None) -> finmine.EventLog:
    """A log of rows `activity,transition,hour` of one case."""
    lines = ["case_id,activity,lifecycle:transition,timestamp"]
    for row in rows:
        activity, transition, hour = row.split(",")
        lines.append(f"i1,{activity},{transition},2024-01-{1 + int(hour) // 24:02d} {int(hour) % 24:02d}:00")
    (folder / "log.csv").write_text("\n".join(lines) + "\n")
    return finmine.read(folder / "log.csv", unit=unit)  # type: ignore[arg-type]


def instances(log: finmine.EventLog) -> list[tuple[str, int | None, int]]:
    """Activity, processing hours and completion hour of each unit."""
    first = 1_704_067_200_000_000
    return [
        (record["activity"], None if record["start"] is None else (record["time"] - record["start"]) // HOUR, (record["time"] - first) // HOUR)
        for record in finmine.case(log, "i1").records()
    ]


def test_start_and_complete_are_one_instance(tmp_path: Path) -> None:
    """A start and its completion are one unit; the unit stands where it completed."""
    log = log_of(tmp_path, ["A,start,0", "B,start,1", "B,complete,2", "A,complete,5"])
    assert instances(log) == [("B", 1, 2), ("A", 5, 5)]
    assert (log.facts.unit, log.facts.events, log.facts.units) == ("instance", 4, 2)


def test_overlapping_instances_pair_first_in_first_out(tmp_path: Path) -> None:
    """The first start belongs to the first end of the same activity."""
    assert instances(log_of(tmp_path, ["A,start,0", "A,start,2", "A,complete,3", "A,complete,9"])) == [("A", 3, 3), ("A", 7, 9)]


def test_an_end_before_any_start_stays_alone(tmp_path: Path) -> None:
    """A completion without start is an instance without start, and later pairs are not shifted by it."""
    log = log_of(tmp_path, ["A,complete,1", "A,start,2", "A,complete,4", "A,complete,5"])
    assert instances(log) == [("A", None, 1), ("A", 2, 4), ("A", None, 5)]
    assert log.facts.pairing is not None
    assert log.facts.pairing["without_start"] == 2


def test_a_start_without_end_is_counted(tmp_path: Path) -> None:
    """Work that never ended is no unit and is counted."""
    log = log_of(tmp_path, ["A,start,0", "A,complete,1", "B,start,2"])
    assert instances(log) == [("A", 1, 1)]
    assert log.facts.pairing is not None
    assert log.facts.pairing["without_end"] == 1


def test_abort_and_withdraw_end_an_instance(tmp_path: Path) -> None:
    """Aborted and withdrawn work ends too, and is counted as such."""
    log = log_of(tmp_path, ["A,start,0", "A,ate_abort,1", "B,start,1", "B,withdraw,3", "C,complete,4"])
    assert instances(log) == [("A", 1, 1), ("B", 2, 3), ("C", None, 4)]
    assert log.facts.pairing is not None
    assert (log.facts.pairing["aborted"], log.facts.pairing["withdrawn"]) == (1, 1)


def test_the_same_log_read_event_by_event(tmp_path: Path) -> None:
    """With unit = event every row is a unit, as in tools that know no lifecycle."""
    log = log_of(tmp_path, ["A,start,0", "A,complete,1"], unit="event")
    assert [activity for activity, _, _ in instances(log)] == ["A", "A"]


def test_pairs_and_intervals_give_the_same_answers(tmp_path: Path) -> None:
    """The same work as start and complete rows and as rows with start and end has the same steps and variants."""
    pairs = log_of(tmp_path, ["A,start,0", "A,complete,2", "B,start,3", "C,start,3", "C,complete,6", "B,complete,7"])
    steps = finmine.directly_follows(pairs).records()
    (tmp_path / "intervals.csv").write_text(
        "case_id,activity,start,end\ni1,A,2024-01-01 00:00,2024-01-01 02:00\ni1,B,2024-01-01 03:00,2024-01-01 07:00\ni1,C,2024-01-01 03:00,2024-01-01 06:00\n"
    )
    intervals = finmine.read(tmp_path / "intervals.csv")
    assert finmine.directly_follows(intervals).records() == steps
    assert finmine.variants(intervals).records()[0]["trace"] == "A → C → B"


def test_a_case_without_any_completion_is_said(tmp_path: Path) -> None:
    """A case in which work was only begun is in no answer, and that is said."""
    (tmp_path / "log.csv").write_text(
        "case_id,activity,lifecycle:transition,timestamp\ni1,A,start,2024-01-01\ni1,A,complete,2024-01-02\ni2,A,start,2024-01-03\n"
    )
    log = finmine.read(tmp_path / "log.csv")
    assert log.facts.cases == 1
    assert any("1 case has no completed unit" in note for note in log.provenance.assumptions)


def test_work_begun_after_an_end_activity_keeps_a_case_running(tmp_path: Path) -> None:
    """A case that came to an end activity and was then taken up again, without completing anything yet, is running."""
    rows = "i1,Reject,start,2024-01-01\ni1,Reject,complete,2024-01-02\ni2,Reject,complete,2024-01-02\ni1,Revise,start,2024-01-03\n"
    (tmp_path / "log.csv").write_text("case_id,activity,lifecycle:transition,timestamp\n" + rows)
    (tmp_path / "log.card.toml").write_text('finmine_card = 1\n[outcomes]\nrejected = ["Reject"]\n')
    log = finmine.read(tmp_path / "log.csv")
    assert {record["case"]: record["status"] for record in finmine.cases(log).records()} == {"i1": "running", "i2": "finished"}


def worked(log: finmine.EventLog) -> list[int | None]:
    """The processing hours of each unit of the case."""
    hours = log.fetch(processed(units(log)).order_by("position")).column("processing")
    return [None if hour is None else int(str(hour)) // HOUR for hour in hours]


def pairing(log: finmine.EventLog) -> tuple[int, int]:
    """How many instances were suspended, and how many have suspensions that say nothing."""
    assert log.facts.pairing is not None
    return log.facts.pairing["suspended"], log.facts.pairing["loose"]


@pytest.mark.parametrize(("suspend", "resume"), [("suspend", "resume"), ("SUSPEND", "Resume")])
def test_time_suspended_is_no_processing_time(tmp_path: Path, suspend: str, resume: str) -> None:
    """What lies between a suspension and its resumption is taken off, each time; the unit keeps its start and completion."""
    log = log_of(tmp_path, ["A,start,0", f"A,{suspend},2", f"A,{resume},5", f"A,{suspend},6", f"A,{resume},7", "A,complete,10"])
    assert instances(log) == [("A", 10, 10)]
    assert worked(log) == [6]
    assert pairing(log) == (1, 0)
    assert finmine.activities(log).records()[0]["processing_total"] == 6 * HOUR


def test_a_suspension_belongs_to_what_was_started_last(tmp_path: Path) -> None:
    """Of two instances of an activity at work at once, the later one is suspended; other activities are not touched."""
    log = log_of(tmp_path, ["A,start,0", "B,start,0", "A,start,1", "A,suspend,2", "A,resume,4", "A,complete,5", "A,complete,6", "B,complete,7"])
    assert worked(log) == [5, 3, 7]
    assert pairing(log) == (1, 0)


@pytest.mark.parametrize(
    "rows",
    [
        ["A,start,0", "A,suspend,2", "A,complete,8"],
        ["A,start,0", "A,resume,2", "A,complete,8"],
        ["A,start,0", "A,resume,2", "A,suspend,3", "A,complete,8"],
        ["A,start,0", "A,suspend,2", "A,suspend,3", "A,resume,4", "A,resume,5", "A,complete,8"],
        ["A,start,0", "A,suspend,2", "A,complete,8", "A,resume,20"],
    ],
    ids=["never resumed", "never suspended", "the wrong way round", "twice at once", "resumed after the end"],
)
def test_suspensions_that_say_nothing_are_counted_and_take_nothing_off(tmp_path: Path, rows: list[str]) -> None:
    """Where suspensions and resumptions do not alternate within the work, its whole time counts, and the log says of how many."""
    log = log_of(tmp_path, rows)
    assert worked(log) == [8]
    assert pairing(log) == (0, 1)
    assert "suspensions that do not pair (not taken off)  1" in finmine.summary(log).to_text(200)


def test_a_suspension_before_any_start_is_counted(tmp_path: Path) -> None:
    """Rows that suspend what was never started are no units and are counted."""
    log = log_of(tmp_path, ["A,suspend,0", "A,resume,1", "A,start,2", "A,complete,3"])
    assert (worked(log), pairing(log)) == ([1], (0, 1))
