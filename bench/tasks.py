"""The work that is measured: `python bench/tasks.py TASK TOOL FILE` does one task with one tool and prints seconds within as JSON."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

CASE, ACTIVITY, TIME = "case:concept:name", "concept:name", "time:timestamp"
COLUMNS = {CASE: "invoice", ACTIVITY: "activity", TIME: "timestamp"}
QUESTIONS = ("directly_follows", "variants", "throughput_time", "rework", "activities", "endpoints", "bottlenecks", "arrivals", "resources", "summary")


def timed(work: Callable[[], object]) -> float:
    """Seconds that work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def finmine_log(path: str) -> Any:
    """The log, read by finmine."""
    import finmine

    return finmine.read(path)


def finmine_whole(path: str) -> dict[str, float]:
    """File to directly-follows with times, variants, throughput times and rework."""
    log = finmine_log(path)
    for question in ("directly_follows", "variants", "throughput_time", "rework"):
        ask(log, question)
    return {}


def ask(log: Any, question: str) -> None:
    """One question, answered."""
    getattr(importlib.import_module(f"finmine.analyses.{question}"), question)(log).records()


def finmine_prepared(path: str) -> dict[str, float]:
    """Each question on a log that is already read, twice; the second time counts."""
    log = finmine_log(path)
    for question in QUESTIONS:
        ask(log, question)
    return {question: timed(lambda question=question: ask(log, question)) for question in QUESTIONS}  # type: ignore[misc]


def finmine_discovery(path: str) -> dict[str, float]:
    """Read, directly-follows and variants."""
    log = finmine_log(path)
    ask(log, "directly_follows")
    ask(log, "variants")
    return {}


def pm4py_frame(path: str) -> Any:
    """The log with all its attributes, as pm4py wants it: ordered by case, time and row."""
    import pandas as pd
    import pm4py

    frame = pd.read_parquet(path)
    names = {old: new for new, old in COLUMNS.items() if old in frame.columns}
    frame = frame.rename(columns=names)
    frame[TIME] = pd.to_datetime(frame[TIME], utc=True)
    frame = frame.sort_values([CASE, TIME], kind="stable").reset_index(drop=True)
    return pm4py.format_dataframe(frame, case_id=CASE, activity_key=ACTIVITY, timestamp_key=TIME)


def pm4py_questions(frame: Any) -> dict[str, Callable[[], object]]:
    """What pm4py has for the same questions."""
    import pm4py

    return {
        "directly_follows": lambda: (pm4py.discover_dfg(frame), pm4py.discover_performance_dfg(frame)),
        "variants": lambda: pm4py.get_variants(frame),
        "throughput_time": lambda: pm4py.get_all_case_durations(frame),
        "rework": lambda: pm4py.get_rework_cases_per_activity(frame),
        "activities": lambda: pm4py.get_event_attribute_values(frame, ACTIVITY),
        "endpoints": lambda: (pm4py.get_start_activities(frame), pm4py.get_end_activities(frame)),
        "arrivals": lambda: pm4py.get_case_arrival_average(frame),
    }


def pm4py_whole(path: str) -> dict[str, float]:
    """File to directly-follows with times, variants, throughput times and rework."""
    questions = pm4py_questions(pm4py_frame(path))
    for question in ("directly_follows", "variants", "throughput_time", "rework"):
        questions[question]()
    return {}


def pm4py_prepared(path: str) -> dict[str, float]:
    """Each question on a frame that is already read."""
    return {question: timed(work) for question, work in pm4py_questions(pm4py_frame(path)).items()}


def r4pm_discovery(path: str) -> dict[str, float]:
    """Read the three columns, directly-follows and variants."""
    import polars as pl
    import r4pm

    names = {old: new for new, old in COLUMNS.items()}
    frame = pl.read_parquet(path)
    frame = frame.rename({old: new for old, new in names.items() if old in frame.columns}).select(CASE, ACTIVITY, TIME)
    r4pm_questions(r4pm, frame)
    return {}


def r4pm_questions(r4pm: Any, frame: Any) -> None:
    """The directly-follows graph and the variants by r4pm."""
    r4pm.df.discover_dfg(frame)
    r4pm.df.get_variants(frame)


def finmine_xes(path: str) -> dict[str, float]:
    """Read an XES file into a log."""
    finmine_log(path)
    return {}


def pm4py_xes(path: str) -> dict[str, float]:
    """Read an XES file with pm4py's own reader."""
    import pm4py

    pm4py.read_xes(path, variant="iterparse")
    return {}


def finmine_report(path: str) -> dict[str, float]:
    """The whole report."""
    import tempfile
    from pathlib import Path

    import finmine

    with tempfile.TemporaryDirectory() as folder:
        finmine.write_report(finmine_log(path), Path(folder) / "report.html")
    return {}


if __name__ == "__main__":
    task, tool, file = sys.argv[1:4]
    print(json.dumps(globals()[f"{tool}_{task}"](file)))
