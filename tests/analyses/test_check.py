"""Check: what is wrong or doubtful in a log, with the cases and the money affected."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from tests.brute_force import ordered
from tests.strategies import AMOUNTS, logs

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
    """No table, no headline: that nothing was found, what was looked for, and what could not be."""
    answer = check(log(steady()))
    assert list(answer.records()) == []
    blocks = answer.view().blocks
    assert "No fault was found." in [block.text for block in blocks if isinstance(block, Prose)]
    looked = next(block.text for block in blocks if isinstance(block, Prose) and block.text.startswith("Looked for and not found"))
    assert "duplicate row" in looked
    assert "sentinel date" in looked
    not_looked = next(block.text for block in blocks if isinstance(block, Caveat))
    assert "the card declares no end activities" in not_looked
    assert not [block for block in blocks if isinstance(block, Headline | Table)]


@settings(max_examples=8)
@given(logs())
def test_faults_are_counted_as_plain_python_counts_them(rows: list[Event]) -> None:
    """Ties, repeated rows, missing resources, missing and unreadable amounts: rows and cases, on any log; what is worst stands first."""
    found = Counter[str]()
    cases: dict[str, set[str]] = {}

    def count(fault: str, case: str) -> None:
        found[fault] += 1
        cases.setdefault(fault, set()).add(case)

    seen: set[tuple[object, ...]] = set()
    places: set[tuple[object, ...]] = set()
    for case, events in ordered(rows).items():
        for event in events:
            place = (case, event["activity"], event["timestamp"])
            whole = (*place, *(event[name] for name in ("resource", "vendor", "amount")))
            if whole in seen:
                count("duplicate row", case)
            elif place in places:
                count("same case, activity and time", case)
            seen.add(whole)
            places.add(place)
            if event["resource"] is None:
                count("no resource", case)
            if event["amount"] and AMOUNTS[event["amount"]] is None:
                count("unreadable amount", case)
        if not any(event["amount"] for event in events):
            count("no amount", case)
        for earlier, later in itertools.pairwise(events):
            if earlier["timestamp"] == later["timestamp"]:
                count("same time as the next unit", case)
    answer = check(log(rows, card=AMOUNT))
    for fault in ("duplicate row", "same case, activity and time", "no resource", "no amount", "unreadable amount", "same time as the next unit"):
        assert numbers(answer).get(fault, (0, 0)) == (found[fault], len(cases.get(fault, ()))), fault
        if fault in cases:
            assert behind(answer, fault) == cases[fault]
    ranks = [(list(SEVERITIES).index(record["severity"]), -record["cases"]) for record in answer.records()]
    assert ranks == sorted(ranks)


@settings(max_examples=4)
@given(logs())
def test_the_order_of_the_rows_does_not_matter(rows: list[Event]) -> None:
    """A shuffled source has the same faults, as often and in the same cases, with the same money."""
    one, other = check(log(rows, card=AMOUNT)), check(log(rows, card=AMOUNT, shuffled=11))
    shown = ("fault", "severity", "number", "cases", "value")
    assert [[record[name] for name in shown] for record in one.records()] == [[record[name] for name in shown] for record in other.records()]


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


def test_a_case_with_several_currencies() -> None:
    """It has no amount, and is named; a case of one currency is not."""
    card = Card(roles={"amount": ("amount",), "currency": ("currency",)}, amount=AmountRule("event", take="sum"))
    answer = check(log("i1: a@1h {amount=10, currency=EUR}, b@2h {amount=7, currency=USD}\ni2: a@1h {amount=1, currency=EUR}", card=card))
    assert numbers(answer)["several currencies"] == (1, 1)
    assert behind(answer, "several currencies") == {"i1"}


def test_amounts_finer_than_is_kept() -> None:
    """More than six decimals are a note; six, and noughts after them, are not."""
    card = Card(roles={"amount": ("amount",)}, amount=AmountRule("case", currency="EUR"))
    answer = check(log("i1: a@1h {amount=1.1234567}\ni2: a@1h {amount=1.123456}\ni3: a@1h {amount=1.1234560}", card=card))
    assert behind(answer, "amount finer than is kept") == {"i1"}
    assert faults(answer)["amount finer than is kept"]["found"] == "1.1234567"


def test_amounts_are_read_by_the_decimal_mark_of_the_card() -> None:
    """With a comma for a mark, 1.234,50 is a number and 1,234.50 is none."""
    card = Card(roles={"amount": ("amount",)}, amount=AmountRule("case", currency="EUR"), decimal=",")
    answer = check(log('i1: a@1h {amount="1.234,50"}\ni2: a@1h {amount="1,234.50"}', card=card))
    assert behind(answer, "unreadable amount") == {"i2"}


def test_an_end_before_its_start() -> None:
    """The unit is named and its processing time is not clipped."""
    assert numbers(check(log("i1: a@5h-3h, b@6h-7h\ni2: a@1h-1h")))["end before start"] == (1, 1)


@pytest.mark.parametrize(
    ("day", "found"),
    [
        pytest.param("1899-12-30", True, id="the day nought of spreadsheets"),
        pytest.param("1970-01-01", True, id="the day nought of computers"),
        pytest.param("2001-01-01", True, id="alone by decades"),
        pytest.param("2052-03-14", True, id="alone in the future"),
        pytest.param("9999-12-31", True, id="never"),
        pytest.param("2021-06-01", False, id="near enough"),
    ],
)
def test_sentinel_dates(tmp_path: Path, day: str, found: bool) -> None:
    """Dates that mean "no date" are found by their age, or because years without any stamp part them from the rest."""
    lines = [f"s{case},a,2024-{1 + case % 12:02d}-02 08:30:00,ana" for case in range(40)]
    answer = check(written(tmp_path, [*lines, f"odd,a,{day} 08:30:00,ana"]))
    assert ("sentinel date" in faults(answer)) == found
    if found:
        assert behind(answer, "sentinel date") == {"odd"}
        assert faults(answer)["sentinel date"]["found"] == f"{day} 08:30:00"


def test_a_part_of_the_log_is_no_sentinel(tmp_path: Path) -> None:
    """Where a fifth of the stamps is years away from the rest, that is two periods and no fault."""
    lines = [f"s{case},a,{2024 if case % 5 else 2014}-03-02 08:30:00,ana" for case in range(40)]
    assert "sentinel date" not in faults(check(written(tmp_path, lines)))


def test_a_sentinel_among_the_starts(tmp_path: Path) -> None:
    """A start of 1900 is found where the completion is sound."""
    lines = ["i1,a,1900-01-01 00:00:00,2024-03-01 08:00:00", "i2,a,2024-03-01 07:00:00,2024-03-01 08:00:00"]
    answer = check(written(tmp_path, lines, header="case_id,activity,start_timestamp,timestamp"))
    assert behind(answer, "sentinel date") == {"i1"}
    assert faults(answer)["sentinel date"]["found"] == "1900-01-01 00:00:00"


def test_stamps_after_the_extraction() -> None:
    """They are looked for where the card declares when the data were taken, and else said to be untested."""
    answer = check(log("i1: a@1h, b@30h\ni2: a@1h", card=Card(extracted=datetime(2024, 1, 2))))
    assert behind(answer, "stamp after the extraction") == {"i1"}
    assert "stamp after the extraction" not in check(log("i1: a@1h, b@30h")).kinds


@pytest.mark.parametrize(("zone", "found"), [("Europe/Berlin", 40), ("UTC", 0)])
def test_stamps_at_midnight_are_those_of_the_local_clock(zone: str, found: int) -> None:
    """A day without hour, recorded in Berlin, is at eleven at night in UTC; single midnights are chance."""
    rows = [{"case": f"i{case}", "activity": "a", "timestamp": ORIGIN + case * DAY - HOUR} for case in range(40)]
    assert numbers(check(log(rows, card=Card(zone=zone)))).get("midnight stamp", (0, 0))[0] == found
    rows = [*steady(200), {"case": "m", "activity": "submit", "timestamp": ORIGIN}]
    assert "midnight stamp" not in faults(check(log(rows)))


def test_names_that_differ_only_by_blanks_or_case() -> None:
    """The rarer spelling is counted, beside which more frequent one it stands, and nothing is renamed."""
    read = log('i1: Pay@2h, "Pay "@3h\ni2: Pay@2h, PAY@3h, "P\N{NO-BREAK SPACE}ay"@4h\ni3: Pay@2h, post@3h')
    answer = check(read)
    assert numbers(answer)["activities spelled alike"] == (3, 2)
    assert faults(answer)["activities spelled alike"]["found"] == "'Pay ' beside 'Pay'"
    assert set(read.activity_names()) == {"Pay", "Pay ", "PAY", "P\N{NO-BREAK SPACE}ay", "post"}


def test_resources_are_compared_by_name_and_shown_as_the_card_says() -> None:
    """Two spellings of one person are found under pseudonyms too, and no name is given away."""
    text = "i1: a@2h/ANN, b@3h/ann, c@4h/ann"
    assert faults(check(log(text)))["resources spelled alike"]["found"] == "'ANN' beside 'ann'"
    hidden = check(log(text, people="pseudonyms"))
    assert faults(hidden)["resources spelled alike"]["found"] == "'person 01' beside 'person 02'"
    assert "ann" not in hidden.to_json().casefold().replace("planned", "")


def test_cases_cut_off_at_the_start_of_the_extract() -> None:
    """A case that begins early and with what hardly any case begins with may have begun before the extract."""
    rows = [*steady(250), {"case": "cut", "activity": "pay", "timestamp": ORIGIN + 9 * HOUR, "resource": "ana"}]
    late = {"case": "late", "activity": "pay", "timestamp": ORIGIN + 90 * DAY + 9 * HOUR, "resource": "ana"}
    answer = check(log([*rows, late]))
    assert behind(answer, "cut off at its start") == {"cut"}
    assert faults(answer)["cut off at its start"]["found"] == "pay"


def test_running_cases_are_a_note_where_ends_are_declared() -> None:
    """They are counted with their money, and not claimed where nobody knows."""
    card = Card(outcomes={"paid": ("pay",)})
    assert behind(check(log("i1: a@1h, pay@2h\ni2: a@1h", card=card)), "running at the extraction") == {"i2"}
    assert "running at the extraction" not in check(log("i1: a@1h, pay@2h\ni2: a@1h")).kinds


LIFECYCLE = "case_id,activity,lifecycle:transition,timestamp"


@pytest.mark.parametrize("unit", ["instance", "event"])
def test_starts_and_completions_that_do_not_meet(tmp_path: Path, unit: str) -> None:
    """They are found however the log is read; activities that are only ever completed are none of them."""
    rows = ["i1,a,start,01", "i1,a,complete,02", "i1,a,start,03", "i1,p,complete,04", "i2,a,complete,05", "i2,a,start,06", "i2,a,complete,07"]
    rows += ["i3,a,start,08", "i3,a,complete,09", "i4,a,start,10"]
    lines = [f"{row[:-2]}2024-01-02 {row[-2:]}:30:00" for row in rows]
    answer = check(written(tmp_path, lines, header=LIFECYCLE, unit=unit))
    assert numbers(answer)["start without completion"] == (2, 2)
    assert (faults(answer)["start without completion"]["case"], faults(answer)["start without completion"]["row"]) == ("i1", 4)
    assert numbers(answer)["completion without start"] == (1, 1)
    assert behind(answer, "completion without start") == {"i2"}


def test_work_that_takes_no_time_is_not_recorded_twice(tmp_path: Path) -> None:
    """A start and a completion at one time are no repeated rows."""
    lines = [f"i1,a,{transition},2024-01-02 08:30:00" for transition in ("start", "complete")]
    answer = check(written(tmp_path, lines, header=LIFECYCLE))
    assert "same case, activity and time" not in faults(answer)
    assert "duplicate row" not in faults(answer)


CLOCKS = ["i1,a,2024-03-31 02:30:00,ana", "i2,a,2024-10-27 02:30:00,ana", "i3,a,2024-10-27 02:59:59,ana", "i4,a,2024-10-27 03:00:00,ana"]


def test_local_times_that_do_not_exist_or_exist_twice(tmp_path: Path) -> None:
    """The hour lost in spring and the hour won in autumn, on the clocks of the zone; where the zone is unknown they are untested."""
    answer = check(written(tmp_path, CLOCKS, zone="Europe/Berlin"))
    assert behind(answer, "local time that the clocks skipped") == {"i1"}
    assert faults(answer)["local time that the clocks skipped"]["found"] == "2024-03-31 02:30:00"
    assert behind(answer, "local time that the clocks showed twice") == {"i2", "i3"}
    unknown = check(written(tmp_path, CLOCKS))
    assert "local time that the clocks skipped" not in unknown.kinds
    assert "local times that do not exist" in " ".join(block.text for block in unknown.view().blocks if isinstance(block, Caveat))


def test_stamps_finer_than_a_microsecond(tmp_path: Path) -> None:
    """Digits beyond the sixth are said to be cut off; noughts there are nothing."""
    lines = ["i1,a,2024-01-01 08:00:00.1234567,ana", "i2,a,2024-01-01 08:00:00.1234560,ana"]
    assert behind(check(written(tmp_path, lines)), "stamp finer than a microsecond") == {"i1"}


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
