"""Conformance: all cases are told and add up, deviations stand with their cases, money and time, and what is accepted is until its day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.answers import texts

from finmine.analyses.conformance import conformance
from finmine.auditing.accepted import accepted_deviations
from finmine.card import AmountRule, Card
from finmine.errors import Refusal
from finmine.log import EventLog
from finmine.models.reference import straight_line
from finmine.testing import log
from finmine.view import Caveat, Headline

CASES = """
    i1 {amount=10.00, currency=EUR, unit=A}: enter@0h, approve@1d, pay@2d
    i2 {amount=20.00, currency=EUR, unit=A}: enter@0h, pay@4d
    i3 {amount=40.00, currency=EUR, unit=B}: enter@0h, pay@40d
    i4 {amount=80.00, currency=EUR, unit=B}: enter@0h, change@1h, approve@1d, change@30h, pay@3d
    i5 {amount=5.00, currency=EUR, unit=B}: enter@0h
"""
ACCEPTED = """finmine_accepted = 1
[[accepted]]
move = "model"
activity = "approve"
after = "enter"
owner = "Head of payables"
why = "Petty cash"
until = 2024-01-31
"""


@pytest.fixture(scope="module")
def read() -> EventLog:
    """Three ways to run, of which one is that of the model, and a case that still runs."""
    return log(CASES, card=Card(amount=AmountRule("case"), outcomes={"paid": ("pay",)}), unit="event")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Path:
    """A folder with the model (enter, approve, pay) and a file of accepted deviations."""
    folder: Path = tmp_path_factory.mktemp("models")
    line = straight_line("", ("enter", "approve", "pay")).net
    assert line is not None
    (folder / "line.pnml").write_text(line.pnml())
    (folder / "accepted.toml").write_text(ACCEPTED)
    return folder


def test_deviations_stand_with_cases_money_and_time(read: EventLog, folder: Path) -> None:
    """Each deviation with its activity, place, cases, money and time; all cases are told and add up; the cases behind a row are those that have it."""
    answer = conformance(read, model=folder / "line.pnml")
    rows = {(row["activity"], row["move"], row["done_after"]): row for row in answer.records()}
    left_out = rows["approve", "on model", "enter"]
    assert (left_out["cases"], left_out["of_cases"], left_out["deviation_times"]) == (2, 5, 2)
    assert {row["case"] for row in answer.cases(left_out).records()} == {"i2", "i3"}
    assert sorted((row["deviation_times"], str(row["value"])) for key, row in rows.items() if key[0] == "change") == [
        (1, "80.000000"),
        (1, "80.000000"),
    ]
    assert left_out["time_more"] == left_out["median"] - answer.middle.records()[0]["median"]
    whole = answer.population()
    assert sum(row["cases"] for row in whole) == 5 == sum(row["fitting"] + row["deviating"] + row["not_told"] for row in whole)
    assert [(row["told_how"], row["fitting"]) for row in whole] == [("aligned", 1), ("aligned, still running", 1)]
    assert texts(answer, Headline)[:2] == [
        "2 of 5 cases (40.0 %) run as the model allows.",
        "In 2 cases (60.00 EUR) approve is left out after enter; they take a median 18 d 12 h more than all.",
    ]
    assert "enter → [− approve] → pay" in answer.to_text()
    drawn = answer.to_svg()
    assert all(f">{said}</text>" in drawn for said in ("2 cases", "left out in 2", "change: 1 case", "left out by few", "done beside the model"))
    assert conformance(read, model=folder / "line.pnml", rank_by="money").records()[0]["activity"] == "change"


def test_what_is_accepted_is_until_its_day(read: EventLog, folder: Path) -> None:
    """A deviation is accepted in cases that ended by the day, and no others; what has expired is said; shares stay those of the model."""
    answer = conformance(read, model=folder / "line.pnml", accepted=folder / "accepted.toml", by="unit")
    rows = {(row["group"], row["activity"]): row["accepted_cases"] for row in answer.records()}
    assert (rows["A", "approve"], rows["B", "approve"]) == (1, 0)
    whole = {(row["group"], row["told_how"]): row for row in answer.population()}
    assert [whole["A", "aligned"][name] for name in ("cases", "fitting", "fitting_accepted", "deviating")] == [2, 1, 1, 0]
    assert [whole["B", "aligned"][name] for name in ("cases", "fitting", "fitting_accepted", "deviating")] == [2, 0, 0, 2]
    assert sum(row["cases"] for row in answer.population()) == 5
    assert any("has expired is not accepted" in said and "Head of payables: Petty cash" in said for said in texts(answer, Caveat))


def test_what_is_accepted_until_the_last_day_of_the_calendar_never_expires(read: EventLog, folder: Path, tmp_path: Path) -> None:
    """9999-12-31 has no day after it, and is accepted in every case that ends."""
    ever = tmp_path / "ever.toml"
    ever.write_text(ACCEPTED.replace("2024-01-31", "9999-12-31"))
    answer = conformance(read, model=folder / "line.pnml", accepted=ever)
    rows = {row["activity"]: (row["cases"], row["accepted_cases"]) for row in answer.records()}
    assert rows["approve"] == (2, 2)


def test_beyond_the_budget_cases_are_replayed_and_it_is_said(read: EventLog, folder: Path) -> None:
    """With a single state no case is aligned: all are replayed, said with their number, and still add up."""
    answer = conformance(read, model=folder / "line.pnml", states=1)
    assert [(row["told_how"], row["cases"], row["fitting"]) for row in answer.population()] == [("replayed", 4, 1), ("replayed, still running", 1, 1)]
    assert any(said.startswith("5 cases on 4 variants were replayed: ") for said in texts(answer, Caveat))
    assert {row["move"] for row in answer.records()} == {"not allowed", "ends early"}
    assert "Of 5 cases, of which 5 were replayed, so that what they leave out is not known." in answer.to_text().replace("\n", " ")
    assert "End of the case: 2 cases" in answer.to_dot()


def test_without_a_model_the_most_frequent_path_stands_for_it(read: EventLog) -> None:
    """It says so, and what it holds cases against."""
    answer = conformance(read)
    assert any(said.startswith("No model was given") for said in texts(answer, Caveat))
    assert answer.model.activities() == {"enter", "pay"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("= 1", "= 2", "finmine_accepted: is 2"),
        ('"model"', '"both"', r"line 3: accepted\[1\].move: is 'both'; it must be log .* or model"),
        (
            'activity = "approve"',
            'activity = "aprove"',
            r"line 4: accepted\[1\].activity: neither .* has an activity 'aprove'. Did you mean 'approve'",
        ),
        ('owner = "Head of payables"', "", r"accepted\[1\].owner: is missing"),
        ("2024-01-31", '"soon"', r"line 8: accepted\[1\].until: is 'soon'; it must be a day"),
        ("why", "reason", "there is no such key"),
        ("[[accepted]]", "[[accepted]", "it is not TOML"),
    ],
)
def test_an_acceptance_that_cannot_be_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    """The file, the key and its line are named."""
    (tmp_path / "bad.toml").write_text(ACCEPTED.replace(old, new))
    with pytest.raises(Refusal, match=f"accepted deviations bad.toml.*{said}"):
        accepted_deviations(tmp_path / "bad.toml", ["enter", "approve", "pay"])
    with pytest.raises(Refusal, match="No such file"):
        accepted_deviations(tmp_path / "none.toml", [])


def test_most_must_be_something(read: EventLog) -> None:
    """A list of nothing is refused."""
    with pytest.raises(Refusal, match="most is 0"):
        conformance(read, most=0)
