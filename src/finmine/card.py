"""The log card: the facts about a log that no column tells, kept as TOML beside the data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from finmine.errors import Refusal, UnknownWord
from finmine.vocabulary import REQUIRED_ROLES, ROLES, DateOrder, Level, People, Take, Unit

VERSION = 1
Origin: TypeAlias = Literal["command line", "card", "guess"]


class BadCard(Refusal):
    """A card says something that cannot be."""

    def __init__(self, place: str, found: object, expected: str) -> None:
        super().__init__(f"{place} is {found!r}; it must be {expected}.")


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


@dataclass(frozen=True, slots=True)
class Ledger:
    """Control totals that the user gives from the system of record."""

    rows: int | None = None
    cases: int | None = None
    amount: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseTable:
    """A table with one row for each case, joined by its case column."""

    file: str
    case: str


@dataclass(frozen=True, slots=True)
class Card:
    """Facts about a log; ``origins`` says for each fact whether the command line, the card or a guess gave it."""

    name: str | None = None
    unit: Unit | None = None
    zone: str | None = None
    extracted: datetime | None = None
    people: People | None = None
    missing: tuple[str, ...] = ("",)
    decimal: str = "."
    date_order: DateOrder | None = None
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    amount: AmountRule | None = None
    rates: tuple[Rate, ...] = ()
    outcomes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ledger: Ledger | None = None
    cases: CaseTable | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)
    path: Path | None = None

    def role(self, role: str) -> str | None:
        """The column (the first, where there are two) that plays a role, or nothing."""
        columns = self.roles.get(role)
        return columns[0] if columns else None

    def with_roles(self, roles: Mapping[str, tuple[str, ...]], origin: Origin) -> Card:
        """The card with these roles set, remembering who said so."""
        return replace(self, roles={**self.roles, **roles}, origins={**self.origins, **dict.fromkeys(roles, origin)})

    def with_facts(self, facts: Mapping[str, Any], origin: Origin) -> Card:
        """The card with these ``[log]`` facts set, remembering who said so."""
        return replace(self, **facts, origins={**self.origins, **dict.fromkeys(facts, origin)})

    def echo(self) -> list[tuple[str, str, str]]:
        """Each fact in use: its name, its value and where it comes from."""
        said = [(role, " + ".join(columns)) for role, columns in self.roles.items()]
        said += [
            (fact, str(getattr(self, fact))) for fact in ("unit", "zone", "extracted", "people", "date_order") if getattr(self, fact) is not None
        ]
        if self.amount is not None:
            said.append(("amount of a case", ", ".join(str(part) for part in (self.amount.level, self.amount.take, self.amount.currency) if part)))
        return [(name, value, self.origins.get(name, "card")) for name, value in said]


_LOG_KEYS = ("name", "unit", "zone", "extracted", "people", "missing", "decimal", "date_order")
_CHOICES: dict[str, tuple[str, ...]] = {"unit": get_args(Unit), "people": get_args(People), "date_order": get_args(DateOrder), "decimal": (".", ",")}
_SECTIONS = ("finmine_card", "log", "roles", "attributes", "dates", "amount", "rates", "outcomes", "ledger", "cases")


def beside(path: Path) -> Path:
    """Where the card of a file or folder lies: ``a.csv.gz`` has ``a.card.toml``, a folder has ``card.toml`` in it."""
    if path.is_dir():
        return path / "card.toml"
    stem = path.name
    for suffix in (".gz", ".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".xls", ".xlsb", ".ods", ".xes"):
        stem = stem.removesuffix(suffix)
    return path.with_name(f"{stem}.card.toml")


def load(path: Path) -> Card:
    """Read a card.

    Raises:
        BadCard: the file is not TOML, a value cannot be, or the version is another one.
        UnknownWord: a key is not known.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadCard(f"the card {path.name}", str(error), "TOML text in UTF-8") from None
    place = f"card {path.name}"
    _known(said, _SECTIONS, place)
    if said.get("finmine_card") != VERSION:
        raise BadCard(f"{place}: finmine_card", said.get("finmine_card"), f"the version of the format, {VERSION}")
    card = Card(
        **_log_facts(_section(said, "log", place), f"{place} [log]"),
        roles=_columns(_section(said, "roles", place), f"{place} [roles]", known=ROLES),
        attributes={name: _text(value, f"{place} [attributes] {name}") for name, value in _section(said, "attributes", place).items()},
        dates=_columns(_section(said, "dates", place), f"{place} [dates]"),
        amount=_amount(_section(said, "amount", place), f"{place} [amount]"),
        rates=tuple(_rate(entry, f"{place} [[rates]]") for entry in said.get("rates", ())),
        outcomes=_columns(_section(said, "outcomes", place), f"{place} [outcomes]"),
        ledger=_ledger(_section(said, "ledger", place), f"{place} [ledger]"),
        cases=_case_table(_section(said, "cases", place), f"{place} [cases]"),
        path=path,
    )
    facts = [*said.get("log", {}), *card.roles, *(("amount",) if card.amount else ())]
    return replace(card, origins=dict.fromkeys(facts, "card"))


def _section(said: Mapping[str, Any], name: str, place: str) -> Mapping[str, Any]:
    section = said.get(name, {})
    if not isinstance(section, dict):
        raise BadCard(f"{place}: {name}", section, f"a table [{name}]")
    return section


def _known(said: Mapping[str, Any], known: Any, place: str) -> None:
    for key in said:
        if key not in known:
            raise UnknownWord(f"key in {place}", key, known)


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise BadCard(place, value, "a text")
    return value


def _texts(value: object, place: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise BadCard(place, value, "a text or a list of texts")


def _columns(said: Mapping[str, Any], place: str, known: Any = None) -> dict[str, tuple[str, ...]]:
    if known is not None:
        _known(said, known, place)
    return {name: _texts(value, f"{place} {name}") for name, value in said.items()}


def _decimal(value: object, place: str) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise BadCard(place, value, 'a number written as text, such as "1234.56"') from None


def _log_facts(said: Mapping[str, Any], place: str) -> dict[str, Any]:
    _known(said, _LOG_KEYS, place)
    facts = dict(said)
    for key, choices in _CHOICES.items():
        if key in facts and facts[key] not in choices:
            raise BadCard(f"{place} {key}", facts[key], "one of " + ", ".join(repr(choice) for choice in choices))
    if "zone" in facts:
        facts["zone"] = check_zone(facts["zone"], f"{place} zone")
    if "extracted" in facts:
        facts["extracted"] = check_moment(facts["extracted"], f"{place} extracted")
    if "missing" in facts:
        facts["missing"] = _texts(facts["missing"], f"{place} missing")
    if "name" in facts:
        _text(facts["name"], f"{place} name")
    return facts


def check_zone(value: object, place: str) -> str:
    """An IANA time zone by name, or a refusal."""
    try:
        ZoneInfo(_text(value, place))
    except (KeyError, ValueError, OSError):
        raise BadCard(place, value, "the IANA name of a time zone, such as 'Europe/Berlin' or 'UTC'") from None
    return str(value)


def check_moment(value: object, place: str) -> datetime:
    """A date and time, given as TOML's own or as ISO text, or a refusal."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    try:
        return datetime.fromisoformat(_text(value, place))
    except ValueError:
        raise BadCard(place, value, "a date and time such as 2025-01-15T00:00:00") from None


def _amount(said: Mapping[str, Any], place: str) -> AmountRule | None:
    if not said:
        return None
    _known(said, [fact.name for fact in fields(AmountRule)], place)
    if said.get("level") not in get_args(Level):
        raise BadCard(f"{place} level", said.get("level"), "'case' or 'event'")
    take = said.get("take", "first")
    if take not in get_args(Take):
        raise BadCard(f"{place} take", take, "one of 'first', 'last', 'max', 'sum'")
    return AmountRule(said["level"], take, said.get("currency"), said.get("reporting"))


def _rate(entry: Mapping[str, Any], place: str) -> Rate:
    _known(entry, ("currency", "from", "rate"), place)
    since = entry.get("from")
    if not isinstance(since, date):
        raise BadCard(f"{place} from", since, "a day such as 2024-01-01")
    return Rate(_text(entry.get("currency"), f"{place} currency"), since, _decimal(entry.get("rate"), f"{place} rate"))


def _ledger(said: Mapping[str, Any], place: str) -> Ledger | None:
    if not said:
        return None
    _known(said, ("rows", "cases", "amount"), place)
    amount = {currency: _decimal(value, f"{place} amount {currency}") for currency, value in said.get("amount", {}).items()}
    return Ledger(said.get("rows"), said.get("cases"), amount)


def _case_table(said: Mapping[str, Any], place: str) -> CaseTable | None:
    if not said:
        return None
    _known(said, ("file", "case"), place)
    return CaseTable(_text(said.get("file"), f"{place} file"), _text(said.get("case"), f"{place} case"))


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(letter if letter.isprintable() else f"\\U{ord(letter):08x}" for letter in escaped)
    return f'"{escaped}"'


def draft(card: Card) -> str:
    """The card as TOML text, with a line on every fact that is still to be declared."""
    lines = [
        "# Log card: facts about the log that its columns do not tell. Check each line; what is guessed is marked.",
        f"finmine_card = {VERSION}",
        "",
        "[log]",
        *([f"name = {_quoted(card.name)}"] if card.name else ['# name = "Invoices"']),
        *([f"unit = {_quoted(card.unit)}"] if card.unit else []),
        *([f"zone = {_quoted(card.zone)}"] if card.zone else ['# zone = "Europe/Berlin"       # whose clocks the stamps show (now: unknown)']),
        *([f'extracted = "{card.extracted.isoformat()}"'] if card.extracted else ['# extracted = "2025-01-15T00:00:00"  # when the data were taken']),
        f"people = {_quoted(card.people or 'pseudonyms')}        # names | pseudonyms | roles",
        *([f"date_order = {_quoted(card.date_order)}"] if card.date_order else []),
        *([f"missing = [{', '.join(_quoted(text) for text in card.missing)}]"] if card.missing != ("",) else []),
        *(['decimal = ","'] if card.decimal == "," else []),
        "",
        "[roles]",
    ]
    for role in ROLES:
        columns = card.roles.get(role)
        if columns:
            value = _quoted(columns[0]) if len(columns) == 1 else f"[{', '.join(_quoted(column) for column in columns)}]"
            guessed = "   # guessed" if card.origins.get(role) == "guess" else ""
            lines.append(f"{role} = {value}{guessed}")
        else:
            lines.append(f"# {role} = {'…' if role in REQUIRED_ROLES else '   '}   # {ROLES[role]}")
    lines += ["", "[attributes]", *(f"{_key(name)} = {_quoted(column)}" for name, column in card.attributes.items())]
    if card.dates:
        lines += ["", "[dates]"]
        lines += [f"{_key(name)} = [{', '.join(_quoted(column) for column in columns)}]" for name, columns in card.dates.items()]
    lines += ["", *_draft_amount(card), "", *_draft_outcomes(card)]
    lines += ["", "# [ledger]              # control totals of the system of record", "# rows = 0", '# amount = { EUR = "0.00" }', ""]
    return "\n".join(lines)


def _draft_outcomes(card: Card) -> list[str]:
    if card.outcomes:
        return ["[outcomes]", *(f"{_key(name)} = [{', '.join(_quoted(text) for text in texts)}]" for name, texts in card.outcomes.items())]
    return ["# [outcomes]            # end activities by outcome: without them nobody can say which cases are finished", '# paid = ["Pay invoice"]']


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else _quoted(name)


def _draft_amount(card: Card) -> list[str]:
    if card.amount is not None:
        rule = card.amount
        lines = ["[amount]", f"level = {_quoted(rule.level)}", f"take = {_quoted(rule.take)}"]
        lines += [f"{name} = {_quoted(value)}" for name, value in (("currency", rule.currency), ("reporting", rule.reporting)) if value]
        for rate in card.rates:
            lines += ["[[rates]]", f"currency = {_quoted(rate.currency)}", f"from = {rate.since.isoformat()}", f'rate = "{rate.rate:f}"']
        return lines
    return [
        "# [amount]              # how a case takes its money",
        '# level = "case"        # or "event"',
        '# take = "first"        # first | last | max | sum',
        '# currency = "EUR"',
    ]
