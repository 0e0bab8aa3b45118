"""The bench of splits finds what it plants, and its page says what it found."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent


def bench() -> ModuleType:
    """The bench as a module."""
    spec = importlib.util.spec_from_file_location("bench_splits", ROOT / "bench" / "splits.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_planted_splits_are_found() -> None:
    """Among 600 honest purchases every split on one day is found with three signs, most of those that one person approved, and little else."""
    (three,) = bench().measured(600, 4, 1, ((3, 30),))
    assert all(three["kinds"][how] == 1.0 for how in three["kinds"] if how.startswith("one day"))
    assert three["recall"] > 0.5
    assert three["precision"] >= 0.95


def test_the_figures_of_the_documentation_are_those_of_the_bench() -> None:
    """The page is made of the kept figures; with the default signs every kind of split but the best hidden one is found."""
    told = json.loads((ROOT / "bench" / "splits.json").read_text(encoding="utf-8"))
    assert (ROOT / "docs" / "splits.md").read_text(encoding="utf-8") == bench().page(told)
    two = next(one for one in told["figures"] if (one["signs"], one["days"]) == (2, 30))
    assert two["precision"] > 0.89
    assert sorted(two["kinds"].values())[1:] == [1.0] * 5
