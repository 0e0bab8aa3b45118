"""Verdicts: for every rule and case exactly one of five, as the decision list says."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.auditing import oracle
from tests.auditing.oracle import MACHINE

from finmine.auditing.bound_steps import OneActivityTwoSteps
from finmine.auditing.change_tests import CorrectedBefore, SameValue, UnchangedAfter
from finmine.auditing.deadlines import InTime
from finmine.auditing.grounds import grounds
from finmine.auditing.policy import VERDICTS, Authority, Band, DifferentPersons, FewestPersons, InsideHours, Needed, Policy, Requires, Rule
from finmine.auditing.policy import WithinLimit as Within
from finmine.auditing.policy_file import NoSuchAttribute
from finmine.auditing.reasons import REASONS
from finmine.auditing.verdicts import verdicts
from finmine.card import AmountRule, Card
from finmine.card_amount import Rate
from finmine.card_calendars import CalendarOf, read_calendars
from finmine.card_people import Delegation, Persons
from finmine.log import EventLog
from finmine.relations.tables import case_table
from finmine.testing import ORIGIN, Event, log
from finmine.words import HOUR

STEPS = ("enter", "approve", "change", "pay", "close")
PRICES = ("1.5", "1.50", "1.5", "2.25", None)
BAND = Band(Decimal(100), Decimal(1000), "EUR")
RULES = (
    Rule("different", "", "high", DifferentPersons((("enter",), ("approve",)))),
    Rule("three", "", "high", DifferentPersons((("enter", "change"), ("approve",), ("pay",)))),
    Rule("two", "", "high", FewestPersons((("enter",), ("approve",), ("pay",)), 2)),
    Rule("four", "", "high", FewestPersons((("enter", "change"), ("approve",), ("pay",), ("close",)), 3)),
    Rule("hours", "", "high", InsideHours("approve")),
    Rule("needed", "", "high", Needed("approve"), band=BAND),
    Rule("order", "", "high", Requires("pay", "approve"), having=("enter",)),
    Rule("effective", "", "high", Requires("pay", "approve", ("change",), ("enter", "change"))),
    Rule("limited", "", "high", Requires("pay", "approve", within_limit=True)),
    Rule("limit", "", "high", Within("approve"), band=replace(BAND, below=None)),
    Rule("unchanged", "", "high", UnchangedAfter("approve", ("price",))),
    Rule("corrected", "", "high", CorrectedBefore("pay", ("change", "enter"), "approve")),
    Rule("by hand", "", "high", CorrectedBefore("close", ("change",))),
    Rule("same", "", "high", SameValue(("price", "again"))),
    Rule("same day", "", "high", InTime(("approve", "change"), "enter", "step", 0, False)),
)
POLICY = Policy(
    "Test",
    "1",
    "test.toml",
    "",
    {step: (step,) for step in STEPS},
    RULES,
    (Authority("resource", "ann", Decimal(500), "EUR"), Authority("resource", "bob", None, "EUR")),
)
CARD = Card(
    amount=AmountRule("case"),
    outcomes={"closed": ("close",)},
    calendars=read_calendars({"calendars": {"office": {"hours": {"Mon-Fri": "02:00-05:00"}}}}, "card"),
    calendar_of=CalendarOf("office"),
    persons=Persons(technical=(MACHINE,), anonymous=("anybody",), aliases={"Ann_2": "ann"}),
)


def random_cases(seed: int, number: int) -> dict[str, dict[str, Any]]:
    """Cases by name: their events as (step, hour, resource), with ties, machines, other spellings and unknown people, and their amount as text."""
    dice = random.Random(seed)
    who = ["ann", "ANN ", "Ann_2", "bob", "cid", MACHINE, "anybody", None]
    amounts = [None, "50.00", "100.00", "-700.00", "999.99", "1000.00"]
    return {
        f"case {place}": {
            "events": [(dice.choice(STEPS), dice.randrange(7), dice.choice(who), dice.choice(PRICES)) for _ in range(dice.randint(1, 7))],
            "amount": dice.choice(amounts),
        }
        for place in range(number)
    }


def written(these: dict[str, dict[str, Any]]) -> list[Event]:
    """The rows of cases."""
    rows: list[Event] = []
    for name, case in these.items():
        for step, hour, who, price in case["events"]:
            row: Event = {"case": name, "activity": step, "timestamp": ORIGIN + hour * HOUR, "amount": case["amount"] or "", "currency": "EUR"}
            rows.append({**row, "resource": who or "", "price": price or "", "again": price or "" if hour % 2 == 0 else ""})
    return rows


def judged(these: EventLog, policy: Policy) -> dict[tuple[str, str], str]:
    """The verdict of each rule and case."""
    ground = grounds(these, policy)
    found = verdicts(ground).join(ground.cases.select("case", "label"), "case")
    rows = these.fetch(found.select("rule", "label", "reason")).tuples()
    assert len({row[:2] for row in rows}) == len(rows)
    return {(policy.rules[int(str(rule))].name, str(label)): REASONS[int(str(reason))].verdict for rule, label, reason in rows}


def person(name: str | None) -> str | None:
    """Who is behind a name of the cases."""
    return None if name in (None, "anybody") else {"ANN ": "ann", "Ann_2": "ann"}.get(str(name), name)


@pytest.mark.parametrize("declared", [True, False])
def test_every_case_gets_the_verdict_of_the_decision_list(declared: bool) -> None:
    """Of 1,500 random cases every verdict of every rule is that of plain Python, and each rule judges each case once."""
    these = random_cases(7, 1500)
    card = CARD if declared else replace(CARD, outcomes={})
    read = log(written(these), card=card, unit="event", shuffled=3)
    statuses = {str(case): str(status) for case, status in read.fetch(case_table(read).select("label", "status")).tuples()}
    found = judged(read, POLICY)
    assert Counter(rule for rule, _ in found) == dict.fromkeys((rule.name for rule in RULES), len(these))
    for name, case in these.items():
        events = [
            {"step": step, "timestamp": hour, "resource": person(who), "value": price and price.rstrip("0")}
            for step, hour, who, price in case["events"]
        ]
        amount = None if case["amount"] is None else abs(Decimal(case["amount"]))
        for rule in RULES:
            assert found[rule.name, name] == oracle.verdict(POLICY, rule, events, statuses[name], amount), (rule.name, events, statuses[name], amount)


WHOLE = "o: enter@0h/eve, approve@1h/eve, change@2h/eve, pay@3h/eve, close@4h/eve"


def one(text: str, rule: Rule, card: Card = CARD, policy: Policy = POLICY, beside: str = WHOLE) -> tuple[str, str]:
    """The verdict and the reason of a rule for the first case of a written log, beside a case that has all steps."""
    read = log(f"{text}\n{beside}", card=card, unit="event")
    ground = grounds(read, replace(policy, rules=(rule,)))
    found = verdicts(ground).join(ground.cases.filter(ground.cases.label == "i"), "case")
    reason = REASONS[int(str(read.fetch(found.select("reason")).column("reason")[0]))]
    return reason.verdict, reason.name


EFFECTIVE = next(rule for rule in RULES if rule.name == "effective")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("i: enter@0h/ann, approve@1h/bob, pay@2h/cid", ("pass", "pass")),
        ("i: enter@0h/ann, approve@1h/bob, change@2h/cid, pay@3h/cid", ("violation", "changed afterwards")),
        ("i: enter@0h/ann, approve@1h/bob, change@2h/cid, approve@3h/bob, pay@4h/cid", ("pass", "pass")),
        ("i: enter@0h/ann, approve@1h/bob, change@2h/bob, approve@3h/bob, pay@4h/cid", ("violation", "own work")),
        ("i: enter@0h/ann, pay@1h/cid, approve@2h/bob", ("violation", "required too late")),
        ("i: enter@0h/ann, pay@1h/cid", ("missing control", "required never done")),
        ("i: enter@0h/ann, approve@1h/bob, pay@1h/cid", ("not testable", "order not known")),
        ("i: enter@0h/ann, approve@1h/robot, pay@2h/cid", ("not testable", "person required")),
        ("i: enter@0h/anybody, approve@1h/bob, pay@2h/cid", ("not testable", "person not known")),
        ("i: enter@0h/ann, approve@1h/bob", ("not applicable", "steps not done")),
    ],
)
def test_what_counts_is_the_effective_approval(text: str, wanted: tuple[str, str]) -> None:
    """The last approval after the last change and before the payment decides; equal times are in no order."""
    assert one(text, EFFECTIVE) == wanted


def test_limits_hold_on_their_days_and_for_delegates() -> None:
    """A limit counts from its first day to its last; a delegate has it in the days of the delegation, also one of an alias, and passes it on to nobody."""
    policy = replace(POLICY, authorities=(Authority("resource", "ann", Decimal(500), "EUR", date(2024, 1, 2), date(2024, 1, 3)),))
    card = replace(CARD, persons=replace(CARD.persons, delegations=(Delegation("Ann", "dee", date(2024, 1, 3)),)))
    rule = Rule("limit", "", "high", Within("approve"))

    def at(day: str, who: str, amount: str = "500.00") -> str:
        return one(f"i {{amount={amount}, currency=EUR}}: approve@{day}/{who}, close@9d/cid", rule, card, policy)[0]

    assert [at(day, "ann") for day in ("0d", "1d", "2d 23h", "3d")] == ["violation", "pass", "pass", "violation"]
    assert [at(day, "dee") for day in ("1d", "2d")] == ["violation", "pass"]
    assert at("1d", "ann", "500.01") == "violation"
    card = replace(card, persons=replace(card.persons, delegations=(Delegation("ann_2", "dee"), Delegation("dee", "fay"), Delegation("fay", "dee"))))
    assert [at("2d", who) for who in ("dee", "fay")] == ["pass", "violation"]


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ("enter@0h/cid {price=400}, approve@1h/ann, change@2h/cid {price=900}", ("pass", "pass")),
        ("enter@0h/cid {price=900}, approve@1h/ann, change@2h/cid {price=400}", ("violation", "violation")),
        ("enter@0h/cid {price=900}, approve@1h/ann {price=400}", ("pass", "pass")),
        ("enter@0h/cid {price=900}, approve@1h/ann {price=400}, change@2h/cid {price=900}, approve@3h/ann", ("pass", "violation")),
        ("enter@0h/cid {price=900}, change@0h/cid {price=400}, approve@1h/ann", ("not testable", "not testable")),
        ("enter@0h/cid {price=400}, approve@0h/ann, change@2h/cid {price=400}", ("not testable", "not testable")),
        ("enter@0h/cid {price=400}, approve@0h/bob", ("pass", "pass")),
    ],
)
def test_limits_can_look_at_what_the_amount_was(events: str, wanted: tuple[str, str]) -> None:
    """An attribute of rows says the amount of each approval: on its own row, else what was recorded last before it; rows of one time are in no order."""
    text = f"i {{amount=900.00, currency=EUR}}: {events}, pay@5h/cid, close@9d/cid"
    tests = (Within("approve", "price"), Requires("pay", "approve", within_limit=True, amount="price"))
    assert tuple(one(text, Rule("then", "", "high", test))[0] for test in tests) == wanted
    assert one(text, Rule("then", "", "high", Within("approve", "prise")))[0] == ("pass" if "bob" in events else "not testable")


def test_a_limit_can_be_for_some_cases_only() -> None:
    """A line of the matrix counts where the case has one of its values; where the case does not say, no limit is known, unless another covers the amount."""
    lines = (Authority("resource", "ann", None, "EUR", where={"company": ("1000", "2000")}), Authority("resource", "ann", Decimal(10), "EUR"))
    policy, rule = replace(POLICY, authorities=lines), Rule("limit", "", "high", Within("approve"))
    card = replace(CARD, attributes={"company": "company"})

    def at(company: str, amount: str) -> str:
        text = f"i {{company={company}, amount={amount}, currency=EUR}}: approve@1h/ann, close@9d/cid"
        return one(text, rule, card, policy)[0]

    assert [at(company, "900.00") for company in ("1000", "3000", '""')] == ["pass", "violation", "not testable"]
    assert [at(company, "9.00") for company in ("3000", '""')] == ["pass", "pass"]
    wrong = replace(policy, authorities=(replace(lines[0], where={"compny": ("1",)}),), rules=(rule,))
    with pytest.raises(NoSuchAttribute, match=r"authority\[1\]\.where\.compny: the log has no attribute 'compny'\. Did you mean 'company'\?"):
        grounds(log("i {company=1}: approve@1h/ann", card=card), wrong)


def test_what_the_amount_was_is_converted_at_the_rate_of_the_case() -> None:
    """In dollars 540 are within 500 euros at 0.9, and 560 are not; the whole amount is converted exactly."""
    card = replace(CARD, amount=AmountRule("case", reporting="EUR"), rates=(Rate("USD", date(2024, 1, 1), Decimal("0.9")),))
    rule = Rule("then", "", "high", Within("approve", "price"))
    found = [one(f"i {{amount=700.00, currency=USD}}: approve@1h/ann {{price={price}}}, close@9d/cid", rule, card)[0] for price in (540, 560, 700)]
    assert found == ["pass", "violation", "violation"]


def test_without_a_calendar_nobody_can_say_what_is_outside_of_hours() -> None:
    """Where the card declares none, no approval passes or fails by its time; with one the night is outside."""
    text, rule = "i: enter@0h/ann, approve@23h/bob", Rule("hours", "", "high", InsideHours("approve"))
    assert one(text, rule) == ("violation", "outside of hours")
    assert one(text, rule, replace(CARD, calendars={}, calendar_of=CalendarOf())) == ("not testable", "hours not known")


def test_a_step_that_no_activity_is_cannot_be_tested() -> None:
    """Where the log has no activity for a step, no case passes; that nothing changes a document is no reason not to test."""
    assert one("i: enter@0h/ann, approve@1h/bob", RULES[1], beside="") == ("not testable", "step not known")
    assert one("i: enter@0h/ann, approve@1h/bob, pay@2h/cid", Rule("r", "", "high", Requires("pay", "approve", ("change",))), beside="") == (
        "pass",
        "pass",
    )


def test_nobody_can_say_which_cases_have_a_step_that_no_activity_is() -> None:
    """A rule for cases with a step that no activity of the log is looks at all of them, and none can be tested: they are not taken for outside."""
    rule = Rule("r", "", "high", Requires("pay", "approve"), having=("change",))
    assert one("i: enter@0h/ann, approve@1h/bob, pay@2h/cid", rule, beside="") == ("not testable", "step not known")


def test_one_activity_cannot_be_two_steps_that_are_compared() -> None:
    """Who did one activity cannot differ from who did it: the rule, the activity and both steps are named."""
    policy = replace(POLICY, steps={**POLICY.steps, "approve": ("a*", "enter")}, rules=RULES[:1])
    with pytest.raises(OneActivityTwoSteps, match="rule different compares the steps 'enter' and 'approve', and 'enter' is both"):
        grounds(log("i: enter@0h/ann, approve@1h/bob"), policy)


def test_the_card_says_what_a_step_is() -> None:
    """The card's steps beat the names of the policy, also where it says that the log has none of them; what does not occur is told."""
    card = replace(CARD, steps={"approve": ("Sign", "Sgin"), "change": ()})
    ground = grounds(log("i: enter@0h/ann, Sign@1h/bob, change@2h/bob, approve@3h/ann", card=card), replace(POLICY, rules=RULES[:1]))
    assert ground.bound.activities["approve"] == ("Sign",)
    assert ground.bound.activities["change"] == ()
    assert ground.bound.notes == ("'Sgin' (approve on the card) does not occur in the log. Did you mean 'Sign'?",)


def test_the_reasons_stand_in_the_order_of_the_verdicts() -> None:
    """The least number of several reasons is the one that decides, so reasons of one verdict stand together, the weightiest verdict first."""
    order = [list(VERDICTS).index(reason.verdict) for reason in REASONS]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("i: pay@24h, approve@34h", "order not known"),
        ("i: approve@34h, pay@24h, pay@48h", "order not known"),
        ("i: approve@23h, pay@24h", "pass"),
        ("i: pay@24h, approve@49h", "required too late"),
        ("i: approve@34h, pay@48h", "pass"),
    ],
)
def test_on_a_day_of_which_only_the_date_is_known_nothing_is_in_order(text: str, wanted: str) -> None:
    """Where the log has the days of payments alone, an approval of ten o'clock is not later than the payment of that day; on other days the order is known."""
    days = "\n".join(f"o{n}: approve@{3 + n % 7}h, pay@24h" for n in range(25))
    rule = Rule("order", "", "high", Requires("pay", "approve"))
    assert one(text, rule, beside=days)[1] == wanted
    assert one("i: pay@24h, approve@34h", rule)[1] == "required too late"
