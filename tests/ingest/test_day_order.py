"""The order of one day where some date columns hold a clock time and others do not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

import finmine
from finmine.relations.tables import activity_labels, case_table
from finmine.relations.units import units

Document: TypeAlias = tuple[datetime | None, ...]
MONDAY = datetime(2024, 1, 1)
NAMES = "abcd"


@st.composite
def documents(draw: st.DrawFn) -> tuple[tuple[bool, ...], list[Document]]:
    """Which columns hold dates without clock times, and the rows of a table: several may be of one case."""
    only_date = tuple(draw(st.lists(st.booleans(), min_size=2, max_size=4)))
    day = st.integers(0, 1).map(lambda number: MONDAY + timedelta(days=number))
    timed = st.builds(lambda date, hour: date + timedelta(hours=hour), day, st.integers(1, 23))
    rows = draw(st.lists(st.tuples(*(st.none() | (day if dated else timed) for dated in only_date)), min_size=1, max_size=5))
    return only_date, rows


def read(only_date: tuple[bool, ...], rows: Sequence[Document], cases: list[str], zone: str | None = None) -> list[dict[str, Any]]:
    """The events of a table of documents, in the order of the log."""
    kinds = [pa.date32() if dated else pa.timestamp("us") for dated in only_date]
    columns = {name: pa.array([row[place] for row in rows], kinds[place]) for place, name in enumerate(NAMES[: len(only_date)])}
    log = finmine.read(pa.table({"doc": cases, **columns}), case="doc", dates={name: name for name in columns}, zone=zone)
    these = units(log).join(activity_labels(log), "activity").join(case_table(log).select("case", doc="label"), "case")
    found: list[dict[str, Any]] = log.fetch(these.select("doc", "position", "time", "row", name="label").order_by("doc", "position")).records()
    return found


def written(event: dict[str, Any], rows: list[Document]) -> datetime:
    """The stamp of an event as it stands in the table."""
    stamp: datetime | None = rows[event["row"] - 1][NAMES.index(event["name"])]
    assert stamp is not None
    return stamp


@settings(max_examples=60)
@given(table=documents(), data=st.data())
def test_dates_stand_in_card_order_among_timed_events(table: tuple[tuple[bool, ...], list[Document]], data: st.DataObject) -> None:
    """On a day of a case the card's order holds for dates, the clock for timed events, and the clock wins where both cannot be.

    Dates stand after all timed events that the card puts before them, and before all that it puts after them, unless one of
    the first is timed later than one of the second; among themselves in card order.
    """
    only_date, rows = table
    if all(stamp is None for row in rows for stamp in row):
        return
    cases = data.draw(st.lists(st.sampled_from(["x", "y"]), min_size=len(rows), max_size=len(rows)))
    found = read(only_date, rows, cases)
    assert len(found) == sum(stamp is not None for row in rows for stamp in row)
    for one, other in combinations(found, 2):
        first, second = written(one, rows), written(other, rows)
        if one["doc"] != other["doc"] or first.date() != second.date():
            continue
        ranks = NAMES.index(one["name"]), NAMES.index(other["name"])
        dated = only_date[ranks[0]], only_date[ranks[1]]
        if all(dated):
            assert ranks[0] <= ranks[1]
        elif not any(dated):
            assert first <= second
        elif dated[1]:
            assert ranks[0] <= ranks[1] or _forced(only_date, rows, cases, one, other)
        else:
            assert ranks[0] <= ranks[1]


def _forced(only_date: tuple[bool, ...], rows: list[Document], cases: list[str], timed: dict[str, Any], date: dict[str, Any]) -> bool:
    """Whether a timed event that the card puts after a date is earlier than one that the card puts before that date."""
    clock, rank = written(timed, rows), NAMES.index(date["name"])
    before = [
        row[place]
        for row, doc in zip(rows, cases, strict=True)
        for place in range(rank)
        if doc == date["doc"] and not only_date[place] and row[place] is not None
    ]
    return any(stamp is not None and stamp.date() == clock.date() and stamp >= clock for stamp in before)


@settings(max_examples=40)
@given(table=documents(), data=st.data())
def test_times_never_run_backwards_and_no_event_leaves_its_day(table: tuple[tuple[bool, ...], list[Document]], data: st.DataObject) -> None:
    """Along a case times never decrease; timed events keep their time, dates their day; shuffling the rows changes nothing."""
    only_date, rows = table
    if all(stamp is None for row in rows for stamp in row):
        return
    found = read(only_date, rows, ["x"] * len(rows))
    assert all(one["time"] <= other["time"] for one, other in pairwise(found))
    for event in found:
        stamp, time = written(event, rows), datetime(1970, 1, 1) + timedelta(microseconds=event["time"])
        assert time.date() == stamp.date() if only_date[NAMES.index(event["name"])] else time == stamp
    again = read(only_date, data.draw(st.permutations(rows)), ["x"] * len(rows))
    assert [(event["name"], event["time"]) for event in again] == [(event["name"], event["time"]) for event in found]


def test_a_posting_date_follows_the_clock_time_that_the_card_puts_before_it(tmp_path: Path) -> None:
    """Received at 15:10, posted and paid on that date: posted and paid stand after it, at its time, and the log says so."""
    (tmp_path / "docs.csv").write_text("doc,received,posted,approved,paid\nx,2024-01-05 15:10,2024-01-05,2024-01-05 17:00,2024-01-05\n")
    dates = {"Receive": "received", "Post": "posted", "Approve": "approved", "Pay": "paid"}
    log = finmine.read(tmp_path / "docs.csv", case="doc", dates=dates)
    found = [(record["activity"], record["time"]) for record in finmine.case(log, "x").records()]
    assert [name for name, _ in found] == ["Receive", "Post", "Approve", "Pay"]
    assert found[0][1] == found[1][1]
    assert found[2][1] == found[3][1]
    assert any("dates without a clock time (Post, Pay)" in note and "2 of them count from" in note for note in log.provenance.assumptions)


def test_the_day_is_that_of_the_zone() -> None:
    """A date is compared with the clock times of the log's zone, not with those of UTC."""
    late = [(datetime(2024, 1, 5, 0, 30), datetime(2024, 1, 5)), (datetime(2024, 1, 5, 12), datetime(2024, 1, 6))]
    found = read((False, True), late, ["x", "y"], "Europe/Berlin")
    assert [(event["doc"], event["name"]) for event in found] == [("x", "a"), ("x", "b"), ("y", "a"), ("y", "b")]
    assert found[0]["time"] == found[1]["time"] < found[2]["time"] < found[3]["time"]


def test_columns_of_one_kind_are_left_as_they_are(tmp_path: Path) -> None:
    """Where all columns are dates, or all have clock times, nothing is moved and nothing is said."""
    (tmp_path / "docs.csv").write_text("doc,a,b\nx,2024-01-05,2024-01-05\n")
    log = finmine.read(tmp_path / "docs.csv", case="doc", dates={"A": "a", "B": "b"})
    assert not any("clock time" in note for note in log.provenance.assumptions)
