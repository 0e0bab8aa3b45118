"""Loops: net loop gain on published vectors and by a walk over the cases, entries, regions, and what is said."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from tests.answers import SAMPLES, planted, texts
from tests.brute_force import ordered
from tests.strategies import logs

import finmine
from finmine.analyses.loops import Loops, loops
from finmine.errors import OutOfRange
from finmine.relations.loops import looped
from finmine.testing import Event, log
from finmine.view import Caveat, Diagram, Headline, Prose, Table
from finmine.words import HOUR


def marks(trace: list[str]) -> list[int]:
    """By the definition: 1 for each unit whose activity occurred earlier and whose predecessor has another."""
    return [int(activity in trace[:place] and trace[place - 1] != activity) for place, activity in enumerate(trace)]


def nets(trace: list[str]) -> list[int]:
    """Outflow less inflow of each unit of a trace, nought outside the case."""
    padded = [0, *marks(trace), 0]
    return [after - before for before, _, after in zip(padded, padded[1:], padded[2:], strict=False)]


def written(trace: str) -> str:
    """A case whose activities are the letters, an hour apart."""
    return f"{trace}: " + ", ".join(f"{letter}@{hour}h" for hour, letter in enumerate(trace))


def by_name(answer: Loops, name: str) -> dict[str, int]:
    """One measure of each activity."""
    return {record["activity"]: record[name] for record in answer.records()}


def test_net_loop_gain_of_each_unit() -> None:
    """What sends back has +1, what is left after the loop has -1, a run of one activity has nothing."""
    expected = {"SAXSAY": [0, 0, 1, 1, -1, -1], "SAXSY": [0, 0, 1, 0, -1], "ABAB": [0, 1, 1, -1], "AAB": [0, 0, 0], "A": [0]}
    read = log("\n".join(written(trace) for trace in expected))
    found: dict[int, list[int]] = {}
    for row in read.fetch(looped(read).order_by("case", "position")).records():
        found.setdefault(row["case"], []).append(row["outflow"] - row["inflow"])
    assert sorted(found.values()) == sorted(expected.values()) == sorted(nets(list(trace)) for trace in expected)


@settings(max_examples=8)
@given(logs(length=8))
def test_loops_are_those_of_brute_force(rows: list[Event]) -> None:
    """Every measure of every activity and step, the law of the ends, and all loops begin in regions when no step is left out."""
    measures: dict[str, Counter[str]] = {
        name: Counter() for name in ("loop_units", "loop_outflow", "loop_inflow", "net_loop_gain", "positive_loop_gain")
    }
    entries: Counter[tuple[str, str]] = Counter()
    again: Counter[tuple[str, str]] = Counter()
    ends = 0
    for events in ordered(rows).values():
        trace = [event["activity"] for event in events]
        loop, net = marks(trace), nets(trace)
        ends += loop[-1]
        for place, activity in enumerate(trace):
            measures["loop_units"][activity] += loop[place]
            measures["loop_outflow"][activity] += loop[place + 1] if place + 1 < len(trace) else 0
            measures["loop_inflow"][activity] += loop[place - 1] if place else 0
            measures["net_loop_gain"][activity] += net[place]
            measures["positive_loop_gain"][activity] += max(net[place], 0)
        steps = list(pairwise(trace))
        entries.update(step for place, step in enumerate(steps) if (loop[place], loop[place + 1]) == (0, 1))
        again.update(step for place, step in enumerate(steps) if step in steps[:place])
    answer = loops(log(rows), least_share=0)
    for name, expected in measures.items():
        assert by_name(answer, name) == dict(expected)
    assert {(row["source_activity"], row["target_activity"]): row["loop_entries"] for row in answer.entries()} == +entries
    found = {(row["source_activity"], row["target_activity"]): row["edge_repeats"] for row in answer.edges.records()}
    assert +Counter(found) == +again
    assert sum(by_name(answer, "net_loop_gain").values()) == ends
    assert sum(region["loop_entries"] for region in answer.regions()) == entries.total()


@settings(max_examples=3)
@given(logs(length=8))
def test_groups_add_up(rows: list[Event]) -> None:
    """Loops, gains and entries of the groups sum to those of the log."""
    read = log(rows)
    whole, split = loops(read), loops(read, by="vendor")
    for name in ("loop_units", "net_loop_gain"):
        assert sum(row[name] for row in split.rows.records()) == sum(row[name] for row in whole.rows.records())
    assert sum(row["loop_entries"] for row in split.edges.records()) == sum(row["loop_entries"] for row in whole.edges.records())
    assert sum(row["loop_cases"] for row in split.whole.records()) == whole.whole.records()[0]["loop_cases"]


def test_a_region_and_the_time_in_it() -> None:
    """Check and revise go round; the time inside counts their first time through, the time on steps back does not."""
    region = loops(log("c1: new@0h, check@1h, revise@3h, check@4h, pay@9h\nc2: new@0h, check@2h, pay@3h")).regions()[0]
    assert (region["region_activities"], region["loop_entries"], region["entry_cases"]) == ("check, revise", 1, 1)
    assert (region["region_time"], region["back_time"]) == (3 * HOUR, HOUR)


def test_a_region_is_drawn_with_its_ways_in() -> None:
    """The region stands in a frame with all steps inside; where loops begin is purple, the ways in are dashed, also from the start of cases."""
    answer = loops(log("c1: new@0h, check@1h, revise@3h, check@4h, pay@9h\nc2: check@0h, pay@1h\nc3: new@0h, check@1h, pay@2h"))
    assert answer.regions()[0]["region_entrance"] == "check"
    (drawn,) = [block for block in answer.view().blocks if isinstance(block, Diagram)]
    assert drawn.dot.count("subgraph") == 1
    assert "region 1: 1 loop, 3 h in it" in drawn.dot
    assert (drawn.dot.count("->"), drawn.dot.count("style=dashed")) == (4, 2)
    assert "1 of 1" in drawn.dot
    assert "(start of the case)" in drawn.dot
    assert "pay" not in drawn.dot


def test_rare_steps_join_no_regions() -> None:
    """A loop on a step that too few cases take begins outside of all regions, and a caveat counts it."""
    read = log("c1: a@0h, b@1h, a@2h\nc2: a@0h, b@1h\nc3: a@0h, b@1h")
    answer = loops(read, least_share=0.5)
    assert answer.regions() == ()
    assert texts(answer, Caveat)[0].startswith("1 of 1 loop begins outside of all regions: steps that fewer than 50.0 % of the cases take")
    assert len(loops(read).regions()) == 1
    with pytest.raises(OutOfRange, match="a share from 0 to 1"):
        loops(read, least_share=2)


def test_cases_behind_a_row() -> None:
    """The cases that loop directly after the activity."""
    answer = loops(log("c1: a@0h, b@1h, a@2h\nc2: a@0h, b@1h"))
    record = next(record for record in answer.records() if record["activity"] == "b")
    assert answer.cases(record).rows.column("case") == ("c1",)


def test_what_is_said() -> None:
    """How many loops begin, on which step, what stands before them, and where they go round; nothing of it without loops."""
    answer = loops(log("c1: a@0h, b@1h, a@3h, d@4h\nc2: a@0h, b@1h, d@2h"))
    assert texts(answer, Headline) == [
        "1 loop begins in 1 case (50.0 %).",
        "The only loop begins with the step from b to a.",
        "b has the largest net loop gain: 1 time the unit after it is a loop unit, 0 times the unit before it.",
        "Cases go round among a, b: 66.7 % of the time between units lies there, 33.3 % on steps back.",
    ]
    assert any(isinstance(block, Diagram) for block in answer.view().blocks)
    once = loops(log("c: a@0h, a@1h"))
    assert texts(once, Headline) == []
    assert "No case comes back to an activity after something else." in texts(once, Prose)


def test_activities_in_different_orders_are_no_region_in_which_cases_go_round() -> None:
    """Where each case passes once, but in another order, the region is in the rows and not in the words, which say so."""
    answer = loops(log("c1: a@0h, b@1h\nc2: b@0h, a@1h"))
    assert len(answer.regions()) == 1
    assert not any("go round" in block.title for block in answer.view().blocks if isinstance(block, Table))
    assert "1 region not shown: cases take its activities in different orders, but none comes back there." in texts(answer, Caveat)


def test_planted_rejections_send_cases_back() -> None:
    """What was planted as loops of the approvals is found: who starts them is the revision, in as many cases."""
    answer: Any = loops(finmine.read(SAMPLES / "approvals.xes.gz"))
    truth = planted("approvals", "rejection")
    entry, sender = answer.entries()[0], answer.records()[0]
    assert (entry["source_activity"], entry["target_activity"]) == ("Revise request", "Submit request")
    assert abs(entry["entry_cases"] - truth["cases"]) <= 2
    assert (sender["activity"], sender["loop_outflow"]) == ("Revise request", truth["events"])
