"""What is repeated and self-loops, by brute force over the events of each case."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from hypothesis import given, settings
from tests.brute_force import ordered
from tests.strategies import logs

from finmine.log import EventLog
from finmine.relations.occurrences import repeated, self_loops
from finmine.relations.traces import traces
from finmine.testing import Event, log


def named(of: EventLog, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with the names of their case and activity in place of the codes."""
    names, cases = of.activity_names(), {row["case"]: row["label"] for row in of.fetch(traces(of).select("case", "label")).records()}
    return [{**row, "case": cases[row["case"]], **({"activity": names[row["activity"]]} if "activity" in row else {})} for row in rows]


def several(events: list[Event]) -> bool:
    """Whether more than one resource did these, a missing one being different from all others."""
    return len({event["resource"] for event in events}) > 1


def by_activity(events: list[Event]) -> dict[str, list[list[Event]]]:
    """The runs of each activity of a case."""
    found: dict[str, list[list[Event]]] = {}
    for activity, run in groupby(events, key=lambda event: event["activity"]):
        found.setdefault(activity, []).append(list(run))
    return found


def sort_key(row: dict[str, Any]) -> str:
    """Any total order."""
    return repr(sorted(row.items()))


@settings(max_examples=20)
@given(logs(length=8))
def test_what_is_repeated_is_that_of_brute_force(rows: list[Event]) -> None:
    """Counts, runs, hands, first and last of each activity that comes more than once are those of a walk over the events of its case."""
    expected = []
    for case, events in ordered(rows).items():
        for activity, runs in by_activity(events).items():
            units = [event for run in runs for event in run]
            times = [event["timestamp"] for event in units]
            counts = {"occurrences": len(units), "again": len(units) - len(runs), "runs": len(runs), "others": several(units)}
            if len(units) > 1:
                expected.append({"case": case, "activity": activity, **counts, "first": min(times), "last": max(times)})
    read = log(rows)
    found = read.fetch(repeated(read).drop("loop_time", "earliest")).records()
    assert sorted(named(read, found), key=sort_key) == sorted(expected, key=sort_key)


@settings(max_examples=20)
@given(logs(length=8))
def test_self_loops_are_those_of_brute_force(rows: list[Event]) -> None:
    """Each run of more than one unit is one self-loop, with its size and hands."""
    expected = [
        {"case": case, "activity": activity, "again": len(run) - 1, "others": several(run)}
        for case, events in ordered(rows).items()
        for activity, runs in by_activity(events).items()
        for run in runs
        if len(run) > 1
    ]
    read = log(rows)
    found = [{name: row[name] for name in ("case", "activity", "again", "others")} for row in read.fetch(self_loops(read)).records()]
    assert sorted(named(read, found), key=sort_key) == sorted(expected, key=sort_key)


@settings(max_examples=20)
@given(logs(length=8))
def test_time_in_loops_counts_overlaps_once(rows: list[Event]) -> None:
    """The time of a case in which at least one of its repeated activities lies between its first and last completion, hour by hour."""
    hour = 3_600_000_000
    expected = {}
    for case, events in ordered(rows).items():
        times = {activity: [event["timestamp"] for run in runs for event in run] for activity, runs in by_activity(events).items()}
        spans = [(min(of), max(of)) for of in times.values() if len(of) > 1]
        if spans:
            expected[case] = len({place for first, last in spans for place in range(first, last, hour)}) * hour
    read = log(rows)
    found = named(read, read.fetch(repeated(read)).records())
    assert {row["case"] for row in found} == set(expected)
    assert {case: sum(row["loop_time"] for row in found if row["case"] == case) for case in expected} == expected
    assert sorted(row["case"] for row in found if row["earliest"]) == sorted(expected)
