"""The money of cases: exact, in one currency, taken as the card says."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import finmine
from finmine.card import AmountRule, Card

HEADER = "case_id,activity,timestamp,amount,currency\n"


def cases(log: finmine.EventLog) -> dict[str, tuple[Decimal | None, str | None]]:
    """The amount and currency of each case."""
    return {record["case"]: (record["amount"], record["currency"]) for record in finmine.cases(log).records()}


def write(folder: Path, rows: list[str]) -> Path:
    """A log with these rows."""
    (folder / "log.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return folder / "log.csv"


def test_an_amount_that_is_the_same_in_all_rows_is_taken_once(tmp_path: Path) -> None:
    """Where every row of a case repeats its amount, the case has that amount once, and that this was assumed is said."""
    log = finmine.read(write(tmp_path, ["i1,A,2024-01-01,0.10,EUR", "i1,B,2024-01-02,0.10,EUR", "i2,A,2024-01-01,-5,EUR"]))
    assert cases(log) == {"i1": (Decimal("0.10"), "EUR"), "i2": (Decimal(-5), "EUR")}
    assert any("taken once" in note for note in log.provenance.assumptions)


def test_an_amount_that_differs_is_not_guessed(tmp_path: Path) -> None:
    """Where amounts differ within a case and the card is silent, no case has money, and an example says what to declare."""
    log = finmine.read(write(tmp_path, ["i1,A,2024-01-01,10.00,EUR", "i1,B,2024-01-02,12.00,EUR"]))
    assert cases(log) == {"i1": (None, None)}
    assert "in case 'i1' from 10 to 12" in log.money_gap
    assert "[amount]" in log.money_gap
    assert log.money is None


@pytest.mark.parametrize(("take", "amount"), [("first", "10"), ("last", "7"), ("max", "12"), ("sum", "29")])
def test_the_card_says_how_a_case_takes_its_amount(tmp_path: Path, take: str, amount: str) -> None:
    """First, last, largest or sum, in the order of the events."""
    path = write(tmp_path, ["i1,C,2024-01-03,7,EUR", "i1,A,2024-01-01,10,EUR", "i1,B,2024-01-02,12,EUR"])
    card = Card(amount=AmountRule("event", take))  # type: ignore[arg-type]
    assert cases(finmine.read(path, card=card)) == {"i1": (Decimal(amount), "EUR")}


def test_a_sum_over_equal_amounts_is_still_a_sum(tmp_path: Path) -> None:
    """Amounts of events are added even when all of them happen to be equal."""
    path = write(tmp_path, ["i1,A,2024-01-01,10,EUR", "i1,B,2024-01-02,10,EUR"])
    assert cases(finmine.read(path, card=Card(amount=AmountRule("event", "sum")))) == {"i1": (Decimal(20), "EUR")}


def test_currencies_are_never_added(tmp_path: Path) -> None:
    """A case with two currencies has no amount; a log with two has no column that can be added up until rates are declared."""
    log = finmine.read(write(tmp_path, ["i1,A,2024-01-01,10,EUR", "i1,B,2024-01-02,10,USD", "i2,A,2024-01-01,10,USD", "i3,A,2024-01-01,3,EUR"]))
    assert cases(log)["i1"] == (None, None)
    assert log.money is None
    assert "never added across currencies" in log.money_gap


def test_dated_rates_make_one_reporting_currency(tmp_path: Path) -> None:
    """The rate of the day on which the case started is used; a case without a rate has no reported amount."""
    card = tmp_path / "log.card.toml"
    card.write_text(
        'finmine_card = 1\n[amount]\nlevel = "case"\nreporting = "EUR"\n'
        '[[rates]]\ncurrency = "USD"\nfrom = 2024-01-01\nrate = "0.90"\n[[rates]]\ncurrency = "USD"\nfrom = 2024-02-01\nrate = "0.95"\n'
    )
    log = finmine.read(write(tmp_path, ["u1,A,2024-01-15,100,USD", "u2,A,2024-02-01,100,USD", "e1,A,2024-01-15,1,EUR", "x1,A,2024-01-15,1,CHF"]))
    values = {record["trace"]: record["value"] for record in finmine.variants(log).records()}
    assert values == {"A": Decimal("186.00")}


@pytest.mark.parametrize(
    ("written", "decimal", "amount"),
    [
        ("1.234,50", ",", "1234.50"), ("1234,5-", ",", "-1234.5"), ("1,234.50", ".", "1234.50"), ("17-", ".", "-17"), ("(12.5)", ".", "-12.5"),
        ("1'234.5", ".", "1234.5"), ("12345678901234567890.12", ".", "12345678901234567890.12"), ("1.234,50", ".", None), ("1e5", ".", None), ("EUR 5", ".", None),
    ],
)  # fmt: skip
def test_spellings_of_amounts(tmp_path: Path, written: str, decimal: str, amount: str | None) -> None:
    """Decimal comma, thousands marks, trailing minus and brackets are read exactly; what is no number counts as missing and is said."""
    path = write(tmp_path, [f'i1,A,2024-01-01,"{written}",EUR'])
    log = finmine.read(path, decimal=decimal)
    assert cases(log)["i1"][0] == (Decimal(amount) if amount else None)
    assert any("cannot be read as a number" in note for note in log.provenance.assumptions) == (amount is None)


def test_the_decimal_mark_is_found_and_said(tmp_path: Path) -> None:
    """Where nobody says the mark, the one that reads more of the amounts is taken and said; where either reads all, that is said."""
    log = finmine.read(write(tmp_path, ['i1,A,2024-01-01,"1.234,50",EUR', 'i2,A,2024-01-01,"2,25",EUR', "i3,A,2024-01-01,1.000,EUR"]))
    assert cases(log) == {"i1": (Decimal("1234.50"), "EUR"), "i2": (Decimal("2.25"), "EUR"), "i3": (Decimal(1000), "EUR")}
    assert any("decimal mark is taken to be ','" in note for note in log.provenance.assumptions)
    log = finmine.read(write(tmp_path, ["i1,A,2024-01-01,1.234,EUR"]))
    assert cases(log)["i1"][0] == Decimal("1.234")
    assert any("either decimal mark" in note for note in log.provenance.assumptions)
