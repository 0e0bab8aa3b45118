"""Building the core of a log: integer-coded events and units in one total order, with their successors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from finmine.engine import Engine, literal_list
from finmine.vocabulary import ABORTING, COMPLETING, RESUMING, STARTING, SUSPENDING, WITHDRAWING, Unit


@dataclass(frozen=True, slots=True)
class Parsed:
    """SQL of the parsed rows: source, row, case_label, activity_label, time, start, lifecycle, resource_label, rank."""

    select: str
    has_start: bool
    has_rank: bool
    several_sources: bool


@dataclass(frozen=True, slots=True)
class CoreTables:
    """The names of the tables of a core; ``units`` is either the events or the instances, which are the same table where rows do not pair.

    ``begun`` holds the cases in which work was begun and never ended, with the last such start, where rows pair.
    """

    units: str
    events: str
    instances: str
    labels: str
    activities: str
    resources: str
    begun: str | None
    script: tuple[str, ...]
    pairing: dict[str, int] | None


def build(engine: Engine, parsed: Parsed, pair: bool, unit: Unit) -> CoreTables:
    """Make the dictionaries, the events and, where rows pair, the instances of a log; ``unit`` says which of them are its units."""
    script: list[str] = []

    def make(noun: str, select: str) -> str:
        name = engine.name(noun)
        statement = f'CREATE TABLE "{name}" AS {select}'
        engine.run(statement)
        script.append(statement)
        return name

    activities = make("activities", _dictionary("activity", "activity_label", parsed.select))
    resources = make("resources", _dictionary("resource", "resource_label", parsed.select))
    labels = make("labels", _dictionary("case", "case_label", parsed.select))
    coded = (
        f'SELECT l."case", a."activity", p.time, p.start, r."resource", p.lifecycle, p.rank, p."source", p."row" FROM ({parsed.select}) p '
        f'JOIN "{activities}" a ON a.label = p.activity_label JOIN "{labels}" l ON l.label = p.case_label '
        f'LEFT JOIN "{resources}" r ON r.label = p.resource_label'
    )
    if not pair:
        units = make("units", _ordered(coded, _COMPLETE, parsed))
        return CoreTables(units, units, units, labels, activities, resources, None, tuple(script), None)
    staged = make("coded", coded)
    events = make("events", _ordered(f'FROM "{staged}"', _COMPLETE, parsed))
    suspends = bool(engine.value(f'SELECT count(*) > 0 FROM "{staged}" WHERE {_among((*SUSPENDING, *RESUMING))}'))
    paired = make("paired", _paired(staged, suspends))
    instances = make(
        "units", _ordered(f'SELECT * EXCLUDE (loose) FROM "{paired}" WHERE time IS NOT NULL', "suspended, state", replace(parsed, has_start=True))
    )
    begun = make("begun", f'SELECT "case", max(start) AS begun FROM "{paired}" WHERE time IS NULL GROUP BY "case"')
    pairing = _pairing(engine, staged, paired)
    engine.run(f'DROP TABLE "{staged}"; DROP TABLE "{paired}"')
    return CoreTables(instances if unit == "instance" else events, events, instances, labels, activities, resources, begun, tuple(script), pairing)


_COMPLETE = "0::BIGINT AS suspended, 'complete' AS state"


def _dictionary(code: str, label: str, select: str) -> str:
    return f'SELECT (row_number() OVER (ORDER BY label) - 1)::INTEGER AS "{code}", label FROM (SELECT DISTINCT {label} AS label FROM ({select}) WHERE {label} IS NOT NULL)'


def _ordered(select: str, state: str, having: Parsed) -> str:
    """The one total order: completion, start, declared rank, source, row; what no row has, or all have alike, is not carried through the sorting."""
    ties = {"start NULLS FIRST": having.has_start, "rank NULLS FIRST": having.has_rank, '"source"': having.several_sources, '"row"': True}
    order = ", ".join(("time", *(tie for tie, tells in ties.items() if tells)))
    # Spelled out each time and not named: DuckDB refuses a script in which two statements name a window alike.
    over = f'OVER (PARTITION BY "case" ORDER BY {order})'
    start, next_start = ("start", f"lead(start) {over}") if having.has_start else ("NULL::BIGINT", "NULL::BIGINT")
    return (
        f'SELECT "case", (row_number() {over})::INTEGER AS "position", "activity", {start} AS start, time, "resource", {state}, "source", "row", '
        f'lead("activity") {over} AS next_activity, lead("resource") {over} AS next_resource, '
        f"lead(time) {over} AS next_time, {next_start} AS next_start FROM ({select})"
    )


def _among(words: Sequence[str]) -> str:
    return f"lower(lifecycle) IN {literal_list(words)}"


_ENDING = (*COMPLETING, *ABORTING, *WITHDRAWING)


def _paired(coded: str, suspends: bool) -> str:
    """Activity instances: the n-th start of an activity in a case belongs to its n-th end, first in first out.

    An end that finds no open start is an instance without start; a start that finds no end is an instance without time.
    A suspension belongs to what was started last; ``loose`` are instances whose suspensions are not each followed by a
    resumption before the end: nothing is taken off their time.
    """
    window = '(PARTITION BY "case", "activity" ORDER BY time, phase, rank NULLS FIRST, "source", "row" ROWS UNBOUNDED PRECEDING)'
    phased = (
        f"SELECT *, CASE WHEN {_among(STARTING)} THEN 0 WHEN {_among(SUSPENDING)} THEN 1 WHEN {_among(RESUMING)} THEN 2 WHEN {_among(_ENDING)} THEN 3 END AS phase "
        f'FROM "{coded}" WHERE {_among((*STARTING, *SUSPENDING, *RESUMING, *_ENDING))}'
    )
    counted = f"SELECT *, sum((phase = 0)::INTEGER) OVER w AS starts, sum((phase = 3)::INTEGER) OVER w AS ends FROM ({phased}) WINDOW w AS {window}"
    unmatched = f"SELECT *, greatest(0, max(ends - starts) OVER w) AS orphans FROM ({counted}) WINDOW w AS {window}"
    numbered = (
        "SELECT *, CASE phase WHEN 0 THEN starts WHEN 3 THEN "
        "CASE WHEN orphans > coalesce(lag(orphans) OVER w, 0) THEN -orphans ELSE ends - orphans END ELSE starts END AS instance "
        f'FROM ({unmatched}) WINDOW w AS (PARTITION BY "case", "activity" ORDER BY time, phase, rank NULLS FIRST, "source", "row")'
    )
    suspended, loose = "0::BIGINT", "false"
    if suspends:
        held = "sum(CASE phase WHEN 1 THEN 1 WHEN 2 THEN -1 ELSE 0 END)"
        within = '(PARTITION BY "case", "activity", instance ORDER BY time, phase, rank NULLS FIRST, "source", "row" ROWS UNBOUNDED PRECEDING)'
        numbered = f"SELECT *, {held} OVER {within} AS held FROM ({numbered})"
        orderly = "min(held) >= 0 AND max(held) <= 1 AND count(*) FILTER (phase = 1) = count(*) FILTER (phase = 2)"
        orderly += " AND count(*) FILTER (phase IN (0, 3)) > 0 AND coalesce(max(time) FILTER (phase = 2) <= max(time) FILTER (phase = 3), true)"
        suspended = f"CASE WHEN {orderly} THEN coalesce(sum(time) FILTER (phase = 2) - sum(time) FILTER (phase = 1), 0) ELSE 0 END::BIGINT"
        loose = f"NOT ({orderly})"
    return (
        'SELECT "case", "activity", max(time) FILTER (phase = 3) AS time, min(time) FILTER (phase = 0) AS start, '
        'coalesce(any_value("resource") FILTER (phase = 3), any_value("resource") FILTER (phase = 0)) AS "resource", NULL AS lifecycle, any_value(rank) AS rank, '
        'coalesce(min("source") FILTER (phase = 3), min("source")) AS "source", coalesce(min("row") FILTER (phase = 3), min("row")) AS "row", '
        f"{suspended} AS suspended, {loose} AS loose, "
        f"CASE WHEN bool_or({_among(ABORTING)}) THEN 'aborted' WHEN bool_or({_among(WITHDRAWING)}) THEN 'withdrawn' ELSE 'complete' END AS state "
        f'FROM ({numbered}) GROUP BY "case", "activity", instance'
    )


def _pairing(engine: Engine, coded: str, paired: str) -> dict[str, int]:
    """How the pairing went, in counts."""
    names = ("instances", "without_start", "without_end", "aborted", "withdrawn", "suspended", "loose")
    counts = engine.rows(
        "SELECT count(*) FILTER (time IS NOT NULL), count(*) FILTER (time IS NOT NULL AND start IS NULL), count(*) FILTER (time IS NULL AND start IS NOT NULL), "
        f"count(*) FILTER (state = 'aborted'), count(*) FILTER (state = 'withdrawn'), count(*) FILTER (suspended > 0), count(*) FILTER (loose) FROM \"{paired}\""
    )[0]
    known = (*STARTING, *SUSPENDING, *RESUMING, *_ENDING)
    other = engine.value(f'SELECT count(*) FROM "{coded}" WHERE lifecycle IS NULL OR NOT ({_among(known)})')
    return {**dict(zip(names, counts, strict=True)), "other_transitions": int(other)}
