"""The process report: one self-contained HTML file, headlines first, with the evidence of every section."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from finmine.analyses import CONTENTS, Question
from finmine.analyses.directly_follows import DirectlyFollows
from finmine.analyses.waiting_causes import WaitingCauses
from finmine.errors import Refusal
from finmine.evidence import comment, legend, named, statements
from finmine.files import write_atomically
from finmine.log import EventLog
from finmine.relations.calendars import Calendars, calendars
from finmine.relations.money_of_units import MoneyOfUnits, NothingPrices, SeveralCurrencies, money_in_one_currency
from finmine.render import graphviz
from finmine.render.html import Section, page
from finmine.report.removed import removed
from finmine.report.reproduce import reproduction
from finmine.result import Result, population, table
from finmine.view import Bars, Block, Caveat, Code, Headline, Prose, Table, View
from finmine.words import instant

MOST_ROWS = 20
MOST_BARS = 60
MOST_HEADLINES = 10
_MOST_LETTERS = 50_000  # of the statements that make tables for one section
WHOLE = ("summary",)  # its control totals say whether the log is complete, so none of them is left to another command
LEADING = ("check", "throughput-time", "bottlenecks", "rework", "variants", "activities", "endpoints")


def write_report(log: EventLog, target: str | Path, *, command: str | None = None, progress: Callable[[str], None] | None = None) -> Path:
    """Write the report of a log; gives the path.

    A question that the log cannot answer has its reason in place of its section. ``command`` is printed as the
    command that made the report.

    Raises:
        Refusal: the file cannot be written.
    """
    write_atomically(Path(target), report_page(log, command, progress))
    return Path(target)


def report_page(
    log: EventLog, command: str | None = None, progress: Callable[[str], None] | None = None, patience: graphviz.Patience = graphviz.HERE
) -> str:
    """The report of a log as the text of its page; see ``write_report``."""
    say = progress or (lambda _: None)
    threading.Thread(target=graphviz.load, daemon=True).start()  # beside the questions: it takes as long as several of them
    questions = asked_of(log)
    answers = {question.name: _answer(question, log, say) for question in questions}
    answers |= _overlaid(log, answers)
    views = [(question, _shown(question, answers[question.name], log.zone)) for question in questions]
    sections = [Section("Headlines", (View("Headlines", (Prose(population(log).sentence()), *_headlines(views), *_limits(views)), log.zone),))]
    sections += [Section(question.title, (view,)) for question, view in views]
    sections.append(Section("Provenance", provenance(log, command)))
    say("drawing the page")
    return page(title_of(log), sections, (period("Process report", log),), patience=patience)


def asked_of(log: EventLog) -> list[Question]:
    """The questions of a report in their order, without those of which the log holds nothing."""
    return [question for question in CONTENTS if question.in_report and (not question.told_by or set(question.told_by) & set(log.attributes))]


def title_of(log: EventLog) -> str:
    """What a page about a log is called: the log's name on the card, else its sources."""
    return log.card.name or ", ".join(source.name for source in log.provenance.sources)


def period(what: str, log: EventLog) -> str:
    """The line under the title: what the page is, and from when to when the log runs."""
    return f"{what} · {instant(log.facts.first, log.zone)} to {instant(log.facts.last, log.zone)} · zone {log.provenance.zone or 'unknown'}"


def _answer(question: Question, log: EventLog, say: Callable[[str], None]) -> Result | Refusal:
    say(question.title)
    answer = getattr(importlib.import_module(f"finmine.analyses.{question.module}"), question.module)
    try:
        result: Result = answer(log)
    except Refusal as refusal:
        return refusal
    log.engine.compress()  # all answers are held until the page is drawn
    return result


def _overlaid(log: EventLog, answers: Mapping[str, Result | Refusal]) -> dict[str, Result | Refusal]:
    """The process map with more for its paths to tell: where work leads back, what it waits for, and what its time costs."""
    flow, waited = answers["directly-follows"], answers["waiting-causes"]
    if not isinstance(flow, DirectlyFollows):
        return {}
    found = waited.found if isinstance(waited, WaitingCauses) else None
    return {"directly-follows": flow.overlaid(found, _priced(log, found.calendars if found else calendars(log)))}


def _priced(log: EventLog, hours: Calendars) -> MoneyOfUnits | None:
    """What the time of units costs, where that is known, and in one currency."""
    try:
        return money_in_one_currency(log, hours)
    except (NothingPrices, SeveralCurrencies):
        return None


def _headlines(views: Sequence[tuple[Question, View]]) -> list[Headline]:
    """The claims of all sections, each said once: by their share of all time or money first; what is about cases alone after them, by section."""
    found: dict[str, tuple[int, float, Headline]] = {}
    for question, view in views:
        section = LEADING.index(question.name) if question.name in LEADING else len(LEADING)
        for block in view.blocks:
            if isinstance(block, Headline):
                found.setdefault(block.text, (1 + section if block.of == "cases" else 0, -block.weight, block))
    return [headline for _, _, headline in sorted(found.values(), key=lambda entry: entry[:2])][:MOST_HEADLINES]


def _limits(views: Sequence[tuple[Question, View]]) -> list[Caveat]:
    """The first limit of the answers about time: whoever reads only the headlines must not miss it."""
    return [block for question, view in views if question.name == "bottlenecks" for block in view.blocks if isinstance(block, Caveat)][:1]


def _shown(question: Question, answer: Result | Refusal, zone: str) -> View:
    """An answer as a section: without tables that hold nothing, and with its evidence; or why it is refused."""
    if isinstance(answer, Refusal):
        return View(question.title, (Prose(f"This log does not answer it: {answer}"),), zone)
    view = answer.view()
    evidence = Code("Evidence: from the core to these numbers (SQL)", "\n\n".join([*_made(answer), *named(answer)]), "sql")
    told = [block for block in view.blocks if not (isinstance(block, Table) and not block.rows)]
    shown = told if question.name in WHOLE else map(_brief, told)
    return replace(view, blocks=(*shown, evidence))


def _made(answer: Result) -> list[str]:
    """The statements that make the tables on which an answer rests; where these are long lists of values, where they are found."""
    made = (*answer.prepared(), *(one for lent in answer.kernels() for one in lent.rests_on), *answer.looked_up())
    if sum(map(len, made)) <= _MOST_LETTERS:
        return statements(made)
    return comment(f"The tables on which it rests are long; finmine {answer.about.question} with --explain prints them.")


def _brief(block: Block) -> Block:
    """A block with the first rows of its table; the whole is one command away."""
    if isinstance(block, Bars):
        return replace(block, table=_cut(block.table, MOST_BARS))
    return _cut(block, MOST_ROWS) if isinstance(block, Table) else block


def _cut(whole: Table, most: int) -> Table:
    return whole if len(whole.rows) <= most else replace(whole, rows=whole.rows[:most], total=whole.total or len(whole.rows))


def provenance(log: EventLog, command: str | None) -> tuple[View, ...]:
    """Sources, what was assumed and removed, the script to the core, and the lines that make the report again."""
    known = log.provenance
    sources = [{"file": source.name, "format": source.format, "rows": source.rows, "sha256": source.sha256} for source in known.sources]
    blocks: list[Block] = [
        table("Sources", sources, ("file", "format", "rows", "sha256")),
        Prose(
            f"Time zone: {known.zone or 'unknown; stamps are shown as in the file, or in UTC where they carry an offset'}. Made with finmine {known.version}."
        ),
    ]
    if known.assumptions:
        blocks.append(table("Assumed or found at reading", [{"note": note} for note in known.assumptions], ("note",)))
    steps = removed(log)
    if steps is not None:
        blocks.append(steps)
    script = "\n\n".join((*statements(known.script), *comment(*legend(log))))
    evidence = View(
        "Evidence",
        (
            Prose("From the source files to the core, as plain DuckDB runs it; each section holds the step from the core to its numbers."),
            Code("Script", script, "sql"),
        ),
        log.zone,
    )
    again = View("Make this report again", reproduction(log, command), log.zone)
    return (View("Provenance", tuple(blocks), log.zone), evidence, again)
