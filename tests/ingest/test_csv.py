"""Reading delimited text."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import finmine
from finmine.engine import Engine
from finmine.ingest.sources import SameSourceTwice
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


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_of_two_encodings(tmp_path: Path, mark: bytes) -> None:
    """Where files of both encodings were put together, each line is read as what it is, names of columns too, and it is said."""
    parts = "fall,Tätigkeit,zeit\n1,Prüfen,2024-01-01\n", "1,Größe – ‚klein‘,2024-01-02\n", "2,Prüfen,2024-01-03\n"
    (tmp_path / "log.csv").write_bytes(mark + parts[0].encode() + parts[1].encode("cp1252") + parts[2].encode())
    log = finmine.read(tmp_path / "log.csv", case="fall", activity="Tätigkeit", timestamp="zeit")
    assert activities(log) == {"Prüfen": 2, "Größe – ‚klein‘": 1}
    said = "log.csv is in two encodings: 1 line was read as cp1252, 3 other lines with letters beyond ASCII as UTF-8"
    assert said in log.provenance.assumptions


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


def test_columns_of_one_name_are_numbered_and_said(tmp_path: Path) -> None:
    """The second bearer of a column name is read under a number, and that is said, whatever the source."""
    (tmp_path / "log.csv").write_text("case_id,vendor,activity,timestamp,vendor\ni1,x,A,2024-01-01,y\n")
    columns = {"case_id": ["i1"], "vendor": ["x"], "activity": ["A"], "timestamp": ["2024-01-01"]}
    table = pa.table([*map(pa.array, columns.values()), pa.array(["y"])], names=[*columns, "vendor"])
    pq.write_table(table, tmp_path / "log.parquet")
    for source in (tmp_path / "log.csv", tmp_path / "log.parquet", table):
        log = finmine.read(source)
        assert any("2 columns are called 'vendor'; the second is read as 'vendor (2)'" in note for note in log.provenance.assumptions)
        assert [record["group"] for record in finmine.variants(log, by="vendor (2)").records()] == ["y"]


def test_a_broken_row_is_refused_and_named(tmp_path: Path) -> None:
    """A row with too few or too many cells is refused with its row, and left out only when that is asked for, with later rows keeping their numbers."""
    broken = text() + "i2,Approve\ni3,Create,2024-01-05,x,y\ni2,Pay,2024-01-06\n"
    (tmp_path / "log.csv").write_text(broken)
    with pytest.raises(finmine.Refusal, match=r"2 of 6 rows.*broken row.*log\.csv row 5"):
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
    """Files of a folder are read in order of name; each keeps its hash and rows, and a column that one lacks is missing there, which is said."""
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "b.csv").write_text("activity;case_id;timestamp;vendor\nPay;i1;2024-01-05;ACME\n")
    (folder / "a.csv").write_text(text())
    (folder / "notes.md").write_text("not a log")
    log = finmine.read(folder)
    assert [(source.name, source.rows) for source in log.provenance.sources] == [("a.csv", 3), ("b.csv", 1)]
    assert activities(log) == {"Create": 2, "Pay": 2}
    lacking = "'vendor', which other files have; it is missing there"
    assert any(note.startswith("a.csv: no column ") and note.endswith(lacking) for note in log.provenance.assumptions)


def many(rows: int) -> bytes:
    """Good rows without a header."""
    return b"".join(b"%d,Create,2024-01-01\n" % number for number in range(rows))


HEADER = b"case_id,activity,timestamp\n"


def test_a_cut_gzip_is_refused(tmp_path: Path) -> None:
    """A gzipped file that ends early, or whose bytes were changed, is refused however late the damage comes."""
    whole = gzip.compress(HEADER + b"".join(b"%d,Create %d,2024-01-01\n" % (number, number * 7919 % 10007) for number in range(40_000)))
    for name, damaged in (("cut", whole[:-100]), ("tail", whole[:-8]), ("changed", whole[:-20] + bytes(12) + whole[-8:])):
        (tmp_path / f"{name}.csv.gz").write_bytes(damaged)
        with pytest.raises(UnreadableSource, match=rf"{name}\.csv\.gz.*damaged or cut off"):
            finmine.read(tmp_path / f"{name}.csv.gz")


@pytest.mark.parametrize(
    ("body", "row"),
    [
        (many(100) + b'777,"A,2024-01-01\n' + many(1000), 102),
        (many(100) + b'777,"A,2024-01-01\n' + many(1000) + b'5,"B",2024-01-01\n' + many(1000), 102),
        (b'7,"A,2024-01-01\n8,B,2024-01-01\n', 2),
    ],
    ids=["never closed", "closed by a later quote", "tiny"],
)
def test_an_unclosed_quote_is_refused(tmp_path: Path, body: bytes, row: int) -> None:
    """A quote that is not closed swallows the rows after it, so leaving out broken rows does not help."""
    (tmp_path / "log.csv").write_bytes(HEADER + body)
    with pytest.raises(UnreadableSource, match=rf"log\.csv.*a quote opened in row {row} is not closed"):
        finmine.read(tmp_path / "log.csv", faulty_rows="leave-out")


def test_a_quote_that_a_later_one_closes_is_a_doubt(tmp_path: Path) -> None:
    """Rows swallowed between two stray quotes cannot be told from a cell of several lines: the row is named at reading and by check."""
    (tmp_path / "log.csv").write_bytes(HEADER + many(5) + b'i1,"A,2024-01-01\ni2,B,2024-01-02\ni3,C",2024-01-03\n' + many(5))
    log = finmine.read(tmp_path / "log.csv")
    assert any(note.startswith("log.csv: 1 row, the first row 7, may hold others") for note in log.provenance.assumptions)
    fault = {record["fault"]: record for record in finmine.check(log).records()}["row that may hold others"]
    assert (fault["severity"], fault["number"], fault["row"]) == ("doubt", 1, 7)
    assert fault["found"] == "A,2024-01-01\ni2,B,2024-01-02\ni3,C"


def test_a_file_without_a_single_good_row_is_refused(tmp_path: Path) -> None:
    """Where every row is broken, the first is named; no other column is blamed for it."""
    (tmp_path / "log.csv").write_bytes(HEADER + b"i1,Create\ni2,Pay\n")
    with pytest.raises(UnreadableSource, match=r"log\.csv.*none of its rows.*row 2"):
        finmine.read(tmp_path / "log.csv", faulty_rows="leave-out")


def test_a_cell_of_several_lines_is_no_fault(tmp_path: Path) -> None:
    """Text with line breaks and some commas in it is what it is."""
    (tmp_path / "log.csv").write_bytes(HEADER + many(5) + b'i1,"Dear all,\nplease pay\n, a, b, c",2024-01-01\n')
    log = finmine.read(tmp_path / "log.csv")
    assert not any("may hold others" in note for note in log.provenance.assumptions)
    assert "row that may hold others" not in str(finmine.check(log))


@pytest.mark.parametrize(
    "body",
    [HEADER.replace(b"\n", b"\r\n") + many(9), HEADER + many(9).replace(b"\n", b"\r\n"), HEADER + many(4) + many(9).replace(b"\n", b"\r")[12:]],
    ids=["header with carriage return", "rows with carriage return", "carriage returns alone"],
)
def test_mixed_line_ends(tmp_path: Path, body: bytes) -> None:
    """Line ends of several kinds are all read as line ends, those within quotes stay, and a note says so."""
    (tmp_path / "log.csv").write_bytes(body + b'i1,"a ""5"" inch\r\nscrew",2024-01-02\n')
    log = finmine.read(tmp_path / "log.csv", faulty_rows="leave-out")
    assert activities(log)['a "5" inch\r\nscrew'] == 1
    assert activities(log)["Create"] >= 9
    assert any("mixed line ends" in note for note in log.provenance.assumptions)


def test_a_carriage_return_in_a_bare_cell_is_a_line_end(tmp_path: Path) -> None:
    """A cell that breaks outside quotes makes two broken rows, which are named."""
    (tmp_path / "log.csv").write_bytes(HEADER + many(3) + b"7,A\rB,2024-01-01\n")
    with pytest.raises(finmine.Refusal, match=r"log\.csv row 5"):
        finmine.read(tmp_path / "log.csv")


def test_mixed_line_ends_with_a_stray_quote_are_refused(tmp_path: Path) -> None:
    """Where line ends are mixed and a quote is out of place, the file is refused in a sentence."""
    (tmp_path / "log.csv").write_bytes(HEADER.replace(b"\n", b"\r\n") + many(3) + b'7,"A,2024-01-01\n8,"B",2024-01-01\n')
    with pytest.raises(UnreadableSource, match=r"log\.csv.*quote is out of place"):
        finmine.read(tmp_path / "log.csv", faulty_rows="leave-out")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("broken", ["", "i9,Approve\n"])
def test_blank_lines_are_not_counted(tmp_path: Path, end: str, broken: str) -> None:
    """Blank lines above the header and between rows are passed over, and a note says that row numbers do not count them."""
    body = "\n\n" + text() + "\n\n" + broken + "i3,Create,2024-01-05\n"
    (tmp_path / "log.csv").write_bytes(body.replace("\n", end).encode())
    log = finmine.read(tmp_path / "log.csv", faulty_rows="leave-out")
    assert [record["row"] for record in finmine.case(log, "i3").records()] == [6 if broken else 5]
    assert log.facts.left_out == bool(broken)
    assert any("blank lines are not counted" in note for note in log.provenance.assumptions)


def test_blank_lines_in_cells_and_at_the_end_are_no_matter(tmp_path: Path) -> None:
    """A blank line within quotes, or after the last row, does not disturb the row numbers and is not noted."""
    (tmp_path / "log.csv").write_text(text(rows=[("i1", '"a\n\nb"', "2024-01-01"), *ROWS]) + "\n\n")
    assert not any("blank" in note for note in finmine.read(tmp_path / "log.csv").provenance.assumptions)


def test_a_late_line_break_in_cp1252(tmp_path: Path) -> None:
    """A cell with a line break and a late byte of cp1252 is a row like any other."""
    body = HEADER + many(15_000) + 'i1,"Prüfung\nneu",2024-01-01\n'.encode("cp1252")
    (tmp_path / "log.csv").write_bytes(body)
    assert activities(finmine.read(tmp_path / "log.csv"))["Prüfung\nneu"] == 1


def test_a_late_null_byte_is_binary(tmp_path: Path) -> None:
    """A NUL byte anywhere in the file, gzipped or not, is refused as binary data."""
    body = HEADER + many(80_000) + b"7,A\x00B,2024-01-01\n"
    for name, content in (("log.csv", body), ("log.csv.gz", gzip.compress(body, 1))):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnreadableSource, match="binary data"):
            finmine.read(tmp_path / name)


def test_two_byte_order_marks(tmp_path: Path) -> None:
    """A file that was marked twice has the same column names."""
    (tmp_path / "log.csv").write_bytes(b"\xef\xbb\xbf" * 2 + text().encode())
    assert activities(finmine.read(tmp_path / "log.csv")) == {"Create": 2, "Pay": 1}


def test_the_same_content_twice_is_refused(tmp_path: Path) -> None:
    """A copy beside the original would double each event, so both are named; hidden files and lock files are passed over."""
    for name in ("a.csv", ".a.csv", "~$a.csv"):
        (tmp_path / name).write_text(text())
    assert activities(finmine.read(tmp_path)) == {"Create": 2, "Pay": 1}
    (tmp_path / "a (1).csv").write_text(text())
    with pytest.raises(SameSourceTwice, match=r"a \(1\)\.csv and a\.csv"):
        finmine.read(tmp_path)


def test_nothing_outside_its_folder_is_read() -> None:
    """The engine refuses to open files that were not put into its own folder."""
    engine = Engine()
    with pytest.raises(Exception, match="disabled by configuration"):
        engine.rows(f"SELECT * FROM read_text('{Path(__file__).resolve()}')")
    engine.close()
    assert not engine.folder.exists()
