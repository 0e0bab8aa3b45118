"""What is said beside times that rest on doubtful units."""

from __future__ import annotations

import pytest
from tests.answers import texts

import finmine
from finmine.testing import ORIGIN, events, log
from finmine.view import Caveat
from finmine.words import DAY

PLAIN = "a: x@0h-1h/ann, y@2h-3h/ann\nb: x@1h-2h/bob, y@4h-5h/ann"


@pytest.mark.parametrize("question", [finmine.times, finmine.queues, finmine.waiting_causes])
def test_wrong_dates_and_repeated_units_stand_beside_times(question: type[finmine.times]) -> None:
    """A stamp decades away and a row that stands twice are counted in a caveat; a clean log has neither."""
    stray = {"case": "c", "activity": "x", "timestamp": ORIGIN - 25_000 * DAY, "start": ORIGIN - 25_000 * DAY, "resource": "ann"}
    twice = {"case": "a", "activity": "y", "timestamp": ORIGIN + 3 * DAY, "start": ORIGIN + 2 * DAY, "resource": "ann"}
    said = texts(question(log([*events(PLAIN), stray, twice, twice])), Caveat)
    assert any(text.startswith("1 instance of 7 is dated far outside the years of the log") for text in said)
    assert any(text.startswith("1 instance agrees with another in case, activity, resource and stamps") for text in said)
    assert not any("dated far" in text or "agrees" in text for text in texts(question(log(PLAIN)), Caveat))


@pytest.mark.parametrize("question", [finmine.throughput_time, finmine.handovers, finmine.loops, finmine.what_if, finmine.enabling_path])
def test_wrong_dates_are_told_before_what_rests_on_them(question: type[finmine.throughput_time]) -> None:
    """The caveat stands before the first headline and names a filter that leaves the case out; a clean log has none."""
    stray = [{"case": "c", "activity": name, "timestamp": at, "resource": "ann"} for name, at in (("x", ORIGIN - 45_000 * DAY), ("y", ORIGIN))]
    blocks = question(log([*events("a: x@0h/ann, y@1h/bob\nb: x@0h/ann, y@2h/bob"), *stray])).view().blocks
    assert isinstance(blocks[1], Caveat)
    assert "leaves this case out" in blocks[1].text
    assert not any("dated far" in text for text in texts(question(log("a: x@0h/ann, y@1h/bob")), Caveat))


def test_days_tell_no_hours() -> None:
    """Where stamps say no more than the day, no hour is to be believed, and the answer says so."""
    dated = log("a: x@0d-1d/ann, y@2d-4d/ann\nb: x@0d-1d/bob, y@3d-5d/ann")
    assert any("right to a day at best" in text for text in texts(finmine.times(dated), Caveat))
    assert any("right to a day at best" in text for text in texts(finmine.queues(dated), Caveat))
