"""The verbs: commands that write something and are no questions."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from finmine.cli.packing import pack_options, run_pack, run_verify, verify_parameters
from finmine.cli.questions import deliver, spare_sources
from finmine.cli.reading import LOG, OPTIONS, progress, read_log, say
from finmine.errors import Refusal

_OUTPUT = click.Option(["--output", "-o"], metavar="FILE", required=True, type=click.Path(path_type=Path), help="the file to write")


def verb(name: str, answers: str) -> click.Command:
    """The command of a verb."""
    make: dict[str, Callable[[], tuple[Callable[..., None], list[click.Parameter]]]] = {
        "report": lambda: (_report, [LOG, _OUTPUT, *OPTIONS]),
        "model": lambda: (_model, [LOG, *_model_options(), *OPTIONS]),
        "card": lambda: (_card, [LOG, *_card_options(), *OPTIONS]),
        "write": lambda: (
            _write,
            [LOG, _OUTPUT, click.Option(["--as-read"], is_flag=True, help="write the source rows as they were read, without roles"), *OPTIONS],
        ),
        "pack": lambda: (run_pack, [LOG, *pack_options(), *OPTIONS]),
        "verify": lambda: (run_verify, verify_parameters()),
        "sample": lambda: (_sample, _sample_parameters()),
    }
    run, parameters = make[name]()
    return click.Command(name, params=parameters, callback=run, help=f"{answers[0].upper()}{answers[1:]}.", short_help=answers)


def _report(**values: Any) -> None:
    from finmine.report.page import write_report

    output, quiet = values.pop("output"), values["quiet"]
    spare_sources(output, values)
    if output.suffix.lower() not in (".html", ".htm"):
        raise NotAPage(output)
    log = read_log(values)
    with progress(quiet) as moving:
        write_report(log, output, command=shlex.join(["finmine", *sys.argv[1:]]), progress=moving)
    if not quiet:
        say(f"wrote {output}")


def _model_options() -> list[click.Parameter]:
    return [
        click.Option(["--output", "-o"], metavar="FILE", type=click.Path(path_type=Path), help="write the model: .pnml .bpmn .ptml .svg .png .dot"),
        click.Option(
            ["--miner"],
            type=click.Choice(["inductive", "inductive-dfg", "split"]),
            default="inductive",
            show_default=True,
            help="how the model is discovered",
        ),
        click.Option(["--noise"], type=click.FloatRange(0, 1), help="how much rare behaviour is left out; default: 0.2 for inductive, 0.4 for split"),
        click.Option(
            ["--coverage"],
            type=click.FloatRange(0, 1, min_open=True),
            default=1.0,
            show_default=True,
            help="learn from the most frequent variants that cover this share of the cases",
        ),
        click.Option(["--seconds"], type=click.FloatRange(min=1), default=60.0, show_default=True, help="how long discovery may take"),
    ]


def _model(**values: Any) -> None:
    from finmine.models.model import check_ending
    from finmine.models.of_log import model
    from finmine.render.text import to_text

    output = values.pop("output")
    asked = {name: values.pop(name) for name in ("miner", "noise", "coverage", "seconds")}
    spare_sources(output, values)
    if output is not None:
        check_ending(output, asked["miner"])
    found = model(read_log(values), **asked)
    if output is not None:
        found.write(output)
    deliver(to_text(found.view()), None)


def _card_options() -> list[click.Parameter]:
    return [
        click.Option(["--output", "-o"], metavar="FILE", type=click.Path(path_type=Path), help="write the card; default: print it"),
        click.Option(
            ["--people-key"],
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="write which pseudonym stands for whom, as CSV; keep it beside the card, and to yourself",
        ),
    ]


class NotAPage(Refusal):
    """A report was to be written under another ending than a page has."""

    def __init__(self, output: Path) -> None:
        super().__init__(f"a report is an HTML page; end {output.name!r} with .html.")


class CardExists(Refusal):
    """A card would be written over."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} exists already; a card holds what people declared and is not written over. Name another file.")


def _card(**values: Any) -> None:
    from finmine.card import draft
    from finmine.files import write_atomically
    from finmine.ingest.people import people_key

    output, key = values.pop("output"), values.pop("people_key")
    spare_sources(key, values)
    if output is not None and output.exists():
        raise CardExists(output)
    spare_sources(output, values)
    log = read_log(values)
    if key is not None:
        write_atomically(key, people_key(log))
    deliver(draft(log.card, log.attributes), output)


def _write(**values: Any) -> None:
    from finmine.ingest.write import check_ending, write_log

    output, as_read = values.pop("output"), values.pop("as_read")
    spare_sources(output, values)
    check_ending(output)
    write_log(read_log(values), output, as_read=as_read)


def _sample_parameters() -> list[click.Parameter]:
    from finmine.sample import SAMPLES

    return [
        click.Argument(["name"], type=click.Choice(list(SAMPLES))),
        _OUTPUT,
        click.Option(["--cases"], type=click.IntRange(min=1), help="how many cases; default: as many as the sample in sample_logs"),
        click.Option(["--seed"], type=click.INT, default=1, show_default=True, help="the same seed gives the same file"),
    ]


def _sample(name: str, output: Path, cases: int | None, seed: int) -> None:
    from finmine.sample import make

    for path in make(name, output, cases=cases, seed=seed):  # type: ignore[arg-type]
        say(f"wrote {path}")
