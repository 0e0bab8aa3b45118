"""Periods of whole calendar months: ``2024-03``, or ``2024-01..2024-06`` from the first to the last."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from finmine.errors import Refusal
from finmine.finance.local_days import day_number

_SPELLED = re.compile(r"\s*(\d{4})-(\d{2})(?:\s*\.\.\s*(\d{4})-(\d{2}))?\s*")


class BadMonths(Refusal):
    """A period is not spelled as months."""

    def __init__(self, name: str, said: str) -> None:
        super().__init__(f"{name} is {said!r}; spell it as a month or as months from the first to the last, such as 2024-03 or 2024-01..2024-06.")


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar months from the first day to the last."""

    since: date
    until: date

    @property
    def days(self) -> tuple[int, int]:
        """The first and the last day, as days since 1 January 1970."""
        return day_number(self.since), day_number(self.until)

    @property
    def months(self) -> int:
        """How many months there are."""
        return (self.until.year - self.since.year) * 12 + self.until.month - self.since.month + 1

    def words(self) -> str:
        """The period as it is spelled."""
        first, last = f"{self.since:%Y-%m}", f"{self.until:%Y-%m}"
        return first if first == last else f"{first}..{last}"


def period(said: str, name: str) -> Period:
    """The period of a spelling; ``name`` is what it was given for.

    Raises:
        BadMonths: it is no month or months, or ends before it begins.
    """
    found = _SPELLED.fullmatch(said)
    if found is None:
        raise BadMonths(name, said)
    first, last = found.group(1, 2), found.group(3, 4) if found[3] else found.group(1, 2)
    try:
        since, begins = (date(int(year), int(month), 1) for year, month in (first, last))
    except ValueError:
        raise BadMonths(name, said) from None
    if begins < since or begins.year == date.max.year:
        raise BadMonths(name, said)
    return Period(since, (begins.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1))
