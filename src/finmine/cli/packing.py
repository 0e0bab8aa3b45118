"""The verbs of evidence packs: pack writes one, verify checks one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from finmine.auditing.policy import Severity
from finmine.auditing.sample_plan import Method
from finmine.cli import FAILED
from finmine.cli.questions import OverwritesSource, deliver, parameters, spare_sources
from finmine.cli.reading import progress, read_log
from finmine.errors import Refusal
from finmine.models.child import heard

_FILE = click.Path(path_type=Path)


class NotAnArchive(Refusal):
    """A pack was to be written under another ending than it has."""

    def __init__(self, output: Path) -> None:
        super().__init__(f"a pack is a ZIP archive; end {output.name!r} with .zip.")


class NoSample(Refusal):
    """What was found in a sample was given, and no sample is asked for."""

    def __init__(self) -> None:
        super().__init__(
            "--audited is what was found in the cases of a sample; say which sample with --sample money or --sample cases, and its plan."
        )


class AnswersOrNone(Refusal):
    """Answers were asked for and asked to be left out."""

    def __init__(self) -> None:
        super().__init__("--answer says which answers are in the pack, --no-answers that none is; say one of them.")


def pack_options() -> list[click.Parameter]:
    """The options of the verb pack, beside those of reading."""
    from finmine.analyses.audit_sample import audit_sample
    from finmine.report.pack_order import QUESTIONS

    plan = [option for option in parameters(audit_sample) if option.name not in ("method", "audited")]
    return [
        click.Option(["--output", "-o"], metavar="FILE", required=True, type=_FILE, help="the archive to write (.zip)"),
        click.Option(
            ["--policy"], default="purchase-to-pay", show_default=True, help="a policy file, or purchase-to-pay, expenses, record-to-report"
        ),
        click.Option(
            ["--severity"], type=click.Choice(get_args(Severity)), default="low", show_default=True, help="from which severity on a breach fails"
        ),
        click.Option(
            ["--most"], type=click.IntRange(min=1), default=100_000, show_default=True, help="how many findings are listed; counts are of all"
        ),
        click.Option(
            ["--sample"], type=click.Choice(get_args(Method)), help="draw a sample as well, with the plan that the options after this one say"
        ),
        *plan,
        click.Option(["--audited"], metavar="FILE", type=_FILE, help="what was found in the sample, as for audit-sample: evaluate it"),
        click.Option(["--dispositions"], metavar="FILE", type=_FILE, help="what became of the findings, as for audit"),
        click.Option(["--report/--no-report"], default=True, show_default=True, help="whether the report of the whole process is in it"),
        click.Option(
            ["--answer"], type=click.Choice(QUESTIONS), multiple=True, help="a question whose answer is in it; repeat; default: all of these"
        ),
        click.Option(["--no-answers"], is_flag=True, help="leave these answers out"),
        click.Option(["--model"], metavar="FILE", type=_FILE, help="hold all cases against this model (BPMN or PNML), as for conformance"),
        click.Option(["--accepted"], metavar="FILE", type=_FILE, help="deviations from the model that are accepted, as for conformance"),
        click.Option(
            ["--states"], type=click.IntRange(min=1), default=100_000, show_default=True, help="how many states a trace may take on the model"
        ),
        click.Option(["--previous"], metavar="PACK", type=_FILE, help="the pack before this one, which it names by its hash"),
        click.Option(
            ["--people-secret"], metavar="FILE", type=_FILE, help="a secret from which pseudonyms come, so that they are the same in every pack"
        ),
        click.Option(["--prepared-by"], metavar="TEXT", help="who is said to have prepared it"),
        click.Option(["--prepared-on"], metavar="TEXT", help="when; no clock is read"),
    ]


def run_pack(**values: Any) -> None:
    """Write an evidence pack."""
    from finmine.analyses.audit_sample import audit_sample
    from finmine.render.text import to_text
    from finmine.report.pack import pack

    output, quiet = values.pop("output"), values["quiet"]
    spare_sources(output, values)
    if output.suffix.lower() != ".zip":
        raise NotAnArchive(output)
    plan = {str(option.name): values.pop(str(option.name)) for option in parameters(audit_sample) if option.name not in ("method", "audited")}
    asked = {str(option.name): values.pop(str(option.name)) for option in pack_options() if option.name in values}
    if asked["previous"] is not None and output.exists() and asked["previous"].exists() and output.samefile(asked["previous"]):
        raise OverwritesSource(output)
    chosen, none = asked.pop("answer"), asked.pop("no_answers")
    if chosen and none:
        raise AnswersOrNone
    method = asked.pop("sample")
    if asked["audited"] is not None and method is None:
        raise NoSample
    log = read_log(values)
    sample = None if method is None else audit_sample(log, method=method, **plan)
    with progress(quiet) as moving, heard(moving):
        made = pack(log, **asked, answers=chosen or not none, sample=sample, progress=moving)
    made.write(output)
    deliver(to_text(made.view()), None)


def verify_parameters() -> list[click.Parameter]:
    """The parameters of the verb verify."""
    return [
        click.Argument(["pack"], metavar="PACK", type=_FILE),
        click.Option(
            ["--source"], metavar="FILE", multiple=True, type=_FILE, help="a file that the pack was made of, or a folder; repeat: make it again"
        ),
        click.Option(["--previous"], metavar="PACK", multiple=True, type=_FILE, help="the pack before it; repeat for those before that"),
        click.Option(["--card"], metavar="FILE", type=_FILE, help="the card with names, where the pack has it without them"),
        click.Option(["--policy"], metavar="FILE", help="the policy with names, where the pack has it without them"),
        click.Option(["--people-secret"], metavar="FILE", type=_FILE, help="the secret from which the pseudonyms come"),
        click.Option(["--to"], type=click.Choice(["text", "json"]), default="text", show_default=True, help="the dress of the answer"),
        click.Option(["--quiet"], is_flag=True, help="do not print progress"),
    ]


def run_verify(pack: Path, to: str, quiet: bool, **given: Any) -> None:
    """Check an evidence pack; exit status 1 where it does not hold."""
    from finmine.render.text import to_text
    from finmine.report.verify import verify

    with progress(quiet) as moving, heard(moving):
        found = verify(pack, **given, progress=moving)
    deliver(found.to_json() if to == "json" else to_text(found.view()), None)
    if found.failed:
        raise click.exceptions.Exit(FAILED)
