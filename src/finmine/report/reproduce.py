"""The lines with which somebody else makes the same report again."""

from __future__ import annotations

from finmine.log import EventLog
from finmine.view import Code


def python_lines(log: EventLog) -> str:
    """Python that reads the log with the facts in use and writes the report."""
    sources = [source.name for source in log.provenance.sources if not source.format.startswith("case table")]
    roles = {role: columns[0] if len(columns) == 1 else columns for role, columns in log.card.roles.items()}
    arguments = [*map(repr, sources), *(f"{role}={column!r}" for role, column in roles.items() if log.card.origins.get(role) == "command line")]
    facts = ("unit", "zone", "people", "date_order", "decimal")
    arguments += [f"{fact}={getattr(log.card, fact)!r}" for fact in facts if log.card.origins.get(fact) == "command line"]
    if log.facts.left_out:
        arguments.append("faulty_rows='leave-out'")
    lines = ["import finmine", f"log = finmine.read({', '.join(arguments)})"]
    lines += [f"log = log.keep_{one.keeps}(finmine.parse_filter({one.words()!r}, keeps={one.keeps!r}))" for one in log.filters]
    return "\n".join([*lines, "finmine.write_report(log, 'report.html')"])


def reproduction(log: EventLog, command: str | None) -> tuple[Code, ...]:
    """The command, where there was one, and the Python lines."""
    python = Code("In Python", python_lines(log), "python")
    return (Code("On the command line", command, "sh"), python) if command else (python,)
