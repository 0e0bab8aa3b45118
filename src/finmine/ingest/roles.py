"""Which column plays which role: the command line and the card say it, else names propose it, else values do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from finmine.card import Card
from finmine.card_dates import persons_beside
from finmine.engine import Engine, literal_list
from finmine.errors import UnknownWord
from finmine.ingest.case_money import decimal_mark
from finmine.ingest.guess import WHO, MissingRole, propose
from finmine.ingest.guess_values import Columns, Taken, as_stamped, columns_of, document, other_half, propose_by_values
from finmine.ingest.held import first_rows, held, may_be_dated
from finmine.ingest.sources import Raw
from finmine.ingest.staging import Staged
from finmine.vocabulary import REQUIRED_ROLES
from finmine.words import plural

_GLANCE = 1_000
_DATED = "Dates are named with --date (on the card: [dates]), persons of them with --person (on the card: [person_of])."


def with_guesses(engine: Engine, card: Card, raw: Raw, staged: Sequence[Staged]) -> tuple[Card, list[str]]:
    """The card with a column for each role that one could be proposed for, and what was assumed.

    Raises:
        UnknownWord: the card or the command line names a column that is not there.
        MissingRole: a required role is not named, and neither names nor values suggest a column.
    """
    _check_names(card, raw)
    wide = bool(card.dates)
    known_by_format = {role: (column,) for role, column in staged[0].proposed.items() if role not in card.roles}
    proposal = propose(raw.names, {**_persons(card), **card.roles, **known_by_format}, len(card.dates))
    guessed: dict[str, tuple[str, ...]] = {
        **known_by_format,
        **{role: (column,) for role, column in proposal.roles.items() if role not in known_by_format},
    }
    notes = [note for source in staged for note in source.notes]
    notes += _who(card, raw)
    halves = {} if wide else _halves(engine, card, raw, proposal.roles.get("timestamp"))
    notes += [f"{role}: column {' + '.join(columns)!r} (by its name)" for role, columns in guessed.items() if role not in (*known_by_format, *halves)]
    notes += [f"{role}: columns {' + '.join(columns)!r} (the date and the time of day)" for role, columns in halves.items()]
    notes += [question for question in proposal.open_questions if not (halves and question.startswith("timestamp:"))]
    guessed |= halves
    if "timestamp" in proposal.roles and "timestamp" not in (*known_by_format, *halves):
        notes += _rivals(engine, card, raw, {**card.roles, **guessed}, {*proposal.attributes.values(), *card.attributes.values()}, "".join(notes))
    for taken in _by_values(engine, card, raw, {**card.roles, **guessed}):
        guessed[taken.role] = taken.columns
        notes += taken.notes()
    attributes = {
        name: column for name, column in proposal.attributes.items() if name not in card.attributes and column not in card.attributes.values()
    }
    card = replace(card.with_roles(guessed, "guess"), attributes={**attributes, **card.attributes})
    mark, said = decimal_mark(engine, raw, card)
    return replace(card, decimal=mark), [*notes, *said]


def _persons(card: Card) -> dict[str, tuple[str, ...]]:
    """The columns that say who did a date, where there are any; none is then sought that says it for all."""
    return {"resource": (), "persons": tuple(card.person_of.values())} if card.person_of else {}


def _who(card: Card, raw: Raw) -> list[str]:
    """What to say of who did each date of a row: what is taken for all or the others, who is nobody, and what stands beside a date and is not taken."""
    if not card.dates:
        return []
    others = [name for name in card.dates if name not in card.person_of]
    notes = []
    for role in (role for role in WHO if role in card.roles and len(card.dates) > 1):
        each = len(others) if role == "resource" else len(card.dates)
        alone = " without a person of its own" if each < len(card.dates) else ""
        taken = f"taken for each of {plural(each, 'date')}{alone}" if each else "not used: each date has a person of its own"
        notes.append(f"{role}: column {card.role(role)!r} is {taken}")
    if others and card.person_of and "resource" not in card.roles:
        notes.append(f"resource: no column is named for who did {', '.join(others)} (say it with --person, or --resource for all of these)")
    if "resource" not in card.roles:
        beside = {name: column for name, column in persons_beside(card.dates, raw.names).items() if name in others}
        notes += [f'{name}: {column!r} is not taken for who did it (say --person "{name}={column}" where it is)' for name, column in beside.items()]
    return notes


def case_column(engine: Engine, card: Card, raw: Raw) -> str:
    """The column of the case, before anything else is known of the log.

    Raises:
        MissingRole: it is not named, and neither names nor values suggest one.
    """
    named = card.role("case") or propose(raw.names, {**_persons(card), **card.roles}, len(card.dates)).roles.get("case")
    if named is None:
        named = next(taken.columns[0] for taken in _by_values(engine, card, raw, card.roles) if taken.role == "case")
    _check_column(named, raw, "column for the case")
    return named


def _by_values(engine: Engine, card: Card, raw: Raw, known: Mapping[str, tuple[str, ...]]) -> list[Taken]:
    """Columns by their values for the required roles that nobody and no name tells; nothing is looked at where all are known."""
    needed = [role for role in (("case",) if card.dates else REQUIRED_ROLES) if role not in known]
    if not needed:
        return []
    known = {**known, **{f"date of {name}": names for name, names in card.dates.items()}, **_persons(card)}
    with first_rows(engine, raw) as first:
        columns = _columns(engine, card, first)
        found = document(columns, known) if card.dates else propose_by_values(columns, known)
        missing = [role for role in needed if role not in {taken.role for taken in found}]
        if missing:
            raise MissingRole(missing[0], raw.samples(engine), [] if card.dates else [one.name for one in columns.dated(known)])
    return found


def _halves(engine: Engine, card: Card, raw: Raw, timestamp: str | None) -> dict[str, tuple[str, ...]]:
    """A date and a clock column for the timestamp, where the column that its name proposes is only one of the two."""
    if timestamp is None:
        return {}
    with first_rows(engine, raw, _GLANCE, only=timestamp) as first:
        half = held(engine, first, [timestamp], _missing(card))[0]
    if not (half.is_day or half.is_clock):
        return {}
    with first_rows(engine, raw, _GLANCE) as first:
        both = other_half(_columns(engine, card, first), card.roles, timestamp)
    return {"timestamp": both} if both else {}


def _rivals(engine: Engine, card: Card, raw: Raw, known: Mapping[str, tuple[str, ...]], named: set[str], said: str) -> list[str]:
    """What to say of the columns that hold as many stamps as the one taken for its name, where nothing was said of them."""
    taken = known["timestamp"][0]
    played = {*named, *(column for columns in known.values() for column in columns)}
    dated = [name for name, cell in raw.glance(engine).items() if name not in played and may_be_dated(raw.column(name)[1], cell)]
    if not dated:
        return []
    with first_rows(engine, raw, _GLANCE) as first:
        others = as_stamped(_columns(engine, card, first, (taken, *dated)), taken)
    others = [name for name in others if repr(name) not in said]
    return [f"timestamp: {taken!r} was taken by its name; {', '.join(map(repr, others))} could be meant as well (say it with --timestamp)"] * bool(
        others
    )


def _columns(engine: Engine, card: Card, first: Raw, names: Sequence[str] | None = None) -> Columns:
    return columns_of(engine, first, card.zone, card.date_order, _missing(card), names)


def _missing(card: Card) -> str:
    return literal_list(card.missing or ("",))


def _check_names(card: Card, raw: Raw) -> None:
    for role, columns in card.roles.items():
        for column in columns:
            _check_column(column, raw, f"column for the {role}")
    for columns in card.dates.values():
        for column in columns:
            _check_column(column, raw, "date column")
    for activity, column in card.person_of.items():
        if activity not in card.dates:
            raise UnknownWord("activity with a date, of which a person could be named:", activity, card.dates, _DATED)
        _check_column(column, raw, f"column for the person of {activity!r}:")
    for name, column in card.attributes.items():
        _check_column(column, raw, f"column for the attribute {name!r}")
    for level in card.calendar_of.levels:
        known = (*card.roles, *card.attributes, *raw.names, *(("resource",) if card.person_of else ()))
        if level not in known:
            raise UnknownWord("role, attribute or column of this log in [calendar_of] of the card:", level, known)


def _check_column(column: str, raw: Raw, kind: str) -> None:
    if column not in raw.names:
        raise UnknownWord(kind, column, raw.names, "Names are read exactly, letter case included.")
