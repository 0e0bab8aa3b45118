"""Writing a log, as filtered, to Parquet, CSV or XES, with a card beside it so that it reads back the same."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from finmine.card import Card, beside, draft
from finmine.engine import quoted_name, quoted_text
from finmine.errors import Refusal
from finmine.files import replacing, write_atomically
from finmine.ingest.csv import unique_names
from finmine.ingest.formula_text import harmless
from finmine.ingest.shown_card import shown_card
from finmine.ingest.xes_writer import write_xes
from finmine.log import Attribute, EventLog
from finmine.relations.recorded import PM4PY_NAMES, WRITTEN, carried, recorded
from finmine.vocabulary import People

_SUFFIXES = (".parquet", ".csv", ".xes", ".xes.gz")


class UnknownTarget(Refusal):
    """The ending of a file does not say how to write it."""

    def __init__(self, target: Path) -> None:
        super().__init__(f"{target.name} does not end with one of {', '.join(_SUFFIXES)}.")


class ReplacesSource(Refusal):
    """A log would be written over the file it is read from."""

    def __init__(self, target: Path) -> None:
        super().__init__(f"{str(target)!r} is what the log is read from; write it to another file, so that nothing is lost.")


class CardInTheWay(Refusal):
    """Where the card of the written log would stand there is one that says something else."""

    def __init__(self, card: Path) -> None:
        super().__init__(
            f"the card {str(card)!r} says something else than the one that goes with the written log, and what people declared is not written over. "
            "Give the output another name, or move that card."
        )


def check_ending(target: Path) -> None:
    """Refuse a file whose ending says no format, before its log is read; raises UnknownTarget."""
    if not target.name.endswith(_SUFFIXES):
        raise UnknownTarget(target)


def write_log(log: EventLog, target: str | Path, *, as_read: bool = False) -> Path:
    """Write the units that the filters keep, one row each, with all attributes of their source rows; gives the path.

    In CSV a text that a spreadsheet would run as a formula gets an apostrophe in front, and the card says so, so that
    reading takes it away again. People are shown as the card says, on the new card, too, and keep their pseudonyms when the file is read;
    attributes are written as they are in the source, so look at them before the file is handed on. With ``as_read``
    the source rows themselves are written, unfiltered and to the letter, for evidence scripts.

    Raises:
        UnknownTarget: the ending says no format.
        ReplacesSource: the target is one of the files that were read.
        CardInTheWay: another card stands where that of the written log would; nothing is written.
    """
    target = Path(target)
    check_ending(target)
    if target.exists() and any(path is not None and Path(path).exists() and target.samefile(path) for path in log.provenance.asked.paths):
        raise ReplacesSource(target)
    if as_read:
        _write_rows(log, f'SELECT * FROM "{log.tables.raw}" ORDER BY "source", "row"', target)
        return target
    card, text = beside(target), draft(shown_card(log, _card(log, target)))
    if card.exists() and card.read_bytes() != text.encode():
        raise CardInTheWay(card)
    attributes = _attributes(log)
    sql = log.engine.compile(recorded(log, attributes))
    if target.name.endswith((".xes", ".xes.gz")):
        _write_xes(log, sql, tuple(attributes), target)
    else:
        rows = f"SELECT * EXCLUDE (case_code, position) FROM ({sql}) ORDER BY case_code, position"
        _write_rows(log, rows if target.suffix == ".parquet" else harmless(log.engine, rows), target)
    write_atomically(card, text)
    return target


def _attributes(log: EventLog) -> dict[str, Attribute]:
    """The source columns that are not written under the name of a role; a name that a role takes is numbered."""
    kept = carried(log)
    names = unique_names([*WRITTEN, *kept])[len(WRITTEN) :]
    return dict(zip(names, kept.values(), strict=True))


def _card(log: EventLog, target: Path) -> Card:
    """The card of the written file: the same facts, with the roles that are written under their own names."""
    written = [role for role in WRITTEN if role not in ("start", "resource") or (log.facts.has_start if role == "start" else log.facts.has_resource)]
    xes = target.name.endswith((".xes", ".xes.gz"))
    columns = {role: PM4PY_NAMES[role] if xes else role for role in written if not (xes and role == "start")}
    roles = {role: columns for role, columns in log.card.roles.items() if role not in (*WRITTEN, "lifecycle", "rank")}
    roles |= {role: (column,) for role, column in columns.items()} | ({"lifecycle": ("lifecycle:transition",)} if xes and "start" in written else {})
    renamed = {column: columns[role] for role in columns for column in log.card.roles.get(role, ())}
    gone = {column for names in (*log.card.dates.values(), log.card.roles.get("lifecycle", ())) for column in names} | {*log.card.person_of.values()}
    attributes = {name: renamed.get(column, column) for name, column in log.card.attributes.items() if column not in gone}
    people: People = (
        "roles" if log.facts.people == "roles" else "names"
    )  # what stands in the file: a pseudonym of a pseudonym would be another person
    facts = replace(log.card, roles=roles, attributes=attributes, people=people, unit=log.facts.unit)
    return replace(facts, dates={}, person_of={}, cases=None, ledger=None, origins={}, formulas="escaped" if target.suffix == ".csv" else None)


def _write_rows(log: EventLog, sql: str, target: Path) -> None:
    staged = log.engine.folder / f"{log.engine.name('written')}{target.suffix}"
    options = "FORMAT parquet, COMPRESSION zstd" if target.suffix == ".parquet" else "FORMAT csv, HEADER"
    log.engine.copy(sql, staged, options)
    with replacing(target) as partial:
        shutil.move(staged, partial)


def _write_xes(log: EventLog, sql: str, attributes: tuple[str, ...], target: Path) -> None:
    """One event for each completion, and one before it for each start."""
    others = ", ".join(quoted_name(name) for name in attributes)
    resource = "resource" if log.facts.has_resource else "NULL::VARCHAR"
    order = 'case_code, "time:timestamp", position, phase'

    def half(stamp: str, transition: str, phase: int) -> str:
        named = f'"case" AS "case:concept:name", activity AS "concept:name", {stamp} AS "time:timestamp", {quoted_text(transition)} AS "lifecycle:transition"'
        tail = f", {others}" if others else ""
        return f'SELECT case_code, position, {phase} AS phase, {named}, {resource} AS "org:resource"{tail} FROM ({sql})'

    both = half('"timestamp"', "complete", 1)
    if log.facts.has_start:
        both += f""" UNION ALL SELECT * FROM ({half("start", "start", 0)}) WHERE "time:timestamp" IS NOT NULL"""
    batches = log.engine.batches(f"SELECT * EXCLUDE (case_code, position, phase) FROM ({both}) ORDER BY {order}")
    write_xes(batches, target, case="case:concept:name", types={"time:timestamp": "date"}, header=None)
