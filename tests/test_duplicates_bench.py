"""The bench of duplicates runs, and what its page says is what it found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_bench_finds_what_it_planted(tmp_path: Path) -> None:
    """Of 300 invoices with two duplicates of each kind nearly all are found, and the page has a line for each threshold and kind."""
    figures, page = tmp_path / "duplicates.json", tmp_path / "duplicates.md"
    command = [
        sys.executable,
        str(ROOT / "bench" / "duplicates.py"),
        "--documents",
        "300",
        "--each",
        "2",
        "--json",
        str(figures),
        "--page",
        str(page),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(figures.read_text(encoding="utf-8"))
    found = next(one for one in told["thresholds"] if (one["weights"], one["threshold"]) == ("shipped", 0.9))
    assert found["recall"] > 0.9
    assert page.read_text(encoding="utf-8").count("\n|") == 4 + len(told["thresholds"]) + len(told["kinds"])


def test_the_figures_of_the_documentation_are_those_of_the_bench() -> None:
    """The page says what the kept figures say; at the default threshold at least 19 of 20 pairs are right, and of 20 duplicates 19 are found."""
    told = json.loads((ROOT / "bench" / "duplicates.json").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "duplicates.md").read_text(encoding="utf-8")
    for one in told["thresholds"]:
        assert f"| {one['weights']} | {one['threshold']} | {one['found']:,} | {one['precision']:.1%} | {one['recall']:.1%} |" in page
    found = next(one for one in told["thresholds"] if (one["weights"], one["threshold"]) == ("shipped", 0.9))
    assert found["precision"] > 0.95
    assert found["recall"] > 0.95
