"""The bench of splits finds what it plants."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def test_planted_splits_are_found() -> None:
    """Among 600 honest purchases every split on one day is found with three signs, most of those that one person approved, and little else."""
    path = Path(__file__).parent.parent / "bench" / "splits.py"
    spec = importlib.util.spec_from_file_location("bench_splits", path)
    assert spec is not None
    assert spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    (three,) = bench.measured(600, 4, 1, (3,))
    assert all(three["kinds"][how] == 1.0 for how in three["kinds"] if how.startswith("one day"))
    assert three["recall"] > 0.5
    assert three["precision"] >= 0.95
