"""The command line: one command for each question of the contents page, and the verbs card, model, report, sample and write."""

from __future__ import annotations

import sys
from typing import NoReturn

import finmine
from finmine.cli.contents import contents_page

ANSWERED, FAILED, REFUSED, OUR_FAULT = 0, 1, 2, 3


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line.

    The contents page and the version are printed without loading anything else. Exit status: 0 answered, 1 a control failed, 2 refused, 3 a fault of finmine itself.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    asked = sys.argv[1:] if arguments is None else arguments
    if asked in ([], ["-h"], ["--help"]):
        sys.stdout.write(contents_page())
        sys.exit(ANSWERED)
    if asked == ["--version"]:
        sys.stdout.write(f"finmine {finmine.__version__}\n")
        sys.exit(ANSWERED)
    sys.exit(_run(asked))


def _run(arguments: list[str]) -> int:
    import gc

    import click

    from finmine.cli.commands import group
    from finmine.errors import Refusal

    _end_like_ctrl_c()
    gc.set_threshold(50_000, 20, 50)  # relations are many small objects, which a short life keeps: looking for garbage is a tenth of a report
    try:
        ended = group.main(arguments, prog_name="finmine", standalone_mode=False)
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
    return ended if isinstance(ended, int) else ANSWERED


def _end_like_ctrl_c() -> None:
    """Being asked to end, or losing the terminal, is taken like Ctrl-C: the query stops and the temporary folder goes."""
    import signal
    import threading

    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) == signal.SIG_DFL:
                signal.signal(getattr(signal, name), signal.default_int_handler)
