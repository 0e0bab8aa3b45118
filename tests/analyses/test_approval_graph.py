"""The approval graph: edges from the last request to the approval, a whole that adds up, and the fewest persons against trying all sets."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import pytest
from tests.answers import SAMPLES, texts
from tests.auditing.oracle import covering

import finmine
from finmine.analyses.approval_graph import approval_graph
from finmine.auditing.policy_file import load_policy
from finmine.card import Card
from finmine.card_people import Persons
from finmine.errors import Refusal
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Diagram, Headline
from finmine.words import HOUR

POLICY = """finmine_policy = 1
name = "Small"
version = "1"
[steps]
request = "Request"
approval = "Approve"
payment = "Pay"
[[rules]]
id = "eyes"
different_persons = ["request", "approval"]
[[rules]]
id = "order"
step = "payment"
requires = "approval"
"""
CARD = Card(persons=Persons(technical=("robot",), anonymous=("anybody",), aliases={"ann_2": "ann"}))
SMALL = """
    i1 {amount=100.00, currency=EUR}: Request@0h/ann, Approve@1h/bob, Pay@2h/bob
    i2 {amount=200.00, currency=EUR}: Request@0h/bob, Approve@1h/ann, Pay@2h/cid
    i3 {amount=300.00, currency=EUR}: Request@0h/bob, Approve@1h/cid, Pay@2h/ann
    i4 {amount=400.00, currency=EUR}: Request@0h/cid, Approve@1h/ann, Pay@2h/ann
    i5 {amount=500.00, currency=EUR}: Request@0h/eve, Approve@1h/eve, Pay@2h/eve
    i6 {amount=600.00, currency=EUR}: Approve@1h/ann, Request@2h/bob
"""


@pytest.fixture
def policy(tmp_path: Any) -> str:
    """The file of the small policy."""
    (tmp_path / "small.toml").write_text(POLICY)
    return str(tmp_path / "small.toml")


def test_who_approves_for_whom(policy: str) -> None:
    """Edges with their money, who approves own requests, pairs, circles, and how few carried a case, in the answer and in its sentences."""
    answer = approval_graph(log(SMALL), policy=policy)
    assert {(record["requester"], record["approver"]): (record["cases"], record["value"]) for record in answer.records()} == {
        ("ann", "bob"): (1, 100),
        ("bob", "ann"): (1, 200),
        ("bob", "cid"): (1, 300),
        ("cid", "ann"): (1, 400),
        ("eve", "eve"): (1, 500),
    }
    assert [tuple(pair) for pair in answer.pairs_of()] == [("ann", "bob", 1, 1)]
    assert [(circle.people, circle.shortest) for circle in answer.circles()] == [(("ann", "bob", "cid"), ("ann", "bob", "cid"))]
    assert {(record["carried"], record["fewest"]): record["cases"] for record in answer.carried.records()} == {
        (None, 1): 1,
        (None, 2): 2,
        (None, 3): 2,
        ("did not come to the end", None): 1,
    }
    said = texts(answer, Headline)
    assert said[0] == "1 person approves what they requested themselves, in 1 case."
    assert "Approvals go round among 3 persons: ann → bob → cid → ann." in said
    assert "3 of 5 cases were or could have been carried from end to end by one or two persons (60.0 %)." in said
    assert [row["sides"] for row in answer.whole.records()] == ["told", "not asked"]
    record = next(record for record in answer.records() if record["approver"] == "cid")
    assert [case["case"] for case in answer.cases(record).records()] == ["i3"]


def test_edges_and_fewest_persons_are_those_of_plain_python(policy: str) -> None:
    """Of 500 random cases with machines, other names and unknown people, each edge, each class of approvals and each number of persons is right."""
    dice = random.Random(11)
    who = ["ann", "ann_2", "bob", "cid", "robot", "anybody", None]
    cases: dict[str, list[tuple[str, int, str | None]]] = {
        f"case {place}": [
            (dice.choice(("Request", "Approve", "Pay")), hour, dice.choice(who)) for hour in sorted(dice.sample(range(30), dice.randint(1, 7)))
        ]
        for place in range(500)
    }
    rows: list[Event] = [
        {"case": case, "activity": activity, "timestamp": ORIGIN + hour * HOUR, "resource": name or ""}
        for case, events in cases.items()
        for activity, hour, name in events
    ]
    edges, sides, few = defaultdict[tuple[str, str], list[str]](list), Counter[str](), Counter[tuple[str | None, int | None]]()
    for case, events in cases.items():
        people = [{"ann_2": "ann", "anybody": None}.get(str(name), name) for _, _, name in events]
        for place, (activity, _, _) in enumerate(events):
            if activity == "Approve":
                asked = [people[before] for before in range(place) if events[before][0] == "Request"]
                side = _side(asked, people[place])
                sides[side] += 1
                if side == "told":
                    edges[str(asked[-1]), str(people[place])].append(case)
        groups = [{person for person, event in zip(people, events, strict=True) if event[0] == step} for step in ("Request", "Approve", "Pay")]
        if not all(groups):
            few["did not come to the end", None] += 1
        elif any(None in group for group in groups):
            few["a performer is not known", None] += 1
        else:
            few[None, covering([{str(name) for name in group} - {"robot"} for group in groups if group - {"robot"}])] += 1
    answer = approval_graph(log(rows, card=CARD, unit="event", shuffled=2), policy=policy)
    assert {(record["requester"], record["approver"]): (record["approvals"], record["cases"]) for record in answer.records()} == {
        edge: (len(found), len(set(found))) for edge, found in edges.items()
    }
    assert {row["sides"]: row["approvals"] for row in answer.whole.records()} == sides
    assert {(row["carried"], row["fewest"]): row["cases"] for row in answer.carried.records()} == few


def _side(asked: list[str | None], approver: str | None) -> str:
    if not asked:
        return "not asked"
    if "robot" in (asked[-1], approver):
        return "machine"
    return "approver not known" if approver is None else "requester not known" if asked[-1] is None else "told"


def test_what_cannot_be_told_is_said(policy: str) -> None:
    """Where no step is kept apart from the approval nobody can say who requested; more than eight steps are refused; so are unknown ones."""
    read = log("i1: Prepare journal@0h/ann, Review@1h/bob")
    answer = approval_graph(read, policy="record-to-report", approval=("write-off",))
    assert answer.records() == ()
    assert any("No activity of the log is known to be write-off" in text for text in texts(answer, Caveat))
    with pytest.raises(Refusal, match="at most 8 steps"):
        approval_graph(read, steps=tuple(load_policy("purchase-to-pay").steps)[:9])
    with pytest.raises(Refusal, match="has no step 'pay'"):
        approval_graph(read, policy=policy, steps=("pay",))


def test_a_name_that_approves_most_of_its_own_requests_is_doubted(policy: str) -> None:
    """Where one name requests and approves nearly everything, the answer asks whether it is a person at all."""
    answer = approval_graph(log('i1: Request@0h/"STAFF MEMBER", Approve@1h/"STAFF MEMBER", Pay@2h'), policy=policy)
    assert any("STAFF MEMBER approves own requests in 100.0 % of the approvals: where this is a machine" in text for text in texts(answer, Caveat))


def test_the_sample_of_invoices_has_a_picture() -> None:
    """Approvers of invoices do not enter them, so nobody approves for himself, for each other or in a circle; all 1,146 approvals are counted."""
    answer = approval_graph(finmine.read(SAMPLES / "invoices.csv"), bands="1000,10000")
    assert (answer.pairs_of(), answer.circles()) == ((), ())
    assert sum(row["approvals"] for row in answer.whole.records()) == 1146
    assert sum(row["cases"] for row in answer.carried.records()) == 1200
    bands = {(row["band"], row["fewest"]): row["cases"] for row in answer.carried.records() if row["fewest"]}
    assert bands == {(0, 1): 113, (0, 2): 361, (0, 3): 15, (1, 1): 116, (1, 2): 346, (1, 3): 18, (2, 1): 33, (2, 2): 69, (2, 3): 1, (None, 2): 1}
    (picture,) = [block for block in answer.view().blocks if isinstance(block, Diagram)]
    assert "40 strongest of 97 links" in picture.text


def test_the_strongest_edges_are_listed_and_the_rest_counted(policy: str) -> None:
    """Beyond so many edges the text says how many there are and what the listed ones hold; circles and shares are of all."""
    text = "\n".join(f"i{n}: Request@0h/p{n % 7}, Approve@1h/q{n % 5}" for n in range(70))
    whole, few = approval_graph(log(text), policy=policy), approval_graph(log(text), policy=policy, most=3)
    assert (len(whole.records()), len(few.records())) == (30, 3)
    assert few.records() == whole.records()[:3]
    assert "The 3 strongest of 35 edges hold 8.6 % of the approvals; --most lists more." in few.to_text()
    with pytest.raises(Refusal, match="most is 0"):
        approval_graph(log(text), policy=policy, most=0)
