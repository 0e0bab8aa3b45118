"""The card of a sample log: everything that is known about it, as TOML."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from finmine.card import VERSION
from finmine.card_calendars import ALWAYS, DEFAULT
from finmine.card_costs import draft_costs
from finmine.card_money import draft_money_of_time
from finmine.card_values import bare_key
from finmine.sample.blueprint import Blueprint, Column
from finmine.sample.calendar import FRAME, HOUR
from finmine.sample.desks import CLOSES, OPENS
from finmine.sample.steps import SYSTEM
from finmine.sample.xes import xes_key


@dataclass(frozen=True, slots=True)
class Written:
    """What a log as written holds; money in minor units by currency, each case once."""

    rows: int
    cases: int
    activities: Collection[str]
    money: Mapping[str, int]


def card_text(blueprint: Blueprint, kind: str, written: Written) -> str:
    """The card of a log written in a format."""

    def column(each: Column) -> str:
        return _text(xes_key(each) if kind == ".xes.gz" else each.name)

    outcomes, rework = (_occurring(named, written.activities) for named in (blueprint.outcomes, blueprint.rework))
    sections = [
        f"finmine_card = {VERSION}\n",
        _section(
            "log",
            {
                "name": _text(blueprint.title),
                "unit": _text("instance" if any(each.role == "lifecycle" for each in blueprint.columns) else "event"),
                "zone": _text(blueprint.zone),
                "extracted": _text(blueprint.extracted.isoformat()),
                "people": _text("pseudonyms"),
            },
        ),
        _section("roles", {each.role: column(each) for each in blueprint.columns if each.role}),
        _section("attributes", {each.attribute: column(each) for each in blueprint.columns if each.attribute}),
        _section("amount", {"level": _text("case"), "take": _text("first"), **({"reporting": _text("EUR")} if blueprint.rates else {})}),
        *(_section("[rates]", {"currency": _text(money), "from": day.isoformat(), "rate": _text(rate)}) for money, day, rate in blueprint.rates),
        _section("outcomes", outcomes),
        *_calendars(blueprint),
        _section("persons", {"technical_roles": _texts([SYSTEM])}),
        *_money(blueprint),
        _section("rework", rework),
        _section("ledger", {"rows": str(written.rows), "cases": str(written.cases), "amount": _amounts(written.money)}),
    ]
    return "\n".join(sections)


def _occurring(named: Mapping[str, Iterable[str]], activities: Collection[str]) -> dict[str, str]:
    """The activities of each name that the log has, as texts; names without any are left out."""
    there = {name: [each for each in each_of if each in activities] for name, each_of in named.items()}
    return {name: _texts(kept) for name, kept in there.items() if kept}


def _calendars(blueprint: Blueprint) -> Iterator[str]:
    """When people work and machines run, as ``sample.calendar`` and ``sample.desks`` draw it."""
    yield _section("calendars.office", {"hours": f'{{ "Mon-Fri" = {_text("-".join(FRAME))} }}', "holidays": _text("DE")})
    yield _section("calendars.machines", {"hours": _text(ALWAYS)})
    span = f"{OPENS // HOUR:02}:00-{CLOSES // HOUR:02}:00"
    for name, (weekdays, _) in blueprint.hours.items():
        yield _section(f"calendars.{name}", {"hours": f"{{ {_text(weekdays)} = {_text(span)} }}", "holidays": _text("DE")})
    kept = [(SYSTEM, "machines"), *((role, name) for name, (_, roles) in blueprint.hours.items() for role in roles)]
    roles = ", ".join(f"{bare_key(role)} = {_text(name)}" for role, name in kept)
    yield _section("calendar_of", {DEFAULT: _text("office"), "role": f"{{ {roles} }}"})


def _money(blueprint: Blueprint) -> Iterator[str]:
    """What time costs and work takes, where the blueprint says so."""
    drafted = [*draft_money_of_time(blueprint.money), *draft_costs(blueprint.costs)]
    lines = [line for line in drafted if not line.startswith("#")]
    if lines:
        yield "\n".join(lines).replace("\n[", "\n\n[") + "\n"


def _section(name: str, facts: Mapping[str, str]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in facts.items())


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _texts(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"


def _amounts(money: Mapping[str, int]) -> str:
    return "{ " + ", ".join(f'{currency} = "{Decimal(cents).scaleb(-2)}"' for currency, cents in sorted(money.items())) + " }"
