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
from finmine.errors import Refusal
from finmine.ingest.formula_text import meant
from finmine.ingest.joined_cases import join_cases
from finmine.ingest.reading import Reading
from finmine.ingest.roles import case_column, with_guesses
from finmine.ingest.sources import Raw, differing_columns, files_of, refuse_sheet, stage, together
from finmine.ingest.staging import NoSuchFile
from finmine.log import Asked, EventLog
from finmine.vocabulary import DateOrder, FaultyRows, People, Unit

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
    persons: Mapping[str, str] | None = None,
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
    taken from the card (``card``, else the card beside the first file), else proposed by the columns' names and values, and
    what was assumed stands in ``log.provenance.assumptions``. ``timestamp`` and ``start`` may be two columns, date
    and time. ``dates`` maps activities to date columns for tables with one row per document, ``persons`` those of them of
    which a column says who did them to that column; ``resource`` is then who did the others.

    Raises:
        Refusal: the subclasses say what was wrong (file, row, column) and what to do.
    """
    say = progress or (lambda _: None)
    threading.Thread(target=compiler.load, daemon=True).start()  # beside reading: it takes most of a second
    engine = engine or shared()
    engine.sweep()
    sources = [file for one in (source, *more) for file in (files_of(Path(one)) if isinstance(one, str | Path) else [one])]
    known = _card(card, source)
    refuse_sheet(sheet, sources)
    staged = [stage(engine, one, sheet, say) for one in sources]
    if known.formulas == "escaped":
        staged = [meant(engine, one) for one in staged]
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
        known = replace(known, person_of={name: column for name, column in known.person_of.items() if name in dates})
    if persons:
        known = replace(known, person_of={**known.person_of, **persons})
    raw, joined_notes = _with_case_table(engine, raw, known, case_table, source, say)
    known, notes = with_guesses(engine, known, raw, staged)
    notes += [*differing_columns(staged), *joined_notes]
    say("building the core")
    options = {**given, **facts, "extracted": extracted, "dates": dates, "persons": persons, "case_table": case_table}
    options |= {"card": card, "zone": zone, "sheet": sheet}
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
    case = case_column(engine, card, raw)
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
