"""What holds by definition: effects of cases that begin or end elsewhere, and of costs that are those of the units themselves."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from tests.answers import SAMPLES, texts

import finmine
from finmine.analyses.group_effects import group_effects
from finmine.analyses.path_effects import PathEffects, path_effects
from finmine.by_definition import ALWAYS, BEGINS, ENDS, OWN
from finmine.card import Card
from finmine.card_costs import CostFacts
from finmine.card_money import MoneyOfTime
from finmine.finance.labour import LabourRate
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Curve, Headline, Prose
from finmine.words import DAY, HOUR, MINUTE, moment

CARD = Card(outcomes={"paid": ("pay",), "cancelled": ("cancel",)})


def told(answer: PathEffects) -> dict[str, str | None]:
    """The exposures of an answer with the reason why they hold by definition."""
    return {str(record["exposure"]): record["by_definition"] for record in answer.records()}


def invoices() -> list[Event]:
    """Two in ten cases are cancelled early, two in ten have no order and begin with the invoice, and of the rest every third is checked and takes five days longer."""
    rng, rows = np.random.default_rng(8), list[Event]()
    for case in range(300):
        kind = case % 10
        cancelled, ordered, checked = kind in (0, 1), kind not in (2, 3), kind > 3 and case % 3 == 0
        took = (3 if cancelled else 20 if ordered else 10) + 5 * checked + float(rng.uniform(-1, 1))
        steps = [*(["order"] if ordered else []), "enter", *(["check"] if checked else []), *(["cancel"] if cancelled else ["post", "pay"])]
        facts = {"case": f"i{case:03}", "document": "order" if ordered else "none"}
        rows += [
            {**facts, "activity": step, "timestamp": ORIGIN + case * DAY + round(took * DAY * place / (len(steps) - 1))}
            for place, step in enumerate(steps)
        ]
    return rows


def test_cases_that_end_or_begin_elsewhere_are_told_apart() -> None:
    """That cancelled cases are short restates how they ended, and that those without an order are, that they begin later; no headline is theirs."""
    answer = path_effects(log(invoices(), card=CARD), attributes=("document",), most=60)
    reasons = told(answer)
    assert reasons["cancel"] == ENDS
    assert reasons["no order"] == BEGINS
    assert reasons["check"] is None
    found = {record["exposure"]: record for record in answer.records()}
    assert found["cancel"]["ends_apart"] == 1
    assert found["no order"]["begins_apart"] == 1
    assert found["check"]["ends_apart"] == pytest.approx(60 / 240)  # none of the checked is cancelled, and 60 of the others are
    assert [headline.split(" go with ")[0] for headline in texts(answer, Headline)] == ["120 cases of family A (usual path)", "60 cases with check"]
    assert (answer.differ, answer.by_definition) == (6, 4)
    assert texts(answer, Prose)[2].startswith("In 4 of the 6 the cases begin or end elsewhere than those they are compared with")


def test_without_declared_ends_the_last_activity_is_the_end() -> None:
    """A log without declared ends says it of the cases of which the last activity is another."""
    assert told(path_effects(log(invoices()), most=60))["cancel"] == ENDS


def test_filtered_to_one_end_nothing_is_told_of_ends() -> None:
    """Among paid cases that begin alike nothing holds by definition."""
    paid = log(invoices(), card=CARD).keep_cases(finmine.has("pay"), finmine.has("order"))
    answer = path_effects(paid)
    assert set(told(answer).values()) == {None}
    assert answer.by_definition == 0


def test_of_lateness_nothing_holds_by_where_cases_begin() -> None:
    """Lateness depends on the day of payment alone: that cases without an order are late is a finding."""
    begins = {event["case"]: event["timestamp"] for event in reversed(invoices())}
    days = {case: 30 if any(event["document"] == "order" for event in invoices() if event["case"] == case) else 2 for case in begins}
    rows = [{**event, "due": f"{moment(begins[event['case']] + days[event['case']] * DAY):%Y-%m-%d}"} for event in invoices()]
    answer = path_effects(log(rows, card=replace(CARD, attributes={"due_date": "due"})), outcome="late-days")
    assert "no order" in told(answer)
    assert all(record["by_definition"] is None and record["begins_apart"] is None for record in answer.records())


def priced() -> list[Event]:
    """Of 150 cases 60 are checked, which costs 12.00, and of these 45 mended, which costs 60.00."""
    rows = list[Event]()
    for case in range(150):
        steps = ["submit", *(["check"] if case % 5 < 2 else []), *(["mend"] if case % 5 < 2 and case % 4 else []), "pay"]
        rows += [
            {"case": f"c{case:03}", "activity": step, "timestamp": ORIGIN + case * DAY + place * HOUR, "resource": "ann"}
            for place, step in enumerate(steps)
        ]
    return rows


PRICED = replace(
    CARD,
    money=MoneyOfTime(labour=(LabourRate("resource", "ann", Decimal(60), "EUR"),)),
    costs=CostFacts({"check": 12 * MINUTE, "mend": 60 * MINUTE, "submit": MINUTE, "pay": MINUTE}),
)


def test_a_cost_that_is_the_activity_itself_is_no_finding() -> None:
    """Without what mending costs mended cases cost 12.00 more, for the check that they all have; checked ones still cost 60.00 more, most being mended."""
    answer = path_effects(log(priced(), card=PRICED), outcome="cost", most=60)
    found = {record["exposure"]: record for record in answer.records()}
    assert (found["mend"]["shift"], found["mend"]["rest"], found["mend"]["by_definition"]) == (Decimal("72.00"), Decimal("12.00"), OWN)
    assert (found["check"]["shift"], found["check"]["rest"], found["check"]["by_definition"]) == (Decimal("72.00"), Decimal("60.00"), None)
    assert [headline.split(" go with ")[0] for headline in texts(answer, Headline)] == ["60 cases with check"]
    assert any(text.startswith("2 effects on cost are mostly what the very units cost") for text in texts(answer, Prose))


def test_a_cost_that_is_the_hands_themselves_is_no_finding() -> None:
    """Cases on which the chief works, who alone is paid 600.00 an hour, cost more by what she costs."""
    rows = [{**event, "resource": "chief" if event["activity"] == "mend" else "ann"} for event in priced()]
    rows += [
        {**event, "activity": "sign", "timestamp": event["timestamp"] + 9 * HOUR}
        for event in rows
        if event["activity"] == "pay" and event["case"] > "c100"
    ]
    paid = (LabourRate("resource", "ann", Decimal(60), "EUR"), LabourRate("resource", "chief", Decimal(600), "EUR"))
    rows = [{**event, "resource": "chief" if event["activity"] in ("mend", "sign") else "ann"} for event in rows]
    times = CostFacts({"check": 12 * MINUTE, "mend": 60 * MINUTE, "submit": MINUTE, "pay": MINUTE, "sign": 60 * MINUTE})
    card = replace(PRICED, outcomes={"done": ("pay", "sign")}, money=MoneyOfTime(labour=paid), costs=times)
    answer = path_effects(log(rows, card=card), outcome="cost", hands="resource", most=60)
    (chief,) = (record for record in answer.records() if record["exposure_kind"] == "resource")
    assert chief["by_definition"] == OWN
    assert abs(chief["rest"]) < abs(chief["shift"]) / 10


def test_what_only_cases_with_rework_have_restates_it() -> None:
    """Corrected cases are all posted again, of blocked ones three in four: the first restates that there is rework, the second is a finding."""
    rows = list[Event]()
    for case in range(160):
        kinds = {0: ["correct", "post"], 1: ["block", *(["post"] if case % 16 != 1 else [])]}
        steps = ["enter", "post", *kinds.get(case % 4, []), "pay"]
        rows += [{"case": f"c{case:03}", "activity": step, "timestamp": ORIGIN + case * DAY + place * HOUR} for place, step in enumerate(steps)]
    answer = path_effects(log(rows, card=CARD), outcome="rework")
    assert told(answer) == {"correct": ALWAYS, "block": None}
    assert [headline.split(" go with ")[0] for headline in texts(answer, Headline)] == ["40 cases with block"]
    assert "1 effect on rework is of what only cases with rework have, and is told there, too." in texts(answer, Prose)


def test_the_burden_curve_counts_each_case_once() -> None:
    """The first point is the first path that goes with more, by itself; each further one adds cases, and is of all of them against the rest."""
    answer = path_effects(log(invoices(), card=CARD), most=60)
    point, record = answer.curve[0], next(one for one in answer.sound if one["shift"] > 0)
    assert (point["any_cases"], point["burden"]) == (record["cases"], pytest.approx(record["burden"], abs=record["cases"]))
    cases = [point["any_cases"] for point in answer.curve]
    assert cases == sorted(set(cases))
    read = finmine.read(SAMPLES / "invoices.csv")
    curve = path_effects(read).curve
    assert [point["first_paths"] for point in curve] == [*range(1, len(curve) + 1)]
    assert any(isinstance(block, Curve) for block in path_effects(read).view().blocks)
    assert all(point["in_any"] <= 1 for point in curve)


def test_groups_that_begin_elsewhere_are_in_no_headline() -> None:
    """Credit memos and invoices without an order begin elsewhere than the others; that they are faster is not said first."""
    answer = group_effects(finmine.read(SAMPLES / "invoices.csv"), by="document_type")
    reasons = {record["group"]: record["by_definition"] for record in answer.records()}
    assert reasons == {"RE": BEGINS, "KR": BEGINS, "KG": f"{BEGINS}, {ENDS}"}
    assert texts(answer, Headline) == []
    assert any(text.startswith("3 of 3 groups begin or end elsewhere than the other cases") for text in texts(answer, Caveat))
    companies = group_effects(finmine.read(SAMPLES / "invoices.csv"), by="company")
    assert {record["by_definition"] for record in companies.records()} == {None}
