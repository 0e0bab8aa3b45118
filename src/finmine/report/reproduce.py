"""The lines with which somebody else makes the same report again."""

from __future__ import annotations

from finmine.log import EventLog
from finmine.view import Code


def python_lines(log: EventLog) -> str:
    """Python that reads the log as it was read and writes the report; a table or card that was in memory stands under its kind."""
    asked = log.provenance.asked
    arguments = ["table" if path is None else repr(path) for path in asked.paths]
    arguments += [f"{name}={value!r}" if isinstance(value, str | tuple | dict) else f"{name}={name}" for name, value in asked.options.items()]
    if log.facts.left_out:
        arguments.append("faulty_rows='leave-out'")
    lines = ["import finmine", f"log = finmine.read({', '.join(arguments)})"]
    lines += [f"log = log.keep_{one.keeps}(finmine.parse_filter({one.words()!r}, keeps={one.keeps!r}))" for one in log.filters]
    return "\n".join([*lines, "finmine.write_report(log, 'report.html')"])


def reproduction(log: EventLog, command: str | None) -> tuple[Code, ...]:
    """The command, where there was one, and the Python lines."""
    python = Code("In Python", python_lines(log), "python")
    return (Code("On the command line", command, "sh"), python) if command else (python,)
