"""The evidence of every question runs as it is in plain DuckDB and gives the same rows."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from tests.answers import SAMPLES

import finmine
from finmine.analyses import CONTENTS, Question
from finmine.arrays import Digest, Lent
from finmine.card import Card, load
from finmine.card_calendars import CalendarOf
from finmine.kernels import MISSING
from finmine.relations.calendars import calendars
from finmine.relations.money_of_units import money_in_one_currency
from finmine.relations.waiting_causes import waiting_parts
from finmine.result import Result
from finmine.testing import log
from finmine.words import HOUR

ROWS = """case_id,activity,timestamp,user,amount,currency,vendor
i1,Create,2024-01-01 08:00,ann,10.00,EUR,ACME
i1,Approve,2024-01-02 08:00,bob,10.00,EUR,ACME
i1,Approve,2024-01-02 08:00,bob,10.00,EUR,ACME
i1,Pay,2024-01-05 08:00,cid,10.00,EUR,ACME
i2,Create,2024-01-01 09:00,ann,20.00,EUR,Müller
i2,Pay,2024-01-01 09:00,,20.00,EUR,Müller
i3,Create,2024-01-07 09:00,ann,-3.00,EUR,
"""
CARD = 'finmine_card = 1\n[log]\nzone = "Europe/Berlin"\n[outcomes]\npaid = ["Pay"]\n[calendars.office]\nhours = { Mon-Fri = "09:00-17:00" }\n'


def statements(script: str) -> list[str]:
    """The statements of a script, as DuckDB itself divides them."""
    return [statement.query for statement in duckdb.extract_statements(script)]


def run(connection: duckdb.DuckDBPyConnection, statement: str, result: Result) -> pa.Table:
    """The outcome of a statement; where it is the input of a kernel, the kernel is run on it again, and where it fills a kernel's table, that is compared."""
    outcome = connection.execute(statement).to_arrow_table()
    for lent in result.kernels():
        if f"the table {lent.name} holds" in statement and statement.strip().rstrip(";").endswith(lent.sql):
            connection.register(f"again_{lent.name}", redone(lent, outcome))
        if statement.lstrip().startswith(f'INSERT INTO "{lent.name}"'):
            names = [column[0] for column in connection.execute(f'DESCRIBE "{lent.name}"').fetchall()]
            columns = ", ".join(f'nullif("{name}", {MISSING + 1} - 1) AS "{name}"' for name in names)
            again = connection.execute(f'SELECT {columns} FROM "again_{lent.name}"').fetchall()
            assert again == connection.execute(f'SELECT * FROM "{lent.name}"').fetchall()
    return outcome


def redone(lent: Lent, rows: pa.Table) -> pa.Table:
    """What the kernel returns for these rows, all at once, after a look at the hashes."""
    given = {name: rows[name].cast(pa.int64()).fill_null(MISSING).to_numpy() for name in rows.column_names}
    read, written = Digest(), Digest()
    read.add(given)
    returned = lent.kernel(given)
    written.add(returned)
    assert (read.hexdigest(), written.hexdigest()) == (lent.input_sha256, lent.output_sha256)
    return pa.table(dict(returned))


@pytest.mark.parametrize("question", CONTENTS, ids=lambda question: question.name)
@pytest.mark.parametrize("way", ["filtered", "split"])
def test_the_evidence_gives_the_same_rows(tmp_path: Path, question: Question, way: str) -> None:
    """Run from another folder in a plain connection, the script's last statements give the rows of the answer, in their order."""
    (tmp_path / "it's a [log].csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "it's a [log].card.toml").write_text(CARD)
    read = finmine.read(tmp_path / "it's a [log].csv")
    if way == "filtered":
        read = read.keep_cases(finmine.has("Pay"))
    answer = getattr(importlib.import_module(f"finmine.analyses.{question.module}"), question.module)
    split = {"by": "vendor"} if way == "split" and "by" in signature(answer).parameters else {}
    check(answer(read, "i1") if question.name == "case" else answer(read, **split))


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("directly_follows", {"clock": "working"}),
        ("throughput_time", {"clock": "working", "by": "company"}),
        ("bottlenecks", {"clock": "working", "cluster": "company"}),
        ("calendars", {"learn": True}),
    ],
)
def test_the_evidence_of_working_time_gives_the_same_rows(question: str, asked: dict[str, Any]) -> None:
    """The calendars come with the script, declared ones and learned ones, whose kernel is named with its input."""
    card = load(SAMPLES / "reconciliations.card.toml")
    card = replace(card, calendars={}, calendar_of=CalendarOf()) if asked.get("learn") else card
    result = getattr(finmine, question)(finmine.read(SAMPLES / "reconciliations.parquet", card=card), **asked)
    assert bool(result.kernels()) == bool(asked.get("learn") or question == "bottlenecks")
    check(result)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("money_of_time", {"by": "company"}),
        ("directly_follows", {"overlay": "money"}),
        ("time_ledger", {"by": "company"}),
        ("bottlenecks", {"rank_by": "money"}),
    ],
)
def test_the_evidence_of_money_gives_the_same_rows(question: str, asked: dict[str, Any]) -> None:
    """Discounts, interest at dated rates, capital and blame: exact decimals come out of the script as they came out of the answer."""
    result = getattr(finmine, question)(finmine.read(SAMPLES / "invoices.csv"), **asked)
    assert len(result.rows)
    check(result)


def test_the_evidence_of_covered_waiting_gives_the_same_rows(tmp_path: Path) -> None:
    """What variants cover of the waiting in opening hours rests on the kernels of waits and on the calendars."""
    rows = [
        f"i{case},{step},2024-01-0{case} {hour:02}:00,2024-01-0{case} {hour + 1:02}:00,ann"
        for case in range(1, 4)
        for step, hour in (("a", 8), ("b", 9 + case))
    ]
    (tmp_path / "log.csv").write_text("\n".join(["case,activity,start,timestamp,resource", *rows]), encoding="utf-8")
    card = load(SAMPLES / "reconciliations.card.toml")
    log = finmine.read(tmp_path / "log.csv", card=Card(calendars=card.calendars, calendar_of=CalendarOf("office")))
    result = finmine.variants(log, waiting=True)
    assert result.records()[0]["open_waiting"] == 5 * HOUR  # the first case waits an hour on a holiday
    assert result.kernels()
    check(result)


def test_the_evidence_of_what_held_a_document_gives_the_same_rows(tmp_path: Path) -> None:
    """Where starts are recorded, the kernels behind the causes are named with their input, and the payments come as a table; on the map of a report, too."""
    rows = [
        f"i{case},{activity},2024-01-{day:02} {hour:02}:00,2024-01-{day:02} {hour + 1:02}:00,{user},100.00,EUR,2.00,2024-01-0{case}"
        for case in range(2, 9)
        for activity, day, hour, user in (("Receive invoice", 1, case, "ann"), ("Approve invoice", 3, case, "bob"), ("Pay invoice", 9, case, "bob"))
    ]
    (tmp_path / "log.csv").write_text(
        "\n".join(["case,activity,start,timestamp,resource,amount,currency,discount,discount_date", *rows]), encoding="utf-8"
    )
    (tmp_path / "log.card.toml").write_text(
        'finmine_card = 1\n[roles]\ncase = "case"\nactivity = "activity"\nstart = "start"\ntimestamp = "timestamp"\nresource = "resource"\namount = "amount"\n'
        'currency = "currency"\n[attributes]\ndiscount = "discount"\ndiscount_date = "discount_date"\n'
    )
    read = finmine.read(tmp_path / "log.csv")
    result, hours = finmine.money_of_time(read), calendars(read)
    assert len(result.answers()["what they waited for just then"])
    assert result.kernels()
    check(result)
    mapped = finmine.directly_follows(read).overlaid(waiting_parts(read, hours), money_in_one_currency(read, hours))
    assert {"waiting by path", "cost by path"} <= set(mapped.answers())
    check(mapped)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("batches", {"gap": "1h", "by": "vendor"}),
        ("enabling_path", {"by": "vendor"}),
        ("times", {"by": "vendor", "level": "variant"}),
        ("queues", {"by": "vendor"}),
        ("directly_follows", {"by": "vendor", "overlay": "waiting"}),
        ("bottlenecks", {"rank_by": "waiting"}),
        ("critical_path", {"close": "vendor"}),
        ("performance_spectrum", {"segment": ("'b' -> 'd'", "'a' -> 'c'"), "by": "vendor"}),
    ],
)
def test_the_evidence_of_enabled_times_gives_the_same_rows(tmp_path: Path, question: str, asked: dict[str, Any]) -> None:
    """Where starts are recorded, the kernels of enabled times are named with their input, each on what the one before it gave."""
    times = [[("a", 0, case, "ann"), ("b", 9 - case, 9, "bob"), ("c", case + 1, 8, "bob"), ("d", 9, 10, "cid")] for case in range(1, 8)]
    rows = [
        f"i{case},{activity},2024-01-01 {start:02}:00,2024-01-01 {end:02}:00,{user},v{case % 2}"
        for case, units in enumerate(times)
        for activity, start, end, user in units
    ]
    (tmp_path / "log.csv").write_text("\n".join(["case,activity,start,timestamp,resource,vendor", *rows]), encoding="utf-8")
    result = getattr(finmine, question)(finmine.read(tmp_path / "log.csv"), **asked)
    assert result.kernels()
    check(result)


def test_the_evidence_of_costs_gives_the_same_rows(tmp_path: Path) -> None:
    """The shares of work done at once are a kernel's, the labour of units is a table made of them; capacity and variances come out as they were."""
    rows = [
        f"i{case},{activity},2024-0{case}-01 0{case}:00,2024-0{case}-01 09:00,{user}"
        for case in (1, 2)
        for activity, user in (("a", "ann"), ("b", "ann"))
    ]
    (tmp_path / "log.csv").write_text("\n".join(["case,activity,start,timestamp,resource", *rows, "i3,c,,2024-02-03 10:00,bob"]), encoding="utf-8")
    (tmp_path / "log.card.toml").write_text(
        'finmine_card = 1\n[roles]\ncase = "case"\nactivity = "activity"\nstart = "start"\ntimestamp = "timestamp"\nresource = "resource"\n[unit_times]\nc = "5min"\n'
        '[[labour]]\nrate = "30"\ncurrency = "EUR"\n[[fixed_costs]]\nactivity = "c"\ncost = "0.5"\ncurrency = "EUR"\n[[capacity]]\nresource = "ann"\nhours = "9"\n'
    )
    result = finmine.costs(finmine.read(tmp_path / "log.csv"), level="variant", period="2024-02", base="2024-01")
    assert result.kernels()
    assert {"used capacity", "spent in the base"} <= set(result.answers())
    check(result)
    check(finmine.costs(result.about.log, level="resource", track=True))
    check(finmine.path_effects(result.about.log, outcome="cost"))
    check(finmine.path_costs(result.about.log))


def test_the_evidence_of_changed_routes_gives_the_same_rows(tmp_path: Path) -> None:
    """Beside the steps stand those by the activity before them, and the cases that never take the routes, for each group."""
    ways = {"i1": "abac", "i2": "ac", "i3": "abac", "i4": "ac"}
    rows = [f"{case},{activity},2024-01-01 {hour:02}:00,{case in ('i1', 'i2')}" for case, way in ways.items() for hour, activity in enumerate(way)]
    (tmp_path / "log.csv").write_text("\n".join(["case,activity,timestamp,first", *rows]), encoding="utf-8")
    answer = finmine.what_if(finmine.read(tmp_path / "log.csv"), change=("'a' -> 'b' removed", "'c' 50% faster"), by="first")
    assert "cases without the routes" in answer.answers()
    check(answer)


def test_the_evidence_of_persons_beside_dates_gives_the_same_rows(tmp_path: Path) -> None:
    """Who did each of several dates of a row, and the column beside a date by which an answer is split, are told by the same script."""
    (tmp_path / "docs.csv").write_text(
        "doc,made,made_by,paid,paid_by\nd1,2024-01-02,ann,2024-01-03,bob\nd2,2024-01-02,bob,2024-01-05,bob\nd3,2024-01-02,,,eve\n"
    )
    read = finmine.read(tmp_path / "docs.csv", case="doc", dates={"Make": "made", "Pay": "paid"}, persons={"Make": "made_by", "Pay": "paid_by"})
    check(finmine.resources(read))
    check(finmine.throughput_time(read.keep_events(finmine.attribute_recorded("resource", keeps="events")), by="paid_by"))


def test_the_evidence_beside_placeholder_dates_gives_the_same_rows(tmp_path: Path) -> None:
    """What is ranked and drawn without the cases of placeholder dates is told by the same script."""
    rows = "".join(
        f"i{case},Create,2024-02-0{case} 08:00,ann,1.00,EUR,ACME\ni{case},Pay,2024-02-1{case} 08:00,bob,1.00,EUR,ACME\n" for case in range(4, 9)
    )
    (tmp_path / "log.csv").write_text(
        f"{ROWS}{rows}i9,Create,1900-01-01 00:00,ann,1.00,EUR,ACME\ni9,Pay,2024-02-02 08:00,bob,1.00,EUR,ACME\n", encoding="utf-8"
    )
    read = finmine.read(tmp_path / "log.csv")
    ranked, drawn = finmine.bottlenecks(read), finmine.performance_spectrum(read)
    assert ranked.records()[0]["sound_share"] < 1 < ranked.rows.column("contribution")[0]
    assert len(drawn.lines) < sum(record["steps"] for record in drawn.records())
    check(ranked)
    check(drawn)


def check(result: Result) -> None:
    """The script of a result, run in another folder, gives its rows and says which table is which."""
    script = result.evidence()
    before = Path.cwd()
    try:
        os.chdir("/")
        connection = duckdb.connect(":memory:")
        outcomes = [run(connection, statement, result) for statement in statements(script)]
    finally:
        os.chdir(before)
    for lent in result.kernels():
        assert f"{lent.rows:,} rows, SHA-256 of its input {lent.input_sha256}, of its output {lent.output_sha256}" in script
    for rows, again in zip(result.answers().values(), outcomes[-len(result.answers()) :], strict=True):
        assert again.to_pylist() == rows.table.to_pylist()
    for place, name in enumerate(result.answers(), 1):
        assert f"\n-- Table {place} of {len(result.answers())} of the answer: {name} (" in script


def test_the_script_is_the_same_every_time(tmp_path: Path) -> None:
    """Two runs of Python, which order the members of sets in different ways, give one script for each question, to the letter."""
    (tmp_path / "log.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "log.card.toml").write_text(CARD)
    script = """
import importlib, inspect, finmine
from finmine.analyses import CONTENTS
read = finmine.read("log.csv").keep_cases(finmine.has("Pay")).keep_events(~finmine.activity_is("Approve"))
for question in CONTENTS:
    answer = getattr(importlib.import_module(f"finmine.analyses.{question.module}"), question.module)
    asked = {"by": "vendor"} if "by" in inspect.signature(answer).parameters else {}
    print((answer(read, "i1") if question.name == "case" else answer(read, **asked)).evidence())
print(finmine.throughput_time(read, clock="working").evidence(), finmine.directly_follows(read, clock="working").evidence())
"""
    runs = [
        subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True)
        for seed in ("1", "2")
    ]
    assert runs[0].stdout.splitlines() == runs[1].stdout.splitlines()


@pytest.mark.skipif(os.name == "nt", reason="names of files hold no line breaks there")
def test_no_name_ends_a_comment(tmp_path: Path) -> None:
    """Line breaks in the names of files, columns and activities do not put words of theirs among the statements."""
    name = "x\nDROP TABLE y; --"
    (tmp_path / f"{name}.csv").write_text(f'case,activity,timestamp,"{name}"\n1,"{name}",2024-01-01,\n')
    read = finmine.read(tmp_path / f"{name}.csv").keep_cases(finmine.has(name))
    connection = duckdb.connect(":memory:")
    outcomes = [connection.execute(statement).to_arrow_table() for statement in statements(finmine.variants(read).evidence())]
    assert outcomes[-1].to_pylist() == finmine.variants(read).totals.table.to_pylist()


def test_the_script_says_what_its_codes_mean() -> None:
    """Each table of the core is named with what it holds, and each column of the sources with its name."""
    read = log("inv1: submit@0h/ana {vendor=ACME}, pay@3d/bob")
    script = finmine.activities(read).evidence()
    for table in (read.tables.units, read.tables.cases, read.tables.activities, read.tables.resources, read.tables.faults, read.tables.raw):
        assert f"-- {table}: " in script or f"; {table}: " in script
    assert 'c0 = "case"' in script
