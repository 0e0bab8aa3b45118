"""Attributes of units and cases, and the groups into which they split the cases."""

from __future__ import annotations

from hypothesis import given, settings
from tests.brute_force import ordered
from tests.strategies import logs

from finmine.card import Card
from finmine.log import EventLog
from finmine.relations.attributes import recorded_case_values, unit_values
from finmine.relations.groups import NOT_RECORDED, case_values, grouped
from finmine.relations.tables import case_table
from finmine.relations.traces import traces
from finmine.relations.units import units
from finmine.testing import Event, log

INVOICES = """
    inv1 {vendor=ACME}: submit@0h/ana, approve@1d/bob, pay@40d/cid
    inv2: submit@30d 23h/bob, approve@32d/ana {vendor=?}, approve@33d {vendor=Globex}
"""


def by_case(read: EventLog, name: str) -> dict[str, str]:
    """The value of every case by name, in the way of groups."""
    cases = case_table(read).select("case", "label")
    return {str(case): str(value) for case, value in read.fetch(case_values(read, name).join(cases, "case").select("label", "value")).tuples()}


@settings(max_examples=12)
@given(rows=logs(starts=True))
def test_a_case_has_the_first_value_that_is_recorded(rows: list[Event]) -> None:
    """Every case is in one group: that of the first value that is not missing, or of none (oracle: brute force)."""
    read = log(rows)
    for name in ("vendor", "resource"):
        recorded = {case: [event[name] for event in events if event[name]] for case, events in ordered(rows).items()}
        assert by_case(read, name) == {case: values[0] if values else NOT_RECORDED for case, values in recorded.items()}


@settings(max_examples=8)
@given(rows=logs(cases=10))
def test_groups_add_up_to_the_log(rows: list[Event]) -> None:
    """Splitting by an attribute puts each case in one group, whatever is missing."""
    read = log(rows)
    for name in ("vendor", "resource", "status", "month"):
        split = read.fetch(grouped(read, traces(read), name).select("case")).column("case")
        assert sorted(map(int, map(str, split))) == list(range(read.facts.cases))


def test_facts_of_cases_can_be_named_like_attributes() -> None:
    """Status, outcome and the month of the start on the clocks of the log's zone are groups; an outcome may be missing."""
    read = log(INVOICES, card=Card(zone="Europe/Berlin", outcomes={"paid": ("pay",)}))
    assert by_case(read, "status") == {"inv1": "finished", "inv2": "running"}
    assert by_case(read, "outcome") == {"inv1": "paid", "inv2": NOT_RECORDED}
    assert by_case(read, "month") == {"inv1": "2024-01", "inv2": "2024-02"}
    assert len(read.fetch(recorded_case_values(read, "outcome"))) == 1


def test_an_attribute_of_the_log_wins_over_a_fact_of_cases() -> None:
    """A column named status is what the log means by it."""
    assert by_case(log("a {status=open}: b@1h"), "status") == {"a": "open"}


def test_what_counts_as_missing_is_said_on_the_card() -> None:
    """A question mark is a value, unless the card says that it is none; the empty text always can be."""
    assert by_case(log(INVOICES), "vendor") == {"inv1": "ACME", "inv2": "?"}
    assert by_case(log(INVOICES, card=Card(missing=("", "?"))), "vendor") == {"inv1": "ACME", "inv2": "Globex"}


def test_people_are_never_shown_otherwise_than_the_card_says() -> None:
    """The column of the resources has pseudonyms as its values under either of its names."""
    hidden = log("a: b@1h/ana, c@2h/bob", people="pseudonyms")
    assert by_case(hidden, "resource") == {"a": "person 01"}
    values = hidden.fetch(unit_values(hidden, "resource", units(hidden)).order_by("position")).column("value")
    assert values == ("person 01", "person 02")


def test_attributes_of_any_type_have_values_as_text() -> None:
    """Stamps, numbers and truths are spelled as text."""
    rows: list[Event] = [{"case": "a", "activity": "b", "timestamp": 0, "whole": 5, "share": 0.5, "urgent": True}]
    read = log(rows)
    assert {name: by_case(read, name)["a"] for name in ("whole", "share", "urgent", "timestamp")} == {
        "whole": "5",
        "share": "0.5",
        "urgent": "true",
        "timestamp": "1970-01-01 00:00:00+00",
    }
