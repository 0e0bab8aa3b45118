"""The money of time on a log card: labour, capital, late payment, and which activities mean receipt, approval and payment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import Any, get_args

from finmine.card_values import BadCard, bare_key, check_known, day, days, decimal, exact, filled, quoted, table, text, texts
from finmine.finance.labour import LEVELS, MOST_RATE, LabourRate
from finmine.finance.terms import YEAR_DAYS, Capital, DatedRate, LateInterest, Side

MILESTONES: dict[str, str] = {
    "received": "the document has come in",
    "approved": "nothing is missing any more but the payment",
    "paid": "the money has been paid",
}
SECTIONS = ("labour", "capital", "late_interest", "milestones")
_STEP = Decimal("0.000001")  # what the engine's DECIMAL(10, 6) holds
_MOST_RATE = 100


@dataclass(frozen=True, slots=True)
class MoneyOfTime:
    """What time costs, as the card says; what it does not say is missing."""

    labour: tuple[LabourRate, ...] = ()
    capital: Capital | None = None
    late_interest: LateInterest | None = None
    milestones: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def echo(self) -> list[tuple[str, str]]:
        """Each fact, by its name on the card, in words."""
        said = [("labour", rate.words()) for rate in self.labour]
        if self.capital is not None:
            said.append(("capital", f"{_percent(self.capital.rate)} a year of {self.capital.year} days, {self.capital.side}"))
        if self.late_interest is not None:
            said += [("late interest", self._lateness(rate)) for rate in self.late_interest.rates]
            said += [("late fee", f"{fee:f} {currency}") for currency, fee in self.late_interest.fee.items()]
        return said + [(name, ", ".join(activities)) for name, activities in self.milestones.items()]

    def _lateness(self, rate: DatedRate) -> str:
        year = self.late_interest.year if self.late_interest else 0
        since = f" from {rate.since}" if rate.since else ""
        return f"{_percent(rate.rate)} a year of {year} days{since}{f', for {rate.currency}' if rate.currency else ''}"


def read_money_of_time(said: Mapping[str, Any], place: str) -> MoneyOfTime:
    """The facts under ``[[labour]]``, ``[capital]``, ``[late_interest]`` and ``[milestones]``."""
    milestones = table(said, "milestones", place)
    check_known(milestones, MILESTONES, f"{place} [milestones]")
    named = {name: texts(value, f"{place} [milestones] {name}") for name, value in milestones.items()}
    for name, activities in named.items():
        if not activities:
            raise BadCard(f"{place} [milestones] {name}", [], "an activity or a list of at least one activity")
    return MoneyOfTime(
        _labour(said.get("labour", []), f"{place} [[labour]]"),
        _capital(table(said, "capital", place), f"{place} [capital]"),
        _late_interest(table(said, "late_interest", place), f"{place} [late_interest]"),
        named,
    )


def _labour(said: object, place: str) -> tuple[LabourRate, ...]:
    if not isinstance(said, list) or not all(isinstance(entry, dict) for entry in said):
        raise BadCard(place, said, "a list of tables, each under its own [[labour]]")
    rates = tuple(_labour_rate(entry, place) for entry in said)
    for one, other in combinations(rates, 2):
        if one.overlaps(other):
            raise BadCard(place, other.words(), f"the only rate for its days; there is also {one.words()}")
    return rates


def _labour_rate(entry: Mapping[str, Any], place: str) -> LabourRate:
    check_known(entry, ("resource", "role", "rate", "standard", "currency", "from", "until"), place)
    named = [level for level in LEVELS if level in entry]
    if len(named) > 1:
        raise BadCard(place, " and ".join(named), "for a resource, or for a role, or (without either) for all others")
    level = named[0] if named else "default"
    since, until = days(entry, place)
    return LabourRate(
        level,
        filled(entry[level], f"{place} {level}") if named else None,
        _rate(entry.get("rate"), f"{place} rate", MOST_RATE),
        filled(entry.get("currency"), f"{place} currency"),
        since,
        until,
        _rate(entry["standard"], f"{place} standard", MOST_RATE) if "standard" in entry else None,
    )


def _capital(said: Mapping[str, Any], place: str) -> Capital | None:
    if not said:
        return None
    check_known(said, ("rate", "days", "of"), place)
    side = said.get("of", "payables")
    if side not in get_args(Side):
        raise BadCard(f"{place} of", side, "'payables' (we owe the amounts) or 'receivables' (they are owed to us)")
    return Capital(_rate(said.get("rate"), f"{place} rate"), _year(said, place), side)


def _late_interest(said: Mapping[str, Any], place: str) -> LateInterest | None:
    if not said:
        return None
    check_known(said, ("rate", "rates", "fee", "days"), place)
    if ("rate" in said) == ("rates" in said):
        raise BadCard(place, "with both" if "rate" in said else "with neither", 'said with one of rate = "0.09" and rates = [{ from = …, rate = … }]')
    entries = said.get("rates", [{"rate": said.get("rate")}])
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise BadCard(f"{place} rates", entries, 'a list such as [{ from = 2024-01-01, rate = "0.125" }]')
    rates = tuple(_dated_rate(entry, f"{place} rates") for entry in entries)
    for one, other in combinations(rates, 2):
        if (one.currency, one.since) == (other.currency, other.since):
            raise BadCard(f"{place} rates", str(other.since or other.rate), "the only rate from its day on")
    fees = {currency: decimal(value, f"{place} fee {currency}") for currency, value in table(said, "fee", place).items()}
    for currency, fee in fees.items():
        if fee < 0 or fee != fee.quantize(_STEP):
            raise BadCard(f"{place} fee {currency}", said["fee"][currency], "an amount from 0, with at most six decimals")
    return LateInterest(rates, fees, _year(said, place))


def _dated_rate(entry: Mapping[str, Any], place: str) -> DatedRate:
    check_known(entry, ("from", "rate", "currency"), place)
    return DatedRate(
        _rate(entry.get("rate"), f"{place} rate"),
        day(entry["from"], f"{place} from") if "from" in entry else None,
        text(entry["currency"], f"{place} currency") if "currency" in entry else None,
    )


def _rate(value: object, place: str, most: int = _MOST_RATE) -> Decimal:
    return exact(value, place, most, " (0.08 is 8 %)" if most == _MOST_RATE else "")


def _year(said: Mapping[str, Any], place: str) -> int:
    days = said.get("days", YEAR_DAYS[0])
    if type(days) is not int or days not in YEAR_DAYS:
        raise BadCard(f"{place} days", days, "the days of a year, 365 or 360")
    return days


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f} %"


def draft_money_of_time(money: MoneyOfTime) -> list[str]:
    """The facts as lines of a card, or lines that show how they are declared."""
    return [*_draft_labour(money), *_draft_capital(money), *_draft_late_interest(money), *_draft_milestones(money)]


def _draft_labour(money: MoneyOfTime) -> list[str]:
    if not money.labour:
        return [
            "# [[labour]]           # what an hour of work costs: for a role, a resource, or (without either) all others",
            '# role = "Clerk"',
            '# rate = "38.50"',
            '# currency = "EUR"',
        ]
    lines = []
    for rate in money.labour:
        lines.append("[[labour]]")
        lines += [f"{rate.level} = {quoted(rate.name)}"] if rate.name is not None else []
        lines += [f'{word} = "{each:f}"' for word, each in (("rate", rate.rate), ("standard", rate.standard)) if each is not None]
        lines.append(f"currency = {quoted(rate.currency)}")
        lines += [f"{word} = {each.isoformat()}" for word, each in (("from", rate.since), ("until", rate.until)) if each]
    return lines


def _draft_capital(money: MoneyOfTime) -> list[str]:
    if money.capital is None:
        return ["# [capital]             # what capital costs a year", '# rate = "0.08"', '# of = "payables"       # or "receivables"']
    return ["[capital]", f'rate = "{money.capital.rate:f}"', f"days = {money.capital.year}", f"of = {quoted(money.capital.side)}"]


def _draft_late_interest(money: MoneyOfTime) -> list[str]:
    late = money.late_interest
    if late is None:
        return ["# [late_interest]       # what is owed for late payment, by contract or law", '# rate = "0.09"', '# fee = { EUR = "40.00" }']
    fees = ", ".join(f'{bare_key(currency)} = "{fee:f}"' for currency, fee in late.fee.items())
    fee = [f"fee = {{ {fees} }}"] if fees else []
    return ["[late_interest]", f"rates = [{', '.join(map(_spelled, late.rates))}]", *fee, f"days = {late.year}"]


def _spelled(rate: DatedRate) -> str:
    since = f"from = {rate.since.isoformat()}, " if rate.since else ""
    return f'{{ {since}rate = "{rate.rate:f}"{f", currency = {quoted(rate.currency)}" if rate.currency else ""} }}'


def _draft_milestones(money: MoneyOfTime) -> list[str]:
    if not money.milestones:
        return [
            "# [milestones]          # which activities mean receipt, approval and payment",
            '# received = ["Receive invoice"]',
            '# approved = ["Approve invoice"]',
            '# paid = ["Pay invoice"]',
        ]
    return ["[milestones]", *(f"{name} = [{', '.join(map(quoted, activities))}]" for name, activities in money.milestones.items())]
