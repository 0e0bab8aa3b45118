"""The options with which every command reads and filters a log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, get_args

import click

from finmine.errors import Refusal
from finmine.log import EventLog
from finmine.vocabulary import ROLES, DateOrder, FaultyRows, People, Unit

_SEVERAL = ("timestamp", "start", "case")


class BadDateColumn(Refusal):
    """A date column was not given as ``ACTIVITY=COLUMN``."""

    def __init__(self, given: str) -> None:
        super().__init__(f"--date {given!r} is not of the form 'ACTIVITY=COLUMN' (or 'ACTIVITY=DATE COLUMN+TIME COLUMN').")


class BadPersonColumn(Refusal):
    """A column of persons was not given as ``ACTIVITY=COLUMN``."""

    def __init__(self, given: str) -> None:
        super().__init__(f"--person {given!r} is not of the form 'ACTIVITY=COLUMN'.")


def _options() -> list[click.Option]:
    roles = [click.Option([f"--{role}"], metavar="COLUMN", multiple=role in _SEVERAL, help=f"column: {meaning}") for role, meaning in ROLES.items()]
    return [
        *roles,
        click.Option(
            ["--date", "dates"],
            metavar="ACTIVITY=COLUMN",
            multiple=True,
            help="for a table with one row per document: a date column, or DATE+TIME in two columns, as an activity; repeat in process order",
        ),
        click.Option(
            ["--person", "persons"],
            metavar="ACTIVITY=COLUMN",
            multiple=True,
            help="for an activity named with --date: the column that says who did it; repeat",
        ),
        click.Option(["--case-table"], metavar="FILE COLUMN", nargs=2, help="a table with one row for each case, and its column with the case"),
        click.Option(["--card"], metavar="FILE", help="the log card; default: the one beside the log"),
        click.Option(["--unit"], type=click.Choice(get_args(Unit)), help="count rows as events, or pair start and complete to instances"),
        click.Option(["--zone"], metavar="ZONE", help="time zone of stamps without offset, such as Europe/Berlin"),
        click.Option(["--extracted"], metavar="TIME", help="when the data were taken; default: the last event"),
        click.Option(["--people"], type=click.Choice(get_args(People)), help="how people are shown; default: pseudonyms"),
        click.Option(["--date-order"], type=click.Choice(get_args(DateOrder)), help="how to read dates such as 03/04/2024"),
        click.Option(["--missing"], metavar="TEXT", multiple=True, help="a text that counts as missing; repeat; default: only the empty text"),
        click.Option(["--decimal"], type=click.Choice([".", ","]), help="decimal mark of amounts"),
        click.Option(["--sheet"], metavar="NAME", help="sheet of a workbook; default: the first"),
        click.Option(
            ["--faulty-rows"],
            type=click.Choice(get_args(FaultyRows)),
            default="refuse",
            show_default=True,
            help="what to do with rows that are no events",
        ),
        click.Option(
            ["--keep-cases"], metavar="FILTER", multiple=True, help="keep only cases for which this holds, such as \"has 'Block invoice'\"; repeat"
        ),
        click.Option(["--keep-events"], metavar="FILTER", multiple=True, help="keep only events for which this holds; repeat"),
        click.Option(["--quiet"], is_flag=True, help="do not print progress and what was assumed"),
    ]


OPTIONS = _options()
NAMES = tuple(option.name for option in OPTIONS if option.name)
LOG = click.Argument(["log"], nargs=-1, required=True, metavar="LOG...")


def read_log(values: dict[str, Any]) -> EventLog:
    """Read and filter the log that the values of the options describe; takes them out of ``values``."""
    from finmine.filters import parse_filter
    from finmine.ingest.read import read

    paths = values.pop("log")
    options = {name: values.pop(name) for name in NAMES}
    quiet = options.pop("quiet")
    kept_cases, kept_events = options.pop("keep_cases"), options.pop("keep_events")
    options["dates"] = dict(_date_column(text) for text in options["dates"]) or None
    options["persons"] = dict(_person_column(text) for text in options["persons"]) or None
    given = {name: value for name, value in options.items() if value not in (None, ())}
    with progress(quiet) as say:
        log = read(*paths, **given, progress=say)
    for text in kept_cases:
        log = log.keep_cases(parse_filter(text, keeps="cases"))
    for text in kept_events:
        log = log.keep_events(parse_filter(text, keeps="events"))
    if not quiet:
        _say_assumptions(log)
    return log


def _date_column(text: str) -> tuple[str, tuple[str, ...]]:
    activity, equals, columns = text.partition("=")
    if not (activity and equals and columns):
        raise BadDateColumn(text)
    return activity, tuple(columns.split("+"))


def _person_column(text: str) -> tuple[str, str]:
    activity, equals, column = text.partition("=")
    if not (activity and equals and column):
        raise BadPersonColumn(text)
    return activity, column


def _say_assumptions(log: EventLog) -> None:
    for assumption in log.provenance.assumptions:
        say(f"assumed · {assumption}" if ": column" in assumption else f"note · {assumption}")


def say(text: str) -> None:
    """A line for the person at the terminal, beside the answer."""
    from finmine.render.characters import printable

    click.echo(printable(text, sys.stderr.encoding or "utf-8"), err=True)


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """A moving line on the terminal that says what is being done; nothing when piped or quiet."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("reading") as status:
        yield lambda text: status.update(escape(text))
