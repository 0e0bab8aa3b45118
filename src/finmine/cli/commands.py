"""The commands: one for each question of the contents page, and the verbs."""

from __future__ import annotations

import click

import finmine
from finmine.analyses import CONTENTS, find
from finmine.cli.contents import VERBS, contents_page


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

    def get_help(self, ctx: click.Context) -> str:
        """The contents page, without loading a single command."""
        return contents_page().rstrip()


@click.group(cls=Contents, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(finmine.__version__, message="finmine %(version)s")
def group() -> None:
    """Process mining for finance: from a log of invoices, approvals or reconciliations to how the work really flows.

    Start with:  finmine report LOG --output report.html
    """
