"""The calibration study runs, and what it writes down is what it finds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_study_writes_its_figures_and_its_page(tmp_path: Path) -> None:
    """Two simulations of each line give shares between 0 and 1, on a page with a line for each."""
    figures, page = tmp_path / "calibration.json", tmp_path / "calibration.md"
    command = [sys.executable, str(ROOT / "bench" / "calibration.py"), "--runs", "2", "--json", str(figures), "--page", str(page)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(figures.read_text(encoding="utf-8"))
    assert len(told) == 35
    assert all(0 <= one["share"] <= 1 and one["runs"] == 2 for one in told)
    assert page.read_text(encoding="utf-8").count("| Open cases: ") == 3


def test_the_figures_of_the_documentation_are_those_of_the_study() -> None:
    """The page says what the kept figures say, of at least 1,000 simulations each; all lie where they shall."""
    told = json.loads((ROOT / "bench" / "calibration.json").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
    for one in told:
        assert f"| {one['part']}: {one['name']} | {one['share']:.1%} |" in page
        assert one["runs"] >= 1000
        assert one["met"], one["name"]
    assert "is not |" not in page
    assert "Not where it shall be" not in page
    assert "cases share vendors | 94.6% | 95% to 100%; outside, by no more than chance (±1.4 points) |" in page


def test_a_part_is_simulated_anew_and_the_others_stay(tmp_path: Path) -> None:
    """Figures of other parts are byte for byte those that were written; those of the part are new."""
    figures, page = tmp_path / "calibration.json", tmp_path / "calibration.md"
    before = json.loads((ROOT / "bench" / "calibration.json").read_text(encoding="utf-8"))
    figures.write_text(json.dumps(before), encoding="utf-8")
    command = [
        sys.executable,
        str(ROOT / "bench" / "calibration.py"),
        "--runs",
        "2",
        "--part",
        "Open cases",
        "--json",
        str(figures),
        "--page",
        str(page),
    ]
    assert subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).returncode == 0
    after = json.loads(figures.read_text(encoding="utf-8"))
    assert [one["runs"] for one in after] == [2 if one["part"] == "Open cases" else 1000 for one in before]
    assert [one for one in after if one["part"] != "Open cases"] == [one for one in before if one["part"] != "Open cases"]
