"""Commands made from the signatures of the questions."""

from __future__ import annotations

import importlib
import inspect
import sys
import types
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import click

from finmine.analyses import Question
from finmine.cli import FAILED
from finmine.cli.reading import LOG, OPTIONS, progress, read_log, say
from finmine.errors import Refusal
from finmine.log import EventLog
from finmine.models.child import heard
from finmine.result import Result
from finmine.words import plural

DRESSES = ("text", "json", "csv", "xlsx", "html", "svg", "png", "dot")
ENDINGS = {"txt": "text", **{dress: dress for dress in DRESSES}, "htm": "html"}


class UnknownEnding(Refusal):
    """The ending of an output file says no dress."""

    def __init__(self, output: Path) -> None:
        known = ", ".join(f".{dress}" for dress in ENDINGS)
        super().__init__(f"the ending of {output.name!r} says no dress; end it with one of {known}, or say --to.")


class OverwritesSource(Refusal):
    """The output would replace what was read."""

    def __init__(self, output: Path) -> None:
        super().__init__(f"{str(output)!r} is what is read; name another file for the output, so that nothing is lost.")


class NeedsOutput(Refusal):
    """A workbook or a picture of dots cannot be printed."""

    def __init__(self, to: str) -> None:
        super().__init__(f"{to} is not printed; say where to write it with --output FILE.{to}.")


class NotPrinted(Refusal):
    """The answer cannot be printed to where the output goes."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the answer cannot be printed: {reason}. Send it elsewhere, or write it with --output FILE.")


def function_of(question: Question) -> Callable[..., Result]:
    """The function that answers a question."""
    module = importlib.import_module(f"finmine.analyses.{question.module}")
    answer: Callable[..., Result] = getattr(module, question.module)
    return answer


def command(question: Question) -> click.Command:
    """The command of a question: the log, the question's own parameters, reading and filtering, and the dress."""
    answer = function_of(question)
    own, logs = parameters(answer), [name for name, hint in get_type_hints(answer).items() if _is_log(hint) and name not in ("log", "return")]

    def run(**values: Any) -> None:
        to, output, explain, quiet = values.pop("to"), values.pop("output"), values.pop("explain"), values["quiet"]
        spare_sources(output, values | {"log": (*values["log"], *(values[name] for name in logs if values[name] is not None))})
        if not explain:
            to = dress_of(to, output)
            if output is None and to in ("xlsx", "png"):
                raise NeedsOutput(to)
        asked = {parameter.name: values.pop(str(parameter.name)) for parameter in own}
        others = {name: read_log({**values, "log": (asked[name],)}) for name in logs if asked[name] is not None}
        log, asked = read_log(values), asked | others
        with progress(quiet) as moving, heard(moving):
            result = answer(log, **asked)
        if explain:
            deliver(result.evidence(), output)
        else:
            dress(result, to, output)
            if to == "csv" and not quiet:
                _say_other_tables(result)
            if result.failed:
                raise click.exceptions.Exit(FAILED)

    dresses = [
        click.Option(["--to"], type=click.Choice(DRESSES), help="the dress of the answer; default: text, or what the ending of --output says"),
        click.Option(["--output", "-o"], metavar="FILE", type=click.Path(path_type=Path), help="write to a file, not to the terminal"),
        click.Option(["--explain"], is_flag=True, help="print the evidence: a script that gives the same rows in plain DuckDB"),
    ]
    arguments = [parameter for parameter in own if isinstance(parameter, click.Argument)]
    options = [parameter for parameter in own if isinstance(parameter, click.Option)]
    text = f"{question.answers[0].upper()}{question.answers[1:]}."
    return click.Command(question.name, params=[LOG, *arguments, *options, *dresses, *OPTIONS], callback=run, help=text, short_help=question.answers)


def parameters(answer: Callable[..., Result]) -> list[click.Parameter]:
    """The click parameters of a question's own arguments, with the help of its docstring."""
    hints = get_type_hints(answer)
    help_of = _argument_help(answer)
    found: list[click.Parameter] = []
    for parameter in list(inspect.signature(answer).parameters.values())[1:]:
        kind, multiple = _click_type(hints[parameter.name])
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            found.append(click.Argument([parameter.name], type=kind))
        elif kind is click.BOOL:
            name = parameter.name.replace("_", "-")
            found.append(click.Option([f"--{name}/--no-{name}", parameter.name], default=parameter.default, help=help_of.get(parameter.name)))
        else:
            shown = parameter.default is not None and not multiple
            flag = f"--{parameter.name.replace('_', '-')}"
            found.append(
                click.Option(
                    [flag, parameter.name],
                    type=kind,
                    multiple=multiple,
                    default=parameter.default,
                    show_default=shown,
                    help=help_of.get(parameter.name),
                )
            )
    return found


def _click_type(hint: Any) -> tuple[click.ParamType[Any], bool]:
    """The one click type of each type that a signature may hold."""
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(option for option in get_args(hint) if option is not type(None))
    if get_origin(hint) is tuple:
        return _click_type(get_args(hint)[0])[0], True
    if get_origin(hint) is Literal:
        return click.Choice([str(choice) for choice in get_args(hint)]), False
    known: dict[Any, click.ParamType[Any]] = {
        str: click.STRING,
        int: click.INT,
        float: click.FLOAT,
        bool: click.BOOL,
        datetime: click.DateTime(),
        Path: click.Path(path_type=Path),
        EventLog: click.STRING,
    }
    return known[hint], False


def _is_log(hint: Any) -> bool:
    return hint is EventLog or EventLog in get_args(hint)


def _argument_help(answer: Callable[..., Result]) -> dict[str, str]:
    """The help of each argument, from the ``Args:`` section of the docstring."""
    lines = inspect.getdoc(answer) or ""
    _, _, section = lines.partition("Args:\n")
    found: dict[str, str] = {}
    current = ""
    for line in section.splitlines():
        if not line.startswith(" "):
            break
        name, colon, text = line.strip().partition(": ")
        if line.startswith("    ") and not line.startswith("     ") and colon and name.isidentifier():
            current, found[name] = name, text
        elif current:
            found[current] += f" {line.strip()}"
    return found


def spare_sources(output: Path | None, values: Mapping[str, Any]) -> None:
    """Refuse an output that cannot be written, or is what the options read: a source, one in a folder of sources, the case table or a card."""
    if output is None:
        return
    from finmine.files import check_place

    check_place(output)
    if not output.exists():
        return
    from finmine.card import beside
    from finmine.ingest.sources import kind_of

    sources = [Path(source) for source in values["log"]]
    read = [*sources, *map(beside, sources), *(source / output.name for source in sources if source.is_dir() and kind_of(output) is not None)]
    read += [Path(one) for one in (values["card"], *(values["case_table"] or ())[:1]) if one]
    if any(path.exists() and output.samefile(path) for path in read):
        raise OverwritesSource(output)


def dress_of(to: str | None, output: Path | None) -> str:
    """The dress that was asked for, or the one that the ending of the output says."""
    if to is not None or output is None:
        return to or "text"
    ending = output.suffix.removeprefix(".").lower()
    if ending not in ENDINGS:
        raise UnknownEnding(output)
    return ENDINGS[ending]


def dress(result: Result, to: str, output: Path | None) -> None:
    """Show a result in a dress on the terminal or in a file."""
    if output is not None and to in ("xlsx", "png"):
        (result.to_xlsx if to == "xlsx" else result.to_png)(output)
    elif to == "text":
        deliver(result.to_text(_width()), output)
    elif to == "html":
        from finmine.render.html import Section, page
        from finmine.render.process_map import WHOLE

        view = result.view()
        lenses = None if result.lens() == WHOLE else (result.lens(),)
        deliver(page(view.title, [Section(view.title, (view,))], lenses=lenses), output)
    else:
        deliver({"json": result.to_json, "csv": result.to_csv, "svg": result.to_svg, "dot": result.to_dot}[to](), output)


def _say_other_tables(result: Result) -> None:
    """CSV holds one table: say which, and where the others are."""
    from finmine.render.tables import main_table, tables_of

    view = result.view()
    main, others = main_table(view), len(tables_of(view)) - 1
    if main is not None and others > 0:
        say(f"note · the CSV holds the table {main.title!r}; {plural(others, 'other table is', 'other tables are')} in xlsx and json")


def deliver(text: str, output: Path | None) -> None:
    """Print a text, or write it to a file as a whole."""
    if output is None:
        from finmine.render.characters import printable

        try:
            click.echo(printable(text, sys.stdout.encoding or "utf-8"), nl=not text.endswith("\n"))
        except BrokenPipeError:
            raise
        except OSError as error:
            raise NotPrinted(error.strerror or str(error)) from None
    else:
        from finmine.files import write_atomically

        write_atomically(output, text)


def _width() -> int:
    import shutil

    return max(60, min(160, shutil.get_terminal_size((100, 40)).columns))
