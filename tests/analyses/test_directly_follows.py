"""The process map in working time: held by the calendar's own arrays, by pm4py's business hours, and by what it adds up to."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers import SAMPLES, texts
from tests.brute_force import ordered
from tests.strategies import logs

import finmine
from finmine.calendar_fit import NoCalendar
from finmine.card import AmountRule, Card, Rate
from finmine.card_calendars import CalendarOf
from finmine.card_money import MoneyOfTime
from finmine.finance.labour import LabourRate
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.relations.calendars import calendars
from finmine.relations.money_of_units import NothingPrices, SeveralCurrencies, money_in_one_currency
from finmine.relations.payments import LATE, LOST, OVERDUE
from finmine.relations.waiting_causes import CAUSES, NoWaiting, waiting_parts
from finmine.render.overlays import Overlay
from finmine.testing import Event, log
from finmine.view import Caveat, Facts, Headline, Map, WorkingTime
from finmine.words import DAY, HOUR

OFFICE = WorkingHours("office", (*(((Shift(540, 1020),),) * 5), (), ()))
CARD = Card(calendars={"office": OFFICE}, calendar_of=CalendarOf("office"))
OVERLAYS: tuple[Overlay, ...] = ("rework", "waiting", "money")
SIDE_BY_SIDE = "\n".join(
    f"s{place}: a@0h-1h/ann, {first}@1h-2h/bob, {second}@1h-3h/cid, d@3h-4h/eve" for place, (first, second) in enumerate((("b", "c"), ("c", "b")) * 4)
)


def test_more_is_laid_on_a_map_that_was_found() -> None:
    """Steps back, waiting and the cost of time are those of the overlays by themselves, path by path."""
    priced = replace(
        CARD, money=MoneyOfTime(labour=(LabourRate("resource", "bob", Decimal(10), "EUR"), LabourRate("resource", "ann", Decimal(3), "EUR")))
    )
    written = log("a: x@9h-10h/ann, y@12h-13h/bob, x@15h-16h/ann, z@20h-21h/bob\nb: x@9h-11h/ann, y@13h-14h/bob, z@15h/bob", card=priced)
    plain, hours = finmine.directly_follows(written), calendars(written)
    more = plain.overlaid(waiting_parts(written, hours), money_in_one_currency(written, hours))
    both = more.map().edges
    alone = {overlay: finmine.directly_follows(written, overlay=overlay).map().edges for overlay in OVERLAYS}
    assert [edge.back for edge in both] == [edge.back for edge in alone["rework"]]
    assert [edge.waits for edge in both] == [edge.waits for edge in alone["waiting"]]
    assert any(edge.waits for edge in both)
    assert [edge.cost for edge in both] == [edge.cost for edge in alone["money"]]
    assert {edge.cost for edge in both} == {Decimal("20.00"), Decimal("3.00"), Decimal("0.00")}  # the last in no opening hours
    assert set(texts(more, Caveat)) >= set(texts(finmine.directly_follows(written, overlay="money"), Caveat))
    without = plain.overlaid(None, None)
    assert [(edge.waits, edge.cost) for edge in without.map().edges] == [(None, None)] * len(both)
    assert not {"waiting by path", "cost by path"} & set(without.answers())


def test_gaps_are_told_in_working_time() -> None:
    """From Thursday afternoon to Friday morning are twenty minutes of work, over the weekend four working days are 32 hours."""
    written = log("a: x@3d 16h 50m, y@4d 9h 10m\nb: y@4d 9h, z@9d 17h", card=CARD)
    edges = {(edge["source_activity"], edge["target_activity"]): edge for edge in finmine.directly_follows(written, clock="working").records()}
    assert edges["x", "y"]["working_median"] == 20 * 60 * 1_000_000
    assert edges["y", "z"]["working_total"] == 32 * HOUR
    assert edges["y", "z"]["working_total"].day == 8 * HOUR
    answer = finmine.directly_follows(written, clock="working")
    assert "4.0 working days" in answer.to_text()
    assert isinstance(next(block for block in answer.view().blocks if isinstance(block, Map)).edges[0].median, WorkingTime)
    assert any(isinstance(block, Facts) and block.title == "Calendar fit" for block in answer.view().blocks)


@settings(max_examples=6)
@given(logs(length=8))
def test_steps_back_are_those_of_brute_force(rows: list[Event]) -> None:
    """Where rework is asked for, each edge tells how many of its steps lead to what occurred before in the case."""
    expected: Counter[tuple[str, str]] = Counter()
    for events in ordered(rows).values():
        trace = [event["activity"] for event in events]
        expected.update((trace[place - 1], trace[place]) for place in range(1, len(trace)) if trace[place] in trace[:place])
    answer = finmine.directly_follows(log(rows), overlay="rework")
    found = {(row["source_activity"], row["target_activity"]): row["back_steps"] for row in answer.records()}
    assert +Counter(found) == expected
    assert sum(edge.back or 0 for edge in answer.map().edges) == expected.total()
    said = [text for text in texts(answer, Headline) if "back to what was done before" in text]
    assert said == [] if not expected else said[0].startswith(f"{expected.total():,} of ")


@settings(max_examples=4)
@given(logs(starts=True))
def test_the_waiting_of_paths_is_that_of_the_units_they_lead_to(rows: list[Event]) -> None:
    """Cause by cause, what the paths to an activity waited adds up to the waiting of its units; nothing is waited for twice."""
    written = log(rows, card=CARD)
    if not written.facts.has_start:
        return
    expected: Counter[tuple[str, str]] = Counter()
    for row in finmine.waiting_causes(written).records():
        expected.update({(row["activity"], cause): row[cause] for cause in CAUSES})
    found: Counter[tuple[str, str]] = Counter()
    answer = finmine.directly_follows(written, overlay="waiting")
    for row in answer.records():
        found.update({(row["target_activity"], cause): int(time) for cause, time in row["waits"]})
        assert [time for _, time in row["waits"]] == sorted((time for _, time in row["waits"]), reverse=True)
    assert +found == +expected
    assert sum(edge.waiting for edge in answer.map().edges) == expected.total()


def test_waiting_lies_on_the_step_to_the_unit_that_waited() -> None:
    """A unit enabled by an earlier one than the one before it waits on the step from the one before it; the share of the main cause is told."""
    written = log(f"{SIDE_BY_SIDE}\nz: a@0h-1h/ann, b@1h-2h/bob, c@1h-3h/cid, d@9h-10h/zoe")
    answer = finmine.directly_follows(written, overlay="waiting")
    waits = {(edge["source_activity"], edge["target_activity"]): edge for edge in answer.records()}
    assert "Waiting: paths show how long" in answer.to_html()
    assert waits["c", "d"]["main_cause"] == "unknown"
    assert waits["c", "d"]["main_cause_share"] == 1
    assert waits["b", "c"]["waiting"] == 0  # c was enabled by a, side by side with b
    assert any("No calendar is declared" in text for text in texts(answer, Caveat))


def test_the_cost_of_time_is_on_the_paths_or_said_to_be_on_none() -> None:
    """Labour is on the path to its unit, that of first units on none; what Ann does at once is paid once; all adds up to the money of time."""
    rates = (LabourRate("default", None, Decimal(10), "EUR"),)
    written = log("a: x@0h-1h/ann, y@2h-5h/ann, z@5h-6h/bob\nb: x@0h-2h/ann, y@3h-4h/ann", card=Card(money=MoneyOfTime(labour=rates)))
    answer = finmine.directly_follows(written, overlay="money")
    assert {(edge["source_activity"], edge["target_activity"]): edge["time_cost"] for edge in answer.records()} == {
        ("x", "y"): Decimal("30.00"),
        ("y", "z"): Decimal("10.00"),
    }
    assert answer.map().currency == "EUR"
    assert "75.0 % of what time on paths costs lies on the path x → y: 30.00 EUR." in texts(answer, Headline)
    assert "20.00 EUR of 60.00 EUR are on no path: they fall on the first units of cases, or on the time after the last." in texts(answer, Caveat)
    (labour,) = finmine.money_of_time(written).records()
    assert labour["money"] == Decimal("60.00")


def test_costs_of_invoices_are_those_of_the_money_of_time() -> None:
    """In one currency, all lost discounts, costs of lateness and labour are on the paths, but for what is said to be on none."""
    written = finmine.read(SAMPLES / "invoices.csv").keep_cases(finmine.attribute_is("currency", "EUR"))
    answer = finmine.directly_follows(written, overlay="money")
    lines = finmine.money_of_time(written).records()
    lost = [line for line in lines if line["measure"] in (*LOST, LATE, OVERDUE)]
    (labour,) = (line["money"] for line in lines if line["part"] == "labour")
    assert answer.costs is not None
    assert (answer.costs.records()[0]["cost"] - sum(line["money"] for line in lost)).quantize(Decimal("0.01")) == labour
    assert any(text.startswith("Capital of payables is a benefit") for text in texts(answer, Caveat))


def test_overlays_that_nothing_is_known_of_are_refused() -> None:
    """Waiting needs starts, money needs rates or terms and one currency; each refusal says what to declare."""
    completions = log("a: x@0h, y@1h")
    with pytest.raises(NoWaiting, match="--start COLUMN"):
        finmine.directly_follows(completions, overlay="waiting")
    with pytest.raises(NothingPrices, match=r"\[\[labour\]\] rate"):
        finmine.directly_follows(completions, overlay="money")
    rates = (LabourRate("resource", "ann", Decimal(10), "EUR"), LabourRate("default", None, Decimal(10), "USD"))
    several = log("a: x@0h-1h/ann, y@2h-5h/bob", card=Card(money=MoneyOfTime(labour=rates)))
    with pytest.raises(SeveralCurrencies, match="EUR and USD") as refused:
        finmine.directly_follows(several, overlay="money")
    assert finmine.parse_filter(str(refused.value).split('--keep-cases "')[1].split('"')[0]) == finmine.attribute_is("currency", "EUR")
    exchanged = replace(several.card, amount=AmountRule("case", reporting="EUR"), rates=(Rate("USD", date(2020, 1, 1), Decimal("0.5")),))
    answer = finmine.directly_follows(log("a: x@0h-1h/ann, y@2h-5h/bob", card=exchanged), overlay="money")
    assert answer.records()[0]["time_cost"] == Decimal("15.00")


def test_without_a_calendar_working_time_is_refused() -> None:
    """Where no calendar can apply to cases, working time is refused with what to declare, also where one is declared for people only."""
    with pytest.raises(NoCalendar, match=r"\[calendars.office\]"):
        finmine.directly_follows(log("a: x@0h, y@1h"), clock="working")
    card = Card(calendars={"office": OFFICE}, calendar_of=CalendarOf(None, {"resource": {"ann": "office"}}))
    with pytest.raises(NoCalendar, match=r'None on the card is given to cases. Name one for them: \[calendar_of\] default = "office"'):
        finmine.directly_follows(log("a: x@0h/ann, y@1h/ann", card=card), clock="working")


def test_cases_without_a_calendar_are_counted() -> None:
    """A step whose case has no calendar has no working time; it is counted as a step, said to be unknown, and in no mean."""
    card = Card(calendars={"office": OFFICE}, calendar_of=CalendarOf(None, {"company": {"1": "office"}}))
    written = log("a {company=1}: x@9h, y@11h\nb {company=2}: x@9h, y@15h", card=card)
    answer = finmine.directly_follows(written, clock="working")
    (edge,) = answer.records()
    assert (edge["steps"], edge["unknown"], edge["working_mean"], edge["working_total"]) == (2, 1, 2 * HOUR, 2 * HOUR)
    assert any(text.startswith("The working time of 1 step is not known") for text in texts(answer, Caveat))
    assert answer.to_svg()


def test_calendars_with_different_days_are_told_in_hours() -> None:
    """Where companies have working days of different length, no sum is told in days."""
    short = WorkingHours("short", (*(((Shift(540, 780),),) * 5), (), ()))
    card = Card(calendars={"office": OFFICE, "short": short}, calendar_of=CalendarOf("office", {"company": {"2": "short"}}))
    written = log("a {company=1}: x@9h, y@4d 17h\nb {company=2}: x@9h, y@4d 17h", card=card)
    answer = finmine.directly_follows(written, clock="working")
    assert answer.records()[0]["working_total"] == 60 * HOUR
    assert "60 working hours" in answer.to_text()
    assert "working days" not in answer.to_text()


@settings(max_examples=10)
@given(logs(), st.sampled_from(["UTC", "America/New_York"]))
def test_the_times_of_edges_are_those_of_the_arrays(rows: list[Event], zone: str) -> None:
    """For each edge the number, the sum and the median of the working times of its steps are those reckoned from the calendar's arrays."""
    written = log(rows, card=Card(zone=zone, calendars={"office": OFFICE}, calendar_of=CalendarOf("office")))
    calendar = calendars(written).calendars[0]
    steps: dict[Any, list[tuple[int, int]]] = defaultdict(list)
    for case in {str(event["case"]) for event in rows}:
        trace = finmine.case(written, case).records()
        for one, other in pairwise(trace):
            steps[one["activity"], other["activity"]].append((one["time"], other["time"]))
    found = finmine.directly_follows(written, clock="working").records()
    assert {(edge["source_activity"], edge["target_activity"]) for edge in found} == set(steps)
    for edge in found:
        spans = np.array(steps[edge["source_activity"], edge["target_activity"]])
        worked = calendar.worked(spans[:, 0], spans[:, 1])
        assert (edge["steps"], edge["working_total"]) == (len(worked), worked.sum())
        assert abs(edge["working_median"] - np.median(worked)) <= 0.5


def test_open_all_day_and_night_it_is_the_elapsed_time() -> None:
    """With a calendar that never closes, working and elapsed times are the same for every edge of a real process."""
    written = finmine.read(SAMPLES / "approvals.xes.gz", card=None)
    always = Card(
        roles=written.card.roles, calendars={"a": WorkingHours("a", ((Shift(0, 1440),),) * 7)}, calendar_of=CalendarOf("a"), zone="Europe/Berlin"
    )
    written = finmine.read(SAMPLES / "approvals.xes.gz", card=always)
    elapsed = [
        (edge["source"], edge["target"], edge["mean"], edge["median"], edge["p90"], edge["total"])
        for edge in finmine.directly_follows(written).records()
    ]
    names = ("source", "target", "working_mean", "working_median", "working_p90", "working_total")
    assert [tuple(edge[name] for name in names) for edge in finmine.directly_follows(written, clock="working").records()] == elapsed


def test_business_hours_of_pm4py_are_the_same() -> None:
    """The mean working times of all edges of the sample invoices are those of pm4py's business hours, where both have the same shifts, no holidays and UTC."""
    import pm4py

    nine = WorkingHours("nine", (*(((Shift(540, 1020),),) * 5), (), ()), zone="UTC")
    read = finmine.read(SAMPLES / "reconciliations.parquet")
    card = Card(roles=read.card.roles, calendars={"nine": nine}, calendar_of=CalendarOf("nine"), zone="UTC")
    written = finmine.read(SAMPLES / "reconciliations.parquet", card=card)
    frame = written.to_pm4py()
    frame["time:timestamp"] = pd.to_datetime(frame["time:timestamp"], utc=True)
    slots = [(day * DAY // 10**6 + 9 * 3600, day * DAY // 10**6 + 17 * 3600) for day in range(5)]
    theirs, _, _ = pm4py.discover_performance_dfg(frame, business_hours=True, business_hour_slots=slots)
    ours = {
        (edge["source_activity"], edge["target_activity"]): edge["working_mean"] / 10**6
        for edge in finmine.directly_follows(written, clock="working").records()
    }
    assert ours.keys() == theirs.keys()
    for edge, seconds in ours.items():
        assert theirs[edge]["mean"] == pytest.approx(seconds, abs=1e-3)
