"""The completion clock: charges that add up to the throughput time, whatever happens at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.brute_force import ordered, started
from tests.strategies import logs

import finmine
from finmine.log import EventLog
from finmine.relations.completion_clock import completion_clock
from finmine.relations.traces import traces
from finmine.testing import Event, log

Charges = Counter[tuple[str, str | None, str, int]]
"""How many charges there are of a case, an activity (none before the first completion), the next one, and a time."""


def charges(of: EventLog) -> Charges:
    """The charges as the engine makes them, with names."""
    names, cases = of.activity_names(), {row["case"]: row["label"] for row in of.fetch(traces(of).select("case", "label")).records()}
    rows = of.fetch(completion_clock(of)).records()
    before = [None if row["activity"] is None else names[row["activity"]] for row in rows]
    return Counter((cases[row["case"]], source, names[row["next_activity"]], row["charge"]) for source, row in zip(before, rows, strict=True))


def shared(time: int, before: Sequence[str | None], after: Sequence[str]) -> list[tuple[str | None, str, int]]:
    """A time in equal whole parts for each pair, what is left over to the first pairs of the alphabet."""
    pairs = [(one, other) for one in before for other in after]
    whole, left = divmod(time, len(pairs))
    return [(one, other, whole + (place < left)) for place, (one, other) in enumerate(pairs)]


def by_definition(rows: Sequence[Event]) -> Charges:
    """The charges by their definition: in plain Python, over the groups of activities that are completed at once."""
    found: Charges = Counter()
    for case, events in ordered(rows).items():
        stamps = sorted({event["timestamp"] for event in events})
        groups = [sorted({event["activity"] for event in events if event["timestamp"] == stamp}) for stamp in stamps]
        parts = shared(stamps[0] - started(events), [None], groups[0])
        for (since, before), (until, after) in pairwise(zip(stamps, groups, strict=True)):
            parts += shared(until - since, before, after)
        found.update((case, *part) for part in parts)
    return found


def edges(text: str) -> dict[tuple[str | None, str], int]:
    """The time of each edge of a written log, in the unit of hours in which it is written."""
    found: dict[tuple[str | None, str], int] = {}
    for (_, before, after, charge), times in charges(log(text)).items():
        found[before, after] = found.get((before, after), 0) + charge * times
    return found


SECOND = 1_000_000


def test_a_tie_is_shared_equally() -> None:
    """P at 0, A and B at 100, Q at 160: P→A and P→B get 50 each, A→Q and B→Q 30 each, and A→B nothing."""
    assert edges("c: P@0s, A@100s, B@100s, Q@160s") == {
        (None, "P"): 0,
        ("P", "A"): 50 * SECOND,
        ("P", "B"): 50 * SECOND,
        ("A", "Q"): 30 * SECOND,
        ("B", "Q"): 30 * SECOND,
    }


def test_what_is_left_over_goes_to_the_first_of_the_alphabet() -> None:
    """Ten microseconds between one activity and three are 4, 3 and 3, in the order of the names and not of the rows."""
    assert edges("c: P@0s, c@10us, a@10us, b@10us") == {(None, "P"): 0, ("P", "a"): 4, ("P", "b"): 3, ("P", "c"): 3}


def test_an_activity_that_is_recorded_twice_at_once_counts_once() -> None:
    """A row that is in the source twice changes no charge: time is shared between activities, not between rows."""
    assert edges("c: P@0s, A@1h, A@1h, B@1h, Q@2h") == edges("c: P@0s, A@1h, B@1h, Q@2h")


def test_time_before_the_first_completion_is_charged_to_the_start() -> None:
    """From the first start, whichever unit it belongs to, until the first completion."""
    hour = 3600 * SECOND
    assert edges("c: A@2h-5h, B@1h-6h") == {(None, "A"): 4 * hour, ("A", "B"): 1 * hour}


def test_concurrent_work_is_charged_once() -> None:
    """A 0–10, B 10–40, C 15–50, D 60–70: the charges are those of the clock, 10 + 30 + 10 + 20, not of the work."""
    hour = 3600 * SECOND
    found = edges("c: A@0h-10h, B@10h-40h, C@15h-50h, D@60h-70h")
    assert found == {(None, "A"): 10 * hour, ("A", "B"): 30 * hour, ("B", "C"): 10 * hour, ("C", "D"): 20 * hour}


def test_times_of_many_centuries_are_shared_to_the_microsecond() -> None:
    """A date such as 9999-12-31 makes a gap that floating point cannot hold; its parts still add up."""
    gap = 2_913_000 * 24 * 3600 * SECOND + 1
    whole, left = divmod(gap, 3)
    found = edges(f"c: P@0s, a@{gap}us, b@{gap}us, c@{gap}us")
    assert found == {(None, "P"): 0, ("P", "a"): whole + (left > 0), ("P", "b"): whole + (left > 1), ("P", "c"): whole}


@settings(max_examples=20)
@given(logs(cases=8, starts=True), st.integers(0, 1000))
def test_charges_are_those_of_the_definition_and_add_up(rows: list[Event], seed: int) -> None:
    """With ties, overlaps, zero durations and missing starts, in any order of the rows: what the definition says, nothing negative, exact sums."""
    read = log(rows, shuffled=seed)
    rows = sorted(rows, key=lambda row: (row["timestamp"], row["activity"]))
    found = charges(read)
    assert found == by_definition(rows)
    totals = dict.fromkeys({row["case"] for row in rows}, 0)
    for (case, _, _, charge), times in found.items():
        assert charge >= 0
        totals[case] += charge * times
    assert totals == {row["label"]: row["throughput"] for row in read.fetch(traces(read)).records()}


@settings(max_examples=8)
@given(logs(), st.data())
def test_filtered_events_charge_like_a_log_of_what_is_left(rows: list[Event], data: st.DataObject) -> None:
    """After an event filter the clock runs between the units that are left, as if no others had been."""
    kept = data.draw(st.lists(st.sampled_from(sorted({row["activity"] for row in rows})), min_size=1, unique=True))
    left = [row for row in rows if row["activity"] in kept]
    assert charges(log(rows).keep_events(finmine.activity_is(*kept))) == by_definition(left)


def test_work_that_ends_before_it_starts_still_adds_up() -> None:
    """A start after the end is a fault of the log: the time before the first completion is negative, and the sum stays exact."""
    rows = [{"case": "c", "activity": activity, "start": 1_000_007, "timestamp": 1_000_000} for activity in ("a", "b", "c")]
    assert charges(log(rows)) == Counter({("c", None, "a", -2): 1, ("c", None, "b", -2): 1, ("c", None, "c", -3): 1})


@pytest.mark.parametrize("text", ["c: only@3h", "c: same@3h, same@3h"])
def test_a_case_at_one_instant_takes_no_time(text: str) -> None:
    """A case without any time has one charge of nothing, which says what comes first."""
    assert set(edges(text).values()) == {0}
