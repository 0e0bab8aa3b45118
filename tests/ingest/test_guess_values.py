"""Roles proposed by what columns hold, where no name tells."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

import finmine
from finmine.card import load
from finmine.ingest.guess import MissingRole

SAMPLES = Path(__file__).parents[2] / "sample_logs"
STEPS = (("Bestellen", 0), ("Prüfen", 1), ("Buchen", 3), ("Zahlen", 9))


def rows(cases: int = 12) -> list[tuple[str, str, str, str, str]]:
    """A small log under no telling names: document, company, what was done, date and time of day."""
    return [
        (
            f"{4900 + case}",
            f"{case % 3}000 GmbH",
            step,
            f"2024{1 + day // 28:02d}{1 + (day + case) % 28:02d}",
            f"{8 + case % 9:02d}{7 * case % 60:02d}{day:02d}",
        )
        for case in range(cases)
        for step, day in STEPS
        if (case, step) != (3, "Prüfen")
    ]


def written(folder: Path, header: tuple[str, ...], cells: Sequence[Sequence[str]]) -> Path:
    """A file with these columns."""
    target = folder / "export.csv"
    target.write_text("\n".join(";".join(row) for row in [header, *cells]) + "\n", encoding="utf-8")
    return target


def played(log: finmine.EventLog) -> dict[str, tuple[str, ...]]:
    """The columns of the roles that were guessed."""
    return {role: columns for role, columns in log.card.roles.items() if log.card.origins[role] == "guess"}


@pytest.mark.parametrize(
    "header",
    [("BELNR", "NAME1", "VORGANG", "CPUDT", "CPUTM"), ("Nr dokumentu", "Spółka", "Czynność", "Data", "Godzina"), ("1", "2", "3", "4", "5")],
    ids=["SAP", "Polish", "numbers"],
)
def test_values_propose_where_names_do_not(tmp_path: Path, header: tuple[str, ...]) -> None:
    """A document that repeats, texts whose order is regular, a date and a time of day: each plays its role, and it is said why."""
    log = finmine.read(written(tmp_path, header, rows()))
    assert played(log) == {"case": header[:1], "activity": header[2:3], "timestamp": header[3:]}
    said = [note for note in log.provenance.assumptions if "by its values" in note]
    assert len(said) == 3
    assert any(f"case: column {header[0]!r} (by its values: 12 different in 47 rows)" in note for note in said)
    assert log.facts.resolution == "second"


def test_the_order_of_columns_and_rows_decides_nothing(tmp_path: Path) -> None:
    """Whatever order columns and rows stand in, the same columns are proposed."""
    header, cells = ("BELNR", "NAME1", "VORGANG", "CPUDT", "CPUTM"), rows()
    for seed in range(6):
        order, shuffled = random.Random(seed).sample(range(5), 5), random.Random(seed).sample(cells, len(cells))
        found = finmine.read(written(tmp_path, tuple(header[at] for at in order), [tuple(row[at] for at in order) for row in shuffled]))
        assert played(found) == {"case": ("BELNR",), "activity": ("VORGANG",), "timestamp": ("CPUDT", "CPUTM")}


def test_what_could_be_meant_as_well_is_said(tmp_path: Path) -> None:
    """Of two columns of stamps the later one is the completion, of two that tell the cases apart the first is taken; the others are named."""
    cells = [
        (case, f"K{case}", step, f"2024-01-{day[6:]} {clock[:2]}:00", f"2024-01-{day[6:]} {clock[:2]}:30") for case, _, step, day, clock in rows()
    ]
    log = finmine.read(written(tmp_path, ("a", "b", "c", "d", "e"), cells))
    assert played(log) == {"case": ("a",), "activity": ("c",), "timestamp": ("e",)}
    assert "timestamp: 'e' was taken; 'd' could be meant as well (say it with --timestamp)" in log.provenance.assumptions
    assert "case: 'a' was taken; 'b' could be meant as well (say it with --case)" in log.provenance.assumptions


def test_another_column_of_times_is_said_where_a_name_decides(tmp_path: Path) -> None:
    """A stamp taken for its name does not hide one that is as full and as exact, whatever that is called; nor one that tells the day alone."""
    cells = [
        (f"{case}", step, f"2024-01-{1 + day:02d} 10:{case:02d}", f"2024-01-{2 + day:02d} 11:{case:02d}", "2024-03-01")
        for case in range(5)
        for step, day in STEPS
    ]
    log = finmine.read(written(tmp_path, ("case", "activity", "created_at", "geändert", "due_date"), cells))
    assert log.card.roles["timestamp"] == ("created_at",)
    assert "timestamp: 'created_at' was taken by its name; 'geändert' could be meant as well (say it with --timestamp)" in log.provenance.assumptions
    named = finmine.read(tmp_path / "export.csv", timestamp="geändert")
    assert not any("could be meant" in note for note in named.provenance.assumptions)


def test_a_date_is_completed_by_the_time_of_day_beside_it(tmp_path: Path) -> None:
    """Columns called date and time are the two halves of the stamp, whichever of the names is the more telling one."""
    log = finmine.read(written(tmp_path, ("case", "company", "activity", "date", "time"), rows()))
    assert log.card.roles["timestamp"] == ("date", "time")
    assert "timestamp: columns 'date + time' (the date and the time of day)" in log.provenance.assumptions
    assert not any("could be meant" in note for note in log.provenance.assumptions)


@pytest.mark.parametrize("cells", [[("1", "x", "y")], [(str(n), f"text {n}", f"other {n}") for n in range(30)]], ids=["one row", "no order"])
def test_where_values_tell_nothing_it_is_asked(tmp_path: Path, cells: list[tuple[str, ...]]) -> None:
    """A table without stamps, or in which nothing repeats, is refused with its columns, a value of each, and the option to use."""
    with pytest.raises(MissingRole, match=r"neither names nor values suggest one\. The columns \(with a value\) are 'p' \("):
        finmine.read(written(tmp_path, ("p", "q", "r"), cells))


def test_a_row_per_document_is_recognised(tmp_path: Path) -> None:
    """Where several columns hold dates and no text tells the order, the refusal spells the date columns out; then the document is found by its values."""
    cells = [(f"R{n}", f"2024-01-{1 + n % 28:02d}", f"2024-02-{1 + n % 28:02d}") for n in range(40)]
    export = written(tmp_path, ("Beleg", "angelegt", "bezahlt"), cells)
    with pytest.raises(MissingRole, match='--date "angelegt=angelegt" --date "bezahlt=bezahlt"'):
        finmine.read(export)
    log = finmine.read(export, dates={"angelegt": "angelegt", "bezahlt": "bezahlt"})
    assert (played(log), log.facts.cases, log.facts.events) == ({"case": ("Beleg",)}, 40, 80)


def test_the_columns_of_a_sample_log_are_found_by_their_values(tmp_path: Path) -> None:
    """Under numbers for names, the columns play the roles that the log's card gives them."""
    header, cells = (SAMPLES / "invoices.csv").read_text(encoding="utf-8").split("\n", 1)
    names, roles = header.split(","), load(SAMPLES / "invoices.card.toml").roles
    (tmp_path / "export.csv").write_text(",".join(str(at) for at in range(len(names))) + "\n" + cells, encoding="utf-8")
    found = played(finmine.read(tmp_path / "export.csv", faulty_rows="leave-out"))
    assert {role: tuple(names[int(column)] for column in columns) for role, columns in found.items()} == {
        role: roles[role] for role in ("case", "activity", "timestamp")
    }
