"""The question of the enabling path: what held up the end, adding up to the throughput time of all cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from tests.answers import texts
from tests.strategies import logs

import finmine
from finmine.card import Card
from finmine.card_concurrency import Concurrency
from finmine.log import EventLog
from finmine.relations.enabled import enabled
from finmine.relations.enabling_path import enabling_path
from finmine.relations.traces import traces
from finmine.testing import ORIGIN, Event, events, log
from finmine.view import Bars, Caveat, Headline
from finmine.words import DAY, MINUTE

if TYPE_CHECKING:
    import ibis.expr.types as ir

BESIDE = "a {company=1}: A@0m-10m, B@10m-40m, C@15m-50m, D@60m-70m\nb {company=2}: A@0m-10m, D@20m-30m"
CARD = Card(concurrency=Concurrency(pairs=(("B", "C"),)))


def test_the_worked_example() -> None:
    """Of 70 minutes 55 are work and 15 are waiting on the path; B, done in time beside C, is charged nothing."""
    answer = finmine.enabling_path(log(BESIDE.splitlines()[0], card=CARD))
    told = {(record["charged_as"], record["source_activity"], record["activity"]): record["contribution"] // MINUTE for record in answer.records()}
    assert told == {("work", None, "C"): 35, ("work", None, "A"): 10, ("work", None, "D"): 10, ("waiting", "C", "D"): 10, ("waiting", "A", "C"): 5}
    assert texts(answer, Headline)[0] == "21.4 % of all throughput time (15 min) is waiting that held up the end of a case."


def test_each_group_adds_up_to_its_own_time() -> None:
    """Split by company the shares of each add up to one; the cases behind a row are those charged for it."""
    answer = finmine.enabling_path(log(BESIDE, card=CARD), by="company")
    for group, minutes in (("1", 70), ("2", 30)):
        records = [record for record in answer.records() if record["group"] == group]
        assert sum(record["contribution"] for record in records) == minutes * MINUTE
        assert sum(record["time_share"] for record in records) == pytest.approx(1)
    row = next(place for place, record in enumerate(answer.records()) if record["source_activity"] == "A" and record["activity"] == "D")
    assert [record["case"] for record in answer.cases(row).records()] == ["b"]


def by_case(written: EventLog, these: ir.Table) -> dict[object, object]:
    """The time of each case of a relation with these two columns."""
    return {row[0]: row[1] for row in written.fetch(these).tuples()}


@settings(max_examples=10)
@given(logs(starts=True))
def test_the_path_of_every_case_adds_up_to_its_throughput_time(rows: list[Event]) -> None:
    """Whatever the log, the charges of each case sum to its throughput time to the microsecond."""
    written = log(rows)
    path = enabling_path(written, enabled(written)).table
    charged = by_case(written, path.group_by("case").aggregate(time=path.charge.sum().cast("int64")))
    times = by_case(written, traces(written).select("case", "throughput"))
    assert {case: charged.get(case, 0) for case in times} == times


def test_without_starts_all_is_gaps() -> None:
    """A log of completions is answered with gaps; no word says that anything waited or was work."""
    answer = finmine.enabling_path(log("a: x@1h, y@2h"))
    assert [(record["charged_as"], record["source_activity"], record["activity"]) for record in answer.records()] == [("gap", "x", "y")]
    assert texts(answer, Headline) == ["100.0 % of all throughput time passes between x and y, in 1 case."]
    assert any("records no starts" in said for said in texts(answer, Caveat))


def test_wrong_dates_are_left_out_of_headlines_and_bars() -> None:
    """A case with a placeholder of the year 1900 holds nearly all time: what is ranked leaves it out and says both shares, also of what waits beside."""
    placeholder = {"case": "bad", "activity": "scan", "timestamp": ORIGIN - 45_000 * DAY}
    answer = finmine.enabling_path(log([placeholder, *events(f"{BESIDE}\nbad: D@1h-2h")], card=CARD))
    assert "lies in this case: headlines and bars leave it out, all tables hold it" in texts(answer, Caveat)[0]
    said = texts(answer, Headline)
    assert said[0] == "25.0 % of all throughput time (25 min) is waiting that held up the end of a case."
    assert said[1] == "35.0 % (<0.1 % with wrong dates) of all throughput time is work on C, in 1 case."
    bars = next(block for block in answer.view().blocks if isinstance(block, Bars))
    assert bars.table.title.startswith("What held up the end, wrong dates left out")
    sound = [record["sound_share"] for record in answer.records()]
    assert (sum(sound), sound[0], answer.records()[0]["activity"]) == (pytest.approx(1), 0, "D")
