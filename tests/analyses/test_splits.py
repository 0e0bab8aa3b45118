"""Splits: the ranges of the definition, limits of those who approve, and what is left out."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.answers import texts

from finmine.analyses.splits import splits
from finmine.auditing.split_ranges import KINDS
from finmine.card import AmountRule, Card
from finmine.card_amount import Rate
from finmine.errors import Refusal
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline, Prose
from finmine.words import DAY, HOUR

CARD = Card(attributes={name: name for name in ("vendor", "document_date", "purchase_order")})
LIMITS, WINDOWS = (100, 250), (1, 5)


def random_rows(seed: int, number: int) -> list[Event]:
    """Purchases of a few vendors by a few people on few days, some without requester."""
    dice = random.Random(seed)
    rows: list[Event] = []
    for place in range(number):
        day = dice.randrange(40)
        facts = {"case": f"p{place:03d}", "amount": f"{dice.choice((20, 45, 60, 95, 100, 180, 250, 300, -50))}.00", "currency": "EUR"}
        facts |= {"vendor": dice.choice("AB"), "document_date": str(date(2024, 1, 1) + timedelta(days=day))}
        facts |= {"purchase_order": str(dice.randrange(1000, 1400))}
        rows.append({**facts, "activity": "Create purchase order", "timestamp": ORIGIN + day * DAY, "resource": dice.choice(["ann", "bob", ""])})
        rows.append({**facts, "activity": "Approve purchase order", "timestamp": ORIGIN + day * DAY + HOUR, "resource": dice.choice(["eve", "joe"])})
    return rows


def by_definition(rows: list[Event]) -> set[tuple[str, int, frozenset[str]]]:
    """The ranges of every key, limit and window, by trying all spans of days."""
    cases: dict[str, dict[str, Any]] = {}
    for row in rows:
        who = "requester" if row["activity"].startswith("Create") else "approver"
        case = cases.setdefault(
            row["case"], {"amount": Decimal(row["amount"]), "day": date.fromisoformat(row["document_date"]), "vendor": row["vendor"]}
        )
        case[who] = row["resource"] or None
    found = set()
    for kind, (_, other) in list(KINDS.items())[:2]:
        keys = defaultdict[tuple[str, str, int], list[str]](list)
        for name, case in cases.items():
            for limit in LIMITS:
                if case[other] and 0 < case["amount"] <= limit:
                    keys[case["vendor"], case[other], limit].append(name)
        for (_, _, limit), names in keys.items():
            for window in WINDOWS:
                spans = {
                    frozenset(name for name in names if 0 <= (cases[name]["day"] - start).days < window)
                    for start in {cases[name]["day"] for name in names}
                }
                longest = {span for span in spans if not any(span < other for other in spans)}
                found |= {(kind, limit, span) for span in longest if sum(cases[name]["amount"] for name in span) > limit}
    return found


def test_ranges_are_those_of_the_definition() -> None:
    """Every range that trying all spans of days finds is found, and no other; no purchase is in two findings."""
    rows = random_rows(1, 90)
    answer = splits(log(rows, card=CARD), limit=("100", "250"), days=WINDOWS, signs=0)
    known = {row["case"]: row["label"] for row in answer.documents.records()}
    members = defaultdict[tuple[int, ...], set[str]](set)
    for row in answer.inside.records():
        members[row["kind"], row["place"], row["one"], row["other"], row["first"], row["last"]].add(known[row["case"]])
    assert {(list(KINDS)[key[0]], LIMITS[key[1]], frozenset(these)) for key, these in members.items()} == by_definition(rows)
    named = [code for finding in answer.records() for code in finding["codes"]]
    assert len(named) == len(set(named)) > 10
    assert all(finding["split_sum"] > finding["limit_amount"] for finding in answer.records())
    assert answer.cases(0).total == answer.records()[0]["purchases"]


TWO = """
p1 {amount=900.00, currency=EUR, vendor=Alder Ltd, document_date=2024-03-05, purchase_order=71}: Create purchase order@0h/ann, Approve purchase order@1h/eve
p2 {amount=1000.00, currency=EUR, vendor=ALDER Limited, document_date=2024-03-05, purchase_order=72}: Create purchase order@0h/ann, Approve purchase order@1h/eve
p3 {amount=950.00, currency=EUR, vendor=Beacon, document_date=2024-03-05, purchase_order=80}: Create purchase order@0h/bob, Approve purchase order@1h/zoe
p4 {amount=980.00, currency=EUR, vendor=Beacon, document_date=2024-03-05, purchase_order=81}: Create purchase order@0h/bob, Approve purchase order@1h/zoe
p5 {amount=-40.00, currency=EUR, vendor=Beacon, document_date=2024-03-05, purchase_order=82}: Create purchase order@0h/bob
"""


def test_what_somebody_with_a_higher_limit_approved_evades_nothing(tmp_path: Path) -> None:
    """With limits of persons only what the holder of the limit approved is a split; an amount equal to the limit is within it, credits are counted."""
    policy = tmp_path / "limits.toml"
    policy.write_text(
        'finmine_policy = 1\nname = "Limits"\nversion = "1"\n[steps]\norder = "Create purchase order"\n"order release" = "Approve purchase order"\n'
        '[[rules]]\nid = "R"\nneeded = "order"\n[[authority]]\nresource = "eve"\nlimit = "1000.00"\ncurrency = "EUR"\n'
        '[[authority]]\nresource = "zoe"\nlimit = "unlimited"\ncurrency = "EUR"\n'
    )
    answer = splits(log(TWO, card=CARD), policy=str(policy))
    (finding,) = answer.records()
    assert [row["document"] for row in answer.purchases()] == ["p1", "p2"]
    assert (finding["split_sum"], finding["limit_amount"], finding["asked_by"]) == (Decimal("1900.00"), Decimal("1000.00"), "ann")
    assert finding["split_signs"] == "day, near, persons, numbers"
    assert texts(answer, Headline) == [
        "2 of 4 purchases stand in 1 set that together passes a limit that none of them passes alone: 1,900.00 EUR in all."
    ]
    assert any("Left out of all splits: 1 case with an amount of nought or below" in said for said in texts(answer, Caveat))
    assert {row["document"] for row in splits(log(TWO, card=CARD), limit=("1000",)).purchases()} == {"p1", "p2", "p3", "p4"}


def test_amounts_that_bunch_below_a_limit_are_told() -> None:
    """Forty amounts just below the limit among 300 that lie evenly are told of all and of who asked for them; at sums that are no limits nothing is."""
    dice = random.Random(4)
    amounts = [dice.uniform(300, 1900) for _ in range(300)] + [dice.uniform(985, 1000) for _ in range(40)]
    text = "\n".join(
        f"p{place} {{amount={amount:.2f}, currency=EUR}}: Create purchase order@{place}h/{'ann' if amount > 900 else 'bob'}, Approve purchase order@{place}h/eve"
        for place, amount in enumerate(amounts)
    )
    answer = splits(log(text), limit=("1000",))
    tested = answer.bunched().rows
    assert {(row["side"], row["unit"]) for row in tested if row["q"] < 0.01 and not row["placebo"]} == {
        ("all", None),
        ("approver", "eve"),
        ("requester", "ann"),
    }
    assert all(row["q"] > 0.05 for row in tested if row["placebo"])
    assert texts(answer, Headline)[0].startswith("Of ")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"limit": ("much",)}, "limit is 'much'"),
        ({"limit": ("5",), "days": (0,)}, "days is 0"),
        ({"limit": ("5",), "signs": 9}, "signs"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], said: str) -> None:
    """An amount that is none, a window of no day, and more signs than there are, are refused by name."""
    with pytest.raises(Refusal, match=said):
        splits(log(TWO, card=CARD), **asked)


def test_without_limits_or_amounts_nothing_is_found() -> None:
    """Where neither the policy nor anybody says a limit, or the log has no amounts, the answer says so."""
    assert any("'Purchase to pay' has none: give one with --limit" in said for said in texts(splits(log(TWO, card=CARD)), Caveat))
    answer = splits(log("i: Create purchase order@0h/ann"), limit=("1000",))
    assert answer.records() == ()
    assert any("because the log has no amounts" in said for said in texts(answer, Caveat))


def test_a_limit_has_a_currency_or_is_meant_in_that_of_the_report() -> None:
    """What becomes of purchases in another currency is said; a limit may name its own, which the log must have."""
    rows: list[Event] = []
    for place, currency in enumerate(["EUR", "EUR", "USD", "USD"]):
        facts: Event = {
            "case": f"p{place}",
            "amount": "80.00",
            "currency": currency,
            "vendor": "A",
            "resource": "ann",
            "timestamp": ORIGIN + place * HOUR,
        }
        rows += [{**facts, "activity": name} for name in ("Create purchase order", "Approve purchase order")]
    two = log(rows, card=Card(attributes={"vendor": "vendor"}))

    def found(*limit: str) -> tuple[list[Any], str]:
        answer = splits(two, limit=limit, signs=0)
        return sorted((row["currency"], row["purchases"]) for row in answer.records()), " ".join(texts(answer, Prose))

    assert found("100")[0] == [("EUR", 2), ("USD", 2)]
    told, said = found("100.00 USD")
    assert told == [("USD", 2)]
    assert "Purchases in EUR are held against no limit, since none is in their currency." in said
    card = Card(attributes={"vendor": "vendor"}, amount=AmountRule("case", reporting="EUR"), rates=(Rate("USD", date(2024, 1, 1), Decimal("0.9")),))
    told_in = splits(log(rows, card=card), limit=("300",), signs=0)
    assert [(row["split_sum"], row["currency"]) for row in told_in.records()] == [(Decimal(304), "EUR")]
    assert "Purchases in USD count in EUR, at the rates of the card." in " ".join(texts(told_in, Prose))
    with pytest.raises(Refusal, match=r"limit is '100 GBP'; amounts of the log are known in EUR, USD\."):
        splits(two, limit=("100 GBP",))
