"""The sample logs that come with the project are what the generator makes, and no more than a few megabytes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from finmine.sample import SampleName, make

FOLDER = Path(__file__).resolve().parents[2] / "sample_logs"
LOGS: dict[SampleName, str] = {"invoices": ".csv", "approvals": ".xes.gz", "reconciliations": ".parquet", "disputes": ".xlsx"}


def content(path: Path) -> Any:
    """What a file says, whatever the version of the library that packed it."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".xlsx":
        return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return pq.read_table(path).to_pylist() if path.suffix == ".parquet" else path.read_bytes()


@pytest.mark.parametrize("name", LOGS)
def test_sample_logs_are_made_with_the_defaults(name: SampleName, tmp_path: Path) -> None:
    """Each log, its card and its truths are those of the default size and seed."""
    for made in make(name, tmp_path / f"{name}{LOGS[name]}"):
        assert content(FOLDER / made.name) == content(made), made.name


def test_sample_logs_are_small() -> None:
    """All sample logs with their cards, truths and description take less than three megabytes."""
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3_000_000


@pytest.mark.parametrize("name", LOGS)
def test_the_description_says_how_large_the_logs_are(name: SampleName) -> None:
    """The table in the folder's README gives the cases and rows of each log."""
    truths = json.loads((FOLDER / f"{name}.truths.json").read_text(encoding="utf-8"))
    line = next(line for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{name}."))
    assert line.endswith(f"| {truths['cases']:,} | {truths['rows']:,} |")
