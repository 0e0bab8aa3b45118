"""Variants: of which cases they are, in which order, and what they cover."""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers import SAMPLES, texts
from tests.brute_force import Kept, started, trace_of
from tests.brute_force import variants as in_order
from tests.strategies import logs

import finmine
from finmine.analyses.variants import variants
from finmine.calendar_fit import NoCalendar
from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.filters import parse_filter
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.relations.traces import trace_labels
from finmine.relations.waiting_causes import NoWaiting
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Curve, Table
from finmine.words import HOUR

HOURS = WorkingHours("office", ((Shift(9 * 60, 17 * 60),),) * 5 + ((),) * 2, zone="UTC")
CARD = Card(calendars={"office": HOURS}, calendar_of=CalendarOf("office"))
READ = "i1: a@0h, pay@1h\ni2: a@0h, pay@2h\ni3: a@0h"


def test_running_cases_are_counted_and_said() -> None:
    """A case that still runs has a variant of its own, the path so far; it is said how many these are, and the filter leaves them out."""
    read = log(READ, card=Card(outcomes={"paid": ("pay",)}))
    answer = variants(read)
    said = "1 case still runs, and is counted with the path so far, which may be the beginning of another: --keep-cases \"status = 'finished'\" leaves them out."
    assert said in texts(answer, Caveat)
    assert [record["cases"] for record in answer.records()] == [2, 1]
    finished = variants(read.keep_cases(parse_filter("status = 'finished'", keeps="cases")))
    assert [record["cases"] for record in finished.records()] == [2]
    assert not any("still run" in text for text in texts(finished, Caveat))
    assert not any("still run" in text for text in texts(variants(log(READ)), Caveat))


def test_cases_without_an_amount_are_counted_and_said() -> None:
    """A case whose amount nobody recorded is in no amount, and it is said of how many."""
    rows = [
        {"case": f"i{case}", "activity": step, "timestamp": place, "amount": "" if case == 2 else "10.00", "currency": "EUR"}
        for case in range(4)
        for place, step in enumerate(("a", "pay"))
    ]
    answer = variants(log(rows))
    assert "Of 1 case no amount is known; it is in no amount, and in all cases and times." in texts(answer, Caveat)


def test_an_empty_log_has_no_variants() -> None:
    """Where filters keep no case there is none to say anything of."""
    assert variants(log(READ).keep_cases(finmine.has_no("a"))).records() == ()


def test_what_has_ended_and_what_still_runs_is_all() -> None:
    """The two lines hold the cases, time and money of either, and each variant says how many of its cases still run."""
    rows = [
        {"case": case, "activity": step, "timestamp": ORIGIN + hour * HOUR, "amount": amount, "currency": "EUR"}
        for case, steps, amount in (("i1", "ap", "30"), ("i2", "ap", "-10"), ("i3", "ab", "20"), ("i4", "a", ""))
        for hour, step in enumerate(steps)
    ]
    answer = variants(log(rows, card=Card(outcomes={"paid": ("p",)})))
    assert [(record["trace"], record["running"]) for record in answer.records()] == [("a → p", 0), ("a → b", 1), ("a", 1)]
    (lines,) = (block for block in answer.view().blocks if isinstance(block, Table) and block.title.startswith("Cases that have ended"))
    assert [column.name for column in lines.columns][4:] == ["total", "time_share", "value", "value_share"]
    assert lines.rows == (("finished", 1, 2, 0.5, 2 * HOUR, 2 / 3, Decimal(20), 2 / 3), ("running", 2, 2, 0.5, HOUR, 1 / 3, Decimal(20), 1 / 3))
    assert "2 cases still run" in answer.to_json()


@settings(deadline=None, max_examples=25)
@given(logs(cases=10, length=3), st.booleans())
def test_coverage_is_that_of_brute_force(rows: list[Event], ends: bool) -> None:
    """Each variant holds its cases and time, those with most cases first, and coverage adds them up to one."""
    read = log(rows, card=Card(outcomes={"ended": (str(rows[0]["activity"]),)} if ends else {}))
    answer, kept = variants(read), Kept(rows)
    records, spelled = answer.records(), trace_labels(answer.spelled)
    assert [record["cases"] for record in records] == [number for _, number in in_order(kept)]
    times = {case: events[-1]["timestamp"] - started(events) for case, events in kept.cases.items()}
    for record in records:
        these = [case for case, events in kept.cases.items() if trace_of(events) == spelled[record["representative"]]]
        trace = trace_of(kept.cases[these[0]])
        assert (record["cases"], record["total"], record["length"]) == (len(these), sum(times[case] for case in these), len(trace))
        running = [case for case in these if ends and trace[-1] != rows[0]["activity"]]
        assert record["running"] == len(running)
    for share, coverage in (("cases_share", "cases_coverage"), ("time_share", "time_coverage"), ("value_share", "value_coverage")):
        if records[-1][coverage] is not None:
            covered = [record[coverage] for record in records]
            assert covered == sorted(covered)
            assert covered == pytest.approx(list(accumulate(record[share] or 0 for record in records)))
            assert covered[-1] == 1


def test_variants_cover_the_waiting_of_bottlenecks() -> None:
    """What the units of all variants waited in opening hours is what bottlenecks rank by; coverage and the lines of status add up to it."""
    read = finmine.read(SAMPLES / "disputes.xlsx")
    answer = variants(read, waiting=True)
    waits = finmine.bottlenecks(read, rank_by="waiting", clock="working", draws=0).records()
    whole = sum(record["open_waiting"] for record in waits)
    assert whole > 0
    assert sum(record["open_waiting"] or 0 for record in answer.records()) == whole
    assert answer.records()[-1]["waiting_coverage"] == 1
    assert sum(record["waiting_share"] or 0 for record in answer.records()) == pytest.approx(1)
    (curve,) = (block for block in answer.view().blocks if isinstance(block, Curve))
    assert curve.lines == ("cases_coverage", "time_coverage", "waiting_coverage")
    (lines,) = (block for block in answer.view().blocks if isinstance(block, Table) and block.title.startswith("Cases that have ended"))
    assert sum(lines.column("open_waiting")) == whole  # type: ignore[arg-type]
    assert any("the waiting is not known and in no number" in said for said in texts(answer, Caveat))
    by_type = variants(read, waiting=True, by="status").records()
    assert sum(record["open_waiting"] or 0 for record in by_type) == whole


def test_waiting_by_hand() -> None:
    """From nine to five: one case waits an hour in the morning and another two that lie around a night; what nobody began has no wait."""
    text = """
        one: a@9h-10h/ann, b@11h-12h/ann
        two: a@15h-16h/ann, b@1d 10h-1d 11h/ann
        three: a@12h-13h/ann
    """
    answer = variants(log(text, card=CARD), waiting=True)
    assert [(record["trace"], record["open_waiting"]) for record in answer.records()] == [("a → b", 3 * HOUR), ("a", 0)]
    assert [record["waiting_coverage"] for record in answer.records()] == [1, 1]
    with pytest.raises(NoCalendar):
        variants(log(text), waiting=True)
    with pytest.raises(NoWaiting):
        variants(log(READ, card=CARD), waiting=True)


@pytest.mark.parametrize("name", ["approvals.xes.gz", "disputes.xlsx"])
def test_the_filter_numbers_variants_as_the_question_does(name: str) -> None:
    """Each of the first forty ranks, most of which have as many cases as others, keeps the cases of that row."""
    read = finmine.read(SAMPLES / name)
    for record in variants(read, most=40).records():
        kept = variants(read.keep_cases(finmine.variants_ranked(record["variant"]))).records()
        assert [(one["trace"], one["cases"]) for one in kept] == [(record["trace"], record["cases"])]
