"""The critical path of closes: what holds them up, what has slack, and what an hour saved is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.answers import SAMPLES, planted, texts

import finmine
from finmine.analyses.critical_path import CriticalPath, critical_path
from finmine.card import Card
from finmine.card_concurrency import Concurrency
from finmine.errors import OutOfRange
from finmine.testing import log
from finmine.view import Caveat, Headline, Spans
from finmine.words import HOUR

CLOSES = """
m1 {period=Jan}: collect@0h-6h/ann, check@7h-10h/bob, post@12h-14h/ann
m2 {period=Jan}: collect@0h-2h/ann, post@3h-5h/ann
m3 {period=Feb}: collect@100h-101h/ann, check@101h-102h/bob, post@103h-104h/ann
"""


def of(answer: CriticalPath, activity: str) -> Mapping[str, Any]:
    """The row of one activity."""
    return next(record for record in answer.records() if record["activity"] == activity)


def test_cases_closed_together_have_one_critical_path() -> None:
    """January ends with m1, 14 h after it began; m2 has 9 h of slack. An hour less on each collect ends both months an hour earlier."""
    answer = critical_path(log(CLOSES), close="period")
    assert [(row["close"], row["cases"], row["tasks"], row["critical_tasks"], row["close_length"] // HOUR) for row in answer.closes.records()] == [
        ("Feb", 1, 3, 3, 4),
        ("Jan", 2, 5, 3, 14),
    ]
    collect = of(answer, "collect")
    assert (collect["closes"], collect["tasks"], collect["critical_closes"], collect["criticality"]) == (2, 3, 2, 1.0)
    assert (collect["path_time"], collect["slack"], collect["saved"]) == (3.5 * HOUR, 0, HOUR)
    assert of(answer, "check")["path_time"] == (4 + 1) / 2 * HOUR
    assert (
        texts(answer, Headline)[0]
        == "check is on the critical path of 2 of 2 closes; an hour less on each of its tasks ends a close 1 h earlier on average."
    )
    assert set(answer.cases(of(answer, "collect")).rows.column("case")) == {"m1", "m3"}


def test_saving_more_than_another_path_leaves_saves_less() -> None:
    """Ten hours less on check end January only four hours earlier, since check then takes no time; each case alone is a close by default."""
    read = log(CLOSES)
    assert of(critical_path(read, close="period", hours=10), "check")["saved"] == (4 + 1) / 2 * HOUR
    single = critical_path(read)
    assert len(single.closes) == 3
    assert "of 3 cases; an hour less on each of its tasks ends a case" in texts(single, Headline)[0]
    assert of(single, "post")["critical_closes"] == 3
    with pytest.raises(OutOfRange):
        critical_path(read, hours=0)


def test_the_times_of_a_path_are_the_length_of_the_close() -> None:
    """Where one task after the other is critical, their times add up from the first start to the last completion."""
    read = log("i1: a@0h-2h, b@5h-6h, c@6h-9h\ni2: a@1h-4h, c@4h-5h")
    answer = critical_path(read)
    assert sum(row["path_time"] for row in answer.records()) * 2 == sum(row["close_length"] for row in answer.closes.records())


def test_side_by_side_activities_do_not_wait_for_each_other() -> None:
    """Declared on the card as running side by side, the shorter of two has slack to the longer."""
    written = "i1: a@0h-10h, b@10h-40h, c@15h-50h, d@60h-70h"
    card = Card(concurrency=Concurrency(pairs=(("b", "c"),)))
    answer = critical_path(log(written, card=card))
    assert {row["activity"]: row["slack"] // HOUR for row in answer.records()} == {"a": 0, "b": 10, "c": 0, "d": 0}
    assert "Activities that run side by side, so that neither waits for the other" in answer.to_text()


def test_the_picture_holds_the_close_in_the_middle() -> None:
    """Of three closes the one with the middle length, a lane for each activity in the order in which they begin."""
    answer = critical_path(log(CLOSES))
    spans = next(block for block in answer.view().blocks if isinstance(block, Spans))
    assert "m2" in spans.table.title
    assert spans.table.column("activity") == ("collect", "post")
    assert set(spans.table.column("path")) == {"1 on the critical path"}
    assert not spans.slanted
    assert answer.to_svg().startswith("<svg")


def test_limits_are_said() -> None:
    """Completions alone, running cases, and that closes of several cases know nothing across them."""
    answer = critical_path(log("i1 {p=x}: a@0h, pay@5h\ni2 {p=x}: a@1h, b@2h", card=Card(outcomes={"paid": ("pay",)})), close="p")
    said = texts(answer, Caveat)
    assert said[0].startswith("Starts are not recorded")
    assert said[1].startswith("Only tasks of one case come after each other here")
    assert said[2].startswith("1 case still runs")


def test_groups_have_closes_of_their_own() -> None:
    """Split by vendor, each close is within one vendor, and shares are of its closes."""
    read = log("i1 {vendor=A, p=x}: a@0h, b@5h\ni2 {vendor=B, p=x}: a@0h, c@2h\ni3 {vendor=B, p=y}: a@0h, c@1h")
    answer = critical_path(read, close="p", by="vendor")
    assert [(row["group"], row["close"]) for row in answer.closes.records()] == [("A", "x"), ("B", "x"), ("B", "y")]
    assert [(row["group"], row["activity"], row["criticality"]) for row in answer.records()][:2] == [("A", "b", 1.0), ("A", "a", 1.0)]
    assert answer.cases(0).rows.column("case") == ("i1",)


def test_an_empty_log_has_no_closes() -> None:
    """When filters keep no case there is nothing to close."""
    answer = critical_path(log("i1: a@0h, b@1h").keep_cases(finmine.has_no("a")))
    assert answer.records() == ()
    assert answer.to_text()


def test_the_planted_bottleneck_holds_up_the_last_whole_close() -> None:
    """In the sample reconciliations reviews take longer in one period, where they hold more of the critical path than in the others."""
    read = finmine.read(SAMPLES / "reconciliations.parquet")
    where = planted("reconciliations", "review in the last close")["parameters"]["equals"]
    answer = critical_path(read, by="period", close="period")
    on_path = {row["group"]: row["path_time"] for row in answer.records() if row["activity"] == "Review reconciliation"}
    assert on_path[where] > sum(on_path.values()) / len(on_path)
