"""Sizes of what is compared, in its unit: as cells, in tables, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from finmine.calendar_fit import in_days
from finmine.compared_cases import Compared
from finmine.finance.money import rounded
from finmine.result import table
from finmine.view import Definition, Table
from finmine.words import duration, money, share, working_duration

Record: TypeAlias = Mapping[str, Any]

NOUNS: Final = {"throughput": "throughput time", "working-time": "working time", "late-days": "lateness", "rework": "rework", "cost": "cost"}
SIZES: Final = ("shift", "shift_low", "shift_high", "burden", "adjusted", "adjusted_low", "adjusted_high", "adjusted_burden")
AT_QUANTILES: Final = ("at_median", "at_median_low", "at_median_high", "at_p90", "at_p90_low", "at_p90_high")
_SIZED = {"median", "rest", *SIZES, *AT_QUANTILES}
_NAMED = {"working-time": "working_", "rework": "rate_", "cost": "cost_"}


def in_unit(size: float | None, compared: Compared) -> float | Decimal | None:
    """A size in its unit: whole microseconds, money in minor units, or a rate as it is."""
    if size is None or compared.outcome == "rework":
        return size
    return rounded(Decimal(round(size)).scaleb(-6), compared.currency) if compared.work else round(size)


def column(name: str, compared: Compared) -> str:
    """The column of a size, named after what is compared; other columns keep their names."""
    return f"{_NAMED.get(compared.outcome, '')}{name}" if name in _SIZED else name


def sized_table(title: str, records: Sequence[Record], names: Sequence[str], compared: Compared) -> Table:
    """The records with these columns, of which the sizes are named and told as what is compared."""
    sizes = [name for name in names if name in _SIZED]
    told = [{**record, **{column(name, compared): cell for name, cell in in_days(record, sizes, _day(compared)).items()}} for record in records]
    return table(title, told, [column(name, compared) for name in names], currency=compared.currency or "")


def size_words(size: float | Decimal, compared: Compared) -> str:
    """How large a size is, in words, without its sign."""
    if isinstance(size, Decimal):
        return money(abs(size), compared.currency or "")
    if compared.outcome == "rework":
        return share(abs(size))
    return working_duration(abs(size), _day(compared)) if compared.fit else duration(abs(size))


def outcome_definitions(compared: Compared) -> Iterator[Definition]:
    """What is compared, where its name does not say it."""
    if compared.outcome == "late-days":
        yield Definition(
            "Lateness", "the day of payment less the due date, in days of the log's zone; below nothing where a case was paid before it was due"
        )
    if compared.outcome == "cost":
        yield Definition(
            "Cost",
            "the labour of the case at the rates of the card, and the fixed costs of its activities, as in `costs`; units without a rate cost nothing",
        )


def _day(compared: Compared) -> int | None:
    return compared.fit.found.day_of_cases(compared.log.card.calendar_of) if compared.fit else None
