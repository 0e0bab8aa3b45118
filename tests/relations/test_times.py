"""Times of units and cases: brute force for what overlaps, laws for what adds up, working time by hand."""

from __future__ import annotations

from hypothesis import given, settings
from tests.strategies import logs

from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.card_concurrency import Concurrency
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.log import EventLog
from finmine.relations.calendars import calendars
from finmine.relations.enabled import enabled, enabled_units
from finmine.relations.estimated_starts import estimated_units
from finmine.relations.times import case_times, unit_times
from finmine.testing import Event, log
from finmine.words import HOUR

OFFICE = WorkingHours("office", ((Shift(540, 1020),),) * 7)
DAYS = Card(calendars={"office": OFFICE}, calendar_of=CalendarOf("office"))
BESIDE = Card(calendars={"office": OFFICE}, calendar_of=CalendarOf("office"), concurrency=Concurrency(pairs=(("b", "c"),)))


def covered(spans: list[tuple[int, int]]) -> int:
    """How much time at least one of the spans covers."""
    total, reached = 0, min((since for since, _ in spans), default=0)
    for since, until in sorted(spans):
        total += max(0, until - max(since, reached))
        reached = max(reached, until)
    return total


@settings(max_examples=12)
@given(logs(starts=True))
def test_overlapping_spans_of_a_case_count_once(rows: list[Event]) -> None:
    """Processing, waiting and start lag of a case are the time that its units cover; processing and idle add up to throughput; idle is never negative."""
    written = log(rows)
    found = enabled(written)
    units: dict[object, list[tuple[int, int | None, int, bool]]] = {}
    for case, since, began, time, first in written.fetch(enabled_units(written, found).select("case", "enabled", "began", "time", "first")).tuples():
        units.setdefault(case, []).append((int(str(since)), None if began is None else int(str(began)), int(str(time)), bool(first)))
    names = ("case", "throughput", "processing", "waiting", "start_lag", "idle", "unknown_starts")
    for case, throughput, *times, unknown in written.fetch(case_times(written, found).select(*names)).tuples():
        known = [(since, began, time, first) for since, began, time, first in units[case] if began is not None]
        assert unknown == len(units[case]) - len(known)
        if unknown:
            assert times == [None] * 4
            continue
        processing = covered([(began, time) for _, began, time, _ in known])
        waiting, lag = (covered([(since, began) for since, began, _, first in known if first is one]) for one in (False, True))
        assert times == [processing, waiting, lag, int(str(throughput)) - processing]
        assert int(str(throughput)) >= processing


def hours_of(written: EventLog, name: str) -> list[float | None]:
    """The working hours of a time of the cases."""
    these = case_times(written, enabled(written), calendars(written))
    return [None if time is None else int(str(time)) / HOUR for time in written.fetch(these.order_by("case").select(name)).column(name)]


def test_times_of_cases_in_working_time() -> None:
    """From nine to five: b works overnight for four hours of the calendar beside c, nothing is in work for two, and d waits for three in all."""
    written = log("one: a@9h-10h, b@11h-34h, c@12h-15h, d@37h-38h\ntwo: a@9h-10h, d@10h-11h", card=BESIDE)
    assert hours_of(written, "throughput") == [13, 2]
    assert hours_of(written, "processing") == [9, 2]
    assert hours_of(written, "idle") == [4, 0]
    assert hours_of(written, "waiting") == [5, 0]


def test_times_of_units_in_working_time() -> None:
    """What lies outside the calendar does not count; a gap runs from completion to completion, and the first unit has none."""
    written = log("one: a@9h-10h, b@11h-34h, d@37h-38h", card=DAYS)
    these = unit_times(written, enabled_units(written, enabled(written)), calendars(written)).order_by("position")
    rows = written.fetch(these.select("processing", "waiting", "start_lag", "gap")).tuples()
    assert [[None if time is None else int(str(time)) / HOUR for time in row] for row in rows] == [
        [1, None, 0, None],
        [7, 1, None, 8],
        [1, 3, None, 4],
    ]


def test_a_start_is_estimated_from_enabling_and_from_other_work() -> None:
    """The later of both counts; nobody knows of a unit without a resource, of a first one, or of a resource not seen before."""
    written = log("one: a@1h-2h/ann, b@8h/bob, c@9h, d@10h/new, e@12h/bob\ntwo: a@1h/bob, x@5h-6h/bob")
    these = estimated_units(written, enabled(written)).order_by("case", "position")
    rows = written.fetch(these.select("estimated", "began", "waiting", "enabled")).tuples()
    assert [row[0] for row in rows] == [False, True, False, False, True, False, False]
    told = [[(int(str(time)) - int(str(rows[1][3]))) / HOUR for time in row[1:2]] + [int(str(row[2])) / HOUR] for row in rows if row[0]]
    assert told == [[4, 4], [8, 0]]
