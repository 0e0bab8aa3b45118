"""Logs that are written as text."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.brute_force import ordered
from tests.strategies import ODD_NAMES, logs

import finmine.testing
from finmine.card import Card
from finmine.relations.tables import activity_labels, case_table, resource_labels
from finmine.relations.units import units
from finmine.testing import ORIGIN, Event, UnreadableText, events, log
from finmine.words import DAY, HOUR, MINUTE


def test_the_example_of_the_documentation_is_true() -> None:
    """The doctest in the module gives what it says."""
    assert doctest.testmod(finmine.testing).failed == 0


def test_an_event_is_activity_time_resource_and_facts() -> None:
    """What is written stands in the dictionaries; what is not written does not."""
    text = """
        inv1 {vendor=ACME}: submit@0h/ana, check@3h/bob {amount=1.00, note="a, b"},
              pay@2d
        "inv 2: odd": "check, again"@1d-1d 2h/"O'Hara, Eve"
    """
    assert events(text) == [
        {"case": "inv1", "activity": "submit", "timestamp": ORIGIN, "resource": "ana", "vendor": "ACME"},
        {
            "case": "inv1",
            "activity": "check",
            "timestamp": ORIGIN + 3 * HOUR,
            "resource": "bob",
            "vendor": "ACME",
            "amount": "1.00",
            "note": "a, b",
        },
        {"case": "inv1", "activity": "pay", "timestamp": ORIGIN + 2 * DAY, "vendor": "ACME"},
        {"case": "inv 2: odd", "activity": "check, again", "start": ORIGIN + DAY, "timestamp": ORIGIN + DAY + 2 * HOUR, "resource": "O'Hara, Eve"},
    ]


def test_a_fact_of_an_event_wins_over_that_of_its_case() -> None:
    """Facts before the colon hold for every row of the case that does not say otherwise."""
    assert [event["vendor"] for event in events("a {vendor=X}: b@1h, c@30m {vendor=Y}")] == ["X", "Y"]
    assert events("a: b@30m")[0]["timestamp"] == ORIGIN + 30 * MINUTE


@given(names=st.lists(st.text(min_size=1), min_size=5, max_size=5))
def test_any_name_can_be_written_in_double_quotes(names: list[str]) -> None:
    """Names of any letters come back as they are, quotes and line breaks too."""
    case, activity, resource, fact, value = names
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    text = f"{quoted[0]}: {quoted[1]}@1h/{quoted[2]} {{x{quoted[3]}={quoted[4]}}}".replace("x" + quoted[3], '"x' + quoted[3][1:])
    assert events(text) == [{"case": case, "activity": activity, "timestamp": ORIGIN + HOUR, "resource": resource, f"x{fact}": value}]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("inv1", "line 1 of the written log: a case .* and 'inv1' was found"),
        ("a: b@1h\n\n  q@2h", "line 3 .* a case .* 'q@2h'"),
        ("a:", "line 1 .* an event .* ''"),
        ("a: b@1h,", "an event"),
        ("a: b@soon", "a time such as .* 'soon'"),
        ("a: b@1h {x}", "a fact .* 'x}'"),
        ("a: b@1h {case=x}", "a fact .* 'case=x}'"),
    ],
)
def test_a_text_that_breaks_the_notation_is_refused(text: str, sentence: str) -> None:
    """The refusal names the line, what was expected and what was found."""
    with pytest.raises(UnreadableText, match=sentence):
        events(text)


def shown(rows: list[Event], seed: int | None = None) -> list[tuple[object, ...]]:
    """The units of the log of some rows, by name and in order."""
    read = log(rows, shuffled=seed)
    these = units(read).join(activity_labels(read).rename(did="label"), "activity").join(case_table(read).select("case", "label"), "case")
    named = these.left_join(resource_labels(read).rename(who="label"), "resource")
    return list(read.fetch(named.select("label", "position", "did", "start", "time", "who").order_by("label", "position")).tuples())


@settings(max_examples=20)
@given(rows=logs(starts=True))
def test_the_log_holds_the_events_in_the_total_order(rows: list[Event]) -> None:
    """Read back from the engine, each case has its events in order of completion, start and row."""
    expected = [
        (case, place, event["activity"], event["start"], event["timestamp"], event["resource"])
        for case, members in ordered(rows).items()
        for place, event in enumerate(members, 1)
    ]
    assert shown(rows) == sorted(expected, key=lambda row: (row[0], row[1]))


@settings(max_examples=10)
@given(rows=logs(ties=False), seed=st.integers(0, 99))
def test_shuffled_rows_make_the_same_log(rows: list[Event], seed: int) -> None:
    """Where no times are equal, the order of the rows is of no matter."""
    assert shown(rows) == shown(rows, seed)


def test_resources_are_shown_by_name_unless_the_card_says_otherwise() -> None:
    """A log written in a test names its people; card and argument can hide them."""
    text = f"a: b@1h/ana, c@2h/{ODD_NAMES[4]}"
    names = [log(text), log(text, card=Card(people="pseudonyms")), log(text, people="pseudonyms")]
    assert [read.fetch(resource_labels(read)).column("label")[0] for read in names] == ["ana", "person 01", "person 01"]
