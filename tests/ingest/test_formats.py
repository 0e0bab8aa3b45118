"""The same log in every format gives the same answers, and reads back after writing."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

import finmine
from finmine.engine import Engine
from finmine.ingest.frames import BadFrame, NotATable
from finmine.ingest.sources import NoSheets
from finmine.ingest.staging import UnreadableSource
from finmine.limits import BadThreads
from finmine.placed import ChangedSource, DamagedSource
from finmine.render.csv import FORMULA_SIGNS

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
    assert list(out.columns) == ["case:concept:name", "concept:name", "time:timestamp", "org:resource", "case:amount"]
    assert list(out["concept:name"]) == ["=1+1", "Pay <b>"] * 2
    assert str(out["time:timestamp"].dtype).endswith("UTC]")


def test_attributes_go_along_to_pm4py() -> None:
    """What is the same throughout each case is an attribute of cases, ``case:NAME``; the rest are of events, typed as in the source."""
    rows = {
        "case": ["a", "a", "b"],
        "activity": ["x", "y", "x"],
        "timestamp": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]),
        "vendor": ["ACME", "ACME", None],
        "now and then": ["q", None, "q"],
        "case:odd": [1, 2, 3],
        "amount": [1.5, 1.5, 2.5],
        "note": ["one", "two", "three"],
        "case:note": ["n", "n", "m"],
    }
    log = finmine.read(pd.DataFrame(rows))
    out = log.to_pm4py()
    assert list(out.columns)[3:] == ["case:vendor", "now and then", "case:odd", "case:amount", "note", "case:note"]
    assert list(out["case:amount"]) == [1.5, 1.5, 2.5]
    assert list(out["case:vendor"].isna()) == [False, False, True]
    kept = log.keep_events(finmine.activity_is("y")).to_pm4py()
    assert list(kept.columns) == list(out.columns)
    assert list(kept["note"]) == ["two"]


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
    with pytest.raises(NotATable, match="Series"):
        finmine.read(frame()["activity"])
    for name in ("log.parquet", "log.xlsx", "log.xes"):
        (tmp_path / name).write_bytes(b"not at all")
        with pytest.raises(finmine.Refusal, match=name):
            finmine.read(tmp_path / name)
    (tmp_path / "log.pdf").write_bytes(b"x")
    with pytest.raises(finmine.Refusal, match=r"\.parquet"):
        finmine.read(tmp_path / "log.pdf")


def test_columns_of_mixed_types_are_text() -> None:
    """Numbers and texts in one pandas column, plain or categorical, are read as texts; missing values stay missing."""
    mixed = pd.Series([1, "a", None, 2.5], dtype=object)
    for values in (mixed, mixed.astype("category")):
        log = finmine.read(frame().assign(user=values), people="names")
        assert answers(log)[2] == ["1", "a", None, "2.5"]


def test_a_column_that_cannot_be_converted_is_named() -> None:
    """Neither Arrow nor text can hold complex numbers or half a character: the refusal names the column."""
    for values in ([1 + 2j] * 4, pd.Series(["\ud800"] * 4, dtype=object)):
        with pytest.raises(BadFrame, match="'user'"):
            finmine.read(frame().assign(user=values))


def test_names_that_occur_twice_are_numbered() -> None:
    """A second column of a name, and an index named like a column, get a number; the first bearer keeps the name."""
    twice = frame().set_axis(["case_id", "activity", "timestamp", "activity", "amount"], axis=1)
    arrow = pa.Table.from_arrays([pa.array(twice.iloc[:, place]) for place in range(5)], names=list(twice.columns))
    for table in (twice, arrow):
        assert finmine.read(table, resource="activity (2)").card.roles["resource"] == ("activity (2)",)
    indexed = frame().set_axis(pd.Index([1, 2, 3, 4], name="case_id"))
    assert answers(finmine.read(indexed)) == answers(finmine.read(frame()))
    named = frame().set_index(["case_id", "activity"])
    assert answers(finmine.read(named)) == answers(finmine.read(frame()))


def test_a_sheet_of_no_workbook_is_refused(tmp_path: Path) -> None:
    """A sheet named for text is not passed over in silence; beside a workbook it is meant for that."""
    (tmp_path / "log.csv").write_text("case_id,activity,timestamp\ni1,A,2024-01-01\n")
    with pytest.raises(NoSheets, match=r"the sheet 'March' was named, and log\.csv holds no sheets; leave --sheet out"):
        finmine.read(tmp_path / "log.csv", sheet="March")
    with pytest.raises(NoSheets, match="the table in memory holds no sheets"):
        finmine.read(pa.table({"case_id": ["i1"], "activity": ["A"], "timestamp": ["2024-01-01"]}), sheet="March")


def test_the_engines_own_name_for_row_numbers_is_refused(tmp_path: Path) -> None:
    """A Parquet column called file_row_number, in any letter case, would hide the row numbers: it has to be renamed."""
    frame().assign(File_Row_Number=1).to_parquet(tmp_path / "log.parquet")
    with pytest.raises(UnreadableSource, match=r"log\.parquet.*'File_Row_Number'.*rename the column"):
        finmine.read(tmp_path / "log.parquet")


def test_a_parquet_file_with_damaged_pages_is_refused(tmp_path: Path) -> None:
    """Bytes overwritten in the first pages, the footer whole: the file is named, and what to do."""
    frame().to_parquet(tmp_path / "log.parquet")
    damaged = bytearray((tmp_path / "log.parquet").read_bytes())
    damaged[4:60] = b"\xff" * 56
    (tmp_path / "log.parquet").write_bytes(damaged)
    with pytest.raises(DamagedSource, match=r"^log\.parquet cannot be read to its end: .*damaged.*; copy it again"):
        finmine.read(tmp_path / "log.parquet")


def test_damage_deep_in_a_column_is_refused_when_it_is_asked_for(tmp_path: Path) -> None:
    """A page of an attribute, far from the first row: the log is read, and the question that needs the column names the file."""
    rows = {"case_id": [f"i{row % 500}" for row in range(60_000)], "activity": "Pay", "timestamp": pd.Timestamp("2024-01-01")}
    table = pa.Table.from_pandas(pd.DataFrame({**rows, "note": [f"note {row * 7919 % 60_000}" for row in range(60_000)]}))
    pq.write_table(table, tmp_path / "log.parquet", row_group_size=20_000, use_dictionary=False)
    column = pq.read_metadata(tmp_path / "log.parquet").row_group(2).column(3)
    damaged = bytearray((tmp_path / "log.parquet").read_bytes())
    for at in range(column.data_page_offset + 60, column.data_page_offset + column.total_compressed_size, 50):
        damaged[at] ^= 0xFF
    (tmp_path / "log.parquet").write_bytes(damaged)
    log = finmine.read(tmp_path / "log.parquet")
    with pytest.raises(DamagedSource, match=r"^log\.parquet cannot be read to its end"):
        finmine.variants(log, by="note")
    assert len(finmine.variants(log).records()) == 1


def test_a_file_that_changes_after_it_was_read_is_refused(tmp_path: Path) -> None:
    """Overwritten in place, a file is no longer the log's: what needs it is refused, other logs and a new reading are not."""
    frame().to_parquet(tmp_path / "log.parquet")
    frame().to_parquet(tmp_path / "other.parquet", compression="gzip")
    log, other = finmine.read(tmp_path / "log.parquet"), finmine.read(tmp_path / "other.parquet")
    changed = frame().assign(amount=["7.00"] * len(frame()))
    changed.to_parquet(tmp_path / "new.parquet", compression=None)
    (tmp_path / "log.parquet").write_bytes((tmp_path / "new.parquet").read_bytes())
    with pytest.raises(ChangedSource, match=r"^log\.parquet was changed after it was read"):
        finmine.variants(log, by="amount")
    assert finmine.variants(other, by="amount").records()
    assert {record["group"] for record in finmine.variants(finmine.read(tmp_path / "log.parquet"), by="amount").records()} == {"7.00"}


@pytest.mark.parametrize("given", ["many", "0", "-2", "1.5", "9" * 30])
def test_a_number_of_threads_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """FINMINE_THREADS is a whole number from 1."""
    monkeypatch.setenv("FINMINE_THREADS", given)
    with pytest.raises(BadThreads, match="whole number from 1"):
        Engine()


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
    for name in ("a.parquet", "b.csv", "c.xes.gz"):
        finmine.write_log(log, tmp_path / name)
        assert worked(finmine.read(tmp_path / name)) == worked(log)


@pytest.mark.parametrize("title", ["Export of invoices", ""])
def test_a_title_above_the_header_is_named(tmp_path: Path, title: str) -> None:
    """A sheet whose first row is a title, or empty, is refused with what stands there and what to do."""
    with xlsxwriter.Workbook(tmp_path / "log.xlsx") as book:
        sheet = book.add_worksheet("Data")
        for line, row in enumerate([[title], ["case", "activity", "timestamp"], ["1", "A", "2024-01-01"]]):
            sheet.write_row(line, 0, row)
    with pytest.raises(finmine.Refusal, match=f"row 1 of sheet 'Data' holds no names of columns.*{title}.*above the header"):
        finmine.read(tmp_path / "log.xlsx")


def test_a_written_log_leaves_the_cards_of_others_alone(tmp_path: Path) -> None:
    """Where another log's card stands under the name of the written one, or the log itself, nothing is written; the same may be written again."""
    (tmp_path / "log.csv").write_text("doc,step,when\ni1,A,2024-01-01\ni1,B,2024-01-02\n")
    card = tmp_path / "log.card.toml"
    card.write_text('finmine_card = 1\n[roles]\ncase = "doc"\nactivity = "step"\ntimestamp = "when"\n[ledger]\nrows = 2\n')
    log, before = finmine.read(tmp_path / "log.csv"), card.read_bytes()
    with pytest.raises(finmine.Refusal, match=r"log\.card\.toml.*not written over"):
        finmine.write_log(log, tmp_path / "log.parquet")
    assert card.read_bytes() == before
    assert not (tmp_path / "log.parquet").exists()
    with pytest.raises(finmine.Refusal, match="is what the log is read from"):
        finmine.write_log(log, tmp_path / "log.csv", as_read=True)
    for kept in (log, log.keep_cases(finmine.has("A"))):
        finmine.write_log(kept, tmp_path / "kept.parquet")


def test_a_written_log_holds_no_formula_and_reads_back_to_the_letter(tmp_path: Path) -> None:
    """In CSV what a spreadsheet would run stands behind an apostrophe, names of columns too; numbers do not, and reading takes off what was put."""
    texts = ["=cmd|' /C calc'!A0", "'=x", "''+y", "+49 30", "-", "@a", "\ttab", "=1\n+2", "＝full", "'-5", "'plain", "a=b", "-1,234.50", "-5"]
    stamps = [f"2024-01-01 10:{minute:02}:00" for minute in range(len(texts))]
    rows = pd.DataFrame({"case": "-1", "activity": texts, "timestamp": stamps, "resource": texts, "=note": texts, "'=note": texts})
    log = finmine.read(rows, people="names")
    finmine.write_log(log, tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        fields = [field for line in csv.reader(file, strict=True) for field in line]
    assert {field for field in fields if field.startswith(FORMULA_SIGNS)} == {"-1", "-1,234.50", "-5"}
    again = finmine.read(tmp_path / "log.csv")
    assert [(record["activity"], record["resource"]) for record in finmine.case(again, "-1").records()] == [(text, text) for text in texts]
    assert {"=note", "'=note"} <= set(again.attributes)
    finmine.write_log(again, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "log.csv").read_bytes()


def worked(log: finmine.EventLog) -> list[tuple[Any, ...]]:
    """Activity, start and end of the units of case a."""
    return [(record["activity"], record["start"], record["time"]) for record in finmine.case(log, "a").records()]


@pytest.mark.parametrize("name", ["out.parquet", "out.csv", "out.xes.gz"])
def test_a_written_sample_keeps_its_card(tmp_path: Path, name: str) -> None:
    """A log with a full card (attributes, rates, outcomes) reads back with the same cases, money and statuses."""
    log = finmine.read(Path(__file__).parents[2] / "sample_logs" / "invoices.csv").keep_cases(finmine.has("Block invoice"))
    finmine.write_log(log, tmp_path / name)
    again = finmine.read(tmp_path / name)
    facts = ("case", "status", "outcome", "amount", "currency", "throughput")
    kept, read = ({tuple(record[fact] for fact in facts) for record in finmine.cases(one).records()} for one in (log, again))
    assert read == kept
    who, whose = ({(record["resource"], record["units"]) for record in finmine.resources(one).records()} for one in (log, again))
    assert who == whose  # pseudonyms are not numbered anew: the key of people would name others
    assert finmine.variants(again, by="vendor").records() != ()


def test_the_card_of_a_written_log_names_nobody_whom_the_log_does_not_show(tmp_path: Path) -> None:
    """Users, delegates, rates and calendars stand under the pseudonyms of the written file; names that are not in the log are left out."""
    (tmp_path / "log.csv").write_text("case,activity,timestamp,user\ni1,a,2024-03-01 08:00:00,ann\ni1,b,2024-03-01 09:00:00,Bob\n")
    (tmp_path / "log.card.toml").write_text(
        'finmine_card = 1\n[log]\npeople = "pseudonyms"\n[roles]\nresource = "user"\n[persons]\ntechnical = ["bob", "carl"]\naliases = { annie = "ann" }\n'
        '[[delegations]]\nof = "ann"\nto = "Bob"\n[[labour]]\nresource = "ann"\nrate = "30"\ncurrency = "EUR"\n'
        '[calendars.office]\nhours = { "Mon-Fri" = "09:00-17:00" }\n[calendar_of]\nresource = { ann = "office" }\n'
    )
    finmine.write_log(finmine.read(tmp_path / "log.csv"), tmp_path / "out.csv")
    said = (tmp_path / "out.card.toml").read_text()
    assert not re.search("ann|bob|carl", said, re.IGNORECASE)
    card = finmine.read(tmp_path / "out.csv").card
    assert (card.persons.technical, card.persons.aliases) == (("person 02",), {})
    assert [(one.of, one.to) for one in card.persons.delegations] == [("person 01", "person 02")]
    assert [rate.name for rate in card.money.labour] == ["person 01"]
    assert card.calendar_of.levels == {"resource": {"person 01": "office"}}
