"""Periods of months, as they are spelled."""

from __future__ import annotations

from datetime import date

import pytest

from finmine.finance.periods import BadMonths, Period, period


def test_months_are_read_from_the_first_day_to_the_last() -> None:
    """A month is from its first day to its last, also in leap years and over the turn of a year; it says itself as it was spelled."""
    assert period("2024-02", "period") == Period(date(2024, 2, 1), date(2024, 2, 29))
    assert period(" 2023-11 .. 2024-01 ", "period") == Period(date(2023, 11, 1), date(2024, 1, 31))
    assert [period(said, "period").words() for said in ("2024-02", "2023-11..2024-01")] == ["2024-02", "2023-11..2024-01"]


@pytest.mark.parametrize("said", ["", "2024", "2024-13", "2024-3", "2024-03..2024-02", "2024-01..", "9999-12", "0000-01", "March"])
def test_what_is_no_months_is_refused(said: str) -> None:
    """The refusal names the option and shows how months are spelled."""
    with pytest.raises(BadMonths, match="base is .*such as 2024-03 or 2024-01..2024-06"):
        period(said, "base")
