"""Check: what is wrong or doubtful in a log, with the cases and the money affected."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from tests.strategies import logs

import finmine
from finmine.analyses.check import Check, check
from finmine.card import AmountRule, Card
from finmine.relations.fault import SEVERITIES
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline, Prose, Table
from finmine.words import DAY, HOUR

SAMPLES = Path(__file__).parents[2] / "sample_logs"
AMOUNT = Card(roles={"amount": ("amount",)}, amount=AmountRule("event", take="sum", currency="EUR"))


def faults(answer: Check) -> dict[str, Mapping[str, Any]]:
    """The faults that were found, by name."""
    return {record["fault"]: record for record in answer.records()}


def numbers(answer: Check) -> dict[str, tuple[int, int]]:
    """How often each fault occurs, and in how many cases."""
    return {name: (record["number"], record["cases"]) for name, record in faults(answer).items()}


def behind(answer: Check, fault: str) -> set[object]:
    """The cases behind a fault."""
    return set(answer.cases(faults(answer)[fault]).rows.column("case"))


def steady(cases: int = 60) -> list[Event]:
    """Sound cases, at work by day."""
    return [
        {"case": f"s{case}", "activity": activity, "timestamp": ORIGIN + case * DAY + hour * HOUR + 7, "resource": "ana"}
        for case in range(cases)
        for activity, hour in (("submit", 8), ("pay", 15))
    ]


def written(folder: Path, lines: list[str], header: str = "case_id,activity,timestamp,user", **options: Any) -> finmine.EventLog:
    """A log of these lines of text."""
    (folder / "log.csv").write_text("\n".join([header, *lines]) + "\n")
    return finmine.read(folder / "log.csv", **options)


def test_a_sound_log_says_so() -> None:
    """An empty table, no headline: that nothing was found, what was looked for, and what could not be."""
    answer = check(log(steady()))
    assert list(answer.records()) == []
    blocks = answer.view().blocks
    assert "No fault was found." in [block.text for block in blocks if isinstance(block, Prose)]
    looked = next(block.text for block in blocks if isinstance(block, Prose) and block.text.startswith("Looked for and not found"))
    assert "duplicate row" in looked
    assert "sentinel date" in looked
    not_looked = next(block.text for block in blocks if isinstance(block, Caveat))
    assert "the card declares no end activities" in not_looked
    assert not [block for block in blocks if isinstance(block, Headline)]
    assert [block.rows for block in blocks if isinstance(block, Table)] == [()]
    assert answer.to_csv().startswith("severity,fault,")


@settings(max_examples=4)
@given(logs())
def test_what_is_worst_stands_first_and_the_order_of_the_rows_does_not_matter(rows: list[Event]) -> None:
    """Errors before doubts before notes, then what affects most cases; a shuffled source has the same faults with the same money."""
    one, other = check(log(rows, card=AMOUNT)), check(log(rows, card=AMOUNT, shuffled=11))
    shown = ("fault", "severity", "number", "cases", "value")
    assert [[record[name] for name in shown] for record in one.records()] == [[record[name] for name in shown] for record in other.records()]
    ranks = [(list(SEVERITIES).index(record["severity"]), -record["cases"]) for record in one.records()]
    assert ranks == sorted(ranks)


def test_money_affected_counts_each_case_once_and_credits_keep_their_sign() -> None:
    """The amounts of the cases in which a fault occurs, with their currency in the heading; in the headline by size."""
    rows = "i1 {amount=100}: a@2h, a@2h\ni2 {amount=-30}: a@2h, a@2h, a@2h\ni3 {amount=5}: a@3h"
    answer = check(log(rows, card=Card(roles={"amount": ("amount",)}, amount=AmountRule("case", currency="EUR"))))
    duplicates = faults(answer)["duplicate row"]
    assert (duplicates["number"], duplicates["cases"], duplicates["value"], duplicates["cases_share"]) == (3, 2, Decimal(70), pytest.approx(2 / 3))
    assert [block.text for block in answer.view().blocks if isinstance(block, Headline)] == [
        "Errors of the log touch 2 cases (66.7 %) with 130.00 EUR in absolute amounts. Most common: duplicate row (3 rows in 2 cases)."
    ]


def test_money_of_several_currencies_is_never_added() -> None:
    """Without a reporting currency the amounts affected stand by currency in a table of their own."""
    card = Card(roles={"amount": ("amount",), "currency": ("currency",)}, amount=AmountRule("case"))
    rows = "i1 {amount=10, currency=EUR}: a@2h, a@2h\ni2 {amount=7, currency=USD}: a@2h, a@2h\ni3 {amount=1, currency=USD}: a@2h, a@2h"
    answer = check(log(rows, card=card))
    assert faults(answer)["duplicate row"]["value"] is None
    sums = {(record["fault"], record["currency"]): (record["cases"], record["value"]) for record in answer.sums.records()}
    assert sums["duplicate row", "EUR"] == (1, Decimal(10))
    assert sums["duplicate row", "USD"] == (2, Decimal(8))
    assert any(isinstance(block, Table) and block.title == "Amounts of the cases affected" for block in answer.view().blocks)


def test_single_stamps_at_midnight_are_chance() -> None:
    """One of many hundreds is no fault; forty of forty are a note."""
    midnight: Event = {"case": "m", "activity": "submit", "timestamp": ORIGIN}
    assert "midnight stamp" not in faults(check(log([*steady(200), midnight])))
    days = [{"case": f"i{case}", "activity": "a", "timestamp": ORIGIN + case * DAY} for case in range(40)]
    assert numbers(check(log(days)))["midnight stamp"] == (40, 40)


def test_resources_are_compared_by_name_and_shown_as_the_card_says() -> None:
    """Two spellings of one person are found under pseudonyms too, and no name is given away."""
    text = "i1: a@2h/ANN, b@3h/ann, c@4h/ann"
    assert faults(check(log(text)))["resources spelled alike"]["found"] == "'ANN' beside 'ann'"
    hidden = check(log(text, people="pseudonyms"))
    assert faults(hidden)["resources spelled alike"]["found"] == "'person 01' beside 'person 02'"
    assert "ann" not in hidden.to_json().casefold().replace("planned", "")


def test_rows_left_out_are_listed_with_their_places(tmp_path: Path) -> None:
    """Each fault of a row that is no event: how many rows, which cases, and a table of the rows; a row with two faults is one row."""
    lines = ["i1,a,2024-01-01 08:00:00,ana", "i1,,2024-01-01 09:00:00,ana", "i2,a,not a time,ana", ",,2024-01-01 09:00:00,ana", "i1,b,,ana"]
    read = written(tmp_path, lines, faulty_rows="leave-out")
    answer = check(read)
    assert read.facts.left_out == 4
    assert {name: number for name, (number, _) in numbers(answer).items()} == {"no activity": 2, "no case": 1, "unreadable time": 1, "no time": 1}
    shown = next(block for block in answer.view().blocks if isinstance(block, Table) and block.title.startswith("Rows left out"))
    assert [(row[0], row[2], row[4]) for row in shown.rows] == [
        ("no activity", 3, None), ("unreadable time", 4, "not a time"), ("no activity", 5, None), ("no case", 5, None), ("no time", 6, None),
    ]  # fmt: skip
    assert behind(answer, "no time") == {"i1"}
    assert behind(answer, "unreadable time") == set()


def test_a_row_with_an_unreadable_start_is_left_out_as_a_whole(tmp_path: Path) -> None:
    """It is not read without its start in silence."""
    lines = ["i1,a,2024-01-01 07:00:00,2024-01-01 08:00:00", "i1,b,nonsense,2024-01-01 09:00:00"]
    read = written(tmp_path, lines, header="case_id,activity,start_timestamp,timestamp", faulty_rows="leave-out")
    assert (read.facts.units, read.facts.left_out) == (1, 1)


def test_a_filter_narrows_the_check() -> None:
    """Only the faults of the cases that are kept are counted."""
    read = log("i1: a@2h, a@2h, b@3h\ni2: a@2h, a@2h")
    assert numbers(check(read))["duplicate row"] == (2, 2)
    assert numbers(check(read.keep_cases(finmine.has("b"))))["duplicate row"] == (1, 1)
    assert list(check(read.keep_cases(finmine.has_no("a"))).records()) == []


def planted(name: str) -> dict[str, Mapping[str, Any]]:
    """The faults planted in a sample log."""
    truths = json.loads((SAMPLES / f"{name}.truths.json").read_text(encoding="utf-8"))["truths"]
    return {truth["name"]: truth for truth in truths if truth["kind"] == "fault"}


@pytest.mark.parametrize(
    ("file", "names"),
    [
        pytest.param(
            "invoices.csv",
            {
                "duplicate row": ["repeated rows"],
                "no resource": ["missing users"],
                "sentinel date": ["sentinel dates"],
                "stamp after the extraction": ["future date"],
                "activities spelled alike": ["activity with trailing blank", "activity in capitals"],
            },
            id="invoices",
        ),
        pytest.param(
            "approvals.xes.gz",
            {
                "no resource": ["missing users"],
                "start without completion": ["starts without completion"],
                "completion without start": ["completions without start"],
            },
            id="approvals",
        ),
        pytest.param("reconciliations.parquet", {"duplicate row": ["repeated rows"], "no resource": ["missing users"]}, id="reconciliations"),
    ],
)
def test_the_faults_planted_in_the_sample_logs_are_found(file: str, names: dict[str, list[str]]) -> None:
    """As many as were planted, in the cases in which they were planted, and no error or doubt that was not planted."""
    truths = planted(file.partition(".")[0])
    answer = check(finmine.read(SAMPLES / file))
    assert {name for name, record in faults(answer).items() if record["severity"] != "note"} == set(names)
    for fault, sources in names.items():
        assert numbers(answer)[fault][0] == sum(truths[source]["events"] for source in sources)
        assert behind(answer, fault) == {case for source in sources for case in truths[source]["case_ids"]}


def test_a_real_log_of_declarations_is_sound(third_party_logs: Path) -> None:
    """The published log has no error and no doubt; its ten ties are noted, and its amounts have more decimals than money has."""
    found = faults(check(finmine.read(third_party_logs / "bpic2020/DomesticDeclarations.xes.gz")))
    assert {name: record["severity"] for name, record in found.items()} == {"amount finer than is kept": "note", "same time as the next unit": "note"}
    assert found["same time as the next unit"]["number"] == 10


@settings(max_examples=5)
@given(logs())
def test_the_faults_of_the_groups_add_up(rows: list[Event]) -> None:
    """Split by an attribute, numbers, cases and money of each fault add up to the whole, and the cases behind a row are its own."""
    read = log(rows, card=AMOUNT)
    whole, split = check(read), check(read, by="vendor")
    for fault, record in faults(whole).items():
        parts = [part for part in split.records() if part["fault"] == fault]
        assert sum(part["number"] for part in parts) == record["number"]
        assert sum(part["cases"] for part in parts) == record["cases"]
        assert sum(part["value"] or 0 for part in parts) == (record["value"] or 0)
        assert {part["severity"] for part in parts} == {record["severity"]}
        assert all(part["cases_share"] is None or 0 <= part["cases_share"] <= 1 for part in parts)
        behind_parts = [set(split.cases(part).rows.column("case")) for part in parts]
        assert set().union(*behind_parts) == behind(whole, fault)
        assert sum(map(len, behind_parts)) == len(behind(whole, fault))
