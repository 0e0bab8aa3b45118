"""Group effects: which groups of cases take longer than which."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats
from tests.answers import SAMPLES, planted, texts
from tests.strategies import logs

import finmine
from finmine.analyses.group_effects import GroupEffects, GroupsAreClusters, group_effects
from finmine.card import Card
from finmine.card_costs import CostFacts
from finmine.card_money import MoneyOfTime
from finmine.errors import OutOfRange
from finmine.finance.labour import LabourRate
from finmine.relations.costs import NoCost
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline, Intervals, Prose, Table
from finmine.words import DAY, MINUTE

CARD = Card(outcomes={"paid": ("pay",)})


def made() -> list[Event]:
    """Three companies of sixty cases, of which one takes five days longer; some are checked, and few of these twice or thrice."""
    rng = np.random.default_rng(4)
    rows: list[Event] = []
    for case in range(180):
        checks = 0 if case % 3 else 1 + (case % 9 == 0) + (case % 27 == 0)
        took = 5 + 5 * (case % 3 == 1) + float(rng.uniform(0, 3))
        steps = ["submit", *["check"] * checks, "pay"]
        facts = {"case": f"c{case:03}", "company": f"{case % 3 + 1}000", "vendor": f"v{case % 45}"}
        rows += [
            {**facts, "activity": step, "timestamp": ORIGIN + case * DAY + round(took * DAY * place / (len(steps) - 1))}
            for place, step in enumerate(steps)
        ]
    return rows


@cache
def by_company() -> GroupEffects:
    """The companies of the made log."""
    return group_effects(log(made(), card=CARD), by="company")


def test_the_slow_company_is_told_from_the_others() -> None:
    """It stands first, its shift holds the five days, and of the three pairs the two with it differ."""
    first, *others = by_company().records()
    assert (first["group"], first["cases"]) == ("2000", 60)
    assert first["shift_low"] < 5 * DAY < first["shift_high"]
    assert [one["shift"] < 0 for one in others] == [True, True]
    assert [(one["group"], one["than_group"]) for one in by_company().different] == [("2000", "1000"), ("2000", "3000")]
    assert all(one["shift_low"] < 5 * DAY < one["shift_high"] and one["delta"] == 1 for one in by_company().different)
    assert texts(by_company(), Headline)[0].startswith("The median throughput time is 11 d")
    assert any(isinstance(block, Intervals) for block in by_company().view().blocks)


def test_the_tests_are_those_of_scipy() -> None:
    """H, p and ε² are Kruskal and Wallis's of the throughput times as they were written."""
    spans: dict[str, list[int]] = {}
    for case in {event["case"] for event in made()}:
        stamps = [event["timestamp"] for event in made() if event["case"] == case]
        company = next(event["company"] for event in made() if event["case"] == case)
        spans.setdefault(company, []).append(max(stamps) - min(stamps))
    oracle = stats.kruskal(*spans.values())
    said = texts(by_company(), Prose)[2]
    assert said.startswith(f"Kruskal and Wallis: H = {oracle.statistic:.1f} with 2 degrees of freedom, p < 0.001; ε² = {oracle.statistic / 179:.3f}.")
    assert said.endswith("In 2 of 3 pairs the two differ (q at most 5.0 %).")


@settings(max_examples=3)
@given(logs(cases=25))
def test_each_case_is_in_one_group(rows: list[Event]) -> None:
    """By an attribute as by variants, the cases behind the groups are different ones, as many as are said, and small groups are in none."""
    read = log(rows)
    for by in ("vendor", None):
        answer = group_effects(read, by=by)
        behind = [set(answer.cases(place).rows.column("case")) for place in range(len(answer.records()))]
        assert [len(cases) for cases in behind] == [one["cases"] for one in answer.records()]
        assert len(set().union(*behind)) == sum(map(len, behind))
        assert all(len(cases) >= 5 for cases in behind)


def test_rare_variants_stand_together_in_their_family() -> None:
    """Variants of thirty cases are groups, those of fewer are one where they have the same activities, and a table says what each is."""
    answer = group_effects(log(made(), card=CARD))
    assert {one["group"]: (one["trace"], one["cases"]) for one in answer.records()} == {
        "variant A": ("submit → pay", 120),
        "variant B": ("submit → check → pay", 40),
        "rare variants C": ("submit → check → pay", 20),
    }
    rare = next(place for place, one in enumerate(answer.records()) if one["group"] == "rare variants C")
    assert set(answer.cases(rare).rows.column("case")) == {f"c{case:03}" for case in range(0, 180, 9)}
    assert any(isinstance(block, Table) and block.title == "What the groups do" for block in answer.view().blocks)
    assert "1 group has fewer than 30 cases." in texts(answer, Caveat)


def test_whole_clusters_are_moved_where_cases_depend_on_one_another() -> None:
    """The p-value of whole vendors stands beside that of independent cases, and the caveat about independence is gone."""
    answer = group_effects(log(made(), card=CARD), by="company", cluster="vendor")
    assert "whole clusters of vendor given anew 999 times, p = 0.001" in texts(answer, Prose)[2]
    assert not any(text.startswith("Cases are taken as independent") for text in texts(answer, Caveat))
    with pytest.raises(GroupsAreClusters):
        group_effects(log(made()), by="vendor", cluster="vendor")


def test_the_smallest_groups_are_left_out_and_said() -> None:
    """Only as many groups as are asked for are compared, those with most cases; what is no number of groups is refused."""
    read = log([event for event in made() if event["company"] != "3000" or event["case"] < "c050"], card=CARD)
    answer = group_effects(read, by="company", most=2)
    assert {one["group"] for one in answer.records()} == {"1000", "2000"}
    assert "136 cases are in 3 groups by company; the 2 with most of them, and at least 5 cases, are compared, with 120 cases." in texts(
        answer, Prose
    )
    for most in (1, 101):
        with pytest.raises(OutOfRange):
            group_effects(read, by="company", most=most)


def test_returned_goods_of_the_sample_invoices_are_the_slowest_group() -> None:
    """The rare variants with returned goods, whose delay was planted, take longest of all variants."""
    slowest = group_effects(finmine.read(SAMPLES / "invoices.csv"), outcome="working-time").records()[0]
    assert "Return goods" in slowest["trace"]
    assert slowest["cases"] <= planted("invoices", "goods returned")["cases"]
    assert slowest["shift_low"] > 0


def test_groups_are_compared_in_money() -> None:
    """Cases of the one checked company cost 12.00 more; the tests are those of what each case costs."""
    money = MoneyOfTime(labour=(LabourRate("default", None, Decimal(60), "EUR"),))
    card = replace(CARD, money=money, costs=CostFacts({"check": 12 * MINUTE, "submit": MINUTE, "pay": MINUTE}))
    with pytest.raises(NoCost, match="no labour rate is declared"):
        group_effects(log(made(), card=CARD), outcome="cost")
    answer = group_effects(log(made(), card=card), by="company", outcome="cost")
    first, second, third = answer.records()
    assert (first["group"], first["median"], first["shift"]) == ("1000", Decimal("14.00"), Decimal("12.00"))
    assert (second["median"], second["shift_high"], third["median"]) == (Decimal("2.00"), Decimal("0.00"), Decimal("2.00"))
    assert [(one["group"], one["than_group"], one["shift"]) for one in answer.different] == [
        ("1000", "2000", Decimal("12.00")),
        ("1000", "3000", Decimal("12.00")),
    ]
    assert texts(answer, Headline)[0].startswith("The median cost is 14.00 EUR in 1000 and 2.00 EUR in 3000")
