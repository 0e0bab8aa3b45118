"""Root causes: which questions part slow from fast cases."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
from tests.answers import SAMPLES, planted, texts

import finmine
from finmine.analyses.root_causes import RootCauses, root_causes
from finmine.analyses.variants import Variants, variants
from finmine.card import Card
from finmine.card_costs import CostFacts
from finmine.card_money import MoneyOfTime
from finmine.errors import OutOfRange
from finmine.finance.labour import FixedCost, LabourRate
from finmine.log import EventLog
from finmine.relations.costs import NoCost
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Diagram, Headline, Prose, Table
from finmine.words import DAY, MINUTE

CARD = Card(outcomes={"paid": ("pay",)})


def made(cases: int = 320, vendors: int = 40) -> list[Event]:
    """Cases of company 20 above 10,000 with a price change take eight days longer, of two to six; vendors take turns."""
    rng = np.random.default_rng(2)
    rows: list[Event] = []
    for case in range(cases):
        company, amount, change = rng.choice(["10", "20"]), float(rng.choice([4000, 8000, 12000, 16000])), bool(rng.random() < 0.5)
        took = float(rng.uniform(2, 6)) + 8 * (company == "20" and amount > 10_000 and change)
        facts = {"case": f"c{case:03}", "company": company, "vendor": f"v{case % vendors}", "amount": f"{amount:.2f}", "currency": "EUR"}
        steps = [("submit", 0.0), *([("change price", took / 2)] if change else []), ("pay", took)]
        rows += [{**facts, "activity": name, "timestamp": ORIGIN + case * DAY + round(after * DAY)} for name, after in steps]
    return rows


@cache
def answered() -> RootCauses:
    """The causes of the made log."""
    return root_causes(log(made(), card=CARD), attributes=("company",), leaf=10)


def test_a_leaf_is_a_sentence_that_can_be_repeated() -> None:
    """The planted slow cases are found by three questions, and the first headline says who they are, how long they take, and of how many."""
    slow = answered().records()[0]
    assert slow["leaf"] == "of company 20, with amount above 8,000 EUR and with change price"
    assert slow["shift_low"] < 8 * DAY < slow["shift_high"] + DAY
    pattern = (
        r"Cases of company 20, with amount above 8,000 EUR and with change price take a median 1\d d.*, \d+ d.* longer than the others "
        r"\(95 % interval .* to .*\); \d+ cases in the half that tells\."
    )
    assert re.fullmatch(pattern, texts(answered(), Headline)[0])
    assert {one.asked for one in answered().found.questions} >= {"company 10?", "change price?", "amount above 8,000 EUR?"}


def test_the_leaves_part_all_cases() -> None:
    """Behind each leaf are the cases of both halves that give its answers; every compared case is in one leaf, and shares add up."""
    answer, rows = answered(), {event["case"]: event for event in made()}
    changed = {event["case"] for event in made() if event["activity"] == "change price"}
    slow = {case for case in changed if rows[case]["company"] == "20" and float(rows[case]["amount"]) > 10_000}
    behind = [set(answer.cases(place).rows.column("case")) for place in range(len(answer.records()))]
    assert behind[0] == slow
    assert sum(map(len, behind)) == len(rows)
    assert set().union(*behind) == set(rows)
    assert [len(cases) for cases in behind] == [one["cases"] for one in answer.records()]
    assert sum(one["telling"] for one in answer.records()) == 160
    assert sum(one["outcome_share"] for one in answer.records()) == pytest.approx(1)
    assert [one["median"] for one in answer.records()] == sorted((one["median"] for one in answer.records()), reverse=True)


def test_the_tree_is_drawn() -> None:
    """Each question stands in a box with its p-value, each leaf with its median and cases; the tables say the same."""
    (diagram,) = (block for block in answered().view().blocks if isinstance(block, Diagram))
    assert diagram.dot.count("->") == 2 * (len(answered().records()) - 1)
    assert all(f"{one['telling']} cases" in diagram.dot for one in answered().records())
    asked = next(block for block in answered().view().blocks if isinstance(block, Table) and block.title == "Questions")
    assert asked.column("p_best")[0] == 0.005
    assert "change price?" in diagram.dot
    assert "change price?" in asked.column("asked")
    assert "<svg" in answered().to_svg()


def test_what_shows_late_has_a_warning_and_can_be_left_out() -> None:
    """An activity at the end of a case, and a value that its last events have, may be marks of how it ended; with early they are not asked about."""
    rows: list[Event] = []
    for case in range(120):
        slow = case % 2 == 0
        took = 5 + 10 * slow + case % 3
        steps = [("submit", 0.0), *([("escalate", took * 0.97)] if slow else []), ("pay", float(took))]
        rows += [{"case": f"c{case:03}", "activity": name, "timestamp": ORIGIN + case * DAY + round(after * DAY)} for name, after in steps]
        rows[-1]["reason"] = "delay" if slow else "none"
    read = log(rows, card=CARD)
    warned = [text for text in texts(root_causes(read, leaf=20), Caveat) if "shows only" in text]
    said = "escalate? shows only when a median 97.0 % of the time of a case has passed: it may be a mark of how cases ended, and no ground for it."
    assert warned == [f"{said} Say --early to leave out what shows so late."]
    early = root_causes(read, attributes=("reason", "outcome"), leaf=20, early=True)
    assert len(early.found.questions) == 0
    assert "None leaves enough cases on both sides of both halves" in texts(early, Prose)[1]
    assert [one["leaf"] for one in early.records()] == ["of any kind"]


def test_the_planted_bottleneck_of_the_sample_invoices_is_found() -> None:
    """Invoices of company 3000, which wait five working days longer for their approval, are a leaf that takes longer than the others."""
    read = finmine.read(SAMPLES / "invoices.csv")
    answer = root_causes(read, attributes=("company",))
    (slow,) = (one for one in answer.records() if "of company 3000" in one["leaf"] and "not of company 3000" not in one["leaf"])
    assert slow["shift_low"] > 5 * DAY
    assert planted("invoices", "approval in company 3000")["cases"] >= slow["cases"] > 150
    assert answer.records()[-1]["leaf"] == "without Create purchase order"


def test_a_question_that_the_other_half_does_not_confirm_is_no_headline() -> None:
    """In the sample invoices a price change parts the half that chooses, and not the half that tells: its leaves are told with that, and are no headlines."""
    answer = root_causes(finmine.read(SAMPLES / "invoices.csv"))
    (questions,) = (block for block in answer.view().blocks if isinstance(block, Table) and block.title == "Questions")
    assert questions.column("asked_again")[:2] == ("confirmed", "not confirmed")
    assert float(str(questions.column("p_told")[1])) > 0.5
    assert [text for text in texts(answer, Headline) if "Change price" in text] == []
    assert len([text for text in texts(answer, Prose) if "that Change price parts them is not confirmed" in text]) == 2
    said = "Change price? (asked of cases with Create purchase order) is not confirmed: in the half that tells it parts the cases no further than chance does"
    assert any(text.startswith(said) for text in texts(answer, Caveat))
    assert "\nwithout Change price\n" in answer.to_text()
    (drawn,) = (block for block in answer.view().blocks if isinstance(block, Diagram))
    assert drawn.dot.count("dashed") == questions.column("asked_again").count("not confirmed")
    assert drawn.text.endswith("A dashed question is not confirmed by the half that tells.")


def test_rework_is_parted_by_its_rate() -> None:
    """A price change of the sample invoices is followed by another release: all such cases have rework, and the leaf says so in points."""
    answer = root_causes(finmine.read(SAMPLES / "invoices.csv"), outcome="rework")
    assert (answer.records()[0]["leaf"], answer.records()[0]["median"]) == ("with Change price", 1)
    assert texts(answer, Headline)[0].startswith(
        "100.0 % of the cases with Change price have rework, 84.0 points more than of the others (95 % interval"
    )


def test_where_nothing_parts_the_cases_the_answer_says_so() -> None:
    """Times that are chance leave one leaf with all cases, no headline and no picture, and the best question with its p-value."""
    rng = np.random.default_rng(5)
    rows: list[Event] = []
    for case in range(120):
        steps = ["submit", *(["check"] if rng.random() < 0.5 else []), "pay"]
        took = rng.uniform(1, 9)
        rows += [
            {
                "case": f"c{case:03}",
                "activity": step,
                "timestamp": ORIGIN + case * DAY + round(took * DAY * place / (len(steps) - 1)),
                "vendor": f"v{case % 9}",
            }
            for place, step in enumerate(steps)
        ]
    answer = root_causes(log(rows, card=CARD), cluster="vendor", leaf=10)
    assert [one["cases"] for one in answer.records()] == [120]
    assert texts(answer, Headline) == []
    assert not any(isinstance(block, Diagram) for block in answer.view().blocks)
    assert re.search(r"None parts the cases further than chance does: the best, check\? has p = 0\.\d+", texts(answer, Prose)[1])
    assert "There are only 9 clusters of vendor, so all this is exploratory." in texts(answer, Caveat)


def test_what_cannot_be_asked_is_refused() -> None:
    """Leaves of fewer than five cases, and trees deeper than three questions."""
    read = log(made(10), card=CARD)
    for leaf, depth in ((4, 3), (50, 4), (50, 0)):
        with pytest.raises(OutOfRange):
            root_causes(read, leaf=leaf, depth=depth)


def test_what_parts_dear_from_cheap_cases_is_told_in_money() -> None:
    """A check of twelve minutes at 60.00 an hour: cases with it cost 12.00 more, exactly, and shares of all cost add up; without rates nothing is asked."""
    with pytest.raises(NoCost, match="no labour rate is declared"):
        root_causes(log(made(40), card=CARD), outcome="cost")
    fixed = FixedCost("submit", Decimal(1), "EUR")
    costs = CostFacts({"change price": 12 * MINUTE, "submit": MINUTE, "pay": MINUTE}, (fixed,))
    priced = replace(CARD, money=MoneyOfTime(labour=(LabourRate("default", None, Decimal(60), "EUR"),)), costs=costs)
    answer = root_causes(log(made(120), card=priced), outcome="cost", leaf=10)
    dear, cheap = answer.records()
    assert (dear["leaf"], dear["median"], dear["shift"], dear["shift_low"]) == (
        "with change price",
        Decimal("15.00"),
        Decimal("12.00"),
        Decimal("12.00"),
    )
    assert cheap["median"] == Decimal("3.00")
    assert dear["outcome_share"] + cheap["outcome_share"] == pytest.approx(1)
    said = r"Cases with change price cost a median 15\.00 EUR, 12\.00 EUR more than the others \(95 % interval 12\.00 EUR to 12\.00 EUR\); \d+ cases in .*"
    assert re.fullmatch(said, texts(answer, Headline)[0])
    assert any(isinstance(block, Table) and block.title == "Leaves, dearest first" for block in answer.view().blocks)
    assert any("CREATE TABLE" in line for line in answer.looked_up())


@pytest.mark.parametrize("ask", [root_causes, variants])
def test_wrong_dates_stand_before_shares_of_the_whole_time(ask: Callable[[EventLog], RootCauses | Variants]) -> None:
    """Two cases of the sample invoices bear dates of 1900 and make most of all time: whoever reads a share of it is told first."""
    blocks = ask(finmine.read(SAMPLES / "invoices.csv")).view().blocks
    first = next(place for place, block in enumerate(blocks) if isinstance(block, Caveat) and "dated far outside the years" in block.text)
    assert first < next(place for place, block in enumerate(blocks) if isinstance(block, Headline))


def test_what_a_source_copies_onto_every_row_has_a_warning() -> None:
    """A mark that is written afterwards onto all rows looks as if known from the start, which is said; of what the first row alone has nothing is."""
    rows: list[Event] = []
    for case in range(240):
        slow = case % 2 == 0
        steps = (("submit", 0.0), ("check", 2.0), ("pay", 5.0 + 10 * slow + case % 3))
        mark = {"mark": "overdue" if slow else "in time"}
        first = {"channel": "paper" if slow else "portal"}
        rows += [
            {
                "case": f"c{case:03}",
                "activity": name,
                "timestamp": ORIGIN + case * DAY + round(after * DAY),
                **mark,
                **(first if name == "submit" else {}),
            }
            for name, after in steps
        ]
    read = log(rows, card=CARD)
    warned = [text for text in texts(root_causes(read, attributes=("mark",), leaf=20), Caveat) if "every row" in text]
    assert len(warned) == 1
    assert warned[0].startswith("mark stands alike on every row of a case")
    answer = root_causes(read, attributes=("channel",), leaf=20)
    assert len(answer.records()) == 2
    assert not [text for text in texts(answer, Caveat) if "every row" in text]


def test_an_attribute_that_differs_within_cases_is_said_to_be_taken_as_first_recorded() -> None:
    """A state that every case has changed by its end parts nothing by its first value, and the answer says why."""
    rows: list[Event] = []
    for case in range(120):
        took = 5 + 10 * (case % 2 == 0)
        rows.append({"case": f"c{case:03}", "activity": "submit", "timestamp": ORIGIN + case * DAY, "state": "open"})
        rows.append({"case": f"c{case:03}", "activity": "pay", "timestamp": ORIGIN + (case + took) * DAY, "state": "late" if took > 5 else "fine"})
    answer = root_causes(log(rows, card=CARD), attributes=("state",), leaf=20)
    assert "'state' differs within 120 cases; a case has the value that is recorded first." in texts(answer, Caveat)
    assert [one["leaf"] for one in answer.records()] == ["of any kind"]
