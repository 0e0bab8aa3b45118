"""Reading dates and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

import finmine
from finmine.ingest.stamps import AmbiguousDates, MixedOffsets, UnknownStamps

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def times(folder: Path, stamps: list[str], header: str = "timestamp", **options: str) -> list[int]:
    """The times of a log of one case with these stamps, in microseconds."""
    lines = [f"case_id,activity,{header}", *(f"i1,A,{stamp}" for stamp in stamps)]
    (folder / "log.csv").write_text("\n".join(lines) + "\n")
    log = finmine.read(folder / "log.csv", **options)  # type: ignore[arg-type]
    return [int(record["time"]) for record in finmine.case(log, "i1").records()]


def micros(*when: int, zone: str = "UTC") -> int:
    """Microseconds of a local time."""
    return (datetime(*when, tzinfo=ZoneInfo(zone)) - EPOCH) // timedelta(microseconds=1)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    "written",
    ["2024-01-31 09:30:05", "2024-01-31T09:30:05", "2024-01-31T09:30:05Z", "2024-01-31T10:30:05+01:00", "2024-01-31T10:30:05.000+0100", "31.01.2024 09:30:05",
     "31/01/2024 09:30:05", "01/31/2024 09:30:05 AM", "20240131093005", "20240131 093005", "2024/01/31 09:30:05", "31-Jan-2024 09:30:05"],
)  # fmt: skip
def test_formats(tmp_path: Path, written: str) -> None:
    """The spellings that exports really use are read to the same instant."""
    assert times(tmp_path, [written]) == [micros(2024, 1, 31, 9, 30, 5)]


def test_ambiguous_days_are_asked_for(tmp_path: Path) -> None:
    """When day and month can be exchanged in every row, the user is asked; one row that cannot be read both ways decides."""
    with pytest.raises(AmbiguousDates, match=r"log\.csv row 2, column 'timestamp': '03/04/2024' may be day-month .* --date-order day-first"):
        times(tmp_path, ["03/04/2024", "05/06/2024"])
    with pytest.raises(AmbiguousDates, match=r"log\.csv row 3, column 'timestamp': '01/02/2024' may be day-month"):
        times(tmp_path, ["13/13/2024", "01/02/2024"])
    assert times(tmp_path, ["03/04/2024", "13/06/2024"])[0] == micros(2024, 4, 3)
    assert times(tmp_path, ["03/04/2024"], date_order="day-first") == [micros(2024, 4, 3)]
    assert times(tmp_path, ["03/04/2024"], date_order="month-first") == [micros(2024, 3, 4)]


def test_naive_stamps_belong_to_the_zone(tmp_path: Path) -> None:
    """Stamps without offset are local to the card's zone, through summer time; without a zone that is said."""
    assert times(tmp_path, ["2024-01-01 12:00", "2024-07-01 12:00"], zone="Europe/Berlin") == [micros(2024, 1, 1, 11), micros(2024, 7, 1, 10)]
    (tmp_path / "log.csv").write_text("case_id,activity,timestamp\ni1,A,2024-01-01 12:00\n")
    assert any("zone: unknown" in note for note in finmine.read(tmp_path / "log.csv").provenance.assumptions)


def test_hours_that_do_not_exist_or_exist_twice(tmp_path: Path) -> None:
    """A skipped local hour moves forward and a repeated one means the first, as zoneinfo has it."""
    stamps = ["2024-03-31 02:30:00", "2024-10-27 01:59:59", "2024-10-27 02:30:00", "2024-10-27 03:00:00"]
    found = times(tmp_path, stamps, zone="Europe/Berlin")
    assert found == [micros(2024, 3, 31, 1, 30), micros(2024, 10, 26, 23, 59, 59), micros(2024, 10, 27, 0, 30), micros(2024, 10, 27, 2, 0)]


def test_mixed_offsets_are_one_clock(tmp_path: Path) -> None:
    """Stamps with +01:00 and +02:00 in one file are put in the order in which they happened."""
    assert times(tmp_path, ["2024-03-31T03:30:00+02:00", "2024-03-31T01:00:00+01:00"]) == [micros(2024, 3, 31, 0), micros(2024, 3, 31, 1, 30)]
    with pytest.raises(
        MixedOffsets, match=r"log\.csv row 3, column 'timestamp': '2024-03-31T01:00:00' carries no offset, and '.*\+02:00' in log\.csv row 2 does;"
    ):
        times(tmp_path, ["2024-03-31T03:30:00+02:00", "2024-03-31T01:00:00"])


def test_the_file_without_offsets_is_named(tmp_path: Path) -> None:
    """Where one of several files has no offsets, the refusal points at its first row."""
    (tmp_path / "a.csv").write_text("case_id,activity,timestamp\ni1,A,2024-01-01T10:00:00Z\n")
    (tmp_path / "b.csv").write_text("case_id,activity,timestamp\ni1,B,2024-01-02 10:00:00\n")
    with pytest.raises(MixedOffsets, match=r"b\.csv row 2, .* in a\.csv row 2 does;"):
        finmine.read(tmp_path)


def test_date_and_time_in_two_columns(tmp_path: Path) -> None:
    """`20240131` and `093005` (also without its leading zero) are one stamp."""
    (tmp_path / "log.csv").write_text("doc,step,day,clock\n0001,A,20240131,093005\n0001,B,20240131,93006\n")
    log = finmine.read(tmp_path / "log.csv", case="doc", activity="step", timestamp=("day", "clock"))
    assert [record["time"] for record in finmine.case(log, "0001").records()] == [micros(2024, 1, 31, 9, 30, 5), micros(2024, 1, 31, 9, 30, 6)]


def test_unreadable_stamps_are_faults(tmp_path: Path) -> None:
    """A stamp that cannot be read stops the reading with its row, column and text, unless it may be left out."""
    (tmp_path / "log.csv").write_text("case_id,activity,timestamp\ni1,A,2024-01-01\ni1,B,2024-02-30\ni1,C,2024-03-01\n")
    with pytest.raises(finmine.Refusal, match=r"1 of 3 rows.*unreadable time.*row 3, column 'timestamp': '2024-02-30'"):
        finmine.read(tmp_path / "log.csv")
    assert finmine.read(tmp_path / "log.csv", faulty_rows="leave-out").facts.units == 2
    with pytest.raises(UnknownStamps, match=r"log\.csv row 2, column 'timestamp': 'soon' is no date and time \(nor 'later' in row 3\)"):
        times(tmp_path, ["soon", "later"])
    with pytest.raises(UnknownStamps, match=r"log\.csv row 3, column 'timestamp': 'soon' is no date and time \(nor 'later' in row 4\)"):
        times(tmp_path, ["2024-01-01", "soon", "later"])
    with pytest.raises(UnknownStamps, match=r"column 'timestamp' should hold dates and times, and is empty in log\.csv"):
        times(tmp_path, ["", ""])


def test_mixed_offsets_are_said_with_the_clocks_of_the_days(tmp_path: Path) -> None:
    """Days and months of a log with mixed offsets are those of its zone; where it has none, of UTC."""
    stamps = ["2024-03-30T10:00:00+01:00", "2024-04-02T10:00:00+02:00"]
    times(tmp_path, stamps)
    for zone, clocks in (("Europe/Berlin", "those of Europe/Berlin"), (None, "those of UTC unless a zone is given")):
        assert any(
            note.endswith(f"(+01:00, +02:00): days and months are {clocks}")
            for note in finmine.read(tmp_path / "log.csv", zone=zone).provenance.assumptions
        )


@pytest.mark.parametrize(
    ("stamps", "resolution"),
    [
        (["2024-01-01", "2024-01-02"], "day"),
        (["2024-01-01 10:00", "2024-01-02 11:30"], "minute"),
        (["2024-01-01 10:00:01", "2024-01-02 11:30:00"], "second"),
        (["2024-01-01 10:00:01.5", "2024-01-02 11:30:00"], "microsecond"),
    ],
)
def test_resolution_is_found(tmp_path: Path, stamps: list[str], resolution: str) -> None:
    """Day, minute, second or finer: how exact the stamps are is found from them."""
    times(tmp_path, stamps)
    assert finmine.read(tmp_path / "log.csv").facts.resolution == resolution


def test_same_day_keeps_the_order_of_the_file(tmp_path: Path) -> None:
    """Events of one day without clock time stay in the order of the rows."""
    (tmp_path / "log.csv").write_text("case_id,activity,timestamp\n" + "".join(f"i1,{name},2024-01-01\n" for name in "ZYXABC"))
    assert [record["activity"] for record in finmine.case(finmine.read(tmp_path / "log.csv"), "i1").records()] == list("ZYXABC")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia"])
def test_local_times_are_those_of_zoneinfo(zone: str) -> None:
    """In every zone and year the instant of a local time is the one of Python's own zoneinfo, the first of two where it exists twice."""
    random = Random(1)
    days = [datetime(random.choice([1900, 1945, 1975, 2011, 2024]), random.randint(1, 12), random.randint(1, 28)) for _ in range(400)]
    days += [datetime(2024, 3, 31), datetime(2024, 10, 27), datetime(2024, 3, 10), datetime(2024, 11, 3), datetime(2011, 12, 30)]
    moments = [day + timedelta(minutes=minutes) for day in days for minutes in (0, 59, 90, 150, 180, 720)]
    table = pa.table({"case_id": [f"{place:05d}" for place in range(len(moments))], "activity": ["A"] * len(moments), "timestamp": moments})
    found = [
        record["started"] for record in sorted(finmine.cases(finmine.read(table, zone=zone), most=5000).records(), key=lambda record: record["case"])
    ]
    assert found == [(moment.replace(tzinfo=ZoneInfo(zone)) - EPOCH) // timedelta(microseconds=1) for moment in moments]


def test_years_of_two_digits_are_of_this_age(tmp_path: Path) -> None:
    """`31/01/24` is 2024, `01/02/03` is asked about, and a year is never one of antiquity."""
    assert times(tmp_path, ["31/01/24 10:00", "28/02/24 11:00"]) == [micros(2024, 1, 31, 10), micros(2024, 2, 28, 11)]
    assert times(tmp_path, ["01/31/24"]) == [micros(2024, 1, 31)]
    assert times(tmp_path, ["31.01.24"]) == [micros(2024, 1, 31)]
    with pytest.raises(AmbiguousDates):
        times(tmp_path, ["01/02/03"])
    with pytest.raises(UnknownStamps):
        times(tmp_path, ["24-01-31"])


def test_a_rare_offset_is_not_dropped(tmp_path: Path) -> None:
    """One stamp with an offset among many without is a fault of its row, not read as if it had none."""
    stamps = [f"2024-01-01 10:{minute % 60:02d}:{minute // 60:02d}" for minute in range(199)]
    with pytest.raises(finmine.Refusal, match=r"1 of 200 rows.*unreadable time.*\+05:00"):
        times(tmp_path, [*stamps, "2024-01-02 00:30:00+05:00"])


def test_the_ends_of_the_calendar(tmp_path: Path) -> None:
    """The placeholder 9999-12-31 is read and shown in any zone; years beyond are faults."""
    assert len(times(tmp_path, ["9999-12-31 23:30:00", "0001-01-01 00:10:00"], zone="America/New_York")) == 2
    log = finmine.read(tmp_path / "log.csv", zone="Europe/Berlin")
    assert "9999-12-31" in str(finmine.case(log, "i1"))
    with pytest.raises(finmine.Refusal, match="unreadable time"):
        times(tmp_path, ["99999-01-01 00:00:00", "2024-01-01 00:00:00", "2024-01-02 00:00:00"])
