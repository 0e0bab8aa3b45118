"""Numbers as text are read by filters as amounts are read at the door."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import AMOUNTS

from finmine.card import AmountRule, Card
from finmine.relations.attributes import recorded_case_values
from finmine.relations.numbers import number_of
from finmine.relations.tables import case_table
from finmine.testing import Event, log

WRITTEN = st.text(alphabet="0123456789.,-+()' \u00a0eE€", max_size=12) | st.decimals(-(10**9), 10**9, places=3).map(str)


@pytest.mark.parametrize("decimal", [".", ","])
@settings(max_examples=10)
@given(texts=st.lists(WRITTEN, min_size=1, max_size=80))
def test_a_number_is_read_as_an_amount_is(texts: list[str], decimal: str) -> None:
    """The same text is the same number, or none, whether reading or a filter asks (oracle: the amounts of the cases)."""
    rows: list[Event] = [{"case": str(place), "activity": "a", "timestamp": 0, "amount": text} for place, text in enumerate(texts)]
    read = log(rows, card=Card(decimal=decimal, amount=AmountRule("event", "first")))
    cases = case_table(read)
    values = recorded_case_values(read, "amount")
    numbers = values.select("case", number=number_of(read, "amount", values.value))
    found = read.fetch(cases.left_join(numbers, "case").select("amount", "number")).tuples()
    assert [number for _, number in found] == [amount for amount, _ in found]


def test_the_amounts_of_the_tests_mean_what_they_say() -> None:
    """The written amounts that other tests use are read as their table says."""
    rows: list[Event] = [{"case": str(place), "activity": "a", "timestamp": 0, "amount": text} for place, text in enumerate(AMOUNTS)]
    read = log(rows, card=Card(amount=AmountRule("event", "first")))
    amounts = read.fetch(case_table(read).select("label", "amount")).tuples()
    assert {int(str(label)): amount for label, amount in amounts} == dict(enumerate(AMOUNTS.values()))


def test_numbers_of_number_columns_stay_exact() -> None:
    """Whole and binary numbers are compared as they are spelled."""
    rows: list[Event] = [{"case": "a", "activity": "b", "timestamp": 0, "share": 0.1, "whole": 2**62}]
    read = log(rows)
    for name, expected in (("share", Decimal("0.1")), ("whole", Decimal(2**62))):
        values = recorded_case_values(read, name)
        assert read.fetch(values.select(number=number_of(read, name, values.value))).column("number") == (expected,)
