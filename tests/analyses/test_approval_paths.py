"""Approval paths: what plain Python counts over lists of events, a whole that adds up, and what cannot be told kept apart."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from statistics import median
from typing import Any

import pytest
from tests.answers import SAMPLES, texts

import finmine
from finmine.analyses.approval_paths import ApprovalPaths, approval_paths
from finmine.auditing.amount_bands import BadBands, bands
from finmine.auditing.approvals import UnknownStep
from finmine.auditing.policy_file import load_policy, read_policy
from finmine.card import AmountRule, Card
from finmine.card_people import Persons
from finmine.errors import Refusal
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline
from finmine.words import HOUR

POLICY = """finmine_policy = 1
name = "Small"
version = "1"
[steps]
request = "Request"
approval = "Approve*"
change = "Change"
payment = "Pay"
[[rules]]
id = "order"
step = "payment"
requires = "approval"
after_last = ["change"]
"""
LIMITS = '[[authority]]\nrole = "Lead"\nlimit = "500.00"\ncurrency = "EUR"\n'
CARD = Card(amount=AmountRule("case"), persons=Persons(technical=("robot",), anonymous=("anybody",), aliases={"ann_2": "ann"}))
ROLES = {"ann": "Lead", "ann_2": "Lead", "bob": "Head", "robot": "System", "anybody": "Lead", None: None}


@pytest.fixture
def policy(tmp_path: Any) -> str:
    """The file of the small policy."""
    (tmp_path / "small.toml").write_text(POLICY)
    return str(tmp_path / "small.toml")


def random_cases(seed: int, number: int) -> dict[str, dict[str, Any]]:
    """Cases by name: their events as (activity, hour, resource) at times of their own, and their amount."""
    dice = random.Random(seed)
    steps = ("Request", "Approve first", "Approve second", "Change", "Pay")
    cases: dict[str, dict[str, Any]] = {}
    for place in range(number):
        hours = sorted(dice.sample(range(40), dice.randint(1, 7)))
        events = [(dice.choice(steps), hour, dice.choice(list(ROLES))) for hour in hours]
        cases[f"case {place}"] = {"events": events, "amount": dice.choice([None, "-100.00", "500.00", "500.01", "7000.00"])}
    return cases


def written(cases: dict[str, dict[str, Any]]) -> list[Event]:
    """The rows of cases."""
    return [
        {
            "case": name,
            "activity": activity,
            "timestamp": ORIGIN + hour * HOUR,
            "resource": who or "",
            "role": ROLES[who] or "",
            "amount": case["amount"] or "",
            "currency": "EUR",
        }
        for name, case in cases.items()
        for activity, hour, who in case["events"]
    ]


def effect(events: list[tuple[str, int, str | None]]) -> str:
    """Whether every payment rests on an approval after the last change, by the definition."""
    found = []
    for place, (activity, _, _) in enumerate(events):
        if activity != "Pay":
            continue
        before = [name.split(maxsplit=1)[0] for name, _, _ in events[:place]]
        after_change = before[len(before) - before[::-1].index("Change") :] if "Change" in before else before
        found.append("with_effective" if "Approve" in after_change else "not_effective")
    return "not_asked" if not found else max(found, key=["with_effective", "not_effective"].index)


def told(who: str | None, level: str) -> str | None:
    """What is said of an approver."""
    if level == "role":
        return ROLES[who]
    return {"anybody": None, "ann_2": "ann"}.get(str(who), who)


@pytest.mark.parametrize("level", ["role", "person"])
def test_paths_are_those_of_plain_python(level: Any, policy: str) -> None:
    """Of 400 random cases each path has the cases, amounts, times and effects that lists of events give, and they add up."""
    cases = random_cases(3, 400)
    answer = approval_paths(log(written(cases), card=CARD, unit="event", shuffled=5), policy=policy, level=level)
    expected: dict[str, dict[str, Any]] = {}
    for case in cases.values():
        events = case["events"]
        done = [(place, told(who, level)) for place, (name, _, who) in enumerate(events) if name.startswith("Approve")]
        path = (
            "(no approval)" if not done else "(approver not known)" if any(who is None for _, who in done) else _text([str(who) for _, who in done])
        )
        entry = expected.setdefault(path, {"cases": 0, "value": Decimal(0), "held": [], "effects": Counter(), "approvals": 0})
        entry["cases"] += 1
        entry["value"] += Decimal(case["amount"] or 0)
        entry["held"] += [(events[place][1] - events[place - 1][1]) * HOUR for place, _ in done if place]
        entry["approvals"] += len(done)
        entry["effects"][effect(events)] += 1
    records = {record["approval_path"]: record for record in answer.records()}
    assert records.keys() == expected.keys()
    for path, wanted in expected.items():
        record = records[path]
        assert (record["cases"], record["approvals"], record["value"] or 0) == (wanted["cases"], wanted["approvals"], wanted["value"])
        assert record["held_median"] == (round(median(wanted["held"])) if wanted["held"] else None)
        assert {name: record[name] for name in ("with_effective", "not_effective", "effect_unclear", "not_asked")} == {
            "effect_unclear": 0,
            **{name: wanted["effects"][name] for name in ("with_effective", "not_effective", "not_asked")},
        }
    assert answer.cases(answer.records()[1]).total == answer.records()[1]["cases"]
    assert sum(record["cases"] for record in records.values()) == len(cases)
    assert sum(record["cases_share"] for record in records.values()) == pytest.approx(1)


def _text(path: list[str]) -> str:
    parts: list[tuple[str, int]] = []
    for who in path:
        parts = [*parts[:-1], (who, parts[-1][1] + 1)] if parts and parts[-1][0] == who else [*parts, (who, 1)]
    return " → ".join(f"{who} × {times}" if times > 1 else who for who, times in parts)


def test_bands_divide_the_paths(policy: str) -> None:
    """An amount that equals a bound is below it, the sign does not count, and an amount that is not known has a band of its own."""
    cases = random_cases(4, 200)
    answer = approval_paths(log(written(cases), card=CARD, unit="event"), policy=policy, bands="500,1000")
    by_band: Counter[str] = Counter()
    for record in answer.records():
        by_band[record["amount_band"]] += record["cases"]
    names = {None: "amount not known", "-100.00": "up to 500 EUR", "500.00": "up to 500 EUR"}
    names |= {"500.01": "above 500 up to 1,000 EUR", "7000.00": "above 1,000 EUR"}
    assert by_band == Counter(names[case["amount"]] for case in cases.values())
    record = max(answer.records(), key=lambda record: record["cases"])
    assert answer.cases(record).total == record["cases"]


def test_the_limits_of_a_policy_are_its_bands() -> None:
    """Without bands those between the limits are taken, each currency for itself; a log without currencies has those of the only one."""
    two = LIMITS + LIMITS.replace("500.00", "2000.00").replace("Lead", "Head") + LIMITS.replace("EUR", "USD")
    found = bands(None, read_policy("small.toml", (POLICY + two).encode()))
    assert [list(map(int, found.of(currency))) for currency in ("EUR", "USD", "GBP", "")] == [[500, 2000], [500], [], []]
    assert [found.words(band, "EUR") for band in range(3)] == ["up to 500.00 EUR", "above 500.00 up to 2,000.00 EUR", "above 2,000.00 EUR"]
    assert found.words(0, "GBP") == "all amounts GBP"
    assert bands(None, read_policy("small.toml", (POLICY + LIMITS).encode())).of("") == (Decimal(500),)
    assert not bands(None, read_policy("small.toml", POLICY.encode())).asked


SMALL = """
    i1 {amount=100.00, currency=EUR, vendor=ACME}: Request@0h/ann, "Approve, once"@2h/bob, Pay@3h/cid
    i2 {amount=200.00, currency=EUR, vendor=ACME}: Request@0h/ann, Pay@1h/cid, "Approve, once"@5h/bob
    i3 {amount=300.00, currency=EUR, vendor=Moon}: Request@0h/ann, "Approve, once"@1h/bob, Change@2h/ann, Pay@3h/cid
    i4 {amount=400.00, currency=EUR, vendor=Moon}: Request@0h/ann, "Approve, once"@3h/bob, Pay@3h/cid
    i5 {amount=500.00, currency=EUR, vendor=Moon}: Request@0h/ann, Pay@1h/cid
    i6 {amount=600.00, currency=EUR, vendor=Moon}: Request@0h/ann
"""


def test_why_there_is_no_effective_approval(policy: str) -> None:
    """Too late, changed afterwards, never, at the same time, and not yet asked for: each case is under one reason, with its money."""
    answer = approval_paths(log(SMALL), policy=policy, level="person")
    shown = next(block for block in answer.view().blocks if getattr(block, "title", "").startswith("Effective approvals"))
    assert {row[0]: row[1:] for row in shown.rows} == {  # type: ignore[union-attr]
        "rests on an approval": (1, 100),
        "approved only afterwards": (1, 200),
        "changed after the last approval": (1, 300),
        "approved or changed at the same time, so that nobody can say which was first": (1, 400),
        "never approved before it": (1, 500),
        "has not come to what needs an approval": (1, 600),
    }
    assert "3 of 5 cases with payment (60.0 %) have no effective approval." in texts(answer, Headline)
    (held,) = answer.approvers.records()
    assert (held["approver"], held["approvals"], held["rested_on"], held["held_median"]) == ("bob", 4, 1, 2.5 * HOUR)


def test_groups_add_up(policy: str) -> None:
    """Split after an attribute, shares are of each group, and the cases behind a row are of the group."""
    answer = approval_paths(log(SMALL), policy=policy, level="person", by="vendor")
    found = [(record["group"], record["approval_path"], record["cases"], record["cases_share"]) for record in answer.records()]
    assert found == [("ACME", "bob", 2, 1.0), ("Moon", "bob", 2, 0.5), ("Moon", "(no approval)", 2, 0.5)]
    assert {case["case"] for case in answer.cases(answer.records()[1]).records()} == {"i3", "i4"}


def test_an_approval_that_was_aborted_is_none(policy: str, tmp_path: Any) -> None:
    """Where the lifecycle says that an approval was aborted, nobody approved."""
    states = {"i1": "complete", "i2": "ate_abort"}
    rows = [
        f"{case},{activity},{state},2024-01-01 {hour + late:02}:00,ann"
        for case, end in states.items()
        for hour, activity in enumerate(("Request", "Approve", "Pay"), 8)
        for late, state in enumerate(("start", end if activity == "Approve" else "complete"))
    ]
    (tmp_path / "log.csv").write_text("\n".join(["case,activity,lifecycle,timestamp,user", *rows]) + "\n")
    answer = approval_paths(finmine.read(tmp_path / "log.csv"), policy=policy, level="person")
    found = {record["approval_path"]: (record["cases"], record["with_effective"], record["not_effective"]) for record in answer.records()}
    assert {path == "(no approval)": counts for path, counts in found.items()} == {True: (1, 0, 1), False: (1, 1, 0)}


def test_what_is_no_approval_is_said(policy: str) -> None:
    """Where no activity is an approval, no case is said to have none; unknown steps and bands are refused in words."""
    answer = approval_paths(log("i1: Request@0h/ann, Sign@1h/bob"), policy=policy)
    assert [(record["approval_path"], record["cases"]) for record in answer.records()] == [("(no activity is known to be an approval)", 1)]
    assert any("No activity of the log is known to be approval" in text for text in texts(answer, Caveat))
    with pytest.raises(UnknownStep, match="has no step 'aproval'. Did you mean 'approval'"):
        approval_paths(log(SMALL), policy=policy, approval=("aproval",))
    for given in ("1000,500", "x", "0", "1,1", "Infinity"):
        with pytest.raises(BadBands, match="rising order"):
            bands(given, load_policy(policy))
    with pytest.raises(Refusal, match="most"):
        approval_paths(log(SMALL), policy=policy, most=0)


def test_paths_that_are_not_listed_are_counted(policy: str) -> None:
    """With fewer rows than paths the answer says how many cases are not in them; without roles approvers are told by what they did."""
    answer = approval_paths(log(SMALL), policy=policy, most=1)
    assert [(record["approval_path"], record["cases"]) for record in answer.records()] == [("Approve, once", 4)]
    assert "The log records no roles, so approvers are told by what they did." in texts(answer, Caveat)
    assert "The paths that are not listed have 2 cases; the tables below are of all." in answer.to_text(200)


def test_the_approvers_of_the_sample_log_are_those_that_its_limits_ask_for() -> None:
    """In the sample of approvals a case passes so many levels as its amount asks for, unless it was given up, withdrawn or is running."""
    answer: ApprovalPaths = approval_paths(finmine.read(SAMPLES / "approvals.xes.gz"), policy="expenses", bands="149.99,1499.99,7499.99,29999.99")
    paid = [record for record in answer.records() if record["with_effective"]]
    assert {(record["band"], record["path"][-1]) for record in paid} == {(1, "Team lead"), (2, "Department head"), (3, "Controller"), (4, "CFO")}
    assert sum(record["cases"] for record in answer.records()) == 1500


def test_the_declarations_of_travel_expenses(third_party_logs: Any) -> None:
    """Of the 9,912 paid declarations of BPI Challenge 2020 two were paid without a final approval after the last submission; 27 paths in all."""
    read = finmine.read(third_party_logs / "bpic2020" / "DomesticDeclarations.xes.gz")
    answer = approval_paths(read, policy="expenses", approval=("check", "approval"))
    assert [(record["approval_path"], record["cases"]) for record in answer.records()[:3]] == [
        ("ADMINISTRATION → SUPERVISOR", 4957),
        ("ADMINISTRATION → BUDGET OWNER → SUPERVISOR", 2625),
        ("SUPERVISOR", 1443),
    ]
    assert len(answer.records()) - 1 == 27
    assert "2 of 9,912 cases with payment (<0.1 %) have no effective approval." in texts(answer, Headline)
