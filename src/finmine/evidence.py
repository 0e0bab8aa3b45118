"""The evidence of an answer: a script for plain DuckDB, from the source files to its rows, with every table and code explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from finmine.arrays import arrays_of
from finmine.engine import quoted_name
from finmine.relations.held_rows import HeldRows

if TYPE_CHECKING:
    from finmine.arrays import Lent
    from finmine.log import EventLog
    from finmine.result import Result

MOST_ROWS = 20_000
"""The most rows of a kernel's table that stand in a script."""


def script(result: Result) -> str:
    """The script of an answer; its last statements give the answer's tables, each under a line that names it.

    Where an answer rests on kernels, the script names for each the function, and gives its input, the hashes of both, and what it
    returned unless that is long: only then does the script need the kernel to be run.
    """
    about, provenance = result.about, result.about.log.provenance
    lines = comment(f"finmine {provenance.version}: {about.question}", about.population.sentence())
    lines += comment(*(f"source: {source.name}, SHA-256 {source.sha256}" for source in provenance.sources))
    lines += ["SET TimeZone = 'UTC';", "", *comment("From the source files to the core.")]
    lines += [*statements(provenance.script), "", *comment(*legend(about.log)), ""]
    lines += statements(result.prepared())
    for lent in result.kernels():
        lines += statements(lent.rests_on)
        lines += [*comment(*lent.words(provenance.version)), f"{lent.sql};", *returned(about.log, lent)]
    lines += statements(result.looked_up())
    return "\n".join([*lines, *named(result)]) + "\n"


def returned(log: EventLog, lent: Lent) -> list[str]:
    """The statements that make the table that a kernel returned, so that the script runs without it; none where that is long."""
    if lent.rows > MOST_ROWS:
        return comment(f"{lent.name} has too many rows to stand here: run the function, and hold its hash against the one above")
    return [
        *comment(f"what it returned, so that this script runs without it; {lent.name}:"),
        *statements(HeldRows(lent.name, arrays_of(log.fetch(lent.table).table)).script()),
    ]


def statements(made: Iterable[str]) -> list[str]:
    """Statements, and comments among them, each closed."""
    return [line for one in made for line in (comment(one.removeprefix("-- ")) if one.startswith("--") else [f"{one};"])]


def named(result: Result) -> list[str]:
    """The statements that give the tables of an answer, each under a line with its name and what stands in it."""
    answers = result.answers()
    return [
        "\n".join([*comment(f"Table {place} of {len(answers)} of the answer: {name} ({rows.table.num_rows:,} rows)"), f"{rows.sql};"])
        for place, (name, rows) in enumerate(answers.items(), 1)
    ]


def legend(log: EventLog) -> Iterator[str]:
    """What the tables of the core hold, and what its codes and numbers mean, line by line."""
    tables, unit = log.tables, log.facts.unit
    yield "The core. Instants are microseconds since 1970-01-01 UTC, durations microseconds; people, activities and cases are codes:"
    yield f"{tables.units}: one row per {unit} in the one order of each case (position), with what follows it (next_…); source and row say where it stands"
    if tables.instances != tables.events:
        other = tables.events if tables.units == tables.instances else tables.instances
        yield f"{other}: the same rows read the other way, as {'events' if unit == 'instance' else 'instances'}"
    yield f"{tables.cases}: one row per case, with its name (label), status, money and the key of its variant (length and two residues)"
    yield f"{tables.activities}: the activity of each code; activity, source and target, and code of an activity, are these"
    yield f"{tables.resources}: the resource of each code as it is shown; {tables.names} as it is recorded"
    yield f"{tables.faults}: what was found wrong at reading; {tables.raw}: the rows of the sources, with the columns"
    columns: dict[str, str] = {}
    for name, attribute in log.attributes.items():
        if attribute.table == tables.raw:
            columns.setdefault(attribute.column, name)
    yield "  " + ", ".join(f"{column} = {quoted_name(name)}" for column, name in columns.items())


def comment(*texts: str) -> list[str]:
    """Texts as lines of comment; no line break in a name can end the comment."""
    return [f"-- {line}" for text in texts for line in text.splitlines() or [""]]
