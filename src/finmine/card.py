"""The log card: the facts about a log that no column tells, kept as TOML beside the data."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from finmine.card_amount import AmountRule, Rate, draft_amount, read_amount, read_rates
from finmine.card_calendars import CalendarOf, draft_calendars, read_calendar_of, read_calendars
from finmine.card_concurrency import Concurrency, draft_concurrency, read_concurrency
from finmine.card_costs import SECTIONS as OF_COSTS
from finmine.card_costs import CostFacts, draft_costs, read_costs
from finmine.card_dates import draft_dates, read_person_of
from finmine.card_ledger import Ledger, draft_ledger, read_ledger
from finmine.card_money import SECTIONS, MoneyOfTime, draft_money_of_time, read_money_of_time
from finmine.card_people import SECTIONS as OF_PEOPLE
from finmine.card_people import Persons, draft_persons, read_persons, read_steps
from finmine.card_rework import ReworkRules, draft_rework, read_rework
from finmine.card_values import BadCard, UnreadableCard, bare_key, check_known, check_moment, check_zone, quoted, table, text, texts
from finmine.finance.labour import LabourRate
from finmine.finance.working_hours import WorkingHours
from finmine.vocabulary import REQUIRED_ROLES, ROLES, DateOrder, Formulas, People, Unit

__all__ = [
    "VERSION",
    "AmountRule",
    "BadCard",
    "Card",
    "CaseTable",
    "Ledger",
    "Origin",
    "Rate",
    "beside",
    "check_moment",
    "check_zone",
    "draft",
    "load",
]

VERSION = 1
Origin: TypeAlias = Literal["command line", "card", "guess"]


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
    decimal: str | None = None
    date_order: DateOrder | None = None
    formulas: Formulas | None = None
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    person_of: Mapping[str, str] = field(default_factory=dict)
    amount: AmountRule | None = None
    rates: tuple[Rate, ...] = ()
    outcomes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ledger: Ledger | None = None
    cases: CaseTable | None = None
    calendars: Mapping[str, WorkingHours] = field(default_factory=dict)
    calendar_of: CalendarOf = field(default_factory=CalendarOf)
    money: MoneyOfTime = field(default_factory=MoneyOfTime)
    costs: CostFacts = field(default_factory=CostFacts)
    concurrency: Concurrency = field(default_factory=Concurrency)
    persons: Persons = field(default_factory=Persons)
    steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rework: ReworkRules = field(default_factory=ReworkRules)
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

    @property
    def labour_rates(self) -> tuple[LabourRate, ...]:
        """What an hour of work costs: the labour rates, and the capacity cost rates of capacities whose cost is declared."""
        return (*self.money.labour, *self.costs.cost_rates())

    def echo(self) -> list[tuple[str, str, str]]:
        """Each fact in use: its name, its value and where it comes from."""
        said = [(role, " + ".join(columns)) for role, columns in self.roles.items()]
        said += [
            (fact, str(getattr(self, fact)))
            for fact in ("unit", "zone", "extracted", "people", "date_order", "formulas")
            if getattr(self, fact) is not None
        ]
        if self.amount is not None:
            said.append(("amount of a case", ", ".join(str(part) for part in (self.amount.level, self.amount.take, self.amount.currency) if part)))
        said += [(f"calendar {name!r}", hours.words()) for name, hours in self.calendars.items()]
        said += [*self.money.echo(), *self.costs.echo()]
        return [(name, value, self.origins.get(name, "card")) for name, value in said]


_LOG_KEYS = ("name", "unit", "zone", "extracted", "people", "missing", "decimal", "date_order", "formulas")
_CHOICES: dict[str, tuple[str, ...]] = {
    "unit": get_args(Unit),
    "people": get_args(People),
    "date_order": get_args(DateOrder),
    "decimal": (".", ","),
    "formulas": get_args(Formulas),
}
_SECTIONS = (
    "finmine_card",
    "log",
    "roles",
    "attributes",
    "dates",
    "person_of",
    "amount",
    "rates",
    "outcomes",
    "ledger",
    "cases",
    "calendars",
    "calendar_of",
    "concurrency",
    "rework",
    *SECTIONS,
    *OF_COSTS,
    *OF_PEOPLE,
)


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
    if path.is_dir():
        raise BadCard("the card", str(path), "a file, not a folder")
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnreadableCard(path.name, str(error)) from None
    place = f"card {path.name}"
    check_known(said, _SECTIONS, place)
    version = said.get("finmine_card")
    if type(version) is not int or version != VERSION:
        raise BadCard(f"{place}: finmine_card", version, f"the version of the format, {VERSION}")
    calendars, money = read_calendars(said, place), read_money_of_time(said, place)
    card = Card(
        **_log_facts(table(said, "log", place), f"{place} [log]"),
        roles=_roles(table(said, "roles", place), f"{place} [roles]"),
        attributes={name: text(value, f"{place} [attributes] {name}") for name, value in table(said, "attributes", place).items()},
        dates=_columns(table(said, "dates", place), f"{place} [dates]"),
        person_of=read_person_of(said, place),
        amount=read_amount(table(said, "amount", place), f"{place} [amount]"),
        rates=read_rates(said.get("rates", []), f"{place} [[rates]]"),
        outcomes=_outcomes(table(said, "outcomes", place), f"{place} [outcomes]"),
        ledger=read_ledger(table(said, "ledger", place), f"{place} [ledger]"),
        cases=_case_table(table(said, "cases", place), f"{place} [cases]"),
        calendars=calendars,
        calendar_of=read_calendar_of(said, calendars, place),
        money=money,
        costs=read_costs(said, money.labour, place),
        concurrency=read_concurrency(said, place),
        persons=read_persons(said, place),
        steps=read_steps(said, place),
        rework=read_rework(said, place),
        path=path,
    )
    facts = [*said.get("log", {}), *card.roles, *(("amount",) if card.amount else ())]
    return replace(card, origins=dict.fromkeys(facts, "card"))


def _columns(said: Mapping[str, Any], place: str) -> dict[str, tuple[str, ...]]:
    columns = {name: texts(value, f"{place} {name}") for name, value in said.items()}
    for name, found in columns.items():
        if not found:
            raise BadCard(f"{place} {name}", [], "a text or a list of at least one text")
    return columns


def _roles(said: Mapping[str, Any], place: str) -> dict[str, tuple[str, ...]]:
    check_known(said, ROLES, place)
    roles = _columns(said, place)
    _check_apart({role: roles[role] for role in REQUIRED_ROLES if role in roles}, place, "another column than that of the {}")
    return roles


def _outcomes(said: Mapping[str, Any], place: str) -> dict[str, tuple[str, ...]]:
    outcomes = _columns(said, place)
    _check_apart(outcomes, place, "another activity than one of the outcome {!r}: a case ends in one way")
    return outcomes


def _check_apart(said: Mapping[str, tuple[str, ...]], place: str, expected: str) -> None:
    """Refuse a text that stands under two names; ``expected`` holds a place for the first of them."""
    bearers: dict[str, str] = {}
    for name, texts_of in said.items():
        for one in texts_of:
            if bearers.setdefault(one, name) != name:
                raise BadCard(f"{place} {name}", one, expected.format(bearers[one]))


def _log_facts(said: Mapping[str, Any], place: str) -> dict[str, Any]:
    check_known(said, _LOG_KEYS, place)
    facts = dict(said)
    for key, choices in _CHOICES.items():
        if key in facts and facts[key] not in choices:
            raise BadCard(f"{place} {key}", facts[key], "one of " + ", ".join(repr(choice) for choice in choices))
    if "zone" in facts:
        facts["zone"] = check_zone(facts["zone"], f"{place} zone")
    if "extracted" in facts:
        facts["extracted"] = check_moment(facts["extracted"], f"{place} extracted")
    if "missing" in facts:
        facts["missing"] = texts(facts["missing"], f"{place} missing")
    if "name" in facts:
        text(facts["name"], f"{place} name")
    return facts


def _case_table(said: Mapping[str, Any], place: str) -> CaseTable | None:
    if not said:
        return None
    check_known(said, ("file", "case"), place)
    return CaseTable(text(said.get("file"), f"{place} file"), text(said.get("case"), f"{place} case"))


def draft(card: Card, columns: Iterable[str] = ()) -> str:
    """The card as TOML text, with a line on every fact that is still to be declared; ``columns`` of the log are proposed for some."""
    lines = [
        "# Log card: facts about the log that its columns do not tell. Check each line; what is guessed is marked.",
        f"finmine_card = {VERSION}",
        "",
        "[log]",
        *([f"name = {quoted(card.name)}"] if card.name else ['# name = "Invoices"']),
        *([f"unit = {quoted(card.unit)}"] if card.unit else []),
        *([f"zone = {quoted(card.zone)}"] if card.zone else ['# zone = "Europe/Berlin"       # whose clocks the stamps show (now: unknown)']),
        *([f'extracted = "{card.extracted.isoformat()}"'] if card.extracted else ['# extracted = "2025-01-15T00:00:00"  # when the data were taken']),
        f"people = {quoted(card.people or 'pseudonyms')}        # names | pseudonyms | roles",
        *([f"date_order = {quoted(card.date_order)}"] if card.date_order else []),
        *([f"missing = [{', '.join(quoted(text) for text in card.missing)}]"] if card.missing != ("",) else []),
        *(['decimal = ","'] if card.decimal == "," else []),
        *([f"formulas = {quoted(card.formulas)}      # an apostrophe before a formula is none of the text"] if card.formulas else []),
        "",
        "[roles]",
    ]
    for role in ROLES:
        played = card.roles.get(role)
        if played:
            value = quoted(played[0]) if len(played) == 1 else f"[{', '.join(quoted(column) for column in played)}]"
            guessed = "   # guessed" if card.origins.get(role) == "guess" else ""
            lines.append(f"{role} = {value}{guessed}")
        else:
            lines.append(f"# {role} = {'…' if role in REQUIRED_ROLES else '   '}   # {ROLES[role]}")
    lines += ["", "[attributes]", *(f"{bare_key(name)} = {quoted(column)}" for name, column in card.attributes.items())]
    lines += draft_dates(card.dates, card.person_of, columns)
    lines += ["", *draft_amount(card.amount, card.rates), "", *_draft_outcomes(card), "", *draft_calendars(card.calendars, card.calendar_of)]
    lines += [
        "",
        *draft_concurrency(card.concurrency),
        "",
        *draft_rework(card.rework),
        "",
        *draft_money_of_time(card.money),
        "",
        *draft_costs(card.costs),
    ]
    lines += ["", *draft_persons(card.persons, card.steps)]
    lines += ["", *draft_ledger(card.ledger), *_draft_case_table(card.cases), ""]
    return "\n".join(lines)


def _draft_case_table(cases: CaseTable | None) -> list[str]:
    return [] if cases is None else ["", "[cases]", f"file = {quoted(cases.file)}", f"case = {quoted(cases.case)}"]


def _draft_outcomes(card: Card) -> list[str]:
    if card.outcomes:
        return ["[outcomes]", *(f"{bare_key(name)} = [{', '.join(quoted(text) for text in texts)}]" for name, texts in card.outcomes.items())]
    return ["# [outcomes]            # end activities by outcome: without them nobody can say which cases are finished", '# paid = ["Pay invoice"]']
