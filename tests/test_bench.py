"""The bench runs: a tiny log, one repeat, the tools that the package needs anyway."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

EFFECTS = Path(__file__).parent.parent / "bench" / "path_effects.py"
PATHS = Path(__file__).parent.parent / "bench" / "paths.py"
BENCH = Path(__file__).parent.parent / "bench" / "run.py"


@pytest.mark.skipif(sys.platform == "win32", reason="the bench measures processes by wait4, which Windows does not have")
def test_the_bench_writes_its_figures_and_its_page(tmp_path: Path) -> None:
    """A run gives time and memory of each tool, what each found, the targets, and a page without names or paths of the machine."""
    figures, page = tmp_path / "results.json", tmp_path / "benchmarks.md"
    command = [sys.executable, str(BENCH), "--events", "2000", "--repeats", "1", "--tasks", "whole", "help", "--tools", "finmine", "pm4py"]
    ran = subprocess.run([*command, "--json", str(figures), "--page", str(page)], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(figures.read_text(encoding="utf-8"))
    assert told["differences"] == []
    measures = {(one["task"], one["tool"]): one for one in told["measures"]}
    assert set(measures) == {("whole", "finmine"), ("whole", "pm4py"), ("help", "finmine"), ("help", "python")}
    assert measures["whole", "finmine"]["found"] == measures["whole", "pm4py"]["found"]
    assert measures["whole", "finmine"]["found"]["events"] == told["events"]["invoices (generated)"] >= 2000
    assert all(one["wall_seconds"] > 0 and one["cpu_seconds"] > 0 and one["peak_bytes"] > 1e6 for one in told["measures"])
    assert {one["unit"] for one in told["targets"]} == {"×"}
    written = page.read_text(encoding="utf-8")
    assert "| whole " in written
    assert str(tmp_path) not in written
    assert str(Path.home()) not in written


@pytest.mark.skipif(sys.platform == "win32", reason="the bench measures processes by wait4, which Windows does not have")
def test_growth_is_measured_on_several_sizes(tmp_path: Path) -> None:
    """Each size has a log of its own; what the larger one costs an event is held against the smaller, and on a large one the questions are asked too."""
    figures = tmp_path / "results.json"
    command = [sys.executable, str(BENCH), "--events", "500", "--repeats", "1", "--tasks", "help", "--tools", "finmine"]
    command += ["--scale", "0.001,0.002", "--large", "0.001"]
    ran = subprocess.run(
        [*command, "--json", str(figures), "--page", str(tmp_path / "page.md")], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(figures.read_text(encoding="utf-8"))
    small, large = (one["found"]["events"] for one in told["measures"] if one["task"].endswith("under 4 GiB"))
    assert 1000 <= small < 2000 <= large
    names = {one["name"] for one in told["targets"]}
    assert any(name.startswith("whole, 0.002 million events under 4 GiB: processor time of an event") for name in names)
    assert {"check, per million events of 0.001 million", "bottlenecks, per million events of 0.001 million"} <= names


def test_what_was_planted_is_found() -> None:
    """The scores of a sample log: each planting with precision and recall, and these are high."""
    command = [sys.executable, str(BENCH.with_name("truths.py")), "reconciliations"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    heading, *lines = ran.stdout.splitlines()
    assert heading.split()[-2:] == ["precision", "recall"]
    names = [line.split("  ")[0].removeprefix("reconciliations ") for line in lines]
    assert names[:3] == ["review in the last close"] + ["reopened items"] * 2
    assert names[3:] == [
        *("R2R-01, same person", "R2R-02, same person", "R2R-03, never done", "R2R-03, done afterwards", "R2R-03, changed afterwards"),
        *("R2R-03, own work", "R2R-04, never done", "R2R-04, done afterwards", "R2R-04, changed afterwards", "R2R-05, same person"),
        *(f"R2R-0{rule}, {how}" for rule in (6, 7, 8, 9) for how in ("done too late", "still not done")),
    ]
    assert all(float(share.removesuffix("%")) > 95 for line in lines[:3] for share in line.split()[-2:])
    assert all(line.split()[-2:] == ["100.0%", "100.0%"] for line in lines[3:])


def test_working_time_of_many_spans_is_measured() -> None:
    """Arrays and relation give one sum for drawn spans, and tell their seconds."""
    command = [sys.executable, str(BENCH.with_name("working_time.py")), "20000"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.startswith("20,000 spans: from arrays ")


@pytest.mark.skipif(sys.platform == "win32", reason="the bench measures processes by wait4, which Windows does not have")
def test_path_effects_are_measured(tmp_path: Path) -> None:
    """A small log of many variants is made, and both ways of asking tell their seconds and how many comparisons they made."""
    figures = tmp_path / "path_effects.json"
    command = [sys.executable, str(EFFECTS), "--cases", "400", "--variants", "50", "--json", str(figures)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(figures.read_text(encoding="utf-8"))
    assert {one["comparisons"] > 50 for one in told["measures"].values()} == {True}
    assert told["peak_bytes"] > 1e6


@pytest.mark.skipif(sys.platform == "win32", reason="processor time of children is told on Unix alone")
def test_audit_questions_are_measured() -> None:
    """Each question that is named is asked of a log made for it, and all together are held against what is promised."""
    command = [sys.executable, str(BENCH.with_name("audit.py")), "--cases", "60", "--questions", "digits", "audit_sample"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert [line.split()[0] for line in ran.stdout.splitlines()] == ["60", "digits", "audit_sample", "all"]
    assert "at most 60 s are promised" in ran.stdout


def test_the_planted_paths_lie_in_the_intervals_of_their_effects() -> None:
    """The claims that are returned in the sample disputes: the time and the money that the truths tell lie in the intervals of path effects."""
    ran = subprocess.run([sys.executable, str(PATHS), "returned claims"], capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [line.split()[3:6] for line in ran.stdout.splitlines()[1:3]] == [["1", "throughput", "32"], ["1", "cost", "32"]]
    assert ran.stdout.splitlines()[-1] == "2 asked, 2 found, 2 held; among cases that agree 2 told, 2 held"
