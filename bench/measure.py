"""One measured process: its wall time, its processor time and the most memory it held, its children included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

# Linux counts the peak in kibibytes, macOS in bytes.
_UNIT = 1 if sys.platform == "darwin" else 1024


class TaskFailed(Exception):
    """A measured process did not end well."""

    def __init__(self, command: Sequence[str], status: int, said: str) -> None:
        super().__init__(f"exit status {status}: {' '.join(command)}\n{said}")


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took, in seconds and bytes, and what it told as JSON."""

    wall: float
    cpu: float
    peak: int
    told: Mapping[str, Any]


def measured(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run a command and measure it.

    The figures are those of ``wait4``: processor time of the process and of the children it waited for, and the largest
    resident memory of any one of them. A process begins as a copy of the one that starts it, and Linux counts that copy
    as its peak: so this file and ``run.py`` load nothing large.

    Raises:
        TaskFailed: the process ended with an error.
    """
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            err.seek(0)
            raise TaskFailed(command, process.returncode, err.read().decode(errors="replace"))
        out.seek(0)
        last = out.read().decode().strip().rpartition("\n")[2]
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _UNIT, json.loads(last) if last.startswith("{") else {})


@dataclass(frozen=True, slots=True)
class Measure:
    """The runs of one task with one tool; the least wall time is the one least disturbed by others."""

    task: str
    tool: str
    runs: tuple[Run, ...]

    @property
    def wall(self) -> float:
        """The least wall time."""
        return min(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        """The least processor time."""
        return min(run.cpu for run in self.runs)

    @property
    def peak(self) -> int:
        """The most memory that any run held."""
        return max(run.peak for run in self.runs)

    @property
    def seconds(self) -> dict[str, float]:
        """The least seconds of each question."""
        return {question: min(run.told["seconds"][question] for run in self.runs) for question in self.runs[0].told.get("seconds", {})}

    @property
    def found(self) -> Mapping[str, int]:
        """What the tool found."""
        return dict(self.runs[0].told.get("found", {}))

    def summary(self) -> dict[str, Any]:
        """The figures as JSON holds them."""
        return {
            "task": self.task,
            "tool": self.tool,
            "repeats": len(self.runs),
            "wall_seconds": round(self.wall, 4),
            "wall_seconds_median": round(median(run.wall for run in self.runs), 4),
            "cpu_seconds": round(self.cpu, 4),
            "peak_bytes": self.peak,
            "found": dict(self.found),
            "question_seconds": {question: round(taken, 4) for question, taken in self.seconds.items()},
        }
