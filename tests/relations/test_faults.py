"""The kinds of fault that can be looked for in a log, each by its rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from tests.brute_force import ordered
from tests.strategies import AMOUNTS, logs

import finmine
from finmine.card import AmountRule, Card
from finmine.relations.faults import faults_of, untested
from finmine.relations.tables import case_table
from finmine.testing import ORIGIN, Event, log
from finmine.words import DAY, HOUR

AMOUNT = Card(roles={"amount": ("amount",)}, amount=AmountRule("event", take="sum", currency="EUR"))


def places(read: finmine.EventLog, fault: str) -> list[tuple[Any, ...]]:
    """Where a fault occurs: case, row and what was found there."""
    kind = next(kind for kind in faults_of(read) if kind.name == fault)
    labels = case_table(read).select("case", "label")
    where = kind.places()
    found = where.left_join(labels, where.case == labels.case)
    return list(read.fetch(found.select("label", "row", "found").order_by("label", "row")).tuples())


def cases(read: finmine.EventLog, fault: str) -> list[str]:
    """The cases in which a fault occurs, once for each occurrence."""
    return [case for case, _, _ in places(read, fault)]


def written(folder: Path, lines: list[str], header: str = "case_id,activity,timestamp", **options: Any) -> finmine.EventLog:
    """A log of these lines of text."""
    (folder / "log.csv").write_text("\n".join([header, *lines]) + "\n")
    return finmine.read(folder / "log.csv", **options)


def repeated(events: list[Event]) -> Iterator[tuple[str, Event]]:
    """The rows of a case that repeat an earlier one, wholly or in activity and time."""
    wholes: set[tuple[object, ...]] = set()
    times: set[tuple[object, ...]] = set()
    for event in events:
        time = (event["activity"], event["timestamp"])
        whole = (*time, event["resource"], event["vendor"], event["amount"])
        if whole in wholes:
            yield "duplicate row", event
        elif time in times:
            yield "same case, activity and time", event
        wholes.add(whole)
        times.add(time)


def counted(events: list[Event]) -> Iterator[str]:
    """The faults of a case, each as often as it occurs."""
    yield from (fault for fault, _ in repeated(events))
    yield from ("no resource" for event in events if event["resource"] is None)
    yield from ("unreadable amount" for event in events if event["amount"] and AMOUNTS[event["amount"]] is None)
    yield from ("no amount" for _ in (1,) if not any(event["amount"] for event in events))
    yield from ("same time as the next unit" for earlier, later in pairwise(events) if earlier["timestamp"] == later["timestamp"])


@settings(max_examples=10)
@given(logs())
def test_faults_are_counted_as_plain_python_counts_them(rows: list[Event]) -> None:
    """Ties, repeated rows, missing resources, missing and unreadable amounts, on any log."""
    wanted = [(fault, case) for case, events in ordered(rows).items() for fault in counted(events)]
    read = log(rows, card=AMOUNT)
    for fault in ("duplicate row", "same case, activity and time", "no resource", "no amount", "unreadable amount", "same time as the next unit"):
        assert sorted(cases(read, fault)) == sorted(case for name, case in wanted if name == fault), fault


@settings(max_examples=4)
@given(logs(starts=True))
def test_what_is_impossible_does_not_occur(rows: list[Event]) -> None:
    """Where the facts of the log exclude a fault, looking for it finds nothing."""
    read = log(rows, card=AMOUNT)
    assert not [kind.name for kind in faults_of(read) if not kind.possible and places(read, kind.name)]


def test_every_kind_has_one_name_and_a_rule() -> None:
    """Names tell the kinds apart, and each has its rule in words."""
    kinds = faults_of(log("i1: a@1h-2h/ana {amount=1}", card=Card(zone="Europe/Berlin", roles=AMOUNT.roles, outcomes={"done": ("a",)})))
    assert len({kind.name for kind in kinds}) == len(kinds) > 15
    assert all(kind.rule for kind in kinds)


def test_what_cannot_be_looked_for_is_named() -> None:
    """Each missing fact or column is a reason; a log that has all leaves nothing out."""
    assert len(untested(log("i1: a@1h"))) == 8
    card = Card(zone="Europe/Berlin", extracted=datetime(2024, 2, 1), roles={"role": ("role",), "amount": ("amount",)}, outcomes={"done": ("a",)})
    assert untested(log("i1 {role=clerk, amount=1}: a@1h-2h/ana", card=card)) == ()


def test_a_case_with_several_currencies() -> None:
    """It has no amount, and is named; a case of one currency is not."""
    card = Card(roles={"amount": ("amount",), "currency": ("currency",)}, amount=AmountRule("event", take="sum"))
    read = log("i1: a@1h {amount=10, currency=EUR}, b@2h {amount=7, currency=USD}\ni2: a@1h {amount=1, currency=EUR}", card=card)
    assert cases(read, "several currencies") == ["i1"]


def test_amounts_finer_than_is_kept() -> None:
    """More than six decimals are a note; six, and noughts after them, are not."""
    read = log("i1: a@1h {amount=1.1234567}\ni2: a@1h {amount=1.123456}\ni3: a@1h {amount=1.1234560}", card=AMOUNT)
    assert [(case, found) for case, _, found in places(read, "amount finer than is kept")] == [("i1", "1.1234567")]


def test_amounts_are_read_by_the_decimal_mark_of_the_card() -> None:
    """With a comma for a mark, 1.234,50 is a number and 1,234.50 is none."""
    card = Card(roles={"amount": ("amount",)}, amount=AmountRule("case", currency="EUR"), decimal=",")
    read = log('i1: a@1h {amount="1.234,50"}\ni2: a@1h {amount="1,234.50"}', card=card)
    assert [(case, found) for case, _, found in places(read, "unreadable amount")] == [("i2", "1,234.50")]


def test_a_missing_role() -> None:
    """Rows whose column of roles says nothing are found, by the texts that count as missing on the card."""
    card = Card(roles={"role": ("role",)}, missing=("", "?"))
    assert cases(log("i1: a@1h/ana {role=clerk}\ni2: a@1h/ana {role=?}\ni3: a@1h/ana", card=card), "no role") == ["i2", "i3"]


def test_an_end_before_its_start() -> None:
    """A start after the completion is found; a start at its time is sound."""
    assert cases(log("i1: a@5h-3h, b@6h-7h\ni2: a@1h-1h"), "end before start") == ["i1"]


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
    lines = [f"s{case},a,2024-{1 + case % 12:02d}-02 08:30:00" for case in range(40)]
    read = written(tmp_path, [*lines, f"odd,a,{day} 08:30:00"])
    assert places(read, "sentinel date") == ([("odd", 42, f"{day} 08:30:00")] if found else [])


def test_sentinels_of_several_kinds(tmp_path: Path) -> None:
    """Dates that are parted from each other as well are all found, on both sides."""
    lines = [f"s{case},a,2024-03-02 08:30:00" for case in range(100)]
    odd = [f"o{place},a,{day} 08:30:00" for place, day in enumerate(("1948-01-01", "1992-01-01", "2001-01-01", "2040-01-01", "2060-01-01"))]
    assert cases(written(tmp_path, [*lines, *odd]), "sentinel date") == ["o0", "o1", "o2", "o3", "o4"]


def test_a_part_of_the_log_is_no_sentinel(tmp_path: Path) -> None:
    """Where a fifth of the stamps is years away from the rest, that is two periods and no fault."""
    lines = [f"s{case},a,{2024 if case % 5 else 2014}-03-02 08:30:00" for case in range(40)]
    assert cases(written(tmp_path, lines), "sentinel date") == []


def test_a_sentinel_among_the_starts(tmp_path: Path) -> None:
    """A start of 1900 is found where the completion is sound."""
    lines = ["i1,a,1900-01-01 00:00:00,2024-03-01 08:00:00", "i2,a,2024-03-01 07:00:00,2024-03-01 08:00:00"]
    read = written(tmp_path, lines, header="case_id,activity,start_timestamp,timestamp")
    assert [(case, found) for case, _, found in places(read, "sentinel date")] == [("i1", "1900-01-01 00:00:00")]


def test_stamps_after_the_extraction() -> None:
    """They are looked for only where the card declares when the data were taken."""
    assert cases(log("i1: a@1h, b@30h\ni2: a@1h", card=Card(extracted=datetime(2024, 1, 2))), "stamp after the extraction") == ["i1"]
    assert "stamp after the extraction" not in {kind.name for kind in faults_of(log("i1: a@1h"))}


@pytest.mark.parametrize(("zone", "found"), [("Europe/Berlin", 4), ("UTC", 0)])
def test_stamps_at_midnight_are_those_of_the_local_clock(zone: str, found: int) -> None:
    """A day without hour, recorded in Berlin, is at eleven at night in UTC."""
    rows = [{"case": f"i{case}", "activity": "a", "timestamp": ORIGIN + case * DAY - HOUR} for case in range(4)]
    assert len(places(log(rows, card=Card(zone=zone)), "midnight stamp")) == found


def test_names_that_differ_only_by_blanks_or_case() -> None:
    """The rarer spellings are found, beside which more frequent one they stand, and nothing is renamed."""
    read = log('i1: Pay@2h, "Pay "@3h\ni2: Pay@2h, PAY@3h, "P\N{NO-BREAK SPACE}ay"@4h\ni3: Pay@2h, post@3h')
    assert [(case, found) for case, _, found in places(read, "activities spelled alike")] == [
        ("i1", "'Pay ' beside 'Pay'"),
        ("i2", "'PAY' beside 'Pay'"),
        ("i2", "'P\N{NO-BREAK SPACE}ay' beside 'Pay'"),
    ]
    assert set(read.activity_names()) == {"Pay", "Pay ", "PAY", "P\N{NO-BREAK SPACE}ay", "post"}


def test_cases_cut_off_at_the_start_of_the_extract() -> None:
    """A case that begins early and with what hardly any case begins with may have begun before the extract; a late one has not."""
    rows: list[Event] = [
        {"case": f"s{case}", "activity": activity, "timestamp": ORIGIN + case * DAY + hour * HOUR}
        for case in range(250)
        for activity, hour in (("submit", 8), ("pay", 15))
    ]
    rows += [{"case": name, "activity": "pay", "timestamp": ORIGIN + day * DAY + 9 * HOUR} for name, day in (("cut", 0), ("late", 90))]
    assert [(case, found) for case, _, found in places(log(rows), "cut off at its start")] == [("cut", "pay")]


def test_running_cases_where_ends_are_declared() -> None:
    """A case that has not come to a declared end; where none is declared nobody looks."""
    card = Card(outcomes={"paid": ("pay",)})
    assert cases(log("i1: a@1h, pay@2h\ni2: a@1h", card=card), "running at the extraction") == ["i2"]
    assert "running at the extraction" not in {kind.name for kind in faults_of(log("i1: a@1h, pay@2h"))}


LIFECYCLE = "case_id,activity,lifecycle:transition,timestamp"


@pytest.mark.parametrize("unit", ["instance", "event"])
def test_starts_and_completions_that_do_not_meet(tmp_path: Path, unit: str) -> None:
    """They are found however the log is read, also in a case where nothing was completed; activities that are only ever completed are none."""
    rows = ["i1,a,start,01", "i1,a,complete,02", "i1,a,start,03", "i1,p,complete,04", "i2,a,complete,05", "i2,a,start,06", "i2,a,complete,07"]
    rows += ["i3,a,start,08", "i3,a,complete,09", "i4,a,start,10"]
    read = written(tmp_path, [f"{row[:-2]}2024-01-02 {row[-2:]}:30:00" for row in rows], header=LIFECYCLE, unit=unit)
    assert sorted(row for _, row, _ in places(read, "start without completion")) == [4, 11]
    assert places(read, "completion without start") == [("i2", 6, None)]


def test_work_that_takes_no_time_is_not_recorded_twice(tmp_path: Path) -> None:
    """A start and a completion at one time are no repeated rows; two completions are."""
    lines = [f"i1,a,{transition},2024-01-02 08:30:00" for transition in ("start", "complete")]
    assert cases(written(tmp_path, lines, header=LIFECYCLE), "same case, activity and time") == []
    assert cases(written(tmp_path, [*lines, "i1,a,complete,2024-01-02 08:30:00"], header=LIFECYCLE), "duplicate row") == ["i1"]


def test_local_times_that_do_not_exist_or_exist_twice(tmp_path: Path) -> None:
    """The hour lost in spring and the hour won in autumn, on the clocks of the zone; where it is unknown nobody looks."""
    lines = ["i1,a,2024-03-31 02:30:00", "i2,a,2024-10-27 02:30:00", "i3,a,2024-10-27 02:59:59", "i4,a,2024-10-27 03:00:00"]
    read = written(tmp_path, lines, zone="Europe/Berlin")
    assert places(read, "local time that the clocks skipped") == [("i1", 2, "2024-03-31 02:30:00")]
    assert cases(read, "local time that the clocks showed twice") == ["i2", "i3"]
    assert not [kind for kind in faults_of(written(tmp_path, lines)) if kind.name.startswith("local time")]


def test_stamps_finer_than_a_microsecond(tmp_path: Path) -> None:
    """Digits beyond the sixth are found; noughts there are nothing."""
    lines = ["i1,a,2024-01-01 08:00:00.1234567", "i2,a,2024-01-01 08:00:00.1234560"]
    assert cases(written(tmp_path, lines), "stamp finer than a microsecond") == ["i1"]


def test_a_row_with_several_dates_is_counted_once(tmp_path: Path) -> None:
    """A document that stands twice in a table with a column for each date is one repeated row, though it is two events."""
    (tmp_path / "log.csv").write_text("doc,created,paid,amt\n1,2024-01-02,2024-01-03,n/a\n1,2024-01-02,2024-01-03,n/a\n2,2024-01-02,2024-01-03,5\n")
    read = finmine.read(tmp_path / "log.csv", case="doc", amount="amt", dates={"Create": "created", "Pay": "paid"})
    assert places(read, "duplicate row") == [("1", 3, None)]
    assert places(read, "unreadable amount") == [("1", 2, "n/a"), ("1", 3, "n/a")]
