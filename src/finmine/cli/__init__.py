"""The command line: one command for each question of the contents page, and the verbs card, model, report, sample and write."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

import finmine
from finmine.analyses import CONTENTS, find

VERBS = {
    "report": "write the process report: one HTML file with everything that matters, headlines first",
    "model": "discover a process model and say how well it fits",
    "card": "draft the log card: the facts about a log that its columns do not tell",
    "write": "write the log, as filtered, to a file",
    "sample": "make a sample log with planted truths",
}
ANSWERED, FAILED, REFUSED, OUR_FAULT = 0, 1, 2, 3


class Contents(click.Group):
    """A group whose commands are made when they are called for, so that help stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all questions and verbs."""
        return [question.name for question in CONTENTS] + list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a question or verb."""
        question = find(cmd_name)
        if question is not None:
            from finmine.cli.questions import command

            return command(question)
        if cmd_name in VERBS:
            from finmine.cli.verbs import verb

            return verb(cmd_name, VERBS[cmd_name])
        return None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown word is answered with the nearest known one."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from finmine.errors import UnknownWord

            raise UnknownWord("question", args[0], self.list_commands(ctx), "See `finmine --help`.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The contents page, without loading a single command."""
        with formatter.section("Questions"):
            formatter.write_dl([(question.name, question.answers) for question in CONTENTS])
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Contents, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(finmine.__version__, message="finmine %(version)s")
def group() -> None:
    """Process mining for finance: from a log of invoices, approvals or reconciliations to how the work really flows.

    Start with:  finmine report LOG --output report.html
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line.

    Exit status: 0 answered, 1 a control failed, 2 refused, 3 a fault of finmine itself.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    from finmine.errors import Refusal

    try:
        group.main(arguments, prog_name="finmine", standalone_mode=False)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as refused:
        refused.show()
        return REFUSED
    except click.Abort:
        click.echo("stopped", err=True)
        return REFUSED
    except Refusal as refusal:
        click.echo(f"finmine: {refusal}", err=True)
        return REFUSED
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        return REFUSED
    except BrokenPipeError:
        sys.stderr.close()
        return ANSWERED
    except Exception:  # noqa: BLE001  (a fault of ours must end with words and its own exit status)
        import traceback

        click.echo(traceback.format_exc(), err=True)
        click.echo("finmine: this is a fault of finmine, not of your log; please report it with the lines above.", err=True)
        return OUR_FAULT
    return ANSWERED
