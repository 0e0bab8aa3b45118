"""Digits: taken from minor units as text, and no verdict where Benford's law cannot be expected."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pytest
from tests.answers import texts

import finmine
from finmine.analyses.digits import digits
from finmine.card import Card
from finmine.errors import OutOfRange
from finmine.testing import log
from finmine.view import Caveat, Headline


def amounts(told: Sequence[str], currency: str = "EUR") -> finmine.EventLog:
    """A log with one case for each amount."""
    names = [f"d{place}" for place in range(len(told))]
    columns = {"case": names, "activity": ["Enter invoice"] * len(told), "timestamp": ["2024-01-01 09:00:00"] * len(told), "amount": list(told)}
    return finmine.read(pa.table({**columns, "currency": [currency] * len(told)}), card=Card(), zone="UTC")


def test_digits_are_those_of_the_text() -> None:
    """Of all amounts from 0.05 to 30.00 the digits are those that stand there: 2.30 has 23, which logarithms of floats make 22."""
    told = [f"{cents / 100:.2f}" for cents in range(5, 3001)]
    answer = digits(amounts(told))
    plain = [str(cents) for cents in range(5, 3001)]
    found = answer.rows.records()
    for column, counts in (
        ("first", Counter(text[0] for text in plain)),
        ("first_two", Counter(text[:2] for text in plain if len(text) > 1)),
        ("last_two", Counter(text[-2:] for text in plain if len(text) > 1)),
    ):
        counted: Counter[str] = Counter()
        for row in found:
            if row[column] is not None:
                counted[row[column]] += row["amounts"]
        assert counted == counts
    assert [record["amounts"] for record in answer.records()] == [Counter(text[0] for text in plain)[str(digit)] for digit in range(1, 10)]


def test_a_currency_without_minor_units_has_the_digits_of_whole_units() -> None:
    """70 yen end in 70, and 5 yen have no two digits."""
    rows = digits(amounts(["70", "5", "-120", "0"], "JPY")).rows.records()
    assert [(row["first"], row["first_two"], row["last_two"]) for row in rows] == [("1", "12", "20"), ("5", None, None), ("7", "70", "70")]


def test_suitable_amounts_are_judged() -> None:
    """Amounts over many orders of magnitude conform no worse than chance explains; with 5,000 of them a band says so."""
    dice = random.Random(7)
    answer = digits(amounts([f"{10 ** dice.uniform(1, 5):.2f}" for _ in range(5200)]))
    assert answer.suitable
    assert texts(answer, Headline)[0].startswith("The first digits of 5,200 amounts deviate from Benford's law by 0.00")
    first, second, last = answer.tests()
    assert first["mad_band"] in ("close conformity", "acceptable conformity")
    assert (second["mad_band"], last["mad_band"]) == (None, None)
    assert answer.cases(0).total == answer.records()[0]["amounts"]


def test_unsuitable_amounts_get_no_verdict() -> None:
    """Amounts of one order of magnitude, capped and mostly alike, are said to be unsuitable: no headline, no band, whatever their number."""
    answer = digits(amounts([f"{100 + place % 40}.00" for place in range(5500)] + ["500.00"] * 600))
    assert [check["suited"] for check in answer.checks()] == ["yes", "no", "no", "no"]
    assert texts(answer, Headline) == []
    assert texts(answer, Caveat)[0].startswith("Not suitable: Benford's law cannot be expected of these amounts")
    assert all(test["mad_band"] is None for test in answer.tests())


def test_few_amounts_and_none() -> None:
    """Ten amounts are too few; a log without amounts has no digits; a least number of none is refused."""
    assert not digits(amounts(["10.00", "2000.00"] * 5)).suitable
    assert digits(log("i: Enter invoice@0h")).tests() == ()
    with pytest.raises(OutOfRange, match="least"):
        digits(log("i: Enter invoice@0h"), least=0)
