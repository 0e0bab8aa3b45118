"""Public holidays by country, subdivision or financial market, from the library ``holidays``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

from finmine.errors import UnknownWord


class UnknownHolidays(UnknownWord):
    """There are no holidays under a code."""


def public_holidays(codes: Sequence[str], years: range, place: str) -> frozenset[date]:
    """The holidays of all codes in some years: ``DE``, ``DE-BY``, or a market such as ``XECB`` (the euro's payment system).

    Args:
        codes: ISO 3166 codes of countries, with or without a subdivision, or codes of markets.
        years: the years.
        place: where the codes are declared, named in a refusal.

    Raises:
        UnknownHolidays: the library knows no such country, subdivision or market.
    """
    return frozenset(day for code in codes for day in _of(code, years, place))


@cache
def _of(code: str, years: range, place: str) -> tuple[date, ...]:
    import holidays

    countries, markets = holidays.list_supported_countries(include_aliases=False), holidays.list_supported_financial()
    country, _, part = code.partition("-")
    if country in countries:
        if part and part not in countries[country]:
            raise UnknownHolidays(
                f"country, subdivision or market of holidays in {place}", code, [country, *(f"{country}-{known}" for known in countries[country])]
            )
        return tuple(holidays.country_holidays(country, subdiv=part or None, years=years))
    if code in markets:
        return tuple(holidays.financial_holidays(code, years=years))
    raise UnknownHolidays(f"country, subdivision or market of holidays in {place}", code, [*countries, *markets])
