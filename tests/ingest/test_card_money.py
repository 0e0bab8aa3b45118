"""The money of time on the log card: what is read, what is refused, and that a draft reads back the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finmine.card import BadCard, Card, draft, load
from finmine.errors import UnknownWord
from finmine.finance.labour import LabourRate
from finmine.finance.terms import Capital, DatedRate, LateInterest

CARD = """finmine_card = 1
[[labour]]
role = "AP clerk"
rate = "38.50"
currency = "EUR"
until = 2024-06-30
[[labour]]
role = "AP clerk"
rate = "40"
currency = "EUR"
from = 2024-07-01
[[labour]]
rate = "55.123456"
currency = "USD"
[capital]
rate = "0.08"
days = 360
of = "receivables"
[late_interest]
rates = [{ from = 2024-01-01, rate = "0.125" }, { rate = "0.1", currency = "USD" }]
fee = { EUR = "40.00" }
[milestones]
received = "Receive invoice"
paid = ["Pay invoice", "Pay in part"]
"""


def _load(folder: Path, text: str) -> Card:
    (folder / "log.card.toml").write_text(text, encoding="utf-8")
    return load(folder / "log.card.toml")


def test_what_time_costs_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Labour rates with their days, the cost of capital, late interest with its fee, and milestones; numbers are exact."""
    money = _load(tmp_path, CARD).money
    assert money.labour == (
        LabourRate("role", "AP clerk", Decimal("38.50"), "EUR", None, date(2024, 6, 30)),
        LabourRate("role", "AP clerk", Decimal(40), "EUR", date(2024, 7, 1)),
        LabourRate("default", None, Decimal("55.123456"), "USD"),
    )
    assert money.capital == Capital(Decimal("0.08"), 360, "receivables")
    rates = (DatedRate(Decimal("0.125"), date(2024, 1, 1)), DatedRate(Decimal("0.1"), None, "USD"))
    assert money.late_interest == LateInterest(rates, {"EUR": Decimal("40.00")}, 365)
    assert money.milestones == {"received": ("Receive invoice",), "paid": ("Pay invoice", "Pay in part")}


def test_one_rate_is_short_for_a_list_of_one(tmp_path: Path) -> None:
    """A rate that never changes is written as one text; capital is of payables and a year of 365 days unless the card says otherwise."""
    money = _load(tmp_path, 'finmine_card = 1\n[late_interest]\nrate = "0.09"\n[capital]\nrate = "0.1"\n').money
    assert money.late_interest == LateInterest((DatedRate(Decimal("0.09")),))
    assert money.capital == Capital(Decimal("0.1"), 365, "payables")


def test_each_fact_is_told(tmp_path: Path) -> None:
    """The facts in use name each rate with whom and when it is for."""
    said = dict(_load(tmp_path, CARD).money.echo())
    assert said["capital"] == "8 % a year of 360 days, receivables"
    assert said["late fee"] == "40.00 EUR"
    assert said["paid"] == "Pay invoice, Pay in part"
    told = [words for name, words in _load(tmp_path, CARD).money.echo() if name in ("labour", "late interest")]
    assert told == [
        "38.50 EUR an hour for role AP clerk until 2024-06-30",
        "40 EUR an hour for role AP clerk from 2024-07-01",
        "55.123456 USD an hour for all others",
        "12.5 % a year of 365 days from 2024-01-01",
        "10 % a year of 365 days, for USD",
    ]


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("[labor]\n", "'labor'.*Did you mean 'labour'"),
        ('[labour]\nrate = "1"', r"\[\[labour\]\] is .*each under its own \[\[labour\]\]"),
        ('[[labour]]\nroll = "x"\nrate = "1"\ncurrency = "EUR"', "'roll'.*Did you mean 'role'"),
        ('[[labour]]\nrate = 38.5\ncurrency = "EUR"', r"rate is 38.5; it must be a number written as text"),
        ('[[labour]]\nrate = "-1"\ncurrency = "EUR"', "rate is '-1'; it must be from 0 to less than 10,000"),
        ('[[labour]]\nrate = "1.0000001"\ncurrency = "EUR"', "at most six decimals"),
        ('[[labour]]\nrate = "1"', "currency is None; it must be a text"),
        ('[[labour]]\nrole = "a"\nresource = "b"\nrate = "1"\ncurrency = "EUR"', "resource and role.*without either"),
        ('[[labour]]\nrate = "1"\ncurrency = "EUR"\nfrom = 2024-02-01\nuntil = 2024-01-01', "until is '2024-01-01'; it must be no day before"),
        ('[[labour]]\nrate = "1"\ncurrency = "EUR"\n[[labour]]\nrate = "2"\ncurrency = "EUR"\nfrom = 2024-01-01', "only rate for its days"),
        ('[capital]\nrat = "0.08"', r"\[capital\] 'rat'.*Did you mean 'rate'"),
        ('[capital]\nrate = "100"', "0.08 is 8 %"),
        ('[capital]\nrate = "0.08"\ndays = 366', r"\[capital\] days is 366; it must be the days of a year, 365 or 360"),
        ('[capital]\nrate = "0.08"\nof = "stock"', r"\[capital\] of is 'stock'; .*'receivables'"),
        ('[late_interest]\nfee = { EUR = "40" }', r"\[late_interest\] is 'with neither'"),
        ('[late_interest]\nrate = "0.1"\nrates = [{ rate = "0.1" }]', r"\[late_interest\] is 'with both'"),
        ("[late_interest]\nrates = []", r"\[late_interest\] rates is \[\]; it must be a list"),
        ('[late_interest]\nrates = [{ rate = "0.1" }, { rate = "0.2" }]', "only rate from its day"),
        ('[late_interest]\nrates = [{ since = 2024-01-01, rate = "0.1" }]', "'since'.*Known: 'currency', 'from', 'rate'"),
        ('[late_interest]\nrate = "0.1"\nfee = { EUR = "-1" }', r"\[late_interest\] fee EUR is '-1'; .*an amount from 0"),
        ('[milestones]\npayed = ["x"]', r"\[milestones\] 'payed'.*Did you mean 'paid'"),
        ("[milestones]\npaid = []", r"\[milestones\] paid is \[\]; .*at least one activity"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(section: str, says: str, tmp_path: Path) -> None:
    """A refusal names the section and key, what stands there and what may stand there, with the nearest key."""
    with pytest.raises((BadCard, UnknownWord), match=says):
        _load(tmp_path, f"finmine_card = 1\n{section}\n")


def test_a_draft_reads_back_the_same(tmp_path: Path) -> None:
    """A drafted card holds the same money of time; where there is none its lines of example are comments."""
    card = _load(tmp_path, CARD)
    assert _load(tmp_path, draft(card)).money == card.money
    empty = _load(tmp_path, "finmine_card = 1\n")
    drafted = draft(empty)
    assert "# [[labour]]" in drafted
    assert "# [milestones]" in drafted
    assert _load(tmp_path, drafted).money == empty.money
