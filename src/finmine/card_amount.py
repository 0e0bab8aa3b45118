"""The amounts of a log card: how a case takes its money, and the dated rates into the reporting currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, get_args

from finmine.card_values import BadCard, check_known, day, decimal, quoted, text
from finmine.vocabulary import Level, Take

_RATE_BELOW, _RATE_STEP = 10_000, Decimal("0.000001")  # what the engine's DECIMAL(10, 6) holds


@dataclass(frozen=True, slots=True)
class AmountRule:
    """How a case takes its money: ``level`` of the amount column, which value counts, and in which currency."""

    level: Level
    take: Take = "first"
    currency: str | None = None
    reporting: str | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate into the reporting currency, valid from a day until the next rate of that currency."""

    currency: str
    since: date
    rate: Decimal


def read_amount(said: Mapping[str, Any], place: str) -> AmountRule | None:
    """What ``[amount]`` says."""
    if not said:
        return None
    check_known(said, [fact.name for fact in fields(AmountRule)], place)
    if said.get("level") not in get_args(Level):
        raise BadCard(f"{place} level", said.get("level"), "'case' or 'event'")
    take = said.get("take", "first")
    if take not in get_args(Take):
        raise BadCard(f"{place} take", take, "one of 'first', 'last', 'max', 'sum'")
    currency, reporting = (text(said[name], f"{place} {name}") if name in said else None for name in ("currency", "reporting"))
    return AmountRule(said["level"], take, currency, reporting)


def read_rates(said: object, place: str) -> tuple[Rate, ...]:
    """The rates of ``[[rates]]``."""
    if not isinstance(said, list) or not all(isinstance(entry, dict) for entry in said):
        raise BadCard(place, said, "a list of tables, each under its own [[rates]]")
    return tuple(_rate(entry, place) for entry in said)


def _rate(entry: Mapping[str, Any], place: str) -> Rate:
    check_known(entry, ("currency", "from", "rate"), place)
    rate = decimal(entry.get("rate"), f"{place} rate")
    if not 0 < rate < _RATE_BELOW or rate != rate.quantize(_RATE_STEP):
        raise BadCard(f"{place} rate", entry["rate"], f"more than 0 and less than {_RATE_BELOW}, with at most six decimals")
    return Rate(text(entry.get("currency"), f"{place} currency"), day(entry.get("from"), f"{place} from"), rate)


def draft_amount(rule: AmountRule | None, rates: tuple[Rate, ...]) -> list[str]:
    """The facts as lines of a card, or lines that show how they are declared."""
    if rule is not None:
        lines = ["[amount]", f"level = {quoted(rule.level)}", f"take = {quoted(rule.take)}"]
        lines += [f"{name} = {quoted(value)}" for name, value in (("currency", rule.currency), ("reporting", rule.reporting)) if value]
        for rate in rates:
            lines += ["[[rates]]", f"currency = {quoted(rate.currency)}", f"from = {rate.since.isoformat()}", f'rate = "{rate.rate:f}"']
        return lines
    return [
        "# [amount]              # how a case takes its money",
        '# level = "case"        # or "event"',
        '# take = "first"        # first | last | max | sum',
        '# currency = "EUR"',
    ]
