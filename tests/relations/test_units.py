"""Units and steps: what follows what, before and after filters."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from tests.brute_force import ordered
from tests.strategies import logs

from finmine.filters import activity_is
from finmine.log import EventLog
from finmine.relations.tables import activity_labels, case_table
from finmine.relations.units import steps, units
from finmine.testing import Event, log


def edges(read: EventLog) -> Counter[tuple[object, ...]]:
    """The steps of a log by name: case, activity, next activity, gap."""
    labels = activity_labels(read)
    these = steps(read).join(case_table(read).select("case", case_label="label"), "case").join(labels.rename(did="label"), "activity")
    named = these.join(labels.rename(does_next="label", next_activity="activity"), "next_activity")
    return Counter(read.fetch(named.select("case_label", "did", "does_next", "gap")).tuples())


def expected(rows: list[Event]) -> Counter[tuple[object, ...]]:
    """The steps of rows by brute force."""
    return Counter(
        (case, before["activity"], after["activity"], after["timestamp"] - before["timestamp"])
        for case, events in ordered(rows).items()
        for before, after in pairwise(events)
    )


@settings(max_examples=12)
@given(rows=logs(starts=True))
def test_steps_are_the_neighbours_of_each_case(rows: list[Event]) -> None:
    """Each unit but the last of a case makes one step to the next in the total order (oracle: brute force)."""
    assert edges(log(rows)) == expected(rows)


@settings(max_examples=8)
@given(rows=logs())
def test_what_follows_is_found_anew_when_events_are_dropped(rows: list[Event]) -> None:
    """The neighbours of a dropped event become neighbours, as in a log that never had it (oracle: brute force)."""
    dropped = rows[0]["activity"]
    assert edges(log(rows).keep_events(~activity_is(dropped))) == expected([row for row in rows if row["activity"] != dropped])


@settings(max_examples=12)
@given(rows=logs(starts=True))
def test_steps_out_of_an_activity_and_its_endings_are_its_units(rows: list[Event]) -> None:
    """Every unit is followed by another one or ends its case."""
    read = log(rows)
    these = units(read)
    counted, left, endings = (
        Counter(read.fetch(some.select("activity")).column("activity")) for some in (these, steps(read), these.filter(these.next_activity.isnull()))
    )
    assert counted == left + endings
    assert endings.total() == read.facts.cases
