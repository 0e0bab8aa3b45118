"""Long work in a child process."""

from __future__ import annotations

import math
import operator
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from finmine.files import CannotWrite, write_atomically
from finmine.models import child
from finmine.models.child import ChildFailed, Died, TookTooLong

SOURCES = Path(child.__file__).parents[2]


def code(text: str, seconds: float = 30.0) -> object:
    """Lines run by the child."""
    return child.run(exec, (text,), seconds, "the test", "Do less.")


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The child processes that the test starts."""
    started: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    return started


def test_the_value_comes_back() -> None:
    """The caller gets what the function returns."""
    assert child.run(math.sqrt, (2.25,), 30, "the test", "") == 1.5


def test_the_deadline_kills(children: list[subprocess.Popen[bytes]]) -> None:
    """Work past its deadline ends soon after it, says what it was, how long it had, what it was doing and what to do; no process stays."""
    began = time.monotonic()
    with pytest.raises(TookTooLong, match=r"the test may take 1\.5 seconds .* It was still counting 12 things\. Do less\.") as refused:
        code("from finmine.models.child import stage; import time; stage('starting'); stage('counting 12 things'); time.sleep(60)", 1.5)
    assert time.monotonic() - began < 10
    assert refused.value.stage == "counting 12 things"
    assert [process.poll() is not None for process in children] == [True]


def test_the_deadline_kills_what_never_yields() -> None:
    """A computation inside a library that never returns to Python is stopped just the same."""
    with pytest.raises(TookTooLong, match=r"were|was stopped"):
        child.run(sum, (range(10**12),), 1, "the test", "")


def test_an_interrupt_leaves_no_process(children: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the child works ends the child, and the interrupt is passed on."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        child.run(time.sleep, (60,), 60, "the test", "")
    assert [process.poll() is not None for process in children] == [True]


def test_a_refusal_stays_that_refusal(tmp_path: Path) -> None:
    """A refusal raised in the child is raised here, of the same class and with the same words."""
    target = tmp_path / "no" / "such"
    with pytest.raises(CannotWrite) as here:
        write_atomically(target, "")
    with pytest.raises(CannotWrite) as there:
        child.run(write_atomically, (target, ""), 30, "the test", "")
    assert str(there.value) == str(here.value)


def test_a_fault_carries_its_traceback() -> None:
    """Any other error is a fault, told with the child's own traceback."""
    with pytest.raises(ChildFailed, match="ZeroDivisionError"):
        child.run(operator.truediv, (1, 0), 30, "the test", "")


def test_a_crash_is_told() -> None:
    """A child that ends without an answer is a refusal that names how it ended."""
    with pytest.raises(Died, match=r"exit status 7.* memory .* Do less"):
        child.run(os._exit, (7,), 30, "the test", "Do less.")


@pytest.mark.skipif(os.name == "nt", reason="there are no signals on Windows")
def test_a_kill_is_told() -> None:
    """A child killed for want of memory is told so."""
    with pytest.raises(Died, match="signal 9"):
        code("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")


def test_noise_is_not_shown(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What the child prints or warns does not reach the terminal, does not spoil the answer, and is no error where warnings are."""
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    code("import os, sys, warnings; print('out'); sys.stderr.write('err'); os.write(1, b'raw'); warnings.warn('careful', stacklevel=1)")
    assert capfd.readouterr() == ("", "")


def test_the_folder_has_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files in the folder one is in are not taken for modules."""
    for name in ("pickle.py", "pm4py.py", "subprocess.py"):
        (tmp_path / name).write_text("raise SystemExit('taken for a module')")
    monkeypatch.chdir(tmp_path)
    assert child.run(math.sqrt, (4,), 30, "the test", "") == 2


def test_every_run_hashes_alike() -> None:
    """Two children give texts the same hashes, so that the order of sets is the same."""
    assert len({child.run(hash, ("Pay invoice",), 30, "the test", "") for _ in range(2)}) == 1


def test_a_script_without_a_guard(tmp_path: Path) -> None:
    """A script that does not protect its lines by ``if __name__ == '__main__'`` runs them once."""
    script = tmp_path / "analysis.py"
    script.write_text("import math\nfrom finmine.models import child\nprint('once', child.run(math.sqrt, (9,), 30, 'it', ''))\n")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(SOURCES)}, check=True)
    assert done.stdout == "once 3.0\n"


def test_only_functions_that_a_child_can_find() -> None:
    """A function that another process cannot import is refused at once."""
    with pytest.raises(ValueError, match="importable"):
        child.run(lambda: 1, (), 30, "the test", "")
