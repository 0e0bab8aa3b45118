"""Make the generated pages of the documentation from the code: glossary, questions and help. `python docs/make.py` writes them."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

from click.testing import CliRunner

from finmine.analyses import CONTENTS
from finmine.cli.commands import group
from finmine.cli.contents import VERBS
from finmine.glossary import TERMS
from finmine.vocabulary import ROLES, STATUSES

HERE = Path(__file__).parent


def glossary() -> str:
    """Every heading of a table with its kind and meaning, and the words for roles and statuses."""
    lines = [
        "# Glossary",
        "",
        "Every word in the heading of a table, and what it means. Durations are whole microseconds in JSON, CSV and frames.",
        "",
    ]
    lines += ["| heading | name in JSON and CSV | kind | meaning |", "|---|---|---|---|"]
    lines += [
        f"| {term.title} | `{name}` | {term.kind} | {term.meaning} |"
        for name, term in sorted(TERMS.items(), key=lambda item: (item[1].title, item[0]))
    ]
    lines += ["", "## Roles of columns", "", "| role | meaning |", "|---|---|", *(f"| `{name}` | {meaning} |" for name, meaning in ROLES.items())]
    lines += ["", "## Status of a case", "", "| status | meaning |", "|---|---|", *(f"| {name} | {meaning} |" for name, meaning in STATUSES.items())]
    return "\n".join(lines) + "\n"


def questions() -> str:
    """Every question: what it answers, its definition, and its own options."""
    lines = [
        "# Questions",
        "",
        "Each is a command `finmine QUESTION LOG`, a Python call `finmine.question(log)`, a card in a notebook and a section of the report.",
        "",
    ]
    for question in CONTENTS:
        module = importlib.import_module(f"finmine.analyses.{question.module}")
        function = getattr(module, question.module)
        signature = str(inspect.signature(function)).replace("'", "").partition(" ->")[0]
        lines += [
            f"## {question.name}",
            "",
            f"`finmine.{question.module}{signature}`",
            "",
            inspect.cleandoc(module.__doc__ or ""),
            "",
            *_arguments(function),
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _arguments(function: object) -> list[str]:
    _, _, section = (inspect.getdoc(function) or "").partition("Args:\n")
    lines = [line.strip() for line in section.partition("\n\n")[0].splitlines() if line.strip()]
    return [
        f"- `{name}`: {text}" for name, colon, text in (line.partition(": ") for line in lines) if colon and name.isidentifier() and name != "log"
    ]


def commands() -> str:
    """The help of every command, as the terminal shows it at 100 columns."""
    lines = ["# Commands", "", "Exit status: 0 answered, 1 a control failed, 2 refused, 3 a fault of finmine itself.", ""]
    for name in ("", *(question.name for question in CONTENTS), *VERBS):
        shown = CliRunner().invoke(group, [*([name] if name else []), "--help"], prog_name="finmine", terminal_width=100)
        lines += [f"## finmine {name}".rstrip(), "", "```", shown.output.rstrip(), "```", ""]
    return "\n".join(lines)


PAGES = {"glossary.md": glossary, "questions.md": questions, "commands.md": commands}

if __name__ == "__main__":
    for name, make in PAGES.items():
        (HERE / name).write_text(make(), encoding="utf-8")
