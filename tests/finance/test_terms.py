"""Terms of payment: published rates of discounts, and interest by the day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.finance.labour import LabourRate
from finmine.finance.money import minor_digits, rounded, shared_out
from finmine.finance.terms import Capital, DatedRate, LateInterest, annualised_rate, effective_rate

DAYS = st.dates(date(2023, 1, 1), date(2026, 1, 1))
RATES = st.decimals(0, 1, places=6)


@pytest.mark.parametrize(("year", "percent"), [(365, "37.24"), (360, "36.73")])
def test_the_yearly_rate_of_two_ten_net_thirty(year: int, percent: str) -> None:
    """2 % for paying on day 10 instead of day 30 is 37.24 % a year of 365 days and 36.73 % of 360, as textbooks print it."""
    assert f"{annualised_rate(Decimal('0.02'), 30, 10, year) * 100:.2f}" == percent


def test_the_effective_rate_of_two_ten_net_thirty() -> None:
    """Compounded, the same terms are 44.59 % a year."""
    assert f"{effective_rate(Decimal('0.02'), 30, 10) * 100:.2f}" == "44.59"


@pytest.mark.parametrize("terms", [(Decimal(1), 30, 10), (Decimal("-0.1"), 30, 10), (Decimal("0.02"), 10, 10), (Decimal("0.02"), 10, 30)])
def test_terms_that_cannot_be_have_no_rate(terms: tuple[Decimal, int, int]) -> None:
    """A discount of all of it or less than nothing, and a net date that does not come later, are refused."""
    with pytest.raises(ValueError, match="discount"):
        annualised_rate(*terms)


def test_late_interest_is_simple_and_begins_the_day_after() -> None:
    """10,000 at 9 % for 73 days of 365 are 180; nothing is owed on the due date or before."""
    late = LateInterest((DatedRate(Decimal("0.09")),))
    assert late.interest(Decimal(10_000), date(2024, 1, 1), date(2024, 3, 14), "EUR") == Decimal("180.00")
    assert late.interest(Decimal(10_000), date(2024, 1, 1), date(2024, 1, 1), "EUR") == 0
    assert late.interest(Decimal(10_000), date(2024, 1, 1), date(2023, 12, 1), "EUR") == 0
    assert LateInterest((DatedRate(Decimal("0.09")),), year=360).interest(Decimal(10_000), date(2024, 1, 1), date(2024, 3, 13), "EUR") == 180


def test_a_rate_that_changes_within_the_delay() -> None:
    """Each day counts with its own rate, and the rates of a currency replace the general ones; days without a rate leave no answer."""
    half_years = LateInterest(
        (DatedRate(Decimal("0.1225"), date(2024, 7, 1)), DatedRate(Decimal("0.125"), date(2024, 1, 1)), DatedRate(Decimal("0.2"), None, "USD"))
    )
    owed = Fraction(36_500 * 10 * 125, 365 * 1000) + Fraction(36_500 * 5 * 1225, 365 * 10000)
    assert half_years.interest(Decimal(36_500), date(2024, 6, 20), date(2024, 7, 5), "EUR") == Decimal(float(owed)).quantize(Decimal("0.01"))
    assert half_years.interest(Decimal(36_500), date(2024, 6, 20), date(2024, 7, 5), "USD") == 300
    assert half_years.interest(Decimal(36_500), date(2023, 12, 20), date(2024, 1, 5), "EUR") is None


@given(st.lists(DAYS, min_size=1, max_size=4, unique=True), st.data(), DAYS, st.integers(0, 500), st.decimals(0, 10**9, places=2))
def test_interest_is_the_sum_over_its_days(since: list[date], data: st.DataObject, due: date, delay: int, amount: Decimal) -> None:
    """Interest equals the sum of what each day of the delay owes at its own rate, rounded once."""
    rates = {day: data.draw(RATES) for day in since}
    late = LateInterest(tuple(DatedRate(rate, day) for day, rate in rates.items()))
    days = [due + timedelta(days=number) for number in range(1, delay + 1)]
    at = [max((day for day in since if day <= each), default=None) for each in days]
    found = late.interest(amount, due, due + timedelta(days=delay), "EUR")
    if None in at:
        assert found is None
    else:
        owed = sum((Fraction(amount) * Fraction(rates[day]) for day in at if day), Fraction(0)) / 365
        assert found is not None
        assert abs(Fraction(found) - owed) <= Fraction(1, 200)


def test_capital_costs_its_rate_by_the_day() -> None:
    """1,000 tied up for 36.5 percent of a year at 10 % cost 10 in 36.5 days; yen have no decimals."""
    assert Capital(Decimal("0.1"), 365).cost(Decimal(1000), 73, "EUR") == Decimal("20.00")
    assert Capital(Decimal("0.1"), 360).cost(Decimal(1000), 73, "JPY") == 20


def test_amounts_are_rounded_to_the_minor_unit_of_their_currency() -> None:
    """Two decimals, none for yen, three for Kuwaiti dinars; halves away from zero."""
    assert [
        str(rounded(Decimal(amount), currency)) for amount, currency in (("0.005", "EUR"), ("-2.5", "JPY"), ("1.23449", "KWD"), ("1.005", None))
    ] == [
        "0.01",
        "-3",
        "1.234",
        "1.01",
    ]
    assert minor_digits("ISK") == 0


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**14), min_size=1, max_size=8))
def test_what_is_shared_out_adds_up(whole: int, weights: list[int]) -> None:
    """Parts add up to the whole, and each is less than one away from its exact share; without weights the last gets all."""
    parts = shared_out(whole, weights)
    assert sum(parts) == whole
    if sum(weights):
        assert all(abs(part - Fraction(whole * weight, sum(weights))) < 1 for part, weight in zip(parts, weights, strict=True))
    else:
        assert parts[-1] == whole


def test_labour_rates_of_the_same_work_and_day_overlap() -> None:
    """Rates overlap only for the same resource or role and on days that both cover."""
    spring = LabourRate("role", "Clerk", Decimal(30), "EUR", date(2024, 1, 1), date(2024, 6, 30))
    assert not spring.overlaps(LabourRate("role", "Clerk", Decimal(30), "EUR", date(2024, 7, 1)))
    assert spring.overlaps(LabourRate("role", "Clerk", Decimal(30), "EUR", date(2024, 6, 30)))
    assert not spring.overlaps(LabourRate("resource", "Clerk", Decimal(30), "EUR"))
