"""Hand-overs: counts and times by a walk over the cases, pm4py's network, ping-pong, the graph and what is said."""

from __future__ import annotations

from collections import Counter
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from tests.answers import SAMPLES, texts
from tests.brute_force import ordered
from tests.strategies import logs

import finmine
from finmine.analyses.handovers import Handovers, handovers
from finmine.log import MissingFact
from finmine.testing import Event, log
from finmine.view import Caveat, Diagram, Headline, Matrix
from finmine.words import HOUR

BACK_AND_FORTH = "c1: a@0h/ana, b@1h/ana, c@3h/bob, d@4h/bob, e@7h/ana, f@8h/cid\nc2: a@0h/ana, b@2h/bob"


def counted(answer: Handovers) -> dict[tuple[str, str], int]:
    """The hand-overs by their pairs, what is kept among them."""
    return {(record["source_hands"], record["target_hands"]): record["handovers"] for record in answer.rows.records()}


def came_straight_back(events: list[Event]) -> list[tuple[str, str, int, int]]:
    """By a walk over the stays of a case: who handed over, to whom, and the times of leaving and coming back."""
    stays = [(hands, list(stay)) for hands, stay in groupby(events, key=lambda event: event["resource"])]
    found = []
    for (first, left), (other, _), (last, back) in zip(stays, stays[1:], stays[2:], strict=False):
        if first is not None and first == last and other is not None:
            found.append((first, other, left[-1]["timestamp"], back[0]["timestamp"]))
    return found


def test_a_hand_over_changes_hands() -> None:
    """What stays with one resource is kept; what goes to another is handed over, and its gap is its time."""
    answer = handovers(log(BACK_AND_FORTH))
    assert counted(answer) == {("ana", "ana"): 1, ("ana", "bob"): 2, ("bob", "bob"): 1, ("bob", "ana"): 1, ("ana", "cid"): 1}
    first = answer.records()[0]
    assert (first["source_hands"], first["target_hands"], first["handover_cases"], first["total"], first["handovers_share"]) == (
        "ana",
        "bob",
        2,
        4 * HOUR,
        0.5,
    )
    assert not any(record["source_hands"] == record["target_hands"] for record in answer.records())


def test_work_that_comes_straight_back() -> None:
    """From ana to bob and back counts once however much each does, and is away from ana's last completion to her next."""
    row = handovers(log(BACK_AND_FORTH)).back.records()[0]
    assert (row["hands"], row["other_hands"], row["ping_pongs"], row["cases"], row["away_total"]) == ("ana", "bob", 1, 1, 6 * HOUR)


def test_unknown_hands_break_what_comes_back() -> None:
    """From ana to nobody and back to ana is no ping-pong, and its two steps are in no row but in the caveat."""
    answer = handovers(log("c: a@0h/ana, b@1h, c@2h/ana, d@3h/ana"))
    assert counted(answer) == {("ana", "ana"): 1}
    assert len(answer.back) == 0
    assert texts(answer, Caveat)[0].startswith("2 steps (66.7 %) have no recorded resource on at least one side")


@settings(max_examples=15)
@given(logs(length=8))
def test_counts_times_and_cases_are_those_of_brute_force(rows: list[Event]) -> None:
    """Every pair of hands has the steps, cases and sum of gaps that a walk over the cases finds; with unknown ones all steps are told."""
    expected: dict[tuple[str, str], tuple[int, set[str], int]] = {}
    unknown = 0
    for case, events in ordered(rows).items():
        for one, next_one in pairwise(events):
            if one["resource"] is None or next_one["resource"] is None:
                unknown += 1
                continue
            pair = (one["resource"], next_one["resource"])
            steps, cases, gaps = expected.get(pair, (0, set(), 0))
            expected[pair] = (steps + 1, cases | {case}, gaps + next_one["timestamp"] - one["timestamp"])
    answer = handovers(log(rows))
    found = {(row["source_hands"], row["target_hands"]): (row["handovers"], row["handover_cases"], row["total"]) for row in answer.rows.records()}
    assert found == {pair: (steps, len(cases), gaps) for pair, (steps, cases, gaps) in expected.items()}
    assert answer.whole.records()[0]["unknown"] == unknown


@settings(max_examples=15)
@given(logs(length=8))
def test_what_comes_back_is_that_of_brute_force(rows: list[Event]) -> None:
    """Each A to B to A has its count, and the time away in which they overlap counts once."""
    expected: Counter[tuple[str, str]] = Counter()
    once = 0
    for events in ordered(rows).values():
        back = came_straight_back(events)
        expected.update((first, other) for first, other, _, _ in back)
        once += len({hour for _, _, left, returned in back for hour in range(left, returned, HOUR)}) * HOUR
    answer = handovers(log(rows))
    assert {(row["hands"], row["other_hands"]): row["ping_pongs"] for row in answer.back.records()} == dict(expected)
    assert sum(row["away_once"] for row in answer.back.records()) == once
    having = sum(bool(came_straight_back(events)) for events in ordered(rows).values())
    assert sum(row["earliest"] for row in answer.back.records()) == having


@settings(max_examples=6)
@given(logs(length=8))
def test_groups_add_up(rows: list[Event]) -> None:
    """The hand-overs and what comes back of the groups sum to those of the log."""
    read = log(rows)
    whole, split = handovers(read), handovers(read, by="vendor")
    for name in ("handovers", "total"):
        assert sum(row[name] for row in whole.rows.records()) == sum(row[name] for row in split.rows.records())
    assert sum(row["ping_pongs"] for row in whole.back.records()) == sum(row["ping_pongs"] for row in split.back.records())
    for name in ("known", "unknown", "cases"):
        assert sum(row[name] or 0 for row in split.whole.records()) == whole.whole.records()[0][name]


def test_between_roles() -> None:
    """Hands may be roles: what goes from one clerk to another is kept in the role."""
    read = log("c: a@0h/ana {role=clerk}, b@1h/bob {role=clerk}, c@2h/cid {role=manager}")
    assert counted(handovers(read, between="role")) == {("clerk", "clerk"): 1, ("clerk", "manager"): 1}
    with pytest.raises(MissingFact, match="role"):
        handovers(log("c: a@0h/ana"), between="role")


def test_the_time_until_the_start() -> None:
    """With starts it is told how long work lies, and what began before it was handed over is counted apart."""
    read = log("c1: a@0h-1h/ana, b@3h-5h/bob\nc2: a@0h-2h/ana, b@1h-9h/bob")
    record = handovers(read).records()[0]
    assert (record["until_start_median"], record["overlapping"], record["total"]) == (2 * HOUR, 1, 11 * HOUR)


def test_people_who_are_shown_alike_have_the_same_hands() -> None:
    """Where people are shown as their roles, work that stays in a role is kept, and a caveat says so."""
    answer = handovers(log("c: a@0h/ana {role=clerk}, b@1h/bob {role=clerk}, c@2h/cid {role=manager}", people="roles"))
    assert counted(answer) == {("clerk", "clerk"): 1, ("clerk", "manager"): 1}
    assert any("a row is a role" in text for text in texts(answer, Caveat))


def test_cases_behind_a_row() -> None:
    """The cases in which work went from one to the other, of one group too."""
    read = log("c1 {vendor=A}: a@0h/ana, b@1h/bob\nc2 {vendor=B}: a@0h/ana, b@1h/bob\nc3 {vendor=B}: a@0h/ana, b@1h/cid")
    assert set(handovers(read).cases(0).rows.column("case")) == {"c1", "c2"}
    answer = handovers(read, by="vendor")
    record = next(one for one in answer.records() if (one["group"], one["target_hands"]) == ("B", "bob"))
    assert answer.cases(record).rows.column("case") == ("c2",)


def test_what_is_said() -> None:
    """How much changes hands and the time there, where most time lies, and what comes straight back."""
    assert texts(handovers(log(BACK_AND_FORTH)), Headline) == [
        "4 of 6 steps with known hands (66.7 %) change hands between resources; 80.0 % of the time between units lies there.",
        "40.0 % of the time between units passes from ana to bob: 2 hand-overs in 2 cases, half of them take 2 h or more.",
        (
            "In 1 case (50.0 %) work that was handed over comes straight back, 1 time in all, and is away for 60.0 % of all throughput time; "
            "most often from ana to bob and back: 1 time."
        ),
    ]


def test_the_pictures_say_what_is_visible() -> None:
    """The graph draws the strongest pairs and says how much of all they are; the matrix has the kept work on its diagonal."""
    view = handovers(log(BACK_AND_FORTH), pairs=1).view()
    diagram = next(block for block in view.blocks if isinstance(block, Diagram))
    assert diagram.text == "Visible: the strongest of 3 links, between 2 of 3 boxes, 50.0 % of all hand-overs."
    assert diagram.dot.count("->") == 1
    matrix = next(block for block in view.blocks if isinstance(block, Matrix))
    assert ("ana", "ana", 1) in matrix.table.rows
    assert set(matrix.order) == {"ana", "bob", "cid"}


def test_without_steps_nothing_is_claimed() -> None:
    """A log of single units has neither hand-overs nor pictures."""
    view = handovers(log("c1: a@0h/ana\nc2: a@1h/bob")).view()
    assert not any(isinstance(block, Headline | Diagram | Matrix) for block in view.blocks)


def test_the_network_is_that_of_pm4py(third_party_logs: Path) -> None:
    """Of each pair of resources the share of all steps is the handover of work (direct succession) that pm4py finds."""
    import pm4py

    read = finmine.read(third_party_logs / "bpic2019_consignment" / "cons_2.xes.gz", people="names")
    network = pm4py.discover_handover_of_work_network(read.to_pm4py())
    answer = handovers(read)
    steps = sum(record["handovers"] for record in answer.rows.records())
    found = {pair: times / steps for pair, times in counted(answer).items()}
    assert found == pytest.approx({pair: share for pair, share in network.connections.items() if share})


def test_sample_log_with_starts() -> None:
    """The approvals answer between people and between roles, and all steps are told: handed over, kept or unknown."""
    read = finmine.read(SAMPLES / "approvals.xes.gz")
    for between in ("resource", "role"):
        answer: Any = handovers(read, between=between)
        whole = answer.whole.records()[0]
        assert sum(row["handovers"] for row in answer.rows.records()) == whole["known"]
        assert whole["known"] + whole["unknown"] == read.facts.units - read.facts.cases
