"""Resources: who does what, how much, and how much of the work hangs on few."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from tests.brute_force import ordered
from tests.strategies import logs

import finmine
from finmine.analyses.resources import Resources, resources
from finmine.card import Card
from finmine.log import MissingFact
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline
from finmine.words import DAY, HOUR


def by_name(answer: Resources) -> dict[str, Mapping[str, Any]]:
    """The rows of an answer by resource."""
    return {record["resource"]: record for record in answer.records()}


def texts(answer: Resources, kind: type[Headline | Caveat]) -> list[str]:
    """The sentences of one kind of block."""
    return [block.text for block in answer.view().blocks if isinstance(block, kind)]


@settings(max_examples=10)
@given(logs(starts=True))
def test_counts_are_those_of_plain_python(rows: list[Event]) -> None:
    """Units, cases, activities, first and last day, active days and processing time of everybody; units without one are counted apart."""
    done: dict[str, list[Event]] = defaultdict(list)
    for events in ordered(rows).values():
        for event in events:
            if event["resource"] is not None:
                done[event["resource"]].append(event)
    answer = resources(log(rows))
    found = by_name(answer)
    assert found.keys() == done.keys()
    for name, events in done.items():
        record = found[name]
        days = {(event["timestamp"] - ORIGIN) // DAY for event in events}
        assert (record["units"], record["cases"]) == (len(events), len({event["case"] for event in events}))
        assert (record["activities"], record["active_days"]) == (len({event["activity"] for event in events}), len(days))
        assert (record["first_seen"], record["last_seen"]) == (
            min(event["timestamp"] for event in events),
            max(event["timestamp"] for event in events),
        )
        assert record["units_per_day"] == pytest.approx(len(events) / len(days))
        assert record["units_share"] == pytest.approx(len(events) / len(rows))
        work = [event["timestamp"] - event["start"] for event in events if event.get("start") is not None]
        assert record["processing_total"] == (sum(work) if work else None)
    assert answer.unrecorded.column("units")[0] == len(rows) - sum(map(len, done.values()))


@settings(max_examples=5)
@given(logs(ties=False))
def test_groups_add_up_and_the_order_of_the_rows_does_not_matter(rows: list[Event]) -> None:
    """Units and cases of the groups sum to the whole, and a shuffled source gives the same answer."""
    whole = by_name(resources(log(rows)))
    assert by_name(resources(log(rows, shuffled=5))) == whole
    split = resources(log(rows), by="vendor").records()
    for name, record in whole.items():
        for measure in ("units", "cases"):
            assert sum(part[measure] for part in split if part["resource"] == name) == record[measure]


def test_concentration_is_the_headline_and_missing_people_a_caveat() -> None:
    """How few do most of the work of which the performer is known, and how much has none."""
    answer = resources(log("i1: a@1h/ana, b@2h/ana, c@3h/ana, d@4h/ana, e@5h/bob, f@6h"))
    assert texts(answer, Headline) == ["1 of 2 resources does 80.0 % of the work whose performer is recorded."]
    assert texts(answer, Caveat) == ["1 event (16.7 %) has no resource and is in no row."]


def test_active_days_are_days_of_the_log_s_zone() -> None:
    """Work at 23:00 and at 01:00 UTC is of one day in New York and of two in London."""
    text = "i1: a@23h/ana, b@1d 1h/ana"
    assert by_name(resources(log(text, card=Card(zone="America/New_York"))))["ana"]["active_days"] == 1
    assert by_name(resources(log(text, card=Card(zone="Europe/London"))))["ana"]["active_days"] == 2


def test_people_are_shown_as_the_card_says() -> None:
    """Under pseudonyms no name is in the answer; as roles, people of one role are one row."""
    text = "i1: a@1h/ana {role=clerk}, b@2h/bob {role=clerk}\ni2: a@1h/bob {role=clerk}"
    card = Card(roles={"role": ("role",)})
    hidden = resources(log(text, card=card, people="pseudonyms"))
    assert set(by_name(hidden)) == {"person 01", "person 02"}
    assert "ana" not in hidden.to_json()
    roles = resources(log(text, card=card, people="roles"))
    assert {name: (record["units"], record["cases"]) for name, record in by_name(roles).items()} == {"clerk": (3, 2)}
    assert "may be many people" in texts(roles, Caveat)[-1]


def test_without_a_resource_the_question_is_refused() -> None:
    """The refusal names the role that is missing."""
    with pytest.raises(MissingFact, match="needs the resource"):
        resources(log("i1: a@1h"))


def test_cases_behind_a_resource() -> None:
    """The cases in which the resource took part, in one group too."""
    read = log("i1 {vendor=A}: a@1h/ana, b@2h/bob\ni2 {vendor=B}: a@1h/bob")
    answer, split = resources(read), resources(read, by="vendor")
    assert {name: set(answer.cases(record).rows.column("case")) for name, record in by_name(answer).items()} == {"ana": {"i1"}, "bob": {"i1", "i2"}}
    wanted = next(record for record in split.records() if (record["group"], record["resource"]) == ("B", "bob"))
    assert split.cases(wanted).rows.column("case") == ("i2",)


def test_processing_time_counts_in_full_where_units_overlap() -> None:
    """Two units at once are twice the time."""
    assert by_name(resources(log("i1: a@0h-2h/ana\ni2: a@1h-2h/ana")))["ana"]["processing_total"] == 3 * HOUR


ROLES = {"EMPLOYEE": 12856, "SUPERVISOR": 10285, "ADMINISTRATION": 8997, "BUDGET OWNER": 2804, "PRE_APPROVER": 771, "MISSING": 89, "UNDEFINED": 19826}


def test_the_published_events_by_role(third_party_logs: Path) -> None:
    """With the role taken for the resource, the events of each role are those published for the challenge of 2020."""
    answer = resources(finmine.read(third_party_logs / "bpic2020/DomesticDeclarations.xes.gz", resource="org:role", people="names"))
    assert {name: record["units"] for name, record in by_name(answer).items()} == ROLES
