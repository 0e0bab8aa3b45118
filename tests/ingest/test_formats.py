"""The same log in every format gives the same answers, and reads back after writing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

import finmine
from finmine.ingest.frames import NotATable

COLUMNS = ["case_id", "activity", "timestamp", "user", "amount"]
ROWS = [
    ("NA", "=1+1", "2024-01-01 08:00:00", "null", "1.50"),
    ("NA", "Pay <b>", "2024-01-03 08:00:00", "", "1.50"),
    ("007", "=1+1", "2024-01-02 08:00:00", "O'Hara", "2.25"),
    ("007", "Pay <b>", "2024-01-02 08:00:00", "x;y", "2.25"),
]


def frame() -> pd.DataFrame:
    """The log as a pandas frame."""
    return pd.DataFrame(ROWS, columns=COLUMNS)


def answers(log: finmine.EventLog) -> list[Any]:
    """What must not depend on the format."""
    edges = [
        (record["source_activity"], record["target_activity"], record["steps"], record["median"])
        for record in finmine.directly_follows(log).records()
    ]
    variants = [(record["trace"], record["cases"], record["value"]) for record in finmine.variants(log).records()]
    people = [record["resource"] for case in ("NA", "007") for record in finmine.case(log, case).records()]
    return [edges, variants, people]


def test_tables_in_memory_and_files_agree(tmp_path: Path) -> None:
    """pandas, polars and Arrow tables, CSV, Parquet and Excel files of one log give one answer."""
    frame().to_csv(tmp_path / "log.csv", index=False)
    frame().to_parquet(tmp_path / "log.parquet")
    with xlsxwriter.Workbook(tmp_path / "log.xlsx", {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Events")
        for place, row in enumerate([tuple(COLUMNS), *ROWS]):
            sheet.write_row(place, 0, row)
    expected = answers(finmine.read(tmp_path / "log.csv"))
    for source in (frame(), pl.DataFrame(frame().to_dict("list")), pa.Table.from_pandas(frame()), tmp_path / "log.parquet", tmp_path / "log.xlsx"):
        assert answers(finmine.read(source)) == expected


def test_a_pm4py_frame_is_recognised() -> None:
    """The column names of pm4py need no word, and the frame that comes out has them again, with ties in their order."""
    renamed = frame().rename(
        columns={"case_id": "case:concept:name", "activity": "concept:name", "timestamp": "time:timestamp", "user": "org:resource"}
    )
    renamed["time:timestamp"] = pd.to_datetime(renamed["time:timestamp"], utc=True)
    log = finmine.read(renamed)
    out = log.to_pm4py()
    assert list(out.columns) == ["case:concept:name", "concept:name", "time:timestamp", "org:resource"]
    assert list(out["concept:name"]) == ["=1+1", "Pay <b>"] * 2
    assert str(out["time:timestamp"].dtype).endswith("UTC]")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
def test_every_resolution_of_pandas(unit: str, zone: str | None) -> None:
    """Stamps in seconds to nanoseconds, with and without zone, are the same instants."""
    table = frame()
    stamps = pd.to_datetime(table["timestamp"]).dt.as_unit(unit)  # type: ignore[arg-type]
    table["timestamp"] = stamps.dt.tz_localize(zone) if zone else stamps
    edges = finmine.directly_follows(finmine.read(table)).records()
    assert [(edge["steps"], edge["total"]) for edge in edges] == [(2, 172_800_000_000)]


def test_typed_parquet(tmp_path: Path) -> None:
    """Decimals, integers as cases and dates are read as what they are."""
    table = pa.table(
        {
            "case_id": pa.array([1, 1]),
            "activity": ["A", "B"],
            "timestamp": pa.array([0, 1], pa.date32()),
            "amount": pa.array([1, 1], pa.decimal128(12, 2)),
        }
    )
    pq.write_table(table, tmp_path / "log.parquet")
    log = finmine.read(tmp_path / "log.parquet")
    assert [record["case"] for record in finmine.cases(log).records()] == ["1"]
    assert log.facts.resolution == "day"


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    """A list is no table, a damaged Parquet or Excel file is named, an unknown ending lists the known ones."""
    with pytest.raises(NotATable, match="list"):
        finmine.read([1, 2])
    for name in ("log.parquet", "log.xlsx", "log.xes"):
        (tmp_path / name).write_bytes(b"not at all")
        with pytest.raises(finmine.Refusal, match=name):
            finmine.read(tmp_path / name)
    (tmp_path / "log.pdf").write_bytes(b"x")
    with pytest.raises(finmine.Refusal, match=r"\.parquet"):
        finmine.read(tmp_path / "log.pdf")


@pytest.mark.parametrize("name", ["out.parquet", "out.csv", "out.xes.gz"])
def test_a_written_log_reads_back_the_same(tmp_path: Path, name: str) -> None:
    """A filtered log written to a file, read with the card beside it, answers as the filtered log."""
    log = finmine.read(frame(), people="names", currency=None).keep_cases(finmine.has("=1+1"))
    finmine.write_log(log, tmp_path / name)
    again = finmine.read(tmp_path / name, people="names")
    assert answers(again)[0] == answers(log)[0]
    assert [row[:2] for row in answers(again)[1]] == [row[:2] for row in answers(log)[1]]


def test_a_written_log_keeps_start_and_end(tmp_path: Path) -> None:
    """Activity instances survive the way through XES pairs and through columns."""
    starts, ends = ["2024-01-01 01:00", "2024-01-01 02:00", "2024-01-01 09:00"], ["2024-01-01 05:00", "2024-01-01 03:00", "2024-01-01 09:00"]
    log = finmine.read(pd.DataFrame({"case_id": ["a"] * 3, "activity": list("XYX"), "start": starts, "end": ends}))
    for name in ("out.parquet", "out.csv", "out.xes.gz"):
        finmine.write_log(log, tmp_path / name)
        assert worked(finmine.read(tmp_path / name)) == worked(log)


def worked(log: finmine.EventLog) -> list[tuple[Any, ...]]:
    """Activity, start and end of the units of case a."""
    return [(record["activity"], record["start"], record["time"]) for record in finmine.case(log, "a").records()]
