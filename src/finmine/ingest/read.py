"""``read``: from files or tables to an event log, with everything that was assumed said."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from finmine import compiler
from finmine.card import Card, beside, load
from finmine.card_values import check_moment, check_zone
from finmine.engine import Engine, shared
from finmine.errors import Refusal, UnknownWord
from finmine.ingest.case_money import decimal_mark
from finmine.ingest.guess import MissingRole, propose
from finmine.ingest.joined_cases import join_cases
from finmine.ingest.reading import Reading
from finmine.ingest.sources import Raw, files_of, stage, together
from finmine.ingest.staging import NoSuchFile, Staged
from finmine.log import Asked, EventLog
from finmine.vocabulary import REQUIRED_ROLES, ROLES, DateOrder, FaultyRows, People, Unit

Columns: TypeAlias = str | Sequence[str] | None


class NoSuchCard(Refusal):
    """The log card that was named does not exist."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no log card {str(path)!r}; `finmine card LOG --output {path.name}` drafts one.")


def read(
    source: Any,
    *more: Any,
    case: Columns = None,
    activity: Columns = None,
    timestamp: Columns = None,
    start: Columns = None,
    lifecycle: str | None = None,
    resource: str | None = None,
    role: str | None = None,
    amount: str | None = None,
    currency: str | None = None,
    rank: str | None = None,
    dates: Mapping[str, Columns] | None = None,
    case_table: tuple[str | Path, str] | None = None,
    card: str | Path | Card | None = None,
    unit: Unit | None = None,
    zone: str | None = None,
    extracted: datetime | str | None = None,
    people: People | None = None,
    date_order: DateOrder | None = None,
    missing: Sequence[str] | None = None,
    decimal: str | None = None,
    sheet: str | None = None,
    faulty_rows: FaultyRows = "refuse",
    engine: Engine | None = None,
    progress: Callable[[str], None] | None = None,
) -> EventLog:
    """Read an event log from files, folders or tables.

    ``source`` and ``more`` are paths (CSV, TSV, Parquet, Excel, XES, also gzip; a folder stands for its files)
    or pandas, polars or Arrow tables; several make one log. The roles name columns; a role that is not named is
    taken from the card (``card``, else the card beside the first file), else proposed from the columns' names, and
    what was assumed stands in ``log.provenance.assumptions``. ``timestamp`` and ``start`` may be two columns, date
    and time. ``dates`` maps activities to date columns for tables with one row per document.

    Raises:
        Refusal: the subclasses say what was wrong (file, row, column) and what to do.
    """
    say = progress or (lambda _: None)
    threading.Thread(target=compiler.load, daemon=True).start()  # beside reading: it takes most of a second
    engine = engine or shared()
    sources = [file for one in (source, *more) for file in (files_of(Path(one)) if isinstance(one, str | Path) else [one])]
    known = _card(card, source)
    staged = [stage(engine, one, sheet, say) for one in sources]
    raw = together(engine, staged)
    given = dict(case=case, activity=activity, timestamp=timestamp, start=start, lifecycle=lifecycle, resource=resource)
    given |= dict(role=role, amount=amount, currency=currency, rank=rank)
    facts: dict[str, Any] = dict(unit=unit, people=people, date_order=date_order, decimal=decimal)
    facts |= dict(missing=tuple(missing) if missing is not None else None, zone=check_zone(zone, "--zone") if zone else None)
    facts["extracted"] = check_moment(extracted, "--extracted") if extracted is not None else None
    known = known.with_facts({name: value for name, value in facts.items() if value is not None}, "command line")
    known = known.with_roles({name: _names(value) for name, value in given.items() if value is not None}, "command line")
    if dates:
        known = replace(known, dates={name: _names(value) for name, value in dates.items()})
    raw, joined_notes = _with_case_table(engine, raw, known, case_table, source, say)
    known, notes = _with_guesses(engine, known, raw, staged)
    notes += joined_notes
    say("building the core")
    options = {**given, **facts, "extracted": extracted, "dates": dates, "case_table": case_table, "card": card, "zone": zone, "sheet": sheet}
    asked = Asked(tuple(str(one) if isinstance(one, str | Path) else None for one in (source, *more)), _plain(options))
    return Reading(engine, raw, known, faulty_rows, tuple(notes), asked).log()


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were named, as texts and tuples of texts."""
    return {name: _spelled(value) for name, value in options.items() if value is not None and value != {}}


def _spelled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _spelled(one) for name, one in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(map(_spelled, value))
    return str(value) if isinstance(value, Path) else value


def _with_case_table(
    engine: Engine, raw: Raw, card: Card, given: tuple[str | Path, str] | None, source: Any, say: Callable[[str], None]
) -> tuple[Raw, list[str]]:
    """The rows joined with the case table that was given or that the card names (beside the log)."""
    if given is not None:
        path, key = Path(given[0]), given[1]
    elif card.cases is not None:
        folder = card.path.parent if card.path else Path(source).parent
        path, key = folder / card.cases.file, card.cases.case
    else:
        return raw, []
    if not path.exists():
        raise NoSuchFile(path)
    case = card.role("case") or propose(raw.names, card.roles, bool(card.dates)).roles.get("case")
    if case is None:
        raise MissingRole("case", raw.samples(engine))
    _check_column(case, raw, "column for the case")
    table = stage(engine, path, None, say)
    joined, notes = join_cases(engine, raw, case, table, key)
    return replace(joined, staged=(*raw.staged, replace(table, format=f"case table ({table.format})"))), list(notes)


def _names(value: Columns) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _card(card: str | Path | Card | None, source: Any) -> Card:
    if isinstance(card, Card):
        return card
    if card is not None:
        if not Path(card).exists():
            raise NoSuchCard(Path(card))
        return load(Path(card))
    if isinstance(source, str | Path) and beside(Path(source)).exists():
        return load(beside(Path(source)))
    return Card()


def _with_guesses(engine: Engine, card: Card, raw: Raw, staged: Sequence[Staged]) -> tuple[Card, list[str]]:
    for role, columns in card.roles.items():
        for column in columns:
            _check_column(column, raw, f"column for the {role}")
    for columns in card.dates.values():
        for column in columns:
            _check_column(column, raw, "date column")
    for name, column in card.attributes.items():
        _check_column(column, raw, f"column for the attribute {name!r}")
    for level in card.calendar_of.levels:
        if level not in (*card.roles, *card.attributes, *raw.names):
            raise UnknownWord("column or attribute in [calendar_of] of the card:", level, [*ROLES, *card.attributes, *raw.names])
    wide = bool(card.dates)
    known_by_format = {role: (column,) for role, column in staged[0].proposed.items() if role not in card.roles}
    proposal = propose(raw.names, {**card.roles, **known_by_format}, wide)
    guessed = {**known_by_format, **{role: (column,) for role, column in proposal.roles.items() if role not in known_by_format}}
    notes = [note for source in staged for note in source.notes]
    notes += [f"{role}: column {' + '.join(columns)!r} (by its name)" for role, columns in guessed.items() if role not in known_by_format]
    notes += proposal.open_questions
    attributes = {
        name: column for name, column in proposal.attributes.items() if name not in card.attributes and column not in card.attributes.values()
    }
    card = replace(card.with_roles(guessed, "guess"), attributes={**attributes, **card.attributes})
    mark, said = decimal_mark(engine, raw, card)
    card = replace(card, decimal=mark)
    notes += said
    needed = ("case",) if wide else REQUIRED_ROLES
    for role in needed:
        if role not in card.roles:
            raise MissingRole(role, raw.samples(engine))
    return card, notes


def _check_column(column: str, raw: Raw, kind: str) -> None:
    if column not in raw.names:
        raise UnknownWord(kind, column, raw.names, "Names are read exactly, letter case included.")
