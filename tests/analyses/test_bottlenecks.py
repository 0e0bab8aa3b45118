"""Bottlenecks: a ledger of time that adds up, and what it says in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from tests.answers import SAMPLES, planted, texts
from tests.brute_force import ordered, started
from tests.strategies import logs

import finmine
from finmine.analyses.bottlenecks import Bottlenecks, bottlenecks
from finmine.calendar_fit import NoCalendar
from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.card_money import MoneyOfTime
from finmine.errors import OutOfRange
from finmine.finance.labour import LabourRate
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.graphs.flow import END, START
from finmine.ranked_by import NoClockOfMoney
from finmine.relations.charged_pairs import CASE_START
from finmine.relations.money_of_units import NothingPrices
from finmine.relations.ranking import OneCluster
from finmine.relations.waiting_causes import NoWaiting
from finmine.testing import ORIGIN, Event, events, log
from finmine.view import Caveat, Headline, Prose, Table
from finmine.words import DAY, HOUR


def edge(answer: Bottlenecks, source: str, target: str, group: str | None = None) -> Mapping[str, Any]:
    """One row of the ledger."""
    wanted = (source, target, group)
    return next(row for row in answer.records() if (row["source_activity"], row["target_activity"], row.get("group")) == wanted)


def test_edges_have_their_share_of_all_time() -> None:
    """Of four days two and a half lie between approve and pay: ranked first, with its steps, cases, mean, median and 90th percentile."""
    answer = bottlenecks(log("i1: submit@0h, approve@12h, pay@1d 12h\ni2: submit@0h, approve@1d, pay@2d 12h"))
    first = answer.records()[0]
    assert (first["source_activity"], first["target_activity"], first["steps"], first["cases"]) == ("approve", "pay", 2, 2)
    assert first["contribution"] == 2 * DAY + 12 * HOUR
    assert first["time_share"] == 0.625
    assert first["contribution_mean"] == DAY + 6 * HOUR
    assert (first["median"], first["p90"]) == (DAY + 6 * HOUR, DAY + 10 * HOUR + 48 * HOUR // 60)


def test_the_headline_says_where_the_time_lies_and_calls_nothing_waiting() -> None:
    """Share, activities, steps, cases and median, in plain words."""
    answer = bottlenecks(log("i1: submit@0h, pay@1d\ni2: submit@0h, pay@3d"))
    assert texts(answer, Headline) == [
        "100.0 % of all throughput time lies between submit and pay: 2 steps in 2 cases, half of them take 2 d or more."
    ]
    assert "wait" not in " ".join(texts(answer, Headline))


def test_starts_make_an_edge_from_the_start_of_the_case() -> None:
    """With start stamps the time until the first completion is in the ledger; without, there is no such row."""
    answer = bottlenecks(log("i1: submit@0h-6h, pay@8h"))
    assert [row["source_activity"] for row in answer.records()] == [CASE_START, "submit"]
    assert texts(answer, Headline)[0].startswith("75.0 % of all throughput time passes from the start of the case until submit is completed")
    assert [row["source_activity"] for row in bottlenecks(log("i1: submit@6h, pay@8h")).records()] == ["submit"]


@settings(max_examples=5)
@given(logs(cases=8, starts=True))
def test_the_ledger_adds_up(rows: list[Event]) -> None:
    """Contributions sum to the throughput of all cases exactly, shares to one, and for each group to the time of its cases."""
    cases = ordered(rows)
    time = {case: units[-1]["timestamp"] - started(units) for case, units in cases.items()}
    read = log(rows)
    whole = bottlenecks(read)
    assert sum(row["contribution"] for row in whole.rows.records()) == sum(time.values())
    assert sum(Fraction(row["time_share"]) for row in whole.records() if row["time_share"]) == pytest.approx(1 if any(time.values()) else 0)
    split = bottlenecks(read, by="vendor")
    vendors = {case: next((event["vendor"] for event in units if event["vendor"]), "(not recorded)") for case, units in cases.items()}
    for group in set(vendors.values()):
        parts = [row["contribution"] for row in split.rows.records() if row["group"] == group]
        assert sum(parts) == sum(time[case] for case, vendor in vendors.items() if vendor == group)
    for row in whole.rows.records():
        same = [part for part in split.rows.records() if (part["source"], part["target"]) == (row["source"], row["target"])]
        for measure in ("steps", "cases", "contribution"):
            assert sum(part[measure] for part in same) == row[measure]


@settings(max_examples=5)
@given(logs())
def test_the_graph_holds_the_flow(rows: list[Event]) -> None:
    """Its edges have all the time; as many steps leave the start and come to the end as there are cases or more, where several begin at once."""
    read = log(rows)
    graph = bottlenecks(read).graph()
    cases = ordered(rows)
    assert sum(time for _, _, time in graph.edges(data="time")) == sum(units[-1]["timestamp"] - started(units) for units in cases.values())
    assert sum(steps for _, _, steps in graph.in_edges(END, data="steps")) == len(cases)
    assert sum(steps for _, _, steps in graph.out_edges(START, data="steps")) >= len(cases)
    assert set(graph) - {START, END} == set(range(len(read.activity_names())))


def test_cases_behind_an_edge() -> None:
    """The cases with time between two activities, in one group too, and those with time before their first completion."""
    read = log("i1 {vendor=A}: a@0h, b@1h, c@2h\ni2 {vendor=B}: a@0h, b@1h\ni3 {vendor=B}: a@0h-1h, c@2h")
    answer, split = bottlenecks(read), bottlenecks(read, by="vendor")
    behind = {(row["source_activity"], row["target_activity"]): set(answer.cases(row).rows.column("case")) for row in answer.records()}
    assert behind == {("a", "b"): {"i1", "i2"}, ("b", "c"): {"i1"}, ("a", "c"): {"i3"}, (CASE_START, "a"): {"i1", "i2", "i3"}}
    assert split.cases(edge(split, "a", "b", "B")).rows.column("case") == ("i2",)


def test_running_cases_are_said() -> None:
    """The time of running cases after their last unit is in no number, and the answer says how much it is."""
    card = Card(outcomes={"paid": ("pay",)})
    answer = bottlenecks(log("i1: submit@0h, pay@5d\ni2: submit@1d, approve@2d", card=card))
    assert sum(row["contribution"] for row in answer.records()) == 6 * DAY
    assert texts(answer, Caveat) == [
        "1 running case is in all throughput time only up to its last unit; the 3 d from there to the log's last event are in no number here."
    ]
    assert "nobody can say which cases still run" in texts(bottlenecks(log("i1: submit@0h, pay@5d")), Caveat)[0]


def test_time_of_a_few_cases_is_a_caveat_and_no_headline() -> None:
    """One case of 151 with a date four years off holds most of the time: that tells of the date, not of the process."""
    text = "\n".join(f"i{case}: a@0h, b@1h" for case in range(150))
    stray = [{"case": "stray", "activity": "x", "timestamp": ORIGIN - 1_460 * DAY}, {"case": "stray", "activity": "a", "timestamp": ORIGIN}]
    answer = bottlenecks(log([*events(text), *stray]))
    assert texts(answer, Headline) == []
    assert "lies between x and a, in only 1 case of 151. Wrong dates may be the cause" in texts(answer, Caveat)[0]


def test_an_empty_log_answers_with_nothing() -> None:
    """When filters keep no case there is no edge and no headline."""
    answer = bottlenecks(log("i1: a@0h, b@1h").keep_cases(finmine.has_no("a")))
    assert answer.records() == ()
    assert texts(answer, Headline) == []


def test_half_of_the_time_and_what_every_case_passes_are_said() -> None:
    """The number of pairs that hold half of the time, and the activities on every path."""
    answer = bottlenecks(log("i1: submit@0h, check@1h, pay@9h\ni2: submit@0h, pay@1h"))
    said = "Half of all throughput time lies on 1 of 3 pairs of activities that follow one another. Every case passes submit, then pay."
    assert said in texts(answer, Prose)


HOURS = WorkingHours("office", ((Shift(9 * 60, 17 * 60),),) * 5 + ((),) * 2, zone="UTC")
OFFICE = Card(calendars={"office": HOURS}, calendar_of=CalendarOf(default="office"))


def test_the_working_clock_counts_only_hours_that_are_open() -> None:
    """From Monday noon to Tuesday 10:00 are 6 working hours (5 and 1); shares are of working time, and mean and ranks are told."""
    answer = bottlenecks(log("i1: a@9h-12h, b@1d 10h, c@1d 12h", card=OFFICE), clock="working")
    assert [row["contribution"] for row in answer.records()] == [6 * HOUR, 3 * HOUR, 2 * HOUR]
    assert [row["time_share"] for row in answer.records()] == [6 / 11, 3 / 11, 2 / 11]
    assert [(row["rank_low"], row["rank_high"]) for row in answer.records()] == [(1, 1), (2, 2), (3, 3)]
    assert "working time" in texts(answer, Headline)[0]
    with pytest.raises(NoCalendar):
        bottlenecks(log("i1: a@0h, b@1d"), clock="working")


def test_the_working_ledger_adds_up() -> None:
    """Contributions sum to the working throughput time of all cases, also where units are completed at once; steps are those of elapsed time."""
    tied = log("i1: a@9h, b@15h, c@15h, a@1d 9h 30m\ni2: a@10h-11h, b@11h, c@6d, b@7d 10h", card=OFFICE)
    for read in (tied, finmine.read(SAMPLES / "reconciliations.parquet")):
        worked = bottlenecks(read, clock="working").rows.records()
        assert not any(row["unknown"] for row in worked)
        assert sum(row["contribution"] for row in worked) == finmine.throughput_time(read, clock="working").rows.records()[0]["total"]
        counted = [sorted((row["source"] or -1, row["target"], row["steps"]) for row in rows) for rows in (worked, bottlenecks(read).rows.records())]
        assert counted[0] == counted[1]


def test_ranks_of_clusters() -> None:
    """Cases of one vendor are drawn together: where one vendor has all the time of an edge, its rank is less sure than single cases say."""
    lines = [f"i{case} {{vendor=V{case // 20}}}: a@0h, b@{30 if case < 20 else 10}h, c@{40 if case < 20 else 21}h" for case in range(100)]
    read = log("\n".join(lines))
    single, clustered = bottlenecks(read), bottlenecks(read, cluster="vendor")
    assert single.ranking is not None
    assert clustered.ranking is not None
    assert (single.ranking.clusters, clustered.ranking.clusters) == (100, 5)
    assert (edge(single, "a", "b")["rank_low"], edge(single, "a", "b")["rank_high"]) == (1, 1)
    assert (edge(clustered, "a", "b")["rank_low"], edge(clustered, "a", "b")["rank_high"]) == (1, 2)
    assert "the 5 groups of cases with one value of 'vendor' were drawn anew 500 times with replacement (seed 1)" in " ".join(texts(clustered, Prose))
    assert "come from only 5 groups" in " ".join(texts(clustered, Caveat))
    assert bottlenecks(read, seed=2).to_text().replace("seed 2", "seed 1") == single.to_text()


def test_without_draws_ranks_have_no_intervals() -> None:
    """No draws, no intervals: the ledger is the same, and no column of ranks is shown."""
    read = log("a: x@0h, y@1h, z@5h\nb: x@0h, z@9h")
    plain, drawn = bottlenecks(read, draws=0), bottlenecks(read)
    assert plain.rows.table == drawn.rows.table
    assert plain.ranking is None
    assert "Rank" not in plain.to_text()


def test_draws_that_cannot_be_made_are_refused() -> None:
    """Too few draws, a negative seed, and clusters of which there is only one."""
    read = log("i1 {vendor=A}: a@0h, b@1h\ni2 {vendor=A}: a@0h, b@1h")
    for draws, seed in ((10, 1), (10**6, 1), (500, -1)):
        with pytest.raises(OutOfRange):
            bottlenecks(read, draws=draws, seed=seed)
    with pytest.raises(OneCluster, match="all cases have one value of 'vendor'"):
        bottlenecks(read, cluster="vendor")


def test_hostile_names_stay_apart_from_start_and_end() -> None:
    """Activities named like the start, the end or nothing at all are activities like all others."""
    answer = bottlenecks(log('c: "start"@0h, "end"@1h, "(start of the case)"@2h, "end"@3h, "</script>"@4h'))
    assert len(answer.records()) == 4
    assert len(answer.graph()) == 4 + 2
    assert "(start of the case)" in answer.to_text()


def test_time_before_each_activity_adds_up() -> None:
    """The table of activities holds the same time as the ledger, by what it leads to."""
    view = bottlenecks(log("i1: a@0h, b@1h, c@5h\ni2: a@0h, c@2h")).view()
    before = next(block for block in view.blocks if isinstance(block, Table) and block.title == "Time before each activity")
    assert dict(zip(before.column("activity"), before.column("time_before"), strict=True)) == {"c": 6 * HOUR, "b": HOUR, "a": 0}
    assert dict(zip(before.column("activity"), before.column("cases_share"), strict=True)) == {"c": 1.0, "b": 0.5, "a": 1.0}
    assert before.column("median")[0] == 3 * HOUR


@pytest.mark.parametrize(
    ("file", "by", "truth"),
    [
        ("invoices.csv", "company", "approval in company 3000"),
        ("reconciliations.parquet", "period", "review in the last close"),
    ],
)
def test_planted_bottlenecks_are_found(file: str, by: str, truth: str) -> None:
    """In the sample logs the activity before which people wait longer has its largest share of time where that was planted."""
    found = planted(file.partition(".")[0], truth)["parameters"]
    answer = bottlenecks(finmine.read(SAMPLES / file).keep_cases(finmine.throughput_is("<=", "365d")), by=by)
    share: dict[str, float] = {}
    for row in answer.records():
        if row["target_activity"] in found["activities"]:
            share[row["group"]] = share.get(row["group"], 0.0) + row["time_share"]
    assert max(share, key=lambda group: share[group]) == found["equals"]


def test_a_planted_bottleneck_for_all_is_a_headline() -> None:
    """Controllers decide late in the sample approvals: that edge is among the headlines, though few requests come so far."""
    answer = bottlenecks(finmine.read(SAMPLES / "approvals.xes.gz"))
    assert any("and Approve by controller" in text for text in texts(answer, Headline))


WAITED = """
j1 {team=x}: a@7h-8h 30m/cid, b@9h-11h/ann
j2 {team=x}: a@8h-10h/cid, b@11h-12h/ann
j3 {team=y}: a@8h-9h/cid, pay@33h-34h/ann, send@40h
"""


def test_steps_are_ranked_by_waiting() -> None:
    """The waiting before the second units, in all or in opening hours, adds up to that of the waiting causes; what has no start is counted."""
    written = log(WAITED, card=OFFICE)
    answer = finmine.bottlenecks(written, rank_by="waiting", draws=100)
    whole = finmine.waiting_causes(written).whole
    first = answer.records()[0]
    assert (first["source_activity"], first["target_activity"], first["waiting"], first["rank_low"]) == ("a", "pay", 24 * HOUR, 1)
    assert sum(record["waiting"] for record in answer.records()) == whole["waiting"]
    assert "a and pay: 1 step in 1 case, it waits 1 d." in texts(answer, Headline)[0]
    assert any(text.startswith("Before 1 unit the waiting is not known") for text in texts(answer, Caveat))
    assert [case["case"] for case in answer.cases(first).records()] == ["j3"]
    opened = finmine.bottlenecks(written, rank_by="waiting", clock="working", by="team")
    assert sum(record["open_waiting"] for record in opened.records()) == whole["working"]
    assert not any("working time" in column.title.lower() for block in opened.view().blocks if isinstance(block, Table) for column in block.columns)
    assert any("waiting in opening hours of team = y" in text and "it waits 1.0 working day" in text for text in texts(opened, Headline))


def test_steps_are_ranked_by_money() -> None:
    """What the time on steps costs adds up to the money of time; what is before the first completion is a step of its own where it costs something."""
    rates = (LabourRate("default", None, Decimal(10), "EUR"),)
    written = log("a: x@0h-1h/ann, y@2h-5h/ann, z@5h-6h/bob\nb: x@0h-2h/cid, y@3h-4h/cid", card=Card(money=MoneyOfTime(labour=rates)))
    answer = finmine.bottlenecks(written, rank_by="money", draws=100)
    found = [(record["source_activity"], record["target_activity"], record["time_cost"], record["rank_low"]) for record in answer.records()]
    assert found == [("x", "y", Decimal("40.00"), 1), (CASE_START, "x", Decimal("30.00"), 1), ("y", "z", Decimal("10.00"), 2)]
    (labour,) = finmine.money_of_time(written).records()
    assert sum(record["time_cost"] for record in answer.records()) == labour["money"]
    assert texts(answer, Headline)[0] == "50.0 % of what all time costs lies between x and y: 2 steps in 2 cases, 40.00 EUR in all, 20.00 EUR a step."


def test_what_steps_cannot_be_ranked_by_is_refused() -> None:
    """Waiting needs starts, money needs rates or terms, and it has no clock of calendars."""
    completions = log("a: x@0h, y@1h")
    with pytest.raises(NoWaiting):
        finmine.bottlenecks(completions, rank_by="waiting")
    with pytest.raises(NothingPrices):
        finmine.bottlenecks(completions, rank_by="money")
    with pytest.raises(NoClockOfMoney):
        finmine.bottlenecks(completions, rank_by="money", clock="working")


def test_shares_above_all_of_the_time_are_explained() -> None:
    """Where work ends before it starts, a charge is below nought and shares pass 100 %; the caveat says so."""
    answer = bottlenecks(log("a: x@9h-5h, y@9h-10h"), draws=0)
    assert max(record["time_share"] for record in answer.records()) > 1
    assert any("shares of the time are too large, even above 100 %" in text for text in texts(answer, Caveat))
    assert any(text.startswith("1 time from the start of a case to its first completion is negative") for text in texts(answer, Caveat))


def test_cases_with_placeholder_dates_are_told_and_left_out_of_headlines_by_a_filter_that_works() -> None:
    """A placeholder of the year 1900 holds nearly all time: what is ranked leaves its case out and says both shares; the filter named does the same."""
    sound = "\n".join(f"i{n}: submit@{n}d, approve@{n + 1}d, pay@{n + 4}d" for n in range(10))
    placeholder = {"case": "bad", "activity": "scan", "timestamp": ORIGIN - 45_000 * DAY}
    answer = bottlenecks(log([placeholder, *events(f"{sound}\nbad: submit@2d, pay@3d")]), draws=0)
    said = texts(answer, Caveat)[0]
    assert said.startswith(
        "1 event of 33 is dated far outside the years of the log (in 1 case of 11), and >99.9 % of all throughput time lies in this case"
    )
    assert texts(answer, Headline)[0].startswith("75.0 % (<0.1 % with wrong dates) of all throughput time lies between approve and pay")
    assert (edge(answer, "approve", "pay")["sound_share"], edge(answer, "scan", "submit")["sound_share"]) == (0.75, 0.0)
    kept = answer.about.log.keep_cases(finmine.parse_filter(said.split("'")[1], keeps="cases"))
    assert [row["time_share"] for row in bottlenecks(kept, draws=0).records()] == [0.75, 0.25]
