"""Being interrupted: the query stops, the log goes on answering, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

LONG = "SELECT sum(hash(i) % 7) FROM range(1000000000000) these(i)"
NOTEBOOK = f"""
import finmine
log = finmine.read({{path!r}})
before = finmine.variants(log).records()
for _ in range(2):
    print("asked", flush=True)
    try:
        log.engine.fetch_sql({LONG!r})
    except KeyboardInterrupt:
        print("stopped", flush=True)
    assert finmine.variants(log).records() == before
    assert finmine.variants(log.keep_cases(finmine.has("Pay"))).records()
print("answered", flush=True)
"""
COMMAND = f"""
import finmine.analyses.variants as question
from finmine.cli import main
def variants(log, *, by: str | None = None, most: int = 1000) -> question.Variants:
    print("asked", flush=True)
    log.engine.fetch_sql({LONG!r})
variants.__doc__ = question.variants.__doc__
question.variants = variants
main(["variants", {{path!r}}, "--quiet"])
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent to one process by other means there")


def child(script: str, folder: Path) -> subprocess.Popen[str]:
    """Another Python that runs a script on a small log, with a temporary folder of its own."""
    (folder / "log.csv").write_text("case_id,activity,timestamp\ni1,Create,2024-01-01\ni1,Pay,2024-01-02\ni2,Create,2024-01-03\n")
    (folder / "temporary").mkdir()
    code = script.format(path=str(folder / "log.csv"))
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder / "temporary")},
    )


def interrupt(process: subprocess.Popen[str], with_signal: signal.Signals) -> None:
    """Wait until the long query is asked, give it a moment, and send the signal."""
    assert process.stdout is not None
    assert process.stdout.readline() == "asked\n", process.communicate()[1]
    time.sleep(0.5)
    process.send_signal(with_signal)


def test_ctrl_c_stops_the_query_and_leaves_the_log_usable(tmp_path: Path) -> None:
    """Interrupted, a query that would take hours stops at once, again and again, the log answers as before, and its engine closes."""
    with child(NOTEBOOK, tmp_path) as process:
        assert process.stdout is not None
        for _ in range(2):
            interrupt(process, signal.SIGINT)
            assert process.stdout.readline() == "stopped\n"
        said, wrong = process.communicate(timeout=60)
    assert (said, process.returncode) == ("answered\n", 0), wrong
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_command_that_is_ended_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    """Ctrl-C, a polite kill and a closed terminal end a command in a word, and its temporary folder goes."""
    with child(COMMAND, tmp_path) as process:
        interrupt(process, signal.Signals[name])
        said, wrong = process.communicate(timeout=60)
    assert (said, wrong.strip(), process.returncode) == ("", "stopped", 2)
    assert list((tmp_path / "temporary").iterdir()) == []
