"""Sample logs as files: the same for the same seed, alike in all formats, whole or not at all, with a card that fits."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from finmine.card import beside, load
from finmine.errors import Refusal, UnknownWord
from finmine.sample import SAMPLES, SampleName, make
from finmine.sample import formats as formats_module
from finmine.sample import lots as lots_module
from finmine.sample.blueprint import Blueprint, Write
from finmine.sample.formats import TooManyRowsForExcel, UnknownSampleFormat
from finmine.sample.making import OtherCard, SampleNumberTooSmall

NAMES: tuple[SampleName, ...] = ("invoices", "approvals", "reconciliations", "disputes")
ENDINGS = (".csv", ".parquet", ".xes.gz", ".xlsx")
BERLIN = ZoneInfo("Europe/Berlin")


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a sample log in any format."""
    if path.suffix == ".parquet":
        return list(pq.read_table(path).to_pylist())
    if path.suffix == ".gz":
        return _xes_rows(path)
    if path.suffix == ".xlsx":
        heading, *lines = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        return [dict(zip(map(str, heading), line, strict=True)) for line in lines]
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_sample_can_be_made() -> None:
    """The contents page names the four logs, each with a line on what it holds."""
    assert tuple(SAMPLES) == NAMES
    assert all(SAMPLES.values())


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_bytes_in_another_process(name: SampleName, tmp_path: Path) -> None:
    """Another process with another hash seed writes the same bytes in every format, and another seed gives other logs."""
    script = """
import sys
from pathlib import Path
from finmine.sample import make
for ending in sys.argv[3:]:
    make(sys.argv[1], Path(sys.argv[2]) / f"{ending[1:3]}{ending}", cases=60, seed=5)
"""
    folders = [tmp_path / folder for folder in ("here", "there", "others")]
    for folder in folders:
        folder.mkdir()
    subprocess.run(
        [sys.executable, "-c", script, name, str(folders[1]), *ENDINGS],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    for ending in ENDINGS:
        make(name, folders[0] / f"{ending[1:3]}{ending}", cases=60, seed=5)
        make(name, folders[2] / f"{ending[1:3]}{ending}", cases=60, seed=6)
    here, there, others = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert here == there
    assert all(here[f"{ending[1:3]}{ending}"] != others[f"{ending[1:3]}{ending}"] for ending in ENDINGS)


@pytest.mark.parametrize("name", NAMES)
def test_all_formats_hold_the_same_rows(name: SampleName, tmp_path: Path) -> None:
    """CSV, Parquet, Excel and XES of one log hold the same cases, activities, instants, users and amounts."""
    found = {ending: sorted(_common(make(name, tmp_path / f"{ending[1:3]}{ending}", cases=150)[0])) for ending in ENDINGS}
    assert found[".csv"] == found[".parquet"] == found[".xlsx"] == found[".xes.gz"]


def _common(path: Path) -> Iterator[tuple[str, str, datetime, str, Decimal]]:
    """What every format says of a row: case, activity, instant to the second, user and amount."""
    card = load(beside(path))
    roles = [card.roles[role][0] for role in ("case", "activity", "timestamp", "resource", "amount")]
    for row in read(path):
        case, activity, moment, user, amount = (row.get(column) for column in roles)
        when = datetime.fromisoformat(str(moment))
        at = when.replace(tzinfo=BERLIN) if when.tzinfo is None else when
        yield str(case), str(activity), at.astimezone(UTC).replace(microsecond=0), str(user or ""), round(Decimal(str(amount)), 2)


def _xes_rows(path: Path) -> list[dict[str, Any]]:
    root = ET.fromstring(gzip.decompress(path.read_bytes()))
    space = "{http://www.xes-standard.org/}"
    rows = []
    for trace in root.iter(f"{space}trace"):
        own = {f"case:{each.attrib['key']}": each.attrib["value"] for each in trace if each.tag != f"{space}event"}
        rows += [own | {each.attrib["key"]: each.attrib["value"] for each in event} for event in trace.iter(f"{space}event")]
    return rows


@pytest.mark.parametrize("name", NAMES)
def test_xes_keeps_the_events_of_a_case_together(name: SampleName, tmp_path: Path) -> None:
    """Each case is one trace of the XES file, in which the instants of events never go back, faults apart."""
    path, _, truths = make(name, tmp_path / "log.xes.gz", cases=200)
    rows = _xes_rows(path)
    changes = [
        row["case:concept:name"] for place, row in enumerate(rows) if not place or row["case:concept:name"] != rows[place - 1]["case:concept:name"]
    ]
    assert len(changes) == len(set(changes)) == 200
    faulty = {number for truth in json.loads(truths.read_text(encoding="utf-8"))["truths"] for number in truth.get("rows", ())}
    sound = [row for number, row in enumerate(rows, start=1) if number not in faulty]
    for before, after in pairwise(sound):
        if before["case:concept:name"] == after["case:concept:name"]:
            assert datetime.fromisoformat(before["time:timestamp"]) <= datetime.fromisoformat(after["time:timestamp"])


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", NAMES)
def test_the_card_fits_the_file(name: SampleName, ending: str, tmp_path: Path) -> None:
    """The card is read without a refusal, names only columns and ends that the file has, and gives zone, extraction and money."""
    path, card_path, _ = make(name, tmp_path / f"log{ending}", cases=80)
    card = load(card_path)
    table = read(path)
    named = {column for columns in card.roles.values() for column in columns} | set(card.attributes.values())
    assert named <= {column for row in table for column in row}
    assert {end for ends in card.outcomes.values() for end in ends} <= {row[card.roles["activity"][0]] for row in table}
    assert (card.zone, card.extracted, card.people) == ("Europe/Berlin", datetime(2025, 1, 15), "pseudonyms")
    assert card.unit == ("instance" if name in ("approvals", "disputes") else "event")
    assert 1 <= len(card.outcomes) <= 3
    assert card.amount is not None
    assert (card.amount.level, card.amount.take) == ("case", "first")


@pytest.mark.parametrize("name", NAMES)
def test_control_totals_are_those_of_the_file(name: SampleName, tmp_path: Path) -> None:
    """Rows, cases and the money of all cases by currency on the card are what a plain sum over the file gives."""
    path, card_path, _ = make(name, tmp_path / "log.csv", cases=400)
    rows, ledger, case = read(path), load(card_path).ledger, load(card_path).roles["case"][0]
    assert ledger is not None
    amounts = {row[case]: (row["currency"], Decimal(row["amount"])) for row in rows}
    totals: dict[str, Decimal] = {}
    for currency, amount in amounts.values():
        totals[currency] = totals.get(currency, Decimal(0)) + amount
    assert (ledger.rows, ledger.cases, ledger.amount) == (len(rows), len(amounts), totals)
    assert all(amount.as_tuple().exponent == -2 for _, amount in amounts.values())
    assert isinstance(next(iter(tomllib.loads(card_path.read_text(encoding="utf-8"))["ledger"]["amount"].values())), str)


@settings(max_examples=25)
@given(st.sampled_from(NAMES), st.integers(1, 40), st.integers(0, 2**32))
def test_small_logs_are_sound(tmp_path_factory: pytest.TempPathFactory, name: SampleName, cases: int, seed: int) -> None:
    """A log of any small size and seed has just so many cases, and truths that name only rows and cases of the file."""
    path, _, truths = make(name, tmp_path_factory.mktemp("small") / "log.csv", cases=cases, seed=seed)
    rows, said = read(path), json.loads(truths.read_text(encoding="utf-8"))
    known = {next(iter(row.values())) for row in rows}
    assert len(known) == said["cases"] == cases
    assert len(rows) == said["rows"]
    for truth in said["truths"]:
        assert set(truth.get("case_ids", ())) <= known
        assert all(1 <= number <= len(rows) for number in truth.get("rows", ()))


@pytest.mark.parametrize("name", NAMES)
def test_truths_of_several_lots_add_up(name: SampleName, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of several lots is one log: cases have names of their own, begin in order, and truths count over all lots."""
    monkeypatch.setattr(lots_module, "LOT", 90)
    path, card, truths = make(name, tmp_path / "log.parquet", cases=400)
    rows, said = read(path), json.loads(truths.read_text(encoding="utf-8"))
    case, time = (load(card).roles[role][0] for role in ("case", "timestamp"))
    counts = {truth["name"]: truth for truth in said["truths"]}
    wrong = {name for truth in ("ties", "sentinel dates", "future date") for name in counts.get(truth, {}).get("case_ids", ())}
    first: dict[str, datetime] = {}
    for row in rows:
        first.setdefault(row[case], row[time])
    days = [begin.date() for name, begin in first.items() if name not in wrong]
    assert len(first) == 400
    assert days == sorted(days)
    assert counts["missing users"]["rows"] == [number for number, row in enumerate(rows, start=1) if row["user"] is None] != []
    assert sum(counts[status]["cases"] for status in (*load(card).outcomes, "running")) == 400


def test_a_card_that_people_changed_is_not_written_over(tmp_path: Path) -> None:
    """A card of the same stem that says something else stops the making, and all files stay; the sample's own card may be made again."""
    made = make("invoices", tmp_path / "log.csv", cases=20)
    make("invoices", tmp_path / "log.csv", cases=20)
    made[1].write_text(made[1].read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    before = {path: path.read_bytes() for path in made}
    with pytest.raises(OtherCard, match=r"log\.card\.toml exists already .* Move it away"):
        make("invoices", tmp_path / "log.csv", cases=30)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_failure_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing breaks off, the log, its card and its truths are still the old ones and nothing else is left behind."""
    made = make("invoices", tmp_path / "log.csv", cases=20)
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in made}

    @contextmanager
    def broken(path: Path, _: Blueprint) -> Iterator[Write]:
        path.write_text("half")
        raise OSError("the machine stops")
        yield

    monkeypatch.setitem(formats_module.WRITERS, ".csv", broken)
    with pytest.raises(OSError, match="the machine stops"):
        make("invoices", tmp_path / "log.csv", cases=30)
    assert {path: hashlib.sha256(path.read_bytes()).digest() for path in tmp_path.iterdir()} == before


def test_what_cannot_be_made_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown logs and formats, no cases, a negative seed and more rows than a sheet holds are refused in a sentence, and no file is left."""
    with pytest.raises(UnknownWord, match="Did you mean 'invoices'"):
        make("invoice", tmp_path / "log.csv")  # type: ignore[arg-type]
    with pytest.raises(UnknownSampleFormat, match=r"'log\.ods' ends with none"):
        make("invoices", tmp_path / "log.ods")
    with pytest.raises(SampleNumberTooSmall, match="number of cases of a sample log is 1 or more; 0 was given"):
        make("invoices", tmp_path / "log.csv", cases=0)
    with pytest.raises(SampleNumberTooSmall, match="seed of a sample log is 0 or more; -1 was given"):
        make("invoices", tmp_path / "log.csv", seed=-1)
    with pytest.raises(Refusal, match="there is no folder"):
        make("invoices", tmp_path / "nowhere" / "log.csv", cases=1)
    monkeypatch.setattr(formats_module, "_SHEET", 100)
    with pytest.raises(TooManyRowsForExcel, match="100 rows"):
        make("invoices", tmp_path / "log.xlsx", cases=50)
    assert not list(tmp_path.iterdir())
