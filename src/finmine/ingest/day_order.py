"""The order of one day in tables with a column per date, where some columns hold a clock time and others only a date.

A date without a clock time says the day and no more. The order of the columns on the card says what comes before what, so
such a date counts at the earliest instant of its day that this order allows: at midnight, or at the latest timed event
of its case and day that the card names before it. Among timed events the clock decides. So times never run backwards, the
one order of events stays (completion, declared rank, source, row), and no event leaves its day.
"""

from __future__ import annotations

from finmine.engine import Engine, quoted_text

MOSTLY = 0.99
"""The share of a column's stamps that stand at midnight from which on the column holds dates without clock times."""


def dated(engine: Engine, select: str, zone: str | None) -> frozenset[int]:
    """The ranks, among the parsed rows of ``select``, of the columns that hold dates without clock times."""
    found = engine.rows(f"SELECT rank FROM ({select}) GROUP BY rank HAVING count(*) FILTER ({_midnight(zone)}) >= {MOSTLY} * count(*)")
    return frozenset(int(row[0]) for row in found)


def in_card_order(select: str, ranks: frozenset[int], zone: str | None) -> str:
    """The parsed rows of ``select`` with the dates of the columns of these ranks at the earliest instant that the card's order allows."""
    only_date = f"rank IN ({', '.join(map(str, sorted(ranks)))}) AND {_midnight(zone)}"
    earlier = "max(time) FILTER (NOT only_date) OVER (PARTITION BY case_label, day ORDER BY rank RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    return (
        f"SELECT * EXCLUDE (only_date, day) REPLACE (CASE WHEN only_date THEN greatest(time, {earlier}) ELSE time END AS time) "
        f"FROM (SELECT *, {only_date} AS only_date, ({_clock(zone)})::DATE AS day FROM ({select}))"
    )


def moved(engine: Engine, before: str, after: str) -> int:
    """How many of the parsed rows stand at another time after than before."""
    keys = '"source", "row", rank'
    return int(engine.value(f"SELECT count(*) FROM ({before}) b JOIN ({after}) a USING ({keys}) WHERE a.time <> b.time"))


def _clock(zone: str | None) -> str:
    """SQL for the clock time that a zone shows at an instant."""
    return "make_timestamp(time)" if zone is None else f"timezone({quoted_text(zone)}, make_timestamptz(time))"


def _midnight(zone: str | None) -> str:
    """SQL that is true at midnight; zones differ by whole minutes, so that only whole minutes need their clocks, which are slow."""
    return f"(CASE WHEN time % 60000000 = 0 THEN ({_clock(zone)})::TIME = TIME '00:00:00' ELSE false END)"
