"""Reading delimited text."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

import finmine
from finmine.engine import Engine
from finmine.ingest.staging import EmptySource, NoSuchFile, UnreadableSource

ROWS = [("i1", "Create", "2024-01-01 08:00:00"), ("i1", "Pay", "2024-01-03 08:00:00"), ("i2", "Create", "2024-01-02 08:00:00")]


def text(delimiter: str = ",", rows: list[tuple[str, str, str]] = ROWS) -> str:
    """The rows as delimited text with a header."""
    return "\n".join(delimiter.join(cells) for cells in [("case_id", "activity", "timestamp"), *rows]) + "\n"


def activities(log: finmine.EventLog) -> dict[str, int]:
    """How often each activity occurs."""
    return {str(record["label"]): int(record["units"]) for record in finmine.directly_follows(log).activities.records()}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    """Comma, semicolon, tab and bar are recognised by the header line."""
    (tmp_path / "log.csv").write_text(text(delimiter))
    assert activities(finmine.read(tmp_path / "log.csv")) == {"Create": 2, "Pay": 1}


@pytest.mark.parametrize(
    "name", ["a[1].csv", "b*.csv", "c?.csv", "d'e.csv", 'f"g.csv', "h i.csv", "ü.csv", "{x}.csv", "~.csv", "%20.csv", "a;DROP TABLE x.csv"]
)
def test_a_path_is_a_path(tmp_path: Path, name: str) -> None:
    """A name with pattern letters or quotes reads exactly that file, not another that the pattern would match."""
    (tmp_path / "a1.csv").write_text(text(rows=[("x", "Wrong file", "2024-01-01")]))
    (tmp_path / "bb.csv").write_text(text(rows=[("x", "Wrong file", "2024-01-01")]))
    (tmp_path / "cc.csv").write_text(text(rows=[("x", "Wrong file", "2024-01-01")]))
    (tmp_path / name).write_text(text())
    assert activities(finmine.read(tmp_path / name)) == {"Create": 2, "Pay": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """UTF-8 with and without mark, Windows' cp1252 and UTF-16 give the same texts."""
    rows = [("i1", "Prüfung – ‚geprüft‘", "2024-01-01 08:00:00")]
    (tmp_path / "log.csv").write_bytes(text(rows=rows).encode(encoding))
    assert activities(finmine.read(tmp_path / "log.csv")) == {"Prüfung – ‚geprüft‘": 1}


def test_a_late_byte_of_cp1252_is_read_as_such(tmp_path: Path) -> None:
    """A file that looks like UTF-8 for its first megabyte and is not, is read as cp1252 and says so."""
    rows = [(f"i{number}", "Create", "2024-01-01 08:00:00") for number in range(12_000)]
    body = text(rows=rows).encode() + "i9,Prüfung,2024-01-01 08:00:00\n".encode("cp1252")
    (tmp_path / "log.csv").write_bytes(body)
    log = finmine.read(tmp_path / "log.csv")
    assert activities(log)["Prüfung"] == 1
    assert any("cp1252" in note for note in log.provenance.assumptions)


def test_gzip_is_seen_by_its_first_bytes(tmp_path: Path) -> None:
    """A gzipped file reads the same with and without the ending .gz."""
    for name in ("log.csv.gz", "log.csv"):
        (tmp_path / name).write_bytes(gzip.compress(text().encode()))
        assert activities(finmine.read(tmp_path / name)) == {"Create": 2, "Pay": 1}


def test_texts_stay_texts(tmp_path: Path) -> None:
    """NA, null, None, nan, true, leading zeros and blanks at the end are texts like any other."""
    rows = [(case, "null", "2024-01-01") for case in ("NA", "null", "None", "nan", "true", "007", "7")] + [("007", "Pay ", "2024-01-02")]
    (tmp_path / "log.csv").write_text(text(rows=rows))
    log = finmine.read(tmp_path / "log.csv")
    assert {record["case"] for record in finmine.cases(log).records()} == {"NA", "null", "None", "nan", "true", "007", "7"}
    assert activities(log) == {"null": 7, "Pay ": 1}


def test_quotes_and_line_breaks_in_cells(tmp_path: Path) -> None:
    """A quoted cell may hold the delimiter, quotes and line breaks; source rows count records."""
    rows = [("i1", '"Post, ""now""\nand here"', "2024-01-01"), ("i1", "Pay", "2024-01-02")]
    (tmp_path / "log.csv").write_text(text(rows=rows))
    log = finmine.read(tmp_path / "log.csv")
    assert activities(log) == {'Post, "now"\nand here': 1, "Pay": 1}


def test_columns_that_differ_only_in_case_are_two(tmp_path: Path) -> None:
    """`Permit ID` and `Permit id` are two attributes, and a name that fits both is refused."""
    (tmp_path / "log.csv").write_text("case_id,activity,timestamp,Permit ID,Permit id\ni1,A,2024-01-01,x,y\n")
    log = finmine.read(tmp_path / "log.csv")
    assert [record["group"] for record in finmine.variants(log, by="Permit ID").records()] == ["x"]
    assert [record["group"] for record in finmine.variants(log, by="Permit id").records()] == ["y"]
    with pytest.raises(finmine.Refusal, match="spell it exactly"):
        finmine.variants(log, by="PERMIT ID")


def test_a_broken_row_is_refused_and_named(tmp_path: Path) -> None:
    """A row with too few or too many cells is refused with its row, and left out only when that is asked for, with later rows keeping their numbers."""
    broken = text() + "i2,Approve\ni3,Create,2024-01-05,x,y\ni2,Pay,2024-01-06\n"
    (tmp_path / "log.csv").write_text(broken)
    with pytest.raises(finmine.Refusal, match=r"2 of .* rows.*broken row.*log\.csv row 5"):
        finmine.read(tmp_path / "log.csv")
    log = finmine.read(tmp_path / "log.csv", faulty_rows="leave-out")
    assert activities(log) == {"Create": 2, "Pay": 2}
    assert log.facts.left_out == 2
    assert [record["row"] for record in finmine.case(log, "i2").records()] == [4, 7]


def test_refusals_of_files(tmp_path: Path) -> None:
    """A missing, empty, binary or one-column file is refused in a sentence with its name."""
    with pytest.raises(NoSuchFile, match="nothing"):
        finmine.read(tmp_path / "nothing.csv")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(EmptySource, match=r"empty\.csv"):
        finmine.read(tmp_path / "empty.csv")
    (tmp_path / "header.csv").write_text("case_id,activity,timestamp\n")
    with pytest.raises(EmptySource, match=r"header\.csv"):
        finmine.read(tmp_path / "header.csv")
    (tmp_path / "binary.csv").write_bytes(b"PK\x00\x01\x02" * 100)
    with pytest.raises(UnreadableSource, match="binary data"):
        finmine.read(tmp_path / "binary.csv")
    (tmp_path / "one.csv").write_text("only\na\n")
    with pytest.raises(UnreadableSource, match="one column"):
        finmine.read(tmp_path / "one.csv")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(text().encode() * 500)[:60])
    with pytest.raises(finmine.Refusal, match=r"cut\.csv\.gz"):
        finmine.read(tmp_path / "cut.csv.gz")


def test_several_files_make_one_log(tmp_path: Path) -> None:
    """Files of a folder are read in order of name; each keeps its hash and rows, and a column that one lacks is missing there."""
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "b.csv").write_text("activity;case_id;timestamp;vendor\nPay;i1;2024-01-05;ACME\n")
    (folder / "a.csv").write_text(text())
    (folder / "notes.md").write_text("not a log")
    log = finmine.read(folder)
    assert [(source.name, source.rows) for source in log.provenance.sources] == [("a.csv", 3), ("b.csv", 1)]
    assert activities(log) == {"Create": 2, "Pay": 2}


def test_nothing_outside_its_folder_is_read() -> None:
    """The engine refuses to open files that were not put into its own folder."""
    engine = Engine()
    with pytest.raises(Exception, match="disabled by configuration"):
        engine.rows(f"SELECT * FROM read_text('{Path(__file__).resolve()}')")
    engine.close()
    assert not engine.folder.exists()
