"""Endpoints: with which activities cases begin and end."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.brute_force import ordered
from tests.strategies import logs

import finmine
from finmine.analyses.endpoints import Endpoints, endpoints
from finmine.card import AmountRule, Card
from finmine.testing import Event, log
from finmine.view import Caveat, Headline, Table

SAMPLES = Path(__file__).parents[2] / "sample_logs"


def counts(answer: Endpoints, endpoint: str) -> dict[str, int]:
    """The cases of each start (or end) activity."""
    return {record["activity"]: record["cases"] for record in answer.records() if record["endpoint"] == endpoint}


@settings(max_examples=10)
@given(logs(starts=True))
def test_every_case_has_one_start_and_one_end(rows: list[Event]) -> None:
    """Starts and ends are counted as plain Python counts them, most cases first, and shares add up to one."""
    cases = ordered(rows)
    answer = endpoints(log(rows))
    for endpoint, place in (("start", 0), ("end", -1)):
        assert counts(answer, endpoint) == Counter(events[place]["activity"] for events in cases.values())
        shown = [record for record in answer.records() if record["endpoint"] == endpoint]
        assert [record["cases"] for record in shown] == sorted((record["cases"] for record in shown), reverse=True)
        assert sum(record["cases_share"] for record in shown) == pytest.approx(1)


@settings(max_examples=5)
@given(logs(ties=False))
def test_groups_add_up_and_the_order_of_the_rows_does_not_matter(rows: list[Event]) -> None:
    """The groups of an attribute sum to the whole, and a shuffled source gives the same answer."""
    whole = endpoints(log(rows))
    assert endpoints(log(rows, shuffled=7)).records() == whole.records()
    split: Counter[tuple[str, str]] = Counter()
    for record in endpoints(log(rows), by="vendor").records():
        split[record["endpoint"], record["activity"]] += record["cases"]
    assert split == {(record["endpoint"], record["activity"]): record["cases"] for record in whole.records()}


def test_finished_and_running_cases_of_an_end() -> None:
    """With declared end activities each end says how many of its cases are finished and how many are running, with their money."""
    card = Card(outcomes={"paid": ("pay",)}, amount=AmountRule("case", currency="EUR"), roles={"amount": ("amount",)})
    read = log("i1 {amount=10.50}: submit@1h, pay@2h\ni2 {amount=4}: submit@1h, pay@2h, submit@3h\ni3 {amount=1}: submit@1h, pay@9h", card=card)
    answer = endpoints(read)
    ends = {record["activity"]: record for record in answer.records() if record["endpoint"] == "end"}
    assert (ends["pay"]["finished"], ends["pay"]["running"], str(ends["pay"]["value"])) == (2, 0, "11.500000")
    assert (ends["submit"]["finished"], ends["submit"]["running"]) == (0, 1)
    shown = next(block for block in answer.view().blocks if isinstance(block, Table))
    assert [column.title for column in shown.columns][-3:] == ["Finished", "Running", "Amount (EUR)"]
    assert [block.text for block in answer.view().blocks if isinstance(block, Headline)] == [
        "66.7 % of the cases end with pay, the others with 1 other activity."
    ]


def test_without_declared_ends_nobody_claims_that_cases_are_finished() -> None:
    """The answer says that an end is only where the log stops, and has no columns on it."""
    answer = endpoints(log("i1: submit@1h, pay@2h"))
    assert "nobody can say which cases are finished" in " ".join(block.text for block in answer.view().blocks if isinstance(block, Caveat))
    assert "running" not in answer.to_csv().splitlines()[0]
    assert "The only case begins with submit." in answer.to_text()
    assert "All 2 cases end with pay." in endpoints(log("i1: submit@1h, pay@2h\ni2: pay@2h")).to_text()


def test_cases_behind_an_endpoint() -> None:
    """The cases that begin, and those that end, with an activity, in one group too."""
    read = log("i1 {vendor=A}: a@1h, b@2h\ni2 {vendor=B}: b@1h, a@2h\ni3 {vendor=B}: b@1h")
    answer, split = endpoints(read), endpoints(read, by="vendor")
    behind = {(record["endpoint"], record["activity"]): set(answer.cases(record).rows.column("case")) for record in answer.records()}
    assert behind == {("start", "b"): {"i2", "i3"}, ("start", "a"): {"i1"}, ("end", "b"): {"i1", "i3"}, ("end", "a"): {"i2"}}
    wanted = next(record for record in split.records() if (record["group"], record["endpoint"], record["activity"]) == ("B", "end", "b"))
    assert split.cases(wanted).rows.column("case") == ("i3",)


def test_a_log_without_cases_has_no_endpoints() -> None:
    """When filters keep nothing the answer is empty and says nothing more."""
    answer = endpoints(log("i1: a@1h").keep_cases(finmine.has_no("a")))
    assert list(answer.records()) == []
    assert not [block for block in answer.view().blocks if isinstance(block, Headline)]


@pytest.mark.parametrize(
    "name",
    [pytest.param("bpic2020/DomesticDeclarations.xes.gz", id="domestic"), pytest.param("bpic2019_consignment/cons_2.xes.gz", id="consignment")],
)
def test_pm4py_finds_the_same_endpoints(third_party_logs: Path, name: str) -> None:
    """pm4py, given the log in our order, counts the same start and end activities."""
    import pm4py

    read = finmine.read(third_party_logs / name)
    answer = endpoints(read)
    frame = read.to_pm4py()
    assert counts(answer, "start") == pm4py.get_start_activities(frame)
    assert counts(answer, "end") == pm4py.get_end_activities(frame)


def test_the_outcomes_planted_in_the_sample_log() -> None:
    """The finished and running cases of a sample log are those that were planted."""
    truths = json.loads((SAMPLES / "reconciliations.truths.json").read_text(encoding="utf-8"))["truths"]
    planted = {truth["name"]: truth["cases"] for truth in truths if truth["kind"] == "status"}
    ends = [record for record in endpoints(finmine.read(SAMPLES / "reconciliations.parquet")).records() if record["endpoint"] == "end"]
    assert {"closed": sum(record["finished"] for record in ends), "running": sum(record["running"] for record in ends)} == planted
