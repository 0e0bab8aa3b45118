"""The contents page on the terminal: every question and verb in a line, made without loading any of them."""

from __future__ import annotations

import textwrap

from finmine.analyses import CONTENTS

VERBS = {
    "report": "write the process report: one HTML file with everything that matters, headlines first",
    "model": "discover a process model and say how well it fits",
    "card": "draft the log card: the facts about a log that its columns do not tell",
    "pack": "write the evidence pack of an audit: one archive that somebody else can check and make again",
    "verify": "check an evidence pack: that no byte was changed, and that its sources still give it",
    "write": "write the log, as filtered, to a file",
    "sample": "make a sample log with planted truths",
}
_WIDTH = 80
_NAMES = max(map(len, (*(question.name for question in CONTENTS), *VERBS))) + 4
_OPENING = """\
Usage: finmine [OPTIONS] COMMAND [ARGS]...

  Process mining for finance: from a log of invoices, approvals or
  reconciliations to how the work really flows.

  Start with:  finmine report LOG --output report.html

Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit. Every command has its own.
"""


def contents_page() -> str:
    """What finmine answers and does."""
    questions = {question.name: question.answers for question in CONTENTS}
    return "\n".join([_OPENING, "Questions:", *_lines(questions), "", "Verbs:", *_lines(VERBS), ""])


def _lines(entries: dict[str, str]) -> list[str]:
    return [textwrap.fill(text, _WIDTH, initial_indent=f"  {name:<{_NAMES - 2}}", subsequent_indent=" " * _NAMES) for name, text in entries.items()]
