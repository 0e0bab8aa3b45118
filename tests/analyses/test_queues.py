"""Queues: exact lengths, Little's law with its boundary term, and words that promise no more than the log holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers import SAMPLES, texts
from tests.brute_force import ordered
from tests.strategies import logs

import finmine
from finmine.analyses.queues import UNKNOWN, NoWindow, QueueLengths, queues
from finmine.card import Card
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Curve, Definition, Headline
from finmine.words import DAY, HOUR

PAID = Card(outcomes={"paid": ("pay",)})


def at(hours: float) -> datetime:
    """An instant so many hours after the origin of written logs."""
    return datetime.fromtimestamp((ORIGIN + hours * HOUR) / 1e6, tz=UTC)


def of(answer: QueueLengths, activity: str) -> Mapping[str, Any]:
    """The queue of one activity."""
    return next(record for record in answer.records() if record["activity"] == activity)


def test_littles_law_with_its_boundary_term() -> None:
    """Sojourns (−2, 3), (1, 4), (2, 9) and one open from 6 in the window [0, 8): the length 1.75 is 1.00 by the law and 0.75 at the boundary."""
    written = "c1: a@8h, pay@13h\nc2: a@11h, pay@14h\nc3: a@12h, pay@19h\nc4: a@16h"
    answer = queues(log(written, card=PAID), since=at(10), until=at(18))
    known, unknown = of(answer, "pay"), of(answer, UNKNOWN)
    assert (known["area"] + unknown["area"]) / (8 * HOUR) == 1.75
    assert known["little"] + unknown["little"] == 1.00
    assert known["boundary"] + unknown["boundary"] == 0.75
    assert (known["entries"], known["departures"], known["there"]) == (2, 2, 1)
    assert (unknown["entries"], unknown["departures"], unknown["there"]) == (1, 0, 1)
    assert (known["queue_peak"], known["peak_time"]) == (3, ORIGIN + 12 * HOUR)
    assert "Not known yet" in [block.term for block in answer.view().blocks if isinstance(block, Definition)]


@settings(max_examples=8)
@given(logs(cases=6), st.integers(-5, 100), st.integers(1, 80))
def test_the_length_is_exact(rows: list[Event], since: int, hours: int) -> None:
    """In any window: the length by brute force, the law and its boundary term exactly, and over the spans of the curve the same time in all."""
    answer = queues(log(rows), since=at(since), until=at(since + hours))
    window = (ORIGIN + since * HOUR, ORIGIN + (since + hours) * HOUR)
    areas: dict[str, int] = {}
    for units in ordered(rows).values():
        for before, after in pairwise(units):
            entered, left = before["timestamp"], after["timestamp"]
            if entered < window[1] and left >= window[0]:
                area = min(left, window[1]) - max(entered, window[0])
                areas[after["activity"]] = areas.get(after["activity"], 0) + area
    assert {record["activity"]: record["area"] for record in answer.records()} == areas
    for record in answer.records():
        assert record["area"] == record["sojourn_total"] + record["after"] - record["before"]
    for block in answer.view().blocks:
        if isinstance(block, Curve):
            totals = [sum(cell or 0 for cell in block.table.column(line) if isinstance(cell, float)) for line in block.lines]
            drawn = [record["queue_length"] for record in answer.records() if record["area"]][:6]
            assert len(block.table.rows) > 1 or totals == pytest.approx(drawn)


def test_spans_of_the_curve_are_means_of_the_length() -> None:
    """Six hours of two and twelve of one on the first day, six of one on the second: means of 1.0 and 0.25."""
    written = "c1: a@0h, b@18h\nc2: a@0h, b@6h\nc3: a@1d, b@1d 6h"
    answer = queues(log(written), since=at(0), until=at(48))
    curve = next(block for block in answer.view().blocks if isinstance(block, Curve))
    assert curve.table.columns[1].title == "b"
    assert curve.table.rows == ((ORIGIN, 1.0), (ORIGIN + DAY, 0.25))


def test_spans_are_named_by_the_calendar_where_clocks_change() -> None:
    """The weeks after the end of summer time begin on the same weekday as those before it."""
    text = "\n".join(f"c{day}: a@{day}d, pay@{day + 2}d" for day in range(250, 350, 2))
    answer = queues(log(text, card=Card(zone="Europe/Berlin")))
    curve = next(block for block in answer.view().blocks if isinstance(block, Curve))
    zone = ZoneInfo("Europe/Berlin")
    days = [datetime.fromtimestamp(int(str(at)) / 1e6, tz=zone) for at in curve.table.column("period")]
    assert len({day.weekday() for day in days}) == 1
    assert {day.hour for day in days} == {0}
    assert len(days) > 10


def test_with_starts_a_queue_waits() -> None:
    """Enabled by the completion before, a unit waits until it starts; work on it is no waiting, and first units are in no queue."""
    answer = queues(log("i1: submit@0h-1h, approve@5h-6h, pay@6h-8h\ni2: submit@0h-1h, approve@3h-9h"), since=at(0), until=at(10))
    assert {record["activity"]: (record["area"] // HOUR, record["queue_peak"]) for record in answer.records()} == {"approve": (6, 2), "pay": (0, 0)}
    assert of(answer, "approve")["sojourn"] == 3 * HOUR
    assert texts(answer, Headline)[0].startswith("On average 0.6 units wait for approve: 4.8 leave a day after 3 h")
    assert answer.kernels()


def test_without_starts_nothing_is_called_waiting() -> None:
    """Completions alone say what is on its way; the word waiting stands only where the answer says that it does not mean it."""
    answer = queues(log("i1: submit@0h, pay@1d 6h\ni2: submit@12h, pay@1d 20h"))
    assert "are on their way to pay" in texts(answer, Headline)[0]
    assert "nothing here is called waiting" in texts(answer, Caveat)[0]
    assert "wait" not in " ".join(texts(answer, Headline))
    assert not answer.kernels()


def test_a_growing_queue_is_not_steady() -> None:
    """Of 40 units that come one an hour only ten leave: the length is given, the queue is called not steady and is no headline."""
    lines = [f"c{case}: a@{case}h, {'pay@' + str(case + 2) + 'h' if case < 10 else 'b@90h, pay@91h'}" for case in range(40)]
    answer = queues(log("\n".join(lines), card=PAID), since=at(0), until=at(40))
    assert of(answer, "b")["steady"] is False
    assert of(answer, "pay")["steady"] is True
    assert "b" in next(text for text in texts(answer, Caveat) if text.startswith("Not steady"))
    assert not any("to b:" in text for text in texts(answer, Headline))


def test_groups_and_cases() -> None:
    """Queues by an attribute add up to those of all, and the cases behind one are those that stand in it in the window."""
    read = log("i1 {vendor=A}: a@0h, b@5h\ni2 {vendor=B}: a@0h, b@9h\ni3 {vendor=B}: a@30h, b@31h")
    whole, split = queues(read, since=at(0), until=at(20)), queues(read, since=at(0), until=at(20), by="vendor")
    assert [(record["group"], record["area"] // HOUR) for record in split.records()] == [("A", 5), ("B", 9)]
    assert sum(record["area"] for record in split.records()) == whole.records()[0]["area"]
    assert split.cases(1).rows.column("case") == ("i2",)
    assert set(whole.cases(0).rows.column("case")) == {"i1", "i2"}


def test_a_window_without_time_is_refused() -> None:
    """It ends before it begins, or at once."""
    read = log("i1: a@0h, b@5h")
    for until in (at(1), at(2)):
        with pytest.raises(NoWindow, match="has no time in it"):
            queues(read, since=at(2), until=until)


def test_an_empty_log_has_no_queues() -> None:
    """When filters keep no case nothing stands anywhere."""
    answer = queues(log("i1: a@0h, b@1h").keep_cases(finmine.has_no("a")))
    assert answer.records() == ()
    assert answer.to_text()


def test_a_log_of_one_instant_has_no_queue_worth_a_headline() -> None:
    """Where everything is done at once nothing stands anywhere, and nothing is said of it."""
    answer = queues(log("i1: a@0h, b@0h\ni2: a@0h, b@0h"))
    assert of(answer, "b")["queue_length"] == 0
    assert texts(answer, Headline) == []


def test_units_without_a_start_are_counted_where_others_have_one() -> None:
    """A queue that misses units says how many, and which share of the units before its activity; first units of cases wait in none."""
    written = log("c1: a@8h/ann, b@9h-10h/bob, c@13h/bob\nc2: a@8h/ann, b@10h/bob, c@12h/bob")
    (said,) = [told for told in texts(queues(written), Caveat) if "usable start" in told]
    assert (
        said == "3 units of 4 before these activities have no usable start and are in no queue, which is longer than told: c (100.0 %), b (50.0 %)."
    )
    complete = log("c1: a@8h/ann, b@9h-10h/bob")
    assert not [told for told in texts(queues(complete), Caveat) if "usable start" in told]


def test_dates_alone_are_no_queue() -> None:
    """Where stamps say no more than the day nobody can tell waiting from work, starts or not: what is told is work on its way."""
    answer = queues(log("c1: a@0h-24h/ann, b@48h-72h/bob"))
    assert not answer.found.waiting
    assert texts(answer, Caveat)[0].startswith("Stamps say no more than the day: what is on its way")


def test_the_planted_backlog_of_the_sample_is_seen() -> None:
    """In the sample approvals more stands before the check in the last months than in the first, which the curve shows."""
    answer = queues(finmine.read(SAMPLES / "approvals.xes.gz"))
    curve = next(block for block in answer.view().blocks if isinstance(block, Curve))
    assert curve.table.columns[1].title == "Check request"
    lengths = [float(str(cell)) for cell in curve.table.column("queue_1")]
    assert sum(lengths[-15:]) > 1.5 * sum(lengths[:15])
