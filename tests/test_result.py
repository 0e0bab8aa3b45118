"""Results show themselves: in a terminal, in a notebook, and as every file."""

from __future__ import annotations

import importlib
import json
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import finmine
from finmine.analyses import CONTENTS, Question
from finmine.errors import Refusal
from finmine.glossary import TERMS
from finmine.render.tables import main_table
from finmine.result import Result
from finmine.testing import log as written
from finmine.view import Bars, Curve, Table

SAMPLES = Path(__file__).parents[1] / "sample_logs"
LOG = """
inv1: Create@0h/ana, Approve@3h/bob, Approve@5h/bob, Pay@2d/ana
inv2: Create@1h/ana, Pay@3d
<script>alert(1)</script>: "=cmd|' /C calc'!A0"@1d/ana, Pay@4d/bob
"""


def answer(question: Question, log: finmine.EventLog) -> Result:
    """The answer to a question of the contents page."""
    function = getattr(importlib.import_module(f"finmine.analyses.{question.module}"), question.module)
    result: Result = function(log, "inv1") if question.name == "case" else function(log)
    return result


@cache
def answered(question: Question) -> Result:
    """The answer to a question about the small log, asked once for all tests."""
    return answer(question, written(LOG))


@pytest.mark.parametrize("question", CONTENTS, ids=lambda question: question.name)
def test_every_question_in_every_dress(tmp_path: Path, question: Question) -> None:
    """Text, JSON, CSV, HTML, workbook and frame; nothing of the log's text is obeyed, and the plain Python name is public."""
    result = answered(question)
    assert repr(result) == result.to_text()
    assert json.loads(result.to_json())["question"] == question.name
    assert "<script>alert" not in result.to_html()
    assert result.to_xlsx(tmp_path / "answer.xlsx").stat().st_size > 0
    assert list(result.to_pandas().columns)
    assert len(result.to_pandas()) == len(result.to_csv().splitlines()) - 1
    assert not any(line.startswith(("=", '"=')) for line in result.to_csv().splitlines())
    assert getattr(finmine, question.module).__name__ == question.module
    assert question.module in dir(finmine)


def test_frames_hold_what_users_of_pandas_expect() -> None:
    """Durations are timedeltas and instants stamps in the zone of the log, exact to the microsecond; JSON keeps whole microseconds."""
    log = finmine.read(SAMPLES / "reconciliations.parquet")
    times, listed = finmine.throughput_time(log), finmine.cases(log, most=5)
    frame, stamps = times.to_pandas(), listed.to_pandas()
    assert {str(frame[name].dtype) for name in ("median", "mean")} == {"timedelta64[us]"}
    assert frame["median"][0] // pd.Timedelta(1, "us") == times.records()[0]["median"]
    assert str(stamps["started"].dt.tz) == log.zone
    assert [stamp.value // 1000 for stamp in stamps["started"]] == [record["started"] for record in listed.records()]


@pytest.mark.parametrize("question", CONTENTS, ids=lambda question: question.name)
def test_an_empty_log_is_answered_too(question: Question) -> None:
    """Filters that keep nothing give an answer about nothing (or a refusal in words), not a crash."""
    log = written(LOG).keep_cases(finmine.has("Create")).keep_cases(finmine.has_no("Create"))
    if question.name == "case":
        with pytest.raises(Refusal, match="inv1"):
            answer(question, log)
        return
    result = answer(question, log)
    assert result.to_text()
    assert result.to_html()


@pytest.mark.parametrize("question", CONTENTS, ids=lambda question: question.name)
def test_every_heading_is_in_the_glossary(question: Question) -> None:
    """Each column of each table is a word of the glossary, spelled as there, or the name of an activity whose curve it is."""
    names = answered(question).about.log.activity_names()
    for block in answered(question).view().blocks:
        table = block.table if isinstance(block, (Bars, Curve)) else block
        if isinstance(table, Table):
            for column in table.columns:
                assert column.title in names or column.title.partition(" (")[0] == TERMS[column.name].title.partition(" (")[0]


@pytest.mark.parametrize(
    "question", [question for question in CONTENTS if question.name not in ("summary", "case", "cases")], ids=lambda question: question.name
)
def test_the_cases_behind_a_row(question: Question) -> None:
    """The cases behind each row of an answer are cases of the log, with their times."""
    result = answered(question)
    known = {record["case"] for record in finmine.cases(result.about.log).records()}
    for row in range(len(result.records())):
        behind = {record["case"] for record in result.cases(row).records()}
        assert behind <= known


@pytest.mark.parametrize("question", CONTENTS, ids=lambda question: question.name)
def test_the_main_table_holds_the_records(tmp_path: Path, question: Question) -> None:
    """Row for row, CSV and frame hold the rows by whose number the cases behind them are asked for."""
    steps = [
        (case, activity, state) for case in ("inv1", "inv2") for activity in ("Create", "Create", "Pay", "Pay") for state in ("start", "complete")
    ]
    lines = [f"{case},{activity},{state},2024-01-01 {hour:02d}:00,ana" for hour, (case, activity, state) in enumerate(steps)]
    (tmp_path / "log.csv").write_text("\n".join(["case,activity,lifecycle,timestamp,user", *lines]) + "\n")
    result = answer(question, finmine.read(tmp_path / "log.csv"))
    shown, records = main_table(result.view()), result.records()
    assert shown is not None
    assert len(shown.rows) == len(records)
    for name in {column.name for column in shown.columns}.intersection(*records):
        if not {column.kind for column in shown.columns if column.name == name} & {"text", "instant", "day"}:
            assert list(shown.column(name)) == [record[name] for record in records]


def test_a_row_that_is_not_there_is_refused() -> None:
    """The number of a row beyond the answer is refused with the numbers there are."""
    with pytest.raises(Refusal, match="no row 99; its 2 rows are numbered from 0 to 1"):
        finmine.variants(written("i1: a@0h\ni2: b@0h")).cases(99)


def test_no_question_has_the_name_of_a_room() -> None:
    """A package inside finmine with the name of a question would hide its function once anything in it is imported."""
    rooms = {path.parent.name for path in Path(finmine.__file__).parent.glob("*/__init__.py")}
    assert rooms.isdisjoint(question.module for question in CONTENTS)
