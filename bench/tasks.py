"""The work that is measured: `python bench/tasks.py TASK TOOL FILE [CASE ACTIVITY TIME]` does one task with one tool.

It prints as JSON what was found (so that the tools can be compared) and, for questions, the seconds of each.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

Told: TypeAlias = Mapping[str, Mapping[str, float]]

CASE, ACTIVITY, TIME = "case:concept:name", "concept:name", "time:timestamp"
DISCOVERY = ("directly_follows", "variants")
WHOLE = (*DISCOVERY, "throughput_time", "rework")
PREPARED = (*WHOLE, "summary", "bottlenecks", "activities", "endpoints", "arrivals", "resources", "check")
PLAIN = {"bottlenecks": {"draws": 0}}
"""Without the draws for the intervals of ranks, which no other tool gives."""


class Log(NamedTuple):
    """A file and the names of its columns."""

    path: str
    case: str = "invoice"
    activity: str = "activity"
    time: str = "timestamp"

    @property
    def standard(self) -> dict[str, str]:
        """The names of XES for the columns."""
        return {self.case: CASE, self.activity: ACTIVITY, self.time: TIME}


def finmine_log(log: Log) -> Any:
    """The log, read by finmine."""
    import finmine

    return finmine.read(log.path, case=log.case, activity=log.activity, timestamp=log.time)


def ask(log: Any, question: str) -> Any:
    """One question with its records, answered by finmine."""
    answer = getattr(importlib.import_module(f"finmine.analyses.{question}"), question)(log, **PLAIN.get(question, {}))
    answer.records()
    return answer


def finmine_found(log: Any, questions: Sequence[str]) -> Told:
    """The answers of finmine to questions, in numbers that any tool gives."""
    answers = {question: ask(log, question) for question in questions}
    variants = answers["variants"].totals.records()[0]["variants"]
    return {"found": {"events": log.facts.units, "cases": log.facts.cases, "edges": len(answers["directly_follows"].rows), "variants": variants}}


def finmine_whole(log: Log) -> Told:
    """File to directly-follows with times, variants, throughput times and rework."""
    return finmine_found(finmine_log(log), WHOLE)


def finmine_discovery(log: Log) -> Told:
    """File to directly-follows and variants."""
    return finmine_found(finmine_log(log), DISCOVERY)


def finmine_prepared(log: Log) -> Told:
    """Each question, on a log that is already read."""
    read = finmine_log(log)
    taken = seconds({question: lambda name=question: ask(read, name) for question in PREPARED})
    return {"seconds": taken, "found": {"events": read.facts.events}}


def finmine_working(log: Log) -> Told:
    """The process map in working time, on a log that is already read."""
    from finmine import directly_follows

    read = finmine_log(log)
    return {"seconds": seconds({"directly_follows": lambda: directly_follows(read, clock="working").records()})}


def finmine_xes(log: Log) -> Told:
    """Read an XES file into a log."""
    import finmine

    return {"found": {"events": finmine.read(log.path).facts.events}}


def finmine_report(log: Log) -> Told:
    """The command that writes the report."""
    from finmine.cli import main

    roles = ["--case", log.case, "--activity", log.activity, "--timestamp", log.time] if log.case else []
    with tempfile.TemporaryDirectory() as folder:
        try:
            main(["report", log.path, *roles, "--quiet", "--output", str(Path(folder) / "report.html")])
        except SystemExit as left:
            if left.code:
                raise
    return {}


def seconds(questions: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """The seconds of each question when it is asked for the second time; the first time loads what it needs."""
    taken = {}
    for question in (*questions, *questions):
        began = time.perf_counter()
        questions[question]()
        taken[question] = time.perf_counter() - began
    return taken


def pm4py_frame(log: Log) -> Any:
    """The log with all its attributes as pm4py wants it, ordered by case, time and row."""
    import pandas as pd
    import pm4py

    frame = pd.read_parquet(log.path).rename(columns=log.standard)
    frame[TIME] = pd.to_datetime(frame[TIME], utc=True)
    frame = frame.sort_values([CASE, TIME], kind="stable", ignore_index=True)
    return pm4py.format_dataframe(frame, case_id=CASE, activity_key=ACTIVITY, timestamp_key=TIME)


def pm4py_questions(frame: Any) -> dict[str, Callable[[], Any]]:
    """What pm4py has for the questions."""
    import pm4py

    return {
        "directly_follows": lambda: (pm4py.discover_dfg(frame)[0], pm4py.discover_performance_dfg(frame)[0]),
        "variants": lambda: pm4py.get_variants(frame),
        "throughput_time": lambda: pm4py.get_all_case_durations(frame),
        "rework": lambda: pm4py.get_rework_cases_per_activity(frame),
        "activities": lambda: pm4py.get_event_attribute_values(frame, ACTIVITY),
        "endpoints": lambda: (pm4py.get_start_activities(frame), pm4py.get_end_activities(frame)),
        "arrivals": lambda: pm4py.get_case_arrival_average(frame),
    }


def pm4py_whole(log: Log) -> Told:
    """File to directly-follows with times, variants, throughput times and rework."""
    frame = pm4py_frame(log)
    questions = pm4py_questions(frame)
    answers = {question: questions[question]() for question in WHOLE}
    edges, variants = len(answers["directly_follows"][0]), len(answers["variants"])
    return {"found": {"events": len(frame), "cases": len(answers["throughput_time"]), "edges": edges, "variants": variants}}


def pm4py_prepared(log: Log) -> Told:
    """Each question on a frame that is already read."""
    return {"seconds": seconds(pm4py_questions(pm4py_frame(log)))}


def pm4py_working(log: Log) -> Told:
    """The directly-follows graph in business hours, on a frame that is already read; once, since it takes minutes."""
    import pm4py

    frame = pm4py_frame(log)
    slots = [(day * 86_400 + 9 * 3600, day * 86_400 + 17 * 3600) for day in range(5)]
    began = time.perf_counter()
    pm4py.discover_performance_dfg(frame, business_hours=True, business_hour_slots=slots)
    return {"seconds": {"directly_follows": time.perf_counter() - began}}


def pm4py_xes(log: Log) -> Told:
    """Read an XES file with pm4py's own reader."""
    import pm4py

    return {"found": {"events": len(pm4py.read_xes(log.path, variant="iterparse"))}}


def r4pm_discovery(log: Log) -> Told:
    """File to directly-follows and variants."""
    import polars as pl
    import r4pm
    from r4pm import bindings

    frame = pl.read_parquet(log.path, columns=list(log.standard)).rename(log.standard).sort([CASE, TIME], maintain_order=True)
    events = r4pm.import_item_from_df("EventLog", frame)
    edges = bindings.discover_dfg(events)["directly_follows_relations"]
    traces = bindings.log_to_activity_projection(events)
    cases, variants = bindings.get_num_cases(traces), bindings.get_variants(traces)
    return {"found": {"events": len(frame), "cases": cases, "edges": len(edges), "variants": len(variants)}}


def r4pm_xes(log: Log) -> Told:
    """Read an XES file."""
    from r4pm import df

    return {"found": {"events": len(df.import_xes(log.path)[0])}}


if __name__ == "__main__":
    task, tool, *names = sys.argv[1:]
    print(json.dumps(globals()[f"{tool}_{task}"](Log(*names))))
