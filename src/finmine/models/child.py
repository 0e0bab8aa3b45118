"""Work that may run long, done by a child process with a deadline: it ends in a value, an error or a sentence, never in waiting."""

from __future__ import annotations

import faulthandler
import importlib
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from threading import Thread
from typing import IO, Any, TypeVar

from finmine.errors import Refusal

Value = TypeVar("Value")

# The search path comes first, because everything after it may need it; nothing is imported from the folder one happens to be in.
_BOOT = "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from finmine.models.child import serve; serve()"
_STAGE = "\x1e"  # begins the lines in which the child says what it is doing
_MARK = "FINMINE_CHILD"  # the variable in whose presence one is a child
_LISTENER: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)
_GRACE = 5  # seconds after which the child ends by itself, should its parent have been killed


class TookTooLong(Refusal):
    """Long work was stopped at its deadline."""

    def __init__(self, work: str, stage: str, seconds: float, advice: str) -> None:
        at = f" It was still {stage}." if stage else ""
        super().__init__(f"{work} may take {seconds:g} seconds and was stopped after them.{at} {advice}")
        self.seconds = seconds
        self.stage = stage


class Died(Refusal):
    """The child process was ended from outside or crashed, most often for want of memory."""

    def __init__(self, work: str, stage: str, status: int, advice: str) -> None:
        at = f" while {stage}" if stage else ""
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        super().__init__(f"{work} was ended by the system{at} ({how}); most often the memory was not enough. {advice}")
        self.status = status


class ChildFailed(RuntimeError):
    """The function raised something that is no refusal: a fault of ours or of a library, with its traceback from the child."""


def run(function: Callable[..., Value], arguments: tuple[object, ...], seconds: float, work: str, advice: str) -> Value:
    """The value of ``function(*arguments)``, worked out by another Python process within ``seconds`` of wall time.

    The function stands at the top of an importable module; arguments and value travel pickled. What the child prints and
    warns is not shown. The child hashes with a fixed seed, so that the same input gives the same value in every run.
    ``work`` begins the sentence of a refusal ("discovering the model"), ``advice`` ends it.

    Raises:
        TookTooLong: the deadline passed; the child was killed.
        Died: the child ended without an answer.
        ChildFailed: the function raised an error that is no refusal.
        Refusal: the refusal that the function raised.
    """
    if function.__module__ == "__main__" or "<locals>" in function.__qualname__:
        raise ValueError(f"{function.__qualname__} is not at the top of an importable module")
    order = pickle.dumps(sys.path) + pickle.dumps((seconds, function.__module__, function.__qualname__)) + pickle.dumps(arguments)
    command = [sys.executable, "-P", "-W", "ignore", "-c", _BOOT]
    environment = {**os.environ, "PYTHONHASHSEED": "0", _MARK: "1"}
    with subprocess.Popen(  # noqa: S603 - this Python itself
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as child:
        stages = _Stages(child.stderr)
        child.stderr = None  # read by the thread
        try:
            answer, _ = child.communicate(order, timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            raise TookTooLong(work, stages.last(), seconds, advice) from None
        except BaseException:
            child.kill()
            raise
        finally:
            stages.last()
    if not answer:
        raise Died(work, stages.last(), child.returncode, advice)
    value: Value = _read(answer)
    return value


@contextmanager
def heard(listener: Callable[[str], None]) -> Iterator[None]:
    """While this holds, a listener is told what a child is doing, as it says it."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


class _Stages:
    """Hears what a child says on its error stream, and keeps the last stage that it named."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        self._stream, self._listener, self._stage = stream, _LISTENER.get(), ""
        self._thread = Thread(target=self._hear, daemon=True)
        self._thread.start()

    def last(self) -> str:
        """The stage that the child named last, once it has ended."""
        self._thread.join(_GRACE)
        return self._stage

    def _hear(self) -> None:
        if self._stream is None:
            return
        with self._stream as lines:
            for line in lines:
                said = line.decode("utf-8", "replace").rstrip("\r\n")
                if said.startswith(_STAGE):
                    self._stage = said.removeprefix(_STAGE)
                    if self._listener is not None:
                        self._listener(self._stage)


def stage(doing: str) -> None:
    """Note what the child is doing now ("replaying 1,200 variants"), for the sentence of a missed deadline."""
    if _MARK in os.environ:
        sys.stderr.write(f"{_STAGE}{doing}\n")
        sys.stderr.flush()


def serve() -> None:
    """The child's side: read one order from the standard input, answer on the standard output."""
    seconds, module, name = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our parent
    faulthandler.dump_traceback_later(seconds + _GRACE, exit=True)
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what libraries print must not get into the answer
        answers.write(_work(module, name))


def _work(module: str, name: str) -> bytes:
    try:
        arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our parent
        function: Any = reduce(getattr, name.split("."), importlib.import_module(module))
        return pickle.dumps(("value", function(*arguments), ""))
    except Refusal as refusal:
        return pickle.dumps(("refusal", type(refusal), str(refusal)))
    except Exception:  # noqa: BLE001 - passed on whole
        return pickle.dumps(("fault", None, traceback.format_exc()))


def _read(answer: bytes) -> Any:
    kind, value, text = pickle.loads(answer)  # noqa: S301 - from our child
    if kind == "refusal":
        # Made anew from its text alone: the classes take data to make their sentence, and the sentence is made.
        raise value.__new__(value, text)
    if kind == "fault":
        raise ChildFailed(text)
    return value
